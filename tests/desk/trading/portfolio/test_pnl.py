"""`jstock trade pnl`: figures worked out by hand, its sums against `trade status`, and what it refuses."""

from __future__ import annotations

import csv
import json
from dataclasses import replace

import numpy as np
import pytest

from jstock_core.base.errors import UsageError
from jstock_core.desk.trading.portfolio.pnl import session_pnl, span_pnl
from jstock_core.desk.trading.portfolio.pnl_measures import SettledPast, measure_session, measure_span
from jstock_core.desk.trading.portfolio.status import portfolio_status
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.state.facts.events import Deposit, Dividend, Fee
from tests.desk.days import MORNING, D, journaled
from tests.state.accounts.test_pnl import split
from tests.state.accounts.test_valuation import DAYS, cash, fill, panel

FACTS = (
    cash(Deposit, 1_000_000, 0), fill("BUY", 100, 3000, 1),
    split(2, 1, 2), fill("SELL", 80, 1540, 2), fill("BUY", 10, 900, 2, code="6501"),
    cash(Fee, 275, 2, fill_id=None), cash(Dividend, 1000, 2, code="7203"), cash(Deposit, 500_000, 2),
    cash(Deposit, 200_000, 3, "b"),
)  # fmt: skip
"""100 at 3,000, split in two; 80 of the 200 sold, ten of another bought, a fee, a dividend, and a deposit."""
CLOSES = {"7203": [2990, 3050, 1550, 1560, 1560], "6501": [890, 890, 912, 900, 900]}
MARKET = replace(
    panel(CLOSES, {"7203": [1, 1, 0.5, 1, 1], "6501": [1] * 5}), topix=np.array([100, 101, 103.02, 103, 103])
)


def past(n: int) -> SettledPast:
    """What was settled through the nth session."""
    return SettledPast(FACTS, MARKET, DAYS[0], DAYS[-1]).until(DAYS[n])


class TestBySession:
    """6 January closed at 3,050, which is 1,525 after the split."""

    found = measure_session(past(2), DAYS[2]).as_json()

    def test_every_lot_moves_from_where_it_was_to_where_it_is(self):
        (group,) = self.found["groups"]
        lots = [
            tuple(lot[key] for key in ("code", "how", "shares", "start_price", "end_price", "pnl"))
            for lot in group["lots"]
        ]
        assert lots == [
            ("7203", "sold", 80, 1525, 1540, 1200),
            ("6501", "bought", 10, 900, 912, 120),
            ("7203", "held", 120, 1525, 1550, 3000),
        ]
        assert [(lot["start"], lot["end"]) for lot in group["lots"]] == [
            (122_000, 123_200), (9_000, 9_120), (183_000, 186_000),
        ]  # fmt: skip
        assert [lot["opened"] for lot in group["lots"]] == ["2026-01-06", "2026-01-07", "2026-01-06"]

    def test_the_sum_is_booked_and_proven(self):
        """Sold at 40 above cost, 50 and 12 above it at the close, 50 per old share at the close before."""
        (group,) = self.found["groups"]
        assert group["pnl"] == 1200 + 120 + 3000 + 1000 - 275 == 5045
        assert group["realized"] == 80 * 40
        assert group["unrealized_change"] == 120 * 50 + 10 * 12 - 100 * 50
        assert (group["dividends"], group["fees"]) == (1000, 275)
        assert (group["equity_before"], group["came_in"], group["equity"]) == (1_005_000, 500_000, 1_510_045)
        assert group["return_pct"] == pytest.approx(100 * 5045 / 1_505_000, abs=1e-6)
        assert self.found["topix_pct"] == pytest.approx(2)

    def test_the_whole_is_all_groups(self):
        assert self.found["whole"].items() >= {"pnl": 5045, "equity": 1_510_045}.items()
        assert measure_session(past(2), DAYS[2], "a").whole is None


class TestBySpan:
    found = measure_span(past(3), DAYS[1]).as_json()

    def lines(self, group):
        return [line for line in self.found["lines"] if line["group"] == group]

    def test_a_line_a_session_and_group(self):
        assert [line["pnl"] for line in self.lines("a")] == [5000, 5045, 120 * 10 - 10 * 12]
        assert [line["session"] for line in self.lines("a")] == [str(day) for day in DAYS[1:4]]

    def test_returns_are_net_of_what_came_in_and_multiply(self):
        """Time-weighted: the deposit of the second day counts from that day on."""
        rates = np.array([5000 / 1_000_000, 5045 / 1_505_000, 1080 / 1_510_045])
        assert [line["return_pct"] for line in self.lines("a")] == pytest.approx(100 * rates, abs=1e-6)
        assert self.lines("a")[-1]["cumulative_pct"] == pytest.approx(
            100 * (np.prod(1 + rates) - 1), abs=1e-6
        )

    def test_topix_is_measured_from_the_same_close(self):
        """100 at the close before; and 103.02 before the session in which the second group began."""
        shown = [line["topix_cumulative_pct"] for line in self.lines("a")]
        assert shown == pytest.approx([1, 3.02, 3])
        (begun,) = self.lines("b")
        assert begun["topix_cumulative_pct"] == pytest.approx(100 * (103 / 103.02 - 1), abs=1e-6)

    def test_the_sums_prove_themselves(self):
        sums = {total["group"]: total for total in self.found["sums"]}
        assert sums["a"]["pnl"] == 5000 + 5045 + 1080
        assert (sums["a"]["equity_before"], sums["a"]["came_in"], sums["a"]["equity"]) == (
            1_000_000,
            500_000,
            1_511_125,
        )
        for total in sums.values():
            assert total["equity_before"] + total["came_in"] + total["pnl"] == total["equity"]
            booked = total["realized"] + total["dividends"] - total["fees"]
            assert booked + total["unrealized_change"] == total["pnl"]

    def test_the_first_session_has_no_topix_before_it(self):
        first = measure_span(past(1), DAYS[0]).lines[0]
        assert (first.topix_pct, first.return_pct) == (None, 0)


