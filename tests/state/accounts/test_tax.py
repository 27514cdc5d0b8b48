"""The tax view against worked examples that brokers and tax offices publish."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.base.errors import StateError, UsageError
from jstock_core.state.accounts import tax
from jstock_core.state.accounts.tax import TaxSale, TaxYear
from jstock_core.state.book.gains import closed_lots
from jstock_core.state.facts.events import (
    CROSSED,
    CodeMoved,
    Deposit,
    Dividend,
    Event,
    Fee,
    Filled,
    PositionAdjusted,
    Side,
)
from tests.state.events import buy, day, deposit, sell, split


def fee(amount: int, fill: Filled | None = None, **more) -> Fee:
    facts = {"session": day(1) if fill is None else fill.session, "group": "core"} | more
    return Fee(
        source="manual", amount=amount, reason="fee", fill_id=None if fill is None else fill.id, **facts
    )


OPENED = [deposit(group=group) for group in ("core", "a", "b")]


def tax_sales(facts: list[Event]) -> tuple[TaxSale, ...]:
    return tax.tax_sales([*OPENED, *facts])


def tax_year(facts: list[Event], year: int) -> TaxYear:
    return tax.tax_year([*OPENED, *facts], year)


def one(events: list[Event]) -> TaxSale:
    (sale,) = tax_sales(events)
    return sale


def on(session: str, fill: Filled) -> Filled:
    return replace(fill, session=date.fromisoformat(session))


# --- published examples --------------------------------------------------------------------------------


def test_fees_are_part_of_the_unit_cost_and_a_fraction_of_a_yen_is_rounded_up():
    """sc.mufg.jp: 1,000 at 800 with fee 3,000 and 2,000 at 700 with fee 4,620: 735.87, so 736."""
    first, second = buy(1000, 800, 1), buy(2000, 700, 2)
    sale = one([first, fee(3000, first), second, fee(4620, second), sell(1000, 900, 3)])
    assert sale.unit_cost == 736
    assert sale.cost == 736_000


def test_a_day_s_purchases_come_before_its_sales():
    """Brokers' rule: 1,000 at 800 held; sold at 1,200 and bought again at 1,000 on one day: 900 for both."""
    facts = [buy(1000, 800, 1), sell(1000, 1200, 2), buy(1000, 1000, 2), sell(1000, 1000, 3)]
    first, rest = tax_sales(facts)
    assert (first.unit_cost, first.gain) == (900, 300_000)
    assert (rest.unit_cost, rest.gain) == (900, 100_000)


def test_the_same_with_one_share():
    """faq.click-sec.com/faq/show/613: bought at 100,000, sold at 120,000, bought at 110,000: cost 105,000."""
    sale = one([buy(1, 100_000, 1), sell(1, 120_000, 2), buy(1, 110_000, 2)])
    assert (sale.unit_cost, sale.gain) == (105_000, 15_000)


def test_the_average_runs_from_sale_to_sale():
    """National Tax Agency No. 1466: 815 for the first sale, (815 x 4,000 + 4,350,000) / 9,000 = 846 then."""
    facts = [
        on("2020-05-11", buy(5000, 800)), on("2020-08-11", buy(2000, 850)), on("2020-09-10", sell(3000, 900)),
        on("2021-03-10", buy(5000, 870)), on("2021-07-12", sell(6000, 950)),
    ]  # fmt: skip
    first, second = tax_sales(facts)
    assert (first.unit_cost, first.cost) == (815, 2_445_000)
    assert second.unit_cost == 846
    assert [tax_year(facts, year).gain for year in (2020, 2021)] == [
        2_700_000 - 2_445_000,
        5_700_000 - 846 * 6000,
    ]


def test_fees_of_a_sale_reduce_what_it_brought():
    """naito-sec.co.jp (特定口座): 1,000 at 100, sold at 101, 200 yen each way: 200 lost."""
    bought, sold = buy(1000, 100, 1), sell(1000, 101, 2)
    sale = one([bought, fee(200, bought), sold, fee(200, sold)])
    assert (sale.unit_cost, sale.cost, sale.proceeds, sale.gain) == (101, 101_000, 100_800, -200)


# --- one account, whatever the groups ------------------------------------------------------------------


def test_groups_share_one_cost():
    """One group's purchase changes what the other's sale is taxed at; FIFO lots of a group do not see it."""
    facts = [
        deposit(), deposit(group="b"),
        buy(100, 1000, 1), buy(100, 2000, 2, group="b"), sell(100, 1500, 3),
    ]  # fmt: skip
    assert one(facts).gain == 0
    assert [lot.gain for lot in closed_lots(facts)] == [50_000]


