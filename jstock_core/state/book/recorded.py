"""The splits that a person recorded, as the market data are to be read with."""

from __future__ import annotations

from jstock_core.market.recorded_split import RecordedSplit
from jstock_core.state.facts.events import SplitAnnounced, SplitApplied

MANUAL = "manual"
"""Source of what a person records."""


def record_split_of(
    splits: tuple[RecordedSplit, ...], event: SplitApplied | SplitAnnounced
) -> tuple[RecordedSplit, ...]:
    """The splits with one more; one that is applied takes the place of the announcement of its session."""
    same = [each for each in splits if (each.code, each.session) == (event.code, event.session)]
    is_applied = isinstance(event, SplitApplied)
    if not is_applied and any(each.is_applied for each in same):
        return splits
    said = event.announced_at if isinstance(event, SplitAnnounced) else "".join(s.announced_at for s in same)
    split = RecordedSplit(
        event.code, event.session, event.numerator, event.denominator, said, is_applied,
        event.cash_in_lieu_price,
    )  # fmt: skip
    return (*(each for each in splits if each not in same), split)
