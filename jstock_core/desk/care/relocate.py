"""Move the journal between the workspace's own file and the place that `JSTOCK_JOURNAL_URL` names."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from jstock_core.base.errors import StateError, UsageError
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.journal import (
    OWN,
    anchor_files,
    anchor_of,
    named_place,
    own_place,
    require_name,
)
from jstock_core.state.journal.backups import set_aside
from jstock_core.state.journal.journal import Journal
from jstock_core.state.journal.proof.anchor import JournalAnchor, read_anchor, write_anchor
from jstock_core.state.journal.stores.claim import claim
from jstock_core.state.journal.stores.place import VARIABLE, JournalPlace
from jstock_core.state.journal.stores.sql import NoJournalError


class Destination(StrEnum):
    """Where a journal is moved to: the workspace's own file, or what the variable names."""

    WORKSPACE = "workspace"
    URL = "url"


@dataclass(frozen=True)
class Relocation:
    """Where the journal lies now, how many events it holds, and how many of them were copied there.

    `aside` is the folder where replaced files are kept, None where none were. `variable` says what is to be
    done with the variable, "" for nothing.
    """

    place: str
    events: int
    copied: int
    aside: Path | None
    variable: str

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {**asdict(self), "aside": None if self.aside is None else str(self.aside)}


def relocate_journal(desk: Desk, to: Destination | None, *, accept: bool = False) -> Relocation:
    """Move the journal, and remember its new place; into an empty place its events are copied.

    A journal that lies there already must hold the last event that the workspace remembers; with `accept` it
    is taken as it is. Without `to` it is the place that is named now.

    Raises:
        UsageError: the variable is not set, or the journal lies there already.
        StateError: the journal there is another or older one, or the one to be moved cannot be read; nothing
            was changed.

    """
    own, named = own_place(desk.workspace), named_place(desk.workspace)
    target = named if to is None else own if to is Destination.WORKSPACE else _url_place(named)
    if target != own:
        require_name(desk.workspace, desk.settings)
    with desk.hold("a relocation of the journal"):
        known = _known(desk, own)
        if not accept and known is not None and known.place == target.name:
            raise UsageError(
                f"the journal lies there already: {target.name}",
                do="nothing is to be moved; `jstock state verify` checks it",
            )
        copied, aside = (0, None) if accept else _fill(desk, target, known, (own, named))
        journal = _open(desk, target)
        if target != own:
            claim(target, desk.settings.desk)
        write_anchor(anchor_files(desk.workspace, desk.settings), anchor_of(target, journal))
        if target != own and desk.workspace.journal.exists():
            aside = set_aside(desk.workspace.journal)
    return Relocation(target.name, journal.tip().seq, copied, aside, _advice(target == own, target == named))


def _url_place(named: JournalPlace) -> JournalPlace:
    if named.name == OWN:
        raise UsageError(f"{VARIABLE} is not set", do="set it to the place that the journal is to move to")
    return named


def _known(desk: Desk, own: JournalPlace) -> JournalAnchor | None:
    """What the workspace remembers; a workspace of an older version has its own file and no anchor."""
    anchor = read_anchor(anchor_files(desk.workspace, desk.settings))
    if anchor is None and desk.workspace.journal.exists():
        return anchor_of(own, _open(desk, own))
    return anchor


def _fill(
    desk: Desk, target: JournalPlace, known: JournalAnchor | None, places: tuple[JournalPlace, JournalPlace]
) -> tuple[int, Path | None]:
    """Copy the journal into an empty or outdated target; how many events, and where its old files are."""
    if known is None or known.seq == 0:
        Journal.open(target, desk.provider.id, desk.clock)
        return 0, None
    found = _find(desk, target)
    if found is not None and found.tip().seq and found.holds(known.tip):
        return 0, None
    source = next((place for place in places if place.name == known.place), None)
    if source is None:
        raise StateError(
            "the journal to be moved cannot be read: the variable does not name its place",
            where=f"the journal: {known.place}",
            do=f"set {VARIABLE} to it and use `jstock state relocate --to workspace`; where it is lost, "
            "`jstock state restore --force` puts the newest backup into the place that is named now",
        )
    journal = _open(desk, source)
    if not journal.holds(known.tip):
        raise StateError("the journal to be moved is not the one that is remembered", where=known.place)
    aside = None
    if found is not None and found.tip().seq:
        if target.file is None or not journal.holds(found.tip()):
            raise StateError(
                f"another journal is there, with {found.tip().seq:,} events",
                where=target.name,
                do="name an empty place; to use that journal from now on, give --accept",
            )
        aside = set_aside(target.file)
    records = journal.records()
    Journal.open(target, desk.provider.id, desk.clock).adopt(records)
    return len(records), aside


def _find(desk: Desk, place: JournalPlace) -> Journal | None:
    try:
        return _open(desk, place)
    except NoJournalError:
        return None


def _open(desk: Desk, place: JournalPlace) -> Journal:
    return Journal.open(place, desk.provider.id, desk.clock, create=False)


def _advice(to_own: bool, is_named: bool) -> str:
    if to_own:
        return "" if is_named else f"unset {VARIABLE}"
    return f"keep {VARIABLE} set for every command and schedule of this workspace"
