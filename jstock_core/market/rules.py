"""TSE's trading rules: ticks, daily price limits, trading units, from dated tables (tables/README.md).

Prices are exact here: whole tenths of a yen (the finest tick is 0.1), as `int` or integer arrays, and
`Decimal` yen at the public face. A rule is looked up for a session, never by the year.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from jstock_core.base.errors import DataError

Tenths = NDArray[np.int64]
_ROUND = {True: ROUND_CEILING, False: ROUND_FLOOR}
DEFAULT_UNIT = 100  # every domestic common stock since 2018-10-01


class Tradable(Protocol):
    """The facts of a stock that the trading rules depend on."""

    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def scale(self) -> str: ...  # noqa: D102
    @property
    def unit(self) -> int: ...  # noqa: D102


@dataclass(frozen=True)
class Limits:
    """The prices a stock may trade at in a session, both ends included, in yen."""

    lower: Decimal
    upper: Decimal


@dataclass(frozen=True, eq=False)
class Steps:
    """A step function of price: `value[i]` holds up to `edge[i]`. All in tenths of a yen."""

    edge: Tenths
    value: Tenths

    def up_to(self, price: int | Tenths) -> Tenths:
        """Value where the edge itself still belongs to the step (ticks)."""
        found: Tenths = self.value[np.searchsorted(self.edge, price, side="left")]
        return found

    def below(self, price: int | Tenths) -> Tenths:
        """Value where the edge belongs to the next step (limit widths)."""
        found: Tenths = self.value[np.searchsorted(self.edge, price, side="right")]
        return found


def to_tenths(price: Decimal) -> int:
    """Yen to whole tenths, rounded up (a theoretical base price may have more digits)."""
    return int((price * 10).to_integral_value(rounding="ROUND_CEILING"))


@lru_cache(maxsize=1 << 14)  # the same prices are met again and again
def from_tenths(price: int) -> Decimal:
    """Whole tenths to yen."""
    return Decimal(price) / 10


def tick_table(stock: Tradable, session: date) -> str:
    """Name of the tick table a stock follows in a session: "fine", "other" or "etf_unit1"."""
    for since, table in _tables_of(stock.kind, stock.scale, stock.unit):
        if since <= session:
            return table
    raise DataError(f"no tick table for kind {stock.kind!r} on {session}", where="tables/tick_tables.csv")


@cache
def _tables_of(kind: str, scale: str, unit: int) -> tuple[tuple[date, str], ...]:
    """(from, table) of every row that applies to such a stock, the newest first."""
    facts = {"kind": kind, "scale": scale, "unit": str(unit)}
    rows = (
        row for row in _rows("tick_tables.csv") if all(row[k] in ("*", fact) for k, fact in facts.items())
    )
    # Where two rows are of one day, the later one in the table counts.
    oldest_first = sorted(rows, key=lambda row: row["from"])
    return tuple((date.fromisoformat(row["from"]), row["table"]) for row in reversed(oldest_first))


def tick_table_changes() -> tuple[date, ...]:
    """The days on which some stock may have come under another tick table, in order."""
    return tuple(date.fromisoformat(day) for day in sorted({row["from"] for row in _rows("tick_tables.csv")}))


def tick(price: Decimal, stock: Tradable, session: date) -> Decimal:
    """The price step at `price` in yen."""
    return from_tenths(int(ticks(tick_table(stock, session)).up_to(to_tenths(price))))


def on_tick(price: Decimal, stock: Tradable, session: date) -> bool:
    """Whether `price` is a price the exchange accepts."""
    return (price % tick(price, stock, session)) == 0


def round_to_tick(price: Decimal, stock: Tradable, session: date, *, up: bool) -> Decimal:
    """The nearest price on the stock's tick grid, at or above `price`, or at or below it."""
    return from_tenths(
        int(snap(int((price * 10).to_integral_value(_ROUND[up])), tick_table(stock, session), up=up))
    )


def snap(price: int | Tenths, table: str, *, up: bool) -> Tenths:
    """Tenths to the tick grid of a table; works on arrays."""
    step = ticks(table).up_to(price)
    down: Tenths = np.asarray(price) // step * step
    return np.where(down == price, down, down + step) if up else down


def limits(base: Decimal, stock: Tradable, session: date) -> Limits:
    """The daily limits around a base price (the previous close; the theoretical price on an ex-date).

    The upper limit is rounded up to a tick; so is the lower one where it is off the grid, and it is never
    below one tick.
    """
    return _limits(to_tenths(base), tick_table(stock, session))


@lru_cache(maxsize=1 << 14)  # an order is sized, shown and settled within the same limits
def _limits(base: int, table: str) -> Limits:
    lower, upper = limit_tenths(base, table)
    return Limits(from_tenths(int(lower)), from_tenths(int(upper)))


def limit_tenths(base: int | Tenths, table: str) -> tuple[Tenths, Tenths]:
    """(lower, upper) in tenths around base prices in tenths; works on arrays."""
    width = limit_widths().below(base)
    smallest = int(ticks(table).value[0])
    lower = np.maximum(snap(np.maximum(base - width, smallest), table, up=True), smallest)
    return lower, snap(base + width, table, up=True)


@cache
def ticks(table: str) -> Steps:
    """A tick table as steps."""
    rows = [row for row in _rows("tick_sizes.csv") if row["table"] == table]
    return _steps([row["up_to"] for row in rows], [row["tick"] for row in rows])


@cache
def limit_widths() -> Steps:
    """The limit widths as steps of the base price."""
    rows = _rows("price_limits.csv")
    return _steps([row["base_below"] for row in rows], [row["width"] for row in rows])


def unit_of(code: str, session: date, configured: Mapping[str, int] | None = None) -> int:
    """Trading unit in shares: the desk's own setting, else the table's, else 100."""
    if configured and code in configured:
        return configured[code]
    known = [row for row in _rows("trading_units.csv") if row["code"] == code]
    in_force = [int(row["unit"]) for row in known if row["from"] <= session.isoformat()]
    return in_force[-1] if in_force else DEFAULT_UNIT


def _steps(edges: list[str], values: list[str]) -> Steps:
    top = np.iinfo(np.int64).max
    edge = np.array([to_tenths(Decimal(e)) if e else top for e in edges], dtype=np.int64)
    return Steps(edge, np.array([to_tenths(Decimal(v)) for v in values], dtype=np.int64))


@cache
def _rows(name: str) -> list[dict[str, str]]:
    path = Path(__file__).parent / "tables" / name
    with path.open(encoding="ascii", newline="") as file:
        return list(csv.DictReader(file))
