"""A session's P&L, or a span's, measured from the settled past: lots, sums, and equities that prove them.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from jstock_core.base.errors import UsageError
from jstock_core.desk.trading.portfolio.pnl_results import (
    PnlFigures,
    PnlGroup,
    PnlLine,
    PnlLot,
    PnlTotal,
    SessionPnl,
    SpanPnl,
)
from jstock_core.desk.workspace.names import unknown
from jstock_core.market.calendar import BARS_PUBLIC, at
from jstock_core.market.panel import Panel
from jstock_core.state.accounts.balance import ALL, Balance, session_balances
from jstock_core.state.accounts.pnl_day import LotPnl
from jstock_core.state.facts.events import Event


@dataclass(frozen=True, eq=False)
class SettledPast:
    """The sessions settled since money came in, from `first` to `last`.

    `events` are the facts in force through `last`, `panel` the market known then.
    """

    events: tuple[Event, ...]
    panel: Panel
    first: date
    last: date

    def until(self, session: date) -> SettledPast:
        """The same as it was at the close of an earlier session, by what is recorded of it now."""
        events = tuple(event for event in self.events if event.session <= session)
        return SettledPast(events, self.panel.known_at(at(session, BARS_PUBLIC)), self.first, session)

    def require(self, session: date) -> date:
        """The session, which must be one of the settled ones.

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


def measure_session(past: SettledPast, session: date, group: str = "") -> SessionPnl:
    """The last session of `past`, of all groups or of one.

    Raises:
        UsageError: no money had come in, or no such group had money then.
        DataError: a stock that is held has no price.

    """
    found = next(session_balances(past.events, past.panel, session))
    names = _select_names(tuple(found), group)
    groups = {name: _group(balance, past.panel) for name, balance in found.items()}
    return SessionPnl(
        session=session,
        settled_through=past.last,
        simulated=past.panel.source.simulated,
        groups=tuple(groups[name] for name in names if name != ALL),
        whole=None if group else groups[ALL],
        topix_pct=_percent(_topix(past.panel, session, session)),
    )


def _group(balance: Balance, panel: Panel) -> PnlGroup:
    return PnlGroup(
        group=balance.pnl.group,
        lots=tuple(_lot(lot, panel) for lot in balance.pnl.lots),
        figures=_figures((balance,)),
        unrealized=_yen(balance.pnl.unrealized),
        realized_to_date=balance.pnl.realized,
        return_pct=_percent(balance.rate),
    )


def _lot(lot: LotPnl, panel: Panel) -> PnlLot:
    shares = float(lot.shares)
    return PnlLot(
        code=lot.code,
        name=panel.listings[panel.column[lot.code]].name,
        how=lot.how,
        opened=lot.opened,
        shares=_yen(shares),
        start_price=_yen(lot.start / shares),
        end_price=_yen(lot.end / shares),
        start=_yen(lot.start),
        end=_yen(lot.end),
        pnl=_yen(lot.pnl),
        fact=lot.origin,
    )


# --- a span -------------------------------------------------------------------------------------------


def measure_span(past: SettledPast, first: date, group: str = "") -> SpanPnl:
    """The sessions of `past` from `first` on, of all groups or of one.

    Raises:
        UsageError: no money had come in, or no such group had money then.
        DataError: a stock that is held has no price.

    """
    days = list(session_balances(past.events, past.panel, first))
    names = _select_names(tuple(days[-1]), group)
    series = {name: [day[name] for day in days if name in day] for name in names}
    lines = [line for name in names for line in _lines(series[name], past.panel)]
    return SpanPnl(
        first=first,
        last=past.last,
        settled_through=past.last,
        simulated=past.panel.source.simulated,
        lines=tuple(sorted(lines, key=lambda line: line.session)),
        sums=tuple(_total(series[name], past.panel) for name in names),
    )


def _lines(series: Sequence[Balance], panel: Panel) -> Iterator[PnlLine]:
    """One group's sessions; returns since the close before its first one."""
    growth = 1.0
    for balance in series:
        growth *= 1 + balance.rate
        yield PnlLine(
            session=balance.session,
            group=balance.pnl.group,
            figures=_figures((balance,)),
            return_pct=_percent(balance.rate),
            cumulative_pct=_percent(growth - 1),
            topix_pct=_percent(_topix(panel, balance.session, balance.session)),
            topix_cumulative_pct=_percent(_topix(panel, series[0].session, balance.session)),
        )


def _total(series: Sequence[Balance], panel: Panel) -> PnlTotal:
    """One group's sessions together."""
    return PnlTotal(
        group=series[-1].pnl.group,
        sessions=len(series),
        figures=_figures(series),
        return_pct=_percent(float(np.prod([1 + balance.rate for balance in series])) - 1),
        topix_pct=_percent(_topix(panel, series[0].session, series[-1].session)),
    )


# --- what both need -----------------------------------------------------------------------------------


def _figures(series: Sequence[Balance]) -> PnlFigures:
    """What the sessions of a group did to its equity together."""
    first, last = series[0], series[-1]
    return PnlFigures(
        pnl=_yen(sum(balance.pnl.day for balance in series)),
        realized=sum(balance.pnl.booked.realized for balance in series),
        unrealized_change=_yen(last.pnl.unrealized - first.pnl.unrealized_before),
        dividends=sum(balance.pnl.booked.dividends for balance in series),
        fees=sum(balance.pnl.booked.fees for balance in series),
        equity_before=_yen(first.before),
        came_in=_yen(sum(balance.came_in for balance in series)),
        equity=_yen(last.after),
    )


def _select_names(known: Sequence[str], group: str) -> tuple[str, ...]:
    """The group asked for, or all and the whole.

    Raises:
        UsageError: no such group had money.

    """
    if not group:
        return tuple(known)
    if group not in known:
        groups = (name for name in known if name != ALL)
        raise unknown("group", group, groups, where="the groups that held money or shares in that session")
    return (group,)


def _topix(panel: Panel, first: date, last: date) -> float:
    """TOPIX's change from the close before `first` to that of `last`; NaN where one is not known."""
    begin, end = panel.row(first) - 1, panel.row(last)
    known = begin >= 0 and panel.topix[begin] > 0 and panel.topix[end] > 0
    return float(panel.topix[end] / panel.topix[begin] - 1) if known else float("nan")


def _percent(fraction: float) -> float | None:
    return None if np.isnan(fraction) else round(100 * fraction, 6)


def _yen(amount: float) -> float:
    """An int where it is whole: prices of shares may have fractions of a yen."""
    rounded = round(amount, 4)
    return int(rounded) if rounded == int(rounded) else rounded
