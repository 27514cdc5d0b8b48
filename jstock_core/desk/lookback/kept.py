"""Published reports shown again from the values that their runs kept: in another language, or many in one.

No notebook is executed, and neither market nor journal is read: what is shown is what was published.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jstock_core.base.durable import make_private_folder, os_reason, write_atomically
from jstock_core.base.errors import DataError, UsageError, WriteError
from jstock_core.base.limits import read_utf8
from jstock_core.base.progress import Tick, silent
from jstock_core.desk.day.publishing.page import words_of
from jstock_core.desk.workspace.dates import parse_date
from jstock_core.desk.workspace.desk import Desk
from jstock_core.reports.model.codec import REPORT_FILE, report_from_json
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.outgoing.mail import mail_body
from jstock_core.reports.render.page import MorningPage
from jstock_core.runs.catalogue.replay import replay_page
from jstock_core.runs.latest import latest_run, run_days
from jstock_core.runs.manifest import read_manifest
from jstock_core.runs.notebook.again import show_sections_again
from jstock_core.runs.notebook.convert import notebook_to_html, notebook_to_markdown

_MOST_BYTES = 64 * 2**20


@dataclass(frozen=True)
class ReportFiles:
    """The files that were written, and the run whose values they show."""

    run: Path
    files: tuple[Path, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"run": str(self.run), "files": [str(path) for path in self.files]}


def show_kept(desk: Desk, trade_date: str = "", *, into: str = ".", lang: str = "") -> ReportFiles:
    """Write the newest good report of a trade date as page, Markdown and mail into a folder.

    The page is `report_<date>.html`. `lang` is "en" or "ja", "" for the desk's.

    Raises:
        UsageError: the date has no good run.
        DataError: its values are missing, or of another version of jstock.
        WriteError: the folder cannot be written.

    """
    words, wanted = words_of(desk, lang), desk.trade_date(trade_date)
    run = latest_run(desk.workspace.runs, wanted)
    if run is None:
        raise UsageError(f"{wanted} has no report", do=f"run `jstock daily --date {wanted}` first")
    page = MorningPage(report_from_json(_values(run, str(wanted))), words)
    manifest = read_manifest(run)
    with tempfile.TemporaryDirectory(prefix="jstock-report-") as place:
        executed = Path(place) / "daily.ipynb"
        show_sections_again(run / "daily.ipynb", page, executed)
        html = notebook_to_html(
            executed,
            title=words("Trade report {day}", day=wanted),
            simulated=manifest.simulated,
            status=str(manifest.status),
            historical=manifest.historical,
            words=words,
        )
        text, images = notebook_to_markdown(executed, words=words)
    folder, charts = Path(into), Path(into) / "charts"
    mail = mail_body(page.report, words).message({f"report_{wanted}.html": html.encode()})
    written = {
        folder / f"report_{wanted}.html": html.encode(),
        folder / f"trade_report_{wanted}.md": text.encode(),
        folder / f"mail_{wanted}.eml": mail.as_bytes(),
        **{charts / name: image for name, image in images.items()},
    }
    for path, content in written.items():
        _write(path, content)
    return ReportFiles(run, tuple(written))


def _values(run: Path, day: str) -> str:
    try:
        return read_utf8(run / REPORT_FILE, _MOST_BYTES)
    except (OSError, ValueError) as error:
        raise DataError(
            f"the run kept no values of its report: {os_reason(error)}",
            where=str(run),
            do=f"render it from the journal: `jstock trade report --date {day}`",
        ) from None


def _write(path: Path, content: bytes) -> None:
    try:
        make_private_folder(path.parent)
        write_atomically(path, content)
    except OSError as error:
        raise WriteError(f"cannot be written: {os_reason(error)}", where=str(path)) from error


def write_replay(
    desk: Desk, first: str = "", last: str = "", *, into: str = "", lang: str = "", tick: Tick = silent
) -> ReportFiles:
    """Write the mornings from `first` to `last` ("" for no bound) into one page that steps through them.

    Each is the newest good report of its trade date; dates whose run kept no values are passed over. The page
    is `into`, by default `replay.html` in the runs folder.

    Raises:
        UsageError: a date is malformed, or no morning between them kept its values.
        WriteError: the page cannot be written.

    """
    words, root = words_of(desk, lang), desk.workspace.runs
    start = parse_date(first) if first else date.min
    end = parse_date(last) if last else date.max
    days = [day for name in run_days(root) if start <= (day := date.fromisoformat(name)) <= end]
    kept = [run for day in days if (run := latest_run(root, day)) and (run / REPORT_FILE).is_file()]
    if not kept:
        raise UsageError(
            "no morning of these dates kept the values of its report",
            where=str(root),
            do="`jstock runs list` shows the dates; `jstock trade report --date DATE` renders one again",
        )
    page = replay_page(_read_all(kept, tick), words)
    target = Path(into) if into else root / "replay.html"
    _write(target, page.encode())
    return ReportFiles(root, (target,))


def _read_all(runs: Sequence[Path], tick: Tick) -> Iterator[Report]:
    """The reports one by one: many of them together would take a lot of memory."""
    for done, run in enumerate(runs, start=1):
        yield report_from_json(_values(run, run.parent.name))
        tick(done, len(runs), run.parent.name)
