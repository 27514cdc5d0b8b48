"""`jstock trade pnl`: what a session won or lost, lot by lot, or a span session by session. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from jstock_core.base.errors import UsageError
from jstock_core.desk.trading.pnl_json import Json, Past, told_session, told_span
from jstock_core.desk.workspace.dates import parse_date
from jstock_core.desk.workspace.desk import Desk, open_desk
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


def session_pnl(workspace: str = "", *, day: str = "", group: str = "", csv: str = "", now: str = "") -> Json:
    """A session's P&L lot by lot, with the line that proves it, as plain JSON; default: the last settled.

    With `csv` every lot is also written there, one row each.

    Raises:
        UsageError: the session was not settled, or no such group had money then; the CSV cannot be written.
        DataError: a stock that is held has no price.

    """
    desk = open_desk(workspace, now=now)
    past = _past(desk)
    session = past.settled(desk.calendar.session(parse_date(day))) if day else past.last
    found = told_session(past.until(session), session, group)
    if csv:
        found["csv"] = write_sheet(csv, LOT_COLUMNS, _lot_rows(found), simulated=found["simulated"])
    return found


def span_pnl(
    workspace: str = "", *, first: str = "", last: str = "", group: str = "", csv: str = "", now: str = ""
) -> Json:
    """The P&L of every session of a span by group and whole, with returns beside TOPIX's, as plain JSON.

    `first` and `last` may be days on which TSE is closed; default: the first and the last settled session.

    Raises:
        UsageError: sessions that were not settled, none at all, or the wrong way round; no such group.
        DataError: a stock that is held has no price.

    """
    desk = open_desk(workspace, now=now)
    past = _past(desk)
    since = parse_date(first) if first else past.first
    until = parse_date(last) if last else past.last
    if since > until:
        raise UsageError(f"--from {since} lies after --to {until}")
    sessions = desk.calendar.between(since, until)
    if not sessions:
        raise UsageError(f"TSE is closed from {since} to {until}", do="give a span with a session in it")
    until = past.settled(sessions[-1])
    found = told_span(past.until(until), past.settled(sessions[0]), group)
    if csv:
        found["csv"] = write_sheet(csv, LINE_COLUMNS, found["lines"], simulated=found["simulated"])
    return found


def _past(desk: Desk) -> Past:
    """What the desk has settled since money came in.

    Raises:
        UsageError: nothing.

    """
    events = desk.journal().events()
    begun = min((event.session for event in events if isinstance(event, Deposit)), default=date.max)
    sessions = [e.session for e in events if isinstance(e, Settled) and e.session >= begun]
    if not sessions:
        raise UsageError(
            "no session with money in it is settled yet", where=str(desk.workspace.journal),
            do="run `jstock daily` first, and again after the session",
        )  # fmt: skip
    return Past(events, desk.panel(), min(sessions), max(sessions)).until(max(sessions))


def _lot_rows(found: Json) -> Iterator[Json]:
    for part in found["groups"]:
        for lot in part["lots"]:
            yield {"session": found["session"], "group": part["group"], **lot}
