"""A store as read at one moment, in the newest edition or an earlier one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from jstock_core.data.providers.protocol import DATASETS
from jstock_core.data.store.editions.manifest import StoreManifest
from jstock_core.data.store.rows.content import content_hashes, joint_hash
from jstock_core.data.store.rows.parts import StoredPart, decode_part, read_part
from jstock_core.data.store.rows.versions import NEWEST, Vintage, newest, stored_form
from jstock_core.data.tables.schema import DATA_SETS

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class StoreContents:
    """The parts of a store by the manifest of one moment, and what a vintage shows of them.

    `token` names the edition that is shown, "" for one that no delivery ends.
    """

    root: Path
    manifest: StoreManifest
    vintage: Vintage = NEWEST
    token: str = ""
    _bytes: dict[str, bytes] = field(default_factory=dict, compare=False, repr=False)

    def last(self, dataset: str) -> date | None:
        """The newest date stored of a data set, whatever the vintage."""
        dates = [part.last_date for part in self.manifest.of(dataset).values()]
        return max((day for day in dates if day is not None), default=None)

    def rows(self, dataset: str) -> int:
        """How many rows of different keys are stored of a data set, whatever the vintage."""
        return sum(part.keys for part in self.manifest.of(dataset).values())

    def verify(self) -> None:
        """Read every part.

        Raises:
            DataError: a part is missing or damaged.

        """
        for part in self.manifest.parts.values():
            self._content(part)

    def snapshot(self) -> dict[str, str]:
        """Data set to a hash of what its rows say, however they were delivered and stored."""
        hashes = {name: self._hashes(name) for name in DATASETS}
        return {name: self._joint(found) for name, found in hashes.items() if found}

    def _joint(self, hashes: dict[str, str]) -> str:
        if self.manifest.legacy and len(hashes) == 1:
            return next(iter(hashes.values()))
        return joint_hash(hashes)

    def _hashes(self, dataset: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for part in self.manifest.of(dataset).values():
            found |= part.content if self.shows_all(part) else content_hashes(dataset, self._shown(part))
        return found

    def table(self, dataset: str) -> pa.Table:
        """The rows of a data set that the vintage shows, in order of its key.

        Raises:
            DataError: a part is missing, damaged or no parquet.

        """
        import pyarrow as pa

        form = DATA_SETS[dataset]
        tables = [self._shown(part) for part in self.manifest.of(dataset).values()]
        return pa.concat_tables(tables) if tables else form.empty()

    def versions(self, name: str) -> pa.Table:
        """The versions in a part; none where there is no part of that name.

        Raises:
            DataError: as `table`.

        """
        part = self.manifest.parts.get(name)
        if part is None:
            return stored_form(DATA_SETS[name.partition("/")[0]]).empty_table()
        return decode_part(self.root, part, self._content(part))

    def _shown(self, part: StoredPart) -> pa.Table:
        form, content = DATA_SETS[part.dataset], self._content(part)
        if part.rows == part.keys and self.shows_all(part):
            return decode_part(self.root, part, content, form.arrow.names)
        versions = decode_part(self.root, part, content)
        return newest(form, versions, self.vintage).select(form.arrow.names)

    def shows_all(self, part: StoredPart) -> bool:
        """Whether the vintage shows the newest version of every row of a part."""
        edition = self.vintage.edition
        first_only = self.vintage.with_first and part.rows == part.keys
        return edition is None or part.edition <= edition or first_only

    def _content(self, part: StoredPart) -> bytes:
        if part.file not in self._bytes:
            self._bytes[part.file] = read_part(self.root, part)
        return self._bytes[part.file]
