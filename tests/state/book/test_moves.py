"""What each fact moved adds up to what the book holds, and values the group at any close of its past."""

from __future__ import annotations

from hypothesis import given, settings

from jstock_core.state.book.book import replay
from jstock_core.state.book.lots import shares_of
from tests.state.book.test_book import MOVES, accepted
from tests.state.events import buy, day, deposit, fee, order, sell


@given(MOVES)
@settings(max_examples=300)
def test_moves_add_up_to_cash_shares_and_what_came_from_outside(moves):
    _, book = accepted(moves)
    for group in book.groups.values():
        assert sum(move.cash for move in group.moves) == group.cash
        assert sum(move.given for move in group.moves) == group.deposited + group.adjusted
        assert list(group.moves) == sorted(group.moves)
        codes = {move.code for move in group.moves if move.code} | set(group.lots)
        for code in codes:
            held = sum(move.shares for move in group.moves if move.code == code)
            assert held == shares_of(group.lots.get(code, ()))


@given(MOVES)
@settings(max_examples=100)
def test_moves_up_to_a_session_are_those_of_the_book_as_it_was_then(moves):
    """Undoing what came later leaves what the facts of then had made."""
    events, book = accepted(moves)
    for session in (day(2), day(5), day(9)):
        then = replay([event for event in sorted(events, key=_session) if event.session <= session])
        for name, group in then.groups.items():
            past = [move for move in book.groups[name].moves if move.session <= session]
            assert sum(move.cash for move in past) == group.cash
            for code, lots in group.lots.items():
                assert sum(move.shares for move in past if move.code == code) == shares_of(lots)


def _session(event):
    return event.session


def test_a_move_says_what_it_did_and_which_layer_sold():
    stop = order("SELL", 100, 3, layer="stop_loss")
    sold = sell(100, 2900, 3, order=stop)
    book = replay([deposit(), buy(300, 3000, 1), fee(500, n=1), stop, sold])
    told = [(m.session, m.code, m.shares, m.cash, m.given, m.layer) for m in book.groups["core"].moves]
    assert told == [
        (day(0), "", 0, 10_000_000, 10_000_000, ""),
        (day(1), "", 0, -500, 0, ""),
        (day(1), "7203", 300, -900_000, 0, ""),
        (day(3), "7203", -100, 290_000, 0, "stop_loss"),
    ]
