"""What is placed for the orders of a morning: the orders of all groups netted by code."""

from __future__ import annotations

from dataclasses import dataclass

from jstock_core.execution.netting import BrokerTicket
from jstock_core.reports.model.report import Report
from jstock_core.reports.model.sections import Ticket

_ROTATION = "rotation"


@dataclass(frozen=True, kw_only=True)
class Placement:
    """What a person gives the broker, or the paper broker nets, for `tickets`: the orders of all groups.

    `side` is "" and `shares` 0 where the orders cross completely; `crossed` shares change hands inside the
    desk. `kind`, `limit` and the day's limits `lower` and `upper` are those of every ticket, `estimate` is
    `shares` at D's close. `filled_by` is "you" or "paper", `rotation` what a cash account may refuse of it.
    """

    code: str
    name: str
    side: str
    shares: int
    crossed: int
    kind: str
    limit: float | None
    lower: float | None
    upper: float | None
    estimate: int | None
    filled_by: str
    tickets: tuple[Ticket, ...]
    rotation: str = ""


def placements(report: Report) -> tuple[Placement, ...]:
    """What is to be placed for the orders that are still open: by a person first, sells before buys."""
    tickets = {ticket.id: ticket for ticket in report.execution.tickets}
    warnings = {alert.subject: alert.text for alert in report.alerts if alert.kind == _ROTATION}
    made = [_placement(placed, tickets, warnings.get(placed.code, "")) for placed in report.execution.broker]
    return tuple(sorted(made, key=lambda placement: placement.filled_by != "you"))


def _placement(placed: BrokerTicket, tickets: dict[str, Ticket], rotation: str) -> Placement:
    own = tuple(tickets[order] for order in placed.order_ids)
    first = own[0]
    return Placement(
        code=placed.code,
        name=first.name,
        side=placed.side or "",
        shares=placed.shares,
        crossed=placed.crossed,
        kind=first.kind,
        limit=first.limit,
        lower=first.lower,
        upper=first.upper,
        estimate=None if first.estimate is None else round(first.estimate / first.shares * placed.shares),
        filled_by=placed.filler,
        tickets=own,
        rotation=rotation if placed.crossed else "",
    )


def unplaced(report: Report) -> tuple[Ticket, ...]:
    """The orders of the morning that are not to be placed: done, cancelled, late, or due to be recorded."""
    placed = {order for ticket in report.execution.broker for order in ticket.order_ids}
    return tuple(ticket for ticket in report.execution.tickets if ticket.id not in placed)
