"""How long work says what it is doing."""

from __future__ import annotations

from collections.abc import Callable

Say = Callable[[str], None]
"""Told each step of the work, in a few words."""


def silent(_text: str) -> None:
    """Report progress to nobody."""
