from __future__ import annotations

import numpy as np
import pytest

from jstock_core.market import publication
from jstock_core.market.publication import PUBLICATION, publication_times

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


@pytest.mark.parametrize("dataset", PUBLICATION)
def test_each_table_is_in_order_of_its_days(dataset: str) -> None:
    starts = [start for start, _ in PUBLICATION[dataset]]
    assert starts == sorted(set(starts))


def test_no_days_give_no_times() -> None:
    assert len(publication_times("bars", DAYS[:0])) == 0
