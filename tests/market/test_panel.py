from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core import testing
from jstock_core.base.clock import JST
from jstock_core.base.errors import DataError, UsageError
from jstock_core.market.calendar import tse
from jstock_core.market.panel import Panel
from jstock_core.testing import Disclosure, EarningsDate, InvestorWeek, SplitNotice, Stock
from jstock_core.testing.facts import Fact

SESSIONS = tse().between(date(2024, 12, 26), date(2025, 1, 10))


def panel(factors: dict[tuple[int, int], float] | None = None) -> Panel:
    """Two stocks over eight sessions, the second listed in the fourth; two facts of each dated kind."""
    prices = np.arange(16, dtype=np.float64).reshape(8, 2) + 100
    prices[:3, 1] = np.nan
    splits: list[dict[date, float]] = [{}, {}]
    for (row, column), value in (factors or {}).items():
        splits[column][SESSIONS[row]] = value
    stocks = {
        code: Stock(x, high=x + 1, low=x - 1, volume=np.nan_to_num(x) * 100, splits=of)
        for code, x, of in zip(("167A", "7203"), prices.T, splits, strict=True)
    }
    facts: list[Fact] = []
    for day in ("2024-12-27", "2025-01-06"):
        known = f"{day}T16:30"
        facts += [
            InvestorWeek("2024-12-20", day, {"Frgn": 1.0}),
            Disclosure("7203", known, "2Q", "2024-09-30", "2025-03-31", {"OP": 1.0}),
            EarningsDate("7203", "2025-02-05", known),
            SplitNotice("7203", "2025-01-08", 0.5, known),
        ]
    return testing.panel(stocks, sessions=SESSIONS, topix=np.arange(8.0), facts=facts)


def jst(*parts: int) -> datetime:
    year, month, day, *clock = parts
    return datetime(year, month, day, *clock, tzinfo=JST)


@pytest.mark.parametrize(
    ("t", "last"),
    [(jst(2024, 12, 27, 16, 29), "2024-12-26"), (jst(2024, 12, 27, 16, 30), "2024-12-27"),
     (jst(2025, 1, 6, 7, 0), "2024-12-30"), (jst(2025, 1, 6, 7, 0).astimezone(UTC), "2024-12-30")],
)  # fmt: skip
def test_bars_are_known_from_half_past_four_of_their_session(t: datetime, last: str) -> None:
    cut = panel().known_at(t)
    assert str(cut.sessions[-1]) == last
    assert {
        len(a) for a in (cut.open, cut.high, cut.low, cut.close, cut.volume, cut.adj_factor, cut.topix)
    } == {len(cut.sessions)}
    assert cut.cutoff == t


@pytest.mark.parametrize(
    ("t", "facts"),
    [(jst(2024, 12, 27, 16, 29), 0), (jst(2024, 12, 27, 16, 30), 1), (jst(2025, 1, 6, 16, 29), 1),
     (jst(2025, 1, 6, 16, 30), 2)],
)  # fmt: skip
def test_dated_facts_are_known_from_their_minute(t: datetime, facts: int) -> None:
    cut = panel().known_at(t)
    held = (cut.flows.section, cut.flows.balance["Frgn"], cut.statements.number, cut.statements.figures["OP"],
            cut.announcements.day, cut.actions.adj_factor)  # fmt: skip
    assert {len(values) for values in held} == {facts}


def test_before_everything_nothing_is_known() -> None:
    cut = panel().known_at(jst(2020, 1, 6, 7, 0))
    assert cut.close.shape == (0, 2)
    with pytest.raises(DataError, match="the store holds nothing"):
        cut.row(SESSIONS[0])


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(UsageError, match="needs a time zone"):
        panel().known_at(datetime(2025, 1, 6, 7, 0))


@given(st.integers(0, 16 * 24), st.integers(0, 16 * 24))
def test_a_cut_of_a_cut_is_the_earlier_cut_bit_for_bit(first: int, second: int) -> None:
    whole = panel({(2, 0): 0.5, (5, 1): 0.33333333, (6, 0): 10.0})
    times = [jst(2024, 12, 26) + timedelta(hours=hours) for hours in (first, second)]
    twice = whole.known_at(times[0]).known_at(times[1])
    once = whole.known_at(min(times))
    for name in ("sessions", "close", "volume", "adj_factor", "forward", "topix", "has_bar", "bars_known_at"):
        assert getattr(twice, name).tobytes() == getattr(once, name).tobytes()
    assert len(twice.statements.number) == len(once.statements.number)


@given(st.integers(1, 8))
def test_a_later_split_changes_no_earlier_adjusted_price(rows: int) -> None:
    whole = panel({(2, 0): 0.5, (5, 1): 0.33333333, (7, 0): 0.1})
    cut = whole.known_at(jst(*SESSIONS[rows - 1].timetuple()[:3], 17))
    assert cut.forward.tobytes() == whole.forward[:rows].tobytes()


def test_forward_factors_multiply_from_the_ex_date_on() -> None:
    found = panel({(2, 0): 0.5, (5, 0): 10.0, (3, 1): 0.33333333}).forward
    assert found[:, 0].tolist() == [1, 1, 2, 2, 2, 0.2, 0.2, 0.2]
    assert found[:, 1].tolist() == [1, 1, 1, 3, 3, 3, 3, 3]


def test_rows_columns_and_sessions() -> None:
    found = panel()
    assert found.codes == ("167A", "7203")
    assert found.column == {"167A": 0, "7203": 1}
    assert found.row(date(2025, 1, 6)) == 3
    assert found.session(3) == date(2025, 1, 6)
    assert found.has_bar[:, 1].tolist() == [False] * 3 + [True] * 5


def test_some_stocks_keep_their_bars_and_the_market_stays() -> None:
    whole = panel({(4, 1): 0.5})
    found = whole.only({"7203", "9999"})
    assert found.codes == ("7203",)
    assert np.array_equal(found.close[:, 0], whole.close[:, 1], equal_nan=True)
    assert np.array_equal(found.forward[:, 0], whole.forward[:, 1])
    assert found.topix is whole.topix
    assert found.statements is whole.statements


@pytest.mark.parametrize("day", [date(2024, 12, 25), date(2024, 12, 31), date(2025, 1, 14)])
def test_a_day_without_a_row_is_an_error_that_says_what_is_held(day: date) -> None:
    with pytest.raises(DataError, match=f"no bars for {day}") as caught:
        panel().row(day)
    assert caught.value.where == "the store holds 2024-12-26 to 2025-01-10"
