"""Apply a split, a consolidation or a change of code to the lots of every group."""

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
"""An account whose fractions are added up: how its groups fill, and the type of the broker's account."""


@dataclass
class Conversion:
    """What becomes of a group's lots: the lots after, the yen paid for fractions, and the gain on those."""

    group: str
    before: tuple[Lot, ...]
    after: list[Lot] = field(default_factory=list)
    cash: int = 0
    gain: int = 0


def convert(
    accounts: Mapping[str, Account], entry: ShareEntry, later: Sequence[ShareEntry]
) -> tuple[list[PaidInLieu], list[Conversion]]:
    """Apply a split or a change of code; `later` are the entries after it, whose sales may need its shares.

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
    """Put the new lots and cash into the account and note the move; one for each code if it changes."""
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
    """A group's lots in one account after the event, and the gain in yen on a fraction that was given up.

    A fraction given up counts as a sale and takes floor(cost x fraction / exact shares) of the cost with it.
    A fraction bought adds what it cost.
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
    """The groups that hold no shares of either code but these lots."""
    return frozenset(
        group
        for group, lots in own.items()
        if len(lots) == len(accounts[group].lots[code])
        and (new_code == code or new_code not in accounts[group].lots)
    )


def _needs(later: Iterable[ShareEntry], code: str, account: str, groups: Collection[str]) -> dict[str, int]:
    """The shares that each group's later sales need beyond its later purchases, up to the next split.

    Only for `groups`: where a group holds other shares too, its need is unknown and left out.
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
    """Shares that leave an account less those that enter it; sales from other accounts take none."""
    if isinstance(event, PositionAdjusted):
        return -event.difference
    if event.side == "BUY":
        return -event.shares
    return event.shares if event.account in ("", account) else 0
