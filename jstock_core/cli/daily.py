"""`jstock daily` and `jstock trade report`: run, publish, and say in a few lines what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jstock_core.base.clock import make_clock
from jstock_core.base.errors import ExitStatus
from jstock_core.base.intent import Intent
from jstock_core.cli.show import console, progress, show_json
from jstock_core.desk.day.daily import Published, daily
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.market.calendar import tse

SHOWN = 10
"""Alerts the terminal shows."""


def run_daily(
    date: str,
    workspace: str,
    *,
    intent: Intent = Intent.JOURNAL,
    scheduled: bool = False,
    as_json: bool = False,
    now: str = "",
) -> int:
    """Run and publish a day; returns the exit status."""
    if scheduled and (closed := _closed_today(now)):
        console().print(closed)
        return ExitStatus.OK
    with progress("daily notebook") as bar:
        published = daily(
            open_desk(workspace, now=now),
            date,
            intent,
            say=bar.say,
            on_cell=lambda done, total, title: bar.advance(done, total, title or "daily notebook"),
        )
    if as_json:
        show_json(published.as_json())
    else:
        summary(published)
    return published.exit


def _closed_today(now: str) -> str:
    today = make_clock(now)().date()
    return "" if tse().is_session(today) else f"market closed on {today}: nothing to do"


_INTENTS = {
    Intent.JOURNAL: "decided and journaled",
    Intent.SHOW_AGAIN: "already done: shown again from the journal, nothing was added",
    Intent.REHEARSE: "REHEARSAL: nothing was journaled",
}


def summary(published: Published) -> None:
    """Signals, orders, equity against TOPIX, alerts, and where the report is."""
    h = published.headline
    out = console()
    market = "  SIMULATED MARKET" if h.get("simulated") else ""
    out.print(f"[bold]{h['trade_date']}[/]  {_INTENTS.get(h['intent'], h['intent'])}{market}")
    out.print(f"  signals  {h['buys']} BUY, {h['sells']} SELL, {h['unknown']} unknown exits")
    out.print(f"  orders   {h['orders']}")
    out.print(
        f"  equity   ¥{h['equity']:,} ({_pct(h, 'total_return_pct')}),"
        f" TOPIX {_pct(h, 'topix_return_pct')} over the same sessions"
    )
    _alerts(h["alerts"])
    out.print(f"  report   {_near(published.report)}")


def _alerts(texts: Sequence[str]) -> None:
    """What needs a person, each in a line; the report has all of them."""
    from rich.markup import escape

    for text in texts[:SHOWN]:
        console().print(f"  [bold red]alert[/]    {escape(text)}", soft_wrap=True)
    if len(texts) > SHOWN:
        console().print(f"  [bold red]alert[/]    and {len(texts) - SHOWN} more: the report has them")


def _pct(headline: Mapping[str, Any], key: str) -> str:
    value = headline.get(key)
    return "n/a" if value is None else f"{value:+.2f} %"


def _near(path: Path) -> str:
    """The path as seen from here, where that is shorter."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
