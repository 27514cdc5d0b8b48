"""One hash of the package's own files, which identifies a version of the code."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[2]


@functools.cache
def hash_code() -> str:
    """The SHA-256 of the names and contents of the package's files, as they were at the first call.

    Hidden files and compiled Python files are left out.
    """
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*")):
        name = path.relative_to(_PACKAGE)
        if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in name.parts):
            content = path.read_bytes()
            digest.update(f"{name.as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
