"""The store with 4,000 stocks over ten years: a window of a year, the append of a day, and its size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.timing import Line, timed, typical
from jstock_core.base.clock import JST
from jstock_core.data.providers.protocol import Capabilities
from jstock_core.data.store.store import MarketStore
from jstock_core.market.calendar import tse

STOCKS = 4000
FIRST, LAST = date(2016, 1, 4), date(2025, 12, 30)
COLUMNS = ("O", "H", "L", "C", "Vo")
YEAR = (date(2025, 1, 1), date(2025, 12, 31))
NOW = datetime(2026, 1, 5, 7, 0, tzinfo=JST)


@dataclass(frozen=True)
class Made:
    """A provider that nobody asks."""

    capabilities: ClassVar[Capabilities] = Capabilities(live=True, fetches=False)
    id: str = "made"

    def fetch(self, _dataset: str, _after: date | None, _now: datetime) -> pa.Table:
        raise NotImplementedError


def stored(folder: Path, repeats: int) -> Iterator[Line]:
    """Ten years delivered month by month, then one more day."""
    store, sessions = MarketStore(folder), tse().between(FIRST, LAST)
    months = sorted({(day.year, day.month) for day in sessions})
    seconds = timed(
        lambda: [append(store, [d for d in sessions if (d.year, d.month) == month]) for month in months]
    )
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    rows = store.read().rows("bars")
    plain = folder.parent / "plain.parquet"
    year = store.window("bars", COLUMNS, *YEAR)
    pq.write_table(year, plain, compression="zstd")
    yield Line(
        "window",
        f"five columns of a year of {STOCKS:,} stocks, of {rows:,} stored rows",
        typical(lambda: store.window("bars", COLUMNS, *YEAR), repeats),
        "the same rows in one plain parquet file",
        typical(lambda: pq.ParquetFile(plain).read(use_threads=False), repeats),
        aim=1.0,
        note=f"{size / 1e9:.2f} GB stored, aim < 1.5; delivered in {seconds:.0f} s",
    )
    days = tse().between(date(2026, 1, 5), date(2026, 1, 30))[:repeats]
    yield Line(
        "append",
        f"a day of {STOCKS:,} bars delivered, both editions, synced",
        typical_of([timed(lambda day=day: append(store, [day])) for day in days]),
        "a plain parquet file of the day",
        typical(lambda: pq.write_table(made_bars(list(days[:1])), plain, compression="zstd"), repeats),
        aim=1.0,
    )


def typical_of(seconds: list[float]) -> float:
    return float(np.median(seconds))


def append(store: MarketStore, days: list[date]) -> None:
    store.append("bars", made_bars(days), Made(), received_at=NOW)


def made_bars(days: list[date]) -> pa.Table:
    """Bars of all stocks, prices in tenths of a yen, with a column that the schema does not know."""
    rng = np.random.default_rng(days[0].toordinal())
    shape = len(days), STOCKS
    close = np.round(1000 + 500 * rng.random(STOCKS) + rng.normal(0, 15, shape).cumsum(axis=0), 1)
    spread = np.round(rng.random((3, *shape)) * 20, 1)
    codes = np.array([f"{code}0" for code in range(1300, 1300 + STOCKS)])
    volume = rng.integers(1, 50_000, shape) * 100.0
    fields = {
        "O": close - spread[0] / 2, "H": close + spread[1], "L": close - spread[2] - 20, "C": close,
        "Vo": volume, "Va": np.round(close * volume), "MktCap": np.round(close * 1e3),
    }  # fmt: skip
    return pa.table(
        {
            "Date": pa.array(np.repeat(np.array(days, dtype="datetime64[D]"), STOCKS)),
            "Code": pa.array(np.tile(codes, len(days))),
            **{name: pa.array(values.ravel()) for name, values in fields.items()},
            "AdjFactor": pa.array(np.ones(close.size)),
        }
    )
