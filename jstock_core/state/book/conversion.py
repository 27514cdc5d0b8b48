"""A split, a consolidation or a change of code, applied to the lots of every group."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import floor

from jstock_core.state.book.account import Account, refusal_error
from jstock_core.state.book.closing import PaidInLieu
from jstock_core.state.book.entries import ShareEntry
from jstock_core.state.book.fractions import Claim, Portion, divide
from jstock_core.state.book.holdings import Move
from jstock_core.state.book.lots import Lot, cost_of, shares_of, split, take_cost
from jstock_core.state.facts.events import CodeMoved, Filled, PositionAdjusted, SplitApplied

Pool = tuple[str, str]
"""An account: how its groups fill, and the type of the broker's account."""


@dataclass
class Conversion:
    """What becomes of a group's lots: the lots after, yen for fractions, and the gain booked on them."""

    group: str
    before: tuple[Lot, ...]
    after: list[Lot] = field(default_factory=list)
    cash: int = 0
    gain: int = 0


def convert(
    accounts: Mapping[str, Account], entry: ShareEntry, later: Sequence[ShareEntry]
) -> tuple[list[PaidInLieu], list[Conversion]]:
    """Apply a split or a change of code. `later` are the entries after it: sales that count on its shares.

    Raises:
        StateError: a fraction of a share is left, and the event has no price for it.

    """
    event = entry.event
    assert isinstance(event, SplitApplied | CodeMoved)
    new_code = event.to if isinstance(event, CodeMoved) else event.code
    done = {
        group: Conversion(group, account.lots[event.code])
        for group, account in sorted(accounts.items())
        if event.code in account.lots
    }
    paid: list[PaidInLieu] = []
    for pool in sorted({lot.pool for conversion in done.values() for lot in conversion.before}):
        own = {group: [lot for lot in item.before if lot.pool == pool] for group, item in done.items()}
        needs = _needs(later, new_code, pool[1], _sole_holders(accounts, own, new_code, event.code))
        claims = {g: Claim(shares_of(lots), needs.get(g, 0)) for g, lots in own.items() if lots}
        division = divide(claims, event.ratio, _price(event, claims))
        if division.fraction:
            paid.append(PaidInLieu(event, pool[1], division.fraction, division.paid))
        for group, share in division.shares.items():
            lots, gain = _convert_lots(own[group], event, share)
            done[group].after += [lot._replace(code=new_code) for lot in lots]
            done[group].cash += share.cash
            done[group].gain += gain
    for group, conversion in done.items():
        _settle(accounts[group], conversion, entry.session, event.code, new_code)
    return paid, list(done.values())


def _settle(account: Account, done: Conversion, session: date, code: str, new_code: str) -> None:
    """Put the new lots and the cash into the account, and note the moves: two where the code is another."""
    account.set_lots(code, ())
    account.set_lots(new_code, tuple(sorted((*account.lots.get(new_code, ()), *done.after), key=_session)))
    account.cash += done.cash
    account.realized += done.gain
    taken, unsold = account.taken.get(code), account.unsold.get(code)
    account.end_position(code)
    if taken is not None and done.after:  # what was done "once per position" stays done until its end
        account.taken = {**account.taken, new_code: taken}
    if unsold is not None and done.after:
        account.unsold = {**account.unsold, new_code: unsold}
    change = shares_of(done.after) - shares_of(done.before)
    if code == new_code:
        account.add_move(Move(session, code, change, done.cash))
    else:
        account.add_move(Move(session, code, -shares_of(done.before), done.cash))
        account.add_move(Move(session, new_code, shares_of(done.after), 0))


def _session(lot: Lot) -> date:
    return lot.session


def _price(event: SplitApplied | CodeMoved, claims: Mapping[str, Claim]) -> Fraction:
    left = [claim.shares * event.ratio % 1 for claim in claims.values()]
    if not any(left):
        return Fraction(0)
    if event.cash_in_lieu_price is None:
        raise refusal_error(
            event, f"it leaves {sum(left)} of a share", "give the price paid in lieu of fractions"
        )
    return Fraction(event.cash_in_lieu_price)


def _convert_lots(
    lots: Sequence[Lot], event: SplitApplied | CodeMoved, share: Portion
) -> tuple[tuple[Lot, ...], int]:
    """A group's lots of an account after it, and the gain booked on a fraction that was given up.

    A fraction given up is a sale: it takes floor(cost x fraction / exact shares) along. A fraction bought
    adds what it cost.
    """
    exact = shares_of(lots) * event.ratio
    if share.fraction > 0:
        cost = floor(cost_of(lots) * share.fraction / exact)
        return split(take_cost(lots, cost), event.ratio), share.cash - cost
    extra = 1 if share.fraction < 0 else 0
    new = split(lots, event.ratio, extra)
    if extra:
        new = (*new[:-1], new[-1]._replace(cost=new[-1].cost - share.cash))
    return new, 0


def _sole_holders(
    accounts: Mapping[str, Account], own: Mapping[str, Sequence[Lot]], new_code: str, code: str
) -> frozenset[str]:
    """The groups that hold these lots and no other shares of either code."""
    return frozenset(
        group
        for group, lots in own.items()
        if len(lots) == len(accounts[group].lots[code])
        and (new_code == code or new_code not in accounts[group].lots)
    )


def _needs(later: Iterable[ShareEntry], code: str, account: str, groups: Collection[str]) -> dict[str, int]:
    """How many shares each group's later sales need that its later purchases don't bring, until the next.

    Of groups that hold other shares too it cannot be said, and it is left out.
    """
    sold: dict[str, int] = {}
    needed: dict[str, int] = {}
    for entry in later:
        event = entry.event
        if isinstance(event, SplitApplied | CodeMoved):
            break
        if not isinstance(event, Filled | PositionAdjusted):
            continue
        out = _shares_out(event, account)
        if event.code == code and entry.group in groups:
            sold[entry.group] = sold.get(entry.group, 0) + out
            needed[entry.group] = max(needed.get(entry.group, 0), sold[entry.group])
    return needed


def _shares_out(event: Filled | PositionAdjusted, account: str) -> int:
    """Shares that leave an account, less what comes in; a sale from another type of account takes none."""
    if isinstance(event, PositionAdjusted):
        return -event.difference
    if event.side == "BUY":
        return -event.shares
    return event.shares if event.account in ("", account) else 0
