"""The store: raw market data as delivered, one parquet file a data set and a year of bars, append only.

Every file is vouched for by its SHA-256 in `store.json` (see `manifest.py`), so a flipped byte, a truncated
or a lost file is an error that names it and never an empty table. Appending the same rows again adds
nothing; rows that contradict stored ones are refused. One process writes at a time (the desk's lock);
readers need no lock. Nothing here imports pyarrow before a table is read or written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from jstock_core.base.durable import write_atomically
from jstock_core.base.errors import DataError
from jstock_core.base.limits import read_file
from jstock_core.data.providers.protocol import DATASETS, Provider, fetch_from
from jstock_core.data.store import manifest as manifests
from jstock_core.data.store.manifest import AFRESH, StoredFile, StoreManifest
from jstock_core.data.store.merge import merge, merge_master
from jstock_core.data.tables.normalise import normalise
from jstock_core.data.tables.schema import DATA_SETS, DataSet

if TYPE_CHECKING:
    import pyarrow as pa

FILES = {
    "master": "master.parquet",
    "topix": "benchmarks/topix.parquet",
    "flows": "raw_trades/flows.parquet",
    "statements": "raw_financials/statements.parquet",
    "earnings": "raw_financials/earnings.parquet",
    "actions": "raw_prices/actions.parquet",
    "dividends": "raw_financials/dividends.parquet",
}
_BARS = "raw_prices/{year}.parquet"


@dataclass(frozen=True)
class VerifiedFile:
    """One verified file: where it lies, what the manifest says of it, and its bytes."""

    path: str
    entry: StoredFile
    content: bytes

    @property
    def dataset(self) -> str:
        """The data set it belongs to."""
        return next((name for name, path in FILES.items() if path == self.path), "bars")


@dataclass(frozen=True)
class StoreContents:
    """A store as read at one moment: every file, verified, and the manifest settled by what is in place."""

    manifest: StoreManifest
    files: tuple[VerifiedFile, ...]

    def of(self, dataset: str) -> tuple[VerifiedFile, ...]:
        """The files of a data set in order of time; none where nothing was ever stored."""
        return tuple(file for file in self.files if file.dataset == dataset)

    def last(self, dataset: str) -> date | None:
        """The newest date stored of a data set."""
        dates = [file.entry.last_date for file in self.of(dataset)]
        return max((day for day in dates if day is not None), default=None)

    def snapshot(self) -> dict[str, str]:
        """Data set to SHA-256: of its file; of the bars' yearly files by name and hash."""
        names = [name for name in DATASETS if self.of(name)]
        return {name: _joint_hash(self.of(name)) for name in names}

    def table(self, dataset: str, *, where: Path) -> pa.Table:
        """The rows of a data set in order of its key.

        Raises:
            DataError: a file is no parquet, or not of the stored form, although its hash is right.

        """
        import pyarrow as pa

        tables = [_parse(file, where) for file in self.of(dataset)]
        return pa.concat_tables(tables) if tables else DATA_SETS[dataset].empty()


@dataclass(frozen=True)
class StoreUpdate:
    """Rows added to each data set, and the newest session with bars afterwards."""

    rows: Mapping[str, int]
    through: date | None


