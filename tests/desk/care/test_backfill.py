"""History fetched year by year: what it asks for, what it costs, and that it may be stopped at any point."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest

from jstock_core.base.errors import DataError, UsageError
from jstock_core.data.providers.protocol import DATASETS, Capabilities
from jstock_core.desk.care.backfill import plan_backfill, run_backfill
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.desk.workspace.workspace import create_workspace
from jstock_core.market.calendar import tse
from jstock_core.testing.files import write_market
from jstock_core.testing.markets import panel
from tests.desk.vendor import Fetched, fetching

NOW = "2026-01-21T07:00"
FIRST = date(2023, 6, 1)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two stocks from June 2023 to 20 January 2026."""
    days = tse().between(FIRST, date(2026, 1, 20))
    close = 1000.0 + np.arange(len(days))
    market = panel({"6758": close, "7203": 2000.0}, sessions=days)
    return write_market(market, tmp_path_factory.mktemp("vendor"))


@pytest.fixture
def new(tmp_path: Path) -> Callable[..., Desk]:
    """Make a desk without data that fetches from a vendor."""

    def make(provider: Fetched, name: str = "desk") -> Desk:
        root = create_workspace(tmp_path / name, "files").root
        return fetching(open_desk(root, now=NOW), provider)

    return make


@dataclass(frozen=True)
class Counted(Fetched):
    """A vendor that can tell that each data set takes three requests, and a request a second."""

    def estimate(self, _after: date | None, _now: datetime) -> Any:
        requests = dict.fromkeys(DATASETS, 3)
        return SimpleNamespace(requests=requests, seconds=float(sum(requests.values())))


@dataclass(frozen=True)
class Lagging(Fetched):
    """A vendor whose data are too old for the next morning."""

    capabilities: ClassVar[Capabilities] = Capabilities(live=False, fetches=True)


def contents(desk: Desk) -> dict[str, list[dict[str, Any]]]:
    stored = desk.store.read()
    return {name: stored.table(name).to_pylist() for name in DATASETS}


def keep(desk: Desk, progress: str) -> None:
    """What an earlier backfill left behind."""
    desk.workspace.data.mkdir(exist_ok=True)
    (desk.workspace.data / "backfill.json").write_text(progress, encoding="utf-8")


def backfilled(desk: Desk, years: int = 3) -> Desk:
    run_backfill(desk, plan_backfill(desk, years))
    return desk


def test_every_year_is_fetched_once_and_everything_is_stored(new: Callable[..., Desk], files: Path) -> None:
    provider = Fetched(files)
    desk = new(provider)
    plan = plan_backfill(desk, 3)
    assert [year.name for year in plan.years] == ["2023", "2024", "2025", "2026"]
    done = run_backfill(desk, plan)
    assert provider.count("bars") == 4
    assert done.rows["bars"] == 2 * len(tse().between(FIRST, date(2026, 1, 20)))
    assert done.through == date(2026, 1, 20)
    asked = [(str(after), f"{now:%Y-%m-%dT%H:%M}") for name, after, now in provider.asked if name == "bars"]
    assert asked == [
        ("2022-12-31", "2024-01-01T07:00"),
        ("2023-12-31", "2025-01-01T07:00"),
        ("2024-12-31", "2026-01-01T07:00"),
        ("2025-12-31", "2026-01-21T07:00"),
    ]


def test_it_stores_what_one_fetch_of_everything_stores(new: Callable[..., Desk], files: Path) -> None:
    by_year, at_once = backfilled(new(Fetched(files))), new(Fetched(files), "other")
    at_once.fetch(date(2026, 1, 21))
    assert contents(by_year) == contents(at_once)


def test_repeating_it_adds_nothing(new: Callable[..., Desk], files: Path) -> None:
    desk = backfilled(new(Fetched(files)))
    before = desk.store.read().snapshot()
    assert not any(run_backfill(desk, plan_backfill(desk, 3)).rows.values())
    assert desk.store.read().snapshot() == before


def test_a_fetch_afterwards_is_up_to_date(new: Callable[..., Desk], files: Path) -> None:
    provider = Fetched(files)
    desk = backfilled(new(provider))
    asked = len(provider.asked)
    desk.fetch(date(2026, 1, 21))
    assert len(provider.asked) == asked


class Killed(BaseException):
    """The process ends at this point."""


@pytest.mark.parametrize("step", range(1, 33, 7))
def test_stopped_at_any_fetch_it_goes_on_where_it_was(
    new: Callable[..., Desk], files: Path, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = Fetched(files)
    desk, whole = new(provider), contents(backfilled(new(Fetched(files), "whole")))

    def fetch(self: Fetched, dataset: str, after: date | None, now: datetime) -> Any:
        if len(provider.asked) == step:
            raise Killed
        return plain(self, dataset, after, now)

    plain = Fetched.fetch
    monkeypatch.setattr(Fetched, "fetch", fetch)
    with pytest.raises(BaseException, match=r".*"):
        backfilled(desk)
    monkeypatch.setattr(Fetched, "fetch", plain)
    finished = step // len(DATASETS)
    plan = plan_backfill(desk, 3)
    assert [year.name for year in plan.years] == ["2023", "2024", "2025", "2026"][finished:]
    assert len(plan.done) == finished
    run_backfill(desk, plan)
    assert contents(desk) == whole
    assert not (desk.workspace.data / "backfill.json").exists()


@contextmanager
def stopped_before_write(number: float) -> Iterator[list[int]]:
    """The process ends right before it puts the file of that number in place; how many it did."""
    plain, done = os.replace, [0]

    def replace_file(*places: Any, **more: Any) -> None:
        if done[0] >= number:
            raise Killed
        done[0] += 1
        plain(*places, **more)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "replace", replace_file)
        yield done


