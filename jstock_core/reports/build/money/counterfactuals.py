"""What each filter, protection and exit layer saved or cost: how stocks went on after it had its way.

A filter or protection that refused a BUY is held against the way from the opening price that the order would
have met to the close 20 sessions later; an exit layer against the way from the price of its sale. What fell
afterwards was saved. It is the same journal that the desk lived, so nothing is simulated anew, and what else
would have been done with the money is not asked.

What is in shadow mode was not applied: its cases are the BUYs that it would have refused.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from math import isfinite
from statistics import fmean

from jstock_core.decide import PAUSE, read_signals, read_skipped
from jstock_core.execution.slippage import opening_of
from jstock_core.market.bars.closes import last_close
from jstock_core.market.panel import Panel
from jstock_core.market.prices import percent_change
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.model.money.curves import JudgedMonth
from jstock_core.reports.model.money.review import Counterfactual
from jstock_core.signals.language.refusal import Refusal
from jstock_core.state.book.gains import closed_lots
from jstock_core.state.facts.events import Decided, Event

HORIZON = 20
"""Sessions after which a decision is judged."""


@dataclass(frozen=True)
class _Case:
    """One time that a rule had its way; the change of the stock and of TOPIX after it, None if not known yet.

    `yen` is what the change was worth on the shares sold, None where none were held.
    """

    change_pct: float | None
    topix_pct: float | None
    yen: int | None = None


def build_counterfactuals(
    facts: Iterable[Event], panel: Panel, sessions: Collection[date] | None = None
) -> tuple[Counterfactual, ...]:
    """Every rule that had its way at least once, in the order of kinds and names; `facts` are all so far.

    Of `sessions` alone, the trade dates on which a rule had its way, where they are given.
    """
    events = tuple(facts)
    cases: dict[tuple[str, str, str], list[_Case]] = defaultdict(list)
    for key, case in (*_exits(events, panel, sessions), *_refusals(events, panel, sessions)):
        cases[key].append(case)
    return tuple(_summary(key, found) for key, found in sorted(cases.items()))


def build_judged_month(facts: Facts) -> JudgedMonth | None:
    """On the first trade date of a month what came to be judged in the month of D; None on any other.

    A case is judged `HORIZON` sessions after the rule had its way, so that each counts in one month.
    """
    day, trade_date = facts.evaluated, facts.trade_date
    if (day.year, day.month) == (trade_date.year, trade_date.month):
        return None
    dates = facts.panel.dates
    sessions = {
        dates[row - HORIZON]
        for row in range(HORIZON, facts.panel_row + 1)
        if (dates[row].year, dates[row].month) == (day.year, day.month)
    }
    rules = build_counterfactuals(facts.events, facts.panel, sessions)
    return JudgedMonth(year=day.year, month=day.month, rules=rules)


def _summary(key: tuple[str, str, str], cases: list[_Case]) -> Counterfactual:
    kind, rule, mode = key
    changes = [case.change_pct for case in cases if case.change_pct is not None]
    ahead = [
        case.change_pct - case.topix_pct
        for case in cases
        if case.change_pct is not None and case.topix_pct is not None
    ]
    yen = [-case.yen for case in cases if case.yen is not None]
    return Counterfactual(
        kind=kind,
        rule=rule,
        mode=mode,
        cases=len(cases),
        judged=len(changes),
        change_pct=fmean(changes) if changes else None,
        excess_pct=fmean(ahead) if ahead else None,
        saved=sum(yen) if yen else None,
    )


def _exits(
    events: tuple[Event, ...], panel: Panel, sessions: Collection[date] | None
) -> Iterator[tuple[tuple[str, str, str], _Case]]:
    for lot in closed_lots(events):
        if lot.layer and (sessions is None or lot.closed in sessions):
            price = lot.proceeds / lot.shares
            change = _change(panel, lot.code, _row(panel, lot.closed), price)
            yen = None if change is None else round(lot.proceeds * change / 100)
            yield ("exit", lot.layer, ""), _Case(change, _topix(panel, _row(panel, lot.closed)), yen)


def _refusals(
    events: tuple[Event, ...], panel: Panel, sessions: Collection[date] | None
) -> Iterator[tuple[tuple[str, str, str], _Case]]:
    """BUYs that a filter or protection refused, each rule once a decision and stock; newest revisions."""
    newest = {(event.session, event.group): event for event in events if isinstance(event, Decided)}
    for decided in newest.values():
        if sessions is not None and decided.session not in sessions:
            continue
        row = _row(panel, decided.session)
        for code, kind, rule, mode in sorted({_key(*found) for found in _refused(decided)}):
            opening = opening_of(panel, decided.session, code)
            change = None if opening is None else _change(panel, code, row, opening)
            yield (kind, rule, mode), _Case(change, _topix(panel, row))


def _key(code: str, refusal: Refusal) -> tuple[str, str, str, str]:
    return code, refusal.kind, refusal.rule, refusal.mode


def _refused(decided: Decided) -> Iterator[tuple[str, Refusal]]:
    """Each BUY of a decision with each rule that refused it, or would have; a pause refuses them all."""
    buys = [signal for signal in read_signals(decided) if signal.is_buy]
    for skipped in read_skipped(decided):
        codes = [buy.code for buy in buys] if skipped.action == PAUSE else [skipped.code]
        if skipped.action in ("BUY", PAUSE):
            yield from ((code, refusal) for refusal in skipped.refusals if refusal.rule for code in codes)
    for buy in buys:
        yield from ((buy.code, refusal) for refusal in buy.notes if refusal.rule)


def _row(panel: Panel, session: date) -> int:
    return bisect_left(panel.dates, session)


def _change(panel: Panel, code: str, row: int, price: float) -> float | None:
    """Percent from a price in yen of the session in `row` to the close `HORIZON` sessions later."""
    column, later = panel.column.get(code), row + HORIZON
    if column is None or later >= len(panel.dates):
        return None
    carried = panel.forward.item(later, column) / panel.forward.item(row, column)
    end = last_close(panel, later, column) * carried
    return percent_change(end, price) if isfinite(end) and price > 0 else None


def _topix(panel: Panel, row: int) -> float | None:
    """TOPIX from the close before the session in `row` to `HORIZON` sessions later, in percent."""
    later = row + HORIZON
    if row < 1 or later >= len(panel.dates):
        return None
    start, end = panel.topix.item(row - 1), panel.topix.item(later)
    return percent_change(end, start) if isfinite(start) and isfinite(end) else None
