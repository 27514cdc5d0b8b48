"""A data set as `Provider.fetch` gives it, brought by the cheapest requests that the plan allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from jstock_core.base.clock import JST
from jstock_core.base.errors import DataError
from jstock_core.data.providers.jquants.answers import empty_table
from jstock_core.data.providers.jquants.client import JQuantsClient
from jstock_core.data.providers.jquants.endpoints import BARS, ENDPOINTS, INDICES, Endpoint
from jstock_core.data.providers.jquants.indices import with_dividends
from jstock_core.data.providers.jquants.planning import (
    Estimate,
    RequestPlan,
    changed_files,
    estimate,
    plan_requests,
    worth_listing,
)
from jstock_core.data.providers.jquants.plans import FREE, DataPlan
from jstock_core.data.providers.jquants.transport import RefusedRequestError
from jstock_core.data.providers.protocol import ChangedSpan
from jstock_core.data.tables.columns import days, known_at
from jstock_core.data.tables.normalise import normalise, on_sessions
from jstock_core.data.tables.schema import DATA_SETS
from jstock_core.market.calendar import tse

if TYPE_CHECKING:
    import pyarrow as pa

_DAY = timedelta(days=1)
AT_ONCE = ("topix", "flows")
"""Data sets that one question answers for any span of days."""

LATE = 3
"""Sessions at the end that may have no bars yet, because J-Quants is late."""


@dataclass(frozen=True)
class Wanted:
    """What a desk wants of J-Quants: a plan, days from `start` on where nothing is stored yet, and stocks.

    `codes` are five characters each, none for all; `total_return` is TOPIX with dividends, "" for none.
    """

    plan: DataPlan
    start: date
    codes: tuple[str, ...] = ()
    total_return: str = ""

    def asks_index(self, dataset: str) -> bool:
        """Whether TOPIX is asked for with dividends too, which the plan must have."""
        return dataset == "topix" and bool(self.total_return) and INDICES.of(self.plan)

    def span(self, dataset: str, after: date | None, now: datetime) -> tuple[date, date] | None:
        """The first and last day to ask for, None without any: no row is public before 16:30 of its day."""
        today = now.astimezone(JST).date()
        newest = tse().last_closed(now) if dataset in ("bars", "topix") else today
        oldest = self.start if after is None else after + _DAY
        first = max(oldest, self.plan.first_day(today))
        last = min(newest, self.plan.last_day(today))
        return (first, last) if first <= last else None

    def days(self, dataset: str, after: date | None, now: datetime) -> tuple[date, ...]:
        """The days to ask for one by one: sessions for bars, else every day, for some publish on holidays."""
        span = self.span(dataset, after, now)
        if span is None:
            return ()
        if dataset == "bars":
            return tse().between(max(span[0], tse().first), span[1])
        return tuple(span[0] + _DAY * n for n in range((span[1] - span[0]).days + 1))


def fetch_dataset(
    client: JQuantsClient, wanted: Wanted, dataset: str, after: date | None, now: datetime
) -> pa.Table:
    """Rows of a data set, public by `now`, later than `after`, with all columns; none that the plan lacks.

    Raises:
        DataError: no sound answer, or one that lacks a session in the midst of others.

    """
    endpoint = ENDPOINTS[dataset]
    if not endpoint.of(wanted.plan):
        return DATA_SETS[dataset].empty()
    if dataset == "master":
        return _only(_typed(dataset, client.list_stocks()), wanted.codes)
    span = wanted.span(dataset, after, now)
    if span is None:
        return DATA_SETS[dataset].empty()
    if dataset in AT_ONCE:
        raw = client.rows(endpoint, first=span[0].isoformat(), last=span[1].isoformat())
        index = wanted.total_return if wanted.asks_index(dataset) else ""
        found = _only(_typed(dataset, with_dividends(client, raw, index, span)), wanted.codes)
    else:
        found = _day_by_day(client, wanted, dataset, wanted.days(dataset, after, now), anew=after is None)
    return _public(dataset, found, after, now)


def estimate_fetch(wanted: Wanted, after: date | None, now: datetime) -> Estimate:
    """What a fetch of every data set takes at least, taking it that every past month has its file."""
    planned = {"master": (ENDPOINTS["master"], 1)}
    for dataset, endpoint in ENDPOINTS.items():
        span = wanted.span(dataset, after, now)
        if dataset == "master" or span is None or not endpoint.of(wanted.plan):
            continue
        days = wanted.days(dataset, after, now)
        count = (
            1 + wanted.asks_index(dataset)
            if dataset in AT_ONCE
            else _count(wanted, days, now.astimezone(JST).date())
        )
        planned[dataset] = (endpoint, count)
    return estimate(wanted.plan, planned)


def find_changes(
    client: JQuantsClient, plan: DataPlan, since: datetime, today: date
) -> tuple[ChangedSpan, ...]:
    """The months and days whose files were changed after a time; a request for each data set."""
    names = [name for name, endpoint in ENDPOINTS.items() if name != "master" and endpoint.of(plan)]
    return tuple(
        ChangedSpan(name, file.first, file.last, file.modified)
        for name in (names if plan.rank > FREE.rank else ())
        for file in changed_files(client.bulk_files(ENDPOINTS[name], plan.first_day(today), today), since)
    )


def _count(wanted: Wanted, asked: Sequence[date], today: date) -> int:
    """Requests for days, taking it that every past month has a file."""
    by_hand = min(len(wanted.codes) or len(asked), len(asked))
    if not _lists(wanted.plan, asked, today):
        return by_hand
    present = [day for day in asked if (day.year, day.month) == (today.year, today.month)]
    months = {(day.year, day.month) for day in asked} - {(today.year, today.month)}
    return min(by_hand, 1 + len(months) + len(present))


def _lists(plan: DataPlan, asked: Sequence[date], today: date) -> bool:
    return plan.rank > FREE.rank and worth_listing(asked, today)  # Free has no files


def _day_by_day(
    client: JQuantsClient, wanted: Wanted, dataset: str, asked: Sequence[date], *, anew: bool
) -> pa.Table:
    """The rows of days, by the cheapest requests. `anew`: nothing is stored, so history may begin later.

    Each answer is brought to its types before the next is asked for: text takes several times the memory.
    """
    endpoint = ENDPOINTS[dataset]
    listed = _lists(wanted.plan, asked, client.today)
    files = client.bulk_files(endpoint, asked[0], asked[-1]) if listed else ()
    plan = plan_requests(asked, files, wanted.codes, listed=listed)
    tables = [
        _typed(dataset, _only(_between(client.bulk_table(endpoint, f), endpoint, asked), wanted.codes))
        for f in plan.files
    ]
    if plan.codes:
        tables += [_typed(dataset, table) for table in _stock_by_stock(client, endpoint, plan)]
    else:
        rest = _without(tables, asked) if endpoint is BARS else plan.days
        tables += [_typed(dataset, _only(table, wanted.codes)) for table in _ask_days(client, endpoint, rest)]
    filled = [table for table in tables if len(table)] or [_typed(dataset, empty_table(endpoint))]
    whole = _joined(filled)
    if endpoint is BARS and not wanted.codes:
        _require_sessions(whole, asked, anew=anew)
    return whole


def _stock_by_stock(client: JQuantsClient, endpoint: Endpoint, plan: RequestPlan) -> list[pa.Table]:
    """The days of a plan, a stock at a time; only bars take a span, all else is cut off afterwards."""
    days = {"first": plan.days[0].isoformat(), "last": plan.days[-1].isoformat()}
    span = days if endpoint is BARS else {}
    return [_between(client.rows(endpoint, code=code, **span), endpoint, plan.days) for code in plan.codes]


def _ask_days(client: JQuantsClient, endpoint: Endpoint, asked: Sequence[date]) -> list[pa.Table]:
    """A table a day; none for days of which the server says that they lie outside of the plan's window."""
    tables: list[pa.Table] = []
    outside: date | None = None
    for day in asked:
        if outside is not None and day < outside:
            continue
        try:
            tables.append(client.rows(endpoint, date=day.isoformat()))
        except RefusedRequestError as error:
            outside = error.covers_from
            if outside is None or day >= outside:
                raise
    return tables