def test_codes_do_not():
    facts = [buy(100, 1000, 1), buy(100, 2000, 2, code="6758"), sell(100, 1500, 3)]
    assert one(facts).gain == 50_000


@given(
    st.lists(
        st.tuples(st.integers(1, 9), st.booleans(), st.integers(1, 500), st.integers(1, 9000)), max_size=9
    )
)
def test_neither_group_nor_order_of_recording_matter(draws):
    """Trades are random; no group sells more than it had before the purchase it just made."""
    held: Counter[str] = Counter()
    facts: list[Filled] = []
    for n, (session, is_b, shares, price) in enumerate(sorted(draws)):
        group = "b" if is_b else "core"
        facts.append(buy(shares, price, session, group=group, ordinal=n))
        held[group] += shares
        if price % 2 and held[group] > shares:
            facts.append(sell(shares, price, session, group=group, ordinal=n))
            held[group] -= shares
    alone = [replace(fill, group="core") for fill in facts]
    backwards = [*reversed(facts)]
    costs = sorted((sale.session, sale.shares, sale.cost) for sale in tax_sales(facts))
    assert costs == sorted((sale.session, sale.shares, sale.cost) for sale in tax_sales(alone))
    assert costs == sorted((sale.session, sale.shares, sale.cost) for sale in tax_sales(backwards))


# --- splits and adjustments ----------------------------------------------------------------------------


def test_a_split_keeps_the_total_cost():
    """300 at 1,000 become 900 for the same 300,000: 333.33, so 334. Purchases of the day are not split."""
    facts = [buy(300, 1000, 1), buy(100, 345, 3), split(3, 1, 3), sell(100, 400, 4)]
    assert one(facts).unit_cost == 335  # 334,500 / 1,000, rounded up
    assert one([buy(300, 1000, 1), split(3, 1, 3), sell(900, 400, 4)]).cost == 900 * 334


def test_a_fraction_of_a_share_paid_out_counts_as_sold():
    """101 at 300 become 151.5; half a share costs half of 200 and brings 96."""
    lieu, rest = tax_sales([buy(101, 300, 1), split(3, 2, 3, lieu="192"), sell(151, 210, 4)])
    assert (lieu.is_lieu, lieu.shares, lieu.amount, lieu.cost) == (True, Fraction(1, 2), 96, 100)
    assert (rest.shares, rest.cost) == (151, 151 * 200)


def test_shares_left_are_those_of_the_book():
    """The account has 152 and keeps 76: core gives its half share to b, which is no sale."""
    facts = [buy(101, 300, 1), buy(51, 300, 1, group="b"), split(1, 2, 3, lieu="600")]
    assert tax_sales(facts) == ()
    sales = tax_sales([*facts, sell(50, 600, 4), sell(26, 600, 4, group="b")])
    assert [(sale.shares, sale.unit_cost) for sale in sales] == [(50, 600), (26, 600)]
    with pytest.raises(StateError, match="only 26 are held"):
        tax_sales([*facts, sell(50, 600, 4), sell(27, 600, 4, group="b")])


def test_shares_in_a_nisa_account_are_left_out():
    """100 taxed at 1,000 and 100 in NISA at 2,000: each is sold from its own account."""
    nisa, taxed = replace(buy(100, 2000, 2), account="NISA"), replace(buy(100, 1000, 1), account="特定")
    sold = [replace(sell(100, 1500, 3), account=account) for account in ("NISA", "特定")]
    free, sale = tax_sales([taxed, nisa, *sold])
    assert (sale.shares, sale.unit_cost, sale.gain) == (100, 1000, 50_000)
    assert (free.is_taxed, free.unit_cost, free.gain) == (False, 2000, -50_000)
    year = tax_year([taxed, nisa, *sold], 2026)
    assert (year.sales, year.untaxed, year.gain) == ((sale,), (free,), 50_000)


def test_a_change_of_code_moves_the_cost():
    moved = CodeMoved(session=day(3), source="manual", code="7203", to="167A", numerator=1, denominator=2)
    sale = one([buy(200, 1000, 1), moved, sell(100, 2500, 4, code="167A")])
    assert (sale.code, sale.unit_cost, sale.gain) == ("167A", 2000, 50_000)


