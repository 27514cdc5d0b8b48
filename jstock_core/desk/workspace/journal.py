"""The journal of a workspace, checked on opening against what the workspace remembers of it.

The workspace keeps an anchor: where its journal lies, and its last event. A journal that lies elsewhere, is
empty, ends earlier or holds another event there is refused; a new one is made only where nothing shows that
there has been one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from jstock_core.base.clock import Clock
from jstock_core.base.errors import DataError, JstockError, ParamsError, StateError
from jstock_core.desk.settings.settings import Settings
from jstock_core.desk.workspace.author import find_author
from jstock_core.desk.workspace.workspace import Workspace
from jstock_core.runs.latest import run_days
from jstock_core.runs.manifest import RunStatus, read_manifest
from jstock_core.state.journal.backups import inspect_backups
from jstock_core.state.journal.journal import Journal
from jstock_core.state.journal.proof.anchor import JournalAnchor, read_anchor, write_anchor
from jstock_core.state.journal.proof.chain import Tip
from jstock_core.state.journal.stores.claim import claim
from jstock_core.state.journal.stores.place import VARIABLE, JournalPlace, file_place, parse_place
from jstock_core.state.journal.stores.sql import NoJournalError

ANCHOR = "journal.anchor"
OWN = "data/state/journal.sqlite"
"""The workspace's own journal file as an anchor names it."""


class ElsewhereError(StateError):
    """The workspace remembers its journal in another place than the one that is named now."""


def own_place(workspace: Workspace) -> JournalPlace:
    """The workspace's own journal file, called by its path in the workspace."""
    return file_place(workspace.journal, "" if workspace.journal_folder else OWN)


def named_place(workspace: Workspace) -> JournalPlace:
    """Where the journal is named now: by the variable, else the workspace's own file.

    Raises:
        UsageError: the variable holds no URL of a known form.

    """
    own, url = own_place(workspace), workspace.journal_url
    place = parse_place(url) if url else own
    return own if place.file is not None and place.file == workspace.journal.resolve() else place


def anchor_files(workspace: Workspace, settings: Settings) -> tuple[Path, ...]:
    """Where the workspace remembers its journal: in `data/`, and with the backups of its second place.

    None for a journal in a folder of its own. A second place outside of the workspace has none either: a
    copy of the workspace has the same one, and goes its own way.
    """
    if workspace.journal_folder:
        return ()
    _, *second = workspace.backup_places(settings.backup_folder, settings.desk)
    own = [place for place in second if place.resolve().is_relative_to(workspace.root.resolve())]
    return tuple(place / ANCHOR for place in (workspace.data, *own))


def open_journal(workspace: Workspace, settings: Settings, clock: Clock) -> Journal:
    """Open and verify the workspace's journal. Without one it is made, where nothing proves that one was.

    Raises:
        ElsewhereError: the workspace remembers it in another place.
        StateError: it is damaged, empty, older or another than the workspace remembers, or kept for another
            desk or on another provider's prices.
        ParamsError: it is named by the variable, and the desk has no name.

    """
    place, own, provider = named_place(workspace), own_place(workspace), settings.provider.id
    author = find_author()
    if place != own:
        require_name(workspace, settings)
    anchor = read_anchor(anchor_files(workspace, settings))
    if anchor is None and place != own and workspace.journal.exists():
        anchor = anchor_of(own, Journal.open(own, provider, clock))
        anchor = anchor if anchor.seq else None
    if anchor is not None and anchor.place != place.name:
        return _open_replica(place, anchor, provider, clock)
    try:
        journal = Journal.open(place, provider, clock, create=False, author=author)
    except NoJournalError:
        _require_new(workspace, settings, place, anchor)
        journal = Journal.open(place, provider, clock, author=author)
    if journal.tip().seq == 0:
        _require_new(workspace, settings, place, anchor)
    elif anchor is not None and not journal.holds(anchor.tip):
        raise _strange_error(place, anchor, journal.tip())
    if place != own:
        claim(place, settings.desk)
    if anchor is None and not journal.read_only:
        remember_journal(workspace, settings, journal)
    return journal


