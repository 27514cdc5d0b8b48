"""`index.html`: a row for each trade date, a calendar of the P&L, the curve of the equity.

It works without its script, which only adds the search. The script is the only one that the page may run.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from jstock_core.base.durable import write_atomically
from jstock_core.reports.render.parts.markup import safe
from jstock_core.reports.render.parts.words import ENGLISH, Words
from jstock_core.reports.render.svg.maps import calendar_map
from jstock_core.reports.render.svg.small import sparkline
from jstock_core.reports.render.svg.values import CalendarDay, Caption
from jstock_core.runs.catalogue.summaries import read_all_runs
from jstock_core.runs.catalogue.summary import RunSummary, TradeDay
from jstock_core.runs.files import lock_runs
from jstock_core.runs.latest import INDEX, write_day_page
from jstock_core.runs.notebook.shell import render_page

_TEMPLATES = Path(__file__).parent / "templates"
_CURVE = 250  # sessions in the curve of the equity: a year
_OPEN = 10  # mornings that are shown before anything is opened, at least
_YOUNG = 60  # sessions of a year that leave most of its calendar empty
_OUTLIERS = 0.05  # of the sessions have the deepest shade of the calendar


@dataclass(frozen=True)
class IndexMonth:
    """The mornings of a month, newest first, and the sum of their P&L in yen; None where none has one."""

    name: str
    days: tuple[TradeDay, ...]

    @property
    def day_pnl(self) -> int | None:
        """What its sessions won or lost, as far as its reports say it."""
        known = [day.lead.day_pnl for day in self.days if day.lead.counts and day.lead.day_pnl is not None]
        return sum(known) if known else None


def write_index(root: Path, words: Words = ENGLISH) -> Path:
    """Write `index.html` in the runs folder, and what older versions left out beside it; return its path.

    Raises:
        OSError: the folder cannot be written.

    """
    with lock_runs(root):
        found = read_all_runs(root)
        found.keep(root)
        write_atomically(root / INDEX, index_page(found.days, words).encode())
        for day in found.days:
            if day.lead.is_good and not (root / str(day.trade_date) / INDEX).exists():
                write_day_page(root / day.lead.folder)
    return root / INDEX


def index_page(days: Sequence[TradeDay], words: Words = ENGLISH) -> str:
    """The page of some trade dates, newest first."""
    months = tuple(_months(days))
    counting = [day.lead for day in reversed(days) if day.lead.counts]
    return render_page(
        _TEMPLATES / "runs.html.j2",
        title=words("Mornings"),
        css=_own_file("runs.css"),
        script=_own_file("runs.js"),
        words=words,
        href=run_href,
        newest=days[0].lead if days else None,
        last_good=_last_good(days),
        marks=_marks(days),
        months=months,
        open_months=_open_months(months),
        curve=safe(_curve(counting, words)),
        years=[(year, safe(drawn)) for year, drawn in _calendars(counting, words)],
        open_years=_open_years(counting),
    )


def _last_good(days: Sequence[TradeDay]) -> RunSummary | None:
    """The newest run with numbers of the desk, where the newest morning has none."""
    if not days or days[0].lead.equity is not None:
        return None
    return next((day.lead for day in days if day.lead.counts and day.lead.equity is not None), None)


def _months(days: Sequence[TradeDay]) -> Iterator[IndexMonth]:
    for name, inside in groupby(days, key=lambda day: f"{day.trade_date:%Y-%m}"):
        yield IndexMonth(name, tuple(inside))


def _open_months(months: Sequence[IndexMonth]) -> int:
    """How many of the newest months are open, so that at least `_OPEN` mornings are shown."""
    shown = 0
    for count, month in enumerate(months, start=1):
        shown += len(month.days)
        if shown >= _OPEN:
            return count
    return len(months)


def _marks(days: Sequence[TradeDay]) -> tuple[str, ...]:
    """The words for a market that is not real, as the newest run has them."""
    return tuple(mark for mark in (days[0].lead.marks if days else ()) if mark != "rehearsal")


def _curve(runs: Sequence[RunSummary], words: Words) -> str:
    """The equity over the last year; "" where there are not two mornings of it."""
    values = [run.equity for run in runs if run.equity is not None][-_CURVE:]
    if len(values) < 2:
        return ""
    title = words("Equity over {n} mornings: {first} to {last}", n=len(values),
                  first=words.yen(values[0]), last=words.yen(values[-1]))  # fmt: skip
    return sparkline(title, values)


def _calendars(runs: Sequence[RunSummary], words: Words) -> Iterator[tuple[int, str]]:
    """The years with sessions, newest first, each as a drawing."""
    days = {
        run.session: CalendarDay(run.day_pct, run_href(run), _describe(run, words))
        for run in runs
        if run.session is not None
    }
    limit = _usual_limit([day.value for day in days.values() if day.value is not None])
    for year in sorted({session.year for session in days}, reverse=True):
        about = words("What each session of {year} won or lost, in percent of the equity", year=year)
        yield year, calendar_map(Caption(str(year), about), year, days, limit=limit)


def _open_years(runs: Sequence[RunSummary]) -> int:
    """How many years of the calendar are shown before anything is opened: two while the newest is young."""
    sessions = [run.session for run in runs if run.session is not None]
    return 2 if sum(session.year == sessions[-1].year for session in sessions) < _YOUNG else 1


def _usual_limit(values: Sequence[float]) -> float | None:
    """The size from which on a value has the deepest shade: one session of twenty reaches it."""
    sizes = sorted(abs(value) for value in values)
    return (sizes[int((1 - _OUTLIERS) * (len(sizes) - 1))] or None) if sizes else None


def _describe(run: RunSummary, words: Words) -> str:
    session: date | None = run.session
    return f"{words.day(session)}: {words.signed_yen(run.day_pnl)} ({words.pct(run.day_pct, 2)})"


def run_href(run: RunSummary, name: str = "") -> str:
    """The link from the list of runs to a file of a run, to its page without a name."""
    return "/".join(quote(part) for part in (str(run.trade_date), run.run_id, name or run.page))


@functools.cache
def _own_file(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8").strip()
