from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from jstock_core.market import publication
from jstock_core.market.publication import (
    DELIVERY,
    PUBLICATION,
    day_due,
    flows_due,
    flows_publication,
    publication_times,
    session_due,
)

DAYS = np.array(["2024-11-01", "2026-01-20"], dtype="datetime64[D]")


@pytest.mark.parametrize(
    ("dataset", "clock"),
    [("bars", "16:30"), ("topix", "16:30"), ("flows", "16:30"), ("earnings", "10:05"), ("actions", "16:30")],
)
def test_facts_become_public_at_their_time_of_the_day(dataset: str, clock: str) -> None:
    """MARKET section 1.4."""
    assert [str(t) for t in publication_times(dataset, DAYS)] == [
        f"2024-11-01T{clock}",
        f"2026-01-20T{clock}",
    ]


def test_a_new_time_holds_from_its_day_on(monkeypatch: pytest.MonkeyPatch) -> None:
    dated = (("1949-05-16", 16 * 60 + 30), ("2026-01-20", 18 * 60))
    monkeypatch.setattr(publication, "PUBLICATION", {"flows": dated})
    days = np.array(["2026-01-19", "2026-01-20", "2026-01-21"], dtype="datetime64[D]")
    hours = [str(t)[11:] for t in publication_times("flows", days)]
    assert hours == ["16:30", "18:00", "18:00"]


@pytest.mark.parametrize("table", [*PUBLICATION.values(), *DELIVERY.values()])
def test_each_table_is_in_order_of_its_days(table: tuple[tuple[str, int], ...]) -> None:
    starts = [start for start, _ in table]
    assert starts == sorted(set(starts))


def test_no_days_give_no_times() -> None:
    assert len(publication_times("bars", DAYS[:0])) == 0


def minute(text: str) -> np.datetime64:
    return np.datetime64(text, "m")


@pytest.mark.parametrize(
    ("week", "published"),
    [
        ("2025-10-10", "2025-10-17"),  # the Monday after is a holiday
        ("2025-11-07", "2025-11-13"),
        ("2025-12-26", "2026-01-06"),  # over New Year
        ("2025-12-30", "2026-01-08"),
    ],
)
def test_flows_are_published_on_the_fourth_session_after_their_week(week: str, published: str) -> None:
    """The dates of JPX."""
    days = flows_publication(np.array([week], dtype="datetime64[D]"))
    assert days.tolist() == [date.fromisoformat(published)]
    assert str(flows_due(minute(f"{published}T16:29"))) < week
    assert str(flows_due(minute(f"{published}T16:30"))) == week


def test_before_the_first_week_no_flows_are_due() -> None:
    assert flows_due(minute("1990-01-04T07:00")) is None


@pytest.mark.parametrize(
    ("dataset", "t", "due"),
    [
        ("bars", "2026-01-13T16:29", "2026-01-09"),  # Monday was a holiday
        ("bars", "2026-01-13T16:30", "2026-01-13"),
        ("topix", "2026-01-13T07:00", "2026-01-09"),
        ("master", "2026-01-13T07:00", "2026-01-13"),
        ("master", "2026-01-13T17:29", "2026-01-13"),
        ("master", "2026-01-13T17:30", "2026-01-14"),
    ],
)
def test_the_session_whose_data_is_due(dataset: str, t: str, due: str) -> None:
    assert str(session_due(dataset, minute(t))) == due


@pytest.mark.parametrize(
    ("t", "due"),
    [
        ("2026-01-13T00:29", "2026-01-11"),
        ("2026-01-13T00:30", "2026-01-12"),
        ("2026-01-13T23:59", "2026-01-12"),
    ],
)
def test_statements_of_a_day_are_final_half_an_hour_after_midnight(t: str, due: str) -> None:
    assert str(day_due("statements", minute(t))) == due
