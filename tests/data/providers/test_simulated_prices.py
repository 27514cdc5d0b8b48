"""Bars of the simulated market: legal prices, plausible statistics, and every scripted event in its place."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from jstock_core.data.providers.simulated.companies import companies, company_columns
from jstock_core.data.providers.simulated.events import EVENTS, EventKind, ScriptedEvent, event
from jstock_core.data.providers.simulated.index import topix
from jstock_core.data.providers.simulated.prices import History, history
from jstock_core.data.providers.simulated.randomness import VERSION, Stream, normals, student4, words
from jstock_core.market import rules
from jstock_core.market.adjustments import price_ratios
from jstock_core.market.calendar import tse

LAST = date(2026, 11, 20)
SEEDS = (7, 0, 20_260_101)


def of_kind(*kinds: EventKind) -> list:
    return [pytest.param(e, id=e.name) for e in EVENTS if e.kind in kinds and e.first <= LAST]


def row(h: History, day: date) -> int:
    return int(np.searchsorted(h.sessions, np.datetime64(day)))


def bar(h: History, code: str, day: date) -> dict[str, int]:
    t, n = row(h, day), company_columns()[code]
    return {name: int(getattr(h, name)[t, n]) for name in ("open", "high", "low", "close", "volume")}


def adjusted(h: History) -> np.ndarray:
    close = h.close * np.cumprod(price_ratios(h.adj_factor), axis=0) / 10
    return np.where(h.traded, close, np.nan)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_bar_holds_together(seed):
    h = history(seed, LAST)
    top, bottom = np.maximum(h.open, h.close), np.minimum(h.open, h.close)
    assert ((h.high >= top) & (h.low <= bottom) & (h.low > 0))[h.traded].all()


@pytest.mark.parametrize("seed", SEEDS)
def test_every_price_is_on_its_tick_and_inside_the_limits(seed):
    """By the rules of the session; on an ex-date the base is the theoretical price."""
    h = history(seed, LAST)
    sessions = h.sessions.tolist()
    changes = [date(2021, 1, 4), date(2021, 11, 29), date(2023, 6, 5), date(2025, 5, 7), date(2099, 1, 1)]
    for n, company in enumerate(companies()):
        for since, until in pairwise(changes):
            rows = np.array([t for t, day in enumerate(sessions) if since <= day < until and h.traded[t, n]])
            if len(rows):
                _check(h, n, rows, rules.tick_table(company.listing, sessions[rows[0]]))


def _check(h: History, n: int, rows: np.ndarray, table: str) -> None:
    for name in ("open", "high", "low", "close"):
        prices = getattr(h, name)[rows, n]
        assert (rules.snap(prices, table, up=True) == prices).all()
    after = rows[(rows > 0) & h.listed[rows - 1, n]]
    factor = [Fraction(f).limit_denominator(1000) for f in h.adj_factor[after, n]]
    base = np.array(
        [-int(-last * f // 1) for last, f in zip(h.close[after - 1, n].tolist(), factor, strict=True)]
    )
    if len(base):
        lower, upper = rules.limit_tenths(base, table)
        assert ((h.low[after, n] >= lower) & (h.high[after, n] <= upper)).all()


def test_volumes_are_whole_units_and_grow_with_the_move():
    h = history(7, LAST)
    units = np.array([c.listing.unit for c in companies()])
    assert (h.volume % units == 0).all()
    assert (h.volume[h.traded] > 0).all()
    moves = np.abs(np.diff(np.log(adjusted(h)), axis=0))
    for n in (company_columns()["1080"], company_columns()["1171"]):
        ok = ~np.isnan(moves[:, n])
        assert np.corrcoef(moves[ok, n], h.volume[1:][ok, n])[0, 1] > 0.2


@pytest.mark.parametrize("seed", SEEDS)
def test_the_statistics_are_those_of_a_market(seed):
    """Bands from what Japanese stocks do: yearly volatility of stocks 20-45 %, of the index 15-20 %."""
    h = history(seed, LAST)
    index = topix(seed, h).close
    daily = np.diff(index) / index[:-1]
    assert 0.14 < daily.std() * 245**0.5 < 0.205
    assert -0.02 < (index[-1] / index[0]) ** (245 / len(daily)) - 1 < 0.13
    returns = np.diff(adjusted(h), axis=0) / adjusted(h)[:-1]
    centred = returns - np.nanmean(returns, axis=0)
    kurtosis = np.nanmean(centred**4, axis=0) / np.nanmean(centred**2, axis=0) ** 2
    # a normal distribution would have 3
    assert np.median(kurtosis) > 4
    volatility = np.nanstd(returns, axis=0) * 245**0.5
    stocks = np.array([c.listing.kind == "stock" for c in companies()])
    assert ((volatility > 0.19) & (volatility < 0.45))[stocks].all()


def test_the_default_market_has_good_and_bad_years():
    h = history(7, LAST)
    index = topix(7, h).close
    growth = (index[-1] / index[0]) ** (245 / len(index)) - 1
    ends = [index[row(h, date(year, 12, 31)) - 1] for year in range(2021, 2026)]
    years = np.diff(ends) / ends[:-1]
    assert 0.05 < growth < 0.09
    assert years.min() < -0.10 < 0.10 < years.max()


def test_volatility_clusters():
    h = history(7, LAST)
    size = np.abs(h.factor.returns)
    assert np.corrcoef(size[1:], size[:-1])[0, 1] > 0.05


def test_prices_span_the_tick_tables():
    h = history(7, LAST)
    lows, highs = (
        np.where(h.traded, h.close, 10**9).min(axis=0) / 10,
        np.where(h.traded, h.close, 0).max(axis=0) / 10,
    )
    assert 100 < lows.min() < 200
    assert 50_000 < highs.max() < 100_000


def test_the_index_lies_between_its_high_and_low():
    index = topix(7, history(7, LAST))
    assert (index.high >= np.maximum(index.open, index.close)).all()
    assert (index.low <= np.minimum(index.open, index.close)).all()


def test_the_fund_that_follows_the_index_does():
    h = history(7, LAST)
    index, fund = topix(7, h).close, h.close[:, company_columns()["1201"]]
    assert np.corrcoef(np.diff(index) / index[:-1], np.diff(fund) / fund[:-1])[0, 1] > 0.9


def test_every_event_is_on_sessions_and_has_a_name_of_its_own():
    assert len({e.name for e in EVENTS}) == len(EVENTS)
    for e in EVENTS:
        assert e.code in company_columns()
        days = (e.announced, e.last) if e.kind is EventKind.RESTATEMENT else (e.first, e.last, e.announced)
        assert all(tse().is_session(day) for day in days if day)


def test_the_script_has_what_breaks_naive_systems():
    splits = [e for e in EVENTS if e.kind is EventKind.SPLIT]
    assert {e.adj_factor for e in splits} == {0.5, 0.33333333, 0.2, 0.1, 10.0}
    assert any(e.announced is None for e in splits)
    recent = [e for e in splits if tse().back(LAST, 250) <= e.first <= LAST]
    assert {e.adj_factor > 1 for e in recent} == {True, False}
    assert any(date(2026, 1, 1) <= e.first <= date(2026, 1, 31) for e in splits)
    assert {e.kind for e in EVENTS} == set(EventKind)


@pytest.mark.parametrize("split", of_kind(EventKind.SPLIT))
def test_a_split_divides_the_price_and_multiplies_the_volume(split: ScriptedEvent):
    h = history(7, LAST)
    t, n = row(h, split.first), company_columns()[split.code]
    assert h.adj_factor[t, n] == split.adj_factor
    theoretical = h.close[t - 1, n] * split.adj_factor
    assert 0.85 < h.open[t, n] / theoretical < 1.15
    before, after = (np.median(h.volume[rows, n]) for rows in (slice(t - 40, t), slice(t, t + 40)))
    assert 0.4 < after / before * split.adj_factor < 2.5


def test_only_splits_and_rights_issues_have_an_adjustment_factor():
    h = history(7, LAST)
    kinds = (EventKind.SPLIT, EventKind.RIGHTS)
    splits = {(e.first, e.code) for e in EVENTS if e.kind in kinds and e.first <= LAST}
    found = {(h.sessions[t].astype(object), companies()[n].code) for t, n in np.argwhere(h.adj_factor != 1.0)}
    assert found == splits


def test_an_announced_split_is_announced_about_six_weeks_before():
    notice = [(e.first - e.announced).days for e in EVENTS if e.announced and e.kind is EventKind.SPLIT]
    assert 35 <= min(notice) <= max(notice) <= 55


@pytest.mark.parametrize("halt", of_kind(EventKind.HALT))
def test_a_halt_has_no_trade_and_trading_resumes_after_it(halt: ScriptedEvent):
    h = history(7, LAST)
    n, first, last = company_columns()[halt.code], row(h, halt.first), row(h, halt.last)
    assert not h.traded[first : last + 1, n].any()
    assert h.listed[first : last + 1, n].all()
    assert h.traded[first - 1, n]
    assert h.traded[last + 1, n]


def test_only_scripted_halts_have_no_trade():
    h = history(7, LAST)
    idle = int((h.listed & ~h.traded).sum())
    halts = [e for e in EVENTS if e.kind is EventKind.HALT and e.first <= LAST]
    assert idle == sum(len(tse().between(e.first, e.last)) for e in halts)
    assert max(len(tse().between(e.first, e.last)) for e in halts) == 3


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("lock", of_kind(EventKind.LIMIT_UP, EventKind.LIMIT_DOWN))
def test_a_limit_day_has_one_price_the_limit(lock: ScriptedEvent, seed: int):
    h = history(seed, LAST)
    stock = companies()[company_columns()[lock.code]].listing
    for session in tse().between(lock.first, lock.last):
        base = Decimal(bar(h, lock.code, tse().previous(session))["close"]) / 10
        limits = rules.limits(base, stock, session)
        today = bar(h, lock.code, session)
        limit = rules.to_tenths(limits.upper if lock.kind is EventKind.LIMIT_UP else limits.lower)
        assert {today[name] for name in ("open", "high", "low", "close")} == {limit}


@pytest.mark.parametrize("listing", of_kind(EventKind.LISTING))
def test_a_late_listing_has_no_row_before_its_first_session(listing: ScriptedEvent):
    h = history(7, LAST)
    n, first = company_columns()[listing.code], row(h, listing.first)
    assert listing.code.endswith("A")
    assert not h.listed[:first, n].any()
    assert h.traded[first:, n].all()


def test_a_delisted_stock_has_no_row_after_its_last_bar():
    h = history(7, LAST)
    gone = event("delisting-1030")
    n, last = company_columns()[gone.code], row(h, gone.last)
    assert gone.last.year == 2025
    assert h.traded[last, n]
    assert not h.listed[last + 1 :, n].any()


def test_words_of_a_row_do_not_depend_on_how_many_rows_are_drawn():
    long = words(7, Stream.GAP, 50, 6)
    assert (words(7, Stream.GAP, 20, 6) == long[:20]).all()
    assert (words(7, Stream.GAP, 20, 6) != words(8, Stream.GAP, 20, 6)).all()
    assert (words(7, Stream.GAP, 20, 6) != words(7, Stream.RANGE, 20, 6)).all()


def test_the_raw_generator_is_philox_as_published():
    """Ten rounds of the four-word function of Salmon et al. (2011); NumPy counts before it draws.

    The known answer is that of Random123's kat_vectors for counter 0 and key 0.
    """
    answer = (0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B)
    assert _philox((0, 0, 0, 0), (0, 0)) == answer
    for row, drawn in enumerate(words(7, Stream.GAP, 3, 4)):
        key = (7, (VERSION << 32) | Stream.GAP)
        assert tuple(int(word) for word in drawn) == _philox((row + 1, 0, 0, 0), key)


def _philox(counter: tuple[int, ...], key: tuple[int, int]) -> tuple[int, ...]:
    whole = 2**64
    a, b, c, d = counter
    k, m = key
    for _ in range(10):
        left, right = 0xD2E7470EE14C6C93 * a, 0xCA5A826395121157 * c
        a, b, c, d = (right // whole) ^ b ^ k, right % whole, (left // whole) ^ d ^ m, left % whole
        k, m = (k + 0x9E3779B97F4A7C15) % whole, (m + 0xBB67AE8584CAA73B) % whole
    return a, b, c, d


def test_the_variates_have_the_moments_they_claim():
    """Standard error of a mean of 200,000 is 0.002; t4 with variance 1 has fatter tails than the normal."""
    raw = words(1, Stream.SHOCK, 200_000, 8)
    normal, heavy = normals(raw[:, :3]), student4(raw)
    assert abs(normal.mean()) < 0.01
    assert abs(normal.std() - 1) < 0.01
    assert abs(heavy.mean()) < 0.01
    assert 0.9 < heavy.std() < 1.05
    assert (np.abs(heavy) > 4).mean() > 10 * (np.abs(normal) > 4).mean()
