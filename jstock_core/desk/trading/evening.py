"""`jstock evening`: a session after its close, settled in memory.

Nothing is journaled: a session is settled by the morning after it, on what is known then, so that a day with
an evening run is the same as one without.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from jstock_core.base.alerts import Alert, Severity
from jstock_core.base.errors import ExitStatus
from jstock_core.base.intent import Intent
from jstock_core.base.progress import Say, silent
from jstock_core.base.words import plural
from jstock_core.desk.day.day import run_day
from jstock_core.desk.trading.reconcile import Reconciliation, reconcile_session
from jstock_core.desk.workspace.desk import Desk


@dataclass(frozen=True)
class Evening:
    """A session after its close: equity and P&L in yen, orders against fills, alerts.

    `alerts` are those that the next morning would have now.
    """

    session: date
    next_trade_date: date
    equity: int
    day_pnl: int | None
    reconciliation: Reconciliation
    alerts: tuple[Alert, ...]
    historical: bool = False

    @property
    def exit(self) -> ExitStatus:
        """Not 0 where a person has to record what became of an order, or an alert needs one."""
        if self.reconciliation.missing:
            return ExitStatus.DIFFERENCES
        urgent = any(alert.severity == Severity.ALERT for alert in self.alerts)
        return ExitStatus.DEGRADED if urgent else ExitStatus.OK

    @property
    def todo(self) -> tuple[str, ...]:
        """What a person has to do before the next morning, a sentence each."""
        return tuple(self._todo())

    def _todo(self) -> Iterator[str]:
        if self.reconciliation.missing:
            orders = plural(self.reconciliation.missing, "order")
            yield f"record what became of {orders}: `jstock trade record --date {self.session}`"
        for alert in self.alerts:
            if alert.severity == Severity.ALERT:
                yield alert.message

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        alerts = [
            {"severity": str(each.severity), "kind": each.kind, "text": each.text, "do": each.remedy}
            for each in self.alerts
        ]
        return {
            "session": str(self.session),
            "next_trade_date": str(self.next_trade_date),
            "equity": self.equity,
            "day_pnl": self.day_pnl,
            "reconciliation": self.reconciliation.as_json(),
            "alerts": alerts,
            "todo": list(self.todo),
            **({"historical": True} if self.historical else {}),
        }


def look_at_session(desk: Desk, say: Say = silent) -> Evening:
    """Fetch, then settle in memory, reconcile and check the newest session whose bars are public.

    Raises:
        DataError: its bars are not there, or forbid deciding. JstockError: as `run_day`.

    """
    following = desk.next_trade_date
    session = desk.calendar.previous(following)
    with desk.hold(f"the evening of {session}"):
        desk.fetch(following, say)
    day = run_day(desk, following, Intent.PREVIEW, say)
    headline = day.report.headline
    return Evening(
        session=session,
        next_trade_date=following,
        equity=headline.equity,
        day_pnl=headline.day_pnl,
        reconciliation=reconcile_session(desk, day.events, session),
        alerts=day.alerts,
        historical=desk.historical,
    )
