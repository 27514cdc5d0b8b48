"""A past morning decides again as it did, whatever a vendor corrected since.

On 2026-06-29 J-Quants corrected the adjustment factors of past rows of eleven stocks: rights issues, ExRT 3.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from jstock_core.base.intent import Intent
from jstock_core.decide import read_signals
from jstock_core.desk.care.imports import import_folder
from jstock_core.desk.day.again import first_decisions, redecide
from jstock_core.desk.day.day import run_day
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.market.calendar import tse
from jstock_core.testing import InvestorWeek, Stock, desk, panel, write_market
from tests.desk.mornings import morning_after, until

CODES = [str(code) for code in range(4001, 4012)]  # the eleven
SESSIONS = 80
EX_DATE = "2026-06-10"
GROUP = {
    "core": {
        "name": "Core", "initial_capital": 5_000_000, "entry": {"use": "SimpleScorer", "buy_threshold": 40},
        "exit": {"use": "LayeredExit"}, "sizing": {"use": "equal_weight", "max_positions": 5},
    }
}  # fmt: skip
DECIDED = tse().between(date(2026, 6, 25), date(2026, 6, 29))
CORRECTION = date(2026, 6, 30)


def market(*, corrected: bool):
    """Random walks with a rights issue of every stock, whose factor came later."""
    rng = np.random.default_rng(1)
    stocks = {}
    for code in CODES:
        walk = 1000 + np.cumsum(rng.integers(-12, 14, SESSIONS)).astype(float)
        rights = {"splits": {EX_DATE: 0.9632}, "ex_rights": {EX_DATE: 3}} if corrected else {}
        stocks[code] = Stock(walk, volume=rng.integers(100, 900, SESSIONS) * 100.0, **rights)
    flows = InvestorWeek(week_end="2026-06-19", published="2026-06-25", balance={"Frgn": 1.0})
    return panel(stocks, sessions=SESSIONS, last="2026-07-03", facts=[flows])


BEFORE, AFTER = market(corrected=False), market(corrected=True)


def import_until(root, known, session, folder):
    files = write_market(until(known, session), folder / f"files-{session}-{known is AFTER}")
    return import_folder(open_desk(root, now=f"{session}T20:00"), str(files))


@pytest.fixture(scope="module")
def corrected(tmp_path_factory):
    """A desk that decided three mornings before the correction came, and one after it."""
    folder = tmp_path_factory.mktemp("corrected")
    root = desk(
        folder / "desk", market=until(BEFORE, DECIDED[0]), groups=GROUP, ready="fetched"
    ).workspace.root
    for session in DECIDED:
        import_until(root, BEFORE, session, folder)
        run_day(open_desk(root, now=morning_after(session)))
    done = import_until(root, AFTER, CORRECTION, folder)
    assert done.revised["bars"] == len(CODES)
    run_day(open_desk(root, now=morning_after(CORRECTION)))
    return open_desk(root, now=morning_after(CORRECTION))


def mornings():
    return [tse().next(session) for session in DECIDED]


def as_journaled(desk, trade_date):
    return [
        (event.group, event.status, read_signals(event), tuple(event.skipped))
        for event in first_decisions(desk.journal().history(), trade_date)
    ]


def as_decided_again(made):
    return [
        (event.group, event.status, read_signals(event), tuple(event.skipped)) for event in made.decisions
    ]


def test_every_earlier_morning_decides_again_bit_for_bit(corrected):
    history = corrected.journal().history()
    for trade_date in (*mornings(), tse().next(CORRECTION)):
        made = redecide(corrected, history, trade_date)
        assert as_decided_again(made) == as_journaled(corrected, trade_date)
        assert any(signals for _, _, signals, _ in as_decided_again(made)), "nothing was decided"


def test_on_the_corrected_rows_it_would_have_decided_otherwise(corrected):
    history, now = corrected.journal().history(), corrected.panel()
    again = [as_decided_again(redecide(corrected, history, day, now)) for day in mornings()]
    assert again != [as_journaled(corrected, day) for day in mornings()]


def test_a_decided_morning_is_shown_on_what_it_saw(corrected):
    """Its report and explanations must not show figures that nobody had."""
    day = run_day(corrected, mornings()[0], Intent.SHOW_AGAIN)
    assert (day.view.panel.adj_factor == 1.0).all()
    assert (run_day(corrected, intent=Intent.SHOW_AGAIN).view.panel.adj_factor != 1.0).any()


def test_a_decision_records_the_edition_that_it_saw(corrected):
    history = corrected.journal().history()
    tokens = [first_decisions(history, day)[0].provenance["edition"] for day in mornings()]
    assert len(set(tokens)) == len(tokens)
    assert [int(token.partition("-")[0]) for token in tokens] == sorted(
        int(token.partition("-")[0]) for token in tokens
    )
