"""One control for each knob: a slider, a box to tick, or a list to choose from."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

from jstock_core.base.words import escape_html
from jstock_core.research.knobs.knob import Knob, KnobValue

OnTurn = Callable[[Knob, KnobValue], None]
_WIDTH = "22.5rem"
_MARK = "●"
"""Beside a knob that differs from the desk's file."""
_LABEL = {"description_width": "9.5rem"}


class Controls:
    """The controls of some knobs under the names of their rules, as widgets in `boxes`.

    `on_turn` hears of a knob that a person lets go, never of one that `show` moves.
    """

    def __init__(self, knobs: Sequence[Knob], on_turn: OnTurn) -> None:
        self._widgets: dict[str, Any] = {}
        self._marks: dict[str, Any] = {}
        self._moving = False
        self._on_turn = on_turn
        self.boxes = list(self._boxes(knobs))

    def fits(self, knobs: Sequence[Knob]) -> bool:
        """There is a control for each of these knobs, and no other."""
        return list(self._widgets) == [knob.key for knob in knobs]

    def show(self, knobs: Sequence[Knob], changed: Sequence[str]) -> None:
        """Move the controls to where knobs stand; those that were changed are marked."""
        self._moving = True
        try:
            for knob in knobs:
                _move(self._widgets[knob.key], knob)
                self._marks[knob.key].value = _MARK if knob.key in changed else ""
        finally:
            self._moving = False

    def _boxes(self, knobs: Sequence[Knob]) -> Iterator[Any]:
        import ipywidgets as widgets

        for (place, rule), inside in groupby(knobs, key=lambda knob: (knob.place, knob.rule)):
            head = f"{place}: {rule}" if place and place != rule else rule
            yield widgets.HTML(f"<b>{escape_html(head)}</b>")
            for knob in inside:
                yield self._control(knob)

    def _control(self, knob: Knob) -> Any:
        import ipywidgets as widgets

        made, mark = _widget(knob), widgets.Label(layout=widgets.Layout(width="1rem"))
        made.observe(lambda change: self._heard(knob, change["new"]), names="value")
        self._widgets[knob.key], self._marks[knob.key] = made, mark
        return widgets.HBox([mark, made])

    def _heard(self, knob: Knob, value: KnobValue) -> None:
        if not self._moving:
            self._on_turn(knob, knob.read(value))


def _widget(knob: Knob) -> Any:
    import ipywidgets as widgets

    shared = {
        "description": label(knob),
        "tooltip": f"{knob.key}: {knob.meaning}",
        "style": _LABEL,
        "layout": widgets.Layout(width=_WIDTH),
    }
    if knob.kind == "switch":
        return widgets.Checkbox(value=bool(knob.value), **shared)
    if knob.range is None:
        return widgets.Dropdown(options=list(knob.choices), value=knob.value, **shared)
    ends = {"min": knob.range.low, "max": knob.range.high, "step": knob.range.step, "value": knob.value}
    if knob.kind == "whole":
        whole = {name: int(value) for name, value in ends.items()}
        return _slider(widgets.IntSlider)(**whole, continuous_update=False, **shared)
    return _slider(widgets.FloatSlider)(
        **ends, continuous_update=False, readout_format=_format(knob), **shared
    )


@functools.cache
def _slider(kind: type[Any]) -> type[Any]:
    """A slider that is not told what it has just said: such an echo would pull it back under a key."""
    value = copy.copy(kind.class_traits()["value"]).tag(echo_update=False)
    made: type[Any] = type(kind.__name__, (kind,), {"value": value})
    return made


def _format(knob: Knob) -> str:
    """As many decimals as steps and value have."""
    numbers = (knob.range.step if knob.range else 1.0, float(knob.value))
    return f",.{max(len(f'{number:.10g}'.partition('.')[2]) for number in numbers)}f"


def _move(widget: Any, knob: Knob) -> None:
    """Move a control. Nothing is told to a front end that it knows: a key may have moved it on since."""
    if knob.range is not None:
        widget.min, widget.max = min(widget.min, knob.value), max(widget.max, knob.value)
    if knob.read(widget.value) != knob.value:
        widget.value = knob.value


def label(knob: Knob) -> str:
    """What stands beside a control: its name and its unit."""
    words = knob.name.removesuffix("_pct").replace("_", " ")
    return f"{words}, {knob.unit}" if knob.unit and knob.unit not in words else words
