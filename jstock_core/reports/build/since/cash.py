"""Cash then and now, and what moved it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jstock_core.reports.build.facts import Facts
from jstock_core.reports.build.since.earlier import EarlierMorning
from jstock_core.reports.model.decisions.since import CashChange, CashMove
from jstock_core.state.accounts.movements import cash_change
from jstock_core.state.facts.events import (
    CashAdjusted,
    Deposit,
    Dividend,
    Event,
    Fee,
    Filled,
    GroupEvent,
    Withdrawal,
)


def find_moves(facts: Facts, recent: Sequence[Event]) -> tuple[CashMove, ...]:
    """What came in and went out other than by trades, as it was recorded; the fees of a group as one."""
    moves = [_move(facts, event) for event in recent if _moves_cash(event) and not isinstance(event, Fee)]
    return (*moves, *_fees(recent))


def _moves_cash(event: Event) -> bool:
    return isinstance(event, Deposit | Withdrawal | Dividend | Fee | CashAdjusted)


def _move(facts: Facts, event: Event) -> CashMove:
    assert isinstance(event, Deposit | Withdrawal | Dividend | CashAdjusted)
    code = event.code if isinstance(event, Dividend) else ""
    return CashMove(
        session=event.session,
        kind=event.name,
        group=event.group,
        code=code,
        name=facts.listing(code).name if code else "",
        amount=cash_change(event) or 0,
        reason=event.reason,
    )


def _fees(recent: Sequence[Event]) -> Iterator[CashMove]:
    fees = [event for event in recent if isinstance(event, Fee)]
    for group in sorted({fee.group for fee in fees}):
        own = [fee for fee in fees if fee.group == group]
        yield CashMove(
            session=max(fee.session for fee in own),
            kind=Fee.name,
            group=group,
            code="",
            name="",
            amount=-sum(fee.amount for fee in own),
            reason="; ".join(dict.fromkeys(fee.reason for fee in own if fee.reason)),
        )


def find_cash(facts: Facts, earlier: EarlierMorning) -> tuple[CashChange, ...]:
    """The cash of each group then and now."""
    return tuple(_cash(facts, earlier, group) for group in sorted(facts.book.groups))


def _cash(facts: Facts, earlier: EarlierMorning, group: str) -> CashChange:
    own = [e for e in earlier.recent if isinstance(e, GroupEvent) and e.group == group]
    trades = [e for e in own if isinstance(e, Filled)]
    then = earlier.book.groups.get(group)
    return CashChange(
        group=group,
        name=facts.group_name(group),
        then=0 if then is None else then.cash,
        now=facts.book.groups[group].cash,
        sold=sum(cash_change(e) or 0 for e in trades if e.side == "SELL"),
        bought=sum(cash_change(e) or 0 for e in trades if e.side == "BUY"),
        dividends=_total(own, Dividend),
        fees=_total(own, Fee),
        deposited=_total(own, Deposit, Withdrawal),
        adjusted=_total(own, CashAdjusted),
    )


def _total(events: Sequence[Event], *kinds: type[Event]) -> int:
    return sum(cash_change(event) or 0 for event in events if isinstance(event, kinds))
