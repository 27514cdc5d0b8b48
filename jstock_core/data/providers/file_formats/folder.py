"""What a folder of files holds: which of them is which data set, and their rows in the shape of J-Quants V2.

A file is known by its columns, whatever its name, in subfolders too. Several files of one data set are taken
together. Plain prices count only where no file has bars of J-Quants: two sources are not mixed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from jstock_core.base.errors import DataError
from jstock_core.data.providers.file_formats.headings import (
    CLOSES,
    PRICES,
    STOCKS,
    PlainColumns,
    are_plain,
    jquants_data_set,
    plain_columns,
)
from jstock_core.data.providers.file_formats.plain import (
    Factors,
    code_in_name,
    day_in_name,
    is_topix_name,
    plain_bars,
    plain_stocks,
    plain_topix,
    with_factors,
)
from jstock_core.data.providers.file_formats.tables import TableFile

if TYPE_CHECKING:
    import pyarrow as pa

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "master": "master",
        "bars": "bars_daily",
        "topix": "topix",
        "flows": "investor_types",
        "statements": "fins_summary",
        "earnings": "earnings_date",
        "actions": "actions",
        "dividends": "fins_dividend",
    }
)
"""The names of files that are meant to hold a data set: if they do not, that is an error."""
ENDINGS = (".parquet", ".csv", ".csv.gz", ".txt", ".tsv")
_MOST_FILES = 20_000


@dataclass(frozen=True)
class PassedOver:
    """A file that was not read, and why."""

    file: str
    why: str


@dataclass(frozen=True)
class DataFile:
    """A file that holds a data set; a plain one has `columns`, and a stock and day that its name may say."""

    dataset: str
    table: TableFile
    columns: PlainColumns | None = None
    code: str = ""
    day: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether its rows must be made J-Quants-shaped."""
        return self.columns is not None

    def read(self, factors: Factors = MappingProxyType({})) -> pa.Table:
        """The rows, J-Quants-shaped; `factors` are those of plain bars that have none of their own.

        Raises:
            DataError: the file is unreadable, or a date or code in it.

        """
        rows, where = self.table.read(), str(self.table.path)
        if self.columns is None:
            return rows
        if self.dataset == "bars":
            made = plain_bars(rows, self.columns, code=self.code, day=self.day, where=where)
            return made if self.columns.has("factor") else with_factors(made, factors)
        read = plain_topix if self.dataset == "topix" else plain_stocks
        return read(rows, self.columns, where=where)


