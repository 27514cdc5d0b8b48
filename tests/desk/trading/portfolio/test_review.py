"""A week, a month or a year, by the calendar and what is settled of it."""

from __future__ import annotations

from datetime import date

import pytest

from jstock_core.base.errors import UsageError
from jstock_core.desk.past.looking_back import look_back
from jstock_core.desk.trading.portfolio.pnl import span_pnl
from jstock_core.desk.trading.portfolio.review import review_period
from jstock_core.reports.render.review_page import ReviewPage


@pytest.fixture(scope="module")
def lived(shared_desk):
    return shared_desk(history_sessions=30)


def test_a_period_ends_with_the_last_settled_session(lived) -> None:
    made = review_period(lived, "month")
    assert made.first.day <= 7
    assert made.last == max(made.sessions)
    week = review_period(lived, "week", str(made.last))
    assert {day.isocalendar()[:2] for day in week.sessions} == {made.last.isocalendar()[:2]}
    year = review_period(lived, "year", str(made.last))
    assert len(week.sessions) < len(made.sessions) <= len(year.sessions)


def test_it_says_what_the_profit_and_loss_of_the_same_span_says(lived) -> None:
    made = review_period(lived, "month")
    told = span_pnl(lived, first=str(made.first), last=str(made.last))
    assert {each.group: each.pnl for each in made.returns} == {
        each.group: pytest.approx(each.figures.pnl) for each in told.sums
    }
    whole = next(each for each in told.sums if not each.group)
    assert made.whole.return_pct == pytest.approx(whole.return_pct)
    assert made.whole.topix_pct == pytest.approx(whole.topix_pct)


def test_a_period_that_is_none_or_was_not_settled_is_refused(lived) -> None:
    with pytest.raises(UsageError, match='"fortnight" is no period'):
        review_period(lived, "fortnight")
    with pytest.raises(UsageError, match="no session from 2015-01-01 to 2015-12-31 is settled"):
        review_period(lived, "year", "2015-06-30")


def test_a_desk_without_a_past_is_replayed_in_a_copy_and_stays_as_it_is(shared_desk) -> None:
    desk = shared_desk(ready="fetched", now="2026-01-21T07:00")
    made = look_back(desk.workspace.root, "week", "2026-01-20", now=desk.fixed_now)
    assert made.replayed
    assert made.last == date(2026, 1, 19), "the morning of the 21st would settle the 20th"
    assert made.outcomes
    assert desk.journal().events() == ()
    assert "replayed on paper" in ReviewPage(made).summary.plain
