"""A desk whose vendor corrects what three of its mornings had seen.

On 2026-06-29 J-Quants corrected the adjustment factors of past rows of eleven stocks: rights issues, ExRT 3.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from jstock_core.desk.care.imports import import_folder
from jstock_core.desk.day.day import run_day
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.market.calendar import tse
from jstock_core.testing import InvestorWeek, Stock, desk, panel, write_market
from tests.desk.mornings import morning_after, until

CODES = [str(code) for code in range(4001, 4012)]  # the eleven
FACTORS = (0.9632, 0.8, 0.84, 0.9, 0.95, 0.82, 0.88, 0.91, 0.97, 0.86, 0.93)
SESSIONS = 220
LAST = date(2026, 7, 3)
EX_DATE = "2026-06-10"
GROUP = {
    "core": {
        "name": "Core", "initial_capital": 5_000_000, "entry": {"use": "SimpleScorer", "buy_threshold": 60},
        "exit": {"use": "LayeredExit"}, "sizing": {"use": "equal_weight", "max_positions": 5},
    }
}  # fmt: skip
DECIDED = tse().between(date(2026, 6, 25), date(2026, 6, 29))
CORRECTION = date(2026, 6, 30)


def market(*, corrected: bool):
    """Random walks with a rights issue of every stock; prices fell by it, and its factor came later."""
    rng = np.random.default_rng(1)
    days = tse().between(tse().back(LAST, SESSIONS - 1), LAST)
    stocks = {}
    for code, factor in zip(CODES, FACTORS, strict=True):
        walk = 1000 + np.cumsum(rng.integers(-12, 14, SESSIONS)).astype(float)
        traded = np.round(np.where(np.array(days) < date.fromisoformat(EX_DATE), walk, walk * factor))
        rights = {"splits": {EX_DATE: factor}, "ex_rights": {EX_DATE: 3}} if corrected else {}
        stocks[code] = Stock(traded, volume=rng.integers(100, 900, SESSIONS) * 100.0, **rights)
    flows = InvestorWeek(week_end="2026-06-19", published="2026-06-25", balance={"Frgn": 1.0})
    return panel(stocks, sessions=SESSIONS, last=LAST, facts=[flows])


BEFORE, AFTER = market(corrected=False), market(corrected=True)


def import_until(root, known, session, folder):
    files = write_market(until(known, session), folder / f"files-{session}-{known is AFTER}")
    return import_folder(open_desk(root, now=f"{session}T20:00"), str(files))


def corrected_desk(folder):
    """A desk that decided three mornings before the correction came, and one after it."""
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
