"""A second source on the same basis of adjustment: only what should not differ is a finding."""

from __future__ import annotations

import numpy as np
import pytest

from jstock_core import testing
from jstock_core.data.checks.crosscheck import (
    AS_TRADED,
    DIVIDENDS,
    SPLITS,
    CrossCheck,
    compare_closes,
)
from jstock_core.data.providers.file_formats.closes import OtherCloses
from jstock_core.market.panel import Floats, Panel
from jstock_core.testing import Stock

COUNT = 60
SPLIT_AT, DIVIDENDS_AT = 30, (15, 45)


def traded() -> Floats:
    """Closes as traded: a walk of whole yen around 3,000, divided by five from the ex-date on."""
    closes = 3000 + 10 * np.rint(20 * np.sin(np.arange(COUNT))).astype(np.float64)
    closes[SPLIT_AT:] /= 5
    return closes


def market() -> Panel:
    days = testing.panel({"7203": 1.0}, sessions=COUNT).dates
    return testing.panel({"7203": Stock(traded(), splits={days[SPLIT_AT]: 0.2})}, sessions=COUNT)


def adjusted(later: float = 1.0) -> Floats:
    """As Yahoo has them: divided by every split, also one that comes later, and rounded."""
    closes = traded()
    closes[:SPLIT_AT] /= 5
    return np.round(closes * later, 2)


def with_dividends() -> Floats:
    """As Stooq has them: divided by dividends too."""
    closes = adjusted()
    for at in DIVIDENDS_AT:
        closes[:at] *= 0.985
    return np.round(closes, 2)


def others(closes: Floats, code: str = "7203") -> OtherCloses:
    days = market().sessions[-len(closes) :]
    return OtherCloses(np.full(len(closes), code), days, closes)


def compared(closes: Floats) -> CrossCheck:
    return compare_closes(market(), others(closes))


@pytest.mark.parametrize(
    ("closes", "basis"),
    [
        (traded(), AS_TRADED), (adjusted(), SPLITS), (adjusted(0.5), SPLITS), (with_dividends(), DIVIDENDS),
        (with_dividends()[-5:], AS_TRADED), (adjusted()[-5:], AS_TRADED),
    ],
)  # fmt: skip
def test_equal_closes_are_equal_on_every_basis(closes: Floats, basis: str) -> None:
    found = compared(closes)
    assert (found.bases, found.compared, found.findings) == ({basis: 1}, len(closes), ())


@pytest.mark.parametrize("closes", [traded(), adjusted(), adjusted(0.5), with_dividends()])
@pytest.mark.parametrize("at", [5, 20, COUNT - 1])
def test_one_wrong_close_is_found_in_yen_of_its_session(closes: Floats, at: int) -> None:
    wrong = closes.copy()
    wrong[at] *= 1.02
    [finding] = compared(wrong).findings
    assert (finding.severity, finding.code, finding.session) == ("warn", "7203", market().dates[at])
    ours = traded()[at]
    shown = float(finding.what.split("¥")[2].split(" ")[0].replace(",", ""))
    assert f"the close is ¥{ours:,.1f} here" in finding.what
    assert shown == pytest.approx(1.02 * ours, rel=2e-4, abs=0.06)


def test_one_tick_is_found_where_both_have_traded_prices() -> None:
    wrong = adjusted()
    wrong[-1] += 1
    assert compared(wrong).findings[0].session == market().dates[-1]


def test_several_wrong_closes_are_one_finding_at_the_newest() -> None:
    wrong = traded()
    wrong[[7, 50]] += 10
    [finding] = compared(wrong).findings
    assert finding.session == market().dates[50]
    assert "2 of 60 sessions differ, this the newest" in finding.what


def test_a_split_that_only_one_of_both_has_is_found() -> None:
    """The second source has half of the yen from some session on, and no later split explains it."""
    wrong = adjusted()
    wrong[45:] /= 2
    [finding] = compared(wrong).findings
    assert finding.session == market().dates[45]
    assert "0.5 times as high against ours as before: only one of both has a split" in finding.what


def test_closes_of_another_stock_are_found() -> None:
    [finding] = compared(1.37 * with_dividends()).findings
    assert "the closes of the second source are 1.37 times ours" in finding.what


def test_a_file_of_one_day_is_compared_as_it_is() -> None:
    assert compared(traded()[-1:]).findings == ()
    assert len(compared(traded()[-1:] / 2).findings) == 1


def test_what_cannot_be_compared_is_named() -> None:
    unknown = others(traded(), "9984")
    found = compare_closes(market(), unknown)
    assert (found.unknown, found.compared, found.bases) == (("9984",), 0, {})
    before = OtherCloses(np.array(["7203"]), np.array(["1999-01-04"], dtype="datetime64[D]"), np.array([1.0]))
    assert compare_closes(market(), before).untouched == ("7203",)
    nothing = OtherCloses(np.array(["7203"]), market().sessions[:1], np.array([np.nan]))
    assert compare_closes(market(), nothing).untouched == ("7203",)
