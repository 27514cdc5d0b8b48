"""The market that the server serves: tables with all of J-Quants' columns by path, and files of them."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from jstock_core.base.clock import JST
from jstock_core.data.providers.jquants.endpoints import CALENDAR, DIVIDENDS, ENDPOINTS, INDICES
from jstock_core.data.providers.simulated.provider import Simulated
from jstock_core.data.tables.columns import known_at
from jstock_core.market.calendar import tse
from jstock_core.testing.jquants.columns import (
    HALVES,
    copy_codes,
    full_bars,
    full_dividends,
    full_indices,
    full_master,
    named,
)

if TYPE_CHECKING:
    import pyarrow as pa

PATHS: Mapping[str, str] = {endpoint.path: name for name, endpoint in ENDPOINTS.items()}
_DATED_BY = {
    **{e.path: e.dated_by or "Date" for e in ENDPOINTS.values()},
    INDICES.path: "Date",
}  # fmt: skip
_HAVE_FILES = tuple(path for path in PATHS if path != ENDPOINTS["master"].path)
Row = dict[str, Any]


@dataclass(eq=False)
class Exchange:
    """Tables by path, in order of their dates (text), whose stocks are served `copies` times.

    `changed` are months of a path that were corrected, and when.
    """

    tables: Mapping[str, pa.Table]
    copies: int = 1
    changed: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    _files: dict[str, bytes] = field(default_factory=dict)

    def rows(self, path: str, span: tuple[date, date], code: str, now: datetime) -> list[Row]:
        """Rows of a span, of a stock or of all, that are public at a time."""
        import pyarrow.compute as pc

        if path == CALENDAR.path:
            return _calendar(*span)
        table = self._public(path, self._within(path, *span), now)
        if path == ENDPOINTS["master"].path:
            table = table.append_column("Date", [[_next_business_day(now).isoformat()] * len(table)])
        table = copy_codes(table, self.copies) if "Code" in table.column_names else table
        if code:
            table = table.filter(pc.is_in(table.column("Code"), _codes(code)))
        found: list[Row] = table.to_pylist()
        return found

    def files(self, path: str, now: datetime, oldest: date) -> list[tuple[str, Row]]:
        """The files of history of a path, each with its month: of past months, and the days of this one."""
        if path not in _HAVE_FILES or path not in self.tables:
            return []
        found = []
        days = self.tables[path].column(_DATED_BY[path]).unique().to_pylist()
        today, month_now = now.astimezone(JST).date().isoformat(), f"{now.astimezone(JST):%Y-%m}"
        past = {f"{month:%Y-%m}" for month in _months(max(oldest, date.fromisoformat(min(days))))}
        stamps = {month for month in past if month < month_now}
        stamps |= {day for day in days if month_now <= day < today}
        for stamp in sorted(stamps):
            name = f"{path.strip('/').replace('/', '_')}_{stamp.replace('-', '')}.csv.gz"
            kind = f"historical/{stamp[:4]}" if len(stamp) == 7 else "live"
            key = f"{path.strip('/')}/{kind}/{name}"
            usual = datetime.fromisoformat(f"{stamp}-01" if len(stamp) == 7 else stamp).replace(tzinfo=JST)
            modified = self.changed.get(
                (path, stamp[:7]), usual + timedelta(days=32 if len(stamp) == 7 else 1)
            )
            size = len(self.file(key, now))
            found.append((stamp[:7], {"Key": key, "LastModified": modified.isoformat(), "Size": size}))
        return found

    def file(self, key: str, now: datetime) -> bytes:
        """The content of a file: CSV, compressed."""
        if key not in self._files:
            path = next(p for p in _HAVE_FILES if key.startswith(p.strip("/") + "/"))
            stamp = key.rsplit("_", 1)[1].removesuffix(".csv.gz")
            first = date(int(stamp[:4]), int(stamp[4:6]), int(stamp[6:] or 1))
            last = first if stamp[6:] else (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            table = self._public(path, self._within(path, first, last), now)
            table = copy_codes(table, self.copies) if "Code" in table.column_names else table
            self._files[key] = gzip.compress(_csv(table), 1, mtime=0)
        return self._files[key]

    @cached_property
    def without_halves(self) -> Exchange:
        """The exchange as the plans below Premium show it."""
        bars = self.tables[ENDPOINTS["bars"].path].drop_columns(list(HALVES))
        return replace(self, tables={**self.tables, ENDPOINTS["bars"].path: bars}, _files={})

    def with_value(self, path: str, row: Mapping[str, Any], now: datetime, **values: Any) -> Exchange:
        """The exchange after a correction, made at a time, of the rows that have the values of `row`."""
        import pyarrow as pa

        rows = self.tables[path].to_pylist()
        hit = [r for r in rows if all(r[name] == value for name, value in row.items())]
        for found in hit:
            found.update(values)
        table = pa.Table.from_pylist(rows, schema=self.tables[path].schema)
        months = {(path, found[_DATED_BY[path]][:7]): now for found in hit}
        return replace(
            self, tables={**self.tables, path: table}, changed={**self.changed, **months}, _files={}
        )

    def _within(self, path: str, first: date, last: date) -> pa.Table:
        table = self.tables[path]
        if path == ENDPOINTS["master"].path:
            return table
        days = np.array(table.column(_DATED_BY[path]).to_numpy(), dtype="U10")
        start = int(np.searchsorted(days, first.isoformat(), side="left"))
        stop = int(np.searchsorted(days, last.isoformat(), side="right"))
        return table.slice(start, max(stop - start, 0))

    def _public(self, path: str, table: pa.Table, now: datetime) -> pa.Table:
        import pyarrow as pa

        if path not in _HAVE_FILES or not len(table):
            return table
        minute = np.datetime64(now.astimezone(JST).replace(tzinfo=None), "m")
        return table.filter(pa.array(known_at(PATHS[path], table) <= minute))


def simulated_exchange(until: datetime, *, since: date, seed: int = 7, copies: int = 1) -> Exchange:
    """The simulated market from a day to a moment; `copies` of its 61 stocks, under other codes."""
    provider = Simulated(seed=seed)
    after = since - timedelta(days=1)
    given = {name: provider.fetch(name, after, until) for name in ENDPOINTS}
    return exchange_of(given, copies=copies)


def exchange_of(given: Mapping[str, pa.Table], *, copies: int = 1) -> Exchange:
    """An exchange of tables by data set, as providers deliver them; columns beyond them are made up."""
    import pyarrow as pa

    tables: dict[str, pa.Table] = {}
    for dataset, endpoint in ENDPOINTS.items():
        if dataset in given:
            tables[endpoint.path] = _text_dates(given[dataset], endpoint.dated_by)
    bars, master = ENDPOINTS["bars"].path, ENDPOINTS["master"].path
    tables[bars] = full_bars(tables[bars])
    tables[master] = full_master(tables[master])
    earnings = ENDPOINTS["earnings"].path
    if earnings in tables:
        tables[earnings] = named(tables[earnings], tables[master])
    if DIVIDENDS.path not in tables:
        tables[DIVIDENDS.path] = full_dividends(tables[bars])
    topix = tables.get(ENDPOINTS["topix"].path, pa.table({}))
    tables[INDICES.path] = full_indices(topix)
    return Exchange(tables, copies)


def _text_dates(table: pa.Table, dated_by: str) -> pa.Table:
    """Days as text, as JSON has them, in their order."""
    import pyarrow as pa

    for name in table.column_names:
        column = table.column(name)
        if pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
            text = column.cast(pa.date32()).cast(pa.string())
            table = table.set_column(table.column_names.index(name), name, text)
    return table.sort_by(dated_by).combine_chunks() if dated_by else table


def _calendar(first: date, last: date) -> list[Row]:
    days = [first + timedelta(days=n) for n in range((min(last, tse().last) - first).days + 1)]
    return [{"Date": d.isoformat(), "HolDiv": "1" if tse().is_session(d) else "0"} for d in days]


def _months(first: date) -> Iterator[date]:
    """The first days of the months from that of a day to the end of the calendar."""
    month = first.replace(day=1)
    while month <= tse().last:
        yield month
        month = (month + timedelta(days=31)).replace(day=1)


def _next_business_day(now: datetime) -> date:
    """The day that the list of stocks is of: the next one from 17:30 on."""
    local = now.astimezone(JST)
    return tse().on_or_after(local.date() + timedelta(days=int(local.hour * 60 + local.minute >= 1050)))


def _codes(code: str) -> Any:
    import pyarrow as pa

    return pa.array([code, f"{code}0"])  # four characters: the common stock, or an index


def _csv(table: pa.Table) -> bytes:
    import pyarrow as pa
    from pyarrow import csv

    sink = pa.BufferOutputStream()
    csv.write_csv(table, sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content
