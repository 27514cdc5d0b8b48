"""What a turn of the knobs shows: a variant of a group beside the group as its file declares it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from jstock_core.reports.model.lab.lab import TrialSheet, VariantOrder


@dataclass(frozen=True, kw_only=True)
class TurnTrade:
    """A position from its purchase to its last sale, or to the end of the span: `closed` is None there.

    `gain` is in yen before fees, of what was sold and of what is held.
    """

    code: str
    name: str
    opened: date
    closed: date | None
    gain: float
    gain_pct: float
    layer: str


@dataclass(frozen=True, kw_only=True)
class TurnTrades:
    """The trades of a variant that the desk's file does not make, those that it makes and the variant does
    not, and those that both open on the same day: with another result, as (desk, variant), or the same.
    """

    gained: tuple[TurnTrade, ...]
    lost: tuple[TurnTrade, ...]
    moved: tuple[tuple[TurnTrade, TurnTrade], ...]
    same: int


@dataclass(frozen=True, kw_only=True, repr=False)
class TurnSheet:
    """A turn as it is shown.

    `desk` and `variant` are trials over the same sessions. `orders` are all those of `trade_date`, decided on
    `book`. Where they cannot be known there is no date, and `undecided` says why. `trials` is how many
    the workspace had counted by then, this turn among them, None where nobody counted.
    """

    changes: tuple[str, ...]
    desk: TrialSheet
    variant: TrialSheet
    trades: TurnTrades
    trade_date: date | None = None
    orders: tuple[VariantOrder, ...] = ()
    book: str = ""
    undecided: str = ""
    trials: int | None = None

    def __repr__(self) -> str:
        """Say in a line which turn is shown."""
        return f"<Sheet of a turn: {', '.join(self.changes) or 'nothing changed'}>"