def remember_journal(workspace: Workspace, settings: Settings, journal: Journal) -> None:
    """Write the anchor: where the journal lies, and its last event.

    Where it cannot be written nothing is raised: an anchor that lags is still true.

    Raises:
        StateError: the journal is damaged.

    """
    anchor = anchor_of(named_place(workspace), journal)
    if anchor.seq or anchor.place != OWN:  # nothing is lost where an empty file of the workspace's own is
        with suppress(OSError):
            write_anchor(anchor_files(workspace, settings), anchor)


def anchor_of(place: JournalPlace, journal: Journal) -> JournalAnchor:
    """What is remembered of a journal as it is now."""
    return JournalAnchor(place.name, *journal.tip())


def require_name(workspace: Workspace, settings: Settings) -> None:
    """Make sure that the desk has a name, by which a journal outside of the workspace is kept for it.

    Raises:
        ParamsError: it has none.

    """
    if not settings.desk:
        raise ParamsError(
            f"a journal named by {VARIABLE} is kept for one desk, and this one has no name",
            where=str(workspace.desk_yaml),
            do=f"write `desk: NAME` there, or unset {VARIABLE}",
        )


def _open_replica(place: JournalPlace, anchor: JournalAnchor, provider: str, clock: Clock) -> Journal:
    """Open a place other than the remembered one: allowed only to read a replica, which cannot be written."""
    with suppress(JstockError):
        journal = None if place.file else Journal.open(place, provider, clock, create=False)
        if journal is not None and journal.read_only and journal.holds(anchor.tip):
            return journal
    if os.environ.get(VARIABLE, "").strip():
        what, put = f"{VARIABLE} names another place", f"set {VARIABLE} to that place"
    else:
        what, put = f"{VARIABLE} is not set", f"set {VARIABLE} to that place again"
    raise ElsewhereError(
        f"this workspace keeps its journal elsewhere, and {what}: nothing was read or changed",
        where=f"{anchor.place}; named now: {place.name}",
        do=f"{put if anchor.place != OWN else f'unset {VARIABLE}'}; to move the journal on purpose, use "
        "`jstock state relocate --to url` or `--to workspace`; where its place is lost, "
        "`jstock state restore --force`",
    )


def _require_new(
    workspace: Workspace, settings: Settings, place: JournalPlace, anchor: JournalAnchor | None
) -> None:
    """Make sure that nothing shows that the workspace has had a journal.

    Raises:
        StateError: something does, and is named.

    """
    known = [f"{anchor.seq:,} events"] if anchor is not None and anchor.seq else []
    proofs = [*known, *_proofs(workspace, settings)]
    if proofs:
        raise StateError(
            f"the journal is gone or empty, and this workspace has had one: {', '.join(proofs)}",
            where=place.name if place.file is None else str(place.file),
            do="put its files back, or use `jstock state restore`; to begin a new desk, make another "
            "workspace with `jstock init`",
        )


def _proofs(workspace: Workspace, settings: Settings) -> Iterator[str]:
    """What shows that the workspace has had a journal: backups, and a published run that was no rehearsal."""
    for folder in workspace.backup_places(settings.backup_folder, settings.desk):
        if any(backup is None or backup.seq for backup, _ in inspect_backups(folder)):
            yield f"backups in {folder}"
    for day in reversed(() if workspace.journal_folder else run_days(workspace.runs)):
        for run in sorted((workspace.runs / day).glob("*/"), reverse=True):
            if _counted(run):
                yield f"the report {run}"
                return


def _counted(run: Path) -> bool:
    """Whether a published run shows recorded decisions, and is no rehearsal."""
    try:
        manifest = read_manifest(run)
    except DataError:
        return False
    return not manifest.rehearsal and manifest.status in (RunStatus.OK, RunStatus.DEGRADED)


def _strange_error(place: JournalPlace, anchor: JournalAnchor, tip: Tip) -> StateError:
    """The error for a sound journal that is not the one that the workspace remembers."""
    if tip.seq < anchor.seq:
        what = f"the journal is older than this workspace: it ends with event {tip.seq:,} of {anchor.seq:,}"
    else:
        what = f"the journal is another one: its event {anchor.seq:,} is not the one this workspace recorded"
    return StateError(
        what,
        where=place.name if place.file is None else str(place.file),
        do="put the right files back, or use `jstock state restore`; where this journal is the right "
        "one, use `jstock state relocate --accept`",
    )
