"""What trading costs: a dated table of the desk's parameters, shown in the report. No costs by default."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import pairwise

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as pydantic_dataclass

from jstock_core.base.errors import ParamsError
from jstock_core.base.params import CORRECT_KEYS, declare
from jstock_core.execution.commission import FREE, Commission, DayCommission, FeeTable
from jstock_core.state.book.book import Book
from jstock_core.state.book.holders import traded_on_paper

_MOST_FEE = 1_000_000


# Not `declare`: pydantic does not read a mapping into a strict model that is nested in a strict one.
@pydantic_dataclass(frozen=True, kw_only=True, config=ConfigDict(extra="forbid", defer_build=True))
class FeeStep:
    """A line of a broker's table of fees: `yen` for an order, or a day, whose value is at most `up_to` yen.

    The last line has no `up_to` and holds for all values above: its fee is `yen`, or with `each` it rises by
    `yen` for every `each` yen begun.
    """

    up_to: int | None = Field(
        default=None, gt=0, strict=True, description="yen of the value, included; none: all above"
    )
    yen: int = Field(ge=0, le=_MOST_FEE, strict=True, description="fee in yen, tax included")
    each: int | None = Field(
        default=None, gt=0, strict=True, description="the fee is added for each so many yen above, begun"
    )


@declare
class Cost:
    """The costs in force from the day `since`: commission (tax included) and slippage in ticks.

    The commission is a percentage of each order's value, a table by that value, or a table by the value of
    all trades of a group on a day.

    Raises:
        ParamsError: on construction, two ways of charging at once, or a table whose steps or fees do not
        rise.

    """

    since: date = Field(strict=False, description="the day from which it counts, as 2026-01-01")
    commission_pct: float = Field(default=0.0, ge=0, le=5, description="percent of the value, tax included")
    commission_least: int = Field(default=0, ge=0, le=_MOST_FEE, description="least for an order, in yen")
    commission_most: int | None = Field(
        default=None, ge=0, le=_MOST_FEE, description="most for an order, in yen"
    )
    commission_steps: tuple[FeeStep, ...] = Field(
        default=(), strict=False, description="instead of the percentage: fees by the value of an order"
    )
    commission_day_steps: tuple[FeeStep, ...] = Field(
        default=(), strict=False, description="instead of both: fees by the value of all trades of a day"
    )
    slippage_ticks: int = Field(default=0, ge=0, le=20, description="ticks that a paper fill is worse")

    def __post_init__(self) -> None:
        """Refuse a malformed table, and two ways of charging at once."""
        ways = ("commission_pct", "commission_steps", "commission_day_steps")
        first, *others = [way for way in ways if getattr(self, way)] or [""]
        if others:
            raise ParamsError(
                f"{others[0]}: {first} is there too", do="declare one of them: percent, or a table"
            )
        _check_bounds(self)
        _check_steps("commission_steps", self.commission_steps)
        _check_steps("commission_day_steps", self.commission_day_steps)

    @cached_property
    def commission(self) -> Commission:
        """The commission of an order; with a table by the day, that of the day's first order."""
        if self.commission_day_steps:
            return DayCommission(table=_fee_table(self.commission_day_steps))
        return Commission(
            rate=Decimal(str(self.commission_pct)) / 100,
            least=self.commission_least,
            most=self.commission_most,
            table=_fee_table(self.commission_steps) if self.commission_steps else None,
        )


def _fee_table(steps: Sequence[FeeStep]) -> FeeTable:
    *bounded, last = steps
    edges = tuple(step.up_to for step in bounded if step.up_to is not None)
    return FeeTable(edges, tuple(step.yen for step in bounded), last.yen, last.each)


def _check_bounds(cost: Cost) -> None:
    least, most = cost.commission_least, cost.commission_most
    if (least or most is not None) and not cost.commission_pct:
        raise ParamsError(
            "commission_least and commission_most: they bound commission_pct, and there is none",
            do="declare commission_pct, or leave them out",
        )
    if most is not None and most < least:
        raise ParamsError(
            f"commission_most: expected at least commission_least ({least}), got {most}", do=CORRECT_KEYS
        )


