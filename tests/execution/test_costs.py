"""What trading costs is a dated table: none by default, and said in one line."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from jstock_core.base.errors import ParamsError
from jstock_core.base.params import build, parse_yaml
from jstock_core.execution.commission import FREE, Commission
from jstock_core.execution.costs import Cost, Costs
from jstock_core.reports.render.parts.words import Words

ROOT = Path(__file__).parents[2]
OLD = Cost(since=date(2024, 1, 1), commission_pct=0.2, slippage_ticks=2)
CHEAPER = Cost(since=date(2026, 1, 1), commission_pct=0.05)


def test_there_are_none_by_default():
    assert Costs().commission(date(2026, 1, 20)) == FREE
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
    assert table.commission(session) == Commission(rate=Decimal(commission))
    assert table.slippage_ticks(session) == ticks


def test_costs_are_described():
    assert Costs.of([OLD]).describe(date(2025, 1, 6)) == "commission 0.2 %, slippage 2 ticks"


STEPS = [{"up_to": 50_000, "yen": 55}, {"up_to": 100_000, "yen": 99}, {"yen": 1_013}]
DAY_STEPS = [
    {"up_to": 1_000_000, "yen": 0},
    {"up_to": 2_000_000, "yen": 2_200},
    {"each": 10**6, "yen": 1_100},
]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            {"commission_steps": STEPS},
            "commission by the value of an order: ¥55 up to ¥50,000 and ¥1,013 above ¥100,000, no slippage",
        ),
        (
            {"commission_pct": 0.1, "commission_least": 55},
            "commission 0.1 % and at least ¥55, no slippage",
        ),
        (
            {"commission_pct": 0.1, "commission_most": 1_070, "slippage_ticks": 1},
            "commission 0.1 % from ¥0 to ¥1,070, slippage 1 tick",
        ),
        ({"slippage_ticks": 2}, "no commission, slippage 2 ticks"),
        (
            {"commission_steps": [{"yen": 0}]},
            "commission by the value of an order: ¥0 whatever it is, no slippage",
        ),
        (
            {"commission_steps": DAY_STEPS},
            (
                "commission by the value of an order: ¥0 up to ¥1,000,000 and ¥1,100 more for each "
                "¥1,000,000 above ¥2,000,000, no slippage"
            ),
        ),
        (
            {"commission_day_steps": DAY_STEPS},
            (
                "commission by the value of a day: ¥0 up to ¥1,000,000 and ¥1,100 more for each "
                "¥1,000,000 above ¥2,000,000, no slippage"
            ),
        ),
        (
            {"commission_day_steps": STEPS},
            "commission by the value of a day: ¥55 up to ¥50,000 and ¥1,013 above ¥100,000, no slippage",
        ),
    ],
)
def test_bounds_and_tables_are_described(row, words):
    cost = build(Cost, {"since": "2026-01-01", **row}, where="desk.yaml")
    assert Costs.of([cost]).describe(date(2026, 1, 20)) == words


@pytest.mark.parametrize(
    ("row", "japanese"),
    [
        ({}, "手数料なし、スリッページなし"),
        ({"slippage_ticks": 1}, "手数料なし、スリッページ1ティック"),
        ({"commission_pct": 0.1, "slippage_ticks": 2}, "手数料0.1%、スリッページ2ティック"),
        (
            {"commission_pct": 0.1, "commission_least": 1_055},
            "手数料0.1%（最低¥1,055）、スリッページなし",
        ),
        (
            {"commission_pct": 0.1, "commission_most": 1_070},
            "手数料0.1%（¥0以上¥1,070以下）、スリッページなし",
        ),
        (
            {"commission_steps": STEPS, "slippage_ticks": 1},
            "手数料（注文ごとの約定代金による）¥50,000まで¥55、¥100,000超は¥1,013、スリッページ1ティック",
        ),
        (
            {"commission_steps": DAY_STEPS},
            "手数料（注文ごとの約定代金による）¥1,000,000まで¥0、¥2,000,000超は¥1,000,000ごとに¥1,100加算、スリッページなし",
        ),
        (
            {"commission_day_steps": DAY_STEPS},
            "手数料（一日の約定代金合計による）¥1,000,000まで¥0、¥2,000,000超は¥1,000,000ごとに¥1,100加算、スリッページなし",
        ),
        (
            {"commission_day_steps": STEPS},
            "手数料（一日の約定代金合計による）¥50,000まで¥55、¥100,000超は¥1,013、スリッページなし",
        ),
    ],
)
def test_costs_are_described_in_japanese(row, japanese):
    cost = build(Cost, {"since": "2026-01-01", **row}, where="desk.yaml")
    assert Words("ja").sentence(Costs.of([cost]).describe(date(2026, 1, 20))) == japanese


def test_a_table_takes_the_place_of_a_percentage_on_its_day():
    table = build(Cost, {"since": "2026-01-01", "commission_steps": STEPS}, where="desk.yaml")
    costs = Costs.of([OLD, table])
    assert costs.commission(date(2025, 12, 31)).on(100_001) == 201
    assert costs.commission(date(2026, 1, 1)).on(100_001) == 1_013


def test_the_costs_of_the_handbook_are_declared_as_it_says():
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    [block] = re.findall(r"```yaml\n(costs:.*?)```", page, re.DOTALL)
    costs = Costs.of([build(Cost, row, where="docs/operations.md") for row in parse_yaml(block)["costs"]])
    assert [costs.commission(date(2025, 1, 6)).on(yen) for yen in (10_000, 100_000, 5_000_000)] == [
        55,
        100,
        1_070,
    ]
    assert [costs.commission(date(2026, 1, 5)).on(yen) for yen in (50_000, 50_001, 5_000_000)] == [
        55,
        99,
        1_013,
    ]
    by_day = costs.commission(date(2027, 1, 4))
    assert [by_day.on(yen) for yen in (10**6, 10**6 + 1, 3 * 10**6, 3 * 10**6 + 1)] == [
        0,
        2_200,
        3_300,
        4_400,
    ]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({"commission_steps": STEPS, "commission_pct": 0.1}, "commission_pct is there too"),
        ({"commission_day_steps": STEPS, "commission_pct": 0.1}, "commission_pct is there too"),
        (
            {"commission_day_steps": STEPS, "commission_steps": STEPS},
            "day_steps: commission_steps is there too",
        ),
        ({"commission_day_steps": STEPS, "commission_most": 55}, "there is none"),
        ({"commission_day_steps": STEPS[:2]}, "commission_day_steps: the last step"),
        (
            {"commission_day_steps": [STEPS[1], {"yen": 98}]},
            r"day_steps\.1\.yen: expected at least 99, got 98",
        ),
        (
            {"commission_day_steps": [{**STEPS[0], "each": 10}, {"yen": 98}]},
            r"day_steps\.0\.each: only the last step",
        ),
        ({"commission_day_steps": [{"each": 0, "yen": 98}]}, r"day_steps\.0\.each"),
        ({"commission_steps": STEPS, "commission_least": 55}, "there is none"),
        ({"commission_least": 55}, "there is none"),
        ({"commission_most": 55}, "there is none"),
        ({"commission_pct": 0.1, "commission_least": 56, "commission_most": 55}, "at least commission_least"),
        ({"commission_steps": STEPS[:2]}, "counts for all above"),
        ({"commission_steps": [STEPS[2], *STEPS]}, "counts for all above"),
        ({"commission_steps": [STEPS[0], STEPS[0], STEPS[2]]}, r"steps\.1\.up_to: expected more than 50000"),
        ({"commission_steps": [STEPS[1], {"yen": 98}]}, r"steps\.1\.yen: expected at least 99, got 98"),
        (
            {"commission_steps": [{"up_to": "1", "yen": 55}, {"yen": 99}]},
            r"steps\.0\.up_to: expected a whole",
        ),
        ({"commission_steps": [{"yen": 55, "pct": 1}]}, r"steps\.0\.pct: unknown key"),
        ({"commission_steps": [{"yen": 55.5}]}, r"steps\.0\.yen: expected a whole number"),
        ({"commission_steps": 55}, "expected a list"),
    ],
)
def test_what_is_no_table_is_refused(row, fault):
    with pytest.raises(ParamsError, match=fault) as refused:
        build(Cost, {"since": "2026-01-01", **row}, where="desk.yaml, costs[0]")
    assert refused.value.where == "desk.yaml, costs[0]"


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
