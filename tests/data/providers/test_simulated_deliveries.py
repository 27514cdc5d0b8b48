"""What the simulated vendor gets wrong at first and corrects, what is only a right, and a new code."""

from __future__ import annotations

from datetime import date, datetime

import pyarrow.compute as pc
import pytest

from jstock_core.base.clock import JST
from jstock_core.data.providers.simulated.events import event
from jstock_core.data.providers.simulated.provider import Simulated
from jstock_core.market.calendar import tse
from jstock_core.market.codes import to_jquants

VENDOR = Simulated(seed=7)
AFTERNOON = {"hour": 16, "minute": 30}


def delivered(dataset: str, code: str, day: date, now: datetime) -> list[dict]:
    """The rows of a stock from a day on, as they are delivered at a time."""
    rows = VENDOR.fetch(dataset, tse().previous(day), now)
    return rows.filter(pc.equal(rows.column("Code"), to_jquants(code))).to_pylist()


def about(what: str) -> tuple[datetime, datetime]:
    """A minute before the correction of an event, and its own."""
    out = datetime.combine(event(what).last, datetime.min.time(), JST).replace(**AFTERNOON)
    return out.replace(minute=29), out


def test_a_rights_issue_was_delivered_without_its_factor_and_moves_no_shares():
    rights = event("rights-2026")
    before, after = (delivered("bars", rights.code, rights.first, now)[0] for now in about("rights-2026"))
    assert (before["AdjFactor"], before["ExRT"]) == (1.0, None)
    assert (after["AdjFactor"], after["ExRT"]) == (0.96, 3.0)
    assert {key: before[key] for key in "OHLC"} == {key: after[key] for key in "OHLC"}


def test_one_that_was_right_from_the_first_never_changes():
    rights = event("rights-announced-2026")
    rows = delivered("bars", rights.code, rights.first, datetime(2026, 9, 10, 17, 0, tzinfo=JST))
    assert (rows[0]["AdjFactor"], rows[0]["ExRT"]) == (0.94, 3.0)
    known = delivered("actions", rights.code, date(2026, 8, 20), datetime(2026, 8, 20, 17, 0, tzinfo=JST))
    assert [(row["ExDate"], row["ExRT"]) for row in known] == [(rights.first, 3.0)]


def test_a_close_is_corrected_and_nothing_else():
    wrong = event("correction-2026")
    before, after = (delivered("bars", wrong.code, wrong.first, now) for now in about("correction-2026"))
    assert before[0]["C"] == before[0]["O"] != after[0]["C"]
    assert {**before[0], "C": after[0]["C"]} == after[0]
    assert before[1:] == after[1 : len(before)]


def test_a_statement_in_thousands_is_restated_under_its_number():
    wrong = event("restatement-2026")
    before, after = (
        delivered("statements", wrong.code, tse().on_or_after(wrong.first), now)
        for now in about("restatement-2026")
    )
    assert before[0]["DiscNo"] == after[0]["DiscNo"]
    assert int(before[0]["Sales"]) == int(after[0]["Sales"]) // 1000
    assert before[0]["EPS"] == after[0]["EPS"]


@pytest.mark.parametrize("dataset", ["bars", "statements"])
def test_a_stock_goes_on_under_another_code(dataset: str):
    recode = event("recode-2027")
    now = datetime(2027, 5, 20, 17, 0, tzinfo=JST)
    old, new = (delivered(dataset, code, date(2027, 1, 4), now) for code in (recode.code, recode.becomes))
    dated = "Date" if dataset == "bars" else "DiscDate"
    assert {row[dated] < recode.first for row in old} == {True}
    assert {row[dated] >= recode.first for row in new} == {True}


def test_the_list_of_stocks_has_the_new_code_from_its_day_on():
    recode = event("recode-2027")
    both = {recode.code, recode.becomes}
    for day, listed in ((date(2027, 2, 26), {recode.code}), (recode.first, both)):
        codes = VENDOR.fetch("master", None, datetime(day.year, day.month, day.day, 7, 0, tzinfo=JST)).column(
            "Code"
        )
        assert {code[:4] for code in codes.to_pylist()} & both == listed
