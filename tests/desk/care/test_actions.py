"""Corporate actions by hand: a stock that becomes another. Splits: tests/desk/day/test_late_splits.py."""

from __future__ import annotations

import pytest

from jstock_core.base.errors import UsageError
from jstock_core.desk.care.actions import move_code
from jstock_core.desk.care.correct import correct_fact, reverse_fact
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.testing import with_bar, without_rows
from tests.desk.mornings import BOUGHT, EX_DATE, LATER, SEEN, WHOLE, Mornings, alerts, morning_after

ENDED = without_rows(WHOLE, "7203", EX_DATE)


@pytest.fixture
def ended(tmp_path):
    desk = Mornings(tmp_path, ENDED, "7203")
    desk.after(SEEN)
    assert alerts(desk.after(EX_DATE), "disappeared")
    return desk


def move(desk, code="7203", new="9984", ratio="1:2", on="", **more):
    return move_code(open_desk(desk.root, now=morning_after(EX_DATE)), code, new, ratio, on, **more)


def test_the_lots_of_a_code_become_those_of_another_with_cost_and_date(ended):
    done = move(ended, reason="share exchange")
    assert done.session == EX_DATE  # the first session without a row
    assert done.groups == (("core", "7203", 100, 0), ("core", "9984", 0, 50))
    book = open_desk(ended.root).journal().book().group("core")
    [lot] = book.lots["9984"]
    assert (lot.shares, lot.cost, lot.session) == (50, 100_000, BOUGHT)
    again = move(ended)
    assert (again.recorded, again.groups) == ((), (("core", "9984", 50, 50),))
    day = ended.after(LATER)
    assert alerts(day, "disappeared") == alerts(day, "unknown_exit") == []


def test_a_move_can_be_taken_back_and_have_another_ratio(ended):
    fact = move(ended).fact
    there = open_desk(ended.root, now=morning_after(EX_DATE))
    correct_fact(there, fact, {"ratio": "1:4"}, reason="misread")
    assert ended.lots("9984") == [(25, 100_000)]
    reverse_fact(there, fact, reason="it never happened")
    assert (ended.lots(), ended.lots("9984")) == ([(100, 100_000)], [])


def test_splits_of_the_new_code_before_the_move_are_none_of_its_lots(tmp_path):
    market = with_bar(ENDED, "9984", SEEN, adj_factor=0.5)
    desk = Mornings(tmp_path, market, "7203")
    desk.after(EX_DATE)
    move(desk, ratio="1:1")
    day = desk.after(LATER)
    assert desk.lots("9984") == [(100, 100_000)]
    assert alerts(day, "split_difference") == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"code": "6758"}, "no group holds 6758"),
        ({"new": "7203"}, "7203 cannot become itself"),
        ({"ratio": "x"}, "cannot read the ratio"),
        ({"on": "2027-01-05"}, "is in the future"),
    ],
)
def test_what_cannot_be_is_refused(ended, given, message):
    with pytest.raises(UsageError, match=message):
        move(ended, **given)
    assert ended.lots() == [(100, 100_000)]
