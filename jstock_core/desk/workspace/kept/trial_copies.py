"""Copies of the trial ledger, beside the backups of the journal."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from jstock_core.base.errors import JstockError
from jstock_core.desk.workspace.workspace import Workspace
from jstock_core.state.trials.copies import copy_trials


def trial_copies(workspace: Workspace, places: Sequence[Path]) -> tuple[Path, ...]:
    """The file of the copy in each place of backups; none where the journal has a folder of its own."""
    return tuple(place / workspace.trials.name for place in places if workspace.journal_folder is None)


def back_up_trials(workspace: Workspace, places: Sequence[Path]) -> None:
    """Bring every copy up to the ledger.

    Raises:
        StateError: the ledger or a copy is damaged. LockedError: it is being written. WriteError: a copy
            cannot be written.

    """
    for copy in trial_copies(workspace, places):
        copy_trials(workspace.trials, copy)


def try_to_back_up_trials(workspace: Workspace, places: Sequence[Path]) -> None:
    """Bring the copies up to the ledger where that can be: no fact of the journal hangs on it."""
    with suppress(JstockError):
        back_up_trials(workspace, places)
