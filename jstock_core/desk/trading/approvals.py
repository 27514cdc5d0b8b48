"""`jstock trade approve`: a person approves buys before the open. Sells need no approval."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from jstock_core.base.clock import JST
from jstock_core.base.errors import UsageError
from jstock_core.base.words import plural
from jstock_core.desk.day.orders.approval import waiting_orders
from jstock_core.desk.workspace.author import check_author
from jstock_core.desk.workspace.dates import parse_date
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.names import unknown
from jstock_core.execution.fillers import MANUAL, order_filler
from jstock_core.execution.netting import BrokerTicket, net
from jstock_core.state.book.book import Book
from jstock_core.state.facts.events import Approved, OrderPlaced


@dataclass(frozen=True)
class WaitingApproval:
    """A buy that waits for approval `until` a time; `is_late` where that has passed."""

    order: OrderPlaced
    until: datetime
    is_late: bool

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "id": self.order.id,
            "session": str(self.order.session),
            "group": self.order.group,
            "code": self.order.code,
            "shares": self.order.shares,
            "filled_by": order_filler(self.order.source),
            "until": f"{self.until:%Y-%m-%dT%H:%M}",
            "late": self.is_late,
        }


@dataclass(frozen=True)
class ApprovedOrders:
    """The ids of orders approved now and before, the buys that still wait, and the tickets to place."""

    approved: tuple[str, ...]
    already: tuple[str, ...]
    waiting: tuple[WaitingApproval, ...]
    place: tuple[BrokerTicket, ...]

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "approved": list(self.approved),
            "already": list(self.already),
            "waiting": [each.as_json() for each in self.waiting],
            "place": [
                {"id": t.id, "session": str(t.session), "code": t.code, "side": t.side, "shares": t.shares}
                for t in self.place
            ],
        }


def waiting_approvals(desk: Desk) -> tuple[WaitingApproval, ...]:
    """The buys that wait for a person's approval; those that are late are not bought any more.

    Raises:
        StateError: the journal is damaged.

    """
    return _waiting(desk, desk.journal().book())


def _waiting(desk: Desk, book: Book) -> tuple[WaitingApproval, ...]:
    made = []
    for order in waiting_orders(book):
        until = datetime.fromisoformat(order.approve_until).replace(tzinfo=JST)
        made.append(WaitingApproval(order, until, desk.now() >= until))
    return tuple(made)


def approve_orders(
    desk: Desk, *, group: str = "", code: str = "", every: bool = False, date: str = "", by: str = ""
) -> ApprovedOrders:
    """Approve the buys that wait: of a group, of a code, or all. Approving again changes nothing.

    Raises:
        UsageError: it is not said which, none of that name waits, or it is too late; nothing is recorded.

    """
    if not (group or code or every):
        raise UsageError("no buys are named to approve", do="name a group or a code, or approve all")
    author = check_author(by, "by") if by else ""
    session = desk.calendar.session(parse_date(date)) if date else None
    with desk.writing("an approval") as journal:
        events, book = journal.events(), journal.book()
        open_ = {order.id for each in book.groups.values() for order in each.orders.values()}
        done = [e for e in events if isinstance(e, Approved) and e.order_id in open_]
        waiting = [each for each in _waiting(desk, book) if _is_named(each.order, group, code, session)]
        already = [event for event in done if _is_named(event, group, code, session)]
        if not waiting and not already and not every:
            waits: list[OrderPlaced | Approved] = [*waiting_orders(book), *done]
            known = sorted({name for each in waits for name in (each.group, each.code)})
            raise unknown("buy that waits for approval", code or group, known)
        _refuse_late(waiting)
        added = journal.append(tuple(_approval(each.order, author) for each in waiting))
        after = journal.book()
    names = {event.order_id for event in added if isinstance(event, Approved)}
    return ApprovedOrders(
        tuple(sorted(names)),
        tuple(sorted(event.order_id for event in already)),
        _waiting(desk, after),
        _placed(after, names),
    )


def _is_named(found: OrderPlaced | Approved, group: str, code: str, session: date | None) -> bool:
    return group in ("", found.group) and code in ("", found.code) and session in (None, found.session)


def _refuse_late(waiting: Iterable[WaitingApproval]) -> None:
    """Refuse all of them where the time to approve one has passed.

    Raises:
        UsageError: the time of one has passed.

    """
    late = [each for each in waiting if each.is_late]
    if late:
        raise UsageError(
            f"too late: {plural(len(late), 'buy')} could be approved until {late[0].until:%Y-%m-%d %H:%M}",
            where="\n".join(each.order.id for each in late),
            do="they are not bought; the next morning decides again. Nothing was recorded",
        )


def _approval(order: OrderPlaced, author: str) -> Approved:
    return Approved(
        session=order.session, source=MANUAL, by=author, group=order.group, code=order.code, order_id=order.id
    )


def _placed(book: Book, names: set[str]) -> tuple[BrokerTicket, ...]:
    """What a person places for the orders of those ids, with others of their codes."""
    tickets = net(order for each in book.groups.values() for order in each.orders.values())
    return tuple(t for t in tickets if t.filler == "you" and names & set(t.order_ids))
