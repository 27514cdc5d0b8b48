"""Keep a journal that several workspaces can reach for one desk."""

from __future__ import annotations

from pathlib import Path

from jstock_core.state.journal import postgres
from jstock_core.state.journal.owner import claim_file


def claim(url: str, desk: str) -> None:
    """Keep an open journal for a desk, or make sure that it is kept for it.

    `url` is PostgreSQL's, or `sqlite:///FILE`, or a file; beside a file lies another with the desk's name.

    Raises:
        StateError: it is kept for another desk, or cannot be used.

    """
    if url.startswith("postgresql"):
        postgres.claim_server(url, desk)
    else:
        claim_file(Path(url.removeprefix("sqlite:///")), desk)
