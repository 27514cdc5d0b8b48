"""Windows of a walk-forward: train before test, no session tested twice, the same as skfolio's."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.base.errors import UsageError
from jstock_core.market.calendar import tse
from jstock_core.research.walk.windows import SpanLength, Window, WindowScheme

SESSIONS = tse().between(date(2023, 1, 4), date(2025, 12, 30))


def scheme(train, test, **options) -> WindowScheme:
    return WindowScheme(SpanLength.of(train), SpanLength.of(test), **options)


def dates(sessions, window: Window) -> tuple[date, ...]:
    places = window.train[0], window.train[-1], window.test[0], window.test[-1]
    return tuple(sessions[place] for place in places)


schemes = st.builds(
    WindowScheme,
    *2 * [st.builds(SpanLength, st.integers(1, 60), st.just("sessions"))],
    anchored=st.booleans(),
    purge=st.integers(0, 10),
    embargo=st.integers(0, 10),
) | st.builds(
    WindowScheme,
    *2 * [st.builds(SpanLength, st.integers(1, 12), st.just("months"))],
    anchored=st.booleans(),
    purge=st.integers(0, 10),
    embargo=st.integers(0, 10),
)  # fmt: skip


@given(schemes, st.integers(0, 200), st.integers(330, len(SESSIONS)))
def test_windows_are_in_order_and_leave_no_session_after_the_first_train_span_untested(cut, first, count):
    sessions = SESSIONS[first:count]
    gap = cut.purge
    try:
        windows = cut.split(sessions)
    except UsageError:
        return
    for window in windows:
        assert 0 <= window.train.start < window.train.stop
        assert window.train.stop + gap == window.test.start < window.test.stop
        assert not cut.anchored or window.train.start == 0
    late: set[int] = set()
    for window in windows:
        assert list(window.embargoed) == [place for place in window.train if place in late]
        late |= {window.test.stop + n for n in range(cut.embargo)}
    tested = [place for window in windows for place in window.test]
    assert tested == list(range(windows[0].test.start, len(sessions)))
    for one, other in pairwise(windows):
        assert one.train.start < other.train.start or cut.anchored
        if cut.test.unit == "sessions":
            assert len(one.test) == cut.test.count
            assert cut.anchored or len(one.train) == len(other.train) == cut.train.count


def test_months_are_those_of_the_calendar():
    found = [dates(SESSIONS, window) for window in scheme("2Y", "6M").split(SESSIONS)]
    assert found == [
        (date(2023, 1, 4), date(2024, 12, 30), date(2025, 1, 6), date(2025, 6, 30)),
        (date(2023, 7, 3), date(2025, 6, 30), date(2025, 7, 1), date(2025, 12, 30)),
    ]
    windows = scheme("1Y", "1Y", anchored=True, purge=5).split(SESSIONS)
    assert [dates(SESSIONS, window) for window in windows] == [
        (date(2023, 1, 4), date(2023, 12, 29), date(2024, 1, 12), date(2025, 1, 10)),
        (date(2023, 1, 4), date(2024, 12, 30), date(2025, 1, 14), date(2025, 12, 30)),
    ]


def test_months_from_the_end_of_a_month_end_with_shorter_months():
    sessions = tse().between(date(2025, 1, 31), date(2025, 6, 30))
    found = [dates(sessions, window)[2:] for window in scheme("1M", "1M").split(sessions)]
    assert found[0] == (date(2025, 2, 28), date(2025, 3, 28))
    assert found[-1] == (date(2025, 6, 30), date(2025, 6, 30))


@pytest.mark.parametrize(
    ("given", "length"),
    [("2Y", (24, "months")), ("6m", (6, "months")), (120, (120, "sessions")), ("60", (60, "sessions"))],
)
def test_lengths_are_read(given, length):
    found = SpanLength.of(given)
    assert (found.count, found.unit) == length
    assert SpanLength.of(str(found).removesuffix(" sessions")) == found


@pytest.mark.parametrize("given", ["2W", "", "0M", "-3", 0, True, 1.5, None, "a year", "99999Y"])
def test_what_is_no_length_is_refused(given):
    with pytest.raises(UsageError, match="not the length of a span"):
        SpanLength.of(given)


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: scheme("2Y", 60), "both in"),
        (lambda: scheme(60, 20, purge=-1), "under 0"),
        (lambda: scheme(60, 20, embargo=-1), "under 0"),
        (lambda: scheme("3Y", "6M").split(SESSIONS), "no session to test on"),
        (lambda: scheme(60, 20, purge=5).split(SESSIONS[:65]), "no session to test on"),
        (lambda: scheme(60, 20).split(()), "no session to test on"),
        (lambda: scheme(20, 20, embargo=40).split(SESSIONS), "no session of a train span"),
        (lambda: scheme("2Y", "6M").split(()), "no session to test on"),
    ],
)
def test_what_cannot_be_cut_is_said(make, word):
    with pytest.raises(UsageError, match=word):
        make()


@pytest.mark.parametrize("anchored", [False, True])
@pytest.mark.parametrize(("train", "test", "purge"), [(120, 40, 0), (61, 7, 7), (1, 1, 1)])
@pytest.mark.parametrize("embargo", [0, 3])
def test_they_are_those_of_skfolio(anchored, train, test, purge, embargo):
    """It purges and knows no embargo here, which moves no span."""
    if (train, embargo) == (1, 3):
        return  # no session would be left
    model_selection = pytest.importorskip(
        "skfolio.model_selection", reason="comparing needs the extra bench: skfolio is missing"
    )
    other = model_selection.WalkForward(
        test_size=test, train_size=train, expand_train=anchored, reduce_test=True, purged_size=purge
    )
    windows = scheme(train, test, anchored=anchored, purge=purge, embargo=embargo).split(SESSIONS)
    found = [(list(window.train), list(window.test)) for window in windows]
    assert found == [(a.tolist(), b.tolist()) for a, b in other.split(np.zeros((len(SESSIONS), 1)))]


def test_the_embargo_follows_earlier_test_spans():
    windows = scheme(10, 5, purge=1, embargo=2).split(SESSIONS[:30])
    assert [(each.train, each.test, each.embargoed) for each in windows] == [
        (range(10), range(11, 16), ()),
        (range(5, 15), range(16, 21), ()),
        (range(10, 20), range(21, 26), (16, 17)),
        (range(15, 25), range(26, 30), (16, 17, 21, 22)),
    ]


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({}, "rolling windows of 20 sessions and 5 sessions"),
        ({"purge": 1}, "rolling windows of 20 sessions and 5 sessions, 1 session purged between them"),
        (
            {"embargo": 2},
            "rolling windows of 20 sessions and 5 sessions, 2 sessions under embargo after each test",
        ),
    ],
)
def test_a_scheme_says_what_it_leaves_out(options, word):
    assert str(scheme(20, 5, **options)) == word


def test_whole_months_are_those_of_skfolio():
    """It counts from the first of the month that is the date of a session."""
    model_selection = pytest.importorskip(
        "skfolio.model_selection", reason="comparing needs the extra bench: skfolio is missing"
    )
    pandas = pytest.importorskip("pandas")
    sessions = tse().between(date(2023, 2, 1), date(2025, 12, 30))
    frame = pandas.DataFrame({"a": 0.0}, index=pandas.DatetimeIndex(sessions))
    other = model_selection.WalkForward(test_size=3, train_size=12, freq="MS", reduce_test=True)
    found = [(list(window.train), list(window.test)) for window in scheme("1Y", "3M").split(sessions)]
    assert found == [(a.tolist(), b.tolist()) for a, b in other.split(frame)]
