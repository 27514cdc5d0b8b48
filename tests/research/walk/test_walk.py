"""A walk-forward is one backtest whose parameters change; nothing later is known where they are chosen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from jstock_core.decide import trusted_features
from jstock_core.decide.groups import make_group
from jstock_core.decide.morning import DecisionRecord, morning
from jstock_core.research.backtest import backtest, span
from jstock_core.research.sweep.table import SweepTable
from jstock_core.research.sweep.task import FIGURES, SetResult
from jstock_core.research.walk.choice import Criterion, WalkWindow, choose_sets
from jstock_core.research.walk.walk import WalkRecord, trade_choices
from jstock_core.state.book.book import EMPTY
from jstock_core.state.facts.events import Filled, OrderPlaced
from tests.research.sweep.grounds import BASE, FIRST, LAST, Ground, make_ground

RANGES = {"entry.buy_threshold": [50, 55, 60], "exit.stop_loss_pct": [2, 8]}
SPANS = [
    ((FIRST, date(2025, 10, 31)), (date(2025, 11, 4), date(2025, 11, 28))),
    ((date(2025, 11, 4), date(2025, 11, 28)), (date(2025, 12, 1), LAST)),
]
GROUP = make_group("base", BASE, where="a test")


@pytest.fixture(scope="module")
def ground(shared_desk, tmp_path_factory) -> Ground:
    return make_ground(shared_desk(ready="fetched"), tmp_path_factory.mktemp("walk"))


def trade(ground: Ground, numbers: list[int | None]) -> WalkRecord:
    """The test spans traded with these sets, whatever was chosen."""
    plan, market = ground.plan(RANGES), ground.market
    found = (SetResult(each.key, "", dict.fromkeys(FIGURES, 50.0)) for each in plan.sets)
    table = SweepTable(plan, tuple(found), ())
    windows = tuple(WalkWindow(*spans, table, n) for spans, n in zip(SPANS, numbers, strict=True))
    view = span(market.panel, trusted_features(market.panel), SPANS[0][1][0], LAST)
    done, base = trade_choices(view, GROUP, plan, windows, market.watch)
    return WalkRecord(GROUP, plan, windows, Criterion(), market.panel, market.watch, done, base)


def run(ground: Ground, declared, first: date, last: date):
    group = make_group("base", declared, where="a test")
    return backtest(ground.market.panel, [group], ground.market.watch.conditions, first, last)


def test_one_set_in_all_windows_is_its_backtest(ground):
    plan = ground.plan(RANGES)
    record = trade(ground, [2, 2])
    alone = run(ground, plan.sets[2].declared, SPANS[0][1][0], LAST)
    assert record.done.events == alone.events
    declared = trade(ground, [None, None])
    assert declared.done.events == declared.declared.events == run(ground, BASE, SPANS[0][1][0], LAST).events


def test_positions_and_cash_go_on_where_the_set_changes(ground):
    """Up to the last trade date of a window it is the backtest of its set; what it holds then is kept."""
    plan = ground.plan(RANGES)
    record = trade(ground, [1, 4])
    first = run(ground, plan.sets[1].declared, *SPANS[0][1])
    change = SPANS[1][1][0]
    before = [e for e in record.done.orders if e.session < change]
    assert before == list(first.orders)
    held = first.book.groups["base"].lots
    assert held
    opened = [e for e in record.done.events if isinstance(e, Filled) and e.session < change]
    assert {e.code for e in opened} >= held.keys()
    assert record.done.book.groups["base"].deposited == BASE["initial_capital"]
    alone = run(ground, plan.sets[4].declared, *SPANS[1][1])
    assert [e for e in record.done.orders if e.session >= change] != list(alone.orders)


def test_it_is_the_fold_of_mornings_with_the_set_of_each_window(ground):
    market, plan, change = ground.market, ground.plan(RANGES), SPANS[1][1][0]
    view = span(market.panel, trusted_features(market.panel), SPANS[0][1][0], LAST)
    groups = [make_group("base", plan.sets[n].declared, where="a test") for n in (5, 0)]
    book, events = EMPTY, []
    for row, day in enumerate(view.trade_dates.tolist()):
        step = morning(
            book, view, row, [groups[day >= change]], market.watch.conditions, DecisionRecord(details=False)
        )
        book, events = step.book, [*events, *step.events]
    assert trade(ground, [5, 0]).done.events[: len(events)] == tuple(events)
    assert any(isinstance(event, Filled) and event.side == "SELL" for event in events)


def test_its_mornings_come_out_the_same_from_what_was_known_then(ground):
    """Mornings of both windows, each with its own set, and one set in the place of another is noticed."""
    record = trade(ground, [1, 4])
    proof = record.prove(sample=8)
    assert (proof.sampled, proof.passed) == (8, True)
    windows = (record.windows[0], replace(record.windows[1], chosen=0))
    wrong = replace(record, windows=windows).prove(sample=60)
    assert not wrong.passed
    change = str(SPANS[1][1][0])
    assert all(each >= change for each in wrong.differences)


def test_test_spans_are_measured_in_the_one_backtest(ground):
    record = trade(ground, [1, 4])
    totals = [test["total_return"] for test in record.tests]
    assert np.prod([1 + total for total in totals]) == pytest.approx(1 + record.whole.record.own.total_return)
    assert sum(test["closed_lots"] for test in record.tests) == record.whole.record.lots.closed
    placed = [event for event in record.done.events if isinstance(event, OrderPlaced)]
    assert sum(test["orders"] for test in record.tests) == len(placed)


def choose(ground: Ground, folder) -> tuple[WalkWindow, ...]:
    plans = [ground.plan(RANGES).over(*train) for train, _ in SPANS]
    tables = []
    for plan, (train, _) in zip(plans, SPANS, strict=True):
        tables.append(SweepTable(plan, ground.run(plan, folder), train))
    return choose_sets(tables, SPANS, Criterion("total_return"))


def test_what_happens_after_a_train_span_changes_no_choice(ground, tmp_path, shared_desk):
    """The second test span is another one, and all that was chosen and traded before it is the same."""
    market, change = ground.market, SPANS[1][1][0]
    row = market.panel.row(change)
    columns = {name: getattr(market.panel, name).copy() for name in ("open", "high", "low", "close")}
    for values in columns.values():
        values[row:] *= 0.6
    other = make_ground(
        shared_desk(ready="fetched"), tmp_path / "other", change=lambda p: replace(p, **columns)
    )
    found = [choose(each, tmp_path / str(n)) for n, each in enumerate((ground, other))]
    assert [window.chosen for window in found[0]] == [window.chosen for window in found[1]]
    for one, two in zip(*found, strict=True):
        for a, b in zip(one.table.results, two.table.results, strict=True):
            assert a.returns.tobytes() == b.returns.tobytes()
    numbers = [window.chosen for window in found[0]]
    records = [trade(each, numbers) for each in (ground, other)]
    assert records[0].whole.returns.tobytes() != records[1].whole.returns.tobytes()
    before = [[e for e in record.done.orders if e.session < change] for record in records]
    assert before[0] == before[1]


def windows_of(ground: Ground, numbers: list[int | None], kept: int = 0) -> WalkRecord:
    """A record of windows with these choices; what was traded is that of two."""
    record = trade(ground, [numbers[0], numbers[-1]])
    days = [date(2025, 11, n + 4) for n in range(len(numbers) + 1)]
    spans = [(one, one) for one, _ in pairwise(days)]
    windows = tuple(
        WalkWindow(each, each, record.windows[0].table, n, place < kept)
        for place, (each, n) in enumerate(zip(spans, numbers, strict=True))
    )
    return replace(record, windows=windows)


def test_stability_counts_changes_moves_and_edges(ground):
    record = windows_of(ground, [0, 4, 4, 2, 0])
    threshold, stop = record.stability
    assert (threshold.key, threshold.usual, threshold.usual_share) == ("entry.buy_threshold", 50, 0.4)
    assert (threshold.changes, threshold.mean_move, threshold.at_edge) == (3, pytest.approx(4 / 3), 4)
    assert (stop.changes, stop.usual, stop.at_edge) == (0, 2, 0), "of two values both are edges"
    assert windows_of(ground, [None, None]).stability == ()


def test_a_reader_is_warned(ground):
    few = "\n".join(windows_of(ground, [0, 4, 0]).warnings)
    assert "3 windows say little" in few
    assert "no value of it lasts" not in few
    told = "\n".join(windows_of(ground, [0, 4, 0, 4], kept=1).warnings)
    assert "say little" not in told
    assert "in 1 of 4 windows no set had a sharpe" in told
    assert "entry.buy_threshold changed in 3 of 3 windows" in told
    assert "at the edge of its range in 4 windows" in told
    assert "the sharpe of 50.00 in sample was" in told
