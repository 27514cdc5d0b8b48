"""A period looked back on: the desk's own, or a replayed one where the desk has no past yet."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from jstock_core.desk.past.replays import replay_into_copy
from jstock_core.desk.trading.portfolio.review import review_period
from jstock_core.desk.workspace.dates import parse_date
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.reports.model.money.review import Review
from jstock_core.state.facts.events import Settled

REPLAYED_SESSIONS = 60


def look_back(workspace: str | Path = "", period: str = "month", day: str = "", *, now: str = "") -> Review:
    """Review the week, month or year in which a day lies (ISO), by default that of the last settled session.

    A desk that has settled nothing yet is copied, its 60 mornings through that day are replayed on paper in
    the copy, and the review says that it is `replayed`. The desk itself is only read.

    Raises:
        UsageError: no workspace, no such period, or nothing was settled in it.
        DataError: no data for these sessions, or a stock that is held has no price.

    """
    desk = open_desk(workspace, now=now)
    if any(isinstance(event, Settled) for event in desk.journal().events()):
        return review_period(desk, period, day)
    with tempfile.TemporaryDirectory(prefix="jstock-review-") as place:
        copy = open_desk(_replay(desk, day, Path(place) / "desk"), now=now)
        return replace(review_period(copy, period, day), replayed=True)


def _replay(desk: Desk, day: str, folder: Path) -> Path:
    """Replay the last mornings through a day into a copy of the desk, whose folder is returned."""
    last = desk.calendar.previous(desk.next_trade_date)
    if day:  # the morning after a session settles it
        last = min(last, desk.calendar.next(desk.calendar.session(parse_date(day))))
    first = desk.calendar.back(last, REPLAYED_SESSIONS - 1)
    replay_into_copy(desk, str(first), str(last), folder)
    return folder
