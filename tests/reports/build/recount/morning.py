"""A morning for counting: the journal's facts, the market up to D, and what each group was declared to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from tests.reports.build.recount import journal
from tests.reports.build.recount.bars import Market, Stock
from tests.reports.build.recount.journal import Fact
from tests.reports.build.recount.ledger import Ledger, ledger
from tests.reports.build.recount.opinions import Known


@dataclass(frozen=True, eq=False)
class Counted:
    """What the numbers of a morning are counted from: facts in force, and all rows as they were recorded.

    `declared` are the groups as their files say, where a decision recorded none; `findings` counts those of
    the data checks by whether they are urgent.
    """

    facts: list[Fact]
    market: Market
    trade_date: date
    monitored: tuple[str, ...]
    declared: Mapping[str, Mapping[str, Any]]
    findings: tuple[int, int] = (0, 0)
    revised: int = 0

    @cached_property
    def row(self) -> int:
        """D's row."""
        return len(self.market.panel.dates) - 1

    @property
    def day(self) -> date:
        return self.market.dates[self.row]

    @cached_property
    def decided(self) -> dict[str, Fact]:
        return journal.decisions(self.facts, self.trade_date)

    @cached_property
    def before(self) -> date | None:
        return journal.before_of(self.facts, self.trade_date)

    @cached_property
    def recent(self) -> list[Fact]:
        return journal.recent(self.facts, self.trade_date)

    @cached_property
    def now(self) -> Ledger:
        """What every group has after all that was recorded."""
        return ledger(self.facts)

    @cached_property
    def known(self) -> Known:
        return Known(self.market, self.row, self.trade_date, at_of(self.decided.values()))

    @cached_property
    def then(self) -> Ledger:
        """What every group had before the decisions of the morning before."""
        return ledger(self.facts[: len(self.facts) - len(self.recent)])

    @cached_property
    def decided_then(self) -> dict[str, Fact]:
        return {} if self.before is None else journal.decisions(self.facts, self.before)

    @cached_property
    def known_then(self) -> Known | None:
        if self.before is None:
            return None
        day = next(iter(self.decided_then.values())).evaluated
        return Known(self.market, self.market.row(day), self.before, at_of(self.decided_then.values()))

    def rules(self, group: str, *, then: bool = False) -> Mapping[str, Any]:
        """A group as the decision recorded it."""
        made = (self.decided_then if then else self.decided).get(group)
        recorded = {} if made is None else made.details["provenance"].get("groups", {})
        return recorded.get(group) or self.declared[group]

    def signals(self, group: str, *, then: bool = False) -> dict[str, Mapping[str, Any]]:
        """The rows of a decision's signals, by code."""
        made = (self.decided_then if then else self.decided).get(group)
        return {} if made is None else {row["code"]: row for row in made.details["signals"]}

    @cached_property
    def orders(self) -> list[Fact]:
        """The orders for the trade date, sells first; none was revised."""
        own = [f for f in self.facts if f.kind == "order" and f.session == self.trade_date]
        return sorted(own, key=lambda f: (f.side == "BUY", f.group, f.code))

    def stock(self, code: str) -> Stock:
        return self.market.stock(code)

    def price(self, code: str) -> float | None:
        return self.stock(code).close(self.row) if code in self.market else None

    def due(self, code: str) -> float:
        """The factor that is announced for the trade date."""
        found = self.market.panel.actions
        rows = [
            n for n, of in enumerate(found.code.tolist())
            if of == code and found.ex_date[n].astype(object) == self.trade_date
        ]  # fmt: skip
        return found.adj_factor.item(rows[-1]) if rows else 1.0


def at_of(decided: Any) -> datetime:
    """When the last of some decisions was made."""
    return max(datetime.fromisoformat(each.decided_at) for each in decided)
