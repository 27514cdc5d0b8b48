"""The board of the knobs in a notebook: controls at the left, what they do at the right, buttons below.

It decides nothing: every button calls a method of the knobs, and shows what it gave or why it gave nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from jstock_core.base.errors import JstockError
from jstock_core.desk.lab.knobs.controls import Controls
from jstock_core.desk.lab.knobs.tiles import tile_board
from jstock_core.desk.lab.knobs.turn import Turn
from jstock_core.desk.sweeps.sweeps import Sweep
from jstock_core.reports.render.parts.table import Bundle, Display, message_box
from jstock_core.research.knobs.knob import Knob, KnobValue

_WAIT_S = 0.05
"""Knobs that are turned again within this time are turned once."""


class Shown(Protocol):
    """What a notebook can show."""

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """Each form of it."""


class Turnable(Protocol):
    """What a board needs of knobs; see `Knobs`."""

    @property
    def listed(self) -> tuple[Knob, ...]:
        """Every knob."""

    @property
    def changed(self) -> Mapping[str, KnobValue]:
        """Those that were turned."""

    @property
    def now(self) -> Turn:
        """What they make."""

    def turn(self, values: Mapping[str, KnobValue], /) -> Turn:
        """Turn some."""

    def reset(self) -> Turn:
        """Turn all back."""

    def check(self) -> Shown:
        """Certify the rules."""

    def around(self) -> Sweep:
        """Sweep around here."""

    def save(self, name: str) -> Path:
        """Save a candidate."""


class KnobBoard:
    """Widgets over some knobs: `show` moves them to where the knobs stand."""

    def __init__(self, knobs: Turnable) -> None:
        import ipywidgets as widgets

        self._knobs = knobs
        self._waiting: dict[str, KnobValue] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._status, self._card, self._found = widgets.HTML(), widgets.HTML(), widgets.VBox()
        self._left = widgets.VBox(layout=widgets.Layout(flex="0 0 24rem"))
        self._name = widgets.Text(
            value="candidate", description="Save as", layout=widgets.Layout(width="16rem")
        )
        right = widgets.VBox(
            [self._status, self._card], layout=widgets.Layout(flex="1 1 30rem", min_width="0")
        )
        wrapped = widgets.Layout(flex_flow="row wrap", align_items="flex-start")
        buttons = widgets.HBox(self._buttons(), layout=wrapped)
        both = _side_by_side([self._left, right])
        self.widget = widgets.VBox([both, buttons, self._found])
        self._controls = self._make_controls()
        self.show(knobs)

    def bundle(self) -> Mapping[str, Any]:
        """What IPython displays."""
        found: Mapping[str, Any] = self.widget._repr_mimebundle_()
        return {key: value for key, value in found.items() if key != "text/plain"}

    def show(self, knobs: Turnable, seconds: float | None = None) -> None:
        """Move the controls to where the knobs stand, and show what they make."""
        if not self._controls.fits(knobs.listed):
            self._controls = self._make_controls()
        self._controls.show(knobs.listed, list(knobs.changed))
        self._card.value = html_of(knobs.now)
        self._status.value = "" if seconds is None else f"turned in {seconds:.2f} s"

    def _make_controls(self) -> Controls:
        made = Controls(self._knobs.listed, self._on_turn)
        self._left.children = made.boxes
        return made

    def _buttons(self) -> list[Any]:
        import ipywidgets as widgets

        named: Sequence[tuple[str, str, Callable[[], None]]] = (
            ("Reset", "all knobs back to the desk's file", self._reset),
            ("Check", "certify the rules of the group", self._check),
            ("Sweep around here", "try the values around these, of two knobs", self._sweep),
            ("Save", "write the group to params/candidates of the desk", self._save),
        )
        made = []
        for title, tooltip, run in named:
            button = widgets.Button(description=title, tooltip=tooltip, layout=widgets.Layout(width="auto"))
            button.on_click(lambda _, run=run: self._try(run))
            made.append(button)
        return [*made[:-1], self._name, made[-1]]

    def _on_turn(self, knob: Knob, value: KnobValue) -> None:
        """Wait a moment for the next knob: a key that is held down turns one many times."""
        self._waiting[knob.key] = value
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._turn()
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_later(_WAIT_S, self._turn)

    def _turn(self) -> None:
        values, self._waiting = self._waiting, {}
        self._try(lambda: self._timed(lambda: self._knobs.turn(values)))

    def _timed(self, run: Callable[[], object]) -> None:
        self._status.value = "…"
        began = time.perf_counter()
        run()
        self.show(self._knobs, time.perf_counter() - began)

    def _reset(self) -> None:
        self._timed(self._knobs.reset)

    def _check(self) -> None:
        self._say("checking the rules…")
        self._put(self._knobs.check())

    def _sweep(self) -> None:
        self._say("sweeping around here…")
        found = self._knobs.around()
        tiles = tile_board(found, found.rank, lambda values: self._try(lambda: self._choose(values)))
        self._found.children = (tiles, *(_html(message_box("note", "", text)) for text in found.warnings))
        self._say("")

    def _choose(self, values: Mapping[str, KnobValue]) -> None:
        self._timed(lambda: self._knobs.turn(values))

    def _save(self) -> None:
        path = self._knobs.save(self._name.value.strip())
        self._put(message_box("good", "Saved", f"as {path}; no desk trades a candidate"))

    def _try(self, run: Callable[[], None]) -> None:
        """Do what a person asked for, or show why it cannot be done and put the controls back."""
        try:
            run()
        except JstockError as error:
            self.show(self._knobs)
            self._status.value = html_of(message_box("alert", "", "; ".join(str(error).splitlines())))
        except Exception as error:
            self._say(f"a defect: {type(error).__name__}: {error}")
            raise

    def _put(self, shown: Shown) -> None:
        self._found.children = (_html(shown),)
        self._say("")

    def _say(self, text: str) -> None:
        self._status.value = text


def _html(shown: Shown) -> Any:
    import ipywidgets as widgets

    return widgets.HTML(html_of(shown))


def html_of(shown: Shown) -> str:
    """What a notebook shows of something, as HTML."""
    return str(shown._repr_mimebundle_()["text/html"])


def beside_each_other(widget: Any, shown: Display | None) -> Any:
    """A widget with something to read at its right, where there is room."""
    import ipywidgets as widgets

    if shown is None:
        return widget
    read = _html(shown)
    read.layout = widgets.Layout(flex="1 1 26rem", min_width="0")
    return _side_by_side([widget, read])


def _side_by_side(parts: list[Any]) -> Any:
    """Parts in a row where there is room, with some space between them."""
    import ipywidgets as widgets

    apart = widgets.Layout(flex_flow="row wrap", align_items="flex-start", grid_gap="0 1.5rem")
    return widgets.HBox(parts, layout=apart)
