from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from jstock_core.reports.render.svg.labels import fit_text, move_apart, text_width


@settings(deadline=None)
@given(st.lists(st.floats(0, 100), max_size=12))
def test_places_are_moved_apart_inside_their_room_in_their_order(places) -> None:
    moved = move_apart(places, 9.0, 0.0, 100.0)
    order = sorted(range(len(places)), key=lambda n: places[n])
    assert all(
        moved[b] - moved[a] > min(9.0, 100 / max(len(places) - 1, 1)) - 1e-6 for a, b in pairwise(order)
    )
    assert all(-1e-6 <= place <= 100 + 1e-6 for place in moved)


@settings(deadline=None)
@given(st.lists(st.integers(0, 9), max_size=5, unique=True))
def test_places_that_are_apart_stay(tens) -> None:
    places = [10.0 * n for n in tens]
    assert move_apart(places, 10.0, 0.0, 100.0) == places


@settings(deadline=None)
@given(st.text(max_size=40), st.floats(20, 200))
def test_a_text_fits_and_keeps_its_beginning(text, width) -> None:
    fitted = fit_text(text, width)
    assert text_width(fitted) <= width
    assert fitted == text or text.startswith(fitted.removesuffix("…"))


def test_full_width_letters_are_wider() -> None:
    assert text_width("日本株") > 1.5 * text_width("abc")
    assert fit_text("Conservative Strategy", 60) == "Conser…"
