"""The fills since the morning before and what their prices cost, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from jstock_core.execution.slippage import Slippage, SlippageSum


@dataclass(frozen=True, kw_only=True)
class FillQuality:
    """A fill against the opening price of its session, and against the close it was decided on.

    `filled_by` is "you" or "paper". `decided_on` is D of its order, None for a fill without one. A slippage
    is None where its reference is not known: `open_unknown` and `close_unknown` say why, else they are "".
    """

    session: date
    group: str
    code: str
    name: str
    side: str
    shares: int
    price: float
    filled_by: str
    decided_on: date | None
    against_open: Slippage | None
    against_close: Slippage | None
    open_unknown: str = ""
    close_unknown: str = ""


@dataclass(frozen=True, kw_only=True)
class SlippageTotal:
    """The slippage of all fills through D by who filled them ("you" or "paper"); None without a reference.

    `against_open` and `against_close` count the fills that have such a reference, of `fills` in all.
    """

    filled_by: str
    fills: int
    against_open: SlippageSum | None
    against_close: SlippageSum | None
