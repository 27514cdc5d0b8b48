"""The columns of J-Quants that jstock's data sets do not have, made up in their form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

HALVES = {"MO": "O", "MH": "H", "ML": "L", "MC": "C", "AO": "C", "AH": "C", "AL": "C", "AC": "C"}
"""Prices of the two halves of a session, which only Premium has, and what they are made of."""

_LETTERS = "ACDFGHJKLMNPRSTUWXY"


def full_bars(bars: pa.Table) -> pa.Table:
    """Bars with flags, and adjusted prices as the vendor makes them: backwards, by all later factors."""
    import pyarrow as pa
    import pyarrow.compute as pc

    factor = bars.column("AdjFactor").to_numpy()
    later = _later_factors(bars.column("Code").to_pylist(), factor)
    closes = bars.column("C")
    flags = pa.array(["0"] * len(bars))
    table = bars
    for name in ("UL", "LL"):
        table = table.append_column(name, flags)
    for name in ("O", "H", "L", "C"):
        adjusted = pc.round(pc.multiply(bars.column(name), pa.array(later)), 1)
        table = table.append_column(f"Adj{name}", adjusted)
    table = table.append_column("AdjVo", pc.round(pc.divide(bars.column("Vo"), pa.array(later)), 1))
    kind = np.where(factor < 1, "1", np.where(factor > 1, "2", ""))
    table = table.drop_columns([name for name in ("ExRT", "MktCap") if name in table.column_names])
    table = table.append_column("ExRT", pa.array([text or None for text in kind.tolist()], pa.string()))
    table = table.append_column("MktCap", pc.round(pc.multiply(closes, 10.0), 0))
    for name, source in HALVES.items():
        table = table.append_column(name, bars.column(source))
    return table


def _later_factors(codes: list[str], factor: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[float]:
    """For each row, the product of the factors of its stock on later days."""
    product: dict[str, float] = {}
    found = [1.0] * len(codes)
    for row in range(len(codes) - 1, -1, -1):
        found[row] = product.get(codes[row], 1.0)
        if factor[row] != 1:
            product[codes[row]] = found[row] * float(factor[row])
    return found


def full_master(master: pa.Table) -> pa.Table:
    """The list of stocks with all columns but Date, which is that of the question; no trading unit."""
    import pyarrow as pa

    for name in ("Unit", "Listed", "Date"):
        if name in master.column_names:
            master = master.drop_columns([name])
    made = {"CoNameEn": "Company", "S17": "6", "S17Nm": "x", "S33": "0050", "Mrgn": "2", "MrgnNm": "貸借"}
    for name, value in made.items():
        if name not in master.column_names:
            master = master.append_column(name, pa.array([value] * len(master)))
    return master


def named(earnings: pa.Table, master: pa.Table) -> pa.Table:
    """Earnings dates with the names of the companies."""
    import pyarrow as pa

    pairs = zip(master.column("Code").to_pylist(), master.column("CoName").to_pylist(), strict=True)
    names = dict(pairs)
    codes = earnings.column("Code").to_pylist()
    table = earnings.append_column("CoName", pa.array([names.get(code, "") for code in codes]))
    return table.append_column("CoNameEn", pa.array(["Company"] * len(codes)))


def full_dividends(bars: pa.Table) -> pa.Table:
    """One announcement a stock and half-year, on the first day of March and September that has bars."""
    import pyarrow as pa

    days = bars.column("Date").unique().to_pylist()
    firsts = {day[:7]: day for day in reversed(days) if day[5:7] in ("03", "09")}
    codes = bars.column("Code").unique().to_pylist()
    rows = [
        {
            "PubDate": day, "PubTime": "15:00", "Code": code, "RefNo": f"{day.replace('-', '')}{code}",
            "StatCode": "1", "BoardDate": day, "IFCode": "2", "FRCode": "2", "DivRate": 20.0,
            "RecDate": f"{month}-30", "ExDate": f"{month}-28", "PayDate": "-",
        }
        for month, day in sorted(firsts.items())
        for code in codes
    ]  # fmt: skip
    return pa.Table.from_pylist(rows) if rows else pa.table({"PubDate": pa.array([], pa.string())})


def full_indices(topix: pa.Table) -> pa.Table:
    """Two indices, moving as TOPIX does."""
    import pyarrow as pa

    if not topix.column_names:
        return pa.table({"Date": pa.array([], pa.string())})
    each = [topix.append_column("Code", pa.array([code] * len(topix))) for code in ("0000", "0028")]
    return pa.concat_tables(each).sort_by("Date").combine_chunks()


def copy_codes(table: pa.Table, copies: int) -> pa.Table:
    """The rows, and further copies of them under codes that no row has."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if copies == 1 or not len(table):
        return table
    own = _stock_codes(table)
    parts = [table]
    for copy in range(1, copies):
        other = pa.array([_other_code(code, copy) for code in own])
        place = pc.index_in(table.column("Code"), pa.array(own))
        codes = pc.take(other, place)
        parts.append(table.set_column(table.column_names.index("Code"), "Code", codes))
    return pa.concat_tables(parts)


def _stock_codes(table: pa.Table) -> list[str]:
    found: list[str] = table.column("Code").unique().to_pylist()
    return found


_TAKEN: dict[tuple[str, int], str] = {}


def _other_code(code: str, copy: int) -> str:
    """The code of a copy: the same for the same stock in every table."""
    if (code, copy) not in _TAKEN:
        number, last = divmod(len(_TAKEN), 10)
        number, third = divmod(number, 10)
        first, letter = divmod(number, len(_LETTERS))
        _TAKEN[code, copy] = f"{first + 1}{_LETTERS[letter]}{third}{last}0"
    return _TAKEN[code, copy]
