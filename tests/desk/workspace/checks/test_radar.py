"""Corrections are looked for: in what the source says it changed, and once a week in recent months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from jstock_core.base.errors import DataError
from jstock_core.data.providers.protocol import ChangedSpan
from jstock_core.data.store.store import MarketStore
from jstock_core.desk.workspace.checks.radar import look_for_corrections
from tests.data.rows import SESSIONS, Tables, bar, bars, market

NOW = datetime.fromisoformat("2025-01-08T07:00+09:00")
CORRECTED = [bar(SESSIONS[0], C=1.0), *bars(sessions=SESSIONS[1:])]


@dataclass(frozen=True)
class Reporting(Tables):
    """A provider whose source says what it changed; an error instead where it does not answer."""

    spans: Sequence[ChangedSpan] = ()
    broken: bool = False
    since: list[datetime] = field(default_factory=list)

    def changed_since(self, since: datetime, _now: datetime) -> tuple[ChangedSpan, ...]:
        if self.broken:
            raise DataError("no answer")
        self.since.append(since)
        return tuple(self.spans)


@pytest.fixture
def store(tmp_path: Path) -> MarketStore:
    store = MarketStore(tmp_path / "data")
    store.update(market(), NOW)
    look_for_corrections(store, market(), place(store), NOW)
    return store


def place(store: MarketStore) -> Path:
    return store.root / "last_look.json"


def test_recent_months_are_read_again_once_a_week(store: MarketStore) -> None:
    provider = market(bars=CORRECTED)
    assert look_for_corrections(store, provider, place(store), NOW + timedelta(days=6)) == 0
    assert provider.asked == {}
    later = NOW + timedelta(days=7)
    assert look_for_corrections(store, provider, place(store), later) == 1
    assert provider.asked["bars"] == (later - timedelta(days=63)).date()
    assert "flows" not in provider.asked, "nothing of it is stored"
    assert look_for_corrections(store, provider, place(store), later + timedelta(days=6)) == 0


def reporting(first: str, last: str, **how: Any) -> Reporting:
    span = ChangedSpan("bars", date.fromisoformat(first), date.fromisoformat(last), NOW)
    return Reporting({**market().rows, "bars": CORRECTED}, spans=[span], **how)


def test_what_the_source_changed_is_read_again_at_once(store: MarketStore) -> None:
    provider = reporting("2024-12-01", "2024-12-31")
    assert look_for_corrections(store, provider, place(store), NOW + timedelta(days=1)) == 1
    assert provider.since == [NOW]
    assert provider.asked == {"bars": date(2024, 11, 30)}


def test_a_month_that_still_grows_is_no_change(store: MarketStore) -> None:
    provider = reporting("2024-12-01", "2025-01-31")
    assert look_for_corrections(store, provider, place(store), NOW + timedelta(days=1)) == 0
    assert provider.asked == {}


def test_a_source_that_does_not_answer_stops_nothing_and_is_asked_again(store: MarketStore) -> None:
    said: list[str] = []
    silent = reporting("2024-12-01", "2024-12-31", broken=True)
    assert look_for_corrections(store, silent, place(store), NOW + timedelta(days=1), said.append) == 0
    assert said == ["corrections could not be looked for: no answer"]
    assert look_for_corrections(store, reporting("2024-12-01", "2024-12-31"), place(store), NOW) == 1


def test_a_damaged_note_of_the_last_look_is_one_of_now(store: MarketStore) -> None:
    place(store).write_bytes(b"{")
    assert look_for_corrections(store, market(bars=CORRECTED), place(store), NOW + timedelta(days=30)) == 0
    assert look_for_corrections(store, market(bars=CORRECTED), place(store), NOW + timedelta(days=37)) == 1
