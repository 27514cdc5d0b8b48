"""A silence is told where a backtest is not silent, or never was for so long, and nowhere else."""

from __future__ import annotations

from datetime import date

import pytest

from jstock_core.market.calendar import tse
from jstock_core.research.silence import LEAST, UNLIKELY, SilenceKind, find_silence

DATES = tse().between(date(2025, 1, 6), date(2025, 12, 30))
ALL = set(DATES)


def days(*rows: int) -> set[date]:
    return {DATES[row] for row in rows}


def every(step: int, stop: int = len(DATES)) -> set[date]:
    return set(DATES[:stop:step])


def test_a_desk_that_does_as_its_backtest_is_not_silent() -> None:
    assert find_silence(DATES, every(5), every(5), ALL) is None
    assert find_silence(DATES, days(len(DATES) - 1), every(1), ALL) is None


def test_a_desk_that_stopped_where_its_backtest_goes_on() -> None:
    found = find_silence(DATES, every(5, len(DATES) - 40), every(5), ALL)
    assert found is not None
    assert found.kind is SilenceKind.UNLIKE_BACKTEST
    assert (found.sessions, found.expected, found.longest) == (42, 8, 4)
    assert found.chance < UNLIKELY


def test_a_desk_that_never_began() -> None:
    lived = set(DATES[-50:])
    found = find_silence(DATES, set(), every(5), lived)
    assert found is not None
    assert (found.kind, found.sessions, found.expected) == (SilenceKind.UNLIKE_BACKTEST, 50, 10)


def test_a_few_that_are_missing_may_be_chance() -> None:
    lived = set(DATES[-4 * (LEAST - 1) :])
    assert find_silence(DATES, set(), every(5), lived) is None


def test_sessions_that_the_desk_did_not_decide_are_no_silence() -> None:
    """A machine that was off is told by the heartbeat."""
    lived = ALL - set(DATES[-40:-2])
    assert find_silence(DATES, every(5, len(DATES) - 40), every(5), lived) is None


def test_both_are_silent_for_longer_than_ever() -> None:
    """As where a feature has had no data since: the backtest sees the same."""
    alive = every(5, len(DATES) - 60)
    found = find_silence(DATES, alive, alive, ALL)
    assert found is not None
    assert (found.kind, found.expected, found.longest) == (SilenceKind.UNLIKE_PAST, 0, 4)
    assert found.sessions > 55


def test_a_pause_little_longer_than_one_before_is_none() -> None:
    """Orders come in clusters, so the longest pause is beaten by a little now and then."""
    alive = every(5, 100) | {DATES[180]}
    assert find_silence(DATES, alive, alive, ALL) is None
    before = [n for n in range(0, 150, 3) if not 60 <= n <= 90]
    pause = before[20] - before[19] - 1
    for silent, told in ((round(1.4 * pause), False), (round(1.7 * pause), True)):
        dates = DATES[: before[-1] + 1 + silent]
        done = days(*before)
        assert (find_silence(dates, done, done, ALL) is not None) is told


def test_what_is_rare_is_not_missed() -> None:
    rare = days(3, 50, 90)
    assert find_silence(DATES, rare, rare, ALL) is None


@pytest.mark.parametrize("lived", [set(), {date(2024, 1, 4)}])
def test_a_desk_that_decided_nothing_of_them_is_not_judged(lived: set[date]) -> None:
    assert find_silence(DATES, set(), every(1), lived) is None
