"""Stocks compared on the same morning: ranks and sectors, of those that trade."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from jstock_core.market.listings import DatedListing
from jstock_core.rules import above_sector, rank_in_sector, rank_stocks
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.view import View
from jstock_core.testing import Stock, panel
from tests.signals.panels import same_bits

NAN = np.nan
CLOSES = {"1001": 10.0, "1002": 20.0, "1003": 20.0, "1004": 40.0, "1005": NAN, "1006": 60.0}
SECTORS = {"1001": "A", "1002": "A", "1003": "B", "1004": "B", "1005": "B", "1006": ""}
MARKET = panel({
    code: Stock([15.0, close], sector=SECTORS[code]) for code, close in CLOSES.items()
})  # fmt: skip


def view_of(market, first: int = 1) -> View:
    dates = np.append(market.sessions[1:], np.datetime64("2026-01-21"))[first:]
    return View.of(market, Features.of(market), first, len(market.sessions) - 1, dates)


def told(compare, view: View) -> list[float | None]:
    found = compare(view, view.value("close"))[-1]
    return [None if np.isnan(each) else each for each in found]


def test_a_rank_counts_half_of_the_equals_and_nobody_who_does_not_trade() -> None:
    assert told(rank_stocks, view_of(MARKET)) == [0, 37.5, 37.5, 75, None, 100]


def test_a_sector_has_its_own_ranks_and_median() -> None:
    view = view_of(MARKET)
    assert told(rank_in_sector, view) == [0, 100, 0, 100, None, None]
    assert told(above_sector, view) == [-5, 5, -10, 10, None, None]


def test_one_alone_has_no_rank() -> None:
    view = view_of(MARKET.only(["1001", "1005"]))
    assert told(rank_stocks, view) == [None, None]
    assert told(above_sector, view) == [0, None]


def test_a_sector_is_that_of_the_day() -> None:
    """1001 goes over to B on the second session's trade date."""
    first = MARKET.listings[0]
    since = (
        DatedListing(date(2020, 1, 1), first),
        DatedListing(date(2026, 1, 21), replace(first, sector="B")),
    )
    view = view_of(replace(MARKET, lists={"1001": since}), 0)
    found = above_sector(view, view.value("close"))
    assert found[:, 0].tolist() == [0, -10]


@pytest.mark.parametrize("compare", [rank_stocks, rank_in_sector, above_sector])
def test_a_row_by_itself_says_what_it_says_among_others(compare) -> None:
    view, alone = view_of(MARKET, 0), view_of(MARKET)
    whole, one = (compare(each, each.value("close")) for each in (view, alone))
    assert same_bits(whole[1:], one)
