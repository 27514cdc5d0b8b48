"""The list of all mornings after four years: a thousand runs, one of them new."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from benchmarks.timing import Line, typical
from jstock_core.market.calendar import tse
from jstock_core.runs.catalogue.page import write_index
from jstock_core.runs.catalogue.reading import list_runs
from jstock_core.runs.catalogue.summaries import NAME
from jstock_core.runs.latest import point_latest
from jstock_core.runs.manifest import Moment, RunManifest, RunStatus, write_manifest
from jstock_core.runs.provenance import CodeVersion

RUNS = 1_000
LAST = date(2026, 1, 21)
GROUP = {"entry": {"use": "SimpleScorer", "buy_threshold": 65}, "exit": {"use": "LayeredExit"}}


def mornings(folder: Path, repeats: int, runs: int = RUNS) -> Iterator[Line]:
    """Write the page after a morning, and after the kept summaries were lost."""
    write_runs(folder, runs)
    page = write_index(folder)
    number = iter(range(1, 1_000))

    def after_a_morning() -> None:
        name = f"{LAST:%Y%m%d}T000000Z-{next(number):04x}"
        write_run(folder, LAST, name)
        write_index(folder)

    def from_nothing() -> None:
        (folder / NAME).unlink()
        write_index(folder)

    whole = typical(from_nothing, max(repeats // 2, 1))
    yield Line(
        "mornings",
        f"runs/index.html of {runs:,} trade dates, one run of them new",
        typical(after_a_morning, repeats),
        "the manifests of all of them read",
        typical(lambda: list_runs(folder), max(repeats // 2, 1)),
        aim=1.0,
        note=f"{page.stat().st_size / 1e6:.2f} MB; {whole:.2f} s with all manifests read",
    )


def write_runs(folder: Path, runs: int) -> None:
    """A run for each of so many trade dates."""
    calendar = tse()
    for day in calendar.between(calendar.back(LAST, runs - 1), LAST):
        write_run(folder, day, f"{day:%Y%m%d}T000000Z-0000")


def write_run(folder: Path, day: date, name: str) -> None:
    """A run with a manifest of the size that a desk of two groups has."""
    run = folder / str(day) / name
    run.mkdir(parents=True)
    (run / "report.html").write_text("<title>a report</title>")
    write_manifest(run, replace(_manifest(day), run_id=name))
    point_latest(run)


def _manifest(day: date) -> RunManifest:
    moment = Moment.of(datetime(day.year, day.month, day.day, tzinfo=UTC))
    pnl = 1_000 * (day.toordinal() % 7 - 3)
    headline = {
        "trade_date": str(day), "evaluated": str(tse().previous(day)), "intent": "journal", "buys": 12,
        "sells": 2, "orders": 3, "unknown": 0, "alerts": [], "warnings": [], "equity": 8_000_000 + pnl,
        "day_pnl": pnl, "total_return_pct": 1.25, "topix_return_pct": 0.5,
    }  # fmt: skip
    return RunManifest(
        status=RunStatus.OK, error=None, trade_date=day, run_id="", rehearsal=False, simulated=True,
        parameters={"desk": {"groups": {"aggressive": GROUP, "conservative": GROUP}}},
        parameters_sha256="0" * 64, notebook="daily.ipynb", notebook_sha256="0" * 64,
        code=CodeVersion(version="0.1.0", sha256="0" * 64), data={}, packages={"numpy": "2.4.6"},
        python="CPython 3.11.7 on Linux x86_64", timings={"notebook": 2.5}, started=moment, finished=moment,
        headline=headline, files=dict.fromkeys(("report.html", "orders.csv"), "0" * 64),
    )  # fmt: skip
