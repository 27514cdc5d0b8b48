"""Corrections: nothing is edited, what is in force is replayed, and what later facts stand on stays."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from jstock_core.base.errors import StateError
from jstock_core.state.book.adjust import Count, set_cash, set_position
from jstock_core.state.book.book import EMPTY, apply, replay
from jstock_core.state.facts.events import OrderExpired
from jstock_core.state.journal.in_force.corrections import (
    effective_events,
    make_correction,
    recorded_event,
    restate_reversed,
    root_of,
)
from jstock_core.state.journal.in_force.dependents import DependsError, reversals
from jstock_core.state.journal.journal import Journal
from tests.state.events import buy, cash_found, day, deposit, fee, ids, order, sell, shares_found, split


def journal(*events):
    return Journal.memory(events)


def correct(kept, target, replacement=None, **more):
    made = make_correction(
        kept.history(), target.id, replacement, session=day(9), reason="typed wrongly", **more
    )
    kept.append([made])
    return made


def unchanged(kept, target, replacement=None, **more):
    """The error of a correction that is refused; the attempt leaves all as it was."""
    before = kept.history(), kept.events(), kept.book()
    with pytest.raises(StateError) as caught:
        correct(kept, target, replacement, **more)
    assert (kept.history(), kept.events(), kept.book()) == before
    return caught.value


class TestInForce:
    def test_a_replacement_stands_at_the_place_of_what_it_corrects(self):
        wrong, right, later = buy(100, 3000), buy(100, 3100), buy(100, 3050, 2)
        kept = journal(deposit(), wrong, later)
        made = correct(kept, wrong, right)
        assert kept.events() == (deposit(), right, later)
        assert kept.history() == (deposit(), wrong, later, made)
        assert kept.book() == replay([deposit(), right, later])

    def test_a_reversed_fact_was_never_there(self):
        wrong = buy(100, 3000)
        kept = journal(deposit(), wrong)
        correct(kept, wrong)
        assert kept.book() == replay([deposit()])

    def test_the_newest_correction_counts(self):
        first, second, third = buy(100, 3000), buy(100, 3100), buy(100, 3200)
        kept = journal(deposit(), first)
        correct(kept, first, second)
        assert correct(kept, second, third).id == f"correction:{first.id}:1"
        assert kept.events() == (deposit(), third)
        correct(kept, third)
        assert kept.events() == (deposit(),)
        correct(kept, first, first)
        assert kept.events() == (deposit(), first)

    def test_a_fee_follows_its_fill(self):
        wrong, right = buy(100, 3000), buy(100, 3100)
        kept = journal(deposit(), wrong, fee(500, wrong))
        correct(kept, wrong, right)
        assert kept.events()[2].fill_id == right.id
        assert kept.append([right, fee(500, right)]) == ()

    def test_gains_follow_a_corrected_price(self):
        wrong, right = buy(100, 3000), buy(100, 3100)
        kept = journal(deposit(), wrong, sell(100, 3200))
        correct(kept, wrong, right)
        assert kept.book().group("core").realized == 10_000

    def test_it_is_the_same_for_who_reads_it_later(self, tmp_path):
        from tests.state.journal.test_journal import opened

        wrong, right = buy(100, 3000), buy(100, 3100)
        one, two = opened(tmp_path), opened(tmp_path)
        one.append([deposit(), wrong])
        assert two.events() == (deposit(), wrong)
        correct(one, wrong, right)
        for reader in (two, opened(tmp_path)):
            assert reader.events() == one.events() == (deposit(), right)
            assert reader.book() == one.book()

    def test_a_fold_of_raw_history_is_refused(self):
        wrong = buy(100, 3000)
        kept = journal(deposit(), wrong)
        correct(kept, wrong)
        with pytest.raises(StateError, match="changes past events"):
            replay(kept.history())
        assert replay(effective_events(kept.history())) == kept.book()


class TestOnce:
    def test_recording_a_corrected_fact_again_adds_nothing(self):
        """Neither the broker's file with the right price nor the one that was wrong can double it."""
        wrong, right = buy(100, 3000), buy(100, 3100)
        kept = journal(deposit(), wrong)
        correct(kept, wrong, right)
        assert kept.append([right]) == ()
        assert kept.append([wrong]) == ()

    def test_a_reversed_fact_does_not_come_back_with_its_file(self):
        wrong = buy(100, 3000)
        kept = journal(deposit(), wrong)
        correct(kept, wrong)
        assert kept.append([wrong]) == ()
        assert kept.events() == (deposit(),)

    def test_the_same_correction_again_adds_nothing(self):
        wrong = buy(100, 3000)
        kept = journal(deposit(), wrong)
        made = correct(kept, wrong, buy(100, 3100))
        assert kept.append([made]) == ()

    def test_two_people_cannot_correct_the_same_fact_unseen(self):
        wrong = buy(100, 3000)
        kept = journal(deposit(), wrong)
        late = make_correction(kept.history(), wrong.id, None, session=day(9), reason="not ours")
        correct(kept, wrong, buy(100, 3100))
        with pytest.raises(StateError, match="other content"):
            kept.append([late])
        with pytest.raises(StateError, match="corrected 1 times already"):
            kept.append([replace(late, revision=2)])


