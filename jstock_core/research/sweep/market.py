"""The market of a sweep as one file, which every process that evaluates sets opens once.

Arrays are stored as in memory, so that the processes of a machine map the same pages. A machine that cannot
read the folder fetches the file once for each worker.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from mmap import ACCESS_READ, mmap
from os.path import relpath, sep
from pathlib import Path
from typing import Any

import numpy as np

from jstock_core.base.durable import lacks_room, os_reason
from jstock_core.base.errors import DataError, WriteError
from jstock_core.base.identity.source import hash_code
from jstock_core.market.panel import Panel
from jstock_core.research.processes.packing import pack_values, unpack_values
from jstock_core.research.sweep.digest import content_digest
from jstock_core.research.sweep.pools import FilesPlace
from jstock_core.research.watch import Watch
from jstock_core.signals.language.plugins import plugin_sources, read_source, source_files
from jstock_core.signals.language.registry import Rules


@dataclass(frozen=True, eq=False)
class SweepMarket:
    """What all sets of a sweep share: panel, conditions, span, and plug-ins.

    `files` are the plug-in files of the workspace. `sources` are their texts and those of files that they
    import, by path in the workspace. `versions` are hashes and versions of plug-ins (see `plugin_sources`).
    """

    panel: Panel
    watch: Watch
    first: date
    last: date
    files: tuple[str, ...] = ()
    sources: Mapping[str, str] | None = None
    versions: Mapping[str, str] | None = None

    @classmethod
    def of(cls, panel: Panel, watch: Watch, first: date, last: date, rules: Rules) -> SweepMarket:
        """The market, with the plug-ins of `rules`.

        Raises:
            ParamsError: a plug-in file can no longer be read.

        """
        paths = {path for name in rules.files for path in source_files(rules.root / name)}
        texts = {relpath(path, rules.root).replace(sep, "/"): read_source(path) for path in sorted(paths)}
        # A copy of the panel has an empty memo. The edition counts deliveries and is left out: the same
        # rows, fetched again, are the same market.
        panel = replace(panel, source=replace(panel.source, edition=""))
        return cls(panel, watch, first, last, rules.files, texts, plugin_sources(rules))

    def digest(self) -> str:
        """A hash of what results depend on beside the set: data, conditions, span, rules and code."""
        return content_digest((self, code_digest()))

    def write_rules(self, folder: Path) -> None:
        """Write the plug-in files below a folder."""
        for name, text in (self.sources or {}).items():
            path = folder / name
            if not path.resolve().is_relative_to(folder.resolve()):
                raise DataError(f"a plug-in lies outside of the workspace: {name}", do="move it inside")
            path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
                file.write(text.encode())


@dataclass(frozen=True)
class MarketFile:
    """Where workers find the market: path or URL, SHA-256 of the bytes, and hash of the code to run."""

    place: str
    sha256: str
    code: str


def code_digest() -> str:
    """A hash of the code: jstock's files, and the versions of Python and NumPy."""
    return content_digest((hash_code(), np.__version__, sys.version_info[:2]))


def pack_market(market: SweepMarket) -> bytes:
    """The market as the bytes of a file (see `packing`)."""
    return pack_values(market)


@contextmanager
def share_market(market: SweepMarket, place: FilesPlace) -> Iterator[MarketFile]:
    """Write the market into a temporary file for workers, and remove it afterwards.

    Raises:
        WriteError: it cannot be written.

    """
    content = pack_market(market)
    with ExitStack() as until:
        try:
            # Windows keeps a file that is still mapped.
            made = tempfile.TemporaryDirectory(
                prefix="jstock-market-", dir=place.folder or None, ignore_cleanup_errors=True
            )
            path = Path(until.enter_context(made)) / "market.arrow"
            path.write_bytes(content)
        except OSError as error:
            raise WriteError(
                f"the market cannot be written for the workers: {os_reason(error)}",
                where=error.filename or place.folder,
                do=f"{'make room there' if lacks_room(error) else 'let it be written'}, or use one worker",
            ) from error
        where = f"{place.data.rstrip('/')}/{path.parent.name}/{path.name}" if place.data else str(path)
        yield MarketFile(where, hashlib.sha256(content).hexdigest(), code_digest())


def unpack_market(content: memoryview) -> SweepMarket:
    """The market from the bytes of a file. Its arrays are read-only and stay in these bytes.

    Raises:
        DataError: the bytes are something else.

    """
    market = unpack_values(content)
    if not isinstance(market, SweepMarket):
        raise DataError("this is not the market of a sweep", do="write it anew: run the sweep again")
    return market


@contextmanager
def _content(place: str) -> Iterator[Any]:
    """Map the file at a path or URL into memory. A fetched file is removed; the mapping stays valid."""
    with tempfile.TemporaryDirectory(prefix="jstock-market-", ignore_cleanup_errors=True) as folder:
        path = _fetch(place, Path(folder) / "market") if "://" in place else Path(place)
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            yield mmap(handle, 0, access=ACCESS_READ)
        finally:
            os.close(handle)


def _fetch(url: str, target: Path) -> Path:
    from fsspec.core import url_to_fs

    files, path = url_to_fs(url)
    files.get_file(path, str(target))
    return target


def open_market(place: str, sha256: str) -> SweepMarket:
    """Read the market at a path, or at any URL of fsspec.

    Raises:
        DataError: it cannot be read, or its hash is another.

    """
    try:
        with _content(place) as mapped:
            content = memoryview(mapped)
    except (OSError, ValueError, ImportError) as error:
        raise DataError(
            f"the market of the sweep cannot be read: {error}", where=place, do="serve the file at that place"
        ) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise DataError("the market at this place is another one", where=place, do="run the sweep again")
    return unpack_market(content)
