"""Tables of the market: counted again from the prices they were made of."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from jstock_core.base.clock import JST
from jstock_core.research.frames.catalogue import FEATURES
from jstock_core.research.frames.market import (
    features_frame,
    flows_frame,
    prices_frame,
    statements_frame,
    topix_frame,
)
from jstock_core.signals.features.features import Features
from jstock_core.testing import Disclosure, InvestorWeek, Stock, panel

FACTS = (
    Disclosure("7203", "2026-01-08T15:00", "FY", "2025-12-31", "2025-12-31", {"Sales": 9e12}),
    Disclosure("6758", "2026-01-19T15:00", "FY", "2025-12-31", "2025-12-31", {"EPS": 12.0}),
    InvestorWeek("2026-01-09", "2026-01-16", {"Frgn": 5e8}),
)
HALTED = [100.0, 102.0, np.nan, 104.0, 52.0, 53.0, 54.0, 55.0, 56.0, 57.0]
"""Ten sessions: no trade in the third, 1:2 on the fifth."""


@pytest.fixture(scope="module")
def market():
    return panel(
        {"7203": Stock(HALTED, splits={"2026-01-13": 0.5}, volume=1000.0), "6758": Stock(2000.0)},
        sessions=["2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08", "2026-01-13", "2026-01-14",
                  "2026-01-15", "2026-01-16", "2026-01-19", "2026-01-20"],
        facts=FACTS,
    )  # fmt: skip


def test_a_row_is_a_bar(market):
    found = prices_frame(market, ["7203"])
    assert list(found.columns) == [
        "code", "session", "known_at", "open", "high", "low", "close", "volume", "turnover", "factor",
    ]  # fmt: skip
    assert len(found) == 9
    assert str(found["known_at"].iloc[0]) == "2026-01-05 16:30:00+09:00"


def test_adjusted_prices_are_carried_forward_over_a_split(market):
    found = prices_frame(market, ["7203"])
    want = [100.0, 102.0, 104.0, 104.0, 106.0, 108.0, 110.0, 112.0, 114.0]
    assert found["close"].tolist() == want
    assert found["volume"].tolist() == [1000.0] * 3 + [500.0] * 6
    raw = prices_frame(market, ["7203"], adjusted=False)
    assert (raw["close"] * raw["factor"]).tolist() == want
    assert raw["turnover"].tolist() == found["turnover"].tolist()


def test_codes_come_in_the_order_given(market):
    assert prices_frame(market, ["6758", "7203"])["code"].drop_duplicates().tolist() == ["6758", "7203"]


def test_a_table_is_a_copy(market):
    before = market.topix.copy()
    found = topix_frame(market)
    found.loc[:, "close"] = 0.0
    assert (market.topix == before).all()


def test_features_are_those_of_pandas_over_the_bars():
    close = np.random.default_rng(2).normal(0, 10, 80).cumsum() + 1000
    made = panel({"7203": Stock(close.round())}, sessions=80)
    found = features_frame(made, Features.of(made), ["momentum_20", "bb_middle"], ["7203"])
    prices = pd.Series(prices_frame(made, ["7203"])["close"])
    np.testing.assert_allclose(found["momentum_20"], prices / prices.shift(20) - 1, atol=1e-9)
    np.testing.assert_allclose(found["bb_middle"], prices.rolling(20).mean())
    assert len(features_frame(made, Features.of(made), [], ["7203"]).columns) == 3 + len(FEATURES)


def test_nothing_is_shown_that_was_not_known(market):
    cut = market.known_at(datetime(2026, 1, 15, 16, 29, tzinfo=JST))
    for table in (prices_frame(cut, ["7203", "6758"]), topix_frame(cut)):
        assert table["known_at"].max() <= pd.Timestamp(cut.cutoff)
        assert str(table["session"].max().date()) == "2026-01-14"
    for table in (statements_frame(cut, ["7203", "6758"]), flows_frame(cut)):
        assert (table["known_at"] <= pd.Timestamp(cut.cutoff)).all()
    assert statements_frame(cut, ["7203", "6758"])["Sales"].tolist() == [9e12]
    assert flows_frame(cut).empty


def test_flows_have_a_row_for_each_kind_of_investor(market):
    found = flows_frame(market)
    assert found.set_index("investor")["balance"]["Frgn"] == 5e8
    assert set(found["known_at"].astype(str)) == {"2026-01-16 16:30:00+09:00"}
    assert found["investor"].is_unique


def test_statements_are_those_of_the_codes(market):
    found = statements_frame(market, ["6758"])
    assert found["EPS"].tolist() == [12.0]
    assert found["code"].tolist() == ["6758"]