def _without(tables: Sequence[pa.Table], asked: Sequence[date]) -> tuple[date, ...]:
    """The sessions that no file brought: they are asked for by themselves, also where a file covers them."""
    brought = {day for table in tables for day in table.column("Date").unique().to_pylist()}
    return tuple(day for day in asked if day not in brought)


def _require_sessions(bars: pa.Table, asked: Sequence[date], *, anew: bool) -> None:
    """Make sure that no session is missing but the newest ones, which may be late.

    The first ones of a desk's first fetch may lie before the plan's window.

    Raises:
        DataError: a session has no bars, and a later one has, or too many have none.

    """
    brought = sorted(set(bars.column("Date").unique().to_pylist()))
    oldest, newest = (brought[0], brought[-1]) if brought else (date.min, date.min)
    missing = [day for day in asked if day not in brought]
    late = [day for day in missing if day > newest]
    before = [day for day in missing if anew and day < oldest]
    if len(missing) > len(late) + len(before) or len(late) > LATE:
        gap = next(day for day in missing if day not in before)
        raise DataError(
            f"J-Quants delivers no bars of {gap} ({len(missing)} of {len(asked)} sessions are missing)",
            where=f"J-Quants {BARS.path} date={gap}",
            do="run the command again later; nothing of this data set was stored",
        )


