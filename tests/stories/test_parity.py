"""Backtest and desk are one: the same orders and fills, session by session, with no difference at all.

The desk here lives day by day. Each morning it is given the panel cut at 07:00 of the trade date and nothing
else, computes its features from that alone, reads its book back from a journal on disk, decides, and writes.
The backtest is one fold over the whole panel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest

from jstock_core.decide import Conditions, read_skipped
from jstock_core.decide.groups import Group
from jstock_core.decide.morning import morning
from jstock_core.desk.past.replays import run_replay
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.execution.costs import Cost, Costs, FeeStep
from jstock_core.execution.limits import OrderLimits
from jstock_core.market.calendar import decision_time, tse
from jstock_core.market.panel import Panel
from jstock_core.research.backtest import Backtest, backtest
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.view import View
from jstock_core.state.facts.events import (
    Decided,
    Dividend,
    Event,
    Fee,
    Filled,
    OrderExpired,
    OrderPlaced,
    SplitApplied,
)
from jstock_core.state.journal.journal import Journal
from tests.execution.worlds import REAL_DESK, more_groups, needs_real

FACTS = (OrderPlaced, Filled, OrderExpired, SplitApplied, Fee, Dividend)
DAY_TABLE = (
    FeeStep(up_to=1_000_000, yen=0),
    FeeStep(up_to=2_000_000, yen=2_200),
    FeeStep(each=1_000_000, yen=1_100),
)
COSTS = Costs.of(
    [
        Cost(since=date(2025, 6, 2), commission_pct=0.05, slippage_ticks=1),
        Cost(since=date(2025, 10, 1), commission_day_steps=DAY_TABLE, slippage_ticks=1),
    ]
)


@pytest.fixture(scope="module")
def simulated(shared_desk) -> Desk:
    return shared_desk(ready="fetched")


@pytest.fixture(scope="module")
def real(shared_desk) -> Desk:
    return shared_desk(**REAL_DESK)


def facts(events: Iterable[Event], last: date) -> dict[date, list[Event]]:
    """Orders and what became of them up to `last`, by session."""
    found: dict[date, list[Event]] = {}
    for event in events:
        if isinstance(event, FACTS) and event.session <= last:
            found.setdefault(event.session, []).append(event)
    return found


def differences(one: Sequence[Event], other: Sequence[Event], last: date) -> list[date]:
    """Sessions whose facts are not equal, each and in order."""
    left, right = facts(one, last), facts(other, last)
    return [session for session in sorted(left | right) if left.get(session) != right.get(session)]


def live(
    panel: Panel,
    groups: Sequence[Group],
    conditions: Conditions,
    days: Sequence[date],
    open_: Callable[[], Journal],
) -> tuple[Event, ...]:
    """The desk's days: cut, features, read back, decide, write. A journal opened anew now and then."""
    journal = open_()
    for n, trade_date in enumerate(days):
        if n % 50 == 0:
            journal = open_()
        cut = panel.known_at(decision_time(trade_date))
        row = len(cut.sessions) - 1
        view = View.of(cut, Features.of(cut), row, row, np.array([trade_date], dtype="datetime64[D]"))
        journal.append(morning(journal.book(), view, 0, groups, conditions).events)
    return open_().events()


def journals(folder: Path, provider: str) -> Callable[[], Journal]:
    def clock() -> datetime:
        return datetime.fromisoformat("2026-01-21T07:00+09:00")

    return lambda: Journal.open(folder / "journal.sqlite", provider, clock)


def folded(desk: Desk, panel: Panel, groups: Sequence[Group], days: Sequence[date], costs: Costs) -> Backtest:
    return backtest(panel, groups, Conditions(desk.monitored, costs), days[0], days[-1])


def worth_comparing(events: Sequence[Event]) -> None:
    """A parity of nothing would prove nothing."""
    for side in ("BUY", "SELL"):
        assert sum(isinstance(e, Filled) and e.side == side for e in events) >= 20


# Day by day, on what was known each morning


def test_a_desk_that_lives_150_simulated_days_does_what_the_backtest_says(simulated, tmp_path):
    panel = simulated.panel()
    days = tse().between(date(2025, 1, 6), date(2026, 1, 21))[-150:]
    groups = (*simulated.groups, *more_groups())
    conditions = Conditions(simulated.monitored, COSTS)
    lived = live(panel, groups, conditions, days, journals(tmp_path, simulated.provider.id))
    done = folded(simulated, panel, groups, days, COSTS)
    worth_comparing(lived)
    assert any(isinstance(e, Dividend) for e in lived)
    assert {e.group for e in lived if isinstance(e, OrderPlaced)} == {g.id for g in groups}
    assert differences(lived, done.events, days[-2]) == []
    assert [e for e in lived if isinstance(e, OrderPlaced)] == list(done.orders)


