"""The dividends scripted in the simulated market (dividends.csv), with what goes wrong about real ones.

A forecast before the ex-date and the decision after it; a decision that is corrected before it is paid, and
one after; a notice that is deleted; an amount and a day that are not decided yet; money out of capital. They
are the same whatever the seed, and prices do not fall by them.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

NOTICE = (
    ("PubTime", "time"), ("RefNo", "number"), ("StatCode", "status"), ("DivRate", "rate"),
    ("ExDate", "ex_date"), ("PayDate", "pay_date"), ("CARefNo", "amends"), ("FRCode", "decided"),
    ("IFCode", "kind"), ("IFTerm", "term"), ("DistAmt", "of_capital"),
)  # fmt: skip
"""J-Quants' columns, and the fields of a notice that they come from."""


@dataclass(frozen=True)
class ScriptedNotice:
    """A notice as J-Quants delivers it, texts throughout: "-" for what is not decided yet.

    `status` is 1 for a new notice, 2 for a correction and 3 for a deletion of the notice `amends`; `decided`
    is 1, and 2 for a forecast; `kind` is 1 for an interim dividend and 2 for that of the year's end.
    """

    published: str
    time: str
    code: str
    number: str
    amends: str
    status: str
    decided: str
    kind: str
    term: str
    rate: str
    ex_date: str
    pay_date: str
    of_capital: str


@cache
def dividend_notices() -> tuple[ScriptedNotice, ...]:
    """All notices, oldest first."""
    with (Path(__file__).parent / "dividends.csv").open(encoding="ascii", newline="") as file:
        rows = [ScriptedNotice(**row) for row in csv.DictReader(file)]
    return tuple(sorted(rows, key=lambda row: (row.published, row.time, row.number)))
