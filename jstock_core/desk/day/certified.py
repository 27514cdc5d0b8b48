"""What has been proven of the rules that a desk's groups use."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jstock_core.base.errors import DataError
from jstock_core.decide.groups import Group
from jstock_core.research.certificates import CHECKS, Rule, failed, found
from jstock_core.signals.language.rules import Exit

Proven = str | dict[str, str] | None
"""A certificate's hash, the checks that the newest one failed as {"failed": names}, None for uncertified."""


def group_certificates(folder: Path, groups: Sequence[Group]) -> dict[str, dict[str, Proven]]:
    """What was proven of each group's entry and exit as they stand."""
    return {g.id: {"entry": _proven(folder, g.entry), "exit": _proven(folder, g.exit)} for g in groups}


def _proven(folder: Path, rule: Rule) -> Proven:
    """An exit has failed where one of its layers has, whatever was proven of it as a whole."""
    layers = rule.layers if isinstance(rule, Exit) else ()
    try:
        refuted = {name for part in (rule, *layers) for name in failed(folder, part)}
        return (
            {"failed": ", ".join(name for name in CHECKS if name in refuted)}
            if refuted
            else found(folder, rule)
        )
    except DataError:
        return None  # an unreadable certificate proves nothing, and is no reason to stop a morning
