"""Reserve for one desk a journal that several workspaces can reach."""

from __future__ import annotations

from jstock_core.state.journal.stores import postgres
from jstock_core.state.journal.stores.owner import claim_file
from jstock_core.state.journal.stores.place import JournalPlace


def claim(place: JournalPlace, desk: str) -> None:
    """Reserve an open journal for a desk, or make sure that it is reserved for it.

    The desk's name is kept in the database, or in a file beside a journal file.

    Raises:
        StateError: it is kept for another desk, or cannot be used.

    """
    if place.file is None:
        postgres.claim_server(place, desk)
    else:
        claim_file(place.file, desk)
