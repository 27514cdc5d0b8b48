"""Data sets that a desk has nothing of, and what is neutral for want of each.

Only bars are required. What is absent is never late: nobody waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from jstock_core.data.checks.readiness import TITLES
from jstock_core.market.panel import Panel


@dataclass(frozen=True)
class AbsentData:
    """A data set of which nothing is known: what people call it, and what follows from that."""

    dataset: str
    title: str
    neutral: str

    @property
    def text(self) -> str:
        """'TOPIX (there is no benchmark)'."""
        return f"{self.title} ({self.neutral})"


@dataclass(frozen=True)
class _Need:
    neutral: str
    has_any: Callable[[Panel], bool]


_NEEDS: Mapping[str, _Need] = MappingProxyType(
    {
        "master": _Need(
            "codes stand for names, no sector is known, prices of orders keep to the coarser ticks",
            lambda panel: any(listing.name or listing.sector for listing in panel.listings),
        ),
        "topix": _Need(
            "returns have no benchmark, the market's condition is unknown",
            lambda panel: not bool(np.isnan(panel.topix).all()),
        ),
        "flows": _Need("institutional scores are neutral", lambda panel: len(panel.flows.published) > 0),
        "statements": _Need("fundamental scores are neutral", lambda panel: len(panel.statements.code) > 0),
        "earnings": _Need(
            "no stock counts as about to report",
            lambda panel: len(panel.announcements.code) > 0,
        ),
        "dividends": _Need("they count once somebody records them", lambda panel: len(panel.dividends) > 0),
    }
)


def find_absent(panel: Panel) -> tuple[AbsentData, ...]:
    """The data sets of which the panel has nothing; none for a panel without stocks."""
    if not panel.listings:
        return ()
    needs = _NEEDS.items()
    return tuple(
        AbsentData(name, TITLES[name], need.neutral) for name, need in needs if not need.has_any(panel)
    )


def is_absent(dataset: str, panel: Panel) -> bool:
    """Whether the panel has nothing of a data set."""
    return not _NEEDS[dataset].has_any(panel)


def absent_line(absent: Iterable[AbsentData]) -> str:
    """'Not in the data: TOPIX (...), statements (...).'; "" where nothing is absent."""
    named = "; ".join(each.text for each in absent)
    return f"Not in the data: {named}." if named else ""
