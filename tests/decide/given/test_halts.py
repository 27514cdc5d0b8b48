"""Halts by a person's word: what a decision makes of them, and what the journal knew of them on each date."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.decide import Conditions, trusted_features
from jstock_core.decide.given.halts import find_halt, halted_groups, halts_by_date
from jstock_core.decide.morning import Step, morning
from jstock_core.market.panel import Panel
from jstock_core.research.backtest import span
from jstock_core.state.book.book import replay
from jstock_core.state.facts.events import Decided, Deposit, Event, Filled, Halted, OrderPlaced, Resumed
from jstock_core.testing import Stock, panel
from tests.decide.given.test_late import GROUP, T

SESSIONS = 230
D, NEXT = date(2026, 1, 20), date(2026, 1, 22)


def market() -> Panel:
    """A stock that the group buys, and one that it holds and that fell below its stop."""
    rising = 1000.0 + np.arange(SESSIONS)
    fallen = rising.copy()
    fallen[-1] -= 300
    return panel({"7203": Stock(rising), "6501": Stock(fallen)}, sessions=SESSIONS)


WHOLE = market()
VIEW = span(WHOLE, trusted_features(WHOLE), T, T)
START: tuple[Event, ...] = (
    Deposit(session=date(2026, 1, 5), source="desk", group="core", amount=5_000_000, reason="capital"),
    Filled(
        session=date(2026, 1, 14), source="manual", group="core", code="6501", side="BUY", shares=300,
        price=Decimal(1220), order_id=None,
    ),
)  # fmt: skip


def decide_with(halted: dict[str, str]) -> Step:
    conditions = Conditions(("7203", "6501"), halted_on={T: halted})
    return morning(replay(START), VIEW, 0, [GROUP], conditions)


def orders(step: Step, side: str) -> list[OrderPlaced]:
    return [e for e in step.events if isinstance(e, OrderPlaced) and e.side == side]


def test_a_halt_stops_buys_and_no_sell_and_leaves_the_decision_complete():
    free, halted = decide_with({}), decide_with({"": "entries stopped: halted since x: y"})
    assert orders(free, "BUY")
    assert orders(halted, "BUY") == []
    assert orders(halted, "SELL") == orders(free, "SELL") != []
    (decided,) = (e for e in halted.events if isinstance(e, Decided))
    assert decided.status == "complete"
    assert decided.skipped[0]["reason"] == "entries stopped: halted since x: y"


@given(st.dictionaries(st.sampled_from(["", "core", "other"]), st.sampled_from(["a", "b"])))
def test_whatever_is_halted_sells_are_the_same(halted):
    made = decide_with(halted)
    assert orders(made, "SELL") == orders(decide_with({}), "SELL")
    assert bool(orders(made, "BUY")) == (not {"", "core"} & halted.keys())


def halt(n: int, clock: str, session: date = T, scope: str = "") -> Halted:
    at = f"{session}T{clock}"
    return Halted(session=session, source="manual", scope=scope, at=at, reason=f"r{n}", ordinal=n)


def resume(n: int, session: date = T, scope: str = "") -> Resumed:
    at = f"{session}T08:00"
    return Resumed(session=session, source="manual", scope=scope, at=at, reason="x", ordinal=n)


def decided(session: date = T, group: str = "core", revision: int = 0) -> Decided:
    return Decided(
        session=session, source="desk", group=group, evaluated=None, decided_at="", status="complete",
        revision=revision,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("events", "halted"),
    [
        ([decided()], {}),
        ([halt(0, "06:40"), decided()], {"core": "r0"}),
        ([halt(0, "06:40"), resume(0), decided()], {}),
        ([halt(0, "06:40"), decided(), resume(0)], {"core": "r0"}),
        ([decided(), halt(0, "08:59")], {"core": "r0"}),
        ([decided(), halt(0, "09:00")], {}),
        ([decided(), halt(0, "08:10"), resume(0)], {"core": "r0"}),
        ([decided(), halt(0, "08:10"), resume(0), decided(revision=1)], {}),
        ([halt(0, "17:00", D), decided()], {"core": "r0"}),
        ([decided(), decided(group="b"), halt(0, "08:10", scope="b")], {"b": "r0"}),
        ([halt(0, "06:40", scope="b"), decided(), decided(group="b")], {"b": "r0"}),
        ([halt(0, "06:40", scope="b"), halt(1, "06:41"), decided(group="b")], {"b": "r1"}),
    ],
)
def test_what_was_halted_for_the_decision_of_a_date(events, halted):
    found = halts_by_date(events, [T])
    assert {group: why.rpartition(": ")[2] for group, why in found.get(T, {}).items()} == halted


def test_other_dates_are_not_asked_for():
    assert halts_by_date([halt(0, "06:40"), decided(), decided(NEXT)], [NEXT]).keys() == {NEXT}


def test_the_halt_of_all_groups_comes_before_that_of_one():
    book = replay([*START, halt(0, "06:40", scope="core"), halt(1, "06:50")])
    found = halted_groups(book)
    assert find_halt(found, "core") == "entries stopped: halted since 2026-01-21 06:50: r1"
    assert find_halt({"core": "x"}, "other") == ""
