"""`jstock trade pnl`: what a session won or lost, lot by lot, or a span session by session. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from jstock_core.base.errors import UsageError
from jstock_core.desk.trading.portfolio.pnl_measures import SettledPast, measure_session, measure_span
from jstock_core.desk.trading.portfolio.pnl_results import SessionPnl, SpanPnl
from jstock_core.desk.workspace.dates import parse_date, require_order
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.required import require_desk
from jstock_core.desk.workspace.sheets import write_sheet
from jstock_core.state.facts.events import Deposit, Settled

LOT_COLUMNS = (
    "session", "group", "code", "name", "how", "opened", "shares", "start_price", "end_price", "start", "end",
    "pnl", "fact",
)  # fmt: skip
LINE_COLUMNS = (
    "session", "group", "pnl", "realized", "unrealized_change", "dividends", "fees", "equity_before",
    "came_in", "equity", "return_pct", "cumulative_pct", "topix_pct", "topix_cumulative_pct",
)  # fmt: skip


def session_pnl(desk: Desk, date: str = "", *, group: str = "", csv: str = "") -> SessionPnl:
    """A session's P&L lot by lot, with the line that proves it; default: the last settled session.

    With `csv` every lot is also written there, one row each.

    Raises:
        UsageError: the session was not settled, or no such group had money then; the CSV cannot be written.
        DataError: a stock that is held has no price.

    """
    past = settled_past(desk)
    session = past.require(desk.calendar.session(parse_date(date))) if date else past.last
    found = measure_session(past.until(session), session, group)
    if not csv:
        return found
    path = write_sheet(csv, LOT_COLUMNS, _lot_rows(found), marks=desk.marks)
    return replace(found, csv=path)


def span_pnl(desk: Desk, *, first: str = "", last: str = "", group: str = "", csv: str = "") -> SpanPnl:
    """The P&L of every session of a span by group and whole, with returns beside TOPIX's.

    `first` and `last` may be days on which TSE is closed; default: the first and the last settled session.

    Raises:
        UsageError: sessions that were not settled, none at all, or the wrong way round; no such group.
        DataError: a stock that is held has no price.

    """
    past = settled_past(desk)
    since = parse_date(first) if first else past.first
    until = parse_date(last) if last else past.last
    require_order(since, until)
    sessions = desk.calendar.between(since, until)
    if not sessions:
        raise UsageError(f"TSE is closed from {since} to {until}", do="give a span with a session in it")
    until = past.require(sessions[-1])
    found = measure_span(past.until(until), past.require(sessions[0]), group)
    if not csv:
        return found
    rows = (line.as_json() for line in found.lines)
    return replace(found, csv=write_sheet(csv, LINE_COLUMNS, rows, marks=desk.marks))


def settled_past(desk: Desk) -> SettledPast:
    """What the desk has settled since money came in.

    Raises:
        UsageError: no session.

    """
    require_desk(desk)
    events = desk.journal().events()
    begun = min((event.session for event in events if isinstance(event, Deposit)), default=date.max)
    sessions = [e.session for e in events if isinstance(e, Settled) and e.session >= begun]
    if not sessions:
        raise UsageError(
            "no session with money in it is settled yet", where=str(desk.workspace.journal),
            do="run `jstock daily` first, and again after the session",
        )  # fmt: skip
    return SettledPast(events, desk.panel(), min(sessions), max(sessions)).until(max(sessions))


def _lot_rows(found: SessionPnl) -> Iterator[dict[str, Any]]:
    for group in found.groups:
        for lot in group.lots:
            yield {"session": str(found.session), "group": group.group, **lot.as_json()}
