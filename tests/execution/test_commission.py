"""What an order costs, and what cash pays with it: percent, its bounds, and tables by orders or days."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.execution.commission import FREE, Commission, DayCommission, FeeTable

TARIFF = Commission(
    table=FeeTable((50_000, 100_000, 200_000, 500_000, 1_000_000), (55, 99, 115, 275, 535), 1_013)
)
BOX = Commission(table=FeeTable((500_000,), (0,), 1_100))
DAY_TABLE = FeeTable((1_000_000, 2_000_000, 3_000_000), (0, 2_200, 3_300), 1_100, each=1_000_000)
DAY = DayCommission(table=DAY_TABLE)
BOUNDED = Commission(rate=Decimal("0.001"), least=55, most=1_070)


@pytest.mark.parametrize(
    ("commission", "amount", "fee"),
    [
        (TARIFF, 0, 0),
        (TARIFF, 1, 55),
        (TARIFF, 50_000, 55),  # a bound belongs to its step
        (TARIFF, 50_001, 99),
        (TARIFF, 1_000_000, 535),
        (TARIFF, 10**12, 1_013),
        (BOX, 500_000, 0),
        (BOX, 500_001, 1_100),
        (BOUNDED, 0, 0),
        (BOUNDED, 100, 55),
        (BOUNDED, 55_001, 56),  # rounded up
        (BOUNDED, 10**9, 1_070),
        (FREE, 10**9, 0),
        (DAY, 0, 0),
        (DAY, 1_000_000, 0),
        (DAY, 1_000_001, 2_200),
        (DAY, 3_000_000, 3_300),
        (DAY, 3_000_001, 4_400),
        (DAY, 4_000_000, 4_400),
        (DAY, 4_000_001, 5_500),
        (DAY.after(900_000), 100_000, 0),
        (DAY.after(900_000), 100_001, 2_200),
        (DAY.after(900_000).after(200_000), 900_000, 0),
        (DAY.after(900_000).after(200_000), 1_900_000, 1_100),
        (DayCommission(table=FeeTable((), (), 330, each=500_000)), 500_001, 660),
    ],
)
def test_the_fee_of_an_order(commission, amount, fee):
    assert commission.on(amount) == fee


def test_the_fee_decides_how_much_cash_buys():
    """The second unit of ¥500 would be ¥100,000 and its fee; with one yen less there is one unit."""
    assert TARIFF.affordable(100_099, Decimal(500), 100) == 200
    assert TARIFF.affordable(100_098, Decimal(500), 100) == 100
    assert BOX.affordable(500_999, Decimal(5_000), 100) == 100
    assert BOX.affordable(501_000, Decimal(5_010), 100) == 0


def test_a_table_charges_an_order_that_groups_share_as_one():
    """Two buys of ¥300,000 are free alone, and one order of ¥600,000 is not; percent is the same."""
    assert BOX.share_of(Decimal(300_000), Decimal(600_000)) == 550
    assert TARIFF.share_of(Decimal(300_000), Decimal(600_000)) == 268
    assert BOUNDED.share_of(Decimal(300_000), Decimal(600_000)) == 0


def test_a_buy_reserves_the_most_that_it_could_add_to_a_day():
    """A yen may be the one after a full million; ¥1,000,001 may end, fill and begin a step."""
    assert DAY.reserve(1, Decimal(1)) == 2_201
    assert DAY.reserve(1, Decimal(1_000_000)) == 1_000_000 + 2_200
    assert DAY.reserve(1, Decimal(1_000_001)) == 1_000_001 + 3_300
    assert DAY.after(5_000_000).reserve(1, Decimal(1)) == 2_201  # known or not: a decision cannot count on it


def test_what_came_before_decides_how_much_cash_buys():
    assert DAY.affordable(1_000_000, Decimal(1_000), 100) == 1_000
    assert DAY.after(1).affordable(1_000_000, Decimal(1_000), 100) == 900
    assert DAY.after(2_500_000).affordable(1_001_099, Decimal(1_000), 100) == 900
    assert DAY.after(2_500_000).affordable(1_001_100, Decimal(1_000), 100) == 1_000


# Properties

RATES = st.sampled_from(["0", "0.001", "0.0055", "0.05"]).map(Decimal)
PERCENT = st.builds(Commission, rate=RATES)
WITHIN = st.builds(
    lambda rate, least, more: Commission(rate=rate, least=least, most=None if more is None else least + more),
    RATES,
    st.integers(0, 5_000),
    st.none() | st.integers(0, 5_000),
)


@st.composite
def tables(draw) -> FeeTable:
    edges = sorted(draw(st.sets(st.integers(1, 3_000_000), max_size=6)))
    fees = sorted(draw(st.lists(st.integers(0, 20_000), min_size=len(edges) + 1, max_size=len(edges) + 1)))
    each = draw(st.none() | st.integers(1_000, 3_000_000))
    return FeeTable(tuple(edges), tuple(fees[:-1]), fees[-1], each)


BY_DAY = st.builds(DayCommission, table=tables(), before=st.integers(0, 10**7))
ANY = PERCENT | WITHIN | st.builds(Commission, table=tables()) | BY_DAY
AMOUNTS = st.integers(0, 5_000_000)
CASH, UNITS = st.integers(-1_000, 10**7), st.sampled_from([1, 10, 100])
PRICES = st.integers(10, 10**6).map(lambda tenths: Decimal(tenths) / 10)


@given(ANY, st.integers(0, 10**7), st.integers(0, 10**7))
def test_a_fee_never_falls_as_the_value_rises(commission, one, other):
    low, high = sorted((one, other))
    assert 0 <= commission.on(low) <= commission.on(high)


@given(ANY, CASH, PRICES, UNITS)
def test_what_can_be_paid_is_the_most_that_can(commission, cash, price, unit):
    shares = commission.affordable(cash, price, unit)
    assert shares >= 0
    assert shares % unit == 0
    assert not shares or commission.price_of(shares, price) <= cash
    assert commission.price_of(shares + unit, price) > cash


@given(ANY | st.just(FREE), CASH, PRICES, UNITS, st.integers(1, 10**5))
def test_what_of_an_order_can_be_paid_is_the_most_that_can(commission, cash, price, unit, wanted):
    paid = commission.payable(cash, price, unit, wanted)
    assert paid == min(wanted, commission.affordable(cash, price, unit))


@given(st.integers(0, 10**7), PRICES)
def test_free_is_what_a_commission_of_nothing_is(amount, price):
    none = Commission(rate=Decimal("0.000"))
    assert FREE.on(amount) == none.on(amount) == 0
    assert FREE.reserve(amount, price) == none.reserve(amount, price)


@given(ANY, CASH, PRICES, UNITS, st.integers(-10, 10**5))
def test_what_can_be_reserved_is_the_most_that_can(commission, cash, worst, unit, wanted):
    shares = commission.reservable(cash, worst, unit, wanted)
    assert shares >= 0
    assert shares % unit == 0
    assert not shares or (shares <= wanted and commission.reserve(shares, worst) <= cash)
    assert shares + unit > wanted or commission.reserve(shares + unit, worst) > cash


@given(ANY, st.integers(1, 10**5), PRICES, st.floats(0, 1))
def test_a_reserve_pays_at_any_price_below(commission, shares, worst, part):
    price = (worst * Decimal(part)).quantize(Decimal("0.1"))
    assert commission.price_of(shares, min(price, worst)) <= commission.reserve(shares, worst)


@given(ANY, st.lists(st.integers(1, 3_000_000).map(Decimal), min_size=1, max_size=4))
def test_the_parts_of_a_shared_order_pay_its_fee(commission, parts):
    """Alone or by their share, whichever is more."""
    whole = sum(parts, Decimal(0))
    paid = sum(max(commission.on(int(part)), commission.share_of(part, whole)) for part in parts)
    assert paid >= commission.on(int(whole))


@given(tables(), st.lists(AMOUNTS, max_size=8))
def test_the_fees_of_a_day_are_the_fee_of_its_sum(table, amounts):
    """Whatever its parts; read off the lines of the table one by one."""
    commission, paid = DayCommission(table=table), 0
    for amount in amounts:
        paid += commission.on(amount)
        commission = commission.after(amount)
    whole = sum(amounts)
    lines = [fee for edge, fee in zip(table.edges, table.fees, strict=True) if whole <= edge]
    if not whole:
        assert paid == 0
    elif lines or table.each is None:
        assert paid == [*lines, table.above][0]
    else:
        edge, fee = ([(0, 0), *zip(table.edges, table.fees, strict=True)])[-1]
        while edge < whole:
            edge, fee = edge + table.each, fee + table.above
        assert paid == fee


@given(tables(), st.integers(1, 1_000), PRICES, st.integers(0, 10**7), st.floats(0, 1))
def test_a_reserve_pays_whatever_came_before(table, shares, worst, before, part):
    commission = DayCommission(table=table)
    price = min((worst * Decimal(part)).quantize(Decimal("0.1")), worst)
    assert commission.after(before).price_of(shares, price) <= commission.reserve(shares, worst)


@given(RATES, CASH, PRICES, UNITS, st.integers(0, 10**5))
def test_a_bare_percentage_is_what_it_always_was(rate, cash, price, unit, wanted):
    """By the formulas from before there were tables."""
    commission, dearer = Commission(rate=rate), price * (1 + rate)
    assert commission.on(max(cash, 0)) == math.ceil(max(cash, 0) * rate)
    assert commission.reserve(wanted, price) == math.ceil(wanted * dearer)
    reservable = max(min(wanted, int(cash / dearer)), 0) // unit * unit
    assert commission.reservable(cash, price, unit, wanted) == reservable
    affordable = max(int(cash / dearer), 0) // unit * unit + unit
    while affordable > 0 and int(affordable * price) + math.ceil(int(affordable * price) * rate) > cash:
        affordable -= unit
    assert commission.affordable(cash, price, unit) == affordable
