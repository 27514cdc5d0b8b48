"""Asking a rule in one shape, so that what it says of one market compares with what it says of another."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from jstock_core.errors import JstockError
from jstock_core.research.certificates.ground import Sight
from jstock_core.research.certificates.identity import Rule, fresh
from jstock_core.signals import answers
from jstock_core.signals.exits import Layers
from jstock_core.signals.rules import Entry, EntryOpinions, Exit, Holding, Layer
from jstock_core.signals.view import View

Said = Mapping[str, Mapping[str, Any]]
"""What a rule says on one row: fields by name, by code. A NaN is None, so that it equals itself."""

Holdings = Mapping[int, tuple[Holding, ...]]


def ask(
    rule: Rule, sight: Sight, rows: Sequence[int], holdings: Holdings, *, anew: bool = False
) -> dict[int, Said]:
    """What the rule says on rows of the panel; of an exit, what it says of the positions held there.

    `anew` asks a new object of an exit on every row.

    Raises:
        JstockError: an entry could not be evaluated.

    """
    view = sight.view()
    if isinstance(rule, Entry):
        opinions = answers.entry_opinions(rule, view)
        return {row: _entry(opinions, view, row - sight.first) for row in rows}
    leave = Layers((rule,)) if isinstance(rule, Layer) else rule
    return {
        row: _exit(fresh(leave) if anew else leave, view, row - sight.first, holdings[row]) for row in rows
    }


def held_in(sight: Sight, holdings: Holdings) -> Holdings:
    """The same positions where their stocks stand in another panel; those it does not have are left out."""
    column = sight.panel.column
    return {
        row: tuple(replace(h, column=column[h.code]) for h in held if h.code in column)
        for row, held in holdings.items()
    }


def _entry(opinions: EntryOpinions, view: View, row: int) -> Said:
    columns: dict[str, list[Any]] = {
        name: getattr(opinions, name)[row].tolist() for name in ("buy", "score", "opening", "confidence")
    }
    columns |= {f"part {name}": part[row].tolist() for name, part in opinions.parts.items()}
    columns |= {f"neutral {name}": neutral[row].tolist() for name, neutral in opinions.neutral.items()}
    columns["why"] = [opinions.why(row, n) if buy else "" for n, buy in enumerate(columns["buy"])]
    return {
        code: {name: _plain(values[n]) for name, values in columns.items()}
        for n, code in enumerate(view.panel.codes)
    }


def _exit(leave: Exit, view: View, row: int, held: Sequence[Holding]) -> Said:
    said = {}
    for holding in held:
        opinion = answers.exit_opinion(leave, view, row, holding)
        levels = {f"level of {layer.name}": _level(layer, view, row, holding) for layer in leave.layers}
        said[holding.code] = {name: _plain(value) for name, value in vars(opinion).items()} | levels
    return said


def _level(layer: Layer, view: View, row: int, holding: Holding) -> Any:
    try:
        return _plain(layer.level(view, row, holding))
    except JstockError as error:
        return error.what
    # A third party's layer may raise anything; here that is compared like a value.
    except Exception as error:  # noqa: BLE001
        return f"raised {type(error).__name__}: {error}"


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value
