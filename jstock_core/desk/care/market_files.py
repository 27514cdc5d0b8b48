"""Market data as files that `jstock data import` reads: exported from the store, or an example."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from jstock_core.base.durable import make_private_folder, os_reason, write_atomically
from jstock_core.base.errors import UsageError, WriteError
from jstock_core.base.params import did_you_mean
from jstock_core.base.progress import Say, silent
from jstock_core.data.providers.files import NAMES
from jstock_core.data.providers.protocol import DATASETS, Provider
from jstock_core.data.providers.simulated.provider import Simulated
from jstock_core.data.tables.schema import DATA_SETS
from jstock_core.desk.workspace.dates import parse_date, require_order
from jstock_core.desk.workspace.desk import Desk
from jstock_core.market.calendar import decision_time, tse
from jstock_core.market.codes import parse_code, to_jquants

if TYPE_CHECKING:
    import pyarrow as pa

Form = Literal["csv", "parquet"]
FORMS: tuple[Form, ...] = ("csv", "parquet")
SAMPLE_LAST = date(2026, 1, 20)
SAMPLE_SESSIONS = 60
SAMPLE_STOCKS = 3
_README = """Example files for `jstock data import`, in the shape of J-Quants V2. The numbers are made up:
they are of the simulated market, {sessions} sessions of {stocks} stocks up to {last}. Only bars_daily is
required. One row a session and stock, prices as traded (not adjusted); a session without a trade is
a row without figures. Try them in a workspace that is only for that:

    jstock init DIR --provider files
    jstock data import {folder} --workspace DIR
"""


@dataclass(frozen=True)
class MarketExport:
    """Files written: the rows of each, by its path."""

    folder: Path
    rows: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"folder": str(self.folder), "rows": dict(self.rows)}


@dataclass(frozen=True)
class Selection:
    """What is exported: data sets, codes of five characters (none for all), and days, None without end."""

    datasets: tuple[str, ...]
    codes: frozenset[str] = frozenset()
    first: date | None = None
    last: date | None = None

    @classmethod
    def of(cls, datasets: Sequence[str], codes: Sequence[str], first: str, last: str) -> Selection:
        """Read what a person asked for; nothing named is everything.

        Raises:
            UsageError: no such data set, a malformed code or date, or the first day lies after the last.

        """
        for name in datasets:
            if name not in DATASETS:
                raise UsageError(f'"{name}" is not a data set{did_you_mean(name, DATASETS)}')
        days = (parse_date(first) if first else None, parse_date(last) if last else None)
        if days[0] and days[1]:
            require_order(days[0], days[1])
        wanted = frozenset(to_jquants(parse_code(code)) for code in codes)
        return cls(tuple(datasets) or DATASETS, wanted, *days)

    def take(self, dataset: str, table: pa.Table) -> pa.Table:
        """The rows of a data set that are wanted; a data set without codes or days is taken as a whole."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if self.codes and "Code" in table.column_names:
            table = table.filter(pc.is_in(table.column("Code"), pa.array(sorted(self.codes))))
        dated_by = DATA_SETS[dataset].dated_by
        if dated_by and self.first:
            table = table.filter(pc.greater_equal(table.column(dated_by), pa.scalar(self.first)))
        if dated_by and self.last:
            table = table.filter(pc.less_equal(table.column(dated_by), pa.scalar(self.last)))
        return table


def export_market(
    desk: Desk, folder: str, wanted: Selection, form: str = "csv", say: Say = silent
) -> MarketExport:
    """Write stored data sets into a folder, a file each, as they are imported; empty ones are left out.

    Raises:
        UsageError: no such form, or a code of which nothing is stored. DataError: the store is damaged.
        WriteError: the folder cannot be written.

    """
    if form not in FORMS:
        raise UsageError(f'"{form}" is no form of file', do=f"give one of {', '.join(FORMS)}")
    contents = desk.store.read()
    tables = {name: contents.table(name) for name in wanted.datasets}
    _require_codes(wanted.codes, tables.values())
    taken = ((name, wanted.take(name, table)) for name, table in tables.items())
    return _write(Path(folder).expanduser(), {name: t for name, t in taken if len(t)}, form, say)


def _require_codes(codes: frozenset[str], tables: Collection[pa.Table]) -> None:
    """Make sure that something is stored of every code.

    Raises:
        UsageError: nothing is.

    """
    having = [table for table in tables if "Code" in table.column_names]
    stored = {code for table in having for code in table.column("Code").unique().to_pylist()}
    unknown = sorted(codes - stored)
    if unknown and having:
        named = ", ".join(code.removesuffix("0") for code in unknown[:5])
        raise UsageError(f"nothing is stored of {named}", do="see `jstock data status`")


def write_sample(folder: str, say: Say = silent) -> MarketExport:
    """Write a small example of every kind of file into a new folder, of the simulated market.

    Raises:
        UsageError: the folder holds something already. WriteError: it cannot be written.

    """
    place = Path(folder).expanduser()
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise UsageError(f"{folder} holds something already", do="name a new folder")
    made = _write(place, dict(_sample_tables(Simulated())), "csv", say)
    text = _README.format(sessions=SAMPLE_SESSIONS, stocks=SAMPLE_STOCKS, last=SAMPLE_LAST, folder=folder)
    _put(place / "README.txt", text.encode())
    return made


def _sample_tables(provider: Provider) -> Iterator[tuple[str, pa.Table]]:
    first, now = tse().back(SAMPLE_LAST, SAMPLE_SESSIONS - 1), decision_time(tse().next(SAMPLE_LAST))
    codes = sorted(provider.fetch("master", None, now).column("Code").to_pylist())[:SAMPLE_STOCKS]
    wanted = Selection(DATASETS, frozenset(codes), first, SAMPLE_LAST)
    for name in DATASETS:
        yield name, wanted.take(name, provider.fetch(name, None, now))


def _write(folder: Path, tables: Mapping[str, pa.Table], form: str, say: Say) -> MarketExport:
    rows = {}
    for name, table in tables.items():
        path = folder / f"{NAMES[name]}.{form}"
        say(f"write {path.name}")
        _put(path, _content(table, form))
        rows[path.name] = len(table)
    return MarketExport(folder, rows)


def _put(path: Path, content: bytes) -> None:
    try:
        make_private_folder(path.parent)
        write_atomically(path, content)
    except OSError as error:
        raise WriteError(
            f"{path.name} cannot be written: {os_reason(error, path)}", where=str(path.parent)
        ) from error


def _content(table: pa.Table, form: str) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyarrow import csv

    sink = pa.BufferOutputStream()
    if form == "csv":
        csv.write_csv(table, sink, csv.WriteOptions(quoting_style="needed"))
    else:
        pq.write_table(table, sink, compression="zstd")
    content: bytes = sink.getvalue().to_pybytes()
    return content