@dataclass(frozen=True)
class MarketStore:
    """The market data under `root` (a workspace's data folder)."""

    root: Path

    def read(self) -> StoreContents:
        """Every file, verified against the manifest.

        Raises:
            DataError: a file is missing or damaged, or the manifest is.

        """
        try:
            return self._read_once()
        except DataError:
            # A writer may have put a file in place since the manifest was read; it is announced by now.
            return self._read_once()

    def _read_once(self) -> StoreContents:
        manifest = manifests.read(self.root)
        files = tuple(self._verify_files(manifest))
        settled = replace(manifest, files={file.path: file.entry for file in files}, pending={})
        return StoreContents(settled, files)

    def _verify_files(self, manifest: StoreManifest) -> Iterator[VerifiedFile]:
        for path in manifest.paths:
            try:
                content = read_file(self.root / path)
            except FileNotFoundError:
                if path in manifest.files:
                    raise self._damage(path, "is missing") from None
                continue  # announced, but the writer stopped before it was put in place
            except OSError as error:
                raise self._damage(path, f"cannot be read: {error.strerror}") from None
            entry = manifest.entry(path, hashlib.sha256(content).hexdigest())
            if entry is None:
                raise self._damage(path, "is damaged: its content is not what was stored")
            yield VerifiedFile(path, entry, content)

    def _damage(self, path: str, how: str) -> DataError:
        return DataError(
            f"the data file {path} {how}",
            where=str(self.root / path),
            do=f"restore the file from a backup, or {AFRESH}",
        )

    def append(self, dataset: str, table: pa.Table, provider: Provider) -> int:
        """Add rows of a provider; those already stored are skipped. Returns how many rows are new.

        `master` is an undated snapshot: its rows take the place of stored ones of the same code, and stored
        codes that it does not list any more are marked (see `merge_master`).

        Raises:
            DataError: the store belongs to another provider, a column or value is not of the data set, or
                a row contradicts a stored one. Nothing is written then.

        """
        contents = self.read()
        manifest = _bound(contents.manifest, provider, self.root)
        fresh = normalise(dataset, table, where=f"provider {provider.id}")
        join = merge_master if dataset == "master" else merge
        form = DATA_SETS[dataset]
        stored = {file.path: file for file in contents.of(dataset)}
        merged = {
            path: join(
                form, _parse_or_empty(stored.get(path), form, self.root), part, where=str(self.root / path)
            )
            for path, part in _parts(dataset, fresh)
        }
        before = sum(stored[path].entry.rows for path in merged if path in stored)
        for path, whole in merged.items():
            manifest = self._put(manifest, path, form, whole)
        return sum(len(whole) for whole in merged.values()) - before

    def update(
        self,
        provider: Provider,
        now: datetime,
        *,
        whole: bool = False,
        progress: Callable[[str], None] | None = None,
    ) -> StoreUpdate:
        """Fetch what became public by `now` and is not stored, of every data set, and append it.

        The newest stored day is fetched again, since a vendor may have been in the midst of publishing it.
        `whole` fetches everything: for an import that may bring stocks or years not stored before.
        `progress` is told the name of each data set.

        Raises:
            DataError: as `append`. Data sets before the failing one are stored; running again goes on.

        """
        contents = self.read()
        _bound(contents.manifest, provider, self.root)
        rows: dict[str, int] = {}
        for dataset in DATASETS:
            if progress is not None:
                progress(dataset)
            last = None if whole else contents.last(dataset)
            after = last - timedelta(days=1) if last is not None else None
            rows[dataset] = self.append(dataset, fetch_from(provider, dataset, after, now), provider)
        return StoreUpdate(rows, self.read().last("bars"))

    def covers(self, session: date) -> bool:
        """Whether the bars of `session` are stored, and its benchmark where there is one at all."""
        contents = self.read()
        bars, topix = contents.last("bars"), contents.last("topix")
        return bars is not None and bars >= session and (topix is None or topix >= session)

    def _put(self, manifest: StoreManifest, path: str, form: DataSet, table: pa.Table) -> StoreManifest:
        """Write one file: announce it, put it in place, confirm it."""
        content = _parquet(table)
        entry = StoredFile(len(table), _last(form, table), hashlib.sha256(content).hexdigest())
        if manifest.files.get(path) == entry:
            return manifest
        announced = manifest.announce(path, entry)
        manifests.write(self.root, announced)
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self.root / path, content)
        confirmed = announced.confirm(path, entry)
        manifests.write(self.root, confirmed)
        return confirmed


def _bound(manifest: StoreManifest, provider: Provider, root: Path) -> StoreManifest:
    """The manifest bound to a provider: the first to store anything."""
    if manifest.provider in ("", provider.id):
        return replace(manifest, provider=provider.id, simulated=provider.capabilities.simulated)
    raise DataError(
        f'this store holds data of the provider "{manifest.provider}"; data of "{provider.id}" is refused',
        where=str(root / manifests.NAME),
        do="use another workspace for other data: histories of two providers must not mix",
    )


def _parts(dataset: str, table: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """The files that rows belong to, each with its rows; none for no rows."""
    import pyarrow.compute as pc

    if dataset != "bars":
        yield from [(FILES[dataset], table)] if len(table) else []
        return
    years = pc.year(table.column("Date"))
    for year in sorted(pc.unique(years).to_pylist()):
        yield _BARS.format(year=year), table.filter(pc.equal(years, year))


def _parse_or_empty(file: VerifiedFile | None, form: DataSet, root: Path) -> pa.Table:
    return form.empty() if file is None else _parse(file, root)


def _parse(file: VerifiedFile, root: Path) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(pa.BufferReader(file.content)).read(use_threads=False)
        return _in_form(DATA_SETS[file.dataset], table)
    except (pa.ArrowException, KeyError, OSError) as error:
        raise DataError(
            f"the data file {file.path} is unreadable: {error}",
            where=str(root / file.path),
            do=f"restore the file from a backup, or {AFRESH}",
        ) from None


def _in_form(form: DataSet, table: pa.Table) -> pa.Table:
    """The columns of the data set; optional ones that an earlier version did not store are empty."""
    for name in form.optional:
        if name not in table.column_names:
            table = table.append_column(name, form.absent(name, len(table)))
    return table.select(form.arrow.names)


def _parquet(table: pa.Table) -> bytes:
    """The table as parquet bytes: the same table gives the same bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _last(form: DataSet, table: pa.Table) -> str:
    """Newest date of a table as text, "" for an undated one."""
    import pyarrow.compute as pc

    newest = pc.max(table.column(form.dated_by)).as_py() if form.dated_by else None
    return newest.isoformat() if newest else ""


def _joint_hash(files: tuple[VerifiedFile, ...]) -> str:
    if len(files) == 1:
        return files[0].entry.sha256
    lines = "".join(f"{file.path} {file.entry.sha256}\n" for file in files)
    return hashlib.sha256(lines.encode()).hexdigest()
