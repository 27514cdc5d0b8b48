"""Market data from a folder of files in the shape of J-Quants V2, as a provider.

Each data set is one file, `<name>.parquet`, `<name>.csv` or `<name>.csv.gz`, with J-Quants' column names.
Only the bars are required: what else is missing is unknown, and neutral in every score.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from jstock_core.base.clock import JST
from jstock_core.base.errors import DataError, UsageError
from jstock_core.base.params import declare
from jstock_core.data.providers.protocol import Capabilities
from jstock_core.data.tables.columns import days, known_at
from jstock_core.data.tables.normalise import normalise
from jstock_core.data.tables.schema import DATA_SETS

if TYPE_CHECKING:
    import pyarrow as pa

NAME = "files"
NAMES = {
    "master": "master",
    "bars": "bars_daily",
    "topix": "topix",
    "flows": "investor_types",
    "statements": "fins_summary",
    "earnings": "earnings_date",
    "actions": "actions",
    "dividends": "fins_dividend",
}
REQUIRED = ("bars",)
FORMS = (".parquet", ".csv", ".csv.gz")


@declare
class ImportedFiles:
    """The provider of a desk whose rows come by `jstock data import`. It has no settings."""

    capabilities: ClassVar[Capabilities] = Capabilities(live=True, fetches=False)

    @property
    def id(self) -> str:
        """All folders are one provider: later exports of the same data add to earlier ones."""
        return NAME

    def fetch(self, dataset: str, _after: date | None, _now: datetime) -> pa.Table:
        """Refuse: imported files are not fetched.

        Raises:
            UsageError: always.

        """
        raise UsageError(f"{dataset} cannot be fetched", do="import it with `jstock data import FOLDER`")


@dataclass(frozen=True)
class Files:
    """A folder of files. Its universe is the stocks it has bars of, whatever else master lists."""

    folder: Path
    capabilities: ClassVar[Capabilities] = ImportedFiles.capabilities

    @property
    def id(self) -> str:
        """The id of the desk that the files are imported into."""
        return NAME

    def fetch(self, dataset: str, after: date | None, now: datetime) -> pa.Table:
        """As `Provider.fetch`.

        Raises:
            DataError: a file is missing, there in two forms, unreadable, or lacks a column.

        """
        table = self._table(dataset)
        dated_by = DATA_SETS[dataset].dated_by
        if dated_by is None:
            return self._with_bars(table)
        keep = known_at(dataset, table) <= np.datetime64(now.astimezone(JST).replace(tzinfo=None), "m")
        if after is not None:
            keep &= days(table, dated_by) > np.datetime64(after, "D")
        return _rows(table, keep)

    def _table(self, dataset: str) -> pa.Table:
        path = self._path(dataset)
        if path is None:
            return DATA_SETS[dataset].empty()
        raw = _newest(_read(path)) if dataset == "master" else _read(path)
        return normalise(dataset, raw, where=str(path))

    def _path(self, dataset: str) -> Path | None:
        """The file of a data set; None for an optional one that is not there."""
        candidates = [self.folder / (NAMES[dataset] + form) for form in FORMS]
        found = [path for path in candidates if path.is_file()]
        if len(found) > 1:
            raise DataError(
                f"{NAMES[dataset]} is there in {len(found)} forms: {', '.join(path.name for path in found)}",
                where=str(self.folder),
                do="keep one of them",
            )
        if not found and dataset in REQUIRED:
            raise DataError(
                f"{NAMES[dataset]} is missing ({', '.join(path.name for path in candidates)})",
                where=str(self.folder),
                do="export it from J-Quants into the folder",
            )
        return found[0] if found else None

    def _with_bars(self, master: pa.Table) -> pa.Table:
        bars = set(self._table("bars").column("Code").unique().to_pylist())
        return _rows(
            master, np.array([code in bars for code in master.column("Code").to_pylist()], dtype=bool)
        )


def _read(path: Path) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        if path.suffix == ".parquet":
            return pq.ParquetFile(path).read(use_threads=False)
        return _read_csv(path)
    except (pa.ArrowException, OSError) as error:
        raise DataError(
            f"{path.name} is unreadable: {error}",
            where=str(path),
            do="export it again (parquet, or CSV in UTF-8)",
        ) from None


def _read_csv(path: Path) -> pa.Table:
    """Read every column as text: codes keep their zeros, and `normalise` converts the numbers."""
    import pyarrow as pa
    from pyarrow import csv

    options = csv.ReadOptions(use_threads=False)
    with csv.open_csv(path, read_options=options) as reader:
        names = reader.schema.names
    as_text = csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
    return csv.read_csv(path, read_options=options, convert_options=as_text)


def _newest(master: pa.Table) -> pa.Table:
    """Of several dated editions, the newest row of each code."""
    if not {"Date", "Code"} <= set(master.column_names):
        return master
    order = master.sort_by([("Date", "ascending")])
    rows = {code: row for row, code in enumerate(order.column("Code").to_pylist())}
    return order.take(sorted(rows.values()))


def _rows(table: pa.Table, keep: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> pa.Table:
    import pyarrow as pa

    return table.filter(pa.array(keep))
