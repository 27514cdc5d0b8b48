"""`jstock explain`: why a stock was bought, held, sold or left alone on a morning. Reads only.

A decision that was journaled is shown as journaled, with the parameters it recorded, whatever has changed
since; one that was not is made in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from jstock_core.base.errors import ParamsError
from jstock_core.base.intent import Intent
from jstock_core.decide.groups import Group, make_group
from jstock_core.desk.day.day import run_day
from jstock_core.desk.day.past import without_morning
from jstock_core.desk.day.result import Day
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.names import select_code, select_groups
from jstock_core.explain.explain import Explanation, explain_stock
from jstock_core.explain.verdicts import Case
from jstock_core.market.codes import parse_code
from jstock_core.signals.language.registry import Rules
from jstock_core.state.book.book import GroupBook, replay
from jstock_core.state.facts.codec import json_value as thawed
from jstock_core.state.facts.events import Decided, OrderPlaced


def explain_decision(desk: Desk, code: str, trade_date: str | date = "", group: str = "") -> Explanation:
    """Explain a code on the morning of a trade date (ISO; "" for the next possible one), by group.

    Raises:
        UsageError: the code is malformed or unknown, the date cannot be decided, or no group has that id.

    """
    wanted_code = parse_code(code)
    day = _morning(desk, trade_date)
    select_code(wanted_code, day.view.panel.codes)
    cases = tuple(_cases(day, group))
    return explain_stock(wanted_code, day.view, 0, cases, day.conditions, day.intent)


def _morning(desk: Desk, trade_date: str | date) -> Day:
    """The day as journaled where it was decided, else in memory."""
    wanted = desk.trade_date(trade_date)
    events = desk.journal().events()
    decided = any(isinstance(event, Decided) and event.session == wanted for event in events)
    return run_day(desk, wanted, Intent.SHOW_AGAIN if decided else Intent.PREVIEW)


def _cases(day: Day, wanted: str) -> Iterator[Case]:
    named = "" if _is_removed(day, wanted) else wanted
    groups = {group.id: group for group in select_groups(day.groups, named)}
    decided = {event.group: event for event in day.decided}
    ids = [wanted] if wanted else [*groups, *(id_ for id_ in decided if id_ not in groups)]
    for id_ in ids:
        event = decided.get(id_)
        group, notes = _group_at_decision(groups.get(id_), event, day.desk.rules)
        if group is not None:
            orders = tuple(_placed_orders(day, id_))
            yield Case(group, _book_before(day, group, event), event, orders, tuple(notes))


def _is_removed(day: Day, wanted: str) -> bool:
    """Whether the group is not declared any more, but had decided."""
    declared = any(group.id == wanted for group in day.groups)
    return not declared and any(event.group == wanted for event in day.decided)


def _group_at_decision(
    group: Group | None, event: Decided | None, rules: Rules
) -> tuple[Group | None, Sequence[str]]:
    """The group with the parameters that its decision recorded, and what to say about them."""
    if event is None:
        return group, ()
    recorded = event.provenance.get("groups", {}).get(event.group)
    if recorded is None:
        return group, ("the decision recorded no parameters, today's are shown",)
    declared = thawed(recorded)
    if group is not None and dict(group.declared) == declared:
        return group, ()
    try:
        recorded_group = make_group(event.group, declared, where=f"the decision {event.id}", rules=rules)
    except ParamsError as error:
        return group, (f"the recorded parameters cannot be read any more, today's are shown: {error.what}",)
    return recorded_group, (
        "the group's parameters have been changed since; those of the decision are shown",
    )


def _placed_orders(day: Day, group: str) -> Iterator[OrderPlaced]:
    for event in day.events:
        if isinstance(event, OrderPlaced) and (event.session, event.group) == (day.trade_date, group):
            yield event


def _book_before(day: Day, group: Group, event: Decided | None) -> GroupBook:
    """The group's book as its decision found it; of a group that did not decide, as it is."""
    until = len(day.events) if event is None else day.events.index(event)
    books = replay(without_morning(day.events[:until], day.trade_date)).groups
    capital = group.initial_capital
    return books.get(group.id, GroupBook(id=group.id, cash=capital, deposited=capital))
