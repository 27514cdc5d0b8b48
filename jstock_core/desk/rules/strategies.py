"""The rules a desk knows: listed, checked, and written down as a handbook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jstock_core.base.durable import os_reason, write_atomically
from jstock_core.base.errors import ExitStatus, ParamsError, UsageError
from jstock_core.base.params import build, did_you_mean
from jstock_core.base.progress import Say, silent
from jstock_core.decide.groups import Group
from jstock_core.desk.past.replays import panel_through
from jstock_core.desk.rules.cells import in_file
from jstock_core.desk.rules.known_features import BUILT_IN, ListedFeature, feature_chapter, list_features
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.workspace import find_workspace
from jstock_core.market.panel import Panel
from jstock_core.research.certificates.certificate import Certificate
from jstock_core.research.certificates.certify import certify
from jstock_core.research.certificates.ground import Ground
from jstock_core.research.certificates.identity import Rule, declaration, rule_kind, rule_name
from jstock_core.research.certificates.store import add_certificate
from jstock_core.signals.language.plugins import load_installed
from jstock_core.signals.language.registry import KINDS, SHARED, Kind, Rules, plugin_file
from jstock_core.signals.library.describe import RuleDoc, describe_rules
from jstock_core.signals.library.handbook import default_in_words, handbook

CHECKED: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind != "combination")
"""Kinds that can be checked by their names; a combination is checked as groups declare it."""


# Certificates


@dataclass(frozen=True)
class CheckedRules:
    """The certificates that a check made."""

    certificates: tuple[Certificate, ...]

    @property
    def exit(self) -> ExitStatus:
        """OK, or REFUTED where a check failed."""
        passed = all(certificate.passed for certificate in self.certificates)
        return ExitStatus.OK if passed else ExitStatus.REFUTED

    def as_json(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {"certificates": [certificate.as_json() for certificate in self.certificates]}


def check_strategies(
    desk: Desk, name: str = "", say: Say = silent, ground: Ground | None = None
) -> CheckedRules:
    """Certify the rules or the feature of that name, or all of them (""), and keep the certificates.

    A rule is tried with its defaults, and as each group of the desk declares it; one of a notebook's cell
    from a file that it is written into. The `ground` is what the desk knows unless another one is given.

    Raises:
        UsageError: no rule has that name. DataError: there is no market data to try it on.

    """
    load_installed()
    rules = tuple(_rules(desk, name, say))
    if not rules:
        raise _unknown(name, desk)
    say("load market data")
    ground = ground or Ground.of(_known_panel(desk))
    made = []
    for rule in rules:
        say(f"check {rule_name(rule)}")
        made.append(certify(in_file(desk.workspace, rule, desk.rules), ground))
        add_certificate(desk.workspace.certificates, made[-1])
    return CheckedRules(tuple(made))


def _known_panel(desk: Desk) -> Panel:
    """What was public at the desk's time. Nothing is fetched into a desk that has a market already.

    The sessions checked on thus follow the desk, not the clock, and a check moves nothing that a morning
    would decide on.
    """
    stored = desk.store.read().last("bars")
    panel = panel_through(desk, desk.next_trade_date) if stored is None else desk.panel()
    return panel.known_at(desk.now())


def _rules(desk: Desk, name: str, say: Say) -> Iterator[Rule]:
    """Every rule and feature of one's own that is meant, each set of parameters once."""
    seen: list[tuple[str, dict[str, Any]]] = []
    declared = (rule for group in desk.groups for rule in _of(group))
    for rule in (*_with_defaults(desk.rules, name, say), *declared, *desk.rules.features.values()):
        identity = rule_kind(rule), declaration(rule)
        if name in ("", rule_name(rule)) and identity not in seen:
            seen.append(identity)
            yield rule


def _of(group: Group) -> Iterator[Rule]:
    """The rules of a group, as it declares them."""
    yield from (group.entry, group.exit, group.sizing)
    yield from (guard.rule for guard in group.filters)
    yield from (guard.rule for guard in group.protections)


def _with_defaults(rules: Rules, name: str, say: Say) -> Iterator[Rule]:
    for kind in CHECKED:
        for key, rule in rules.of(kind).items():
            if name not in ("", key):
                continue
            try:
                yield build(rule, {}, where=key)
            except ParamsError as error:
                say(f"{key} has parameters without a default ({error.what}): checked as groups declare it")


def _unknown(name: str, desk: Desk) -> UsageError:
    every = [*(key for kind in KINDS for key in desk.rules.of(kind)), *desk.rules.features]
    if name in every:
        return UsageError(
            f"{name} has parameters without a default, and no group declares it",
            do="declare it in a group file, and check it again",
        )
    known = tuple(dict.fromkeys((*every, *(rule_name(group.exit) for group in desk.groups))))
    return UsageError(f'no rule to check is called "{name}"{did_you_mean(name, known)}')


# The list


@dataclass(frozen=True)
class ListedRule:
    """A rule, where it is from ("built in", a plug-in file or a module), and the groups that name it."""

    doc: RuleDoc
    origin: str
    groups: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON types, defaults as a group file would write them."""
        plain = asdict(self.doc)
        del plain["module"]
        for parameter in plain["parameters"]:
            parameter["default"] = default_in_words(parameter["default"])
        return {**plain, "origin": self.origin, "groups": list(self.groups)}


@dataclass(frozen=True)
class RuleList:
    """Every rule that a group file may name, and every feature that a rule may read."""

    rules: tuple[ListedRule, ...]
    features: tuple[ListedFeature, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {
            "rules": [rule.as_json() for rule in self.rules],
            "features": [feature.as_json() for feature in self.features],
        }


def list_strategies(desk: Desk | None) -> RuleList:
    """Every rule and feature known, plug-ins included; without a desk those that all desks share."""
    used = {} if desk is None else _group_ids(desk.groups)
    return RuleList(
        tuple(
            ListedRule(doc, _origin(doc.module), tuple(used.get((doc.kind, doc.name), ())))
            for doc in _describe_known(desk)
        ),
        list_features(desk),
    )


def _describe_known(desk: Desk | None) -> tuple[RuleDoc, ...]:
    load_installed()
    return describe_rules(SHARED if desk is None else desk.rules)


def _origin(module: str) -> str:
    return BUILT_IN if module.startswith("jstock_core.") else plugin_file(module) or module


def _group_ids(groups: Sequence[Group]) -> Mapping[tuple[str, str], list[str]]:
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


# The handbook


@dataclass(frozen=True)
class WrittenHandbook:
    """The file that the handbook was written to."""

    path: Path

    def as_json(self) -> dict[str, str]:
        """Plain JSON types."""
        return {"path": str(self.path)}


def write_handbook(desk: Desk | None, into: str = "") -> WrittenHandbook:
    """Write the handbook of every rule and feature, by default into `docs/strategies.md` of the workspace.

    Raises:
        UsageError: neither a desk nor a file is given, or the file cannot be written.

    """
    workspace = desk.workspace if desk else None
    path = Path(into) if into else (workspace or find_workspace()).root / "docs" / "strategies.md"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        text = f"{handbook(_describe_known(desk))}\n{feature_chapter(list_features(desk))}"
        write_atomically(path, text.encode())
    except OSError as error:
        raise UsageError(f"the handbook cannot be written: {os_reason(error)}", where=str(path)) from error
    return WrittenHandbook(path)
