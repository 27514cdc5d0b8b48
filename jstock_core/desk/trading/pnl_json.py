"""A session's P&L, or a span's, as plain JSON: lots, sums, and the equities that prove them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from jstock_core.base.errors import UsageError
from jstock_core.base.params import did_you_mean
from jstock_core.market.calendar import BARS_PUBLIC, at
from jstock_core.market.panel import Panel
from jstock_core.state.accounts.balance import ALL, Balance, balances
from jstock_core.state.accounts.pnl_day import LotPnl
from jstock_core.state.facts.events import Event

Json = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Past:
    """What was settled since money came in: the facts in force through `last`, and the market known then."""

    events: tuple[Event, ...]
    panel: Panel
    first: date
    last: date

    def until(self, session: date) -> Past:
        """The same as it was at the close of an earlier session, by what is recorded of it now."""
        events = tuple(event for event in self.events if event.session <= session)
        return Past(events, self.panel.known_at(at(session, BARS_PUBLIC)), self.first, session)

    def settled(self, session: date) -> date:
        """A session whose close can be told of.

        Raises:
            UsageError: it was not settled.

        """
        if self.first <= session <= self.last:
            return session
        way = "after the last" if session > self.last else "before the first"
        raise UsageError(
            f"{session} is {way} settled session", do=f"give one from {self.first} to {self.last}"
        )


# --- one session --------------------------------------------------------------------------------------


def told_session(past: Past, session: date, group: str = "") -> Json:
    """The last session of `past` as plain JSON.

    Raises:
        UsageError: nothing had begun, or no such group had money then.
        DataError: a stock that is held has no price.

    """
    found = next(balances(past.events, past.panel, session))
    names = _chosen(tuple(found), group)
    parts = {name: _session(balance, past.panel) for name, balance in found.items()}
    return {
        "session": str(session),
        "settled_through": str(past.last),
        "simulated": past.panel.source.simulated,
        "groups": [parts[name] for name in names if name != ALL],
        "whole": None if group else {k: v for k, v in parts[ALL].items() if k != "lots"},
        "topix_pct": _percent(_topix(past.panel, session, session)),
        "csv": "",
    }


def _session(balance: Balance, panel: Panel) -> Json:
    return {
        "group": balance.pnl.group,
        "lots": [_lot(lot, panel) for lot in balance.pnl.lots],
        **_figures(balance),
        "unrealized": _yen(balance.pnl.unrealized),
        "realized_to_date": balance.pnl.realized,
        "return_pct": _percent(balance.rate),
    }


def _figures(balance: Balance) -> Json:
    """What a session did to a group's equity: before + came in + P&L = after."""
    pnl = balance.pnl
    return {
        "pnl": _yen(pnl.day),
        "realized": pnl.booked.realized,
        "unrealized_change": _yen(pnl.unrealized - pnl.unrealized_before),
        "dividends": pnl.booked.dividends,
        "fees": pnl.booked.fees,
        "equity_before": _yen(balance.before),
        "came_in": _yen(balance.came_in),
        "equity": _yen(balance.after),
    }


def _lot(lot: LotPnl, panel: Panel) -> Json:
    shares = float(lot.shares)
    return {
        "code": lot.code,
        "name": panel.listings[panel.column[lot.code]].name,
        "how": lot.how,
        "opened": None if lot.opened is None else str(lot.opened),
        "shares": _yen(shares),
        "start_price": _yen(lot.start / shares),
        "end_price": _yen(lot.end / shares),
        "start": _yen(lot.start),
        "end": _yen(lot.end),
        "pnl": _yen(lot.pnl),
        "fact": lot.origin,
    }


# --- a span -------------------------------------------------------------------------------------------


def told_span(past: Past, first: date, group: str = "") -> Json:
    """The sessions of `past` from `first` on as plain JSON: lines by session and group, and their sums.

    Raises:
        UsageError: nothing had begun, or no such group had money then.
        DataError: a stock that is held has no price.

    """
    days = list(balances(past.events, past.panel, first))
    names = _chosen(tuple(days[-1]), group)
    series = {name: [day[name] for day in days if name in day] for name in names}
    lines = [line for name in names for line in _lines(series[name], past.panel)]
    return {
        "from": str(first),
        "to": str(past.last),
        "settled_through": str(past.last),
        "simulated": past.panel.source.simulated,
        "lines": sorted(lines, key=lambda line: line["session"]),
        "sums": [_sum(series[name], past.panel) for name in names],
        "csv": "",
    }


def _lines(series: Sequence[Balance], panel: Panel) -> Iterator[Json]:
    """One group's sessions; returns since the close before its first one."""
    grown = 1.0
    for balance in series:
        grown *= 1 + balance.rate
        yield {
            "session": str(balance.session),
            "group": balance.pnl.group,
            **_figures(balance),
            "return_pct": _percent(balance.rate),
            "cumulative_pct": _percent(grown - 1),
            "topix_pct": _percent(_topix(panel, balance.session, balance.session)),
            "topix_cumulative_pct": _percent(_topix(panel, series[0].session, balance.session)),
        }


def _sum(series: Sequence[Balance], panel: Panel) -> Json:
    """One group's sessions together: the same equation over all of them."""
    first, last = series[0], series[-1]
    booked = [balance.pnl.booked for balance in series]
    return {
        "group": last.pnl.group,
        "sessions": len(series),
        "pnl": _yen(sum(balance.pnl.day for balance in series)),
        "realized": sum(b.realized for b in booked),
        "unrealized_change": _yen(last.pnl.unrealized - first.pnl.unrealized_before),
        "dividends": sum(b.dividends for b in booked),
        "fees": sum(b.fees for b in booked),
        "equity_before": _yen(first.before),
        "came_in": _yen(sum(balance.came_in for balance in series)),
        "equity": _yen(last.after),
        "return_pct": _percent(float(np.prod([1 + balance.rate for balance in series])) - 1),
        "topix_pct": _percent(_topix(panel, first.session, last.session)),
    }


# --- what both need -----------------------------------------------------------------------------------


def _chosen(known: Sequence[str], group: str) -> tuple[str, ...]:
    """The group asked for, or all and the whole.

    Raises:
        UsageError: no such group had money.

    """
    if not group:
        return tuple(known)
    if group not in known:
        groups = tuple(name for name in known if name != ALL)
        raise UsageError(
            f'no group "{group}" had money then', do=f"give a group of then{did_you_mean(group, groups)}"
        )
    return (group,)


def _topix(panel: Panel, first: date, last: date) -> float:
    """TOPIX's change from the close before `first` to that of `last`; NaN where one is not known."""
    begin, end = panel.row(first) - 1, panel.row(last)
    known = begin >= 0 and panel.topix[begin] > 0 and panel.topix[end] > 0
    return float(panel.topix[end] / panel.topix[begin] - 1) if known else float("nan")


def _percent(fraction: float) -> float | None:
    return None if np.isnan(fraction) else round(100 * fraction, 6)


def _yen(amount: float) -> int | float:
    """Whole where it is whole: prices of shares may have fractions of a yen."""
    rounded = round(amount, 4)
    return int(rounded) if rounded == int(rounded) else rounded
