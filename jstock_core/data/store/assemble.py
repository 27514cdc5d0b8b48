"""Stored tables to the panel's arrays: everything that needs pyarrow, in one flat mapping of NumPy arrays.

The mapping holds no objects, so it can be kept in an `.npz` (see `cache.py`); `load.py` makes the panel
from it, whichever way it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jstock_core.base.errors import DataError
from jstock_core.data.store.contents import StoreContents
from jstock_core.data.store.rows.versions import repeats
from jstock_core.data.tables.columns import days, known_at, numbers, texts
from jstock_core.data.tables.normalise import on_sessions
from jstock_core.data.tables.schema import DATA_SETS
from jstock_core.market.calendar import tse
from jstock_core.market.codes import from_jquants
from jstock_core.market.names import FIGURES, INVESTORS

if TYPE_CHECKING:
    import pyarrow as pa

Array = NDArray[Any]
Arrays = Mapping[str, Array]

BAR_FIELDS = ("O", "H", "L", "C", "Vo", "AdjFactor")  # first axis of "bars"
MILLION = 1e6
MASTER_TEXTS = ("CoName", "S33Nm", "ScaleCat", "Mkt", "ProdCat")


def assemble(contents: StoreContents) -> Arrays:
    """All arrays of a panel, by name.

    Raises:
        DataError: there are no bars, a master has none of their stocks, or there is a bar on a day that is no
            session.

    """
    where = contents.root
    bars, topix = (
        on_sessions(table, where=str(where))
        for table in (_require_table(contents, "bars"), contents.table("topix"))
    )
    lists = contents.table("master")
    master = _newest_rows(lists) if len(lists) else _unnamed(bars)
    codes = texts(master, "Code")
    bars, left_out = _with_listing(bars, codes, where)
    sessions = _sessions(bars, topix)
    return {
        "sessions": sessions,
        **_listed(master),
        "left_out": _short(left_out),
        **_lists(lists),
        **_grid(bars, sessions, codes),
        "topix": _series(topix, sessions, "C"),
        **_with_dividends(topix, sessions),
        **_flows(contents.table("flows")),
        **_statements(contents.table("statements")),
        **_announcements(contents.table("earnings")),
        **_actions(contents.table("actions")),
        **_dividends(contents.table("dividends")),
    }


def _require_table(contents: StoreContents, dataset: str) -> pa.Table:
    table = contents.table(dataset)
    if not len(table):
        raise DataError(
            f"no market data are stored: {dataset} is missing",
            where=str(contents.root),
            do="fetch market data, or import a folder of it with `jstock data import`",
        )
    return table


def _unnamed(bars: pa.Table) -> pa.Table:
    """The stocks that have bars, as a master that knows nothing but their codes."""
    import pyarrow as pa

    form, codes = DATA_SETS["master"], pa.array(sorted(bars.column("Code").unique().to_pylist()), pa.string())
    columns = [codes if name == "Code" else form.absent(name, len(codes)) for name in form.arrow.names]
    return pa.table(columns, schema=form.arrow)


def _listed(master: pa.Table) -> Arrays:
    return {
        "codes": _short(texts(master, "Code")),
        "units": numbers(master, "Unit"),
        "listed": numbers(master, "Listed") != 0,  # NaN where an earlier version stored it
        "last_days": days(master, "LastDay"),
        **{name: texts(master, name) for name in MASTER_TEXTS},
    }


def _lists(lists: pa.Table) -> Arrays:
    """Every row of stocks that have several, oldest first."""
    import pyarrow as pa

    again = repeats(lists, ["Code"]) if len(lists) else np.zeros(0, dtype=bool)
    several = again | np.append(again[1:], False)[: len(again)]
    rows = lists.filter(pa.array(several))
    listed = {f"lists.{name}": array for name, array in _listed(rows).items()}
    return {"lists.since": days(rows, "From"), **listed}


def _newest_rows(master: pa.Table) -> pa.Table:
    """Of each code the row that holds last."""
    import pyarrow as pa

    last = np.ones(len(master), dtype=bool)
    last[:-1] = ~repeats(master, ["Code"])[1:]
    return master.filter(pa.array(last))


def _sessions(bars: pa.Table, topix: pa.Table) -> Array:
    """Every session from the first bar to the newest bar or benchmark."""
    on = days(bars, "Date")
    last = np.max(np.concatenate([on, days(topix, "Date")]))
    known = tse().days
    sessions: Array = known[(known >= np.min(on)) & (known <= last)]
    return sessions


def _with_listing(bars: pa.Table, codes: Array, where: Path) -> tuple[pa.Table, Array]:
    """The bars of stocks that master has, and the codes of the others: their bars wait for a row there."""
    import pyarrow as pa

    coded = bars.column("Code").combine_chunks().dictionary_encode()
    present = np.array(coded.dictionary.to_pylist(), dtype=np.str_)
    unknown = ~np.isin(present, codes)
    if unknown.all():
        raise DataError(
            f"{_short(present)[0]} has bars but no row in master, and neither has any other stock",
            where=str(where),
            do="add a row for each (name, sector, TOPIX class, market, product) to the master file and "
            "import it",
        )
    if not unknown.any():
        return bars, present[:0]
    return bars.filter(pa.array(~unknown[coded.indices.to_numpy()])), np.sort(present[unknown])


def _grid(bars: pa.Table, sessions: Array, codes: Array) -> Arrays:
    """`bars`, (6, S, N) as traded: NaN where there is none, adjustment factor 1.0 where none is given.

    Beside them (S, N): `ex_right`, 0 where ExRT is not delivered, `has_row`, and `market_cap` in yen where
    any is delivered.
    """
    coded = bars.column("Code").combine_chunks().dictionary_encode()
    present = np.array(coded.dictionary.to_pylist(), dtype=np.str_)
    at = (
        np.searchsorted(sessions, days(bars, "Date")),
        np.searchsorted(codes, present)[coded.indices.to_numpy()],
    )
    shape = len(sessions), len(codes)
    grid = np.full((len(BAR_FIELDS), *shape), np.nan)
    for k, name in enumerate(BAR_FIELDS):
        grid[k][at] = numbers(bars, name)
    prices, volume, factor = grid[:4], grid[4], grid[5]
    volume[np.isnan(prices).all(axis=0)] = np.nan  # some vendors write 0 where nothing was traded
    factor[np.isnan(factor)] = 1.0
    ex_right, has_row = np.zeros(shape, dtype=np.int8), np.zeros(shape, dtype=bool)
    ex_right[at], has_row[at] = _kinds(bars), True
    return {"bars": grid, "ex_right": ex_right, "has_row": has_row, **_market_cap(bars, at, shape)}


def _market_cap(bars: pa.Table, at: tuple[Array, Array], shape: tuple[int, int]) -> Arrays:
    """(S, N): MktCap, which is in million yen, in yen; nothing where the source delivers none."""
    delivered = numbers(bars, "MktCap")
    if np.isnan(delivered).all():
        return {}
    grid = np.full(shape, np.nan)
    grid[at] = np.where(delivered > 0, delivered * MILLION, np.nan)
    return {"market_cap": grid}


def _with_dividends(topix: pa.Table, sessions: Array) -> Arrays:
    """(S,): TOPIX with dividends; nothing where the source delivers none."""
    if np.isnan(numbers(topix, "TR")).all():
        return {}
    return {"topix_total": _series(topix, sessions, "TR")}


def _series(topix: pa.Table, sessions: Array, column: str) -> Array:
    on = days(topix, "Date")
    inside = (on >= sessions[0]) & (on <= sessions[-1])
    series = np.full(len(sessions), np.nan)
    series[np.searchsorted(sessions, on[inside])] = numbers(topix, column)[inside]
    return series


def _flows(table: pa.Table) -> Arrays:
    """Publications in order of time; `balance` and `total` are (investors, W)."""
    return {
        "flows.known_at": known_at("flows", table),
        "flows.published": days(table, "PubDate"),
        "flows.week_end": days(table, "EnDate"),
        "flows.section": texts(table, "Section"),
        "flows.balance": np.stack([numbers(table, f"{who}Bal") for who in INVESTORS]),
        "flows.total": np.stack([numbers(table, f"{who}Tot") for who in INVESTORS]),
    }


def _statements(table: pa.Table) -> Arrays:
    """Documents in order of (known_at, number); `figures` is (figures, R), NaN where not given."""
    unsorted = {
        "statements.known_at": known_at("statements", table),
        "statements.code": _short(texts(table, "Code")),
        "statements.number": texts(table, "DiscNo"),
        "statements.doc_type": texts(table, "DocType"),
        "statements.period": texts(table, "CurPerType"),
        "statements.period_end": days(table, "CurPerEn"),
        "statements.year_end": days(table, "CurFYEn"),
        "statements.figures": np.stack([_figures(table, name) for name in FIGURES]),
    }
    order = np.lexsort((unsorted["statements.number"], unsorted["statements.known_at"]))
    return {name: array[..., order] for name, array in unsorted.items()}


def _figures(table: pa.Table, name: str) -> Array:
    given = np.char.strip(texts(table, name))
    return np.where(given == "", "nan", given).astype(np.float64)


def _announcements(table: pa.Table) -> Arrays:
    return {
        "announcements.known_at": known_at("earnings", table),
        "announcements.code": _short(texts(table, "Code")),
        "announcements.day": days(table, "SchDate"),
        "announcements.period": _periods(table),
    }


def _periods(table: pa.Table) -> Array:
    """The fiscal period of each announcement, "" where its quarter is not delivered."""
    quarter, year = texts(table, "FQName"), texts(table, "FYE")
    return np.where(quarter == "", "", np.char.strip(np.char.add(np.char.add(year, " "), quarter)))


def _actions(table: pa.Table) -> Arrays:
    return {
        "actions.known_at": known_at("actions", table),
        "actions.code": _short(texts(table, "Code")),
        "actions.ex_date": days(table, "ExDate"),
        "actions.adj_factor": numbers(table, "AdjFactor"),
        "actions.ex_right": _kinds(table),
    }


_OF_CAPITAL = ("DistAmt", "DeemDiv", "DeemCapGains")
"""Figures of a payment out of capital: only in part a dividend, or not at all."""


def _dividends(table: pa.Table) -> Arrays:
    """Notices in order of (known_at, number)."""
    number, amends = texts(table, "RefNo"), texts(table, "CARefNo")
    of_capital = np.zeros(len(table), dtype=bool)
    for name in _OF_CAPITAL:
        of_capital |= np.nan_to_num(_figures(table, name)) != 0
    unsorted = {
        "dividends.known_at": known_at("dividends", table),
        "dividends.code": _short(texts(table, "Code")),
        "dividends.number": number,
        "dividends.amends": np.where(amends == "", number, amends),
        "dividends.is_deleted": texts(table, "StatCode") == "3",
        "dividends.is_decided": texts(table, "FRCode") != "2",
        "dividends.is_plain": ~of_capital,
        "dividends.rate": _figures(table, "DivRate"),
        "dividends.ex_date": days(table, "ExDate"),
        "dividends.pay_date": days(table, "PayDate"),
    }
    order = np.lexsort((unsorted["dividends.number"], unsorted["dividends.known_at"]))
    return {name: array[order] for name, array in unsorted.items()}


def _kinds(table: pa.Table) -> Array:
    """ExRT of each row; 0 where it is not delivered."""
    return np.nan_to_num(numbers(table, "ExRT")).astype(np.int8)


def _short(codes: Array) -> Array:
    """Five characters to four, as codes are written inside jstock."""
    return np.array([from_jquants(str(code)) for code in codes], dtype=np.str_)
