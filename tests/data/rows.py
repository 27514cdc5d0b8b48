"""Short ways to write market data in tests, and a provider that delivers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jstock_core.base.clock import JST
from jstock_core.data.providers.protocol import Capabilities
from jstock_core.data.tables.columns import days, known_at
from jstock_core.data.tables.schema import DATA_SETS
from jstock_core.market.names import INVESTORS

REAL = Path(__file__).parents[2].parent / "shared" / "real"
needs_real = pytest.mark.skipif(not REAL.is_dir(), reason=f"no real data at {REAL}")

NOW = datetime(2025, 12, 1, 7, 0, tzinfo=JST)
SESSIONS = ("2024-12-26", "2024-12-27", "2024-12-30", "2025-01-06", "2025-01-07")


def bar(day: str, code: str = "72030", close: float | None = 2000.0, **values: Any) -> dict[str, Any]:
    """One row of bars: every price `close`, 1,000 shares; all null where `close` is None."""
    volume = None if close is None else 1000.0
    row = {
        "O": close,
        "H": close,
        "L": close,
        "C": close,
        "Vo": volume,
        "Va": None,
        "AdjFactor": 1.0,
        "ExRT": None,
        "MktCap": None,
    }
    return {"Date": day, "Code": code, **row, **values}


def bars(code: str = "72030", sessions: Sequence[str] = SESSIONS, **values: Any) -> list[dict[str, Any]]:
    return [bar(day, code, **values) for day in sessions]


def index(sessions: Sequence[str] = SESSIONS) -> list[dict[str, Any]]:
    return [{"Date": day, "O": 1.0, "H": 1.0, "L": 1.0, "C": 2700.0 + n} for n, day in enumerate(sessions)]


def company(code: str = "72030", **values: Any) -> dict[str, Any]:
    names = {"CoName": "甲", "S33Nm": "輸送用機器", "ScaleCat": "TOPIX Core30", "MktNm": "プライム"}
    return {"Code": code, **names, "Mkt": "0111", "ProdCat": "011", **values}


def flow(published: str, week_end: str, section: str = "TSEPrime", **values: float) -> dict[str, Any]:
    parts = {who: 75e9 * {"Tot": 1.0, "Prop": 0.1, "Brk": 0.9}.get(who, 0.09) for who in INVESTORS}
    figures = {
        f"{who}{what}": part * share
        for who, part in parts.items()
        for what, share in (("Sell", 0.5), ("Buy", 0.5), ("Tot", 1.0), ("Bal", 0.0))
    }
    return {
        "PubDate": published,
        "StDate": week_end,
        "EnDate": week_end,
        "Section": section,
        **figures,
        **values,
    }


def statement(number: str, day: str, clock: str = "15:00:00", **values: str) -> dict[str, Any]:
    form = {"DocType": "FYFinancialStatements_Consolidated_IFRS", "CurPerType": "FY"}
    ends = {"CurPerEn": "2024-03-31", "CurFYEn": "2024-03-31"}
    figures = {"Sales": "1000", "OP": "100", "OdP": "", "NP": "70", "FSales": ""}
    return {
        "DiscDate": day,
        "DiscTime": clock,
        "Code": "72030",
        "DiscNo": number,
        **form,
        **ends,
        **figures,
        **values,
    }


def table(dataset: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Rows as a table; with no rows, one that still has all columns."""
    return pa.Table.from_pylist([dict(row) for row in rows]) if rows else DATA_SETS[dataset].empty()


@dataclass(frozen=True)
class Tables:
    """A provider of given rows, which also notes what it was asked for."""

    capabilities: ClassVar[Capabilities] = Capabilities(live=True, fetches=True)

    rows: Mapping[str, Sequence[Mapping[str, Any]]]
    id: str = "tables"
    asked: dict[str, date | None] = field(default_factory=dict)

    def fetch(self, dataset: str, after: date | None, now: datetime) -> pa.Table:
        from jstock_core.data.tables.normalise import normalise

        self.asked[dataset] = after
        whole = normalise(dataset, table(dataset, self.rows.get(dataset, ())), where="test")
        dated_by = DATA_SETS[dataset].dated_by
        if dated_by is None:
            return whole
        known = known_at(dataset, whole) <= _minute(now)
        later = days(whole, dated_by) > (after or date(1900, 1, 1))
        return whole.filter(pa.array(known & later))


def _minute(now: datetime) -> Any:
    import numpy as np

    return np.datetime64(now.astimezone(JST).replace(tzinfo=None), "m")


def market(**rows: Sequence[Mapping[str, Any]]) -> Tables:
    """A provider of one company over five sessions and New Year, unless told otherwise."""
    usual = {"master": [company()], "bars": bars(), "topix": index()}
    return Tables({**usual, **rows})


def one_company() -> dict[str, Sequence[Mapping[str, Any]]]:
    """What a folder must hold at least."""
    return {
        "master": [company()],
        "bars": bars(),
        "topix": index(),
        "flows": [flow("2025-01-07", "2024-12-27")],
        "statements": [statement("20240509001", "2024-05-09")],
    }


def write_folder(folder: Path, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> Path:
    """A J-Quants-shaped folder of parquet files, keyed by data set."""
    from jstock_core.data.providers.files import NAMES

    folder.mkdir(parents=True, exist_ok=True)
    for dataset, content in rows.items():
        pq.write_table(table(dataset, content), folder / f"{NAMES[dataset]}.parquet")
    return folder
