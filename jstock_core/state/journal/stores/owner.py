"""The desk that owns a journal which several workspaces can reach: the first one that opened it.

Two workspaces of one name are one desk on two machines. A desk of another name is refused: the money of two
desks must not mix.
"""

from __future__ import annotations

from pathlib import Path

from jstock_core.base.durable import write_atomically
from jstock_core.base.errors import StateError
from jstock_core.base.limits import MEGABYTE, read_utf8
from jstock_core.state.journal.stores.store import lock_file


def check_owner(owner: str, desk: str, where: str) -> None:
    """Make sure that the desk owns a journal.

    Raises:
        StateError: it is another.

    """
    if owner != desk:
        raise StateError(
            f'the journal is kept for the desk "{owner}", and this one is "{desk}": their money must not mix',
            where=where,
            do="unset JSTOCK_JOURNAL_URL, or name a journal of its own in it; where this is the same desk on "
            f"another machine, write `desk: {owner}` into its params/desk.yaml",
        )


def claim_file(journal: Path, desk: str) -> None:
    """Keep a journal file for a desk, by a file beside it, or make sure that it is kept for it.

    Raises:
        StateError: it is kept for another desk.

    """
    place = journal.with_suffix(".desk")
    with lock_file(journal):
        if not place.exists():
            write_atomically(place, f"{desk}\n".encode())
        owner = read_utf8(place, MEGABYTE).strip()
    check_owner(owner, desk, str(journal))
