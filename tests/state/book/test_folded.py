from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jstock_core.base.errors import StateError
from jstock_core.state.book.book import replay
from jstock_core.state.book.fold import Fold
from jstock_core.state.book.folded import FoldedEvents
from jstock_core.state.book.gains import closed_lots, read_gains
from jstock_core.state.facts.events import Filled
from tests.state.book.test_book import MOVES, accepted
from tests.state.events import buy, deposit, sell

EVENTS = (deposit(), buy(300, 3000, 1), sell(100, 3200, 3), sell(100, 3300, 5))


@pytest.fixture
def folds(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each event was folded, by its id."""
    found: Counter[str] = Counter()
    add = Fold.add

    def counted(fold: Fold, event):
        found[event.id] += 1
        add(fold, event)

    monkeypatch.setattr(Fold, "add", counted)
    return found


def counts(folds: Counter[str]) -> list[int]:
    return [folds[event.id] for event in EVENTS]


def test_they_are_a_tuple_of_events():
    folded = FoldedEvents(EVENTS)
    assert folded == EVENTS
    assert FoldedEvents.of(folded) is folded
    assert FoldedEvents.of(EVENTS) == EVENTS
    assert folded.followed_by(()) is folded


@given(MOVES, st.integers(0, 40), st.integers(0, 40))
@settings(max_examples=100)
def test_however_they_were_made_their_book_is_that_of_a_replay(moves, cut, other):
    events, book = accepted(moves)
    first = FoldedEvents(events[:cut])
    whole = first.followed_by(events[cut:])
    assert whole == tuple(events)
    assert whole.book == book
    assert whole.refold(tuple(events[:other])).book == replay(events[:other])
    assert first.refold(tuple(events)).book == book
    assert FoldedEvents.with_book(events, book).refold(tuple(events)).book is book


def test_only_new_events_are_folded(folds: Counter[str]):
    first = FoldedEvents(EVENTS[:2])
    whole = first.followed_by(EVENTS[2:])
    assert counts(folds) == [0, 0, 0, 0], "nothing is folded before a book is asked for"
    assert whole.book is whole.book
    assert first.book.group("core").cash == first.refold(EVENTS[:2]).book.group("core").cash
    assert whole.refold(EVENTS).book is whole.book
    assert whole.refold(EVENTS[:3]).book.group("core").held == ("7203",)
    assert counts(folds) == [1, 1, 2, 1], "the third was folded behind the first two once more"


def test_events_that_begin_otherwise_are_folded_from_the_first(folds: Counter[str]):
    folded = FoldedEvents(EVENTS)
    assert folded.book == replay(EVENTS)
    folds.clear()
    assert folded.refold(EVENTS[:1]).book == replay(EVENTS[:1])
    assert counts(folds) == [2, 0, 0, 0]


def test_a_book_of_events_that_contradict_each_other_is_an_error():
    folded = FoldedEvents(EVENTS).followed_by([sell(900, 3300, 6)])
    for _ in range(2):
        with pytest.raises(StateError, match="sell"):
            _ = folded.book


@given(MOVES)
@settings(max_examples=200)
def test_the_gain_of_each_sale_is_that_of_the_lots_it_closed(moves):
    events, book = accepted(moves)
    sales = {event.id for event in events if isinstance(event, Filled) and event.side == "SELL"}
    gains = read_gains(book)
    assert gains.keys() == sales
    if not any(event.name == "split" for event in events):
        assert sum(gains.values()) == sum(lot.gain for lot in closed_lots(events))
