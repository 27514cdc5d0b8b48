"""The builder of small markets: what it fills in, and what it refuses."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from jstock_core.base.errors import UsageError
from jstock_core.testing import (
    Disclosure,
    EarningsDate,
    InvestorWeek,
    SplitNotice,
    Stock,
    desk,
    panel,
    with_bar,
    with_facts,
    with_split,
    without_bar,
)

NAN = float("nan")
WEEK = InvestorWeek("2026-01-09", "2026-01-15", {"Frgn": 5_000})
RESULT = Disclosure("7203", "2025-11-05T15:00", "2Q", "2025-09-30", "2026-03-31", {"OP": 1e9})
REPORT = EarningsDate("7203", "2026-02-05", "2026-01-13T10:05")
NOTICE = SplitNotice("7203", "2026-01-21", 0.5, "2026-01-10T16:30")


def test_closes_are_enough():
    found = panel({"7203": [3000, 3050, 3120], "6758": 1000})
    assert found.dates == (date(2026, 1, 16), date(2026, 1, 19), date(2026, 1, 20))
    assert found.codes == ("7203", "6758")
    assert found.open[:, 0].tolist() == found.high[:, 0].tolist() == [3000, 3050, 3120]
    assert found.close[:, 1].tolist() == [1000] * 3
    assert set(found.volume.ravel().tolist()) == {10_000}
    assert found.topix.tolist() == [2000] * 3
    assert found.forward.tolist() == np.ones((3, 2)).tolist()
    assert not len(found.flows.section) + len(found.statements.code)


def test_high_and_low_enclose_the_bar():
    found = panel({"7203": Stock([3000, NAN, 3100], open=[3050, NAN, 3090], volume=500)})
    assert found.high[[0, 2], 0].tolist() == [3050, 3100]
    assert found.low[[0, 2], 0].tolist() == [3000, 3090]
    assert found.has_bar[:, 0].tolist() == [True, False, True]
    assert np.isnan(found.volume[1, 0])


def test_sessions_are_counted_back_or_listed():
    assert len(panel({"7203": 3000}).sessions) == 10
    assert panel({"7203": 3000}, sessions=2, last="2025-12-30").dates == (
        date(2025, 12, 29),
        date(2025, 12, 30),
    )
    assert panel({"7203": 3000}, sessions=["2026-01-05"]).dates == (date(2026, 1, 5),)
    assert panel({}, sessions=3).close.shape == (3, 0)


def test_facts_become_known_at_their_time():
    found = panel({"7203": Stock(3000, splits={"2026-01-20": 0.5})}, facts=[NOTICE, WEEK, RESULT, REPORT])
    assert found.flows.known_at.tolist() == np.array(["2026-01-15T16:30"], "datetime64[m]").tolist()
    assert (found.flows.balance["Frgn"].tolist(), found.flows.balance["Ind"].tolist()) == ([5000], [0])
    assert found.statements.doc_type.tolist() == ["2QFinancialStatements_Consolidated_IFRS"]
    assert found.statements.figures["OP"].tolist() == [1e9]
    assert np.isnan(found.statements.figures["Sales"][0])
    assert found.announcements.day.tolist() == [date(2026, 2, 5)]
    assert found.actions.adj_factor.tolist() == [0.5]
    assert found.forward[:, 0].tolist() == [1] * 9 + [2]


@pytest.mark.parametrize(
    ("stocks", "message"),
    [
        ({"7203": [1, 2], "6758": [1, 2, 3]}, "close of 7203: 2 figures for 3 sessions"),
        ({"7203": Stock(1, splits={"2020-01-06": 0.5})}, "the split of 7203 on 2020-01-06 lies outside"),
    ],
)
def test_what_does_not_fit_is_refused(stocks, message):
    with pytest.raises(UsageError, match=message):
        panel(stocks)


def test_changes_leave_the_market_they_are_made_of():
    before = panel({"7203": 3000.0, "6758": 1000.0}, sessions=3)
    changed = with_bar(before, "7203", "2026-01-19", open=3010, close=2990)
    assert [getattr(changed, n)[1, 0] for n in ("open", "high", "low", "close")] == [3010, 3010, 2990, 2990]
    assert not without_bar(before, "6758", "2026-01-19").has_bar[1, 1]
    split = with_split(before, "7203", "2026-01-19", 0.5)
    assert split.close[:, 0].tolist() == [3000, 1500, 1500]
    assert split.forward[:, 0].tolist() == [1, 2, 2]
    assert before.close.tolist() == [[3000, 1000]] * 3


def test_facts_are_added_in_order_of_publication():
    earlier = Disclosure("7203", "2025-08-05T15:00", "1Q", "2025-06-30", "2026-03-31")
    found = with_facts(panel({"7203": 3000}, facts=[RESULT, WEEK]), earlier, NOTICE)
    assert found.statements.period.tolist() == ["1Q", "2Q"]
    assert len(found.flows.section) == len(found.actions.code) == 1


def test_topix_with_dividends_is_only_there_where_it_is_given(tmp_path):
    assert panel({"7203": 3000}).topix_total is None
    given = panel({"7203": [3000.0, 3010.0]}, topix=[2700, 2710], topix_total=[4000, 4020])
    assert given.topix_total.tolist() == [4000, 4020]
    stored = desk(tmp_path / "desk", market=given, ready="fetched").panel()
    assert stored.topix_total.tolist() == [4000, 4020]
