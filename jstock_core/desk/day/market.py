"""The market of a morning: the view that it decides on, and the conditions that checks and clock set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np

from jstock_core.base.clock import JST
from jstock_core.base.errors import DataError
from jstock_core.data.checks.checks import check_panel
from jstock_core.data.checks.findings import Finding
from jstock_core.decide import Conditions, trusted_features
from jstock_core.decide.given.halts import HaltedGroups, halted_groups, halts_by_date
from jstock_core.decide.given.late import LateData, LatePolicy, find_late_data, late_by_date
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.kept.recorded_splits import splits_as_decided, splits_to_json
from jstock_core.market.calendar import OPEN, at, tse
from jstock_core.market.panel import Panel
from jstock_core.market.publication import minute_of
from jstock_core.market.recorded_split import RecordedSplit
from jstock_core.signals.features.view import View
from jstock_core.state.book.folded import FoldedEvents
from jstock_core.state.facts.events import Decided, Event


@dataclass(frozen=True, eq=False)
class MorningMarket:
    """The stored market, a morning's view of what was known then, and the checks' findings and conditions."""

    whole: Panel
    view: View
    findings: tuple[Finding, ...]
    conditions: Conditions


def morning_market(
    desk: Desk,
    whole: Panel,
    trade_date: date,
    decided_at: datetime | None = None,
    late: tuple[LateData, ...] | None = None,
) -> MorningMarket:
    """The market as known at the decision time of a trade date, checked.

    `decided_at` is when it was decided, None for the decision time of a run that decides now. `late` is what
    was late for a decision that was recorded, None where that is judged now.

    Raises:
        DataError: the newest bars are not those of the session before, a finding forbids deciding, or a data
            set is late that the desk stops for.

    """
    decided_at, evaluated = decided_at or desk.decision_time(trade_date), desk.calendar.previous(trade_date)
    known = whole.known_at(decided_at)
    _require_session(known, evaluated)
    findings = (*check_panel(known, through=evaluated, whole=whole), *_from_the_future(desk, whole))
    if late is None:
        late = find_late_data(known, minute_of(decided_at), desk.settings.late_data)
        _refuse_late(late)
    conditions = morning_conditions(desk, known, trade_date, findings)
    conditions = replace(conditions, late_on={trade_date: late})
    return MorningMarket(whole, morning_view(known, trade_date, decided_at), findings, conditions)


def _refuse_late(found: Sequence[LateData]) -> None:
    """Refuse to decide without a data set for which `late_data` says `stop`.

    Raises:
        DataError: one of those is late.

    """
    for late in found:
        if late.then == "stop":
            raise DataError(
                late.text,
                where=f"late_data: {{{late.dataset}: stop}} in params/desk.yaml",
                do="fetch again when the vendor has published it, or import newer files; with `no_entries` "
                "there the desk decides its exits meanwhile",
            )


def _from_the_future(desk: Desk, whole: Panel) -> Iterator[Finding]:
    """Warn of stored sessions that are not over: imported by mistake, or fetched when the clock was ahead."""
    now = desk.now()
    newest = whole.dates[-1] if whole.dates else now.date()
    if newest > now.date():
        what = (
            f"the store holds bars of the future: up to {newest}, and it is {now:%Y-%m-%d}; they do not count"
        )
        do = "check the clock of this machine; where the rows are wrong, import the data into a new folder"
        yield Finding("warn", None, newest, what, do, "the future")


def market_as_decided(desk: Desk, events: FoldedEvents, trade_date: date) -> MorningMarket:
    """The market as the newest decision for the trade date saw it; of an undecided one, as known now.

    Raises:
        DataError: the newest bars are not those of the session before, or a finding forbids deciding.

    """
    decided = [e for e in events if isinstance(e, Decided) and e.session == trade_date]
    if not decided:
        return with_halts(morning_market(desk, desk.panel(), trade_date), halted_groups(events.book))
    return market_at(desk, panel_as_decided(desk, decided[-1]), decided[-1], events)


def market_to_revise(desk: Desk, events: FoldedEvents, seen: MorningMarket) -> MorningMarket:
    """The market that a decided morning saw, with the splits that a person has recorded since.

    Raises:
        DataError: as `market_as_decided`.

    """
    trade_date = seen.view.trade_dates[0].astype(object)
    decided = [e for e in events if isinstance(e, Decided) and e.session == trade_date]
    panel = panel_as_decided(desk, decided[-1], events.book.recorded_splits)
    if splits_to_json(panel.recorded_splits) == splits_to_json(seen.whole.recorded_splits):
        return seen
    return market_at(desk, panel, decided[-1], events)


def market_known_now(desk: Desk, events: Sequence[Event], trade_date: date) -> MorningMarket:
    """The market at the decision time of a decided morning, with all that was received since.

    Raises:
        DataError: as `market_as_decided`.

    """
    decided = [e for e in events if isinstance(e, Decided) and e.session == trade_date]
    return market_at(desk, desk.panel(), decided[-1], events)


def market_at(desk: Desk, panel: Panel, decided: Decided, events: Sequence[Event]) -> MorningMarket:
    """A market at the time of a decision, with what was late and halted for it.

    Raises:
        DataError: as `market_as_decided`.

    """
    late = recorded_late_data(events, decided.session)
    market = morning_market(desk, panel, decided.session, time_of(decided), late)
    return with_halts(market, halts_by_date(events, [decided.session]).get(decided.session, {}))


def with_halts(market: MorningMarket, halted: HaltedGroups) -> MorningMarket:
    """The market of a morning on which groups are halted."""
    trade_date: date = market.view.trade_dates[0].astype(object)
    return replace(market, conditions=replace(market.conditions, halted_on={trade_date: halted}))


def time_of(decided: Decided) -> datetime:
    """The decision time of a journaled decision."""
    return datetime.fromisoformat(decided.decided_at).replace(tzinfo=JST)


def panel_as_decided(desk: Desk, decided: Decided, splits: Sequence[RecordedSplit] | None = None) -> Panel:
    """What the store held, and what a person had confirmed of it, when a decision was made.

    `splits` are those that a person recorded, None for those that the decision was made with.

    Raises:
        DataError: the store is empty or damaged.

    """
    origin = decided.provenance
    known = splits_as_decided(origin) if splits is None else splits
    panel = desk.panel_of(desk.store.vintage(str(origin.get("edition", "")), time_of(decided)), known)
    if "confirmed" not in origin:
        return panel
    confirmed = frozenset((code, date.fromisoformat(session)) for code, session in origin["confirmed"])
    return replace(panel, confirmations=confirmed)


def recorded_late_data(events: Sequence[Event], trade_date: date) -> tuple[LateData, ...] | None:
    """The data sets that were late for the newest decisions of a trade date; None where there are none."""
    return late_by_date(events, [trade_date]).get(trade_date)


def late_now(desk: Desk, whole: Panel) -> tuple[LateData, ...]:
    """The data sets that are late for the next trade date; () while its own bars are not there yet."""
    trade_date = desk.next_trade_date
    if not whole.dates or whole.dates[-1] < desk.calendar.previous(trade_date):
        return ()
    return find_late_data(whole, minute_of(desk.decision_time(trade_date)), desk.settings.late_data)


def still_late(market: MorningMarket, policy: LatePolicy) -> MorningMarket:
    """The market of a decided morning, without marking as late what has come since."""
    found = {late.dataset for late in find_late_data(market.view.panel, market.view.decided_at[0], policy)}
    conditions, trade_date = market.conditions, market.view.trade_dates[0].astype(object)
    late = tuple(each for each in conditions.late_on[trade_date] if each.dataset in found)
    return replace(market, conditions=replace(conditions, late_on={trade_date: late}))


def morning_view(panel: Panel, trade_date: date, decided_at: datetime) -> View:
    """The view of the session before `trade_date`, on a panel cut at the decision time."""
    _require_session(panel, tse().previous(trade_date))
    row = len(panel.sessions) - 1
    minute = np.array([minute_of(decided_at)])
    dates = np.array([trade_date], dtype="datetime64[D]")
    return View.of(panel, trusted_features(panel), row, row, dates, decided_at=minute)


def morning_conditions(desk: Desk, panel: Panel, trade_date: date, findings: Sequence[Finding]) -> Conditions:
    """The conditions of a decision: blocked stocks by the checks, lateness by the clock, costs and limits.

    Raises:
        DataError: a finding forbids deciding at all.

    """
    for finding in findings:
        if finding.severity == "stop":
            raise DataError(finding.what, where=f"session {finding.session}", do=finding.do)
    blocked = blocked_stocks(findings)
    monitored = tuple(code for code in desk.monitored if code in panel.column)
    settings, late = desk.settings, is_late(desk, trade_date)
    return Conditions(monitored, settings.costs, blocked, late=late, limits=settings.limits)


def blocked_stocks(findings: Sequence[Finding]) -> Mapping[str, str]:
    """The stocks that the findings block, by code, with the reason."""
    return {found.code: found.what for found in findings if found.severity == "block" and found.code}


def is_late(desk: Desk, trade_date: date) -> bool:
    """Whether the opening auction of the trade date is past: its orders find no fill at the open any more."""
    return desk.now() >= at(trade_date, OPEN)


def _require_session(panel: Panel, session: date) -> None:
    """Make sure that `session` is the panel's newest.

    Raises:
        DataError: it is older: the desk would decide on stale prices.

    """
    newest = panel.session(len(panel.sessions) - 1) if len(panel.sessions) else None
    if newest != session:
        raise DataError(
            f"no data for the last session: decisions need the bars of {session}, the newest are of {newest}",
            where=f"the store, provider {panel.source.provider}",
            do="fetch or import that session, then run again; nothing was decided. For a desk on data of the "
            "past write `live: false` into params/desk.yaml, or walk it with `jstock replay`",
        )
