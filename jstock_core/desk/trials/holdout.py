"""The holdout: the newest sessions, kept back from research until one group is tested on them, once.

After it is declared, backtests, sweeps, windows and factors end before its first session. It is opened once,
with one group. The opening is recorded, and from then on its sessions are like any others. The next holdout
begins after the last session that was seen. Before it is opened, it may be replaced by one that begins
earlier, which only keeps more back; both stay recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from jstock_core.base.errors import UsageError
from jstock_core.base.plain import plain_json
from jstock_core.base.words import plural
from jstock_core.desk.trials.ledger import TrialLedger
from jstock_core.market.calendar import decision_time, tse
from jstock_core.market.panel import Panel
from jstock_core.reports.render.lab.results.holdout import holdouts_card
from jstock_core.reports.render.parts.table import Bundle, Display
from jstock_core.state.trials.store import reading_trials, trial_tables, writing_trials

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, kw_only=True)
class HoldoutOpening:
    """The opening of a holdout: when, by whom, with which group, and the last session seen.

    `digest` is that of the group's strategy, as in the trial ledger.
    """

    at: datetime
    by: str
    group: str
    digest: str
    last: date


@dataclass(frozen=True, kw_only=True, repr=False)
class Holdout:
    """A holdout of the trade dates from `first` on, declared at a time (`at`) by a person.

    - `seen`: number of trials that had used some of these sessions before.
    - `opening`: None while it is closed.
    - `within`: first date of an earlier holdout that includes these sessions, else None.
    """

    first: date
    at: datetime
    by: str
    seen: int
    opening: HoldoutOpening | None = None
    within: date | None = None

    @property
    def sentence(self) -> str:
        """The state of the holdout in a sentence."""
        if self.opening is None and self.within is not None:
            return f"holdout: sessions from {self.first} on belong to the one that begins on {self.within}"
        if self.opening is None:
            return (
                f"holdout: sessions from {self.first} on are kept back, and research ends before{self._seen}"
            )
        how = f"opened on {self.opening.at:%Y-%m-%d} with {self.opening.group}"
        span = f"sessions from {self.first} to {self.opening.last}"
        return f"holdout: {span} were {how}, and are unseen no more{self._seen}"

    @property
    def _seen(self) -> str:
        """A warning if trials had seen sessions of it before."""
        trials = plural(self.seen, "trial")
        return f"; {trials} had seen sessions of it before, which prove nothing" if self.seen else ""

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """Show the card in a notebook."""
        return show_holdouts((self,))._repr_mimebundle_(include, exclude)

    def __repr__(self) -> str:
        """Say in a line which sessions are kept back."""
        return f"<{self.sentence}>"

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {**plain_json(self), "used": self.opening is not None}


def show_holdouts(holdouts: Iterable[Holdout], trials: int | None = None) -> Display:
    """Show holdouts as a card, with the number of trials if it is given."""
    return holdouts_card((_words(each) for each in holdouts), trials)


def _words(holdout: Holdout) -> tuple[str, str, str, str]:
    opening, declared = holdout.opening, f"{holdout.at:%Y-%m-%d} by {holdout.by}"
    state = "kept back" if holdout.within is None else f"part of the one from {holdout.within}"
    if opening is not None:
        state = f"opened on {opening.at:%Y-%m-%d} by {opening.by} with {opening.group}, to {opening.last}"
    return str(holdout.first), state, declared, plural(holdout.seen, "trial")


def read_holdouts(ledger: TrialLedger) -> tuple[Holdout, ...]:
    """All holdouts of a workspace, oldest first; at most one is closed and within no other.

    Raises:
        StateError: the ledger is damaged.

    """
    with reading_trials(ledger.file) as connection:
        return () if connection is None else tuple(_rows(connection))


def current_holdout(ledger: TrialLedger) -> Holdout | None:
    """The closed holdout, else the one opened last; None if none was ever declared."""
    return _current(read_holdouts(ledger))


@dataclass(frozen=True)
class SeenSessions:
    """The number of trials that used sessions from a date on, and the last such session."""

    trials: int
    last: date


def seen_sessions(ledger: TrialLedger, first: date) -> SeenSessions | None:
    """The use that trials made of sessions from `first` on; None without any."""
    ends = [trial.last for trial in ledger.trials() if trial.last >= first]
    return SeenSessions(len(ends), max(ends)) if ends else None


def declare_holdout(ledger: TrialLedger, first: date, at: datetime, by: str) -> Holdout:
    """Declare a holdout of the trade dates from `first` on. It replaces a closed one that begins later.

    Raises:
        UsageError: a closed one begins on that date or earlier, or the sessions were seen at an opening.

    """
    found = seen_sessions(ledger, first)
    seen = 0 if found is None else found.trials
    with writing_trials(ledger.file) as connection:
        before = tuple(_rows(connection))
        _require_unseen(before, first)
        closed = _current(before)
        if closed is not None and closed.opening is None and closed.first <= first:
            raise UsageError(
                f"a holdout is declared already: it begins on {closed.first}",
                do="open it once with `jstock holdout open --group ID` or `lab.open_holdout(ID)`; then"
                " declare the next one; or declare one that begins earlier, which keeps more back",
            )
        row = {"first": str(first), "at": at.isoformat(timespec="seconds"), "by": by, "seen": seen}
        connection.execute(trial_tables().holdouts.insert(), [row])
    return Holdout(first=first, at=at, by=by, seen=seen)


def _require_unseen(before: Iterable[Holdout], first: date) -> None:
    seen = max((each.opening.last for each in before if each.opening is not None), default=None)
    if seen is not None and first <= seen:
        raise UsageError(
            f"sessions up to {seen} were seen when a holdout was opened",
            do=f"declare one from {tse().next(seen)} on, or later",
        )


def require_closed(ledger: TrialLedger) -> Holdout:
    """The closed holdout.

    Raises:
        UsageError: none is declared, or the last one is open.

    """
    found = current_holdout(ledger)
    if found is None:
        raise UsageError(
            "no holdout is declared",
            do="before you try things: `jstock holdout declare DATE` or `lab.declare_holdout(DATE)`",
        )
    if found.opening is not None:
        raise _opened(found)
    return found


def record_opening(ledger: TrialLedger, holdout: Holdout, opening: HoldoutOpening) -> Holdout:
    """Record that a holdout was opened. Of several openings at the same time only one succeeds.

    Raises:
        UsageError: it was opened in the meantime.

    """
    table = trial_tables().holdouts
    values = {
        "opened_at": opening.at.isoformat(timespec="seconds"),
        "opened_by": opening.by,
        "group": opening.group,
        "digest": opening.digest,
        "last": str(opening.last),
    }
    closed = (table.c.first == str(holdout.first)) & table.c.opened_at.is_(None)
    with writing_trials(ledger.file) as connection:
        changed = connection.execute(table.update().where(closed).values(values)).rowcount
    after = current_holdout(ledger)
    assert after is not None, "it was declared"
    if not changed:
        raise _opened(after)
    return after


def end_before_holdout(ledger: TrialLedger, first: date, last: date) -> date:
    """The last trade date that research from `first` to `last` may use.

    Raises:
        UsageError: all sessions of the span are in the holdout.

    """
    found = current_holdout(ledger)
    if found is None or found.opening is not None or last < found.first:
        return last
    before = tse().previous(found.first)
    if first > before:
        raise UsageError(
            f"{first} to {last} lies in the holdout, which begins on {found.first}",
            do="give an earlier span; `jstock holdout open --group ID` or `lab.open_holdout(ID)` tries one"
            " group on it, once",
        )
    return before


def panel_before_holdout(ledger: TrialLedger, panel: Panel) -> Panel:
    """The panel as known on the morning of a closed holdout's first session; unchanged without one."""
    found = current_holdout(ledger)
    kept_back = found is not None and found.opening is None and panel.dates[-1:] >= (found.first,)
    return panel.known_at(decision_time(found.first)) if found is not None and kept_back else panel


