"""The states that a morning page is looked at in: each a report, and the words it is shown with.

They come from one simulated desk, two groups after 60 sessions, and are made others by changing its values.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from jstock_core import testing
from jstock_core.base.alerts import Alert, DayStatus, Severity
from jstock_core.base.intent import Intent
from jstock_core.desk.day.day import run_day
from jstock_core.execution.netting import net
from jstock_core.reports.build.report import build_report
from jstock_core.reports.model.codec import report_from_json, report_json
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.parts.words import ENGLISH, Words
from tests.reports import hand_made, mornings

DAY = "2026-01-16"
"""A morning with two sales and two purchases, after a fill of the day before."""
LONG_NAME = "三菱ユナイテッド・ホスピタリティ・アンド・エンターテインメント・ホールディングス投資法人"


@dataclass(frozen=True)
class State:
    """A state of the page by its name."""

    name: str
    report: Report
    words: Words = ENGLISH


@cache
def ordinary() -> Report:
    """The morning that the others are made of."""
    with tempfile.TemporaryDirectory() as folder:
        desk = testing.desk(Path(folder) / "desk", now=f"{DAY}T07:00", history_sessions=60)
        report = run_day(desk, DAY, Intent.SHOW_AGAIN).report
    return replace(report, header=replace(report.header, intent=Intent.JOURNAL))


def changed(report: Report, change: Callable[[dict[str, Any]], Any]) -> Report:
    """The report with its JSON changed: `change` is given every object in it."""

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: walk(inner) for key, inner in (change(dict(value)) or value).items()}
        return [walk(inner) for inner in value] if isinstance(value, list) else value

    return report_from_json(json.dumps(walk(json.loads(report_json(report)))))


def named(report: Report, name: str) -> Report:
    """All stocks with one name."""
    return changed(report, lambda found: found | {"name": name} if {"code", "name"} <= set(found) else found)


def by_hand(report: Report) -> Report:
    """A desk whose orders a person fills."""

    def fill(found: dict[str, Any]) -> dict[str, Any]:
        mine = {"filled_by": "you"} if "filled_by" in found else {}
        return found | mine | ({"source": "manual"} if found.get("source") == "paper" else {})

    return changed(report, fill)


def unresolved(code: str) -> Alert:
    return Alert(
        "unresolved_order", Severity.ALERT, code,
        f"conservative: the BUY of {code} on 2026-01-15 has neither a fill nor a quantity of 0 recorded",
        "run `jstock trade record --date 2026-01-15` and type the shares and the price that your broker "
        "reports, or 0",
    )  # fmt: skip


def degraded(report: Report, *alerts: Alert) -> Report:
    header = replace(report.header, status=DayStatus.DEGRADED)
    return replace(report, header=header, alerts=alerts)


def without_orders(report: Report) -> Report:
    return replace(report, execution=replace(report.execution, tickets=(), broker=()))


def many_positions(report: Report, number: int = 40) -> Report:
    held = report.portfolio.held
    more = tuple(replace(held[n % len(held)], code=str(1300 + n)) for n in range(number))
    return replace(report, portfolio=replace(report.portfolio, held=more))


def many_orders(report: Report, number: int = 14) -> Report:
    """The first purchase, in many stocks."""
    bought = next(ticket for ticket in report.execution.tickets if ticket.side == "BUY")
    placed = next(ticket for ticket in report.execution.broker if ticket.side == "BUY").orders[0]
    orders = [replace(placed, code=str(1300 + n)) for n in range(number)]
    tickets = tuple(replace(bought, id=order.id, code=order.code) for order in orders)
    return replace(report, execution=replace(report.execution, tickets=tickets, broker=net(orders)))


ALERTS = (
    Alert("blocked", Severity.ALERT, "9984",
          "9984 is blocked: a price lies beyond every limit the session can have had",
          "compare with the exchange's prices and limits; correct it at the source and import again; "
          "if it is true: `jstock data confirm 9984 2026-01-15`"),
    Alert("negative_cash", Severity.ALERT, "aggressive", "aggressive: cash is ¥-12,400, below zero",
          "compare it with the broker's, then run `jstock trade cash set aggressive YEN --reason TEXT`"),
    Alert("missed_morning", Severity.WARNING, "desk", "No decision was made on 1 morning (2026-01-14): "
          "a missed morning is never traded later"),
    Alert("late_data", Severity.WARNING, "flows",
          "Decided although investor flows are late (the week to 2026-01-09 is due, the newest is that to "
          "2025-12-30)",
          "when the vendor has published it, run `jstock daily` again (it fetches) or import newer files"),
    Alert("rotation", Severity.WARNING, "1060",
          "1060 is sold by conservative and bought by aggressive: place neither, 200 shares change hands "
          "inside the desk at the open. A cash account may refuse both on one day (差金決済)"),
    Alert("wound_down", Severity.INFO, "aggressive", "aggressive is wound down and holds nothing",
          "remove its file"),
)  # fmt: skip

JAPANESE = Words(language="ja", gain_colour="red")


def crossing() -> Report:
    """Two groups trade one stock with each other, one places a limit, one on paper, one too late."""
    placed = (
        mornings.order("core", "7203", "SELL", 200, source="manual"),
        mornings.order("alpha", "7203", "BUY", 100, source="manual"),
        mornings.order("core", "6758", "BUY", 300, source="manual", limit=Decimal(985)),
        mornings.order("alpha", "9984", "SELL", 100),
        mornings.order("alpha", "6758", "BUY", 100, source="late"),
    )
    rotation = Alert("rotation", Severity.WARNING, "7203", "7203 is sold by core and bought by alpha")
    decisions = (mornings.decided(name, mornings.T) for name in ("core", "alpha"))
    return mornings.report([*decisions, *placed], alerts=[rotation])


def new_month(report: Report) -> Report:
    """The first trade date of a month, on which rules are judged by the month before."""
    judged = build_report(hand_made.morning(date(2026, 1, 5)), DayStatus.COMPLETE, ()).performance.judged
    return replace(report, performance=replace(report.performance, judged=judged))


def states() -> Mapping[str, State]:
    """All states by name."""
    day = ordinary()
    made = (
        State("ordinary", day),
        State("japanese", day, JAPANESE),
        State("no_orders", without_orders(day)),
        State("degraded", degraded(day, *ALERTS)),
        State("manual", degraded(by_hand(day), *(unresolved(code) for code in ("7203", "6758", "9984")))),
        State("many_orders", degraded(many_orders(day), *ALERTS)),
        State("forty", many_positions(day)),
        State("long_names", named(by_hand(day), LONG_NAME), JAPANESE),
        State("hostile", named(day, mornings.EVIL)),
        State("crossing", crossing()),
        State("first", mornings.quiet()),
        State("rehearsal", replace(day, header=replace(day.header, intent=Intent.REHEARSE))),
        State("new_month", new_month(day), JAPANESE),
    )
    return {state.name: state for state in made}
