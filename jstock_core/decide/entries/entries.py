"""Entries: the stocks a group would buy, ranked and sized with the cash that is left."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from jstock_core.base.unchecked import unchecked
from jstock_core.decide.entries.guards import group_standing, pauses, refusals
from jstock_core.decide.entries.wanted import wanted_stocks
from jstock_core.decide.exits.exits import find_order, pending_reason, shares_at_open
from jstock_core.decide.given.given import (
    Conditions,
    MorningView,
    columns_of,
    equity,
    order_source,
    shared_opinions,
    watched_columns,
)
from jstock_core.decide.groups import Group
from jstock_core.decide.signal import PAUSE, Signal, Skipped
from jstock_core.execution.sizing import Candidate, Room, Sized, allot
from jstock_core.market.adjustments import UNCHANGED
from jstock_core.market.prices import known
from jstock_core.signals.language.entry import EntryOpinions
from jstock_core.signals.language.guards import Mode, Standing
from jstock_core.signals.language.refusal import Refusal
from jstock_core.state.book.book import GroupBook
from jstock_core.state.book.lots import shares_of
from jstock_core.state.facts.events import OrderPlaced

_order_placed = unchecked(OrderPlaced)


@dataclass(frozen=True, eq=False)
class Entries:
    """BUYs of monitored stocks that a group does not hold; each part is worked out when it is first read.

    `sells` are the sell orders of the same morning; `halt` says why the group may not enter, None if it may.
    """

    book: GroupBook
    at: MorningView
    group: Group
    conditions: Conditions
    sells: tuple[OrderPlaced, ...]
    halt: Refusal | None

    @property
    def orders(self) -> tuple[OrderPlaced, ...]:
        """The buy orders, best candidate first."""
        return tuple(self._order(sized) for sized in self._bought.values())

    @cached_property
    def signals(self) -> tuple[Signal, ...]:
        """BUY signals, best score first."""
        signals = [self._signal(n) for n in self._columns]
        return tuple(sorted(signals, key=lambda s: (-(s.score or 0), -s.confidence, s.code)))

    @cached_property
    def skipped(self) -> tuple[Skipped, ...]:
        """BUY signals that became no order, and why."""
        refused: dict[str, tuple[Refusal, ...]]
        if self.halt:
            refused = {signal.code: (self.halt,) for signal in self.signals}
        else:
            unsized = {s.candidate.code: s.refusals for s in self._sized if not s.shares}
            barred = [signal.code for signal in self.signals if signal.code in self._barred]
            refused = unsized | {code: (self._barred[code],) for code in barred}
        open_ = {code for code in refused if find_order(self.book, code, self.at.trade_date)}
        return tuple(Skipped(code, "BUY", found) for code, found in refused.items() if code not in open_)

    @cached_property
    def paused(self) -> tuple[Skipped, ...]:
        """Why the group's protections pause its entries, or would in shadow mode."""
        if not self.group.protections:
            return ()
        found = (*pauses(self.group, "enforce", self._stands), *pauses(self.group, "shadow", self._stands))
        return tuple(Skipped("", PAUSE, (refusal,)) for refusal in found)

    @cached_property
    def _opinions(self) -> EntryOpinions:
        return shared_opinions(self.at.view, self.group)

    @cached_property
    def _columns(self) -> list[int]:
        """Columns of the stocks to buy, in the order they are monitored."""
        view, codes, buy = self.at.view, self.conditions.monitored, self._opinions.buy[self.at.row]
        columns = columns_of(view, codes)
        return [n for n in columns[buy[columns]].tolist() if self._code(n) not in self.book.lots]

    @cached_property
    def _barred(self) -> Mapping[str, Refusal]:
        """Why some of these stocks cannot be ordered, by code."""
        reasons = {self._code(n): self._bar(n) for n in self._columns}
        return {code: Refusal.check(reason) for code, reason in reasons.items() if reason}

    def _bar(self, column: int) -> str:
        """Why a stock cannot be ordered (data, rights, an open order, bars, score); "" if it can."""
        code = self._code(column)
        return (
            self.conditions.blocked.get(code, "")
            or self.at.price_only_reason(column)
            or pending_reason(self.book, code)
            or self._short(column)
            or self._low(column)
        )

    def _short(self, column: int) -> str:
        """That the stock has fewer bars than the entry needs; "" if it has enough."""
        bars, needs = self.at.view.bar.item(self.at.row, column) + 1, self.group.entry.needs
        return (
            f"too few bars: {bars} of the {needs} that {self.group.entry.name} needs" if bars < needs else ""
        )

    def _low(self, column: int) -> str:
        """That the score is under `min_score`; "" if not, or if there is no score (NaN)."""
        least = self.group.min_score
        if least is None:
            return ""
        score = self._opinions.score.item(self.at.row, column)
        return f"score {score:g} is under min_score {least:g}" if score < least else ""

    @cached_property
    def _stands(self) -> Standing:
        return group_standing(self.book, self.at)

    def _refusals(self, column: int, before: tuple[str, ...], mode: Mode = "enforce") -> tuple[Refusal, ...]:
        """Why filters of that mode refuse a stock, after the codes bought `before` it."""
        if not self.group.filters:
            return ()
        return tuple(refusals(self.group, mode, column, self._stands.with_codes(before)))

    @cached_property
    def _notes(self) -> Mapping[str, tuple[Refusal, ...]]:
        """By code, why filters in shadow mode would refuse a stock, in the order of evaluation."""
        if not any(guard.mode == "shadow" for guard in self.group.filters):
            return {}
        notes: dict[str, tuple[Refusal, ...]] = {}
        before: tuple[str, ...] = ()
        shares = {} if self.halt else {s.candidate.code: s.shares for s in self._sized}
        column = self.at.view.panel.column
        for code in dict.fromkeys((*shares, *(self._code(n) for n in self._columns))):
            notes[code] = self._refusals(column[code], before, "shadow")
            before = (*before, code) if shares.get(code) else before
        return notes

    @cached_property
    def _bought(self) -> Mapping[str, Sized]:
        """The candidates that get shares, by code in rank order; a backtest does not size the others."""
        places = self._places
        if self.halt or places <= 0:
            return {}
        if self.at.view.shape[0] == 1 or self.group.reuse_sales or self.at.adjustments_due:
            return {sized.candidate.code: sized for sized in self._sized if sized.shares}
        bought: dict[str, Sized] = {}
        payable = self._payable(bought)
        best = next(payable, None)  # on many mornings there is none
        for sized in () if best is None else self._allot(chain((best,), payable)):
            if sized.shares:
                bought[sized.candidate.code] = sized
                if len(bought) == places:
                    break
        return bought

    def _payable(self, bought: Mapping[str, Sized]) -> Iterator[Candidate]:
        """Candidates in rank order, without those of which cash pays no unit beside what is `bought`."""
        at, book, ranking = self.at, self.book, self.group.ranking
        cash, watched = book.cash - book.reserved, watched_columns(at.view, self.conditions.monitored)
        wanted = [
            each
            for each in wanted_stocks(at.view, self.group).on(at.row)
            if each.unit_price <= cash and each.column in watched
        ]
        for tier in ranking.tiers([each.value for each in wanted]):
            left = cash - sum(sized.reserve for sized in bought.values())
            found = [
                self._shared_candidate(each.column)
                for each in wanted[tier]
                if each.unit_price <= left
                and self._code(each.column) not in book.lots
                and not self._bar(each.column)
            ]
            yield from ranking.rank(found, at.trade_date) if len(found) > 1 else found

    @cached_property
    def _sized(self) -> tuple[Sized, ...]:
        """Every candidate with its shares, or the reason why it gets none, in rank order."""
        candidates = [self._candidate(n) for n in self._columns if self._code(n) not in self._barred]
        return tuple(self._allot(self.group.ranking.rank(candidates, self.at.trade_date)))

    def _allot(self, ranked: Iterable[Candidate]) -> Iterator[Sized]:
        at, column = self.at, self.at.view.panel.column
        return allot(
            self.group.sizing,
            ranked,
            self._room,
            lambda c: at.limits(c.code, c.price).upper,
            lambda c, before: self._refusals(column[c.code], before),
            self.conditions.costs.commission(at.trade_date),
        )

    @property
    def _room(self) -> Room:
        """Equity, cash and places; positions sold this morning add cash only with `reuse_sales`."""
        cash = self.book.cash - self.book.reserved
        if self.group.reuse_sales:
            cash += sum(_worst(order, self.at) for order in self._closing)
        return Room(equity(self.book, self.at.view, self.at.row), cash, self._places)

    @property
    def _places(self) -> int:
        """Positions that the group may still open; one sold this morning counts only with `reuse_sales`."""
        lots, orders = self.book.lots, self.book.orders.values()
        taken = len(lots) + len({o.code for o in orders if o.side == "BUY" and o.code not in lots})
        freed = len(self._closing) if self.group.reuse_sales else 0
        return self.group.sizing.max_positions - taken + freed

    @property
    def _closing(self) -> list[OrderPlaced]:
        """The sells that close their positions, whatever percentage they are for."""
        return [order for order in self.sells if order.shares >= self._held(order.code)]

    def _held(self, code: str) -> int:
        """Shares held at the open of the trade date, after a split."""
        return shares_at_open(shares_of(self.book.lots[code]), code, self.at)

    def _code(self, column: int) -> str:
        return self.at.view.panel.codes[column]

    def _shared_candidate(self, column: int) -> Candidate:
        """As `_candidate`, made once for all groups with the same entry that share the view.

        It is only for mornings on which nothing goes ex: on others it would depend on the conditions too.
        """
        at, key = self.at, (self.at.row, column)
        kept: dict[tuple[int, int], Candidate] = at.view.memo(("candidates", self.group.entry_key), dict)
        if key not in kept:
            kept[key] = self._candidate(column)
        return kept[key]

    def _candidate(self, column: int) -> Candidate:
        panel, view, row, code = self.at.view.panel, self.at.view, self.at.row, self._code(column)
        due, opinions = self.at.adjustments_due.get(code, UNCHANGED), self._opinions
        scale = due.factor / panel.forward.item(self.at.panel_row, column)
        return Candidate(
            code=code,
            score=float(opinions.display.item(row, column)),
            confidence=float(opinions.confidence.item(row, column)),
            momentum=view.at("momentum_20", row, column),
            turnover=view.at("turnover_median_20", row, column),
            atr=view.at("atr", row, column) * scale,
            price=self.at.base(code),
            unit=panel.listing(column, self.at.trade_date).unit,
        )

    def _signal(self, column: int) -> Signal:
        code, at, opinions = self._code(column), (self.at.row, column), self._opinions
        sized = self._bought.get(code)
        today = find_order(self.book, code, self.at.trade_date)
        shares = sized.shares if sized else today.shares if today else 0
        return Signal(
            code=code,
            action="BUY",
            score=float(opinions.display[at]),
            confidence=float(opinions.confidence[at]),
            reason=opinions.why(*at),
            rule=self.group.entry.name or type(self.group.entry).__name__,
            price=known(self.at.close(column)),
            opening=self._opening(column),
            shares=shares,
            required=int(self.at.base(code) * shares),
            notes=self._notes.get(code, ()),
        )

    def _order(self, sized: Sized) -> OrderPlaced:
        code, at = sized.candidate.code, self.at
        column = at.view.panel.column[code]
        return _order_placed(
            session=at.trade_date, source=order_source(self.group), group=self.group.id, code=code,
            side="BUY", shares=sized.shares, limit=None, reserve=sized.reserve, fraction_pct=None,
            score=self._opening(column), layer="", evaluated=at.evaluated,
            reason=f"score {sized.candidate.score:g}: {self._opinions.why(at.row, column)}",
        )  # fmt: skip

    def _opening(self, column: int) -> float | None:
        opening = float(self._opinions.opening.item(self.at.row, column))
        return None if math.isnan(opening) else opening


def _worst(order: OrderPlaced, at: MorningView) -> int:
    """The least that a sale brings, in whole yen: its shares at the lower price limit."""
    return int(at.limits(order.code, at.base(order.code)).lower * order.shares)
