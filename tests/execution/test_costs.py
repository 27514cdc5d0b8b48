"""What trading costs is a dated table: none by default, and said in one line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from jstock_core.base.errors import ParamsError
from jstock_core.base.params import build
from jstock_core.execution.costs import Cost, Costs

OLD = Cost(since=date(2024, 1, 1), commission_pct=0.2, slippage_ticks=2)
CHEAPER = Cost(since=date(2026, 1, 1), commission_pct=0.05)


def test_there_are_none_by_default():
    assert Costs().commission(date(2026, 1, 20)) == 0
    assert Costs().slippage_ticks(date(2026, 1, 20)) == 0
    assert Costs().describe(date(2026, 1, 20)) == "no commission, no slippage"


@pytest.mark.parametrize("rows", [[OLD, CHEAPER], [CHEAPER, OLD]])
@pytest.mark.parametrize(
    ("session", "commission", "ticks"),
    [
        (date(2023, 12, 29), "0", 0),
        (date(2024, 1, 1), "0.002", 2),
        (date(2025, 12, 31), "0.002", 2),
        (date(2026, 1, 1), "0.0005", 0),
    ],
)
def test_the_row_in_force_counts(rows, session, commission, ticks):
    """From its day on until the next row's, in whatever order the rows are written."""
    table = Costs.of(rows)
    assert table.commission(session) == Decimal(commission)
    assert table.slippage_ticks(session) == ticks


def test_costs_are_described():
    assert Costs.of([OLD]).describe(date(2025, 1, 6)) == "commission 0.2 %, slippage 2 ticks"


def test_a_date_may_be_text():
    """As JSON and some YAML readers give it."""
    assert build(Cost, {"since": "2026-01-01"}, where="desk.yaml") == Cost(since=date(2026, 1, 1))


@pytest.mark.parametrize(
    "row",
    [{}, {"since": date(2026, 1, 1), "commission": 1}, {"since": date(2026, 1, 1), "commission_pct": -1}],
)
def test_a_wrong_row_is_refused(row):
    with pytest.raises(ParamsError, match=r"since|commission"):
        build(Cost, row, where="desk.yaml")
