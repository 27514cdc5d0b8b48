"""Ask rules, and check their answers.

Rules may come from third parties. The answer of an entry is checked for shape, type and range before it is
used. An exit that fails is EXIT_UNKNOWN. So a faulty rule is an error that names it, or is shown in the
report; it never passes for a day without signals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar, get_args

import numpy as np

from jstock_core.base.contain import PlugInError, call_plugin, is_built_in
from jstock_core.base.errors import ExitStatus, JstockError
from jstock_core.market.panel import Bools
from jstock_core.signals.features.view import View
from jstock_core.signals.language.entry import Entry, EntryOpinions
from jstock_core.signals.language.exit import Action, Exit, ExitOpinion
from jstock_core.signals.language.layer import Holding, Layer, Verdict
from jstock_core.signals.language.plugins import describe_failure, line_of, written_at

T = TypeVar("T")


class RuleError(JstockError):
    """A rule raised, or its answer has the wrong type or form."""

    exit = ExitStatus.PARAMS


ACTIONS = frozenset(get_args(Action))


def entry_opinions(entry: Entry, view: View) -> EntryOpinions:
    """The opinions of an entry on every stock and row of a view, checked.

    Raises:
        RuleError: the rule raised, or its opinions have the wrong shape, type or range.
        PlugInError: it ended the process, or printed.
        JstockError: the data it needs is missing.

    """
    try:
        opinions = call_plugin(f"the entry {_name(entry)}", lambda: entry.evaluate(view))
    except JstockError:
        raise
    except Exception as error:
        raise RuleError(
            f"the entry {_name(entry)} {describe_failure(error, entry)}",
            where=line_of(error, entry),
            do="repair the rule, or take it out of the group",
        ) from error
    faults = list(_faults(opinions, view.shape))
    if faults:
        raise RuleError(
            f"the entry {_name(entry)} gave no usable opinions: {'; '.join(faults)}",
            where=written_at(type(entry)),
            do="return EntryOpinions whose arrays are (rows, stocks), as view.shape says",
        )
    summary = None if opinions.summary is None else _guard(entry, opinions.summary)
    if is_built_in(entry) and not opinions.members:
        return opinions
    return replace(opinions, explain=_guard(entry, opinions.explain), summary=summary)


def _guard(entry: Entry, explain: Callable[[int, int], str]) -> Callable[[int, int], str]:
    """Wrap an entry's `explain` or `summary`, so that its errors name the entry."""

    def words(row: int, n: int) -> str:
        try:
            return call_plugin(f"the entry {_name(entry)}", lambda: str(explain(row, n)))
        except JstockError:
            raise
        except Exception as error:
            raise RuleError(
                f"the entry {_name(entry)} cannot explain itself, {type(error).__name__}: {error}",
                where=line_of(error, entry),
                do="repair the rule's explain",
            ) from error

    return words


def exit_opinion(exit_: Exit, view: View, row: int, holding: Holding) -> ExitOpinion:
    """An exit's opinion of one holding; EXIT_UNKNOWN where it raises or its answer is no opinion.

    Raises:
        PlugInError: the exit or one of its layers ended the process, or printed.

    """
    try:
        opinion: Any = _ask(exit_, partial(exit_.opinion, view, row, holding))
    except PlugInError:
        raise
    except JstockError as error:
        return ExitOpinion.unknown(f"{_name(exit_)}: {error.what}")
    # An exit may come from a third party. If it fails, the report must show it as unknown.
    except Exception as error:  # noqa: BLE001
        return ExitOpinion.unknown(f"{_name(exit_)} {describe_failure(error, exit_)}")
    if not isinstance(opinion, ExitOpinion) or opinion.action not in ACTIONS:
        return ExitOpinion.unknown(f"{_name(exit_)} gave {opinion!r}, which is no opinion")
    return opinion


def exit_fires(exit_: Exit, view: View, rows: slice, holding: Holding) -> Bools | None:
    """(rows,): on which of some rows the exit must be asked; None where it cannot tell (see `Exit.fires`).

    Raises:
        PlugInError: the exit or one of its layers ended the process, or printed.

    """
    if type(exit_).opinion is not Exit.opinion:
        return None
    try:
        return _ask(exit_, partial(exit_.fires, view, rows, holding))
    except PlugInError:
        raise
    # Then every row is asked by itself: that may succeed, or else the opinion is EXIT_UNKNOWN.
    except Exception:  # noqa: BLE001
        return None


def _ask(exit_: Exit, ask: Callable[[], T]) -> T:
    """Call an exit. One with parts of third parties is contained: it may print, or end the process."""
    return ask() if exit_.is_built_in else call_plugin(f"the exit {_name(exit_)}", ask)


def layer_verdict(layer: Layer, view: View, row: int, holding: Holding) -> Verdict | None:
    """The verdict of one layer on one holding.

    Raises:
        PlugInError: the layer ended the process, or printed.
        Exception: anything else that the layer raised.

    """
    return call_plugin(f"the layer {layer.name}", lambda: layer.verdict(view, row, holding))


def layer_level(layer: Layer, view: View, row: int, holding: Holding) -> float | None:
    """The price in yen of D at which one layer fires (see `Layer.level`); errors as in `layer_verdict`."""
    return call_plugin(f"the layer {layer.name}", lambda: layer.level(view, row, holding))


def _name(rule: Entry | Exit) -> str:
    return rule.name or type(rule).__name__


def _faults(opinions: Any, shape: tuple[int, int]) -> Iterator[str]:
    """The faults of an entry's opinions, in words."""
    if not isinstance(opinions, EntryOpinions):
        yield f"it returned {type(opinions).__name__}, not EntryOpinions"
        return
    yield from _array("buy", opinions.buy, shape, "bool")
    for name in ("score", "opening", "confidence"):
        yield from _array(name, getattr(opinions, name), shape, "float")
    for name, part in opinions.parts.items():
        yield from _array(f"parts[{name!r}]", part, shape, "number")
    for name, neutral in opinions.neutral.items():
        yield from _array(f"neutral[{name!r}]", neutral, shape, "bool")
    yield from _ranges(opinions)


_KINDS = {"bool": "b", "float": "f", "number": "fiu"}


def _array(name: str, found: Any, shape: tuple[int, int], kind: str) -> Iterator[str]:
    if not isinstance(found, np.ndarray):
        yield f"{name} is {type(found).__name__}, not an array"
    elif found.shape != shape:
        yield f"{name} has shape {found.shape}, not {shape}"
    elif found.dtype.kind not in _KINDS[kind]:
        yield f"{name} holds {found.dtype}, not {kind}"


def _ranges(opinions: EntryOpinions) -> Iterator[str]:
    """Scores lie in 0..100 or are NaN, confidences in 0..1 and are never NaN."""
    for name, most, always in (("score", 100, False), ("confidence", 1, True)):
        found: Any = getattr(opinions, name)
        if not isinstance(found, np.ndarray) or found.dtype.kind != "f" or not found.size:
            continue
        if always and np.isnan(found).any():
            yield f"{name} is NaN in {int(np.isnan(found).sum())} places"
        if (found < 0).any() or (found > most).any():
            yield f"{name} lies outside 0..{most}, from {np.nanmin(found):g} to {np.nanmax(found):g}"