class TestRefused:
    def test_what_later_facts_stand_on_is_named(self):
        bought, sold, other = buy(100, 3000), sell(100, 3200), buy(100, 900, 2, code="6501")
        kept = journal(deposit(), bought, other, sold)
        error = unchanged(kept, bought)
        assert error.depends == (sold.id,)
        assert sold.id in error.where
        assert "--with-dependents" in error.do

    def test_a_sale_takes_the_lots_that_are_left(self):
        """Without the first lot the sale takes the second, as if the first had never been."""
        first, second, sold = buy(100, 3000, 1), buy(100, 3100, 2), sell(100, 3200)
        kept = journal(deposit(), first, second, sold)
        correct(kept, first)
        assert kept.book() == replay([deposit(), second, sold])

    def test_all_that_depends_is_listed(self):
        bought = buy(300, 3000)
        sales = [sell(100, 3200, n) for n in (4, 5, 6)]
        kept = journal(deposit(), bought, *sales)
        assert unchanged(kept, bought, buy(200, 3000)).depends == (sales[2].id,)
        assert unchanged(kept, bought).depends == tuple(ids(sales))

    def test_fewer_shares_sold_move_the_sales_after(self):
        first, second, one, two = buy(100, 3000, 1), buy(100, 3100, 2), sell(100, 3200, 4), sell(50, 3200, 5)
        kept = journal(deposit(), first, second, one, two)
        correct(kept, one, sell(50, 3200, 4))
        assert kept.book().group("core").realized == 100 * 200

    def test_a_split_that_lots_were_sold_after(self):
        """The sale could be replayed without it, out of the same lot: but of other shares."""
        applied, sold = split(2, 1, 3), sell(100, 1600, 4)
        kept = journal(deposit(), buy(100, 3000), applied, sold)
        assert unchanged(kept, applied).depends == (sold.id,)
        correct(kept, sold)
        correct(kept, applied, split(3, 1, 3))
        assert kept.book().group("core").position("7203").shares == 300

    def test_a_fee_of_a_trade_that_was_not(self):
        bought = buy(100, 3000)
        paid = fee(500, bought)
        kept = journal(deposit(), bought, paid)
        assert unchanged(kept, bought).depends == (paid.id,)
        correct(kept, bought, buy(100, 3100))
        now = kept.events()[2]
        assert unchanged(kept, buy(100, 3100)).depends == (paid.id,)
        correct(kept, now)
        correct(kept, buy(100, 3100))
        assert kept.events() == (deposit(),)

    def test_an_order_that_expired_after_a_part(self):
        placed = order("BUY", 300, 1)
        part = buy(100, 3000, 1, order=placed)
        rest = OrderExpired(
            session=day(1), source="paper", group="core", code="7203", side="BUY", order_id=placed.id,
            reason="no more",
        )  # fmt: skip
        kept = journal(deposit(), placed, part, rest)
        assert unchanged(kept, part, buy(300, 3000, 1, order=placed)).depends == (rest.id,)

    def test_a_replacement_that_contradicts_the_book_is_no_matter_of_others(self):
        bought, sold = buy(100, 3000), sell(50, 3200)
        kept = journal(deposit(), bought, sold)
        error = unchanged(kept, sold, sell(150, 3200))
        assert not isinstance(error, DependsError)
        assert "only 100 are held" in error.what

    @pytest.mark.parametrize(
        ("replacement", "word"),
        [
            (deposit(5), "a fill cannot become a deposit"),
            (buy(100, 3300, 2), "is recorded already"),
        ],
    )
    def test_what_makes_no_sense(self, replacement, word):
        wrong = buy(100, 3000)
        kept = journal(deposit(), wrong, buy(100, 3300, 2))
        assert word in unchanged(kept, wrong, replacement).what

    def test_only_what_is_recorded_is_corrected(self):
        kept = journal(deposit())
        assert "there is no fact" in unchanged(kept, buy(100, 3000)).what
        made = make_correction([deposit(), buy(1, 1)], buy(1, 1).id, None, session=day(9), reason="x")
        with pytest.raises(StateError, match="no such fact"):
            kept.append([made])

    def test_an_order_is_cancelled_and_not_corrected(self):
        placed = order("BUY", 100)
        kept = journal(deposit(), placed)
        assert '"order" is a kind that is never corrected' in unchanged(kept, placed).what

    def test_a_group_stands_on_its_first_deposit(self):
        kept = journal(deposit(), buy(100, 3000), fee(10))
        assert unchanged(kept, deposit()).depends == tuple(ids(kept.events()[1:]))


