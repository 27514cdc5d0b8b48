"""The balance of a session: equity before, money put in or taken out, P&L, and equity at the close.

The P&L is that of `pnl`, lot by lot; the equities are those of `valuation`, from cash and shares held. They
are computed independently, and `session_balances` raises where they do not add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from jstock_core.base.errors import StateError
from jstock_core.market.panel import Panel
from jstock_core.state.accounts.pnl import daily_pnl
from jstock_core.state.accounts.pnl_day import GroupPnl
from jstock_core.state.accounts.valuation import equity_curve, returns
from jstock_core.state.book.book import replay
from jstock_core.state.facts.events import Event

ALL = ""
"""The whole desk among the groups."""
_ROUNDING = 1e-9  # of the equity: float64 has 15 digits


@dataclass(frozen=True)
class Balance:
    """A group's session, in yen. `came_in` is money and shares put in less what was taken out.

    `rate` is the session's return net of what came in (a fraction), NaN where more was lost than there was.
    """

    session: date
    pnl: GroupPnl
    before: float
    came_in: float
    after: float
    rate: float

    @property
    def unexplained(self) -> float:
        """Yen by which the parts differ from the equity: 0 unless the computation is wrong."""
        return self.after - self.before - self.came_in - self.pnl.day


def session_balances(
    events: Iterable[Event], panel: Panel, since: date | None = None
) -> Iterator[Mapping[str, Balance]]:
    """Every session from that of the first money, or from `since`, to the panel's last: by group, `ALL` last.

    Raises:
        UsageError: no money has come in before the panel ends, or it ends before `since`.
        DataError: a stock that is held is not in the panel, or had no bar yet.
        StateError: an event contradicts what came before it, or a session does not add up.

    """
    facts = tuple(events)
    curve = equity_curve(replay(facts), panel)
    values = {**curve.groups, ALL: curve.whole}
    rates = {name: returns(value) for name, value in values.items()}
    rows = {session: row for row, session in enumerate(curve.sessions.tolist())}
    begun = curve.sessions[0].item()
    for day in daily_pnl(facts, panel, max(begun, since or begun)):
        row, found = rows[day.session], {}
        for name, pnl in (*day.groups.items(), (ALL, day.whole)):
            value = values[name]
            before = float(value.equity[row - 1]) if row else 0.0
            found[name] = _require_balance(
                Balance(
                    day.session, pnl, before, float(value.deposits[row]), float(value.equity[row]),
                    float(rates[name][row]),
                )
            )  # fmt: skip
        yield found


def _require_balance(balance: Balance) -> Balance:
    if abs(balance.unexplained) > 0.01 + _ROUNDING * abs(balance.after):
        raise StateError(
            f"the P&L of {balance.session} does not add up: {balance.unexplained:+,.2f} yen are unexplained",
            where=f"group {balance.pnl.group}" if balance.pnl.group else "the whole desk",
            do="this is a defect of jstock: report it with `jstock state export`",
        )
    return balance
