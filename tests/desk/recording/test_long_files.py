"""A file of very many lines: what it takes grows as the file does, and a fault in it has its line."""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from jstock_core.base.errors import StateError, UsageError
from jstock_core.desk.recording.csv_file import FILLS, parse_fills
from jstock_core.desk.recording.ledger import AddedEvents
from jstock_core.desk.recording.lines import MOST_FILLS, FillLine
from jstock_core.desk.recording.plan import Plan
from jstock_core.desk.recording.planning import plan_recording
from jstock_core.desk.recording.sheet import read_sheet
from jstock_core.state.facts.events import Filled
from jstock_core.testing import panel as market
from tests.desk.recording.planned import EVENING, again, known, ledger, line
from tests.execution.ledger import deposit
from tests.execution.market import MONDAY, TUESDAY

CODES = [f"{n}" for n in range(1301, 1341)]
CHECK = known(EVENING, market(dict.fromkeys(CODES, 1000.0)))
FACTS = ledger(deposit(10**12))


def bought(count: int) -> list[FillLine]:
    """Purchases of all codes in turn, in both sessions, no two of them equal."""
    return [
        line(
            "BUY", CODES[n % len(CODES)], 100, Decimal(1000) + n // len(CODES), n + 2, group="core",
            session=(MONDAY, TUESDAY)[n % 3 == 0],
        )
        for n in range(count)
    ]  # fmt: skip


def plan(lines: list[FillLine], facts=FACTS) -> Plan:
    return plan_recording(lines, facts, CHECK, "x")


def calls_of(work: Callable[[], object]) -> int:
    """How many functions are called: unlike time, the same wherever it is measured."""
    profile = cProfile.Profile()
    profile.runcall(work)
    return pstats.Stats(profile).total_calls  # type: ignore[attr-defined]


def test_planning_takes_twice_as_much_for_twice_the_lines():
    plan(bought(50))  # what is kept between calls is there now
    once, twice = (calls_of(lambda count=count: plan(bought(count))) for count in (400, 800))
    assert twice < 2.2 * once


def test_amendments_take_twice_as_much_for_twice_the_lines():
    def amended(count: int) -> list[FillLine]:
        lines = bought(count)
        gone = [replace(o, kind="cancellation", number=o.number + count) for o in lines[::2]]
        return [*lines, *gone]

    plan(amended(50))
    once, twice = (calls_of(lambda count=count: plan(amended(count))) for count in (400, 800))
    assert twice < 2.2 * once
    made = plan(amended(400))
    assert sum(isinstance(event, Filled) for event in made.events) == 200


def test_reading_takes_twice_as_much_for_twice_the_lines(tmp_path):
    def read(count: int) -> int:
        path = tmp_path / f"{count}.csv"
        rows = (f"7203,BUY,100,{3000 + n},2026-01-20" for n in range(count))
        path.write_text("\n".join(["code,action,qty,price,date", *rows]), encoding="utf-8")
        return calls_of(lambda: parse_fills(read_sheet(path, {}, FILLS)))

    read(50)
    assert read(2_000) < 2.2 * read(1_000)


def test_a_contradiction_in_the_middle_has_its_line():
    """Though the lines are folded together, and others of the code follow."""
    lines = bought(400)
    lines[200] = replace(lines[200], side="SELL", shares=1_000_000)
    with pytest.raises(StateError, match=r"1,?000,?000") as caught:
        plan(lines)
    assert caught.value.where == "line 202"


def test_the_first_of_several_contradictions_is_named():
    lines = [line("SELL", "1301", 100, number=n, group="core") for n in range(2, 6)]
    held = line("BUY", "1301", 200, number=9, group="core", session=MONDAY)
    with pytest.raises(StateError) as caught:
        plan([held, *lines])
    assert caught.value.where == "line 4"


def test_more_equal_fills_than_can_be_compared_are_refused():
    lines = [line("BUY", "1301", 100, number=n, group="core") for n in range(MOST_FILLS + 1)]
    with pytest.raises(UsageError, match="1,001 lines are BUY 1301 on 2026-01-20; at most 1,000"):
        plan(lines)
    assert plan(lines[:50]).new == 50


def test_events_added_to_one_list_are_apart():
    """Two that have grown from the same one know nothing of each other."""
    one, other = (e for e in plan(bought(2)).events)
    root = AddedEvents()
    left, right = root.extend([one]), root.extend([other])
    assert [one.id in part for part in (root, left, right)] == [False, True, False]
    assert [other.id in part for part in (root, left, right)] == [False, False, True]
    both = left.extend([other])
    assert (left.since(0), right.since(0), both.since(0), both.since(1)) == (
        (one,), (other,), (one, other), (other,)
    )  # fmt: skip


def test_equal_fills_have_ordinals_in_turn():
    """Those of a file, and those that a later file adds to them."""
    lines = [line("BUY", "1301", 100, number=n, group="core") for n in range(2, 302)]
    first = plan(lines[:100])
    assert [event.ordinal for event in first.events] == list(range(100))
    made = plan(lines, again(first, FACTS, deposit(10**12)))
    assert [event.ordinal for event in made.events] == list(range(100, 300))
    once, twice = (calls_of(lambda count=count: plan(lines[:count])) for count in (150, 300))
    assert twice < 2.4 * once