class TestWithDependents:
    def test_all_is_taken_back_at_once(self):
        bought, sold = buy(100, 3000), sell(100, 3200)
        kept = journal(deposit(), bought, fee(500, bought), sold, fee(300, sold, 5))
        kept.append(reversals(kept.history(), bought.id, session=day(9), reason="another account's"))
        assert kept.events() == (deposit(),)
        assert len(kept.history()) == 9

    def test_nothing_else_is_touched(self):
        first, second, sold = buy(100, 3000, 1), buy(100, 3100, 2, code="6501"), sell(100, 3200)
        kept = journal(deposit(), first, second, sold)
        made = reversals(kept.history(), first.id, session=day(9), reason="twice")
        assert [each.target for each in made] == [sold.id, first.id]

    def test_decisions_are_not_taken_back(self):
        placed = order("BUY", 100, 2)
        kept = journal(deposit(), placed)
        with pytest.raises(StateError, match="a kind that is never corrected"):
            reversals(kept.history(), deposit().id, session=day(9), reason="x")


class TestSaleOnTheExDate:
    """A trader sells on the ex-date, before the split is known."""

    FACTS = (deposit(), buy(100, 3000, 1), sell(100, 1600, 3))

    def test_the_split_gets_in_before_it(self):
        kept = journal(*self.FACTS)
        kept.append([split(2, 1, 3)])
        core = kept.book().group("core")
        assert (core.position("7203").shares, core.position("7203").cost) == (100, 150_000)
        assert core.realized == 10_000
        assert kept.book() == replay([*self.FACTS[:2], split(2, 1, 3), self.FACTS[2]])


class TestAdjustments:
    def test_money_stays_accounted_for(self):
        core = replay(
            [deposit(1_000_000), buy(100, 3000), cash_found(-700), shares_found(50, 3100, 2)]
        ).group("core")
        assert (core.cash, core.invested, core.adjusted) == (699_300, 455_000, 154_300)
        assert core.unexplained == 0

    def test_shares_that_are_not_there_leave_at_cost(self):
        facts = [deposit(1_000_000), buy(100, 3000), buy(100, 3100, 2), shares_found(-150, n=4)]
        core = replay(facts).group("core")
        assert (core.cash, core.realized, core.adjusted) == (390_000, 0, -455_000)
        assert [(lot.shares, lot.cost) for lot in core.lots["7203"]] == [(50, 155_000)]

    def test_shares_that_came_in_are_a_lot_of_their_session(self):
        facts = [deposit(), buy(100, 3000, 2), shares_found(100, "2900.5", 1, score=61)]
        first, second = replay(facts).group("core").lots["7203"]
        assert (first.cost, first.session, first.score, first.origin) == (290_050, day(1), 61, facts[2].id)
        assert second.origin == facts[1].id

    def test_no_more_leave_than_are_there(self):
        with pytest.raises(StateError, match="only 0 are held"):
            apply(replay([deposit()]), shares_found(-1))

    def test_a_group_must_be(self):
        for event in (cash_found(5), shares_found(100, Decimal(1))):
            with pytest.raises(StateError, match='no group "core"'):
                apply(EMPTY, event)

    def test_they_are_corrected_like_all_else(self):
        kept = journal(deposit(1000), cash_found(5))
        correct(kept, cash_found(5), cash_found(7))
        assert kept.book().group("core").cash == 1007


