"""Keep a journal that several workspaces can reach for one desk."""

from __future__ import annotations

from jstock_core.state.journal.stores import postgres
from jstock_core.state.journal.stores.owner import claim_file
from jstock_core.state.journal.stores.place import JournalPlace


def claim(place: JournalPlace, desk: str) -> None:
    """Keep an open journal for a desk, or make sure that it is kept for it.

    In a database its name is kept with the journal, beside a file in another file.

    Raises:
        StateError: it is kept for another desk, or cannot be used.

    """
    if place.file is None:
        postgres.claim_server(place, desk)
    else:
        claim_file(place.file, desk)
