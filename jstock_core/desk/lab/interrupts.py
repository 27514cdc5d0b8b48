"""A person interrupts what takes long: what is done is kept, and that is said in three lines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from jstock_core.base.errors import own_line
from jstock_core.base.progress import Tick


class WorkInterrupted(KeyboardInterrupt):
    """An interrupt of work that goes on where it was when it is asked for again; `kept` is what is done."""

    def __init__(self, kept: str) -> None:
        super().__init__(f"stopped by you: {kept}; the same call goes on where it was")
        self.kept = kept

    def _render_traceback_(self) -> list[str]:
        """What IPython shows."""
        own = own_line(self.__traceback__)
        lines = (f"Interrupted: {self.kept}", own, "do: run it again to go on where it was")
        return [line for line in lines if line]


@contextmanager
def keep_what_is_done() -> Iterator[Tick]:
    """Progress of sets; an interrupt inside says how many are kept.

    Raises:
        WorkInterrupted: somebody interrupted it.

    """
    said = "no set was done yet"

    def count(done: int, every: int, what: str) -> None:
        nonlocal said
        del what
        said = f"{done:,} of {every:,} sets are kept"

    try:
        yield count
    except KeyboardInterrupt:
        raise WorkInterrupted(said) from None
