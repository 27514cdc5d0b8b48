"""Whose a journal is that several workspaces can reach: the first desk that opens it keeps it.

Two workspaces of one name are one desk, from two machines. Two names on one journal would be two desks that
mix their money: the second is refused.
"""

from __future__ import annotations

from pathlib import Path

from jstock_core.errors import StateError


def claim(url: str, desk: str) -> None:
    """Keep an open journal for a desk, or make sure that it is kept for it.

    `url` is PostgreSQL's, or `sqlite:///FILE`, or a file; beside a file lies another with the desk's name.

    Raises:
        StateError: it is kept for another desk, or cannot be used.

    """
    if url.startswith("postgresql"):
        from jstock_core.state.postgres import claim as claim_server

        claim_server(url, desk)
    else:
        _claim_file(Path(url.removeprefix("sqlite:///")), desk)


def check_owner(owner: str, desk: str, where: str) -> None:
    """Make sure that a journal's owner is the desk.

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


def _claim_file(journal: Path, desk: str) -> None:
    from jstock_core.state.store import locked

    place = journal.with_suffix(".desk")
    with locked(journal):
        if not place.exists():
            from jstock_core.state.atomic import write_atomically

            write_atomically(place, f"{desk}\n".encode())
        owner = place.read_text(encoding="utf-8").strip()
    check_owner(owner, desk, str(journal))
