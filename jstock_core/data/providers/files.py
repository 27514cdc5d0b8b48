"""Market data from files, as a provider: J-Quants-shaped ones, or plain prices (see `file_formats`).

Only bars are required: what else is missing is unknown, and neutral in every score.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import Field

from jstock_core.base.clock import JST
from jstock_core.base.errors import UsageError
from jstock_core.base.params import declare
from jstock_core.data.providers.file_formats.folder import NAMES, DataFile, Folder
from jstock_core.data.providers.file_formats.headings import declared_headings
from jstock_core.data.providers.file_formats.plain import Factors
from jstock_core.data.providers.protocol import Capabilities
from jstock_core.data.tables.columns import days, known_at
from jstock_core.data.tables.normalise import normalise
from jstock_core.data.tables.schema import DATA_SETS

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["NAME", "NAMES", "Files", "ImportedFiles"]

NAME = "files"
_WHERE = "params/desk.yaml, provider"


@declare
class ImportedFiles:
    """The provider of a desk whose rows come by `jstock data import`."""

    capabilities: ClassVar[Capabilities] = Capabilities(live=True, fetches=False)

    columns: dict[str, str] = Field(
        default_factory=dict, description="headings of plain files that are not known, e.g. 引け: close"
    )

    def __post_init__(self) -> None:
        """Refuse columns that do not exist."""
        declared_headings(self.columns, where=_WHERE)

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

    def read_files(self, place: Path, code: str = "") -> Files:
        """Read a folder or a file; `code` is the stock of a file that does not say it.

        Raises:
            DataError: a file cannot be read.

        """
        files = Files(place, self.columns, code)
        _ = files.tables
        return files


@dataclass(frozen=True)
class Files:
    """A folder of files, or one file. Its universe is the stocks it has bars of, whatever else master lists.

    `columns` are headings that the desk declares, `code` the stock of a file that does not say it.
    """

    place: Path
    columns: Mapping[str, str] = field(default_factory=dict)
    code: str = ""
    capabilities: ClassVar[Capabilities] = ImportedFiles.capabilities

    @property
    def id(self) -> str:
        """The id of the desk that the files are imported into."""
        return NAME

    @cached_property
    def folder(self) -> Folder:
        """What each file is."""
        return Folder(self.place, declared_headings(self.columns, where=_WHERE), self.code)

    @cached_property
    def tables(self) -> Mapping[str, pa.Table]:
        """The rows of every data set, parsed.

        Raises:
            DataError: no file has bars, a file is there in two forms, unreadable, or lacks a column.

        """
        actions = _parsed("actions", self.folder)
        factors = {
            (row["Code"], row["ExDate"].isoformat()): repr(row["AdjFactor"]) for row in actions.to_pylist()
        }
        return {dataset: _parsed(dataset, self.folder, factors) for dataset in DATA_SETS}

    @property
    def passed_over(self) -> Mapping[str, str]:
        """The files that were not read, and why."""
        return {each.file: each.why for each in self.folder.passed_over}

    @property
    def adjusted(self) -> tuple[str, ...]:
        """The files that say that their prices are adjusted for splits."""
        return self.folder.adjusted

    def fetch(self, dataset: str, after: date | None, now: datetime) -> pa.Table:
        """As `Provider.fetch`.

        Raises:
            DataError: as `tables`.

        """
        table, dated_by = self.tables[dataset], DATA_SETS[dataset].dated_by
        if dated_by is None:
            return self._with_bars(table)
        keep = known_at(dataset, table) <= np.datetime64(now.astimezone(JST).replace(tzinfo=None), "m")
        if after is not None:
            keep &= days(table, dated_by) > np.datetime64(after, "D")
        return _rows(table, keep)

    def _with_bars(self, master: pa.Table) -> pa.Table:
        bars = set(self.tables["bars"].column("Code").unique().to_pylist())
        return _rows(
            master, np.array([code in bars for code in master.column("Code").to_pylist()], dtype=bool)
        )


def _parsed(dataset: str, folder: Folder, factors: Factors = MappingProxyType({})) -> pa.Table:
    """The rows of all files of a data set, in its stored form; plain bars get the announced `factors`."""
    import pyarrow as pa

    files = folder.of(dataset)
    if dataset == "master" and files:
        whole = pa.concat_tables([_text(file) for file in files], promote_options="default")
        return normalise(dataset, _newest(whole), where=str(files[0].table.path))
    parts = [normalise(dataset, file.read(factors), where=str(file.table.path)) for file in files]
    return pa.concat_tables(parts) if parts else DATA_SETS[dataset].empty()


def _text(file: DataFile) -> pa.Table:
    """The rows of a file, every column as text."""
    import pyarrow as pa

    rows = file.read()
    return rows.cast(pa.schema([(name, pa.string()) for name in rows.column_names]))


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
