"""Who is due a dividend and how much of it, to the yen; what is booked, and what is expected."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.execution.dividends import (
    divide_yen,
    dividend_claims,
    expected_dividends,
    pay_dividends,
)
from jstock_core.market.dividends import CashDividend
from jstock_core.market.panel import Panel
from jstock_core.state.book.book import Book, replay
from jstock_core.state.facts.events import (
    CodeMoved,
    Deposit,
    Dividend,
    Event,
    Filled,
    OrderPlaced,
    PositionAdjusted,
    SplitApplied,
)
from jstock_core.testing import DividendNotice, panel

CUM, EX, AFTER = date(2026, 1, 8), date(2026, 1, 9), date(2026, 1, 13)
PAY = date(2026, 1, 16)
DAYS = ["2026-01-06", "2026-01-07", "2026-01-08", "2026-01-09", "2026-01-13", "2026-01-14", "2026-01-15",
        "2026-01-16", "2026-01-19"]  # fmt: skip
NOTICE = DividendNotice("7203", EX, 45, PAY, "2026-01-05T15:30")


def market(*notices: DividendNotice) -> Panel:
    return panel({"7203": 3000.0}, sessions=DAYS, facts=notices or (NOTICE,))


def deposits(*groups: str) -> list[Event]:
    day = date(2026, 1, 5)
    return [Deposit(session=day, source="desk", group=g, amount=10_000_000, reason="") for g in groups]


def fill(side: str, shares: int, day: date, group: str = "core", account: str = "", **more: object) -> Filled:
    values: dict[str, object] = {"source": "manual", "order_id": None, "code": "7203", **more}
    return Filled(
        session=day, group=group, side=side, shares=shares, price=Decimal(3000), account=account, **values
    )  # type: ignore[arg-type]


def typed(amount: int, day: date = PAY, group: str = "core") -> Dividend:
    return Dividend(session=day, source="manual", group=group, code="7203", amount=amount, reason="")


def book(*events: Event) -> Book:
    groups = sorted({e.group for e in events if isinstance(e, Filled | Dividend | PositionAdjusted)})
    return replay([*deposits(*groups), *events])


def paid(held: Book, found: Panel | None = None, known: str | None = None) -> dict[str, int]:
    """Group -> yen booked in the session that the dividend is paid in."""
    seen = found or market()
    minute = None if known is None else np.datetime64(known, "m")
    return {e.group: e.amount for e in pay_dividends(held, seen, seen.row(PAY), minute)}


# How much


def test_the_net_amount_drops_the_fraction_of_each_tax():
    """300 x 45 = 13,500; 15.315 % is 2,067.525 and 5 % is 675: 13,500 - 2,067 - 675."""
    assert paid(book(fill("BUY", 300, CUM))) == {"core": 10_758}


def test_a_fraction_of_a_yen_is_dropped_before_tax():
    """7 x 12.345 = 86.415 -> 86, less 13 (13.17) and 4 (4.3)."""
    found = market(DividendNotice("7203", EX, 12.345, PAY, "2026-01-05T15:30"))
    assert paid(book(fill("BUY", 7, CUM)), found) == {"core": 69}


def test_a_nisa_lot_is_paid_in_full():
    held = book(fill("BUY", 100, CUM, account="NISA"), fill("BUY", 100, CUM))
    assert paid(held) == {"core": 4_500 + 4_500 - 689 - 225}
    assert "100 of them untaxed (NISA)" in pay_dividends(held, market(), market().row(PAY))[0].reason


def test_an_account_is_paid_once_and_its_groups_share_it():
    """4 x 1.3 = 5.2 -> 5 yen for the account, of which nothing is withheld: 2 and 3, not 2 and 2."""
    found = market(DividendNotice("7203", EX, 1.3, PAY, "2026-01-05T15:30"))
    held = book(fill("BUY", 2, CUM, "a"), fill("BUY", 2, CUM, "b"))
    assert paid(held, found) == {"a": 3, "b": 2}
    separate = book(fill("BUY", 2, CUM, "a"), fill("BUY", 2, CUM, "b", source="paper"))
    assert paid(separate, found) == {"a": 2, "b": 2}


@given(st.integers(0, 10**9), st.dictionaries(st.sampled_from("abcde"), st.integers(1, 10**6), min_size=1))
def test_dividing_yen_loses_none(yen, shares):
    parts = divide_yen(yen, shares)
    assert sum(parts.values()) == yen
    assert all(
        abs(parts[name] - yen * count / sum(shares.values())) < 1.001 for name, count in shares.items()
    )


@pytest.mark.parametrize(
    ("notice", "doubt"),
    [
        ({"rate": None}, "its amount is not decided yet"),
        ({"is_plain": False}, "out of capital"),
    ],
)
def test_what_is_in_doubt_is_not_booked(notice, doubt):
    values = {
        "code": "7203",
        "ex_date": EX,
        "rate": 45,
        "pay_date": PAY,
        "known": "2026-01-05T15:30",
    } | notice
    found, held = market(DividendNotice(**values)), book(fill("BUY", 300, CUM))
    assert paid(held, found) == {}
    (claim,) = expected_dividends(held, found, AFTER)
    assert (claim.amount, claim.shares, doubt in claim.doubt) == (None, 300, True)


def test_a_year_without_a_tax_rate_is_in_doubt():
    (claim,) = dividend_claims(
        book(fill("BUY", 300, CUM)), CashDividend("7203", EX, date(2038, 6, 25), Decimal(45))
    )
    assert (claim.amount, claim.doubt) == (None, "no tax rate is known for 2038")


# Who


def test_what_is_held_at_the_last_cum_close_counts():
    """Sold on the ex-date: paid all the same. Bought on it: not."""
    assert paid(book(fill("BUY", 300, CUM), fill("SELL", 300, EX))) == {"core": 10_758}
    assert paid(book(fill("BUY", 300, EX))) == {}
    early = date(2026, 1, 6)
    less = book(fill("BUY", 300, early), fill("SELL", 100, CUM))
    assert paid(less) == paid(book(fill("BUY", 200, early)))


def test_a_fill_at_the_signals_price_was_made_at_the_close_before():
    """Decided on the last cum session and filled at its close: bought with the dividend, or sold with it."""

    def order(side: str) -> OrderPlaced:
        return OrderPlaced(
            session=EX, source="paper", group="core", code="7203", side=side, shares=100, reserve=0,  # type: ignore[arg-type]
            fraction_pct=100, score=None, layer="stop" if side == "SELL" else "", reason="", evaluated=CUM,
        )  # fmt: skip

    buy, sell = order("BUY"), order("SELL")
    bought = replay([*deposits("core"), buy, fill("BUY", 100, EX, source="signal", order_id=buy.id)])
    assert set(paid(bought)) == {"core"}
    held = [*deposits("core"), fill("BUY", 100, date(2026, 1, 6)), sell]
    assert paid(replay([*held, fill("SELL", 100, EX, source="signal", order_id=sell.id)])) == {}


def test_the_amount_is_of_the_shares_before_a_split_on_the_ex_date():
    split = SplitApplied(session=EX, source="desk", code="7203", numerator=5, denominator=1)
    assert paid(book(fill("BUY", 300, CUM), split)) == {"core": 10_758}


def test_shares_that_changed_their_code_since_are_paid_by_the_code_of_then():
    moved = CodeMoved(session=AFTER, source="manual", code="7203", to="7299", numerator=1, denominator=1)
    assert paid(book(fill("BUY", 300, CUM), moved)) == {"core": 10_758}


def test_facts_recorded_late_count_in_their_place():
    counted = PositionAdjusted(
        session=date(2026, 1, 7), source="manual", group="core", code="7203", difference=300,
        price=Decimal(2900), reason="counted",
    )  # fmt: skip
    assert paid(book(fill("BUY", 100, AFTER), fill("SELL", 100, PAY), counted)) == {"core": 10_758}


# When, and once


def test_it_is_booked_in_the_session_it_is_paid_in_only():
    held, found = book(fill("BUY", 300, CUM)), market()
    booked = {day: pay_dividends(held, found, found.row(date.fromisoformat(day)), None) for day in DAYS}
    assert [day for day, events in booked.items() if events] == [str(PAY)]
    (event,) = booked[str(PAY)]
    assert (event.session, event.source, event.id) == (PAY, "desk", f"dividend:core:7203:ex:{EX}")
    assert event.reason == f"300 shares at ¥45, ex {EX}, after tax"
    assert paid(replay([event], held)) == {}


def test_a_forecast_is_not_booked():
    forecast = DividendNotice("7203", EX, 45, PAY, "2026-01-05T15:30", is_decided=False)
    held = book(fill("BUY", 300, CUM))
    assert paid(held, market(forecast)) == {}
    assert [claim.amount for claim in expected_dividends(held, market(forecast), AFTER)] == [10_758]


def test_only_what_was_known_counts():
    later = DividendNotice("7203", EX, 50, PAY, "2026-01-19T12:00", number="2", amends="1")
    found = market(DividendNotice("7203", EX, 45, PAY, "2026-01-05T15:30", number="1"), later)
    held = book(fill("BUY", 300, CUM))
    assert paid(held, found, "2026-01-19T07:00") == {"core": 10_758}
    assert paid(held, found, "2026-01-19T12:00") == {"core": 15_000 - 2_297 - 750}


def test_without_announcements_there_is_nothing():
    bare = panel({"7203": 3000.0}, sessions=DAYS)
    held = book(fill("BUY", 300, CUM))
    assert (pay_dividends(held, bare, 7), expected_dividends(held, bare, AFTER)) == ((), ())


# What a person recorded


@pytest.mark.parametrize("day", [PAY, date(2026, 1, 14), date(2026, 1, 9)])
def test_what_was_recorded_near_the_day_is_this_dividend(day):
    held = book(fill("BUY", 300, CUM), typed(10_800, day))
    assert paid(held) == {}
    assert expected_dividends(held, market(), AFTER) == ()


def test_what_was_recorded_in_another_quarter_is_not():
    assert paid(book(fill("BUY", 300, CUM), typed(10_800, date(2025, 12, 5)))) == {"core": 10_758}


def test_a_broker_pays_an_account_once_whichever_group_it_was_recorded_for():
    """The other group lies on paper, and nobody but the desk pays it."""
    held = book(
        fill("BUY", 100, CUM, "a"), fill("BUY", 100, CUM, "b"), fill("BUY", 100, CUM, "c", source="paper"),
        typed(7_172, group="a"),
    )  # fmt: skip
    assert paid(held) == {"c": 4_500 - 689 - 225}
    on_paper = book(
        fill("BUY", 100, CUM, "a"), fill("BUY", 100, CUM, "c", source="paper"), typed(1, group="c")
    )
    assert paid(on_paper) == {"a": 3_586}


# What is expected


def test_it_is_expected_from_the_last_cum_close_until_it_is_paid():
    held, found = book(fill("BUY", 300, date(2026, 1, 6))), market()
    expected = {day: expected_dividends(held, found, date.fromisoformat(day)) for day in DAYS}
    assert [day for day, claims in expected.items() if claims] == DAYS[2:7]
    (claim,) = expected[str(EX)]
    assert (claim.group, claim.code, claim.amount) == ("core", "7203", 10_758)


def test_a_forecast_that_was_never_decided_is_expected_no_more_after_200_days():
    forecast = DividendNotice("7203", EX, 45, None, "2026-01-05T15:30", is_decided=False)
    held = book(fill("BUY", 300, CUM))
    assert expected_dividends(held, market(forecast), date(2026, 7, 24))
    assert expected_dividends(held, market(forecast), date(2026, 7, 28)) == ()


def test_a_dividend_of_nothing_is_neither_expected_nor_booked():
    none, held = market(DividendNotice("7203", EX, 0, PAY, "2026-01-05T15:30")), book(fill("BUY", 300, CUM))
    assert (paid(held, none), expected_dividends(held, none, AFTER)) == ({}, ())


def test_what_was_recorded_while_the_day_was_open_is_expected_no_more():
    forecast = market(DividendNotice("7203", EX, 45, None, "2026-01-05T15:30", is_decided=False))
    before, after = (book(fill("BUY", 300, CUM), typed(10_758, day)) for day in (CUM, AFTER))
    assert len(expected_dividends(before, forecast, PAY)) == 1
    assert expected_dividends(after, forecast, PAY) == ()
