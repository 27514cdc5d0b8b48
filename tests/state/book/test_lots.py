"""FIFO as STRATEGY section 6 works it out by hand."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.base.errors import StateError
from jstock_core.state.book.book import replay
from jstock_core.state.book.lots import (
    Lot,
    Match,
    consume,
    cost_of,
    shares_of,
    split,
    split_proceeds,
    split_shares,
    take_cost,
)
from tests.state.events import buy, day, deposit, sell


def lot(shares: int, cost: int, n: int = 1, price: str = "100") -> Lot:
    return Lot("7203", shares, cost, Decimal(price), day(n), None, day(n - 1), f"fill {n}")


def test_first_worked_example():
    """Sell 150 of three hundreds: proceeds 4,875,000, realized 325,000, left 50 @ 31,000 and 100 @ 32,000."""
    facts = [deposit(20_000_000), buy(100, 30_000, 1), buy(100, 31_000, 2), buy(100, 32_000, 3)]
    before = replay(facts).group("core")
    core = replay([*facts, sell(150, 32_500, 4)]).group("core")
    assert core.cash - before.cash == 4_875_000
    assert core.realized == 325_000
    assert [(kept.shares, kept.price) for kept in core.lots["7203"]] == [(50, 31_000), (100, 32_000)]


def test_second_worked_example():
    """Sell 60 of 100 @ 31,500 and 50 @ 32,000: proceeds 1,950,000, realized 60,000."""
    facts = [deposit(), buy(100, 31_500, 1), buy(50, 32_000, 2)]
    before = replay(facts).group("core")
    core = replay([*facts, sell(60, 32_500, 3)]).group("core")
    assert core.cash - before.cash == 1_950_000
    assert core.realized == 60_000
    assert [(kept.shares, kept.price) for kept in core.lots["7203"]] == [(40, 31_500), (50, 32_000)]


def test_more_than_held_is_an_error():
    with pytest.raises(StateError, match="sells 101 shares, but only 100 are held"):
        consume((lot(100, 10_000),), 101)


def test_a_partial_sale_takes_the_floor_and_the_last_the_rest():
    taken, left = consume((lot(3, 100),), 1)
    assert [match.cost for match in taken] == [33]
    assert [match.cost for match in consume(left, 2)[0]] == [67]


def test_a_split_keeps_the_cost_and_carries_the_price():
    after = split((lot(100, 300_000, price="3000"),), Fraction(3))
    assert [(kept.shares, kept.cost, kept.price) for kept in after] == [(300, 300_000, 1000)]


def test_a_price_survives_a_split_and_its_reverse_exactly():
    """100 / 3 x 3 is 100, not 99.99...."""
    there = split((lot(100, 10_000),), Fraction(3))
    assert split(there, Fraction(1, 3))[0].price == 100


def test_a_consolidation_counts_whole_shares_over_the_position():
    """15 + 15 shares, 10 to 1: three shares, not one and one; nothing is left over."""
    after = split((lot(15, 1500), lot(15, 3000, 2)), Fraction(1, 10))
    assert [(kept.shares, kept.cost) for kept in after] == [(1, 1500), (2, 3000)]


def test_a_lot_without_a_share_left_gives_its_cost_to_its_neighbour():
    after = split((lot(4, 400), lot(17, 3400, 2), lot(1, 50, 3)), Fraction(1, 10))
    assert [(kept.shares, kept.cost, kept.session) for kept in after] == [(2, 3850, day(2))]


def test_a_position_too_small_for_one_share_leaves_no_lot():
    assert split((lot(5, 500),), Fraction(1, 10)) == ()


def test_a_whole_share_made_of_fractions_goes_to_the_last_lot():
    after = split((lot(4, 400), lot(11, 1100, 2)), Fraction(1, 10), extra=1)
    assert [(kept.shares, kept.cost) for kept in after] == [(2, 1500)]


def test_cost_is_taken_from_each_lot_by_its_part():
    left = take_cost((lot(1, 100), lot(1, 300), lot(1, 1)), 41)
    assert [kept.cost for kept in left] == [100 - 10, 300 - 30, 1 - 1]


def test_a_sale_takes_lots_of_its_own_type_of_account():
    nisa, taxed = lot(100, 1000)._replace(account="NISA"), lot(100, 2000, 2)._replace(account="特定")
    unsaid = lot(50, 500, 3)
    taken, left = consume((nisa, taxed, unsaid), 120, "特定")
    assert [(match.lot.cost, match.shares) for match in taken] == [(2000, 100), (500, 20)]
    assert [(kept.account, kept.shares) for kept in left] == [("NISA", 100), ("", 30)]
    with pytest.raises(StateError, match="only 100 are held in NISA"):
        consume((nisa, taxed, unsaid), 120, "NISA")
    assert consume((nisa, taxed), 100)[0][0].lot == nisa


LOTS = st.lists(st.tuples(st.integers(1, 500), st.integers(0, 10**7)), min_size=1, max_size=6).map(
    lambda rows: tuple(lot(shares, cost, n) for n, (shares, cost) in enumerate(rows))
)
RATIOS = st.fractions(min_value=Fraction(1, 20), max_value=20, max_denominator=20)


@given(LOTS, st.integers(1, 3000))
def test_the_oldest_leave_first_and_nothing_is_lost(lots, shares):
    if shares > shares_of(lots):
        return
    taken, left = consume(lots, shares)
    assert sum(match.shares for match in taken) == shares
    assert sum(match.cost for match in taken) + cost_of(left) == cost_of(lots)
    assert shares_of(left) == shares_of(lots) - shares
    sessions = [match.lot.session for match in taken] + [kept.session for kept in left]
    assert sessions == sorted(sessions)


@given(LOTS, RATIOS)
def test_a_split_conserves_cost_and_shares(lots, ratio):
    after = split(lots, ratio)
    assert all(kept.shares > 0 for kept in after)
    assert cost_of(after) == (cost_of(lots) if after else 0)
    assert shares_of(after) == split_shares(shares_of(lots), ratio)[0]


@given(st.integers(0, 10**9), st.lists(st.integers(1, 1000), min_size=1, max_size=5))
def test_proceeds_are_split_by_shares_and_to_the_yen(proceeds, shares):
    matches = [Match(lot(count, 1), count, 1) for count in shares]
    parts = [part for _, part in split_proceeds(proceeds, matches)]
    assert sum(parts) == proceeds
    exact = [Fraction(proceeds * count, sum(shares)) for count in shares]
    assert all(abs(part - due) < len(shares) for part, due in zip(parts, exact, strict=True))
