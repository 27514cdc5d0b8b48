"""The same questions in another process, with another hash seed and another clock."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from jstock_core.market.panel import Panel
from jstock_core.research.certificates.asking import Answers, Holdings, ask
from jstock_core.research.certificates.ground import Ground, InventedPast, Sight
from jstock_core.research.certificates.identity import Rule, home_modules
from jstock_core.research.certificates.sources import OURS
from jstock_core.research.processes.other_process import OtherProcess, Setting
from jstock_core.signals.language.plugins import PACKAGE
from jstock_core.signals.language.registry import HOME


def answer_again(rule: Rule, ground: Ground) -> Mapping[int, Answers]:
    """What the rule says on the ground's rows in another process.

    Raises:
        DataError: the rule cannot be evaluated there, or is in no file that can be imported there.

    """
    setting = _setting(rule)
    other = ground.others.get(setting)
    if other is None:
        other = ground.others[setting] = OtherProcess(setting)
        whole = ground.whole
        other.call(stand, whole.panel, (whole.first, whole.last), dict(ground.holdings), dict(ground.pasts))
    answers: Mapping[int, Answers] = other.call(answer, rule)
    return answers


def _setting(rule: Rule) -> Setting:
    """The plug-in files that the rule and its parts come from; their packages see another clock."""
    packages = {module.partition(".")[0] for module in home_modules(rule)}
    shifted = tuple(sorted({*packages, PACKAGE} - {OURS}))
    for package in sorted(packages):
        if package.startswith(PACKAGE):
            rules = getattr(sys.modules[package], HOME)
            return Setting(root=Path(rules.root).resolve(), files=rules.files, shifted=shifted)
    return Setting(shifted=shifted)


# --- in the other process -----------------------------------------------------------------------------

_grounds: list[Ground] = []


def stand(panel: Panel, span: tuple[int, int], holdings: Holdings, pasts: Mapping[int, InventedPast]) -> None:
    """Make the ground that is asked on; features are computed anew."""
    whole = Sight.of(panel, *span)
    _grounds[:] = [Ground(whole, dict.fromkeys(holdings, whole), whole, whole, holdings, pasts)]


def answer(rule: Rule) -> Mapping[int, Answers]:
    """What a rule says on the rows of the ground."""
    [ground] = _grounds
    return ask(rule, ground.whole, ground.rows, ground)
