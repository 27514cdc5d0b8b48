"""The contract of providers: jstock's own keep to it, and one that does not is told why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pytest

from jstock_core.base.clock import JST
from jstock_core.data.providers.files import Files
from jstock_core.data.providers.jquants import limits, provider
from jstock_core.data.providers.jquants.keys import VARIABLE
from jstock_core.data.providers.jquants.plans import PLANS
from jstock_core.data.providers.jquants.provider import JQuants
from jstock_core.data.providers.jquants.transport import URL_VARIABLE
from jstock_core.data.providers.protocol import Capabilities
from jstock_core.data.providers.simulated.provider import Simulated
from jstock_core.testing import check_provider, serve_jquants, simulated_exchange, write_market
from jstock_core.testing.jquants.clock import ManualClock
from jstock_core.testing.jquants.server import KEY
from tests.data.rows import bar, flow, market

NOW = datetime(2026, 1, 21, 7, 0, tzinfo=JST)


def test_the_simulated_market_keeps_to_it():
    check_provider(Simulated(seed=7), NOW)


def test_files_keep_to_it(shared_desk, tmp_path: Path):
    folder = write_market(shared_desk(ready="fetched").panel(), tmp_path / "files")
    check_provider(Files(folder), NOW)


@pytest.mark.parametrize("plan", ["free", "standard"])
def test_j_quants_keeps_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plan: str):
    exchange = simulated_exchange(datetime(2026, 1, 31, tzinfo=JST), since=date(2025, 7, 1))
    clock = ManualClock.at(NOW)
    monkeypatch.setattr(limits, "limits_folder", lambda: tmp_path)
    monkeypatch.setattr(provider, "CLOCK", clock.for_requests)
    monkeypatch.setenv(VARIABLE, KEY)
    codes = exchange.tables["/equities/master"]["Code"].to_pylist()[:3] if plan == "free" else []
    with serve_jquants(exchange, clock, plan=PLANS[plan]) as local:
        monkeypatch.setenv(URL_VARIABLE, local.url)
        check_provider(JQuants(plan=plan, codes=[code[:4] for code in codes], history_years=1), NOW)
        assert local.refused == 0


Fetch = Callable[[pa.Table, str, Any, datetime], pa.Table]


@dataclass(frozen=True)
class Broken:
    """A provider of a few rows, each answer of which is changed."""

    change: Fetch
    rows: Any = field(default_factory=market)
    id: str = "broken"
    capabilities: ClassVar[Capabilities] = Capabilities(live=True, fetches=True)

    def fetch(self, dataset: str, after: date | None, now: datetime) -> pa.Table:
        return self.change(self.rows.fetch(dataset, after, now), dataset, after, now)


def only(name: str, change: Callable[[pa.Table], pa.Table]) -> Fetch:
    """Change the answers of one data set."""
    return lambda table, dataset, _after, _now: change(table) if dataset == name else table


def put(column: str, values: Callable[[pa.Table], Any]) -> Callable[[pa.Table], pa.Table]:
    return lambda table: table.set_column(table.column_names.index(column), column, values(table))


def counting(table: pa.Table, dataset: str, _after: Any, _now: datetime) -> pa.Table:
    """The first answer is the other way round."""
    calls.append(dataset)
    first = dataset == "topix" and calls.count("topix") == 1
    return table.take(list(range(len(table)))[::-1]) if first else table


calls: list[str] = []
FLOWS = market(flows=[{**flow("2025-01-07", "2024-12-27"), "PropTot": 5.0}])
LATER = market(bars=[bar("2025-12-30"), bar("2025-12-26")])


def all_same(column: str, value: Any) -> Fetch:
    return only("bars", put(column, lambda table: pa.array([value] * len(table))))


def twice(table: pa.Table) -> pa.Table:
    return (
        pa.concat_tables([table, put("C", lambda t: pa.array([1.0] * len(t)))(table)])
        if table.num_rows
        else table
    )


BROKEN: list[tuple[Fetch, str]] = [
    (
        only("bars", lambda table: table.drop_columns(["AdjFactor"])),
        "bars: the columns AdjFactor are missing",
    ),
    (all_same("Code", "7203"), "the code '7203' is no text of five characters"),
    (all_same("Code", "ABCDE"), "bars: Code cannot be read"),
    (all_same("Va", 1.0), "bars: Va is no turnover in yen"),
    (only("bars", twice), "rows have the Date, Code of another"),
    (lambda t, n, a, now: FLOWS.fetch(n, a, now) if n == "flows" else t, "flows: Prop: Tot is not"),
    (lambda t, n, a, now: LATER.fetch(n, a, now + timedelta(days=3)) if n == "bars" else t, "only after"),
    (lambda _t, n, _a, now: market().fetch(n, None, now), "after 2024-12-30 it gives 5 rows, and has 2"),
    (counting, "topix: asked again"),
    (only("topix", lambda t: t if t.num_rows else t.select(["Date"])), "without rows it has not all columns"),
]


@pytest.mark.parametrize(("change", "message"), BROKEN, ids=[message for _, message in BROKEN])
def test_a_provider_that_does_not_is_told_why(change: Fetch, message: str):
    with pytest.raises(AssertionError, match="provider broken:") as caught:
        check_provider(Broken(change), datetime(2025, 12, 29, 7, 0, tzinfo=JST))
    assert message in str(caught.value)


def test_the_rows_of_the_broken_ones_are_sound():
    check_provider(Broken(lambda table, *_: table), datetime(2025, 12, 29, 7, 0, tzinfo=JST))
