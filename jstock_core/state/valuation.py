"""The equity curve: events and raw prices, by group and session.

1. Events are taken in the order of their sessions, the journal's inside one, and folded as the book is: cash,
   shares and their cost after each session in which something happened (`_steps`).
2. These are held until the next such session, as arrays (`_Steps.spread`).
3. Shares are worth the raw close of the stock's last bar at or before the session; a close from before a
   split is carried over it (`_carried`). A position is valued after the fills of its session, so what was
   bought at the open of T moves until T's close.

A fact on a day without a session counts for the next one, a fact before the first session for the first;
facts after the panel's last session are not seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property

import numpy as np

from jstock_core.errors import DataError, UsageError
from jstock_core.market.panel import Dates, Floats, Ints, Panel
from jstock_core.state.account import Account
from jstock_core.state.book import EMPTY
from jstock_core.state.events import (
    CashAdjusted,
    Deposit,
    Dividend,
    Event,
    Fee,
    Filled,
    PositionAdjusted,
    SplitApplied,
    Withdrawal,
)
from jstock_core.state.fold import Fold
from jstock_core.state.lots import cost_of, shares_of


@dataclass(frozen=True, eq=False)
class Curve:
    """Yen at each session's close, (S',) float64, whole yen but for prices with a fraction.

    `market_value` is that of the shares held, `invested` what they cost, `deposits` what came in (deposits
    less withdrawals, and adjustments: cash, and shares at their cost) in the session, before its open.
    """

    cash: Floats
    market_value: Floats
    invested: Floats
    deposits: Floats

    @cached_property
    def equity(self) -> Floats:
        """Cash and market value."""
        return self.cash + self.market_value


@dataclass(frozen=True, eq=False)
class EquityCurve:
    """A curve for each group, over the sessions from the first event's to the panel's last."""

    sessions: Dates
    groups: Mapping[str, Curve]

    @cached_property
    def whole(self) -> Curve:
        """All groups together."""
        names = [field.name for field in fields(Curve)]
        zero = np.zeros(len(self.sessions))
        return Curve(*(sum((getattr(c, name) for c in self.groups.values()), zero) for name in names))


def returns(curve: Curve) -> Floats:
    """Daily returns net of deposits and withdrawals, (S',): equity / (equity before + deposits) - 1.

    Money comes in before the open, so it earns the session's return. The first element is the first session's
    own, from its open. Nothing invested and nothing left is 0; a loss of more than there was is NaN.
    """
    before = np.concatenate(([0.0], curve.equity[:-1])) + curve.deposits
    empty = (before == 0) & (curve.equity == 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(before > 0, curve.equity / before - 1.0, np.nan)
    return np.where(empty, 0.0, rate)


def equity_curve(events: Iterable[Event], panel: Panel) -> EquityCurve:
    """Value every group at every session's close.

    Raises:
        UsageError: there is no event, or the panel ends before the first.
        DataError: a stock that is held is not in the panel, or had no bar yet.
        StateError: an event contradicts what came before it.

    """
    ordered = sorted(events, key=_session)
    if not ordered or not len(panel.sessions) or ordered[0].session > panel.session(-1):
        raise UsageError("nothing to value: no event lies before the panel's end", do="fetch newer sessions")
    first = int(np.searchsorted(panel.sessions, np.datetime64(ordered[0].session, "D")))
    sessions = panel.sessions[first:]
    days = np.array([event.session for event in ordered], dtype="datetime64[D]")
    rows = np.searchsorted(sessions, days)
    steps = _steps(ordered, rows, len(sessions))
    prices = _Prices(panel, first)
    return EquityCurve(sessions, {group: _curve(step, prices) for group, step in steps.items()})


class _Steps:
    """One group's figures after each session in which they changed: row -> figure."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.cash: dict[int, float] = {}
        self.deposits = np.zeros(length)
        self.given = 0
        self.shares: dict[str, dict[int, int]] = {}
        self.cost: dict[str, dict[int, int]] = {}

    def spread(self, steps: Mapping[int, float]) -> Floats:
        """Each figure held until the next; 0 before the first."""
        rows = np.fromiter(steps.keys(), dtype=np.int64, count=len(steps))
        figures = np.fromiter(steps.values(), dtype=np.float64, count=len(steps))
        lengths = np.diff(rows, append=self.length)
        return np.concatenate((np.zeros(rows[0]), np.repeat(figures, lengths)))


def _session(event: Event) -> date:
    return event.session


def _steps(events: list[Event], rows: Ints, length: int) -> dict[str, _Steps]:
    """Fold the events and note what each session left."""
    fold = Fold(EMPTY)
    groups: dict[str, _Steps] = {}
    for event, row in zip(events, rows.tolist(), strict=True):
        if row == length:
            break
        fold.add(event)
        for name in _moved(event, fold):
            _note(groups.setdefault(name, _Steps(length)), fold.accounts[name], event, row)
    return groups


def _moved(event: Event, fold: Fold) -> Iterable[str]:
    """The groups whose money or shares the event may have moved."""
    match event:
        case SplitApplied():
            return tuple(fold.accounts)
        case Filled() | Deposit() | Withdrawal() | Fee() | Dividend() | CashAdjusted() | PositionAdjusted():
            return (event.group,)
        case _:
            return ()


def _note(step: _Steps, account: Account, event: Event, row: int) -> None:
    step.cash[row] = account.cash
    given = account.deposited + account.adjusted
    step.deposits[row] += given - step.given
    step.given = given
    code = getattr(event, "code", None)
    if code is not None:
        lots = account.lots.get(code, ())
        step.shares.setdefault(code, {})[row] = shares_of(lots)
        step.cost.setdefault(code, {})[row] = cost_of(lots)


class _Prices:
    """Raw closes of the sessions from row `first` of a panel on, gaps filled, a column at a time."""

    def __init__(self, panel: Panel, first: int) -> None:
        self._panel = panel
        self._first = first
        self._carried: dict[str, Floats] = {}

    def of(self, code: str) -> Floats:
        """(S',): the last raw close at or before each session, NaN before the first bar."""
        if code not in self._carried:
            column = self._panel.column.get(code)
            if column is None:
                raise DataError(f"{code} is held, but has no prices here", do="add it to the monitor list")
            self._carried[code] = _carried(self._panel, column)[self._first :]
        return self._carried[code]


def _carried(panel: Panel, column: int) -> Floats:
    close = panel.close[:, column]
    rows = np.arange(len(close))
    last = np.maximum.accumulate(np.where(np.isnan(close), -1, rows))
    forward = panel.forward[:, column]
    # Where the bar is the session's own, the factor is exactly 1 and raw yen stay raw.
    return np.where(last < 0, np.nan, close[last] * (forward[last] / forward))


def _curve(step: _Steps, prices: _Prices) -> Curve:
    value = np.zeros(step.length)
    invested = np.zeros(step.length)
    for code, changes in step.shares.items():
        shares = step.spread(changes)
        held = shares > 0
        price = np.where(held, prices.of(code), 0.0) if held.any() else np.zeros(step.length)
        if np.isnan(price).any():
            raise DataError(f"{code} is held before its first bar: it has no value", do="correct the fill")
        value += shares * price
        invested += step.spread(step.cost[code])
    return Curve(step.spread(step.cash), value, invested, step.deposits)
