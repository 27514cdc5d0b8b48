"""A view shows what was known, and one row shows the same as many."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from jstock_core.base.errors import DataError, UsageError
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.view import View
from tests.signals.histories import history, k_of, rows_of
from tests.signals.panels import panel_of, random_panel, same_bits, sessions_from, trade_dates, view_of

PANEL = random_panel(21)
WHOLE = view_of(PANEL)


@pytest.mark.parametrize("lag", [0, 1, 5, 19])
def test_a_value_is_that_of_the_stocks_own_bar_so_many_bars_ago(lag: int) -> None:
    values = WHOLE.value("close", lag)
    for row in range(0, 330, 7):
        for n in range(len(PANEL.codes)):
            closes = history(PANEL, n, row)["close"]
            expected = closes[-1 - lag] if len(closes) > lag else np.nan
            np.testing.assert_allclose(values[row, n], expected, rtol=1e-12)


def test_bars_and_their_age_count_sessions_since_the_stocks_last_bar() -> None:
    for row in range(0, 330, 11):
        for n in range(len(PANEL.codes)):
            rows = [s for s in rows_of(PANEL, n) if s <= row]
            assert WHOLE.bars[row, n] == len(rows)
            assert WHOLE.age[row, n] == (row - rows[-1] if rows else -1)
            assert WHOLE.has_bar[row, n] == (bool(rows) and rows[-1] == row)


@pytest.mark.parametrize("row", [0, 1, 45, 160, 329])
def test_a_view_of_one_row_shows_what_the_whole_view_shows(row: int) -> None:
    one = view_of(PANEL, row, row)
    assert one.shape == (1, 6)
    for name in WHOLE.features.values:
        for lag in (0, 3):
            assert same_bits(one.value(name, lag)[0], WHOLE.value(name, lag)[row])
    assert same_bits(one.age[0], WHOLE.age[row])


def test_single_values_are_those_of_the_arrays() -> None:
    for row in (0, 50, 200):
        for n in range(len(PANEL.codes)):
            for lag in (0, 4):
                assert same_bits(np.array(WHOLE.at("atr", row, n, lag)), WHOLE.value("atr", lag)[row, n])


def test_the_future_cannot_be_asked_for() -> None:
    view = view_of(PANEL, 100, 120)
    with pytest.raises(UsageError, match="future"):
        view.value("close", -1)
    with pytest.raises(UsageError, match="future"):
        view.at("close", 0, 0, -1)
    with pytest.raises(UsageError, match="lies after"):
        view.past("close", 0, 0, PANEL.session(101))


def test_an_unknown_feature_is_named() -> None:
    with pytest.raises(UsageError, match="'rsi_14'"):
        WHOLE.value("rsi_14")


def test_the_value_at_an_earlier_session_is_that_of_the_last_bar_then() -> None:
    for row, then in ((200, 45), (300, 299), (329, 329)):
        for n in range(len(PANEL.codes)):
            closes = history(PANEL, n, then)["close"]
            expected = closes[-1] if closes else np.nan
            np.testing.assert_allclose(WHOLE.past("close", row, n, PANEL.session(then)), expected, rtol=1e-12)


def test_values_since_a_session_are_those_of_its_bars_and_later_ones() -> None:
    rows = [s for s in rows_of(PANEL, 0) if 44 <= s <= 60]
    expected = history(PANEL, 0, 60)["close"][-len(rows) :]
    np.testing.assert_allclose(WHOLE.since("close", 60, 0, PANEL.session(44)), expected, rtol=1e-12)
    assert len(WHOLE.since("close", 60, 0, date(2030, 1, 1))) == 0


def test_values_since_before_the_panel_are_not_known() -> None:
    with pytest.raises(DataError, match="not known"):
        WHOLE.since("close", 60, 0, date(2020, 1, 6))


def test_the_last_close_is_the_traded_price_carried_across_splits_since_its_bar() -> None:
    sessions = sessions_from("2025-01-06", 4)
    close = np.array([[1000.0], [1010.0], [np.nan], [np.nan]])
    adj = np.array([[1.0], [1.0], [0.5], [1.0]])
    bars = dict.fromkeys(("open", "high", "low", "close"), close) | {
        "volume": np.where(np.isnan(close), np.nan, 100.0)
    }
    view = view_of(panel_of(sessions, bars, adj))
    assert [view.last_close(row, 0) for row in range(4)] == [1000.0, 1010.0, 505.0, 505.0]


def test_k_carries_yen_of_a_session_into_the_scale_of_the_features() -> None:
    for row in (0, 100, 329):
        for n in range(len(PANEL.codes)):
            assert WHOLE.k(row, n) == pytest.approx(k_of(PANEL, n, row), rel=1e-12)


def test_what_is_remembered_is_made_once() -> None:
    view, made = view_of(PANEL, 5, 9), []
    assert [view.memo("key", lambda: made.append(1) or "value") for _ in range(3)] == ["value"] * 3
    assert made == [1]


def test_decisions_are_taken_at_seven_unless_a_run_says_otherwise() -> None:
    view = view_of(PANEL, 5, 6)
    assert (view.decided_at == view.trade_dates + np.timedelta64(420, "m")).all()


@pytest.mark.parametrize(
    ("first", "last", "dates", "times"),
    [
        (5, 4, slice(5, 5), None),
        (0, 330, slice(0, 330), None),
        (3, 4, slice(3, 6), None),
        (3, 4, slice(2, 4), None),
        (3, 3, slice(3, 4), ["2024-01-09T16:29"]),
        (3, 4, slice(3, 5), ["2024-01-11T07:00", "2024-01-11T06:59"]),
    ],
    ids=[
        "no rows",
        "rows beyond the panel",
        "too many dates",
        "dates of the sessions",
        "before the bars are out",
        "back in time",
    ],
)
def test_a_view_that_makes_no_sense_is_refused(
    first: int, last: int, dates: slice, times: list[str] | None
) -> None:
    decided = None if times is None else np.array(times, "datetime64[m]")
    with pytest.raises(UsageError):
        View.of(PANEL, Features.of(PANEL), first, last, trade_dates(PANEL)[dates], decided_at=decided)
