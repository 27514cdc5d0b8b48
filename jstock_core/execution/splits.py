"""Splits and consolidations as events, made from the factors of the market data."""

from __future__ import annotations

from jstock_core.data.checks.bars import untrusted_bars
from jstock_core.market.panel import Panel
from jstock_core.market.prices import as_yen, base_close
from jstock_core.state.facts.events import SplitApplied


def split_event(panel: Panel, row: int, code: str, source: str = "desk") -> SplitApplied | None:
    """The split of a stock that goes ex in the session of `row`; None where its shares do not change.

    Fractions of a share are paid at the opening price, or at the last close over the factor
    where that bar is missing or cannot be trusted.
    """
    column = panel.column.get(code)
    ratio = 1 if column is None else panel.adjustment(row, column).shares
    if column is None or ratio == 1:
        return None
    opening, base = float(panel.open[row, column]), base_close(panel, row, column)
    is_trusted = not untrusted_bars(panel).reason(row, column)
    price = opening if opening > 0 and is_trusted else base
    return SplitApplied(
        session=panel.session(row),
        source=source,
        code=code,
        numerator=ratio.numerator,
        denominator=ratio.denominator,
        cash_in_lieu_price=as_yen(price) if price > 0 else None,
    )
