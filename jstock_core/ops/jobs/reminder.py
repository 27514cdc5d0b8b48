"""The reminder before the open: what a person has not done yet, or that the report is missing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from jstock_core.base.errors import ExitStatus
from jstock_core.base.progress import Say, silent
from jstock_core.desk.trading.approvals import waiting_approvals
from jstock_core.desk.workspace.desk import Desk
from jstock_core.execution.approvals import waits
from jstock_core.execution.fillers import MANUAL
from jstock_core.market.calendar import OPEN, at
from jstock_core.ops.jobs.morning import follow
from jstock_core.ops.notify.delivery import DeliveryResult, Sleep
from jstock_core.ops.notify.news import reminder_news
from jstock_core.ops.notify.outbox.store import OutboxBusyError, OutboxForbiddenError
from jstock_core.ops.notify.tell import sender_of, tell
from jstock_core.ops.schedule.gate import published_at
from jstock_core.ops.watch.ended import Ended


@dataclass(frozen=True)
class Reminder:
    """What people were reminded of for a trade date, and what became of it; `why` nobody was."""

    trade_date: date
    texts: tuple[str, ...] = ()
    delivery: DeliveryResult = field(default_factory=DeliveryResult)
    why: str = ""

    @property
    def exit(self) -> ExitStatus:
        """Degraded where the reminder did not go out."""
        return self.delivery.exit

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "trade_date": str(self.trade_date),
            "reminded_of": list(self.texts),
            "why_not": self.why,
            "delivery": self.delivery.as_json(),
        }


def find_unresolved(desk: Desk) -> Iterator[str]:
    """Orders of earlier sessions of which nobody has said whether they were filled."""
    today = desk.clock().date()
    for group in desk.journal().book().groups.values():
        for order in group.orders.values():
            if order.session < today and order.source == MANUAL and not waits(order):
                yield (
                    f"{group.id}: say what became of the {order.side} of {order.shares:,} {order.code} on "
                    f"{order.session}: `jstock trade record --date {order.session}`"
                )


def find_waiting_buys(desk: Desk) -> Iterator[str]:
    """Buys of today that nobody has approved yet, while they still can be."""
    today = desk.clock().date()
    for each in waiting_approvals(desk):
        order = each.order
        if order.session == today and not each.is_late:
            yield (
                f"{order.group}: approve the BUY of {order.shares:,} {order.code} until {each.until:%H:%M}, "
                f"or it ends: `jstock trade approve --code {order.code}`"
            )


def find_missing_report(desk: Desk) -> Iterator[str]:
    """The report of today, where it is not published."""
    today = desk.clock().date()
    if published_at(desk, today) is None:
        yield f"the report of {today} is not published: see why, then run `jstock daily`"


REMINDERS: tuple[Callable[[Desk], Iterable[str]], ...] = (
    find_missing_report,
    find_waiting_buys,
    find_unresolved,
)
"""What people are reminded of; each gives sentences with what to do."""


def run_reminder(desk: Desk, say: Say = silent, sleep: Sleep = time.sleep) -> Reminder:
    """Remind of what is to be done before today's open; where it is nothing, send what waits and no more.

    Raises:
        StateError: the journal is damaged; people are told of it.

    """
    started = desk.clock()
    today, error = started.date(), None
    try:
        return _remind(desk, today, sleep)
    except BaseException as failure:
        error = failure
        raise
    finally:
        follow(
            Ended(
                desk=desk, job="reminder", trade_date=today, started=started, finished=desk.clock(),
                error=error,
            ),
            say,
        )  # fmt: skip


def _remind(desk: Desk, today: date, sleep: Sleep) -> Reminder:
    why = _why_not(desk, today)
    texts = () if why else tuple(text for find in REMINDERS for text in find(desk))
    if not texts:
        return Reminder(today, why=why or "nothing is to be done before the open")
    sender = sender_of(desk, sleep)
    if not sender.settings.ways:
        return Reminder(today, texts, why="nobody is to be told: no way is declared in params/desk.yaml")
    try:
        done = tell(
            desk.workspace,
            sender,
            today,
            lambda memory: reminder_news(sender.letterhead(memory.said(today)), today, texts, memory),
        )
    except (OutboxBusyError, OutboxForbiddenError) as error:
        return Reminder(today, texts, DeliveryResult(unrecorded=error.what))
    return Reminder(today, texts, done)


def _why_not(desk: Desk, today: date) -> str:
    """Why nobody is reminded of anything; "" where somebody may be."""
    if desk.historical:
        return "a historical desk waits for nobody"
    opened = desk.clock() >= at(today, OPEN)
    return f"the session of {today} has opened" if opened else ""
