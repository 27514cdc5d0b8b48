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
from jstock_core.execution.sizing import SIZINGS
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
from jstock_core.signals.library.handbook import default_in_words, handbook
from jstock_core.signals.library.registry import (
    COMBINATIONS,
    ENTRIES,
    EXITS,
    FILTERS,
    LAYERS,
    PROTECTIONS,
    RuleDoc,
    documented,
    load_plugins,
)

OTHERS: Mapping[str, Mapping[str, type[Any]]] = {
    "combination": COMBINATIONS,
    "filter": FILTERS,
    "protection": PROTECTIONS,
    "sizing": SIZINGS,
}
"""What a group file may name beside entries, exits and layers: for the list and the handbook."""

REGISTRIES: Mapping[str, Mapping[str, type[Any]]] = {
    "entry": ENTRIES,
    "exit": EXITS,
    "layer": LAYERS,
    "filter": FILTERS,
    "protection": PROTECTIONS,
    "sizing": SIZINGS,
}
"""What can be checked by its name; a combination is checked as groups declare it."""


def check_strategies(
    name: str = "", *, workspace: str = "", now: str = "", say: Say = silent
) -> tuple[Certificate, ...]:
    """Certify the rules of that name, or every rule ("" for all), and keep the certificates.

    A rule is tried with its defaults, and as each group of the desk declares it.

    Raises:
        UsageError: no rule has that name. DataError: there is no market data to try it on.

    """
    desk = open_desk(workspace, now=now)
    load_plugins()
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
    for rule in (*_defaults(name, say), *(rule for group in desk.groups for rule in _of(group))):
        told = kind_of(rule), declared(rule)
        if name in ("", rule_name(rule)) and told not in seen:
            seen.append(told)
            yield rule


def _of(group: Group) -> Iterator[Rule]:
    """The rules of a group, as it declares them."""
    yield from (group.entry, group.exit, group.sizing)
    yield from (guard.rule for guard in group.filters)
    yield from (guard.rule for guard in group.protections)


def _defaults(name: str, say: Say) -> Iterator[Rule]:
    for registry in REGISTRIES.values():
        for key, kind in registry.items():
            if name not in ("", key):
                continue
            try:
                yield build(kind, {}, where=key)
            except ParamsError as error:
                say(
                    f"{key} has no defaults to be tried with ({error.what}); it is tried as groups declare it"
                )


def _unknown(name: str, desk: Desk) -> UsageError:
    every = (*COMBINATIONS, *(key for registry in REGISTRIES.values() for key in registry))
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
    load_plugins()
    used = {} if desk is None else _used(desk.groups)
    return [_row(doc, used) for doc in documented(OTHERS)]


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
        "origin": "built in" if doc.module.startswith("jstock_core.") else doc.module,
        "groups": used.get((doc.kind, doc.name), []),
    }


def write_handbook(workspace: str = "", into: str = "") -> Path:
    """Write the handbook of every rule known, by default into `docs/strategies.md` of the workspace.

    Raises:
        UsageError: the file cannot be written.

    """
    path = Path(into) if into else open_desk(workspace).workspace.root / "docs" / "strategies.md"
    if into:
        _desk(workspace)
    load_plugins()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, handbook(documented(OTHERS)).encode())
    except OSError as error:
        raise UsageError(f"the handbook cannot be written: {error.strerror}", where=str(path)) from error
    return path
