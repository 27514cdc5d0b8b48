"""Knobs as a card, for readers who cannot turn them: where each stands, and what all of them make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jstock_core.base.words import number
from jstock_core.reports.model.lab.turn import TurnSheet
from jstock_core.reports.render.lab.turn import turn_card
from jstock_core.reports.render.parts.cells import headings, numeric
from jstock_core.reports.render.parts.figures import folded
from jstock_core.reports.render.parts.table import Cell, Display, Table, stack
from jstock_core.research.knobs.knob import Knob, KnobValue


def knobs_card(knobs: Sequence[Knob], changed: Mapping[str, KnobValue], sheet: TurnSheet) -> Display:
    """What the knobs make, and below it every knob with its range."""
    listed = folded(f"All {len(knobs)} knobs", knobs_table(knobs, changed), repeats=False)
    return stack((turn_card(sheet), listed))


def knobs_table(knobs: Sequence[Knob], changed: Mapping[str, KnobValue]) -> Table:
    """A row a knob; those that do not stand as in the desk's file are marked."""
    heads = headings("Knob", *numeric("Value"), "Unit", "From, to", "Rule", "Meaning")
    rows = tuple(
        (
            Cell(knob.key),
            Cell(f"● {knob.value}" if knob.key in changed else str(knob.value)),
            Cell(knob.unit),
            Cell(_range(knob)),
            Cell(knob.rule),
            Cell(knob.meaning),
        )
        for knob in knobs
    )
    return Table(heads, rows, "This group has no knobs")


def _range(knob: Knob) -> str:
    if knob.range is None:
        return ", ".join(map(str, knob.choices)) or "False, True"
    return f"{_short(knob.range.low)} to {_short(knob.range.high)}, by {_short(knob.range.step)}"


def _short(value: float) -> str:
    return number(value, 0) if value.is_integer() else f"{value:g}"
