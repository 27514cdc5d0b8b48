"""The explanations: for each stock that the morning is about what the rules said of it, and its candles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

from jstock_core.explain.explain import Explanation

Role = Literal["order", "held", "sell", "near", "buy"]
"""Why a stock is explained: it is ordered, held, to be sold, nearly a BUY, or a BUY without an order."""

MarkSide = Literal["buy", "sell", "buy-signal", "sell-signal"]


@dataclass(frozen=True, kw_only=True)
class HistoryMark:
    """Something that happened in a session: a fill with its shares and traded price, or a signal.

    A signal stands at the session that it was decided on. Of a run of equal ones the first is marked, and
    none that a fill came of.
    """

    session: date
    kind: MarkSide
    group: str
    shares: int | None = None
    price: float | None = None


@dataclass(frozen=True, kw_only=True)
class PriceHistory:
    """A stock's bars in the sessions of `Explanations.sessions`, None where it has none that rules see.

    Prices are in yen of D, carried over splits and rounded to tenths, volumes in shares of D. `averages` are
    the EMAs that its rules read, by feature.
    """

    opens: tuple[float | None, ...]
    highs: tuple[float | None, ...]
    lows: tuple[float | None, ...]
    closes: tuple[float | None, ...]
    volumes: tuple[int | None, ...]
    averages: Mapping[str, tuple[float | None, ...]]
    marks: tuple[HistoryMark, ...]


@dataclass(frozen=True, kw_only=True)
class ExplainedStock:
    """A stock with what `jstock explain` says of it, in the groups that it concerns.

    `change_pct` is that of D. Where the rules could not be asked again, `unknown` is why, and there is no
    group.
    """

    explanation: Explanation
    roles: tuple[Role, ...]
    change_pct: float | None
    history: PriceHistory
    unknown: str = ""


@dataclass(frozen=True, kw_only=True)
class Explanations:
    """The stocks that are explained, in the order in which a trader asks: orders, holdings, the rest by code.

    `left_out` are the codes for which there was no room.
    """

    sessions: tuple[date, ...] = ()
    stocks: tuple[ExplainedStock, ...] = ()
    left_out: tuple[str, ...] = ()

    @cached_property
    def by_code(self) -> Mapping[str, ExplainedStock]:
        """Each explained stock by its code."""
        return {stock.explanation.code: stock for stock in self.stocks}
