"""The panel's arrays kept beside the store, so that a morning's load needs no pyarrow.

A cache is named by what it was made from, and ends with the hash of its content. One that is absent, damaged
or of other data is simply not used, and made again: it is never the only place of a fact.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np

from jstock_core.base.durable import make_private_folder, sweep, write_atomically
from jstock_core.base.limits import open_file
from jstock_core.data.store.assemble import Arrays
from jstock_core.data.tables.schema import SCHEMA_VERSION
from jstock_core.market.calendar import tse
from jstock_core.market.publication import PUBLICATION

LAYOUT = 12  # raise it when `assemble` makes other arrays of the same data
_HASH = hashlib.sha256()


def cache_name(snapshot: Mapping[str, str]) -> str:
    """File name for the arrays of a snapshot: hashes everything that they are made from."""
    calendar = hashlib.sha256(tse().days.tobytes()).hexdigest()
    made_from = [LAYOUT, SCHEMA_VERSION, calendar, PUBLICATION, dict(sorted(snapshot.items()))]
    return f"panel-{hashlib.sha256(json.dumps(made_from).encode()).hexdigest()[:16]}.npz"


def read_cache(path: Path) -> Arrays | None:
    """The arrays in a file; None where it is absent or damaged."""
    try:
        with open_file(path) as file:
            if not _is_whole(file):
                return None
            with np.load(file, allow_pickle=False) as kept:
                return {name: kept[name] for name in kept.files}
    except OSError:
        return None


def _is_whole(file: BinaryIO) -> bool:
    """Whether the file ends with the hash of what comes before; it is left at its beginning."""
    left = file.seek(0, io.SEEK_END) - _HASH.digest_size
    digest = _HASH.copy()
    file.seek(0)
    while left > 0 and (chunk := file.read(min(left, 1 << 20))):
        digest.update(chunk)
        left -= len(chunk)
    whole = file.read() == digest.digest()
    file.seek(0)
    return whole


def write_cache(path: Path, arrays: Arrays) -> None:
    """Write arrays for the next load, and remove older ones. A folder that cannot be written is ignored."""
    packed = io.BytesIO()
    np.savez(packed, allow_pickle=False, **arrays)
    with suppress(OSError):
        content = packed.getvalue()
        make_private_folder(path.parent)
        write_atomically(path, content + hashlib.sha256(content).digest())
        for old in path.parent.glob("panel-*.npz"):
            if old != path:
                old.unlink(missing_ok=True)
        sweep(path.parent, "panel-*")  # of a live process too: its cache is then written another time
