"""Positions of a group with their lots, as `jstock trade status` shows them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from jstock_core.base.plain import plain_json
from jstock_core.market.prices import market_value
from jstock_core.reports.model.money.portfolio import HeldPosition
from jstock_core.state.book.book import Book
from jstock_core.state.book.lots import Lot


@dataclass(frozen=True)
class LotStatus:
    """One purchase: `value` is its cost where the stock has no price; `fact` is the id of what brought it."""

    opened: date
    shares: int
    price: float
    cost: int
    value: int
    days_held: int
    fact: str

    @property
    def pnl(self) -> int:
        """Unrealized yen."""
        return self.value - self.cost

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "opened": str(self.opened),
            "shares": self.shares,
            "price": self.price,
            "cost": self.cost,
            "value": self.value,
            "pnl": self.pnl,
            "days_held": self.days_held,
            "fact": self.fact,
        }


@dataclass(frozen=True)
class PositionStatus:
    """A position of a group with its lots."""

    held: HeldPosition
    lots: tuple[LotStatus, ...]

    def as_json(self) -> dict[str, Any]:
        """As plain JSON, without the closes that the report draws."""
        return {
            **plain_json({k: v for k, v in asdict(self.held).items() if k not in ("recent", "lots")}),
            "pnl": self.held.pnl,
            "pnl_pct": self.held.pnl_pct,
            "lots": [lot.as_json() for lot in self.lots],
        }


def position_status(held: HeldPosition, book: Book, session: date) -> PositionStatus:
    """A position as of the close of a session, with its lots."""
    lots = book.group(held.group).lots[held.code]
    return PositionStatus(held, tuple(_lot(lot, held.close, session) for lot in lots))


def _lot(lot: Lot, close: float | None, session: date) -> LotStatus:
    return LotStatus(
        opened=lot.session,
        shares=lot.shares,
        price=float(lot.price),
        cost=lot.cost,
        value=lot.cost if close is None else market_value(close, lot.shares),
        days_held=max(0, (session - lot.session).days),
        fact=lot.origin,
    )
