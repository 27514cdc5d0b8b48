"""Nobody sees the future: rules say the same at any cut, in one row or many, bit for bit."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jstock_core.base.clock import JST
from jstock_core.signals.features.scores import (
    SIMPLE,
    composite,
    fundamental,
    institutional,
    technical,
    volatility,
)
from jstock_core.signals.features.view import View
from jstock_core.signals.language.entry import EntryOpinions
from jstock_core.signals.language.layer import Holding
from jstock_core.signals.library.make import make_entry, make_exit
from tests.rules import ENTRIES, EXITS, LAYERS
from tests.signals.panels import random_panel, same_bits, view_of

PANELS = {seed: random_panel(seed) for seed in range(3)}
WHOLE = {seed: view_of(panel) for seed, panel in PANELS.items()}
EVERY_LAYER = [{"layer": name} for name in LAYERS if name != "score_decay"]

cuts = st.tuples(st.sampled_from(sorted(PANELS)), st.integers(0, 329))


def known_then(seed: int, row: int) -> View:
    """What the decision of a row is given in production: a panel cut at its decision time, one row of it."""
    panel, whole = PANELS[seed], WHOLE[seed]
    moment: datetime = whole.decided_at[row].astype(object)
    cut = panel.known_at(moment.replace(tzinfo=JST))
    assert len(cut.sessions) == row + 1
    return view_of(cut, row)


@settings(max_examples=20, deadline=None)
@given(at=cuts)
def test_scores_at_a_cut_are_those_of_the_whole(at: tuple[int, int]) -> None:
    (seed, row), known = at, known_then(*at)
    for score in (technical, institutional, fundamental, volatility):
        then, whole = score(known), score(WHOLE[seed])
        assert same_bits(then.value[0], whole.value[row]), score.__name__
        assert same_bits(then.neutral[0], whole.neutral[row])
        for name, part in then.parts.items():
            assert same_bits(part[0], whole.parts[name][row]), name
    assert same_bits(composite(known, SIMPLE).value[0], composite(WHOLE[seed], SIMPLE).value[row])


def same_opinions(then: EntryOpinions, whole: EntryOpinions, row: int) -> bool:
    arrays = ("buy", "score", "opening", "confidence", "display")
    same = [same_bits(getattr(then, name)[0], getattr(whole, name)[row]) for name in arrays]
    same += [same_bits(part[0], whole.parts[name][row]) for name, part in then.parts.items()]
    same += [then.why(0, n) == whole.why(row, n) for n in range(then.buy.shape[1])]
    return all(same)


@settings(max_examples=20, deadline=None)
@given(at=cuts, name=st.sampled_from(sorted(ENTRIES)))
def test_an_entry_at_a_cut_says_what_it_says_in_the_whole(at: tuple[int, int], name: str) -> None:
    entry = make_entry({"use": name}, "test")
    whole = WHOLE[at[0]].memo(("test", name), lambda: entry.evaluate(WHOLE[at[0]]))
    assert same_opinions(entry.evaluate(known_then(*at)), whole, at[1])


@settings(max_examples=40, deadline=None)
@given(at=cuts, name=st.sampled_from([*sorted(EXITS), "every layer"]), data=st.data())
def test_an_exit_at_a_cut_says_what_it_says_in_the_whole(at: tuple[int, int], name: str, data) -> None:
    (seed, row), known = at, known_then(*at)
    panel, whole = PANELS[seed], WHOLE[seed]
    leave = make_exit(EVERY_LAYER if name == "every layer" else {"use": name}, "test")
    opened = data.draw(st.integers(0, row), label="opened")
    for n in range(len(panel.codes)):
        holding = Holding(
            panel.codes[n], n, 100, data.draw(st.floats(100, 3000)), panel.session(opened),
            panel.session(max(opened - 1, 0)), data.draw(st.floats(50, 90)),
        )  # fmt: skip
        assert leave.opinion(known, 0, holding) == leave.opinion(whole, row, holding)
        for part in leave.layers:
            levels = part.level(known, 0, holding), part.level(whole, row, holding)
            assert levels[0] == levels[1] or np.isnan(levels).all()


@pytest.mark.parametrize("name", sorted(ENTRIES))
@pytest.mark.parametrize(("first", "last"), [(0, 0), (100, 100), (329, 329), (50, 120)])
def test_a_view_of_some_rows_gives_the_opinions_of_the_whole(name: str, first: int, last: int) -> None:
    entry = make_entry({"use": name}, "test")
    whole, part = entry.evaluate(WHOLE[1]), entry.evaluate(view_of(PANELS[1], first, last))
    for array in ("buy", "score", "confidence"):
        assert same_bits(getattr(part, array), getattr(whole, array)[first : last + 1])


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_an_entry_gives_the_same_opinions_twice(name: str) -> None:
    entry = make_entry({"use": name}, "test")
    again = entry.evaluate(view_of(PANELS[2]))
    assert same_bits(entry.evaluate(view_of(PANELS[2])).confidence, again.confidence)
