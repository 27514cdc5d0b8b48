"""A past morning decided again from what was known then: the same signals and orders, or why not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from jstock_core.base.errors import ExitStatus, JstockError, ParamsError, UsageError
from jstock_core.base.plain import plain_json
from jstock_core.base.words import plural
from jstock_core.desk.day.again.again import MorningAgain, first_decisions, redecide
from jstock_core.desk.day.sealing import morning_seals, newest_seal
from jstock_core.desk.lookback.differences import value_changes
from jstock_core.desk.lookback.evidence import Cause, Evidence, describe_change, find_evidence, shown_value
from jstock_core.desk.lookback.listing import find_damage
from jstock_core.desk.lookback.record import Key, MorningRecord, read_morning
from jstock_core.desk.workspace.dates import parse_date
from jstock_core.desk.workspace.desk import Desk
from jstock_core.state.facts.events import Decided, Event, OrderPlaced

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class OutcomeDifference:
    """A signal, order or status that came out otherwise; `cause` is the likeliest.

    `code` is "" for what concerns the group.
    """

    group: str
    code: str
    what: str
    then: str
    now: str
    cause: Cause


@dataclass(frozen=True)
class SealCheck:
    """A seal that somebody kept: whether the journal holds what it is of, and in which revision."""

    given: str
    holds: bool
    revision: int | None

    @property
    def sentence(self) -> str:
        """One line for people."""
        if not self.holds:
            return "NOT SEALED: the journal holds no decision of that date with this seal"
        revised = f"revision {self.revision} of the decision" if self.revision else "the decision"
        return f"sealed: {revised} is the one that the seal is of, and nothing of it was changed"


@dataclass(frozen=True)
class MorningProof:
    """A morning decided again: how much of it, what differs, and what is not as it was.

    `failure` says why it could not be decided again, "" where it could. `damage` are files of its run that
    are not what was published. `seal` is that of the decision as it was made last, `sealed` what became of
    the one that was given.
    """

    trade_date: date
    groups: int
    signals: int
    orders: int
    edition: str
    differences: tuple[OutcomeDifference, ...]
    evidence: tuple[Evidence, ...]
    damage: tuple[str, ...]
    failure: str
    notes: tuple[str, ...]
    seal: str = ""
    sealed: SealCheck | None = None

    @property
    def is_proven(self) -> bool:
        """Whether everything came out the same."""
        return not self.failure and not self.differences

    @property
    def exit(self) -> ExitStatus:
        """The exit status of the command that verified."""
        if not self.is_proven or (self.sealed is not None and not self.sealed.holds):
            return ExitStatus.DIFFERENCES
        return ExitStatus.STATE if self.damage else ExitStatus.OK

    @property
    def sentence(self) -> str:
        """One line for people."""
        if self.failure:
            return f"NOT PROVEN: it cannot be decided again: {self.failure}"
        if self.differences:
            causes = ", ".join(dict.fromkeys(each.cause for each in self.differences))
            return f"NOT PROVEN: {plural(len(self.differences), 'difference')} ({causes})"
        what = f"{plural(self.signals, 'signal')} and {plural(self.orders, 'order')}"
        return f"proven: {what} of {plural(self.groups, 'group')} came out the same, from what was known then"

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        found: dict[str, Any] = plain_json(asdict(self))
        return {**found, "proven": self.is_proven}


def verify_morning(desk: Desk, trade_date: str, seal: str = "") -> MorningProof:
    """Decide a past morning again, before any revision of it, and compare all signals and orders.

    It sees the edition of the market data that it recorded, its recorded parameters, and the book as it was
    then; the code is the installed one. A `seal` is looked for among those of the decision and its revisions.

    Raises:
        UsageError: the desk decided nothing for that date, or the seal is none.
        StateError: the journal is damaged.

    """
    history, day = desk.journal().history(), parse_date(trade_date)
    decided = first_decisions(history, day)
    if not decided:
        raise UsageError(f"the desk decided nothing for {day}", do="see `jstock runs list`")
    record = read_morning(desk, history, str(day))
    orders = tuple(_first_orders(history, day))
    evidence = tuple(find_evidence(desk, record))
    try:
        again = redecide(desk, history, day)
    except JstockError as error:
        again, failure = None, error.what
        evidence = (_failed(error), *evidence)
    else:
        failure = ""
    return MorningProof(
        day,
        groups=len(decided),
        signals=sum(len(each.signals) for each in decided),
        orders=len(orders),
        edition=record.edition,
        differences=tuple(_differences(decided, orders, again, evidence)) if again else (),
        evidence=evidence,
        damage=_damage(desk, record),
        failure=failure,
        notes=tuple(_notes(desk, history, record)),
        seal=newest_seal(history, day),
        sealed=_check_seal(history, day, seal) if seal else None,
    )


def _check_seal(history: Sequence[Event], day: date, seal: str) -> SealCheck:
    given = "".join(seal.split()).lower()
    if not _DIGEST.fullmatch(given):
        raise UsageError(
            f"not a seal: {seal}", where="--seal", do="give its 64 digits (0-9, a-f), as the mail has them"
        )
    found = next((each for each in morning_seals(history, day) if each.digest == given), None)
    return SealCheck(given, found is not None, found.revision if found else None)


def _first_orders(history: Sequence[Event], day: date) -> Iterator[OrderPlaced]:
    for event in history:
        if isinstance(event, OrderPlaced) and event.session == day and not event.revision:
            yield event


def _failed(error: JstockError) -> Evidence:
    cause = Cause.PARAMETERS if isinstance(error, ParamsError) else Cause.DAMAGED
    return Evidence(cause, f"{error.what}{f' ({error.where})' if error.where else ''}")


def _damage(desk: Desk, record: MorningRecord) -> tuple[str, ...]:
    run = record.run
    return () if run is None else find_damage(desk.workspace.runs / str(run.trade_date) / run.run_id, run)


def _notes(desk: Desk, history: Sequence[Event], record: MorningRecord) -> Iterator[str]:
    """What is good to know and changes nothing of the proof."""
    decided = [e for e in history if isinstance(e, Decided) and e.session == record.trade_date]
    revised = len({each.revision for each in decided}) - 1
    if revised:
        yield f"revised {plural(revised, 'time')} later: the first decision is decided again"
    if record.run is None:
        yield "no run of it is published: with which code it was decided is not known"
    present = {group.id: dict(group.declared) for group in desk.groups}
    shared = record.groups.keys() & present.keys()
    edited = value_changes({i: record.groups[i] for i in shared}, {i: present[i] for i in shared})
    for change in edited:
        yield f"edited since, and taken as it was: groups.{describe_change(change)}"


# --- what came out otherwise ------------------------------------------------------------------------------

_ORDER_FIELDS = tuple(
    field.name
    for field in fields(OrderPlaced)
    if field.name not in ("source", "by", "revision", "session", "approve_until")
)
"""What two orders are compared by: a morning that is decided again is late, which its source says, and
waits for nobody's approval."""


