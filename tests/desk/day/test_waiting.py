"""A run that waits: it fetches again until the data is there, or the limit or the open has come."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jstock_core.base.clock import make_clock
from jstock_core.base.errors import DataError, ExitStatus, UsageError
from jstock_core.cli import run as jstock
from jstock_core.desk.care.imports import import_folder
from jstock_core.desk.day.waiting import wait_until_ready
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.market.calendar import tse
from jstock_core.market.panel import Panel
from jstock_core.testing import desk as make_desk
from jstock_core.testing.files import write_market
from jstock_core.testing.markets import panel
from tests.desk.vendor import Fetched, fetching

EVE, D, T = date(2026, 1, 19), date(2026, 1, 20), date(2026, 1, 21)
MORNING = "2026-01-21T07:00"


def market(last: date, *, topix: bool = True) -> Panel:
    days = tse().between(date(2025, 12, 1), last)
    levels = np.full(len(days), 2000.0)
    levels[-1] = 2000.0 if topix else np.nan
    return panel({"7203": 1000.0}, sessions=days, topix=levels)


@dataclass
class Pauses:
    """Sleeps for nobody: keeps the pauses asked for, and lets something happen in some of them."""

    happenings: dict[int, Callable[[], object]] = field(default_factory=dict)
    asked: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        self.happenings.get(len(self.asked), lambda: None)()

    @property
    def minutes(self) -> list[float]:
        return [seconds / 60 for seconds in self.asked]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """The morning of 21 January on files, and the bars of the 20th have not been imported."""
    made = make_desk(tmp_path / "desk", market=market(EVE), ready="fetched")
    return open_desk(made.workspace.root, now=MORNING)


def bring(desk: Desk, whole: Panel, tmp: Path) -> None:
    import_folder(desk, str(write_market(whole, tmp / f"files-{len(list(tmp.iterdir()))}")))


def test_a_desk_that_is_ready_does_not_wait(desk: Desk, tmp_path: Path) -> None:
    bring(desk, market(D), tmp_path)
    pauses = Pauses()
    assert wait_until_ready(desk, T, 30, sleep=pauses)
    assert pauses.asked == []


def test_it_waits_until_the_limit_is_over_with_longer_pauses(desk: Desk) -> None:
    pauses, said = Pauses(), list[str]()
    assert not wait_until_ready(desk, T, 20, said.append, pauses)
    assert pauses.minutes == [1, 2, 4, 5, 5, 3]
    assert said[0] == (
        "not ready: bars: 2026-01-20 is due, the newest is 2026-01-19; "
        "TOPIX: 2026-01-20 is due, the newest is 2026-01-19; again in 1 minute, 20 left"
    )


def test_it_goes_on_as_soon_as_the_bars_are_imported(desk: Desk, tmp_path: Path) -> None:
    """Somebody imports them meanwhile: the desk is not locked during a pause."""
    pauses = Pauses({2: lambda: bring(desk, market(D), tmp_path)})
    assert wait_until_ready(desk, T, 30, sleep=pauses)
    assert pauses.minutes == [1, 2]


@pytest.mark.parametrize(("then", "waits"), [("no_entries", True), ("stop", True), ("go_on", False)])
def test_it_waits_for_what_the_desk_does_not_go_on_without(
    desk: Desk, tmp_path: Path, then: Any, waits: bool
) -> None:
    bring(desk, market(D, topix=False), tmp_path)
    made = replace(desk, settings=replace(desk.settings, late_data={"topix": then}))
    pauses = Pauses()
    assert wait_until_ready(made, T, 3, sleep=pauses) is not waits
    assert bool(pauses.asked) is waits


def test_each_attempt_fetches_anew_though_a_fetch_was_minutes_ago(desk: Desk, tmp_path: Path) -> None:
    provider = Fetched(write_market(market(EVE), tmp_path / "vendor"))
    made = fetching(desk, provider)
    pauses = Pauses({2: lambda: write_market(market(D), tmp_path / "vendor")})
    assert wait_until_ready(made, T, 30, sleep=pauses)
    assert provider.count("bars") == 3
    assert made.store.read().last("bars") == D


def test_a_fetch_that_fails_is_tried_again(desk: Desk, tmp_path: Path) -> None:
    made = fetching(desk, Fetched(write_market(market(D), tmp_path / "vendor"), fails=2))
    pauses, said = Pauses(), list[str]()
    assert wait_until_ready(made, T, 30, said.append, pauses)
    assert pauses.minutes == [1, 2]
    assert "the vendor does not answer" in " ".join(said)


def test_nobody_waits_beyond_the_open(desk: Desk) -> None:
    pauses = Pauses()
    late = open_desk(desk.workspace.root, now="2026-01-21T08:54")
    assert not wait_until_ready(late, T, 60, sleep=pauses)
    assert sum(pauses.minutes) == 6
    after = open_desk(desk.workspace.root, now="2026-01-21T09:00")
    assert not wait_until_ready(after, T, 60, sleep=Pauses())


def test_the_time_that_fetches_take_counts(desk: Desk) -> None:
    """Each look at the data takes four minutes by the clock."""
    start, looks = make_clock(MORNING)(), iter(range(10_000))
    slow = replace(desk, clock=lambda: start + timedelta(minutes=2) * next(looks))
    pauses = Pauses()
    assert not wait_until_ready(slow, T, 30, sleep=pauses)
    assert sum(pauses.minutes) < 20


def test_nobody_waits_for_a_past_date(desk: Desk) -> None:
    pauses = Pauses()
    assert wait_until_ready(desk, date(2026, 1, 15), 30, sleep=pauses)
    assert pauses.asked == []


def test_a_damaged_store_is_not_waited_for(desk: Desk) -> None:
    shutil.rmtree(desk.workspace.data / "features")
    for path in desk.workspace.data.glob("**/*.parquet"):
        path.write_bytes(b"")
    with pytest.raises(DataError, match="damaged"):
        wait_until_ready(desk, T, 30, sleep=Pauses())


@pytest.mark.parametrize("minutes", [-1, 721])
def test_a_limit_that_nobody_means_is_refused(desk: Desk, minutes: int) -> None:
    with pytest.raises(UsageError, match="cannot wait"):
        wait_until_ready(desk, T, minutes)


def test_the_command_waits_and_then_says_what_is_lacking(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pauses = Pauses()
    monkeypatch.setattr(wait_until_ready, "__defaults__", (*wait_until_ready.__defaults__[:1], pauses))
    words = ["daily", "--wait", "3", "-w", str(desk.workspace.root), "--now", MORNING]
    assert jstock(words) == ExitStatus.DATA
    assert pauses.minutes == [1, 2]
    shown = capsys.readouterr().err
    assert "not ready: bars" in shown
    assert "decisions need the bars of 2026-01-20" in shown
