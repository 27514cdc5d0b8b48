"""The holdout of a desk: declared, shown, and opened once, by a backtest of one group."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from jstock_core.base.errors import ExitStatus, UsageError
from jstock_core.base.words import plural
from jstock_core.decide.groups import Group, read_group
from jstock_core.desk.past.backtests import fold_groups
from jstock_core.desk.past.comparison import Comparison
from jstock_core.desk.past.trial import Trial
from jstock_core.desk.trials.holdout import (
    Holdout,
    HoldoutOpening,
    declare_holdout,
    read_holdouts,
    record_opening,
    require_closed,
    seen_sessions,
    show_holdouts,
)
from jstock_core.desk.trials.ledger import TrialLedger
from jstock_core.desk.trials.rows import strategy_digest
from jstock_core.desk.workspace.author import find_author
from jstock_core.desk.workspace.dates import parse_date
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.names import select_groups, unknown
from jstock_core.reports.render.lab.trial import trial_card
from jstock_core.reports.render.parts.table import Bundle, stack

CANDIDATES = "params/candidates"


@dataclass(frozen=True, repr=False)
class HoldoutList:
    """Every holdout of a workspace, oldest first, and how many trials it has."""

    holdouts: tuple[Holdout, ...]
    trials: int

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """Show the card in a notebook."""
        return show_holdouts(self.holdouts, self.trials)._repr_mimebundle_(include, exclude)

    def __repr__(self) -> str:
        """Say in a line how many there are."""
        return f"<{plural(len(self.holdouts), 'holdout')}, {plural(self.trials, 'trial')}>"

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"holdouts": [each.as_json() for each in self.holdouts], "trials": self.trials}


@dataclass(frozen=True, repr=False)
class HoldoutAnswer:
    """A holdout that was opened, and what its group did in it."""

    holdout: Holdout
    trial: Trial

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """Show the card in a notebook."""
        parts = (show_holdouts((self.holdout,)), trial_card(self.trial.sheet))
        return stack(parts)._repr_mimebundle_(include, exclude)

    def __repr__(self) -> str:
        """Say in a line what was opened, and what came out."""
        return f"<{self.holdout.sentence}: {self.trial!r}>"

    @property
    def comparison(self) -> Comparison:
        """The metrics of the group beside TOPIX."""
        return self.trial.comparison

    @property
    def exit(self) -> ExitStatus:
        """REFUTED where a morning came out otherwise when it was decided again."""
        return self.comparison.exit

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"holdout": self.holdout.as_json(), **self.comparison.as_json()}


def list_holdouts(desk: Desk) -> HoldoutList:
    """Every holdout of a desk, and the number of its trials.

    Raises:
        StateError: the trial ledger is damaged.

    """
    ledger = TrialLedger.of(desk.workspace)
    return HoldoutList(read_holdouts(ledger), ledger.count())


def keep_back(desk: Desk, first: str, *, sure: bool = False) -> HoldoutList:
    """Declare the trade dates from `first` on a holdout; `sure` also where `find_doubt` finds one.

    Raises:
        UsageError: the date is malformed, no session is left before it, there is a doubt and nobody is
            `sure`, or a holdout is declared or was opened there.

    """
    declare_from(desk, TrialLedger.of(desk.workspace), first, sure=sure)
    return list_holdouts(desk)


def newest_session(desk: Desk) -> date:
    """The newest session with bars; the last one that is over where nothing is stored."""
    if desk.store.read().last("bars") is None:
        return desk.calendar.previous(desk.next_trade_date)
    return desk.panel().dates[-1]


@dataclass(frozen=True)
class HoldoutDoubt:
    """What speaks against a holdout, `where` that is seen, and what could be declared instead."""

    what: str
    where: str
    instead: str


def find_doubt(desk: Desk, ledger: TrialLedger, first: str | date) -> HoldoutDoubt | None:
    """Why a holdout from a date on would prove little: it keeps nothing back yet, or was looked at before.

    Raises:
        UsageError: the date is malformed. StateError: the trial ledger is damaged.

    """
    day, newest = desk.calendar.on_or_after(parse_date(first)), newest_session(desk)
    if day > newest:
        return HoldoutDoubt(
            f"a holdout from {day} on keeps nothing back yet, and cannot be taken back",
            f"the newest session with data is {newest}",
            "give a date up to it; or, to keep only sessions to come",
        )
    seen = seen_sessions(ledger, day)
    if seen is None:
        return None
    clean, trials = desk.calendar.next(seen.last), plural(seen.trials, "trial")
    return HoldoutDoubt(
        f"a holdout from {day} on was looked at before, and cannot be taken back",
        f"{trials} saw its sessions up to {seen.last}, which prove nothing any more",
        f"declare one from {clean} on, which nobody has seen; or, to keep these too",
    )


def declare_from(desk: Desk, ledger: TrialLedger, first: str | date, *, sure: bool = False) -> Holdout:
    """Declare the trade dates from `first` on a holdout, in a ledger; `sure` and errors as `keep_back`."""
    day, known = desk.calendar.on_or_after(parse_date(first)), desk.store.read().last("bars") is not None
    doubt = None if sure else find_doubt(desk, ledger, day)
    if doubt is not None:
        ways = f'`jstock holdout declare {day} --yes` or `lab.declare_holdout("{day}", sure=True)`'
        raise UsageError(doubt.what, where=doubt.where, do=f"{doubt.instead}, {ways}")
    oldest = desk.calendar.next(desk.panel().session(0)) if known else None
    if oldest is not None and day <= oldest:
        raise UsageError(
            f"a holdout from {day} on leaves no session for research",
            where=f"the first trade date that has data is {oldest}",
            do="declare a later one",
        )
    return declare_holdout(ledger, day, desk.clock(), find_author())


def open_desk_holdout(desk: Desk, *, group: str = "", candidate: str = "") -> HoldoutAnswer:
    """Open the holdout with a group of the desk, or with a candidate; some mornings are proven.

    Raises:
        UsageError: as `open_holdout`, or not exactly one of them is named.
        ParamsError: the candidate's file is wrong.

    """
    if bool(group) == bool(candidate):
        raise UsageError("a holdout is opened with one group", do="name a group or a candidate")
    chosen = select_groups(desk.groups, group)[0] if group else _read_candidate(desk, candidate)

    def run(first: date, last: date) -> Trial:
        return fold_groups(desk, (chosen,), first, last)

    found = open_holdout(TrialLedger.of(desk.workspace), desk, chosen, run)
    return replace(found, trial=found.trial.prove())


def open_holdout(
    ledger: TrialLedger, desk: Desk, group: Group, run: Callable[[date, date], Trial]
) -> HoldoutAnswer:
    """Run a group over the holdout, and record the opening before anything of it is shown.

    Raises:
        UsageError: no holdout is declared, it was opened before, or none of its sessions is over.
        DataError: no data for all of these sessions: the holdout stays closed.

    """
    holdout = require_closed(ledger)
    last = desk.calendar.previous(desk.next_trade_date)
    if last < holdout.first:
        raise UsageError(
            f"no session of the holdout is over yet: it begins on {holdout.first}",
            do="wait until it has sessions enough to judge a group by, 60 or more",
        )
    trial = run(holdout.first, last)
    digest = strategy_digest(group.declared, group.rules)
    opening = HoldoutOpening(at=desk.clock(), by=find_author(), group=group.id, digest=digest, last=last)
    opened = record_opening(ledger, holdout, opening)
    return HoldoutAnswer(opened, trial.count(ledger))


def _read_candidate(desk: Desk, name: str) -> Group:
    folder = desk.workspace.root / CANDIDATES
    known = [path.stem for path in sorted(folder.glob("*.yaml"))]
    if name not in known:
        raise unknown("candidate", name, known, where=CANDIDATES)
    return read_group(folder / f"{name}.yaml", desk.rules)
