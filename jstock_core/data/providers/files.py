"""Market data from files, as a provider: J-Quants-shaped ones, or plain prices (see `file_formats`).

Only bars are required: what else is missing is unknown, and neutral in every score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from jstock_core.base.clock import JST
from jstock_core.base.errors import UsageError
from jstock_core.base.params import declare
from jstock_core.data.providers.file_formats.folder import NAMES, DataFile, Folder
from jstock_core.data.providers.file_formats.headings import declared_headings
from jstock_core.data.providers.file_formats.plain import Factors
from jstock_core.data.providers.protocol import Capabilities
from jstock_core.data.tables.columns import days, known_at
from jstock_core.data.tables.normalise import parse_rows
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
        _ = files.deliveries
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
    def deliveries(self) -> Mapping[str, _Delivery]:
        """The rows of every data set, as they are in the files and parsed.

        Raises:
            DataError: no file has bars, a file is there in two forms, unreadable, or lacks a column.

        """
        actions = _read("actions", self.folder)
        factors = {
            (row["Code"], row["ExDate"].isoformat()): repr(row["AdjFactor"])
            for row in actions.parsed.to_pylist()
        }
        return {dataset: _read(dataset, self.folder, factors) for dataset in DATA_SETS}

    @property
    def passed_over(self) -> Mapping[str, str]:
        """The files that were not read, and why."""
        return {each.file: each.why for each in self.folder.passed_over}

    @property
    def adjusted(self) -> tuple[str, ...]:
        """The files that say that their prices are adjusted for splits."""
        return self.folder.adjusted

    def fetch(self, dataset: str, after: date | None, now: datetime) -> pa.Table:
        """As `Provider.fetch`: the rows with every column that the files have.

        Raises:
            DataError: as `deliveries`.

        """
        import pyarrow as pa

        delivery, dated_by = self.deliveries[dataset], DATA_SETS[dataset].dated_by
        if dated_by is None:
            keep = self._have_bars(delivery.parsed)
        else:
            minute = np.datetime64(now.astimezone(JST).replace(tzinfo=None), "m")
            keep = known_at(dataset, delivery.parsed) <= minute
            if after is not None:
                keep &= days(delivery.parsed, dated_by) > np.datetime64(after, "D")
        return delivery.raw.filter(pa.array(keep))

    def _have_bars(self, master: pa.Table) -> NDArray[np.bool_]:
        bars = set(self.deliveries["bars"].parsed.column("Code").unique().to_pylist())
        return np.array([code in bars for code in master.column("Code").to_pylist()], dtype=np.bool_)


@dataclass(frozen=True, eq=False)
class _Delivery:
    """The rows of a data set as they are in files, and each of them in the stored form."""

    raw: pa.Table
    parsed: pa.Table


def _read(dataset: str, folder: Folder, factors: Factors = MappingProxyType({})) -> _Delivery:
    """The rows of all files of a data set; plain bars get the announced `factors`."""
    import pyarrow as pa

    empty = DATA_SETS[dataset].empty()
    parts = [_read_file(file, factors) for file in folder.of(dataset)] or [_Delivery(empty, empty)]
    return _Delivery(_join([part.raw for part in parts]), pa.concat_tables([part.parsed for part in parts]))


def _read_file(file: DataFile, factors: Factors) -> _Delivery:
    rows = file.read(factors)
    parsed = parse_rows(file.dataset, rows, where=str(file.table.path))
    whole = len(parsed.rows) == len(rows)
    return _Delivery(rows if whole else rows.take(parsed.rows), parsed.table)


def _join(tables: Sequence[pa.Table]) -> pa.Table:
    """Tables of different files in one, with the columns of all; as text where their types differ."""
    import pyarrow as pa

    first = tables[0].schema
    if any(not table.schema.equals(first) for table in tables):
        forms = [pa.schema([(name, pa.string()) for name in table.column_names]) for table in tables]
        tables = [table.cast(form) for table, form in zip(tables, forms, strict=True)]
    return pa.concat_tables(tables, promote_options="default")
