"""`jstock strategies`: the rules a desk knows, what has been proven of them, and their handbook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jstock_core.base.durable import write_atomically
from jstock_core.base.errors import ParamsError, UsageError
from jstock_core.base.params import build, did_you_mean
from jstock_core.base.progress import Say, silent
from jstock_core.decide.groups import Group
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.market.panel import Panel
from jstock_core.research.certificates import (
    Certificate,
    Ground,
    Rule,
    certify,
    declared,
    keep,
    kind_of,
    rule_name,
)
from jstock_core.signals.language.plugins import load_installed
from jstock_core.signals.language.registry import KINDS, SHARED, Kind, Rules, plugin_file
from jstock_core.signals.library.describe import RuleDoc, describe_rules
from jstock_core.signals.library.handbook import default_in_words, handbook

CHECKED: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind != "combination")
"""Kinds that can be checked by their names; a combination is checked as groups declare it."""


def check_strategies(
    name: str = "", *, workspace: str = "", now: str = "", say: Say = silent
) -> tuple[Certificate, ...]:
    """Certify the rules of that name, or every rule ("" for all), and keep the certificates.

    A rule is tried with its defaults, and as each group of the desk declares it.

    Raises:
        UsageError: no rule has that name. DataError: there is no market data to try it on.

    """
    desk = open_desk(workspace, now=now)
    load_installed()
    rules = tuple(_rules(desk, name, say))
    if not rules:
        raise _unknown(name, desk)
    say("load market data")
    ground = Ground.of(_known(desk))
    made = []
    for rule in rules:
        say(f"check {rule_name(rule)}")
        made.append(certify(rule, ground))
        keep(desk.workspace.certificates, made[-1])
    return tuple(made)


def _known(desk: Desk) -> Panel:
    """What was public at the desk's time. Nothing is fetched into a desk that has a market already.

    The sessions checked on thus follow the desk, not the clock, and a check moves nothing that a morning
    would decide on.
    """
    from jstock_core.desk.lab.replays import panel_through

    stored = desk.store.read().last("bars")
    panel = panel_through(desk, desk.next_trade_date) if stored is None else desk.panel()
    return panel.known_at(desk.now())


def _rules(desk: Desk, name: str, say: Say) -> Iterator[Rule]:
    """Every rule meant, each set of parameters once."""
    seen: list[tuple[str, dict[str, Any]]] = []
    for rule in (*_defaults(desk.rules, name, say), *(rule for group in desk.groups for rule in _of(group))):
        told = kind_of(rule), declared(rule)
        if name in ("", rule_name(rule)) and told not in seen:
            seen.append(told)
            yield rule


def _of(group: Group) -> Iterator[Rule]:
    """The rules of a group, as it declares them."""
    yield from (group.entry, group.exit, group.sizing)
    yield from (guard.rule for guard in group.filters)
    yield from (guard.rule for guard in group.protections)


def _defaults(rules: Rules, name: str, say: Say) -> Iterator[Rule]:
    for kind in CHECKED:
        for key, rule in rules.of(kind).items():
            if name not in ("", key):
                continue
            try:
                yield build(rule, {}, where=key)
            except ParamsError as error:
                say(
                    f"{key} has parameters without a default ({error.what}); it is tried as groups declare it"
                )


def _unknown(name: str, desk: Desk) -> UsageError:
    every = [key for kind in KINDS for key in desk.rules.of(kind)]
    known = tuple(dict.fromkeys((*every, *_listed(desk.groups))))
    if name in every:
        return UsageError(
            f"{name} has parameters without a default, and no group declares it",
            do="declare it in a group file, and check it again",
        )
    return UsageError(f'no rule to check is called "{name}"{did_you_mean(name, known)}')


def _listed(groups: Sequence[Group]) -> set[str]:
    return {rule_name(group.exit) for group in groups}


def list_strategies(workspace: str = "") -> list[dict[str, Any]]:
    """Every rule known, plug-ins included, as plain JSON; those of a workspace where there is one."""
    desk = _desk(workspace)
    load_installed()
    used = {} if desk is None else _used(desk.groups)
    return [_row(doc, used) for doc in describe_rules(SHARED if desk is None else desk.rules)]


def _desk(workspace: str) -> Desk | None:
    """The desk named or found; None where none is named and there is none."""
    try:
        return open_desk(workspace)
    except UsageError:
        if workspace:
            raise
        return None


def _used(groups: Sequence[Group]) -> dict[tuple[str, str], list[str]]:
    """Ids of the groups that name each (kind, rule)."""
    used: dict[tuple[str, str], list[str]] = {}
    for group in groups:
        for rule in dict.fromkeys(_named_by(group)):
            used.setdefault(rule, []).append(group.id)
    return used


def _named_by(group: Group) -> Iterator[tuple[str, str]]:
    yield from (("entry", group.entry.name), ("combination", group.entry.name), ("exit", group.exit.name))
    yield from (("layer", layer.name) for layer in group.exit.layers)
    yield from (("filter", guard.rule.name) for guard in group.filters)
    yield from (("protection", guard.rule.name) for guard in group.protections)
    yield "sizing", str(group.declared["sizing"]["use"])


def _row(doc: RuleDoc, used: Mapping[tuple[str, str], list[str]]) -> dict[str, Any]:
    parameters = [{**asdict(p), "default": default_in_words(p.default)} for p in doc.parameters]
    return {
        **{key: value for key, value in vars(doc).items() if key not in ("parameters", "module")},
        "parameters": parameters,
        "origin": "built in"
        if doc.module.startswith("jstock_core.")
        else plugin_file(doc.module) or doc.module,
        "groups": used.get((doc.kind, doc.name), []),
    }


def _origin(module: str) -> str:
    return "built in" if module.startswith("jstock_core.") else plugin_file(module) or module


def write_handbook(workspace: str = "", into: str = "") -> Path:
    """Write the handbook of every rule known, by default into `docs/strategies.md` of the workspace.

    Raises:
        UsageError: the file cannot be written.

    """
    desk = _desk(workspace) if into else open_desk(workspace)
    path = Path(into) if desk is None or into else desk.workspace.root / "docs" / "strategies.md"
    load_installed()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, handbook(describe_rules(SHARED if desk is None else desk.rules)).encode())
    except OSError as error:
        raise UsageError(f"the handbook cannot be written: {error.strerror}", where=str(path)) from error
    return path