def test_a_group_that_had_no_money_then_is_named():
    with pytest.raises(UsageError, match='there is no group "b"'):
        measure_session(past(2), DAYS[2], "b")


# --- a desk's own past ----------------------------------------------------------------------------------


def test_every_session_says_what_status_says(run):
    """Status values a position in whole yen, so each may hide a fraction; all else is equal to the yen."""
    sessions = sorted({e.session for e in journaled(run) if e.name == "settled"})[1:]
    for session in (sessions[0], *sessions[1::4], sessions[-1]):
        status = portfolio_status(open_desk(run, now=MORNING), str(session)).as_json()
        found = session_pnl(open_desk(run, now=MORNING), str(session)).as_json()
        for own, other in zip(
            [*found["groups"], found["whole"]], [*status["groups"], status["whole"]], strict=True
        ):
            near = other["positions"] + 1
            assert round(own["pnl"]) == pytest.approx(other["day_pnl"], abs=len(found["groups"]))
            assert own["realized_to_date"] == other["realized"]
            assert own["equity"] == pytest.approx(other["equity"], abs=near)
            assert own["unrealized"] == pytest.approx(other["unrealized"], abs=near)


def test_a_span_is_its_sessions(run):
    found = span_pnl(open_desk(run, now=MORNING)).as_json()
    status = portfolio_status(open_desk(run, now=MORNING)).as_json()
    assert found["to"] == str(D)
    for total, account in zip(found["sums"], [*status["groups"], status["whole"]], strict=True):
        assert (total["realized"], total["dividends"], total["fees"]) == (
            account["realized"], account["dividends"], account["fees"],
        )  # fmt: skip
        assert total["return_pct"] == pytest.approx(account["return_pct"], abs=1e-5)
        lines = [line["pnl"] for line in found["lines"] if line["group"] == total["group"]]
        assert sum(lines) == pytest.approx(total["pnl"], abs=1e-2)
    middle = found["lines"][len(found["lines"]) // 2]["session"]
    alone = session_pnl(open_desk(run, now=MORNING), middle).as_json()["whole"]
    line = next(x for x in found["lines"] if x["session"] == middle and not x["group"])
    assert {key: alone[key] for key in ("pnl", "equity", "realized")} == {
        key: line[key] for key in ("pnl", "equity", "realized")
    }


def test_a_span_may_begin_and_end_on_closed_days(run):
    """The 17th and 18th are a weekend."""
    found = span_pnl(open_desk(run, now=MORNING), first="2026-01-17", last="2026-01-19").as_json()
    assert (found["from"], found["to"], found["sums"][-1]["sessions"]) == ("2026-01-19", "2026-01-19", 1)


def test_it_is_plain_json_and_changes_nothing(desk):
    before = {p: p.read_bytes() for p in (desk / "data" / "state").iterdir() if p.is_file()}
    assert json.loads(json.dumps(session_pnl(open_desk(desk, now=MORNING)).as_json(), allow_nan=False))
    assert json.loads(json.dumps(span_pnl(open_desk(desk, now=MORNING)).as_json(), allow_nan=False))
    assert before == {p: p.read_bytes() for p in (desk / "data" / "state").iterdir() if p.is_file()}


def test_both_are_written_for_a_spreadsheet(run, tmp_path):
    lots, lines = tmp_path / "lots.csv", tmp_path / "lines.csv"
    found = session_pnl(open_desk(run, now=MORNING), csv=str(lots)).as_json()
    spanned = span_pnl(open_desk(run, now=MORNING), csv=str(lines)).as_json()
    rows = list(csv.DictReader(lots.read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == sum(len(group["lots"]) for group in found["groups"]) > 0
    assert sum(float(row["pnl"]) for row in rows) == pytest.approx(found["whole"]["pnl"], abs=1e-2)
    assert {row["mark"] for row in rows} == {"SIMULATED"}
    rows = list(csv.DictReader(lines.read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == len(spanned["lines"])


@pytest.mark.parametrize(
    ("day", "why"),
    [("2026-01-21", "after the last settled"), ("2025-01-06", "before the first"), ("2026-01-18", "closed"),
     ("soon", "is not a date")],
)  # fmt: skip
def test_a_session_that_was_not_settled_is_refused(run, day, why):
    with pytest.raises(UsageError, match=why):
        session_pnl(open_desk(run, now=MORNING), day).as_json()


@pytest.mark.parametrize(
    ("span", "why"),
    [
        ({"first": "2026-01-20", "last": "2026-01-19"}, "lies after"),
        ({"first": "2026-01-17", "last": "2026-01-18"}, "TSE is closed from"),
        ({"last": "2026-01-30"}, "2026-01-30 is after the last settled session"),
        ({"first": "2025-01-06"}, "before the first settled session"),
        ({"first": "2026-01-19", "group": "conservativ"}, 'did you mean "conservative"'),
    ],
)
def test_a_span_that_cannot_be_told_is_refused(run, span, why):
    with pytest.raises(UsageError, match=why):
        span_pnl(open_desk(run, now=MORNING), **span).as_json()


def test_a_desk_without_a_past_says_what_to_run(new):
    with pytest.raises(UsageError, match="no session with money in it") as caught:
        session_pnl(open_desk(new, now=MORNING)).as_json()
    assert "jstock daily" in caught.value.do


def test_a_file_that_cannot_be_written_is_named(run):
    with pytest.raises(UsageError, match="cannot be written"):
        session_pnl(open_desk(run, now=MORNING), csv="nowhere/at/all.csv").as_json()
