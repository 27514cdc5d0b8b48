"""Splits that a person recorded and the market data do not have, put into the panel as factors.

Market data may lack the factor of a split for a day or for ever. Everything that reads prices reads the
panel, so that is where such a split is added: valuation, features, stops and settlement then treat it as one
that was delivered. A factor that the source delivers or announces takes its place, so none counts twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

import numpy as np

from jstock_core.market.adjustments import CONSOLIDATION, SPLIT, PriceAdjustment
from jstock_core.market.calendar import BARS_PUBLIC, OPEN, tse
from jstock_core.market.panel import Actions, Panel
from jstock_core.market.read_only import lock_array
from jstock_core.market.recorded_split import RecordedSplit

SAME_WITHIN = 5
"""Sessions between which splits of equal ratio are one."""


def sessions_apart(one: date, other: date) -> int:
    """How many sessions lie from one date to another, whichever comes first."""
    first, last = np.searchsorted(tse().days, np.array([one, other], dtype="datetime64[D]"))
    return abs(int(last) - int(first))


def with_recorded_splits(panel: Panel, recorded: Iterable[RecordedSplit]) -> Panel:
    """The panel with the recorded splits that the market data do not have; their sessions may be to come.

    Of two of equal ratio within `SAME_WITHIN` sessions the one that was applied to the lots counts.
    """
    missing = tuple(_missing(panel, sorted(recorded, key=lambda split: not split.is_applied)))
    if not missing:
        return panel
    factors, kinds = panel.adj_factor.copy(), panel.ex_right.copy()
    for split in missing:
        if split.session in panel.dates:
            at = panel.row(split.session), panel.column[split.code]
            factors[at], kinds[at] = split.factor, _kind(split)
    return replace(
        panel,
        adj_factor=lock_array(factors),
        ex_right=lock_array(kinds),
        actions=_with_announcements(panel.actions, [each for each in missing if each.announced_at]),
        recorded_splits=missing,
    )


def recorded_split(panel: Panel, code: str, session: date) -> RecordedSplit | None:
    """The split that a person recorded for a bar, where the source has no factor of it."""
    found = (each for each in panel.recorded_splits if (each.code, each.session) == (code, session))
    return next(found, None)


def correct_recorded(split: RecordedSplit) -> str:
    """What to do where the prices of its bar do not fit a recorded split."""
    correct = f"`jstock state correct {split.fact}"
    return (
        f"correct the split that was recorded: {correct} --ratio N:M --reason TEXT`, or {correct} --reverse "
        "--reason TEXT` where there was none"
    )


def _missing(panel: Panel, recorded: Sequence[RecordedSplit]) -> Iterator[RecordedSplit]:
    taken: list[tuple[str, date, Fraction]] = []
    for split in recorded:
        if split.code in panel.column:
            others = [(session, ratio) for code, session, ratio in taken if code == split.code]
            others += market_ratios(panel, split.code)
            if not any(_is_same(split, session, ratio) for session, ratio in others):
                taken.append((split.code, split.session, split.ratio))
                yield split


def _is_same(split: RecordedSplit, session: date, ratio: Fraction) -> bool:
    """Whether another split takes the place of this one: that of its session, or of its ratio nearby."""
    near = split.ratio == ratio and sessions_apart(split.session, session) <= SAME_WITHIN
    return near or split.session == session


def market_ratios(panel: Panel, code: str) -> Iterator[tuple[date, Fraction]]:
    """The ex-date and the ratio of each change of shares that the source has delivered or announced."""
    column, ours = panel.column[code], {s.session for s in panel.recorded_splits if s.code == code}
    for row in np.flatnonzero(panel.adj_factor[:, column] != 1.0).tolist():
        if (ratio := panel.adjustment(row, column).shares) != 1 and panel.session(row) not in ours:
            yield panel.session(row), ratio
    actions = panel.actions
    for n in np.flatnonzero(actions.code == code).tolist():
        ratio = PriceAdjustment(actions.adj_factor.item(n), actions.ex_right.item(n)).shares
        if ratio != 1 and (session := actions.ex_date[n].astype(object)) not in ours:
            yield session, ratio


def _kind(split: RecordedSplit) -> int:
    return SPLIT if split.ratio > 1 else CONSOLIDATION


def _with_announcements(actions: Actions, splits: Sequence[RecordedSplit]) -> Actions:
    """The announced ex-dates with those that a person recorded."""
    if not splits:
        return actions
    added = Actions(
        known_at=np.array([_known_at(split) for split in splits], dtype="datetime64[m]"),
        code=np.array([split.code for split in splits], dtype=np.str_),
        ex_date=np.array([split.session for split in splits], dtype="datetime64[D]"),
        adj_factor=np.array([split.factor for split in splits], dtype=np.float64),
        ex_right=np.array([_kind(split) for split in splits], dtype=np.int8),
    )
    names = ("known_at", "code", "ex_date", "adj_factor", "ex_right")
    joined = {name: np.concatenate([getattr(actions, name), getattr(added, name)]) for name in names}
    return Actions(**{name: lock_array(array) for name, array in joined.items()})


def _known_at(split: RecordedSplit) -> np.datetime64:
    """When it was known; what is recorded before the opening counts for the whole morning of the ex-date.

    A morning is decided at the time of the last fetch or at 07:00, and revised on the same market with the
    facts recorded since. A split is such a fact.
    """
    said, day = np.datetime64(split.announced_at, "m"), np.datetime64(split.session, "D")
    if said >= day + np.timedelta64(OPEN.hour, "h"):
        return said
    before = np.datetime64(tse().previous(split.session), "D")
    return min(said, before + np.timedelta64(60 * BARS_PUBLIC.hour + BARS_PUBLIC.minute, "m"))