class TestCounted:
    """Setting cash or shares to what was counted books the difference, and only that."""

    FACTS = (deposit(1_000_000), buy(100, 3000), buy(100, 3100, 2))

    def cash(self, kept, amount):
        return set_cash(kept.book(), kept.history(), "core", amount, Count(day(4), "counted"))

    def shares(self, kept, shares, price=None):
        price = None if price is None else Decimal(price)
        return set_position(
            kept.book(), kept.history(), "core", "7203", shares, price, Count(day(4), "counted")
        )

    def test_cash(self):
        kept = journal(*self.FACTS)
        (made,) = kept.append(self.cash(kept, 400_000))
        assert made.difference == 10_000
        assert self.cash(kept, 400_000) == ()

    def test_the_same_difference_twice_is_two_facts(self):
        kept = journal(*self.FACTS)
        for amount in (390_005, 390_000, 390_005):
            assert len(kept.append(self.cash(kept, amount))) == 1
        assert kept.book().group("core").cash == 390_005

    def test_fewer_shares_leave_from_the_oldest_lots(self):
        kept = journal(*self.FACTS)
        (made,) = kept.append(self.shares(kept, 50))
        assert (made.difference, made.price) == (-150, None)
        assert kept.book().group("core").position("7203").cost == 155_000

    def test_missing_shares_come_in_beside_what_is_held(self):
        kept = journal(*self.FACTS)
        before = kept.book().group("core").lots["7203"]
        (made,) = kept.append(self.shares(kept, 300, 2000))
        assert (made.difference, made.price) == (100, 2000)
        *old, new = kept.book().group("core").lots["7203"]
        assert tuple(old) == before
        assert (new.shares, new.cost, new.session) == (100, 200_000, day(4))
        assert kept.book().group("core").cash == 390_000

    def test_another_cost_of_as_many_shares_makes_them_one_lot(self):
        kept = journal(*self.FACTS)
        kept.append(self.shares(kept, 200, 2000))
        (lot,) = kept.book().group("core").lots["7203"]
        assert (lot.shares, lot.cost, lot.session) == (200, 400_000, day(4))
        assert self.shares(kept, 200, 2000) == ()

    def test_shares_that_go_have_no_price(self):
        with pytest.raises(StateError, match="150 shares of 7203 leave at cost, without a price"):
            self.shares(journal(*self.FACTS), 50, 2000)

    def test_shares_out_of_nowhere_want_a_price(self):
        with pytest.raises(StateError, match="1 shares of 7203 need a price"):
            self.shares(journal(*self.FACTS), 201)


class TestSaidAgain:
    """What a person took back and the desk's own settlement then says."""

    def test_it_counts_again_from_there_on(self):
        bought = buy(100, 3000)
        kept = journal(deposit(), bought)
        correct(kept, bought)
        made = restate_reversed(kept.history(), [sell(100, 3200, 9), replace(bought, source="paper")][::-1])
        assert [event.name for event in made] == ["correction", "fill"]
        kept.append(made)
        assert kept.events() == (deposit(), replace(bought, source="paper"), sell(100, 3200, 9))

    def test_an_end_that_is_said_with_another_reason_is_the_end(self):
        placed = order("BUY", 100)
        end = OrderExpired(
            session=day(1), source="paper", group="core", code="7203", side="BUY", order_id=placed.id,
            reason="no trade",
        )  # fmt: skip
        kept = journal(deposit(), placed, end)
        correct(kept, end)
        assert kept.book().group("core").orders
        kept.append(restate_reversed(kept.history(), [replace(end, reason="its session passed")]))
        assert not kept.book().group("core").orders

    def test_what_was_only_corrected_is_known(self):
        bought = buy(100, 3000)
        kept = journal(deposit(), bought)
        correct(kept, bought, buy(100, 3010))
        assert kept.append(restate_reversed(kept.history(), [bought])) == ()
        assert kept.events() == (deposit(), buy(100, 3010))


def test_a_fact_corrected_and_taken_back_is_known_by_both_of_its_names():
    wrong, right = buy(100, 3000), buy(100, 3010)
    kept = journal(deposit(), wrong)
    correct(kept, wrong, right)
    correct(kept, right)
    assert root_of(kept.history(), right.id) == wrong.id
    assert (recorded_event(kept.history(), right.id), recorded_event(kept.history(), wrong.id)) == (
        right,
        wrong,
    )
    correct(kept, right, right, place="here")
    assert kept.events() == (deposit(), right)
