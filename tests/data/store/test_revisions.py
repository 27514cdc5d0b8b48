from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jstock_core.data.store.revisions import RevisedValue, find_revisions
from jstock_core.data.store.store import MarketStore
from tests.data.rows import NOW, SESSIONS, bar, bars, company, flow, market, statement, table

LATER = NOW.replace(day=2)


@pytest.fixture
def store(tmp_path: Path) -> MarketStore:
    store = MarketStore(tmp_path / "data")
    facts = {"flows": [flow("2025-01-09", "2024-12-27")], "statements": [statement("1", "2024-05-08")]}
    store.update(market(master=[company(Date="2024-12-02")], **facts), NOW)
    return store


def revised(store: MarketStore, dataset: str, row: dict[str, Any]) -> tuple[RevisedValue, ...]:
    store.append(dataset, table(dataset, [row]), market(), received_at=LATER)
    return find_revisions(store.read(), store.deliveries())


@pytest.mark.parametrize(
    ("dataset", "row", "text"),
    [
        ("bars", bar(SESSIONS[1], C=1999.0), "bars 7203 2024-12-27: C 2000 -> 1999"),
        ("bars", bar(SESSIONS[1], close=None), "bars 7203 2024-12-27: O 2000 -> none"),
        (
            "flows",
            flow("2025-01-09", "2024-12-27", FrgnBal=-3.0),
            "flows 2024-12-27 TSEPrime 2025-01-09: FrgnBal 0 -> -3",
        ),
        (
            "statements",
            statement("1", "2024-05-08", Sales="999"),
            "statements 7203 1 2024-05-08: Sales 1000 -> 999",
        ),
        ("master", company(Date="2024-12-02", CoName="乙"), "master 7203 2024-12-02: CoName 甲 -> 乙"),
    ],
)
def test_a_revision_names_its_row_and_both_values(
    store: MarketStore, dataset: str, row: dict[str, Any], text: str
) -> None:
    first = revised(store, dataset, row)[0]
    assert first.text == text
    assert (first.received_at, first.edition) == (LATER, store.read().manifest.edition)


def test_new_rows_and_values_that_were_missing_are_no_revisions(store: MarketStore) -> None:
    assert revised(store, "bars", bar("2025-01-08")) == ()
    assert revised(store, "bars", bar(SESSIONS[0], ExRT=3.0)) == ()
    assert revised(store, "master", company(Date="2024-12-03", CoName="乙")) == ()
    assert revised(store, "bars", bar(SESSIONS[0], ExRT=1.0))[0].text == "bars 7203 2024-12-26: ExRT 3 -> 1"


def test_each_version_is_a_revision_of_the_one_before(store: MarketStore) -> None:
    revised(store, "bars", bar(SESSIONS[1], Vo=900.0))
    found = revised(store, "bars", bar(SESSIONS[1], Vo=800.0))
    assert [(each.old, each.new, each.day) for each in found] == [
        (1000.0, 900.0, date(2024, 12, 27)), (900.0, 800.0, date(2024, 12, 27)),
    ]  # fmt: skip
    newest = store.deliveries()[-1:]
    assert [each.old for each in find_revisions(store.read(), newest)] == [900.0]
    assert bars()[1]["Vo"] == 1000.0