@dataclass(frozen=True)
class Folder:
    """A folder of files, or one file.

    `words` are the headings of plain columns, `code` the stock of a file that does not say it, `needed` the
    columns that plain bars must have.
    """

    place: Path
    words: Mapping[str, str]
    code: str = ""
    needed: frozenset[str] = PRICES

    @cached_property
    def files(self) -> tuple[DataFile, ...]:
        """The files that are read.

        Raises:
            DataError: none has bars, one has the name of a data set and not its columns, one is there in two
                forms, or one file was asked for and its stock is not known.

        """
        found = [known for known in self._judged if isinstance(known, DataFile)]
        if not any(file.dataset == "bars" for file in found):
            raise self._without_bars()
        return tuple(file for file in found if not self._is_second(file, found))

    @cached_property
    def passed_over(self) -> tuple[PassedOver, ...]:
        """The files that are not read."""
        unknown = [known for known in self._judged if isinstance(known, PassedOver)]
        found = [known for known in self._judged if isinstance(known, DataFile)]
        second = [
            PassedOver(self._name(file.table.path), "plain, beside files of J-Quants")
            for file in found
            if self._is_second(file, found)
        ]
        return (*unknown, *second)

    def of(self, dataset: str) -> Sequence[DataFile]:
        """The files of a data set."""
        return [file for file in self.files if file.dataset == dataset]

    @property
    def adjusted(self) -> tuple[str, ...]:
        """The names of files that say that their prices are adjusted for splits."""
        return tuple(
            self._name(file.table.path)
            for file in self.files
            if file.columns and (file.columns.adjusted or file.table.is_stacked)
        )

    @cached_property
    def _judged(self) -> Sequence[DataFile | PassedOver]:
        paths = list(self._paths())
        self._refuse_two_forms(paths)
        return [self._judge(TableFile(path, self.words)) for path in paths]

    def _paths(self) -> Iterator[Path]:
        if self.place.is_file():
            yield self.place
            return
        found = sorted(path for path in self.place.rglob("*") if path.name.lower().endswith(ENDINGS))
        if len(found) > _MOST_FILES:
            raise DataError(
                f"there are {len(found):,} files of tables in it, more than {_MOST_FILES:,}",
                where=str(self.place),
                do="name the folder that holds market data",
            )
        parts = ((path, path.relative_to(self.place).parts) for path in found)
        yield from (path for path, names in parts if not any(name.startswith((".", "~")) for name in names))

    def _refuse_two_forms(self, paths: Iterable[Path]) -> None:
        forms: dict[Path, list[str]] = {}
        for path in paths:
            forms.setdefault(path.with_name(_name_alone(path)), []).append(path.name)
        twice = next((names for names in forms.values() if len(names) > 1), None)
        if twice:
            raise DataError(
                f"{_name_alone(Path(twice[0]))} is there in {len(twice)} forms: {', '.join(twice)}",
                where=str(self.place),
                do="keep one of them",
            )

    def _judge(self, table: TableFile) -> DataFile | PassedOver:
        """What a file holds: a data set of J-Quants by its columns, else a plain one, else by its name."""
        official = jquants_data_set(table.headings)
        if official is not None:
            return DataFile(official, table)
        plain = self._judge_plain(table)
        meant = _meant(table.path)
        if plain is None and meant:
            return DataFile(meant, table)  # parsing names the column that is missing
        if plain is not None:
            return plain
        why = f"its columns are none of a data set: {table.first_line}"
        return self._refuse_or_pass(table, why, code=code_in_name(table.path))

    def _judge_plain(self, table: TableFile) -> DataFile | PassedOver | None:
        """What a plain file holds; None for one that has no plain columns."""
        path = table.path
        if not are_plain(table.headings):
            return None
        columns = plain_columns(table.headings, self.words, where=str(path))
        if columns.has(*CLOSES) and is_topix_name(path):
            return DataFile("topix", table, columns)
        day = "" if columns.has("date") else day_in_name(path)
        if columns.has(*(self.needed - {"date"})) and (columns.has("date") or day):
            code = self.code or code_in_name(path)
            if code or columns.has("code"):
                return DataFile("bars", table, columns, code=code, day=day)
            return self._refuse_or_pass(table, "its stock is not known: no column and no name says its code")
        return DataFile("master", table, columns) if columns.has(*STOCKS) else None

    def _refuse_or_pass(self, table: TableFile, why: str, *, code: str = "") -> PassedOver:
        """Pass a file over; one that was named, or is named after a stock, is refused."""
        if not code and self.place.is_dir():
            return PassedOver(self._name(table.path), why)
        raise DataError(
            f"{table.path.name} is not read: {why}",
            where=str(table.path),
            do="name its columns under provider in params/desk.yaml, or its stock with --code",
        )

    def _is_second(self, file: DataFile, found: Iterable[DataFile]) -> bool:
        """Whether a plain file stands beside files of J-Quants with the same data set."""
        return file.is_plain and any(o.dataset == file.dataset and not o.is_plain for o in found)

    def _name(self, path: Path) -> str:
        return path.name if path == self.place else str(path.relative_to(self.place))

    def _without_bars(self) -> DataError:
        passed = [known for known in self._judged if isinstance(known, PassedOver)]
        seen = "; ".join(f"{each.file}: {each.why}" for each in passed[:3])
        return DataError(
            f"no file has bars ({NAMES['bars']}.parquet, {NAMES['bars']}.csv, or plain prices of stocks)",
            where=f"{self.place}{f', which has {seen}' if seen else ''}",
            do="see `jstock data import --help` for the files and columns that are read",
        )


def _name_alone(path: Path) -> str:
    """The name of a file without what says its form."""
    lower = path.name.lower()
    ending = max((form for form in ENDINGS if lower.endswith(form)), key=len, default="")
    return path.name[: len(path.name) - len(ending)]


def _meant(path: Path) -> str:
    """The data set that a file is named after; "" for another name."""
    name = _name_alone(path).lower()
    return next((dataset for dataset, known in NAMES.items() if known == name), "")
