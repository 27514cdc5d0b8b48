"""Runs in a folder: published as the day does it, or a thousand written at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jstock_core.market.calendar import tse
from jstock_core.runs.latest import point_latest
from jstock_core.runs.manifest import Moment, write_manifest
from jstock_core.runs.publish import RunFolder
from tests.runs.conftest import NOW, TRADE_DATE, manifest_of

Publish = Callable[..., Path]


def headline_of(trade_date: date = TRADE_DATE, **changes: Any) -> dict[str, Any]:
    """The headline of a morning after a session that won ¥12,300."""
    return {
        "trade_date": str(trade_date),
        "evaluated": str(tse().previous(trade_date)),
        "status": "complete",
        "intent": "journal",
        "buys": 4,
        "sells": 1,
        "orders": 2,
        "unknown": 0,
        "alerts": [],
        "warnings": [],
        "equity": 8_412_300,
        "day_pnl": 12_300,
        "total_return_pct": 5.5,
        "topix_return_pct": 4.25,
        "group_equity": {"aggressive": 3_000_000, "conservative": 5_412_300},
        **changes,
    }


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def publish(root: Path) -> Publish:
    """Publish a run, each a second after the one before; a value of its headline by its name."""
    started = iter(range(100))

    def one(trade_date: date = TRADE_DATE, *, orders: bool = True, **changes: object) -> Path:
        moment = NOW + timedelta(seconds=next(started))
        folder = RunFolder.begin(root, trade_date, lambda: moment)
        (folder.path / "report.html").write_text("a report")
        if orders:
            (folder.path / "orders.csv").write_text("id\n")
        return folder.publish(manifest_of(**{"headline": headline_of(trade_date), **changes}))

    return one


def write_runs(root: Path, count: int, last: date = TRADE_DATE) -> list[date]:
    """Write so many runs, one a trade date, the last of `last`; returns the trade dates."""
    calendar = tse()
    days = calendar.between(calendar.back(last, count - 1), last)
    for number, day in enumerate(days):
        moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
        pnl = 1_000 * (number % 7 - 3)
        folder = root / str(day) / f"{moment:%Y%m%dT%H%M%SZ}-{number:04x}"
        folder.mkdir(parents=True)
        headline = headline_of(day, equity=8_000_000 + pnl, day_pnl=pnl)
        moments = {"started": Moment.of(moment), "finished": Moment.of(moment)}
        files = {"report.html": "0" * 64, "orders.csv": "0" * 64}
        manifest = manifest_of(run_id=folder.name, trade_date=day, headline=headline, files=files, **moments)
        write_manifest(folder, manifest)
        point_latest(folder)
    return list(days)
