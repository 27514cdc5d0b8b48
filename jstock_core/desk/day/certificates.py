"""What has been proven of the rules that a desk's groups use."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jstock_core.base.errors import DataError
from jstock_core.decide.groups import Group
from jstock_core.research.certificates import CHECKS, Rule, failed_checks, valid_certificate
from jstock_core.signals.language.rules import Exit

RuleProof = str | dict[str, str] | None
"""A certificate's hash; {"failed": names} with the checks that the newest one failed; None without one."""


def group_certificates(folder: Path, groups: Sequence[Group]) -> dict[str, dict[str, RuleProof]]:
    """What was proven of each group's entry and exit as they stand."""
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
