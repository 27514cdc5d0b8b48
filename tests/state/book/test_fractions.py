"""Fractions of a share are reckoned for the account: figures by hand, and what must hold of any."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.base.errors import StateError
from jstock_core.state.book.book import replay
from jstock_core.state.book.fractions import Claim, divide
from jstock_core.state.book.lots import shares_of
from tests.state.events import buy, day, deposit, sell, split

TENTH = Fraction(1, 10)


def whole(division) -> dict[str, int]:
    return {group: share.whole for group, share in division.shares.items()}


def test_one_group_is_paid_for_its_own_fraction():
    division = divide({"a": Claim(355)}, TENTH, Fraction(2020))
    assert whole(division) == {"a": 35}
    assert (division.fraction, division.paid, division.shares["a"].cash) == (Fraction(1, 2), 1010, 1010)


def test_two_halves_are_a_share_of_the_first_group_by_id():
    division = divide({"b": Claim(355), "a": Claim(355)}, TENTH, Fraction(2020))
    assert whole(division) == {"a": 36, "b": 35}
    assert (division.shares["a"].cash, division.shares["b"].cash) == (-1010, 1010)
    assert (division.fraction, division.paid) == (0, 0)


def test_the_larger_fraction_gets_the_share_and_buys_only_what_it_lacks():
    """.8 and .7 and .6 are two shares and a tenth: the tenth is paid for from outside."""
    claims = {"a": Claim(16), "b": Claim(17), "c": Claim(18)}
    division = divide(claims, TENTH, Fraction(1000))
    assert whole(division) == {"a": 1, "b": 2, "c": 2}
    assert {group: share.cash for group, share in division.shares.items()} == {"a": 600, "b": -300, "c": -200}
    assert (division.fraction, division.paid) == (TENTH, 100)


def test_a_share_that_was_sold_stays_with_who_sold_it():
    claims = {"a": Claim(355, needed=36), "b": Claim(359)}
    assert whole(divide(claims, TENTH, Fraction(2020))) == {"a": 36, "b": 35}


CLAIMS = st.dictionaries(st.sampled_from("abcd"), st.integers(1, 999).map(Claim), min_size=1)
RATIOS = st.fractions(Fraction(1, 100), 10, max_denominator=100)


@given(CLAIMS, RATIOS, st.fractions(0, 10**6, max_denominator=10))
def test_no_share_and_no_yen_is_lost(claims, ratio, price):
    division = divide(claims, ratio, price)
    exact = sum(claim.shares for claim in claims.values()) * ratio
    assert sum(whole(division).values()) == floor(exact)
    assert division.fraction == exact - floor(exact)
    assert division.paid == floor(division.fraction * price)
    assert sum(share.cash for share in division.shares.values()) == division.paid
    assert sum(share.fraction for share in division.shares.values()) == division.fraction
    assert all(abs(whole(division)[group] - claim.shares * ratio) < 1 for group, claim in claims.items())


# --- in the book ---------------------------------------------------------------------------------------

TWO = [deposit(group="a"), deposit(group="b")]


def held(facts) -> dict[str, int]:
    return {name: shares_of(group.lots.get("7203", ())) for name, group in replay(facts).groups.items()}


def test_paper_and_broker_never_pool():
    paper = replace(buy(355, 202, group="a"), source="paper")
    after = replay([*TWO, paper, buy(355, 202, group="b"), split(1, 10, lieu="2020")])
    assert {name: shares_of(group.lots["7203"]) for name, group in after.groups.items()} == {"a": 35, "b": 35}
    assert [group.realized for group in after.groups.values()] == [1010 - 1010] * 2


def test_types_of_account_never_pool():
    nisa = replace(buy(355, 202, group="a"), account="NISA")
    assert held([*TWO, nisa, buy(355, 202, group="b"), split(1, 10, lieu="2020")]) == {"a": 35, "b": 35}


def test_what_a_group_gives_is_what_another_pays_and_the_desk_gains_nothing():
    facts = [*TWO, buy(355, 202, group="a"), buy(355, 202, group="b"), split(1, 10, lieu="2000")]
    before, after = replay(facts[:-1]), replay(facts)
    assert sum(group.cash for group in after.groups.values()) == sum(g.cash for g in before.groups.values())
    assert after.group("a").position("7203").cost == 355 * 202 + 1000
    assert after.group("b").realized == 1000 - 1010
    assert all(group.unexplained == 0 for group in after.groups.values())


def test_the_average_price_of_what_remains_is_carried_by_the_ratio():
    """1357 on the real tape: 2,655 shares at 183 become 26 at 18,300."""
    core = replay([deposit(), buy(2655, 183), split(1, 100, lieu="18300")]).group("core")
    assert (core.position("7203").shares, core.position("7203").average_price) == (26, 18_300)


def test_without_a_price_no_fraction_can_change_hands():
    with pytest.raises(StateError, match="give the price paid in lieu"):
        replay([*TWO, buy(355, 202, group="a"), buy(355, 202, group="b"), split(1, 10)])


@given(
    st.permutations([buy(355, 202, 1, group="a"), buy(359, 202, 2, group="b"), sell(36, 2100, 5, group="b")])
)
def test_a_split_found_late_is_as_if_it_had_been_known(facts):
    late = split(1, 10, 3, lieu="2020")
    at = [n for n in range(4) if _stands([*TWO, *facts[:n], late, *facts[n:]])]
    books = [replay([*TWO, *facts[:n], late, *facts[n:]]) for n in at]
    assert all(book == books[0] for book in books)


def _stands(facts) -> bool:
    try:
        replay(facts)
    except StateError:
        return False
    return True


def test_the_day_of_the_split_is_its_own():
    """What is bought on the ex-date is in new shares, and takes part in no fraction."""
    facts = [*TWO, buy(355, 202, 1, group="a"), buy(5, 2020, 3, group="b"), split(1, 10, 3, lieu="2020")]
    assert held(facts) == {"a": 35, "b": 5}
    assert replay(facts).group("a").moves[-1].session == day(3)
