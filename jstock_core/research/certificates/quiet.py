"""Quiet rows: `fires` of a layer agrees with its verdict on every row.

A layer or an exit may have `fires` beside its verdict, and a backtest asks it only where that is true. A row
that `fires` misses is a sell that a live morning makes and a backtest does not, and nobody is told. So some
positions of the ground are followed from their rows on, some of them with a sell behind them or one that
found no fill, and asked on each row; `fires` must be true where the position is not simply held, and, as
`Layer.fires` promises, nowhere else. Whoever has no `fires` is asked on every row, and cannot fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from jstock_core.base.contain import PlugInError, call_plugin
from jstock_core.base.words import plural
from jstock_core.market.panel import Bools
from jstock_core.research.certificates.certificate import Check
from jstock_core.research.certificates.ground import Ground
from jstock_core.research.certificates.identity import Rule, copy_rule, rule_name
from jstock_core.research.certificates.needed import QUIET_ROWS
from jstock_core.signals.features.view import View
from jstock_core.signals.language.answers import exit_opinion
from jstock_core.signals.language.exit import Exit
from jstock_core.signals.language.layer import Holding, Layer
from jstock_core.signals.language.plugins import describe_failure, line_of
from jstock_core.signals.library.exits import Layers

POSITIONS, LENGTH = 4, 30
"""Positions that are followed from each row of the ground, and the rows of each."""
SHOWN = 3
"""Rows that findings spell out."""


class _Path(NamedTuple):
    """A position and the rows along which it is followed: its stock goes ex on none but the first."""

    rows: slice
    held: Holding

    def on_each(self, view: View) -> Iterator[tuple[int, Holding]]:
        """Each row with the position there: the morning before was reviewed."""
        for row in range(self.rows.start, self.rows.stop):
            yield row, self.held._replace(reviewed=view.panel.session(view.first_row + row - 1))


class _Wrong(NamedTuple):
    """A row on which `fires` and the opinion differ."""

    row: int
    code: str
    name: str
    action: str

    def in_words(self, view: View) -> str:
        says = "sells or is unknown" if self.action == "HOLD" else "holds"
        at = view.panel.session(view.first_row + self.row)
        return f"{at} {self.code}, {self.name}: {self.action}, where its fires says that it {says}"


def quiet_rows(rule: Rule, ground: Ground) -> Check:
    """Compare what an exit, and each of its layers, says along rows with what it says on each of them."""
    view = ground.whole.view()
    paths = tuple(_paths(ground, view))
    wrong: list[_Wrong] = []
    broken, told, quiet = [], 0, 0
    for name, asked in _asked_along(rule):
        try:
            for number, path in enumerate(paths):
                own = path._replace(held=_with_past(path.held, asked, number))
                fires = _look_along(name, asked, view, own)
                if fires is not None:
                    told, quiet = told + len(fires), quiet + int((~fires).sum())
                    wrong += _differences(name, asked, view, own, fires)
        except PlugInError:
            raise
        # Whatever a third party's `fires` raises: a backtest then asks on every row, and nobody knows why.
        except Exception as error:  # noqa: BLE001
            part = asked.layers[0] if isinstance(asked, Layers) else asked
            broken.append(f"{name}: its fires {describe_failure(error, part)} ({line_of(error, part)})")
    measured = f"{plural(told, 'answer')} along {len(paths)} positions, {quiet} of them quiet"
    findings = (*broken, *_in_words(wrong, view))
    return Check(QUIET_ROWS, not findings, measured if told else "asked on every row", findings)


def _asked_along(rule: Rule) -> Iterator[tuple[str, Exit]]:
    """By name, what is looked at along rows: an exit with its own `fires`, and each layer by itself."""
    if isinstance(rule, Exit) and type(rule).fires is not Exit.fires and type(rule).opinion is Exit.opinion:
        yield rule_name(rule), copy_rule(rule)
    for part in rule.layers if isinstance(rule, Exit) else (rule,):
        if isinstance(part, Layer):
            yield part.name, Layers((copy_rule(part),))


def _paths(ground: Ground, view: View) -> Iterator[_Path]:
    """Some positions of each row of the ground, up to the next session on which their stocks go ex."""
    for k, (row, held) in enumerate(ground.holdings.items()):
        at, step = row - view.first_row, max(1, len(held) // POSITIONS)
        for holding in held[k % step :: step][:POSITIONS]:
            factors = view.panel.adj_factor[row + 1 : view.first_row + view.shape[0], holding.column]
            ex = np.flatnonzero(factors[: LENGTH - 1] != 1.0)
            count = int(ex[0]) if len(ex) else min(len(factors), LENGTH - 1)
            yield _Path(slice(at, at + 1 + count), holding)


def _with_past(held: Holding, asked: Exit, number: int) -> Holding:
    """One position in three has sold already what is sold once, one has a sell that found no fill."""
    past = number % 3
    if past == 1:
        return held._replace(taken=held.taken.union(layer.trigger for layer in asked.layers if layer.once))
    return held._replace(unsold=frozenset(layer.trigger for layer in asked.layers)) if past == 2 else held


def _look_along(name: str, asked: Exit, view: View, path: _Path) -> Bools | None:
    """What `fires` says along a path; None where nobody knows.

    Raises:
        TypeError: that is no bool a row.

    """
    _, first = next(path.on_each(view))
    fires: Any = call_plugin(f"the exit {name}", partial(asked.fires, view, path.rows, first))
    count = path.rows.stop - path.rows.start
    if fires is not None and (
        not isinstance(fires, np.ndarray) or fires.dtype != np.bool_ or fires.shape != (count,)
    ):
        raise TypeError(f"it gave {type(fires).__name__}, and not an array of {count} bools")
    return fires


def _differences(name: str, asked: Exit, view: View, path: _Path, fires: Bools) -> Iterator[_Wrong]:
    for told, (row, held) in zip(fires.tolist(), path.on_each(view), strict=True):
        action = exit_opinion(asked, view, row, held).action
        if told is (action == "HOLD"):
            yield _Wrong(row, held.code, name, action)


def _in_words(wrong: list[_Wrong], view: View) -> Iterator[str]:
    """The rows that were missed first: the others cost time alone."""
    for each in sorted(wrong, key=lambda each: each.action == "HOLD")[:SHOWN]:
        yield each.in_words(view)
    if len(wrong) > SHOWN:
        yield f"and {plural(len(wrong) - SHOWN, 'more row')}"
    if wrong:
        yield "without a `fires` it is asked on every row, which is slower and never wrong"
