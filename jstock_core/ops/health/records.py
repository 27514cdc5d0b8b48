"""Checks of the desk's own records: journal and trial ledger, and the copies of them elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from jstock_core.base.errors import ExitStatus, StateError
from jstock_core.base.words import plural
from jstock_core.desk.care.backups import list_trial_copies
from jstock_core.desk.care.verify import verify_journal
from jstock_core.desk.day.values_seen import values_changed_since
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.lock import who_holds
from jstock_core.ops.health.check import Examined, HealthCheck, State
from jstock_core.state.facts.events import Decided
from jstock_core.state.journal.backups import inspect_backups
from jstock_core.state.trials.copies import TrialRecords, read_trial_records

_SHOWN = 3
_MORNINGS = 20
"""Trade dates whose decisions are compared with files of values."""
_RESTORE = "see `jstock state verify`; `jstock state restore` puts a sound backup in place"


def examine_journal(examined: Examined) -> Iterator[HealthCheck]:
    """Chain, invariants, cached book, views and backups, as `jstock state verify` compares them."""
    desk = examined.desk
    if _has_none(desk):
        yield HealthCheck("journal", State.NOTE, "there is no journal yet: the first morning makes it")
        return
    if holder := who_holds(desk.workspace.lock):
        yield HealthCheck("journal", State.NOTE, f"not checked: a run holds the desk ({holder})")
        return
    found = verify_journal(desk)
    if found.faults:
        more = f" and {len(found.faults) - _SHOWN} more" if found.faults[_SHOWN:] else ""
        what = f"{'; '.join(found.faults[:_SHOWN])}{more}"
        yield HealthCheck("journal", State.FAIL, what, _RESTORE, ExitStatus.STATE)
    else:
        yield HealthCheck("journal", State.OK, f"sound, {plural(found.events, 'event')}")
    for overdraft in found.overdrafts:
        if overdraft.is_open:
            yield HealthCheck("cash", State.WARN, overdraft.text, overdraft.remedy)


def _has_none(desk: Desk) -> bool:
    return not desk.workspace.journal_url and not desk.workspace.journal.exists()


def examine_backups(examined: Examined) -> Iterator[HealthCheck]:
    """The backups of each place: whether they hold all that the journal does, and lie on another disk."""
    desk = examined.desk
    if _has_none(desk):
        return
    events = desk.journal().length()
    for place in desk.backup_places:
        yield _backup_check(place, events)
    yield _other_disk(desk)


def examine_trials(examined: Examined) -> Iterator[HealthCheck]:
    """The trial ledger and its copies: a trial that is forgotten makes every result look better."""
    desk = examined.desk
    copies = list_trial_copies(desk)
    if not copies and not desk.workspace.trials.exists():
        return
    try:
        own = read_trial_records(desk.workspace.trials)
    except StateError as error:
        yield HealthCheck("trials", State.FAIL, f"{error.what} ({error.where})", error.do, error.exit)
        return
    found = [_copy_check(own, copy) for copy in copies]
    yield from [each for each in found if each is not None]
    if not any(found):
        counted = f"the trial ledger holds {plural(len(own.trials), 'trial')}"
        waits = "its copy follows with the next write to the journal, or `jstock state backup`"
        behind = not copies or any(read_trial_records(copy).lacks(own) for copy in copies)
        yield HealthCheck("trials", State.NOTE if behind else State.OK, counted, waits if behind else "")


def _copy_check(own: TrialRecords, copy: Path) -> HealthCheck | None:
    try:
        lost = own.lacks(read_trial_records(copy))
    except StateError:
        do = "move it away, then run `jstock state backup`"
        return HealthCheck("trials", State.WARN, f"the copy {copy} of the trial ledger is damaged", do)
    if lost:
        what = f"the trial ledger has forgotten {plural(lost, 'record')} that {copy} knows"
        return HealthCheck("trials", State.WARN, what, "run `jstock state restore --trials`")
    return None


def examine_values(examined: Examined) -> Iterator[HealthCheck]:
    """The desk's own files of values against what its decisions of the last month saw of them."""
    desk = examined.desk
    if _has_none(desk):
        return
    decided = [event for event in desk.journal().history() if isinstance(event, Decided)]
    changed = values_changed_since(desk, decided, _MORNINGS)
    for each in changed:
        do = f"`jstock runs verify {each.first}` decides that morning again; backtests see today's values"
        yield HealthCheck("values", State.WARN, each.text, do)
    if desk.settings.values and not changed:
        names = ", ".join(desk.settings.values)
        yield HealthCheck("values", State.OK, f"{names}: as the decisions saw them")


def examine_halts(examined: Examined) -> Iterator[HealthCheck]:
    """Halts that are in force: a person said them, and a person ends them."""
    desk = examined.desk
    if _has_none(desk):
        return
    for group, halt in sorted(desk.journal().book().halts.items()):
        who = f"the group {group} is" if group else "the desk is"
        what = f"{who} halted since {halt.at.replace('T', ' ')}: {halt.reason}; nothing is bought"
        scope = f" --group {group}" if group else ""
        yield HealthCheck(
            "halts", State.WARN, what, f"when the reason is gone: `jstock resume{scope} --reason TEXT`"
        )


def _backup_check(place: Path, events: int) -> HealthCheck:
    sound = [backup.seq for backup, faults in inspect_backups(place) if backup is not None and not faults]
    do = f"see that {place} is there and can be written, then run `jstock state backup`"
    if not sound:
        return HealthCheck("backup", State.WARN, f"there is none in {place}", do)
    if max(sound) < events:
        what = f"the newest in {place} lacks {plural(events - max(sound), 'event')} of {events:,}"
        return HealthCheck("backup", State.WARN, what, do)
    return HealthCheck("backup", State.OK, f"{place} holds all {plural(events, 'event')}")


def _other_disk(desk: Desk) -> HealthCheck:
    """Whether a broken disk would leave a backup."""
    own = desk.workspace.root.stat().st_dev
    elsewhere = [place for place in desk.backup_places if place.exists() and place.stat().st_dev != own]
    if elsewhere:
        return HealthCheck("other disk", State.OK, f"{elsewhere[0]} is on another disk")
    real = desk.settings.live and not desk.provider.capabilities.simulated
    do = "name a folder of another disk as `backup_folder` in params/desk.yaml"
    what = "all backups are on the disk of the workspace: if it breaks, the journal is lost"
    return HealthCheck("other disk", State.WARN if real else State.NOTE, what, do)
