"""From a folder with bars alone to a report, by the commands that a newcomer types."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from jstock_core.base.errors import ExitStatus
from jstock_core.cli import run
from jstock_core.market.calendar import tse
from jstock_core.testing.markets import LAST

MORNING = ["--now", "2026-01-21T07:00"]
LAST_DAY = date.fromisoformat(LAST)


def prices(code: int) -> str:
    """Half a year of one stock that rises, in the columns of a Japanese site."""
    days = tse().between(tse().back(LAST_DAY, 119), LAST_DAY)
    lines = [
        f"{day:%Y/%m/%d},{p},{p + 10},{p - 10},{p + 5},{code * 100}"
        for day, p in zip(days, range(1000 + 5 * code % 1000, 9999, 5), strict=False)
    ]
    return "\n".join(["日付,始値,高値,安値,終値,出来高", *lines, ""])


def test_bars_alone_lead_to_a_report_that_says_what_is_neutral(tmp_path: Path, capsys) -> None:
    folder, desk = tmp_path / "files", str(tmp_path / "desk")
    folder.mkdir()
    for code in (7203, 8306, 6758):
        (folder / f"{code}.csv").write_bytes(prices(code).encode("cp932"))
    assert run(["init", desk, "--provider", "files"]) == ExitStatus.OK
    assert run(["data", "import", str(folder), "-w", desk, *MORNING]) == ExitStatus.OK
    assert run(["daily", "-w", desk, *MORNING]) == ExitStatus.OK
    capsys.readouterr()
    [report] = (tmp_path / "desk" / "runs" / "2026-01-21" / "latest").glob("trade_report_*.md")
    text = report.read_text(encoding="utf-8")
    line, row = (line for line in text.splitlines() if "TOPIX" in line)
    assert line.startswith("Not in the data: the list of stocks (")
    assert line.count("TOPIX") == 1
    assert row.split("|")[1].strip() == "TOPIX", "the table of data sets"
    assert "not in the data" in row
    assert "7203" in text
    assert "Not in the data: " in (report.parent / "report.html").read_text(encoding="utf-8")
