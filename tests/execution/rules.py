"""Rules that say what a story needs, so that only what is done with their opinions is on trial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from jstock_core.decide.groups import Group
from jstock_core.execution.ranking import Ranking
from jstock_core.execution.sizing import EqualWeight
from jstock_core.signals.features.view import View
from jstock_core.signals.language.entry import Entry, EntryOpinions
from jstock_core.signals.language.exit import Exit, ExitOpinion
from jstock_core.signals.language.layer import Verdict

from .ledger import GROUP

NAN = float("nan")


@dataclass(frozen=True)
class Wants(Entry):
    """Buys the codes it is told to, each with a score (NaN: a rule without scores) and a confidence."""

    scores: Mapping[str, float]
    confidence: float = 0.7
    opening: float | None = None

    def evaluate(self, view: View) -> EntryOpinions:
        score = np.full(view.shape, NAN)
        buy = np.zeros(view.shape, dtype=bool)
        for code, value in self.scores.items():
            score[:, view.panel.column[code]] = value
            buy[:, view.panel.column[code]] = True
        return EntryOpinions(
            buy=buy & view.has_bar,
            score=score,
            opening=score if self.opening is None else np.full(view.shape, self.opening),
            confidence=np.where(buy, self.confidence, 0.0),
            parts={},
            explain=lambda row, n: "told to",
        )


@dataclass(frozen=True)
class Says(Exit):
    """Says of each code what it is told to: a verdict, or that nobody knows."""

    opinions: Mapping[str, ExitOpinion] = field(default_factory=dict)

    @property
    def layers(self):
        return ()

    def opinion(self, view, row, holding):
        return self.opinions.get(holding.code, ExitOpinion.hold("told to"))


def sells(pct: int = 100, layer: str = "trend_breakdown") -> ExitOpinion:
    return ExitOpinion.sell(Verdict(layer, pct, 0.9, "told to"))


def a_group(entry: Entry | None = None, exit_: Exit | None = None, *, name: str = GROUP, **more) -> Group:
    facts = {
        "initial_capital": 10_000_000,
        "sizing": EqualWeight(),
        "ranking": Ranking(),
        "min_score": None,
        "fills": "open",
        "reuse_sales": False,
    }
    return Group(
        id=name, name="Core", entry=entry or Wants({}), exit=exit_ or Says(),
        **facts | more, declared={},
    )  # fmt: skip