def _current(holdouts: Sequence[Holdout]) -> Holdout | None:
    """The closed one, also if it begins before an opened one, as can happen when two ledgers are merged."""
    closed = [each for each in holdouts if each.opening is None and each.within is None]
    opened = [each for each in holdouts if each.opening is not None]
    return closed[0] if closed else max(opened, key=_last_seen, default=None)


def _last_seen(holdout: Holdout) -> date:
    assert holdout.opening is not None, "it was opened"
    return holdout.opening.last


def _opened(holdout: Holdout) -> UsageError:
    assert holdout.opening is not None, "it was opened"
    return UsageError(
        f"the holdout from {holdout.first} on was opened before, on {holdout.opening.at:%Y-%m-%d} by"
        f" {holdout.opening.by} with {holdout.opening.group}",
        do=f"declare a new one, of sessions after {holdout.opening.last}",
    )


def _rows(connection: Connection) -> Iterator[Holdout]:
    """All holdouts by first date; `within` is set for closed ones inside an earlier one."""
    outer: Holdout | None = None
    for each in _stored(connection):
        inside = outer is not None and (outer.opening is None or each.first <= outer.opening.last)
        if each.opening is None and outer is not None and inside:
            yield replace(each, within=outer.first)
        else:
            outer = each
            yield each


def _stored(connection: Connection) -> Iterator[Holdout]:
    table = trial_tables().holdouts
    for row in connection.execute(table.select().order_by(table.c.first)):
        yield Holdout(
            first=date.fromisoformat(row.first),
            at=datetime.fromisoformat(row.at),
            by=row.by,
            seen=row.seen,
            opening=_opening(row),
        )


def _opening(row: Any) -> HoldoutOpening | None:
    if row.opened_at is None:
        return None
    return HoldoutOpening(
        at=datetime.fromisoformat(row.opened_at),
        by=row.opened_by,
        group=row.group,
        digest=row.digest,
        last=date.fromisoformat(row.last),
    )
