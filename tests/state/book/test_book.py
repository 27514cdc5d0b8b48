"""The book as a fold: worked cases, and the properties that must hold for any history."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jstock_core.base.errors import StateError
from jstock_core.state.book.book import EMPTY, apply, replay
from jstock_core.state.book.fold import Fold
from jstock_core.state.book.gains import closed_lots, read_closed_lots
from jstock_core.state.facts.events import (
    Decided,
    Dividend,
    Fee,
    OrderCancelled,
    OrderExpired,
    Settled,
    SplitApplied,
    Withdrawal,
)
from tests.state.events import buy, day, deposit, order, sell, split


def decided(n, revision=0, status="complete"):
    return Decided(
        session=day(n), source="desk", group="core", evaluated=day(n - 1), decided_at="", status=status,
        revision=revision,
    )  # fmt: skip


def ended(placed, kind=OrderExpired, n=None):
    return kind(
        session=placed.session if n is None else day(n), source="desk", group="core", code=placed.code,
        side=placed.side, order_id=placed.id, reason="no bar",
    )  # fmt: skip


def money(kind, amount, n=1, **more):
    return kind(session=day(n), source="desk", group="core", amount=amount, reason="test", **more)


def test_zero_cash_is_not_no_group():
    book = replay([deposit(300_000), buy(100, 3000)])
    assert book.group("core").cash == 0
    with pytest.raises(StateError, match='no group "bold"'):
        book.group("bold")
    with pytest.raises(TypeError):
        bool(book)
    with pytest.raises(TypeError):
        bool(book.group("core"))


def test_a_group_begins_with_a_deposit():
    for event in (buy(100, 3000), order("BUY", 100), decided(1), money(Withdrawal, 5)):
        with pytest.raises(StateError, match='no group "core"'):
            apply(EMPTY, event)


def test_every_kind_of_cash():
    book = replay(
        [deposit(1000), money(Withdrawal, 100), money(Fee, 30, fill_id=None), money(Dividend, 7, code="7203")]
    )
    core = book.group("core")
    assert (core.cash, core.deposited, core.fees, core.dividends) == (877, 900, 30, 7)


def test_a_position_is_its_lots_and_opens_with_the_oldest():
    first = order("BUY", 100, 1, score=70)
    book = replay([deposit(), first, buy(100, 3000, 1, order=first), buy(200, 3300, 3)])
    position = book.group("core").position("7203")
    assert (position.shares, position.cost, position.average_price) == (300, 960_000, 3200)
    assert (position.opened, position.score, position.evaluated) == (day(1), 70, day(0))
    with pytest.raises(StateError, match="9999 is not held"):
        book.group("core").position("9999")


def test_a_fill_by_hand_was_evaluated_on_the_session_before():
    """2026-01-13 follows a weekend and a holiday: D is Friday the 9th."""
    book = replay([deposit(), buy(100, 3000, 8)])
    assert book.group("core").position("7203").evaluated == day(4)


def test_a_fraction_of_a_yen_is_dropped():
    core = replay([deposit(1000), buy(1, "100.5")]).group("core")
    assert (core.cash, core.invested) == (900, 100)


def test_an_order_reserves_until_it_is_filled_or_ends():
    placed = order("BUY", 300, 1, reserve=1000)
    book = replay([deposit(), placed])
    assert book.group("core").reserved == 1000
    part = apply(book, buy(100, 3000, 1, order=placed)).group("core")
    assert part.orders[placed.id].shares == 200
    assert part.reserved == 667  # two thirds, rounded up
    assert replay([buy(300, 3000, 1, order=placed)], book).group("core").orders == {}
    for kind in (OrderExpired, OrderCancelled):
        assert apply(book, ended(placed, kind)).group("core").reserved == 0


def test_an_order_is_filled_once():
    placed = order("BUY", 100, 1)
    book = replay([deposit(), placed, buy(100, 3000, 1, order=placed)])
    for event in (buy(100, 3001, 1, order=placed), ended(placed)):
        with pytest.raises(StateError, match="not open"):
            apply(book, event)


def test_a_fill_fits_its_order():
    placed = order("BUY", 100, 1)
    book = replay([deposit(), placed])
    for wrong in (sell(100, 3000, 1, order=placed), buy(100, 3000, 2, order=placed)):
        with pytest.raises(StateError, match="order for something else"):
            apply(book, wrong)
    with pytest.raises(StateError, match="which is later"):
        apply(book, ended(placed, n=0))


def test_a_revision_takes_the_place_of_the_order():
    placed = order("BUY", 300, 1, reserve=900)
    revised = replace(placed, shares=200, reserve=600, revision=1)
    book = replay([deposit(), placed, revised])
    assert list(book.group("core").orders) == [revised.id]
    assert book.group("core").reserved == 600
    with pytest.raises(StateError, match="open already"):
        apply(book, placed)


def test_once_per_position_ends_with_the_position():
    half = order("SELL", 100, 3, layer="take_profit")
    book = replay([deposit(), buy(200, 3000, 1), half, sell(100, 3500, 3, order=half)])
    assert book.group("core").taken == {"7203": frozenset({"take_profit"})}
    assert apply(book, sell(100, 3500, 4)).group("core").taken == {}


def test_time_only_moves_forward():
    book = replay([deposit(), decided(3)])
    assert book.decided["core"] == (day(3), "complete", 0)
    for again in (decided(3), decided(2), decided(2, revision=1)):
        with pytest.raises(StateError, match="decided"):
            apply(book, again)
    assert apply(book, decided(3, revision=1, status="degraded")).decided["core"].status == "degraded"


def test_settled_through_is_a_fact():
    assert EMPTY.settled_through is None
    book = replay([Settled(session=day(n), source="desk") for n in (1, 2)])
    assert book.settled_through == day(2)
    assert book.seq == 2


def test_a_split_changes_every_group_and_no_cost():
    facts = [
        deposit(), deposit(group="bold"), buy(100, 3000, 1), buy(100, 3300, 2, group="bold"),
        buy(100, 1100, 3), split(3, 1, 3),
    ]  # fmt: skip
    book = replay(facts)
    core, bold = book.group("core"), book.group("bold")
    assert [(lot.shares, lot.cost, lot.price) for lot in core.lots["7203"]] == [
        (300, 300_000, 1000),
        (100, 110_000, 1100),  # bought on the ex-date, as split already
    ]
    assert [(lot.shares, lot.cost) for lot in bold.lots["7203"]] == [(300, 330_000)]


def test_a_consolidation_pays_for_the_fraction():
    """25 shares, 10 to 1, at 1,005.5 yen: half a share is sold for 502 yen, with a fifth of the cost."""
    facts = [deposit(100_000), buy(25, 100, 1)]
    with pytest.raises(StateError, match="leaves 1/2 of a share"):
        replay([*facts, split(1, 10)])
    core = replay([*facts, split(1, 10, lieu="1005.5")]).group("core")
    assert core.cash == 97_500 + 502
    assert core.realized == 502 - 500
    assert core.position("7203").shares == 2
    assert core.position("7203").cost == 2000


def test_a_consolidation_to_less_than_a_share_ends_the_position():
    facts = [deposit(100_000), buy(5, 100, 1), split(1, 10, lieu="1100")]
    core = replay(facts).group("core")
    assert (core.lots, core.cash, core.realized) == ({}, 100_050, 50)
    (closed,) = closed_lots(facts)
    assert (closed.shares, closed.proceeds, closed.layer) == (5, 550, "cash_in_lieu")


def test_closed_lots_tell_the_trade():
    opened = order("BUY", 100, 1, score=70)
    closing = order("SELL", 150, 4, layer="stop_loss", fraction_pct=100)
    closed = closed_lots(
        [
            deposit(), opened, buy(100, 3000, 1, order=opened), buy(100, 3100, 2), closing,
            sell(150, "3050.1", 4, order=closing),
        ]
    )  # fmt: skip
    assert [(c.shares, c.cost, c.proceeds, c.gain, c.opened, c.score) for c in closed] == [
        (100, 300_000, 305_010, 5010, day(1), 70),
        (50, 155_000, 152_505, -2495, day(2), None),
    ]
    assert {(c.group, c.code, c.closed, c.layer) for c in closed} == {("core", "7203", day(4), "stop_loss")}


class TestLateFacts:
    """A late fact is as if it had come in time, or it is refused."""

    def test_a_buy_in_between_is_sorted_in(self):
        early, late = buy(100, 3000, 1), buy(100, 3100, 2)
        assert replay([deposit(), late, early]) == replay([deposit(), early, late])

    def test_a_buy_before_a_sale_of_older_lots_moves_nothing(self):
        facts = [deposit(), buy(200, 3000, 1), sell(100, 3300, 4)]
        core = apply(replay(facts), buy(100, 3100, 2)).group("core")
        assert [lot.session for lot in core.lots["7203"]] == [day(1), day(2)]

    def test_a_buy_before_lots_already_sold_takes_their_place(self):
        book = replay([deposit(), buy(100, 3000, 2), buy(100, 3200, 3), sell(150, 3300, 4)])
        core = apply(book, buy(100, 3100, 1)).group("core")
        assert [(lot.session, lot.shares) for lot in core.lots["7203"]] == [(day(2), 50), (day(3), 100)]
        assert core.realized == 100 * 200 + 50 * 300

    def test_a_sale_before_another_takes_the_older_lots(self):
        book = replay([deposit(), buy(100, 3000, 1), buy(200, 3100, 2), sell(100, 3300, 4)])
        core = apply(book, sell(100, 3200, 3)).group("core")
        assert [(lot.session, lot.shares) for lot in core.lots["7203"]] == [(day(2), 100)]
        assert core.realized == 100 * 200 + 100 * 200

    def test_a_sale_that_leaves_too_little_for_a_later_one_is_refused(self):
        book = replay([deposit(), buy(150, 3000, 1), sell(100, 3300, 4)])
        with pytest.raises(StateError, match="only 50 are held") as caught:
            apply(book, sell(100, 3200, 3))
        assert caught.value.where == sell(100, 3300, 4).id

    def test_nothing_is_sold_before_it_is_bought(self):
        with pytest.raises(StateError, match="only 0 are held"):
            replay([deposit(), buy(100, 3000, 3), sell(100, 3300, 2)])

    def test_a_split_reaches_what_was_bought_before_it_whenever_that_is_recorded(self):
        book = replay([deposit(), buy(100, 3000, 1), split(2, 1, 3)])
        core = apply(book, buy(100, 3100, 2)).group("core")
        assert [(lot.shares, lot.cost, lot.price) for lot in core.lots["7203"]] == [
            (200, 300_000, 1500),
            (200, 310_000, 1550),
        ]
        assert apply(book, sell(50, 3200, 2)).group("core").position("7203").shares == 100
        assert apply(book, split(2, 1, 2)).group("core").position("7203").shares == 400

    def test_a_sale_of_the_ex_date_is_in_shares_after_the_split(self):
        book = replay([deposit(), buy(200, 3000, 1), sell(100, 1500, 3)])
        core = apply(book, split(2, 1, 3)).group("core")
        assert core.position("7203").shares == 300
        assert core.realized == 0

    def test_more_shares_than_before_the_split_are_sold_in_one_recording(self):
        facts = [sell(300, 1500, 3), split(2, 1, 3), buy(200, 3000, 1), deposit(n=0)]
        core = replay([facts[-1], *facts[:-1]]).group("core")
        assert core.position("7203").shares == 100


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["buy", "buy", "sell", "sell", "split", "fee", "dividend", "deposit", "withdraw"]),
        st.sampled_from(["core", "bold"]),
        st.sampled_from(["7203", "167A"]),
        st.integers(1, 400),
        st.decimals(Decimal(1), Decimal(5000), places=1),
        st.integers(0, 12),
    ),
    max_size=40,
)
RATIOS = [(2, 1), (3, 1), (1, 10), (3, 2), (1, 3)]


def event_of(n, move):
    what, group, code, count, price, session = move
    match what:
        case "buy" | "sell":
            make = buy if what == "buy" else sell
            return make(count, price, session, code=code, group=group, ordinal=n)
        case "split":
            numerator, denominator = RATIOS[count % len(RATIOS)]
            return SplitApplied(
                session=day(session), source="desk", code=code, numerator=numerator, denominator=denominator,
                cash_in_lieu_price=price,
            )  # fmt: skip
        case "deposit":
            return deposit(count, session, group, ordinal=n)
        case "withdraw":
            return replace(money(Withdrawal, count, session), group=group, ordinal=n)
        case "fee":
            return replace(money(Fee, count, session, fill_id=None), group=group, ordinal=n)
        case _:
            return replace(money(Dividend, count, session, code=code), group=group, ordinal=n)


def accepted(moves):
    """The events of random moves that the book takes, in the order it took them."""
    taken = [deposit(10**6, 0, "core"), deposit(10**6, 0, "bold")]
    book = replay(taken)
    for n, move in enumerate(moves, start=1):
        event = event_of(n, move)
        try:
            book = apply(book, event)
        except StateError:
            continue
        taken.append(event)
    return taken, book


def rank(event):
    """Where an event stands inside its session: split < buy and sell < cash."""
    kinds = {"split": 0, "fill": 1 if getattr(event, "side", "") == "BUY" else 2}
    return (event.session, kinds.get(event.name, 3))


@given(MOVES)
@settings(max_examples=300)
def test_money_is_conserved_to_the_yen(moves):
    _, book = accepted(moves)
    for core in book.groups.values():
        assert core.cash + core.invested == core.deposited + core.realized + core.dividends - core.fees
        assert all(lot.shares > 0 and lot.cost >= 0 for lots in core.lots.values() for lot in lots)
        for lots in core.lots.values():
            assert [lot.session for lot in lots] == sorted(lot.session for lot in lots)


@given(MOVES)
@settings(max_examples=300)
def test_cash_is_what_was_paid_and_received(moves):
    """Counted again without lots: every yen in or out is named by an event, but for cash in lieu."""
    events, book = accepted(moves)
    if any(event.name == "split" for event in events):
        return
    for group, core in book.groups.items():
        cash = 0
        for event in events:
            if event.group == group:
                incoming = event.name in ("deposit", "dividend") or getattr(event, "side", "") == "SELL"
                cash += event.amount if incoming else -event.amount
        assert core.cash == cash


@given(MOVES)
@settings(max_examples=300)
def test_closed_lots_add_up_to_what_was_realized(moves):
    events, book = accepted(moves)
    if any(event.name == "split" for event in events):
        return
    closed = closed_lots(events)
    for group, core in book.groups.items():
        assert core.realized == sum(c.gain for c in closed if c.group == group)


@given(MOVES)
@settings(max_examples=200)
def test_a_book_knows_the_lots_that_were_closed(moves):
    """Folded event by event or at once, with splits and late facts, it is what the events tell."""
    events, book = accepted(moves)
    step_by_step = EMPTY
    for event in events:
        step_by_step = apply(step_by_step, event)
    told = sorted(closed_lots(events), key=repr)
    assert sorted(read_closed_lots(book), key=repr) == told
    assert sorted(read_closed_lots(step_by_step), key=repr) == told


@given(MOVES, st.integers(0, 40))
@settings(max_examples=200)
def test_a_prefix_then_the_rest_is_the_whole(moves, cut):
    events, book = accepted(moves)
    assert replay(events[cut:], replay(events[:cut])) == replay(events) == book


def running(events):
    """A fold that goes on, the book that it gave out after each event, and what each was then."""
    fold = Fold(EMPTY)
    for n, event in enumerate(events, start=1):
        fold.add(event)
        book = fold.book()
        assert book == replay(events[:n])
        yield book, repr((book, book.entries, book.moved))


def unchanged(events):
    found = list(running(events))
    return all(repr((book, book.entries, book.moved)) == then for book, then in found)


@given(MOVES)
@settings(max_examples=100)
def test_a_book_that_was_given_out_never_changes(moves):
    assert unchanged(accepted(moves)[0])


def test_a_book_with_orders_that_was_given_out_never_changes():
    bought, sold = order("BUY", 300, 1), order("SELL", 200, 3, layer="take_profit", fraction_pct=50)
    part = sell(100, 3200, 3, order=sold)
    rest = ended(sold, n=3)
    assert unchanged(
        [deposit(), decided(1), bought, buy(300, 3000, 1, order=bought), decided(3), sold, part, rest,
         split(2, 1, 7), sell(400, 1600, 8), Settled(session=day(8), source="desk")]
    )  # fmt: skip


@given(MOVES)
@settings(max_examples=500)
def test_what_came_late_is_as_if_it_had_come_in_time(moves):
    events, book = accepted(moves)
    in_time = [*events[:2], *sorted(events[2:], key=rank)]
    assert replay(in_time) == book
