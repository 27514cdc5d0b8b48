"""What a feature foretold, counted again by pandas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from jstock_core.base.errors import UsageError
from jstock_core.research.frames.factors import Factor
from jstock_core.research.frames.market import prices_frame
from jstock_core.signals.features.features import Features
from jstock_core.testing import Stock, panel

COUNT = 90
CODES = [f"{n}" for n in range(1001, 1012)]


@pytest.fixture(scope="module")
def factor() -> Factor:
    rng = np.random.default_rng(3)

    def stock(n: int) -> Stock:
        close = (1000 * np.exp(np.cumsum(rng.normal(0, 0.02, COUNT)))).round()
        close[40 + n] = np.nan if n < 4 else close[40 + n]
        return Stock(close, open=(close * (1 + rng.normal(0, 0.01, COUNT))).round())

    market = panel({code: stock(n) for n, code in enumerate(CODES)}, sessions=COUNT)
    return Factor("momentum_20", market, Features.of(market), np.arange(len(CODES)))


def wide(factor: Factor, name: str) -> pd.DataFrame:
    prices = prices_frame(factor.panel, CODES)
    table = prices.pivot_table(index="session", columns="code", values=name)
    return table.reindex(pd.DatetimeIndex(factor.panel.sessions.astype("datetime64[s]")))


def by_pandas(factor: Factor, horizon: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    momentum = pd.DataFrame(
        {code: (bars := wide(factor, "close")[code].dropna()) / bars.shift(20) - 1 for code in CODES}
    ).reindex(wide(factor, "close").index)
    opens = wide(factor, "open")
    outcome = opens.shift(-1 - horizon) / opens.shift(-1) - 1
    known = momentum.notna() & outcome.notna()
    return momentum.where(known), outcome.where(known)


@pytest.mark.parametrize("horizon", [1, 5])
def test_the_ic_is_spearmans_of_each_session(factor, horizon):
    found = factor.ic(horizon).set_index("session")
    values, outcome = by_pandas(factor, horizon)
    want = values.rank(axis=1).corrwith(outcome.rank(axis=1), axis=1).dropna()
    assert len(found) == len(want) > 50
    np.testing.assert_allclose(found["ic"], want.reindex(found.index), atol=1e-9)
    assert found["stocks"].tolist() == values.notna().sum(axis=1).reindex(found.index).tolist()


def test_an_outcome_is_known_when_its_last_session_is(factor):
    first = factor.ic(5).iloc[0]
    row = factor.panel.row(first["session"].date())
    assert str(first["known_at"].date()) == str(factor.panel.session(row + 6))


def test_quantiles_are_means_of_session_means(factor):
    found = factor.quantiles(3, horizon=5)
    values, outcome = by_pandas(factor, 5)
    ranks = values.rank(axis=1)
    place = np.ceil(ranks.mul(3).div(values.notna().sum(axis=1), axis=0))
    for group in (1, 2, 3):
        inside = outcome.where(place == group)
        assert found.loc[group, "mean_pct"] == pytest.approx(100 * inside.mean(axis=1).mean())
        assert found.loc[group, "stocks"] == inside.notna().to_numpy().sum()
    whole = outcome.mean(axis=1).mean()
    np.testing.assert_allclose(found["above_pct"], found["mean_pct"] - 100 * whole)


def test_stocks_of_equal_value_stand_in_one_group_whatever_their_order(factor):
    """Values of two levels: three groups, of which the middle one is empty."""
    levels = factor.features.values["momentum_20"] > 0
    seen = replace(factor.features, values={"momentum_20": np.where(levels, 1.0, 0.0)})
    tied = replace(factor, feature="momentum_20", features=seen)
    turned = replace(tied, columns=tied.columns[::-1])
    np.testing.assert_allclose(tied.quantiles(3), turned.quantiles(3))
    np.testing.assert_allclose(tied.ic()["ic"], turned.ic()["ic"])


def test_a_feature_that_knows_the_future_has_an_ic_of_one(factor):
    """The outcome itself, shown as a feature: every session orders the stocks rightly."""
    values, outcome, rows = factor._pairs(5)
    seen = factor.features
    told = factor.features.values["momentum_20"].copy()
    for row, line in zip(rows, outcome, strict=True):
        for n in np.flatnonzero(~np.isnan(line)):
            told[seen.bar[row, n], n] = line[n]
    knowing = replace(factor, features=replace(seen, values={"momentum_20": told}))
    assert knowing.ic(5)["ic"].min() == pytest.approx(1)
    assert values.shape == outcome.shape


@pytest.mark.parametrize(("call", "said"), [
    (lambda f: f.ic(0), "0 for the horizon in sessions"),
    (lambda f: f.quantiles(1), "1 for the number of groups"),
])  # fmt: skip
def test_what_cannot_be_asked_is_said(factor, call, said):
    with pytest.raises(UsageError, match=said):
        call(factor)


def test_a_market_too_short_has_no_rows_and_a_warning_why():
    market = panel({code: [100.0, 101.0, 102.0] for code in CODES})
    factor = Factor("close", market, Features.of(market), np.arange(len(CODES)))
    said = (
        "no session of 3 sessions can be compared by close over 5 sessions: .* 5 stocks or more have a value"
    )
    with pytest.warns(UserWarning, match=said):
        assert factor.ic(5).empty
    with pytest.warns(UserWarning, match=said):
        assert factor.quantiles(5, 5)["stocks"].sum() == 0


@pytest.mark.parametrize("count", [1, 4])
def test_stocks_too_few_for_any_session_are_refused_with_how_many_it_needs(factor, count):
    with pytest.raises(UsageError, match=rf"{count} stocks? to compare, and a session .* 5 stocks or more"):
        replace(factor, columns=np.arange(count))
    assert len(replace(factor, columns=np.arange(5)).ic(5)) > 40
