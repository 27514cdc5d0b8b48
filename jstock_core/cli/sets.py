"""Progress of work on many sets, and what of it is kept when it is stopped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jstock_core.base.errors import Stopped
from jstock_core.base.progress import Tick
from jstock_core.cli.show import progress


@contextmanager
def progress_of_sets(folder: Path) -> Iterator[Tick]:
    """A progress bar of sets; a stop carries a note of how many are kept in the folder."""
    kept = ""
    with progress("sets") as bar:

        def advance(done: int, every: int, what: str) -> None:
            nonlocal kept
            kept = f"{done:,} of {every:,} sets are kept in {folder}"
            bar.advance(done, every, what)

        try:
            yield advance
        except (KeyboardInterrupt, Stopped) as stop:
            if kept:
                stop.add_note(f"the same command goes on where it was: {kept}")
            raise