def _typed(dataset: str, raw: pa.Table) -> pa.Table:
    """The columns of the data set in their types, and after them all others as delivered."""
    import pyarrow.compute as pc

    where = f"J-Quants {ENDPOINTS[dataset].path}"
    if dataset == "earnings":  # a date that is not decided yet announces none
        raw = raw.filter(pc.not_equal(raw.column("SchDate"), ""))
    if dataset in ("bars", "topix"):
        raw = on_sessions(raw, where=where)
    table = normalise(dataset, raw, where=where)
    _require_whole_bars(dataset, table, where)
    for name in raw.column_names:
        if name not in table.column_names:
            table = table.append_column(name, raw.column(name))
    return table


_BAR = {"bars": ("O", "H", "L", "C", "Vo"), "topix": ("O", "H", "L", "C")}


def _require_whole_bars(dataset: str, table: pa.Table, where: str) -> None:
    """Make sure that a bar has all its figures or, for a stock that did not trade, none.

    Raises:
        DataError: some are missing, or an index has none.

    """
    import pyarrow.compute as pc

    nulls = [pc.is_null(table.column(name)).to_numpy() for name in _BAR.get(dataset, ())]
    if not nulls:
        return
    wrong = np.any(nulls, axis=0) & ~(np.all(nulls, axis=0) & (dataset == "bars"))
    if wrong.any():
        row = table.slice(int(np.flatnonzero(wrong)[0]), 1).to_pylist()[0]
        raise DataError(
            f"a figure is missing in the bar {' '.join(str(row.get(n, '')) for n in ('Date', 'Code'))}",
            where=where,
            do="run the command again later; nothing of this data set was stored",
        )


def _public(dataset: str, table: pa.Table, after: date | None, now: datetime) -> pa.Table:
    import pyarrow as pa

    dated_by = DATA_SETS[dataset].dated_by or ""
    keep = known_at(dataset, table) <= np.datetime64(now.astimezone(JST).replace(tzinfo=None), "m")
    if after is not None:
        keep &= days(table, dated_by) > np.datetime64(after, "D")
    return table if keep.all() else table.filter(pa.array(keep))


def _between(table: pa.Table, endpoint: Endpoint, asked: Sequence[date]) -> pa.Table:
    """The rows of the days asked for: a file brings its whole month."""
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = pa.array([day.isoformat() for day in asked])
    return table.filter(pc.is_in(table.column(endpoint.dated_by), wanted))


def _only(table: pa.Table, codes: Sequence[str]) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    return table.filter(pc.is_in(table.column("Code"), pa.array(codes))) if codes else table


def _joined(tables: Sequence[pa.Table]) -> pa.Table:
    import pyarrow as pa

    return pa.concat_tables(tables, promote_options="default")
