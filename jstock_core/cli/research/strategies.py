"""`jstock strategies`: the rules, what has been proven of them, their handbook."""

from __future__ import annotations

from typing import Annotated

import typer

from jstock_core.base.errors import UsageError
from jstock_core.base.words import UNKNOWN
from jstock_core.cli.program.command import command
from jstock_core.cli.terminal.show import console, escape, say, show_note, show_table
from jstock_core.desk.rules.strategies import (
    CheckedRules,
    RuleList,
    WrittenHandbook,
    check_strategies,
    list_strategies,
    write_handbook,
)
from jstock_core.desk.workspace.desk import Desk
from jstock_core.research.certificates.certificate import Certificate
from jstock_core.research.certificates.needed import APART


def _show_list(found: RuleList) -> None:
    columns = {
        "kind": "left",
        "name": "left",
        "what it does": "wrap",
        "bars": "right",
        "used by": "cut",
        "from": "cut",
    }
    rows = [
        [r.doc.kind, r.doc.name, r.doc.meaning, str(r.doc.needs), ", ".join(r.groups), r.origin]
        for r in found.rules
    ]
    show_table("rules", columns, rows)
    features = {
        "name": "left",
        "unit": "left",
        "formula": "wrap",
        "bars": "right",
        "range": "spare left",
        "from": "spare left",
    }
    shown = [(each.doc, each.origin) for each in found.features]
    lines = [[doc.name, doc.unit, doc.formula, str(doc.needs), doc.range, origin] for doc, origin in shown]
    show_table("features", features, lines)


@command(name="list", show=_show_list, example="jstock strategies list")
def list_(desk: Desk | None) -> RuleList:
    """Every rule that a group file may name and every feature, plug-ins included."""
    return list_strategies(desk)


def _show_certificates(found: CheckedRules) -> None:
    """One line a certificate, then what was found."""
    made = found.certificates
    columns = {"kind": "left", "rule": "left", "certificate": "left", "failed": "wrap", "passed": "wrap"}
    rows = [[c.kind, c.rule, c.sha256[:12], _checks(c, passed=False), _checks(c, passed=True)] for c in made]
    show_table("certificates", columns, rows)
    for (kind, name), why in APART.items():
        if any(certificate.kind == kind for certificate in made):
            show_note(f"no {name} of a {kind}: {why}")
    for certificate in made:
        for check in certificate.checks:
            tone = "dim" if check.passed else "bold red"
            for finding in check.findings:
                lead = f"[{tone}]{escape(certificate.rule)}, {check.name}:[/] "
                show_note(finding, lead, "default")


def _checks(certificate: Certificate, *, passed: bool) -> str:
    """The checks that came out so."""
    names = ", ".join(check.name for check in certificate.checks if check.passed is passed)
    return f"FAILED: {names}" if names and not passed else names or UNKNOWN


@command(show=_show_certificates, example="jstock strategies check SimpleScorer")
def check(
    desk: Desk,
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="A rule of any kind.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Every rule, and every group's own.")] = False,
) -> CheckedRules:
    """Certify rules on the desk's data: causal, settled, deterministic, independent, alive, consistent.

    A rule is tried with its defaults and as the groups declare it. The status is 10 where a check fails.
    """
    if bool(name) == everything:
        raise UsageError("a check needs either the NAME of a rule or --all", do="give one of the two")
    return check_strategies(desk, name, say)


def _show_handbook(written: WrittenHandbook) -> None:
    console().print(f"wrote {escape(str(written.path))}", soft_wrap=True)


@command(show=_show_handbook, example="jstock strategies docs")
def docs(
    desk: Desk | None,
    into: Annotated[
        str, typer.Option("--into", metavar="FILE", help="Default: docs/strategies.md of the workspace.")
    ] = "",
) -> WrittenHandbook:
    """Write the handbook: every rule with formula, source and parameters, and every feature."""
    return write_handbook(desk, into)
