"""Factors that the vendor adds or corrects after the session, and splits that a person records."""

from __future__ import annotations

from decimal import Decimal

import pytest

from jstock_core.base.errors import ExitStatus, StateError, UsageError
from jstock_core.desk.care.actions import record_split
from jstock_core.desk.care.correct import correct_fact, reverse_fact
from jstock_core.desk.care.verify import verify_journal
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.state.facts.events import SplitApplied
from jstock_core.testing import with_bar, with_split
from tests.desk.mornings import (
    BOUGHT,
    EX_DATE,
    LAST,
    LATER,
    SEEN,
    WHOLE,
    Mornings,
    alerts,
    morning_after,
    purchase,
)

TRADED = with_bar(WHOLE, "7203", SEEN, high=1005, low=995)  # a bar of one price would be a locked limit
SPLIT = with_bar(with_split(TRADED, "7203", EX_DATE, 0.2), "7203", EX_DATE, high=202, low=199)
FORGOTTEN = with_bar(SPLIT, "7203", EX_DATE, adj_factor=1.0, high=202, low=199)
"""The prices of a split, and no factor."""


def split(desk, ratio="5:1", on=EX_DATE, now=LATER, **more):
    return record_split(open_desk(desk.root, now=morning_after(now)), "7203", ratio, str(on), **more)


def faults(desk, now=LAST):
    return verify_journal(open_desk(desk.root, now=morning_after(now))).faults


@pytest.fixture
def forgotten(tmp_path):
    """A desk that ran over the ex-date without knowing of it."""
    desk = Mornings(tmp_path, FORGOTTEN, "7203")
    assert alerts(desk.after(EX_DATE), "unknown_exit")
    assert desk.lots() == [(100, 100_000)]
    return desk


# What the vendor adds and corrects


def test_a_factor_that_comes_later_reaches_the_lots_held_since(forgotten):
    forgotten.revise(SPLIT)
    day = forgotten.after(LATER)
    assert forgotten.lots() == [(500, 100_000)]
    [alert] = alerts(day, "split_reconciled")
    assert (
        f"it is applied as a split of 5:1 on {EX_DATE}: now core 500 shares bought {BOUGHT} at ¥100,000"
        in alert.text
    )
    assert f"core 500 shares bought {BOUGHT}" in alert.text
    assert day.exit == ExitStatus.DEGRADED
    assert alerts(day, "unknown_exit") == []
    assert faults(forgotten) == ()
    assert alerts(forgotten.after(LAST), "split_reconciled") == []
    assert forgotten.lots() == [(500, 100_000)]


def test_verify_finds_a_split_that_the_book_lacks(forgotten):
    forgotten.revise(SPLIT)
    forgotten.load(EX_DATE)
    [fault] = faults(forgotten)
    assert f"a split of 5:1 on {EX_DATE}, and the journal has none" in fault
    assert f"core 100 shares bought {BOUGHT} would be 500" in fault
    assert f"`jstock state split 7203 5:1 --date {EX_DATE}`" in fault


def test_after_a_later_purchase_a_person_is_asked(forgotten):
    """Whether the 100 at 200 are old or new shares, nobody but a person knows."""
    forgotten.buy(EX_DATE, "7203", 100, 200, morning_after(EX_DATE))
    forgotten.revise(SPLIT)
    day = forgotten.after(LATER)
    assert forgotten.lots() == [(100, 100_000), (100, 20_000)]
    [alert] = alerts(day, "split_difference")
    assert f"core 100 shares bought {BOUGHT} would be 500" in alert.text
    assert f"`jstock state split 7203 5:1 --date {EX_DATE}`" in alert.remedy
    assert "its splits differ between the journal and the market data" in alerts(day, "unknown_exit")[0].text
    assert day.exit == ExitStatus.DEGRADED
    assert split(forgotten).groups == (("core", "7203", 200, 600),)
    assert forgotten.lots() == [(500, 100_000), (100, 20_000)]
    assert alerts(forgotten.after(LAST), "split_difference") == []
    assert faults(forgotten) == ()