def test_an_adjustment_is_no_sale():
    """Shares found count at the cost given, shares lost leave at the average, and neither is a gain."""
    found = PositionAdjusted(
        session=day(2),
        source="manual",
        group="core",
        code="7203",
        difference=100,
        price=Decimal(400),
        reason="x",
    )
    lost = replace(found, session=day(3), difference=-50, price=None)
    sale = one([buy(100, 300, 1), found, lost, sell(150, 350, 4)])
    assert (sale.unit_cost, sale.gain) == (350, 0)


# --- the year ------------------------------------------------------------------------------------------


def held(gain_per_share: int, session: str, code: str = "7203") -> list[Event]:
    return [
        on("2019-01-07", buy(100, 1000, code=code)),
        on(session, sell(100, 1000 + gain_per_share, code=code)),
    ]


def test_the_year_is_that_of_the_settlement():
    """2026-12-28 settles on the 30th, 2026-12-29 in the new year."""
    facts = [*held(10, "2026-12-28"), *held(20, "2026-12-29", "6758")]
    assert [tax_year(facts, year).gain for year in (2025, 2026, 2027)] == [0, 1000, 2000]
    year = tax_year(facts, 2026)
    assert (year.first, year.last) == (date(2025, 12, 29), date(2026, 12, 28))


def test_the_estimate_is_on_the_sum_of_all_codes():
    """30,000 won and 20,001 lost: 20.315 % of 9,999 is 2,031.29."""
    year = tax_year([*held(300, "2026-05-11"), *held(-200, "2026-05-11", "6758"), *lost_a_yen()], 2026)
    assert (year.gain, year.loss, year.estimate) == (9_999, 0, 2_031)
    assert [line.code for line in year.lines] == ["1301", "6758", "7203"]
    assert sum(line.gain for line in year.lines) == year.gain
    assert year.lines[1].settles == (date(2026, 5, 13),)


def lost_a_yen() -> list[Event]:
    return [on("2026-05-11", buy(1, 2, code="1301")), on("2026-05-11", sell(1, 1, code="1301"))]


def test_a_year_of_losses_owes_nothing():
    year = tax_year(held(-10, "2026-05-11"), 2026)
    assert (year.gain, year.loss, year.estimate) == (-1000, 1000, 0)


def test_losses_are_remembered_for_three_years_and_used_oldest_first():
    facts = [
        *held(-50, "2020-05-11", "1301"), *held(-30, "2021-05-11", "1302"),
        *held(60, "2023-05-11", "1303"), *held(10, "2024-05-13", "1304"), *held(1, "2025-05-12", "1305"),
    ]  # fmt: skip
    losses = {year: tax_year(facts, year).losses for year in range(2020, 2026)}
    both = {2020: 5000, 2021: 3000}
    assert losses == {2020: {}, 2021: {2020: 5000}, 2022: both, 2023: both, 2024: {2021: 2000}, 2025: {}}


def test_what_is_no_sale_is_not_taxed():
    """Cash, dividends and fees of no trade; the fees are told, the dividends were taxed when paid."""
    dividend = Dividend(session=day(2), source="manual", group="core", amount=900, reason="", code="7203")
    year = tax_year([deposit(), buy(100, 1000, 1), dividend, fee(300), fee(200, buy(100, 1000, 1))], 2026)
    assert (year.sales, year.gain, year.estimate, year.loose_fees) == ((), 0, 0, 300)


def test_what_cannot_be_told_is_an_error():
    with pytest.raises(StateError, match="only 0 are held"):
        tax_sales([sell(100, 1000)])
    with pytest.raises(StateError, match="of a share"):
        tax_sales([buy(101, 300, 1), split(3, 2, 3)])
    for year in (0, 1999, 2029, 2038):
        with pytest.raises(UsageError):
            tax_year([Deposit(session=day(1), source="desk", group="a", amount=1, reason="")], year)


def passed(group: str, side: Side) -> Filled:
    return Filled(
        session=day(2), source=CROSSED, group=group, code="7203", side=side, shares=100,
        price=Decimal(1500), order_id=None,
    )  # fmt: skip


def test_shares_passed_between_groups_are_no_sale() -> None:
    """A crossing inside the desk reaches no broker, so it neither sells nor raises the cost."""
    bought = replace(passed("a", "BUY"), session=day(1), source="manual", price=Decimal(1000))
    sold = replace(passed("b", "SELL"), source="manual", price=Decimal(1600))
    crossing = [passed("a", "SELL"), passed("b", "BUY")]
    assert tax_sales([bought, *crossing]) == ()
    sale = one([bought, *crossing, sold])
    assert (sale.shares, sale.unit_cost, sale.group) == (100, 1000, "b")
