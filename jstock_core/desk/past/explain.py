"""`jstock explain`: why a stock was bought, held, sold or left alone on a morning. Reads only.

A decision that was journaled is shown as journaled, with the parameters it recorded, whatever has changed
since; one that was not is made in memory.
"""

from __future__ import annotations

from datetime import date

from jstock_core.base.intent import Intent
from jstock_core.desk.day.result import Day
from jstock_core.desk.day.steps import decide_day
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.names import select_code, select_groups
from jstock_core.desk.workspace.required import require_desk
from jstock_core.explain.cases import find_cases
from jstock_core.explain.explain import Inquiry
from jstock_core.market.codes import parse_code
from jstock_core.reports.render.explanation import ExplanationPage
from jstock_core.state.facts.events import Decided


def explain_decision(desk: Desk, code: str, trade_date: str | date = "", group: str = "") -> ExplanationPage:
    """Explain a code on the morning of a trade date (ISO; "" for the next possible one), by group.

    Raises:
        UsageError: the code is malformed or unknown, the date cannot be decided, or no group has that id.

    """
    require_desk(desk)
    wanted_code = parse_code(code)
    day = _morning(desk, trade_date)
    select_code(wanted_code, day.view.panel.codes)
    if not _is_removed(day, group):
        select_groups(day.groups, group)
    cases = find_cases(day.events, day.trade_date, day.groups, group)
    found = Inquiry(day.view, 0, cases, day.conditions, day.intent).explain(wanted_code)
    return ExplanationPage(found, desk.marks)


def _morning(desk: Desk, trade_date: str | date) -> Day:
    """The day as journaled where it was decided, else in memory."""
    wanted = desk.trade_date(trade_date)
    events = desk.journal().events()
    decided = any(isinstance(event, Decided) and event.session == wanted for event in events)
    return decide_day(desk, wanted, Intent.SHOW_AGAIN if decided else Intent.PREVIEW)


def _is_removed(day: Day, wanted: str) -> bool:
    """Whether the group is not declared any more, but had decided."""
    declared = any(group.id == wanted for group in day.groups)
    return not declared and any(event.group == wanted for event in day.decided)