def _differences(
    decided: Sequence[Decided],
    orders: Sequence[OrderPlaced],
    again: MorningAgain,
    evidence: Sequence[Evidence],
) -> Iterator[OutcomeDifference]:
    pairs = (
        ("signal", _signals(decided), _signals(again.decisions)),
        ("no order", _skipped(decided), _skipped(again.decisions)),
        ("order", _orders(orders), _orders(again.orders)),
        ("decision", _statuses(decided), _statuses(again.decisions)),
    )
    cause = next((each.cause for each in evidence), Cause.UNEXPLAINED)
    for what, then, now in pairs:
        for group, code in sorted(then.keys() | now.keys()):
            before, after = then.get((group, code)), now.get((group, code))
            if before != after:
                one, two = _contrast(before, after)
                yield OutcomeDifference(group, code, what, one, two, cause)


Rows = dict[Key, Mapping[str, Any]]


def _signals(decided: Sequence[Decided]) -> Rows:
    return {(each.group, row["code"]): dict(row) for each in decided for row in each.signals}


def _skipped(decided: Sequence[Decided]) -> Rows:
    return {
        (each.group, f"{row['code']}{row['action'] if not row['code'] else ''}"): dict(row)
        for each in decided
        for row in each.skipped
    }


def _orders(orders: Sequence[OrderPlaced]) -> Rows:
    return {
        (order.group, order.code): {name: getattr(order, name) for name in _ORDER_FIELDS} for order in orders
    }


def _statuses(decided: Sequence[Decided]) -> Rows:
    return {(each.group, ""): {"status": each.status, "evaluated": str(each.evaluated)} for each in decided}


def _contrast(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> tuple[str, str]:
    """What differs of two rows: the fields, or that there is none."""
    if before is None or after is None:
        row = before or after or {}
        text = " ".join(str(row[name]) for name in ("action", "side", "shares", "reason") if row.get(name))
        return ("none", text) if before is None else (text, "none")
    names = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
    one, two = (
        ", ".join(f"{name} {shown_value(row.get(name))}" for name in sorted(names)) for row in (before, after)
    )
    return one, two
