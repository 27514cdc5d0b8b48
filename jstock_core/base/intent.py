"""What a run of the day is meant to do with the journal."""

from __future__ import annotations

from enum import StrEnum

from jstock_core.base.errors import ParamsError


class Intent(StrEnum):
    """What a run of the day does. A run may do less than it was asked: a decided day is shown again."""

    JOURNAL = "journal"
    """Settle, decide and record."""
    REVISE = "revise"
    """As `journal`; where the trade date is decided already, buys may be new or larger than they were."""
    REHEARSE = "rehearse"
    """Decide in memory, on the book as it was before the trade date; record nothing."""
    PREVIEW = "preview"
    """Decide the next trade date in memory; record nothing."""
    SHOW_AGAIN = "show_again"
    """Show what was decided; decide nothing."""

    @property
    def records(self) -> bool:
        """Whether it may add to the journal."""
        return self in (Intent.JOURNAL, Intent.REVISE)

    @property
    def mark(self) -> str:
        """The word on everything that comes of a run in memory; "" for what was recorded."""
        return {Intent.REHEARSE: "REHEARSAL", Intent.PREVIEW: "PREVIEW"}.get(self, "")


def parse_intent(given: str) -> Intent:
    """An intent by its name.

    Raises:
        ParamsError: no intent has that name.

    """
    try:
        return Intent(given)
    except ValueError:
        raise ParamsError(
            f'intent: "{given}" is not one of {", ".join(Intent)}', do="give one of these"
        ) from None
