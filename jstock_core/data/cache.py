"""The panel's arrays kept beside the store, so that a morning's load needs no pyarrow.

A cache is named by what it was made from. One that is absent, damaged (its ZIP checksums say so) or of other
data is simply not used, and made again: it is never the only place of a fact.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np

from jstock_core.data.assemble import Arrays
from jstock_core.data.manifest import put
from jstock_core.data.schema import SCHEMA_VERSION
from jstock_core.market.calendar import tse
from jstock_core.market.publication import PUBLICATION

LAYOUT = 1  # raise it when `assemble` makes other arrays of the same data


def name_of(snapshot: Mapping[str, str]) -> str:
    """File name for the arrays of a snapshot: hashes everything that they are made from."""
    calendar = hashlib.sha256(tse().days.tobytes()).hexdigest()
    made_from = [LAYOUT, SCHEMA_VERSION, calendar, PUBLICATION, dict(sorted(snapshot.items()))]
    return f"panel-{hashlib.sha256(json.dumps(made_from).encode()).hexdigest()[:16]}.npz"


def recall(path: Path) -> Arrays | None:
    """The arrays kept in a file; None where there are none to trust."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            return {name: kept[name] for name in kept.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
        return None


def keep(path: Path, arrays: Arrays) -> None:
    """Keep arrays for the next load, in place of older ones. A folder that cannot be written is no error."""
    packed = io.BytesIO()
    np.savez(packed, allow_pickle=False, **arrays)
    with suppress(OSError):
        put(path, packed.getvalue())
        for old in path.parent.glob("panel-*.npz"):
            if old != path:
                old.unlink(missing_ok=True)
