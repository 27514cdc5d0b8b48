"""Tomorrow's orders with and without a change, on the book that the desk has."""

from __future__ import annotations

from pathlib import Path

import pytest

from jstock_core.desk.day.day import run_day
from jstock_core.desk.lab.lab import Lab, open_lab
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.state.facts.events import OrderPlaced
from tests.desk.days import MORNING, NEXT_MORNING, T, journaled
from tests.desk.lab.test_lab import contents
from tests.desk.lab.test_trial import html_of


@pytest.fixture
def lab(desk: Path) -> Lab:
    return open_lab(desk, now=MORNING)


def test_the_desks_side_is_what_the_desk_ordered(lab: Lab, desk: Path):
    ordered = {
        (order.group, order.code, order.side): order.shares
        for order in journaled(desk)
        if isinstance(order, OrderPlaced) and order.session == T
    }
    found = lab.diff("conservative")
    assert found.book == "the desk's journal"
    assert found.changes == ()
    assert {(o.group, o.code, o.side): o.desk for o in found.orders} == ordered
    assert len(ordered) > 5
    assert f"0 added, 0 dropped, {len(ordered)} unchanged" in html_of(found)


def test_a_variant_that_buys_less_drops_buys_and_no_sells(lab: Lab):
    found = lab.diff(lab.group("conservative").but(entry__buy_threshold=80))
    dropped = [order for order in found.changes if order.change == "dropped"]
    assert dropped
    assert {order.side for order in dropped if order.group == "conservative"} == {"BUY"}
    assert {order.group for order in dropped} == {"conservative"}
    html = html_of(found)
    assert "entry.buy_threshold 55 -&gt; 80" in html
    assert set(found.frame.columns) == {
        "group", "code", "name", "side", "desk", "variant", "change", "reason",
    }  # fmt: skip
    assert f"{len(found.changes)} of {len(found.orders)} differ" in repr(found)


def test_it_is_what_the_desk_would_order_with_that_file(lab: Lab, desk: Path):
    """The candidate in the group's place: the next morning of the desk places the variant's orders."""
    variant = lab.group("conservative").but(entry__buy_threshold=70)
    later = open_lab(desk, now=NEXT_MORNING)
    found = later.diff(variant)
    saved = lab.save(variant)
    (desk / "params" / "groups" / "conservative.yaml").write_bytes(saved.read_bytes())
    day = run_day(open_desk(desk, now=NEXT_MORNING), "", "preview")
    ordered = {
        (e.group, e.code, e.side): e.shares
        for e in day.events
        if isinstance(e, OrderPlaced) and e.session == day.trade_date
    }
    assert {(o.group, o.code, o.side): o.variant for o in found.orders if o.variant} == ordered


def test_a_group_of_another_id_stands_beside_the_desks(lab: Lab):
    found = lab.diff(lab.group("conservative").named("other"))
    assert {order.change for order in found.orders if order.group == "other"} == {"added"}
    assert {order.change for order in found.orders if order.group != "other"} == {"unchanged"}


def test_nothing_is_written(lab: Lab, desk: Path):
    before = contents(desk)
    lab.diff("conservative")
    assert contents(desk) == before


def test_a_desk_without_a_journal_has_the_history_it_would_be_given(new: Path):
    found = open_lab(new, now=MORNING).diff("conservative")
    assert found.book == "a simulated history"
    assert found.orders
    assert not found.changes
