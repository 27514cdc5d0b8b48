"""`jstock halt` and `jstock resume`: the kill switch for buys, of the desk or of a group. Sells always go on.

A halt counts from the next decision on, and takes back the buys of a decision whose session has not opened.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jstock_core.base.errors import StateError, UsageError
from jstock_core.desk.day.again.revise import revision_end
from jstock_core.desk.day.alerts.halt_alerts import halts_json
from jstock_core.desk.recording.csv_file import HOLDINGS, HoldingSheet, parse_holdings
from jstock_core.desk.recording.fill_check import FillCheck
from jstock_core.desk.recording.sheet import read_sheet
from jstock_core.desk.trading.cash import session_to_record
from jstock_core.desk.trading.holdings import HoldingsComparison
from jstock_core.desk.workspace.author import check_author
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.names import unknown
from jstock_core.execution.approvals import waits
from jstock_core.execution.fillers import LATE, MANUAL, order_filler
from jstock_core.execution.paper import unknown_orders
from jstock_core.market.calendar import OPEN, at
from jstock_core.state.book.book import Book, Halt
from jstock_core.state.facts.events import HALT, Event, Halted, OrderCancelled, OrderPlaced, Resumed

LONGEST_REASON = 200
"""Characters: a reason stands in every report until the halt ends."""


@dataclass(frozen=True)
class HaltChange:
    """What a halt or its end changed; `recorded` are the ids of its facts, none where it was so already.

    `withdrawn` are the buys that were taken back. `by_hand` are those of them, and buys of sessions that have
    opened, that a person may have given to the broker; `halts` what is in force afterwards,
    `can_revise` whether the decision of the next trade date is made and may still be revised.
    """

    scope: str
    recorded: tuple[str, ...]
    withdrawn: tuple[OrderPlaced, ...]
    by_hand: tuple[OrderPlaced, ...]
    halts: tuple[tuple[str, Halt], ...]
    can_revise: bool = False

    @property
    def advice(self) -> tuple[str, ...]:
        """What a person has to do, a sentence for each order."""
        return tuple(self._advice())

    def _advice(self) -> Iterator[str]:
        for order in self.by_hand:
            what = f"{order.group} BUY {order.shares:,} {order.code} of {order.session}"
            record = f"`jstock trade record --date {order.session}`"
            if order in self.withdrawn:
                yield f"cancel it at the broker where you placed it: {what}; if it is filled, use {record}"
            else:
                yield f"its session has opened: {what}; cancel what is not filled, then use {record}"

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "group": self.scope,
            "recorded": list(self.recorded),
            "withdrawn": [_order_json(order) for order in self.withdrawn],
            "by_hand": [_order_json(order) for order in self.by_hand],
            "advice": list(self.advice),
            "halted": halts_json(dict(self.halts)),
        }


def _order_json(order: OrderPlaced) -> dict[str, Any]:
    return {
        "id": order.id,
        "session": str(order.session),
        "group": order.group,
        "code": order.code,
        "shares": order.shares,
        "filled_by": order_filler(order.source),
    }


def halt_buys(desk: Desk, *, reason: str, group: str = "", by: str = "") -> HaltChange:
    """Stop all buys, or those of a group, from now on; take back those that have not met the open.

    It may be repeated; `by` is who records it. A buy of a session that has opened is left: what became of it
    is the broker's to say.

    Raises:
        UsageError: no reason, no such group, or a new desk that has decided nothing yet.

    """
    why = _read_reason(reason)
    with desk.writing("a halt") as journal:
        book = journal.book()
        _require_group(book, group)
        if not book.seq and desk.provider.capabilities.seeds_history:
            raise UsageError("the desk has decided nothing yet", do="run `jstock daily` first, then halt it")
        halt = _next_fact(Halted, desk, group, why, journal.history(), by=_author(by))
        known = book.halts.get(group)
        orders = [order for order in _open_buys(book, group) if order.source != LATE]
        early = tuple(order for order in orders if desk.now() < at(order.session, OPEN))
        added = journal.append((*([] if known else [halt]), *(_withdrawal(order, why) for order in early)))
        after = journal.book()
    by_hand = tuple(order for order in orders if order.source == MANUAL and not waits(order))
    ids = tuple(event.id for event in added)
    return HaltChange(group, ids, early, by_hand, tuple(sorted(after.halts.items())))


def resume_buys(desk: Desk, *, reason: str, group: str = "", positions: str = "", by: str = "") -> HaltChange:
    """End a halt; refused while the outcome of an order is unknown or holdings differ from the broker's.

    Groups that a person fills are compared with the broker's list of holdings, the CSV `positions`. `by` is
    who records it.

    Raises:
        UsageError: no reason, no such halt, or the broker's list is not given or cannot be read.
        StateError: an order is unresolved, or the broker holds other shares.

    """
    why = _read_reason(reason)
    with desk.writing("the end of a halt") as journal:
        book, events = journal.book(), journal.events()
        _require_halted(book, group)
        _refuse_unresolved(desk, book, group)
        compared = _compare_holdings(desk, events, group, positions)
        resumed = _next_fact(Resumed, desk, group, why, journal.history(), by=_author(by), positions=compared)
        added = journal.append((resumed,))
        after = journal.book()
    ids = tuple(event.id for event in added)
    halts = tuple(sorted(after.halts.items()))
    return HaltChange(group, ids, (), (), halts, can_revise=_can_revise(desk, after))


def _can_revise(desk: Desk, book: Book) -> bool:
    """Whether the next trade date is decided, and there is time left to revise that."""
    trade_date = desk.next_trade_date
    decided = any(each.session == trade_date for each in book.decided.values())
    return decided and desk.now() < revision_end(desk, trade_date)


def _author(by: str) -> str:
    return check_author(by, "by") if by else ""


def _read_reason(text: str) -> str:
    reason = " ".join(text.split())
    if not reason or len(reason) > LONGEST_REASON:
        raise UsageError(
            "a reason must be given" if not reason else f"the reason is longer than {LONGEST_REASON} letters",
            where="reason",
            do="say in one sentence why; it stands in every report",
        )
    return reason


def _require_group(book: Book, group: str) -> None:
    if group and group not in book.groups:
        known = sorted(book.groups)
        raise unknown("group", group, known, where="the groups that have cash in the journal")


def _next_fact(
    kind: type[Halted | Resumed], desk: Desk, group: str, reason: str, history: Sequence[Event], **more: str
) -> Halted | Resumed:
    """The fact, numbered among those of its session and group."""
    session, used = session_to_record(desk), {event.id for event in history}
    at_ = f"{desk.now():%Y-%m-%dT%H:%M}"
    facts = (
        kind(session=session, source=MANUAL, scope=group, at=at_, reason=reason, ordinal=n, **more)
        for n in range(len(used) + 1)
    )
    return next(fact for fact in facts if fact.id not in used)


def _open_buys(book: Book, group: str) -> list[OrderPlaced]:
    own = [book.groups[group]] if group else [book.groups[name] for name in sorted(book.groups)]
    return [order for each in own for order in each.orders.values() if order.side == "BUY"]


def _withdrawal(order: OrderPlaced, reason: str) -> OrderCancelled:
    return OrderCancelled(
        session=order.session, source=HALT, group=order.group, code=order.code, side=order.side,
        order_id=order.id, reason=f"halted: {reason}",
    )  # fmt: skip


# --- before buys go on ------------------------------------------------------------------------------------


def _require_halted(book: Book, group: str) -> None:
    """Make sure that the halt to be ended is in force.

    Raises:
        UsageError: there is none.

    """
    _require_group(book, group)
    if group in book.halts:
        return
    others = ", ".join(f"group {scope}" if scope else "all groups" for scope in sorted(book.halts))
    raise UsageError(
        f"{group or 'the desk'} is not halted",
        where=f"halted: {others or 'nothing'}",
        do="name no group for the halt of all groups, or the group that is halted",
    )


def _refuse_unresolved(desk: Desk, book: Book, group: str) -> None:
    """Refuse while the outcome of an order is unknown.

    Raises:
        StateError: an order of a session that has opened is open still and a person fills it, or the paper
            broker could not trust its bar.

    """
    open_ = [order for each in book.groups.values() for order in each.orders.values()]
    placed = (order for order in open_ if order.source == MANUAL and not waits(order))
    late = [order for order in placed if desk.now() >= at(order.session, OPEN)]
    found = [order for order in (*late, *unknown_orders(book)) if group in ("", order.group)]
    if found:
        dates = sorted({order.session for order in found if order.source == MANUAL})
        by_hand = "; ".join(f"`jstock trade record --date {day}`" for day in dates)
        paper = "mend the bars that cannot be trusted, and run `jstock daily`"
        raise StateError(
            f"not resumed: it is not known what became of {len(found)} orders",
            where="\n".join(order.id for order in found),
            do=by_hand or paper,
        )


def _compare_holdings(desk: Desk, events: Sequence[Event], group: str, positions: str) -> str:
    """Compare what is held with the broker's list; the list's source, "" where none is needed or given.

    Raises:
        UsageError: a list is needed, or cannot be read.
        StateError: the broker holds other shares.

    """
    manual = [each.id for each in desk.groups if each.fills == MANUAL and group in ("", each.id)]
    if not positions:
        if manual:
            raise UsageError(
                f"not resumed: what {', '.join(manual)} holds is not compared with the broker's list",
                do="export your holdings at the broker and give the file: "
                "`jstock resume --reason TEXT --positions FILE`",
            )
        return ""
    sheet: HoldingSheet = parse_holdings(read_sheet(Path(positions), desk.settings.csv_columns, HOLDINGS))
    check = FillCheck.of(desk.panel(), desk.now())
    differences = HoldingsComparison.of(desk, sheet, check, as_of=None).differences(events)
    if differences:
        raise StateError(
            f"not resumed: the broker holds other shares of {len(differences)} codes",
            where="\n".join(f"{d.code}: the desk {d.desk:,}, the broker {d.broker:,}" for d in differences),
            do="record what is missing with `jstock trade record`, or adjust it with "
            f"`jstock trade reconcile --positions {Path(positions).name} --adjust TEXT`, and resume again",
        )
    return sheet.source
