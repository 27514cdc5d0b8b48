"""The certificates of the rules that a desk's groups use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jstock_core.base.errors import DataError
from jstock_core.decide.groups import Group
from jstock_core.research.certificates.identity import Rule, declaration, rule_kind, rule_name
from jstock_core.research.certificates.needed import CHECKS
from jstock_core.research.certificates.store import failed_checks, valid_certificate
from jstock_core.signals.language.exit import Exit


@dataclass(frozen=True)
class UnprovenRule:
    """A rule of a group whose certificate `failed` these checks, or which has none: ()."""

    group: str
    kind: str
    rule: str
    failed: tuple[str, ...]


RuleProof = str | dict[str, str] | None
"""A certificate's hash; {"failed": names} with the checks that the newest one failed; None without one."""


def group_certificates(folder: Path, groups: Sequence[Group]) -> dict[str, dict[str, RuleProof]]:
    """The proof of each group's entry and exit with their present parameters."""
    return {g.id: {"entry": _proof(folder, g.entry), "exit": _proof(folder, g.exit)} for g in groups}


def _proof(folder: Path, rule: Rule) -> RuleProof:
    """The proof of a rule; an exit has failed where one of its layers has, whatever is known of the whole."""
    layers = rule.layers if isinstance(rule, Exit) else ()
    try:
        refuted = {name for part in (rule, *layers) for name in failed_checks(folder, part)}
        return (
            {"failed": ", ".join(name for name in CHECKS if name in refuted)}
            if refuted
            else valid_certificate(folder, rule)
        )
    except DataError:
        return None  # an unreadable certificate proves nothing, and does not stop a morning


def unproven_rules(folder: Path, groups: Sequence[Group]) -> tuple[UnprovenRule, ...]:
    """Every rule of the groups, as it stands, whose certificate is missing or has failed."""
    return tuple(
        UnprovenRule(group.id, rule_kind(rule), rule_name(rule), failed)
        for group in groups
        for rule in _rules_of(group)
        if (failed := _unproven(folder, rule)) is not None
    )


def varied_rules(
    folder: Path, groups: Sequence[Group], declared: Sequence[Group]
) -> tuple[UnprovenRule, ...]:
    """Those of `unproven_rules` that no group `declared` by the desk has as they stand.

    A check of the desk's rules does not try them with these parameters.
    """
    own = [(rule_kind(rule), declaration(rule)) for group in declared for rule in _rules_of(group)]
    return tuple(
        UnprovenRule(group.id, rule_kind(rule), rule_name(rule), failed)
        for group in groups
        for rule in _rules_of(group)
        if (rule_kind(rule), declaration(rule)) not in own and (failed := _unproven(folder, rule)) is not None
    )


def proven_rules(folder: Path, group: Group) -> dict[str, str]:
    """The hashes of the certificates of a group's rules as they stand, by kind and name."""
    proofs = {f"{rule_kind(rule)} {rule_name(rule)}": _proof(folder, rule) for rule in _rules_of(group)}
    return {name: proof for name, proof in proofs.items() if isinstance(proof, str)}


def _rules_of(group: Group) -> Iterator[Rule]:
    yield from (group.entry, group.exit, group.sizing)
    yield from (guard.rule for guard in group.filters if guard.mode != "off")
    yield from (guard.rule for guard in group.protections if guard.mode != "off")


def _unproven(folder: Path, rule: Rule) -> tuple[str, ...] | None:
    """The checks that a rule failed, () where nothing is proven of it; None where it is certified."""
    proof = _proof(folder, rule)
    if isinstance(proof, str):
        return None
    return tuple(proof["failed"].split(", ")) if proof else ()
