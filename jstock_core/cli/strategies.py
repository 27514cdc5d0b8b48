"""`jstock strategies`: the rules, what has been proven of them, their handbook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from jstock_core.cli.options import JsonOption, NowOption, WorkspaceOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jstock_core.research.certificates import Certificate

app = typer.Typer(no_args_is_help=True, help="Rules of strategies: list, check, docs.")


@app.command("list", epilog="Example: jstock strategies list")
def list_(workspace: WorkspaceOption = "", as_json: JsonOption = False) -> int:
    """Every rule that a group file may name, plug-ins included."""
    from jstock_core.cli.show import show_json, show_table
    from jstock_core.desk.lab.strategies import list_strategies

    rules = list_strategies(workspace)
    if as_json:
        show_json({"rules": rules})
        return 0
    columns = {
        "kind": "left",
        "name": "left",
        "what it does": "wrap",
        "bars": "right",
        "used by": "cut",
        "from": "cut",
    }
    rows = [
        [r["kind"], r["name"], r["meaning"], str(r["needs"]), ", ".join(r["groups"]), r["origin"]]
        for r in rules
    ]
    show_table("rules", columns, rows)
    return 0


def _cell(value: object) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


@app.command(epilog="Example: jstock strategies check SimpleScorer")
def check(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="A rule of any kind.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Every rule, and every group's own.")] = False,
    workspace: WorkspaceOption = "",
    as_json: JsonOption = False,
    now: NowOption = "",
) -> int:
    """Certify rules on the desk's data: causal, settled, deterministic, independent, alive.

    A rule is tried with its defaults and as the groups declare it. The status is 10 where a check fails.
    """
    from jstock_core.base.errors import ExitStatus, UsageError
    from jstock_core.cli.show import say, show_json
    from jstock_core.desk.lab.strategies import check_strategies

    if bool(name) == everything:
        raise UsageError("which rule?", do="give the NAME of one, or --all")
    made = check_strategies(name, workspace=workspace, now=now, say=say)
    if as_json:
        show_json({"certificates": [certificate.as_json() for certificate in made]})
    else:
        _show(made)
    return ExitStatus.OK if all(certificate.passed for certificate in made) else ExitStatus.REFUTED


def _show(made: Sequence[Certificate]) -> None:
    """One line a certificate, then what was found."""
    from rich.markup import escape

    from jstock_core.cli.show import console, show_table
    from jstock_core.research.certificates import APART, CHECKS

    columns = {"kind": "left", "rule": "left"} | dict.fromkeys(CHECKS, "left") | {"certificate": "left"}
    rows = [[c.kind, c.rule, *(_verdict(c, name) for name in CHECKS), c.sha256[:12]] for c in made]
    show_table("certificates", columns, rows)
    for (kind, name), why in APART.items():
        if any(certificate.kind == kind for certificate in made):
            console().print(f"[dim]no {name} of a {kind}: {why}[/]", soft_wrap=True)
    for certificate in made:
        for check in certificate.checks:
            tone = "dim" if check.passed else "bold red"
            for finding in check.findings:
                console().print(
                    f"[{tone}]{certificate.rule}, {check.name}:[/] {escape(finding)}", soft_wrap=True
                )


def _verdict(certificate: Certificate, name: str) -> str:
    """What a check came to, "-" where it does not apply."""
    passed = next((check.passed for check in certificate.checks if check.name == name), None)
    return {True: "ok", False: "FAILED", None: "-"}[passed]


@app.command(epilog="Example: jstock strategies docs")
def docs(
    workspace: WorkspaceOption = "",
    into: Annotated[
        str, typer.Option("--into", metavar="FILE", help="Default: docs/strategies.md of the workspace.")
    ] = "",
) -> int:
    """Write the handbook: every rule with its formula, source, parameters, ranges and defaults."""
    from jstock_core.cli.show import console
    from jstock_core.desk.lab.strategies import write_handbook

    console().print(f"wrote {write_handbook(workspace, into)}")
    return 0