def test_limits_give_the_same_in_desk_and_backtest(simulated, tmp_path):
    panel = simulated.panel()
    days = tse().between(date(2025, 1, 6), date(2026, 1, 21))[-60:]
    own = OrderLimits(max_position_pct=12, max_volume_pct=0.5, max_drawdown_pct=1, drawdown_sessions=20)
    whole = OrderLimits(max_orders=6, max_exposure_pct=60, max_sector_pct=25, max_day_loss_pct=0.4)
    groups = [replace(group, limits=own) for group in (*simulated.groups, *more_groups())]
    conditions = Conditions(simulated.monitored, COSTS, limits=whole)
    lived = live(panel, groups, conditions, days, journals(tmp_path, simulated.provider.id))
    done = backtest(panel, groups, conditions, days[0], days[-1])
    assert differences(lived, done.events, days[-2]) == []
    free = folded(simulated, panel, groups, days, COSTS)
    assert done.orders != free.orders
    skips = [skip for e in lived if isinstance(e, Decided) for skip in read_skipped(e) if skip.by_limit]
    words = {skip.reason.split()[2] for skip in skips}
    assert words >= {"at", "cut", "lost", "equity"}


@needs_real
def test_a_desk_that_lives_80_real_days_does_what_the_backtest_says(real, tmp_path):
    panel = real.panel()
    days = tse().between(date(2025, 3, 3), date(2025, 11, 28))[-80:]
    groups = (*real.groups, *more_groups())
    lived = live(panel, groups, Conditions(real.monitored), days, journals(tmp_path, real.provider.id))
    done = folded(real, panel, groups, days, Costs())
    worth_comparing(lived)
    assert differences(lived, done.events, days[-2]) == []
    assert [e for e in lived if isinstance(e, OrderPlaced)] == list(done.orders)


# Replays into a journal


def replayed(desk: Desk, folder: Path, first: date, last: date) -> tuple[Event, ...]:
    """What `jstock replay --into` journals."""
    root = str(desk.workspace.root)
    run_replay(open_desk(root, now=desk.now().isoformat()).with_journal_in(folder), str(first), str(last))
    return journals(folder, desk.provider.id)().events()


def test_a_replay_of_the_simulated_market_journals_what_the_backtest_says(simulated, tmp_path):
    days = tse().between(date(2025, 1, 6), date(2026, 1, 20))
    assert len(days) >= 250
    journaled = replayed(simulated, tmp_path, days[0], days[-1])
    done = folded(simulated, simulated.panel(), simulated.groups, days, Costs())
    worth_comparing(journaled)
    assert differences(journaled, done.events, days[-2]) == []
    assert [e for e in journaled if isinstance(e, OrderPlaced)] == list(done.orders)


@needs_real
def test_a_replay_of_real_bars_journals_what_the_backtest_says(real, tmp_path):
    days = tse().between(date(2024, 6, 3), date(2025, 11, 28))
    journaled = replayed(real, tmp_path, days[0], days[-1])
    done = folded(real, real.panel(), real.groups, days, Costs())
    worth_comparing(journaled)
    assert len(days) >= 250
    assert differences(journaled, done.events, days[-2]) == []
    assert [e for e in journaled if isinstance(e, OrderPlaced)] == list(done.orders)
    decided = [e.session for e in journaled if isinstance(e, Decided) and e.group == "conservative"]
    assert decided == list(days)


# Interrupted


def test_a_desk_that_is_replayed_in_pieces_is_the_same_desk(simulated, tmp_path):
    """Stop anywhere, start again from the journal: the same events as in one go."""
    whole = replayed(simulated, tmp_path / "whole", date(2025, 9, 1), date(2025, 12, 30))
    pieces: tuple[Event, ...] = ()
    for first, last in (("09-01", "09-30"), ("10-01", "10-01"), ("10-02", "12-30")):
        span = (date.fromisoformat(f"2025-{day}") for day in (first, last))
        pieces = replayed(simulated, tmp_path / "pieces", *span)
    assert pieces == whole


def test_one_changed_order_is_a_difference(simulated):
    """The comparison itself: it is not blind."""
    days = tse().between(date(2025, 9, 1), date(2025, 12, 30))
    events = folded(simulated, simulated.panel(), simulated.groups, days, Costs()).events
    n, order = next((n, e) for n, e in enumerate(events) if isinstance(e, OrderPlaced))
    changed = (*events[:n], replace(order, shares=order.shares + 100), *events[n + 1 :])
    assert differences(events, changed, days[-1]) == [order.session]
    assert differences(events, events[:n] + events[n + 1 :], days[-1]) == [order.session]


def test_what_is_monitored_is_a_set(simulated):
    """The order in which codes are written into the monitor list changes no order that is placed."""
    panel, days = simulated.panel(), tse().between(date(2025, 9, 1), date(2025, 12, 30))
    backwards = replace(simulated, monitored=simulated.monitored[::-1])
    one, other = (folded(d, panel, d.groups, days, Costs()) for d in (simulated, backwards))
    assert one.orders == other.orders


def test_reading_parameters_again_decides_the_same(simulated):
    """Nothing of a rule is kept between runs."""
    days = tse().between(date(2025, 9, 1), date(2025, 12, 30))
    again = open_desk(simulated.workspace.root, now="2026-01-21T07:00")
    one, other = (folded(d, d.panel(), d.groups, days, Costs()) for d in (simulated, again))
    assert one.events == other.events