def test_a_purchase_recorded_after_its_split_was_settled_is_split_at_once(tmp_path):
    """The factor is not late, the purchase is: later fills are in new shares already."""
    desk = Mornings(tmp_path, SPLIT, "6758")
    desk.after(EX_DATE)
    desk.buy(EX_DATE, "7203", 100, 200, morning_after(EX_DATE))
    with open_desk(desk.root, now=morning_after(EX_DATE)).writing("an old purchase") as journal:
        journal.append([purchase(BOUGHT, "7203", 100, 1000)])
    assert desk.lots() == [(500, 100_000), (100, 20_000)]
    day = desk.after(LATER)
    assert alerts(day, "split_reconciled") == alerts(day, "split_difference") == []
    assert alerts(day, "unknown_exit") == []


def test_a_corrected_ratio_reaches_the_lots(tmp_path):
    desk = Mornings(tmp_path, SPLIT, "7203")
    desk.after(EX_DATE)
    assert desk.lots() == [(500, 100_000)]
    desk.revise(with_bar(SPLIT, "7203", EX_DATE, adj_factor=0.25))
    day = desk.after(LATER)
    assert desk.lots() == [(400, 100_000)]
    [alert] = alerts(day, "split_reconciled")
    assert f"split:{EX_DATE}:7203 now counts as a split of 4:1 on {EX_DATE}" in alert.text


def test_a_factor_that_moves_to_another_session_moves_the_split(tmp_path):
    desk = Mornings(tmp_path, SPLIT, "7203")
    desk.after(EX_DATE)
    moved = with_bar(with_bar(SPLIT, "7203", EX_DATE, adj_factor=1.0), "7203", SEEN, adj_factor=0.2)
    desk.revise(moved)
    [alert] = alerts(desk.after(LATER), "split_reconciled")
    assert f"a split of 5:1 on {SEEN}" in alert.text
    assert desk.lots() == [(500, 100_000)]
    assert faults(desk) == ()


def test_a_factor_that_is_taken_back_takes_the_split_back(tmp_path):
    desk = Mornings(tmp_path, with_bar(WHOLE, "7203", EX_DATE, adj_factor=0.2), "7203")
    desk.after(EX_DATE)
    assert desk.lots() == [(500, 100_000)]
    desk.revise(WHOLE)
    [alert] = alerts(desk.after(LATER), "split_reconciled")
    assert f"split:{EX_DATE}:7203 does not count any more" in alert.text
    assert desk.lots() == [(100, 100_000)]


def test_a_split_that_a_person_took_back_is_left_alone_and_named(tmp_path):
    desk = Mornings(tmp_path, SPLIT, "7203")
    desk.after(EX_DATE)
    reverse_fact(
        open_desk(desk.root, now=morning_after(EX_DATE)), f"split:{EX_DATE}:7203", reason="no such split"
    )
    day = desk.after(LATER)
    assert desk.lots() == [(100, 100_000)]
    assert len(alerts(day, "split_difference")) == 1
    assert alerts(day, "split_reconciled") == []


def test_rights_that_were_taken_for_a_split_are_taken_back(tmp_path):
    """As in journals from before ExRT was read: 0.9632 had become 625 for 602."""
    desk = Mornings(tmp_path, with_split(WHOLE, "7203", EX_DATE, 0.9632, 3), "7203")
    desk.after(EX_DATE)
    wrong = SplitApplied(
        session=EX_DATE, source="desk", code="7203", numerator=625, denominator=602,
        cash_in_lieu_price=Decimal("963.2"),
    )  # fmt: skip
    open_desk(desk.root, now=morning_after(EX_DATE)).journal().append([wrong])
    assert desk.lots()[0][0] == 103
    [fault] = [fault for fault in faults(desk, EX_DATE) if "7203" in fault]
    assert f"`jstock state correct split:{EX_DATE}:7203 --reverse --reason TEXT`" in fault
    [alert] = alerts(desk.after(LATER), "split_reconciled")
    assert f"split:{EX_DATE}:7203 does not count any more" in alert.text
    assert desk.lots() == [(100, 100_000)]


