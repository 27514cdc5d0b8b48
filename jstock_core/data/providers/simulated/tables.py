"""The simulated market as arrow tables with the columns of `jstock_core.data.providers.protocol`.

Days are `date32`, prices, volumes and flows float64, statements text but for DiscDate. Rows are in order of
their first date column. Beside each table stand the minutes (JST) at which its rows became public.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jstock_core.base.clock import JST
from jstock_core.data.providers.simulated.companies import MARKETS, companies
from jstock_core.data.providers.simulated.deliveries import as_delivered, recoded
from jstock_core.data.providers.simulated.dividends import NOTICE, dividend_notices
from jstock_core.data.providers.simulated.events import EventKind, events_of_kind, ex_right_of
from jstock_core.data.providers.simulated.flows import SECTIONS, weekly_flows
from jstock_core.data.providers.simulated.index import topix
from jstock_core.data.providers.simulated.prices import EPOCH, history
from jstock_core.data.providers.simulated.statements import COLUMNS, disclosures
from jstock_core.market.calendar import tse
from jstock_core.market.codes import to_jquants
from jstock_core.market.names import INVESTORS
from jstock_core.market.publication import publication_times

Dates = NDArray[np.datetime64]
Minutes = NDArray[np.datetime64]


@dataclass(frozen=True, eq=False)
class DatedTable:
    """A table, the day of each row, and the minute at which each row became public."""

    table: pa.Table
    days: Dates
    public: Minutes


def master(today: date) -> pa.Table:
    """One row a security and code of it up to a day, those listed later and those delisted included."""
    new_codes, last_days = recoded(today), _announced_delistings(today)
    renamed = [
        replace(company, listing=replace(company.listing, code=new_codes[company.code]))
        for company in companies()
        if company.code in new_codes
    ]
    listings = [company.listing for company in (*companies(), *renamed)]
    markets = [company.market for company in (*companies(), *renamed)]
    return pa.table(
        {
            "Code": pa.array([to_jquants(x.code) for x in listings]),
            "CoName": pa.array([x.name for x in listings]),
            "S33Nm": pa.array([x.sector for x in listings]),
            "ScaleCat": pa.array([x.scale for x in listings]),
            "Mkt": pa.array(markets),
            "MktNm": pa.array([MARKETS[market] for market in markets]),
            "ProdCat": pa.array(["011" if x.kind == "stock" else "014" for x in listings]),
            "Unit": pa.array([x.unit for x in listings], pa.int64()),
            "LastDay": pa.array([last_days.get(x.code) for x in listings], pa.date32()),
        }
    )


def _announced_delistings(today: date) -> dict[str, date]:
    """The last session of the stocks whose delisting is announced by a day."""
    delistings = events_of_kind(EventKind.DELISTING)
    return {e.code: e.last for e in delistings if e.announced is not None and e.announced <= today}


def bars(seed: int, last: date) -> DatedTable:
    """A row for each listed security and session; nulls where it did not trade."""
    h = history(seed, last)
    row, column = np.nonzero(h.listed)
    idle = ~h.traded[row, column]
    codes = pa.array([to_jquants(company.code) for company in companies()])
    turnover = (h.open + h.high + h.low + h.close) * h.volume // 40  # at the middle of the bar, in yen
    fields = {"O": h.open, "H": h.high, "L": h.low, "C": h.close}
    return _dated_table(
        "bars",
        h.sessions[row],
        "Date",
        {
            "Code": pa.DictionaryArray.from_arrays(pa.array(column, pa.int32()), codes).cast(pa.string()),
            **{name: _yen(field[row, column], idle) for name, field in fields.items()},
            "Vo": pa.array(h.volume[row, column].astype(np.float64), mask=idle),
            "Va": pa.array(turnover[row, column].astype(np.float64), mask=idle),
            "AdjFactor": pa.array(h.adj_factor[row, column]),
            "ExRT": _kinds(h.ex_right[row, column]),
        },
    )


def index(seed: int, last: date) -> DatedTable:
    """TOPIX, a row a session."""
    h = history(seed, last)
    level = topix(seed, h)
    fields = {"O": level.open, "H": level.high, "L": level.low, "C": level.close}
    return _dated_table(
        "topix", h.sessions, "Date", {name: pa.array(field) for name, field in fields.items()}
    )


def flows(seed: int, last: date) -> DatedTable:
    """A row a week and section."""
    h = history(seed, last)
    weekly = weekly_flows(seed, h.sessions, h.factor)
    sections = len(SECTIONS)
    columns: dict[str, pa.Array] = {
        "StDate": _days(np.repeat(weekly.start, sections)),
        "EnDate": _days(np.repeat(weekly.end, sections)),
        "Section": pa.array(SECTIONS * len(weekly.end)),
    }
    for who in INVESTORS:
        sell, buy = weekly.sells[who].ravel(), weekly.buys[who].ravel()
        for name, value in (("Sell", sell), ("Buy", buy), ("Tot", sell + buy), ("Bal", buy - sell)):
            columns[who + name] = pa.array(value.astype(np.float64))
    return _dated_table("flows", np.repeat(weekly.published, sections), "PubDate", columns)


def statements(seed: int, _last: date) -> DatedTable:
    """A row a delivery of a document; half of the documents are delivered twice."""
    documents = [d for d in disclosures(seed).documents for _ in range(1 + d.twice)]
    rows = [document.row() for document in documents]
    columns = {name: pa.array([row[name] for row in rows], pa.string()) for name in COLUMNS[1:]}
    columns["Code"] = pa.array([to_jquants(d.code) for d in documents])
    days = np.array([d.day for d in documents], dtype="datetime64[D]")
    public = np.array([f"{d.day}T{d.time[:5]}" for d in documents], dtype="datetime64[m]")
    return DatedTable(pa.table({"DiscDate": _days(days), **columns}), days, public)


def earnings(seed: int, _last: date) -> DatedTable:
    """A row an announcement of an earnings date."""
    rows = disclosures(seed).announcements
    scheduled = np.array([a.scheduled for a in rows], dtype="datetime64[D]")
    columns = {
        "SchDate": _days(scheduled),
        "Code": pa.array([to_jquants(a.code) for a in rows]),
        "FQName": pa.array([a.quarter.kind for a in rows]),
        "FYE": pa.array([a.quarter.year_end.isoformat() for a in rows]),
    }
    return _dated_table(
        "earnings", np.array([a.published for a in rows], dtype="datetime64[D]"), "PubDate", columns
    )


def actions(_seed: int, _last: date) -> DatedTable:
    """A row an announced split or rights issue; those that surprise are not in it."""
    events = events_of_kind(EventKind.SPLIT, EventKind.RIGHTS)
    known = sorted(((e.announced, e) for e in events if e.announced), key=lambda each: each[0])
    return _dated_table(
        "actions",
        np.array([day for day, _ in known], dtype="datetime64[D]"),
        "PubDate",
        {
            "Code": pa.array([to_jquants(e.code) for _, e in known]),
            "ExDate": _days(np.array([e.first for _, e in known], dtype="datetime64[D]")),
            "AdjFactor": pa.array([e.adj_factor for _, e in known]),
            "ExRT": _kinds(np.array([ex_right_of(e) for _, e in known])),
        },
    )


def dividends(_seed: int, _last: date) -> DatedTable:
    """A row a notice of a dividend."""
    rows = dividend_notices()
    columns = {name: pa.array([getattr(row, field) for row in rows], pa.string()) for name, field in NOTICE}
    columns["Code"] = pa.array([to_jquants(row.code) for row in rows])
    days = np.array([row.published for row in rows], dtype="datetime64[D]")
    public = np.array([f"{row.published}T{row.time}" for row in rows], dtype="datetime64[m]")
    return DatedTable(pa.table({"PubDate": _days(days), **columns}), days, public)


# By data set: its rows from the start to at least session `last`
TABLES: Mapping[str, Callable[[int, date], DatedTable]] = {
    "bars": bars,
    "topix": index,
    "flows": flows,
    "statements": statements,
    "earnings": earnings,
    "actions": actions,
    "dividends": dividends,
}


def fetch_rows(dataset: str, seed: int, after: date | None, now: datetime) -> pa.Table:
    """Rows of a data set as `Provider.fetch` gives them.

    Raises:
        UsageError: `now` lies beyond the calendar.

    """
    last = _horizon(now)
    if dataset == "master":
        return master(now.astimezone(JST).date())
    return as_delivered(dataset, _between(_whole(dataset, seed, last), after, now), now)


def _horizon(now: datetime) -> date:
    """The end of the year of `now`: rows are generated a year at a time, and not shown before `now`."""
    tse().last_closed(now)  # refuses a day that the calendar does not know
    year = now.astimezone(JST).year
    return max(EPOCH, min(date(year, 12, 31), tse().last))


@lru_cache(maxsize=16)
def _whole(dataset: str, seed: int, last: date) -> DatedTable:
    return TABLES[dataset](seed, last)


def _between(whole: DatedTable, after: date | None, now: datetime) -> pa.Table:
    minute = np.datetime64(now.astimezone(JST).replace(tzinfo=None), "m")
    start = 0 if after is None else int(np.searchsorted(whole.days, np.datetime64(after, "D"), side="right"))
    # public times rise with the rows
    stop = int(np.searchsorted(whole.public, minute, side="right"))
    return whole.table.slice(start, max(stop - start, 0))


def _dated_table(dataset: str, days: Dates, name: str, columns: Mapping[str, pa.Array]) -> DatedTable:
    return DatedTable(pa.table({name: _days(days), **columns}), days, publication_times(dataset, days))


def _days(days: Dates) -> pa.Array:
    return pa.array(days.astype("datetime64[D]"), pa.date32())


def _kinds(ex_right: NDArray[np.int8]) -> pa.Array:
    return pa.array(ex_right.astype(np.float64), mask=ex_right == 0)


def _yen(tenths: NDArray[np.int64], idle: NDArray[np.bool_]) -> pa.Array:
    return pa.array(tenths / 10.0, mask=idle)