@pytest.mark.parametrize("fifth", range(5))
def test_stopped_at_any_write_it_goes_on_where_it_was(
    new: Callable[..., Desk], files: Path, fifth: int
) -> None:
    with stopped_before_write(float("inf")) as writes:
        whole = contents(backfilled(new(Fetched(files), "whole")))
    desk = new(Fetched(files))
    with stopped_before_write(writes[0] * fifth // 5), pytest.raises(BaseException, match=r".*"):
        backfilled(desk)
    assert contents(backfilled(desk)) == whole


def test_what_cannot_be_read_of_its_progress_is_fetched_again(new: Callable[..., Desk], files: Path) -> None:
    desk = new(Fetched(files))
    keep(desk, "{")
    assert plan_backfill(desk, 3).done == ()


def test_progress_of_another_history_does_not_count(new: Callable[..., Desk], files: Path) -> None:
    desk = new(Fetched(files))
    keep(desk, '{"provider": "files", "first": "2023-01-01", "done": ["2023"]}')
    assert plan_backfill(desk, 3).done == ("2023",)
    assert plan_backfill(desk, 2).done == ()


def test_a_vendor_that_fails_leaves_the_years_before_it(new: Callable[..., Desk], files: Path) -> None:
    desk = new(Fetched(files, fails=1))
    with pytest.raises(DataError, match="does not answer"):
        backfilled(desk)
    assert contents(backfilled(desk)) == contents(backfilled(new(Fetched(files), "whole")))


def test_it_says_before_what_it_takes_where_the_provider_can_tell(
    new: Callable[..., Desk], files: Path
) -> None:
    plan = plan_backfill(new(Counted(files)), 3)
    assert (plan.requests, plan.seconds) == (96, 96.0)
    assert plan.text == "history from 2023-01-01: 2023 to 2026; at least 96 requests, about 2 minutes"
    unknown = plan_backfill(new(Fetched(files), "other"), 3)
    assert (unknown.requests, unknown.seconds) == (None, None)
    assert "cannot tell" in unknown.text


def test_years_that_each_fit_into_a_minute_take_longer_together(
    new: Callable[..., Desk], files: Path
) -> None:
    """A vendor takes 100 requests a minute; a year of history takes 60."""

    class Limited(Fetched):
        def estimate(self, after: date | None, now: datetime) -> Any:
            requests = 60 * round((now.date() - (after or FIRST)).days / 365)
            return SimpleNamespace(requests={"bars": requests}, seconds=60.0 * (requests // 100))

    plan = plan_backfill(new(Limited(files)), 3)
    assert (plan.requests, plan.seconds) == (180, 60.0)


def test_what_is_done_is_not_counted(new: Callable[..., Desk], files: Path) -> None:
    desk = new(Counted(files))
    keep(desk, '{"provider": "files", "first": "2023-01-01", "done": ["2023", "2024"]}')
    plan = plan_backfill(desk, 3)
    assert (plan.requests, "2 done before" in plan.text) == (48, True)


def test_a_provider_that_lags_is_asked_once(new: Callable[..., Desk], files: Path) -> None:
    provider = Lagging(files)
    desk = backfilled(new(provider))
    assert provider.count("bars") == 1
    assert desk.store.read().last("bars") == date(2026, 1, 20)


def test_progress_counts_every_data_set_of_every_year(new: Callable[..., Desk], files: Path) -> None:
    desk, ticks = new(Fetched(files)), list[tuple[int, int, str]]()
    run_backfill(desk, plan_backfill(desk, 3), tick=lambda *step: ticks.append(step))
    assert [done for done, _, _ in ticks] == list(range(4 * len(DATASETS) + 1))
    assert {total for _, total, _ in ticks} == {4 * len(DATASETS)}
    assert ticks[1] == (1, 32, "2023 bars")


@pytest.mark.parametrize("years", [0, 21])
def test_a_history_that_nobody_has_is_refused(new: Callable[..., Desk], files: Path, years: int) -> None:
    with pytest.raises(UsageError, match="years"):
        plan_backfill(new(Fetched(files)), years)


def test_imported_data_is_not_fetched(tmp_path: Path) -> None:
    desk = open_desk(create_workspace(tmp_path / "desk", "files").root, now=NOW)
    with pytest.raises(UsageError, match="imported"):
        plan_backfill(desk, 2)