# What a person records


def test_a_split_by_hand_and_the_factor_of_the_day_before_are_one(forgotten):
    """100 shares are 500, not 2,500; the market data dates it."""
    done = split(forgotten, on=LATER, now=EX_DATE)
    assert (done.session, done.groups) == (LATER, (("core", "7203", 100, 500),))
    forgotten.revise(SPLIT)
    day = forgotten.after(LATER)
    assert forgotten.lots() == [(500, 100_000)]
    [alert] = alerts(day, "split_reconciled")
    assert f"it is applied as a split of 5:1 on {EX_DATE}" in alert.text
    assert faults(forgotten) == ()
    forgotten.after(LAST)
    assert forgotten.lots() == [(500, 100_000)]


def test_a_split_by_hand_before_the_factor_comes_in_time_is_one_too(tmp_path):
    late = with_split(WHOLE, "7203", LATER, 0.2)
    desk = Mornings(tmp_path, late, "7203")
    desk.after(EX_DATE)
    split(desk, on=EX_DATE, now=EX_DATE, accept_odd=True)
    desk.after(LATER)
    assert desk.lots() == [(500, 100_000)]
    desk.after(LAST)
    assert (desk.lots(), faults(desk)) == ([(500, 100_000)], ())


def test_a_split_that_the_market_data_has_is_dated_by_it(forgotten):
    forgotten.revise(SPLIT)
    forgotten.load(EX_DATE)
    assert split(forgotten, on=LATER).session == EX_DATE
    again = split(forgotten, on=SEEN)
    assert (again.recorded, again.groups) == ((), (("core", "7203", 500, 500),))


def test_a_split_that_no_source_knows_stays_and_is_no_fault(forgotten):
    split(forgotten)
    day = forgotten.after(LATER)
    assert forgotten.lots() == [(500, 100_000)]
    [alert] = alerts(day, "split_difference")
    assert (alert.severity, alert.remedy) == ("info", "")
    assert faults(forgotten) == ()


def test_another_ratio_is_a_correction(forgotten):
    split(forgotten)
    with pytest.raises(StateError, match=f"5:1 is recorded for 7203 on {EX_DATE} already") as caught:
        split(forgotten, ratio="4:1", accept_odd=True)
    assert f"jstock state correct split:{EX_DATE}:7203 --ratio 4:1" in caught.value.do
    there = open_desk(forgotten.root, now=morning_after(LATER))
    correct_fact(there, f"split:{EX_DATE}:7203", {"ratio": "4:1"}, reason="misread")
    assert forgotten.lots() == [(400, 100_000)]


@pytest.mark.parametrize(
    ("ratio", "on", "message"),
    [
        ("five", EX_DATE, 'cannot read the ratio "five"'),
        ("1:1", EX_DATE, 'cannot read the ratio "1:1"'),
        ("0:5", EX_DATE, "cannot read the ratio"),
        ("5:1", "2027-01-05", "is too far in the future"),
        ("5:1", "2026-01-25", "no TSE session|not a session|closed"),
        ("1:5", EX_DATE, "show no split of 1:5"),
        ("2:1", EX_DATE, "show no split of 2:1"),
    ],
)
def test_what_cannot_be_is_refused(forgotten, ratio, on, message):
    with pytest.raises(UsageError, match=message):
        split(forgotten, ratio, on)
    assert forgotten.lots() == [(100, 100_000)]


def test_of_a_stock_that_nobody_holds_it_is_refused(forgotten):
    there = open_desk(forgotten.root, now=morning_after(LATER))
    with pytest.raises(UsageError, match="no group holds 6758"):
        record_split(there, "6758", "5:1", str(EX_DATE), accept_odd=True)
