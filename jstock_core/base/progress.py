"""How long work reports its progress."""

from __future__ import annotations

from collections.abc import Callable

Say = Callable[[str], None]
"""Called with each step of the work, in a few words."""

Tick = Callable[[int, int, str], None]
"""Called with how many steps are done, of how many, and what the step is."""


def silent(*_progress: object) -> None:
    """Report progress to nobody."""