def _check_steps(key: str, steps: Sequence[FeeStep]) -> None:
    if steps and (steps[-1].up_to is not None or any(step.up_to is None for step in steps[:-1])):
        raise ParamsError(
            f"{key}: the last step, and no other, counts for all above and has no up_to",
            do="declare the fee of all above last, as {yen: 1_013}",
        )
    for n, step in enumerate(steps[:-1]):
        if step.each is not None:
            raise ParamsError(
                f"{key}.{n}.each: only the last step has it, which counts for all above",
                do="declare how the fee goes on rising last, as {each: 1_000_000, yen: 1_100}",
            )
    for n, (before, step) in enumerate(pairwise(steps), start=1):
        if before.up_to and step.up_to and step.up_to <= before.up_to:
            raise ParamsError(
                f"{key}.{n}.up_to: expected more than {before.up_to}, got {step.up_to}",
                do="list the steps by their values",
            )
        if step.each is None and step.yen < before.yen:
            raise ParamsError(
                f"{key}.{n}.yen: expected at least {before.yen}, got {step.yen}",
                do="declare fees that do not fall: what is paid at most must be known before the fill",
            )


@dataclass(frozen=True)
class Costs:
    """The dated table of costs; on a day before its first row there are none."""

    rows: tuple[Cost, ...] = ()

    @classmethod
    def of(cls, rows: Sequence[Cost]) -> Costs:
        """The table of these rows, sorted by date."""
        return cls(tuple(sorted(rows, key=lambda row: row.since)))

    def _in_force(self, session: date) -> Cost | None:
        if not self.rows:
            return None
        return next((row for row in reversed(self.rows) if row.since <= session), None)

    def commission(self, session: date) -> Commission:
        """The commission of an order of the session; with a table by the day, that of its first order."""
        row = self._in_force(session)
        return row.commission if row else FREE

    def commission_after(self, book: Book, group: str, session: date) -> Commission:
        """The commission of the group's next order of the session, after the paper fills in the book."""
        commission = self.commission(session)
        if not isinstance(commission, DayCommission):
            return commission
        return commission.after(traded_on_paper(book, group, session))

    def slippage_ticks(self, session: date) -> int:
        """Ticks by which a paper fill is worse than the opening price."""
        row = self._in_force(session)
        return row.slippage_ticks if row else 0

    def describe(self, session: date) -> str:
        """One line for the report."""
        row = self._in_force(session) or Cost(since=session)
        return f"{_commission_words(row)}, {_slippage_words(row.slippage_ticks)}"

    def describe_span(self, first: date, last: date) -> dict[date, str]:
        """One line for each row in force from `first` to `last`, by the first day of the span it holds on."""
        changes = (row.since for row in self.rows if first < row.since <= last)
        return {day: self.describe(day) for day in (first, *changes)}


def _commission_words(row: Cost) -> str:
    """The commission in words."""
    least, most = row.commission_least, row.commission_most
    if row.commission == FREE:
        return "no commission"
    if row.commission_steps or row.commission_day_steps:
        return _table_words(row)
    percent = row.commission_pct
    if most is not None:
        return f"commission {percent:g} % from ¥{least:,} to ¥{most:,}"
    if least:
        return f"commission {percent:g} % and at least ¥{least:,}"
    return f"commission {percent:g} %"


def _table_words(row: Cost) -> str:
    """The first fee and the last of a table, each with the values it is for."""
    if row.commission_steps:
        return f"commission by the value of an order: {_step_words(row.commission_steps)}"
    return f"commission by the value of a day: {_step_words(row.commission_day_steps)}"


def _step_words(steps: Sequence[FeeStep]) -> str:
    first, last = steps[0], steps[-1]
    if len(steps) == 1:
        return f"¥{last.yen:,} for each ¥{last.each:,}" if last.each else f"¥{last.yen:,} whatever it is"
    above = steps[-2].up_to
    if last.each:
        return (
            f"¥{first.yen:,} up to ¥{first.up_to:,} and ¥{last.yen:,} more for each ¥{last.each:,} above "
            f"¥{above:,}"
        )
    return f"¥{first.yen:,} up to ¥{first.up_to:,} and ¥{last.yen:,} above ¥{above:,}"


def _slippage_words(ticks: int) -> str:
    if ticks == 0:
        return "no slippage"
    return "slippage 1 tick" if ticks == 1 else f"slippage {ticks} ticks"
