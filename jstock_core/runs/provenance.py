"""What a run was made of: the code, the packages, the parameters, without the machine's folders."""

from __future__ import annotations

import hashlib
import json
import platform
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from jstock_core.base.identity.source import hash_code
from jstock_core.base.limits import parse_json, read_file

_PACKAGES = (
    "exchange-calendars",
    "ipykernel",
    "nbconvert",
    "numpy",
    "pandas",
    "papermill",
    "pyarrow",
    "pydantic",
    "SQLAlchemy",
)
_GIT_LIMIT_S = 10
_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, kw_only=True)
class CodeVersion:
    """The version of jstock and the hash of its files; in a checkout the commit and whether files differ."""

    version: str
    git_sha: str | None = None
    dirty: bool | None = None
    sha256: str | None = None


@dataclass(frozen=True, kw_only=True)
class KernelCode:
    """The code that a kernel reported to be its own: the version of jstock and the hash of its files."""

    version: str
    sha256: str


def code_version() -> CodeVersion:
    """The code that is running."""
    root = _PACKAGE.parent
    version = _version("jstock") or "not installed"
    if not (root / ".git").exists():
        return CodeVersion(version=version, sha256=hash_code())
    sha = _git(root, "rev-parse", "HEAD")
    changes = _git(root, "status", "--porcelain", "--untracked-files=no")
    dirty = None if changes is None else bool(changes)
    return CodeVersion(version=version, git_sha=sha, dirty=dirty, sha256=hash_code())


def package_versions() -> dict[str, str]:
    """The versions of the packages that can change a result."""
    found = {name: _version(name) for name in _PACKAGES}
    return {name: version for name, version in found.items() if version is not None}


def python_version() -> str:
    """Such as "CPython 3.12.1 on Linux x86_64"."""
    machine = f"{platform.system()} {platform.machine()}"
    return f"{platform.python_implementation()} {platform.python_version()} on {machine}"


OWN_FOLDER = "output"
"""The parameter of a notebook that names the folder of its run."""


def hash_parameters(parameters: Mapping[str, Any]) -> str:
    """The SHA-256 of the parameters in canonical JSON: the order of keys does not matter.

    The folder of the run itself does not count, so that equal runs have equal hashes.
    """
    counted = {name: value for name, value in parameters.items() if name != OWN_FOLDER}
    canonical = json.dumps(
        counted, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def hash_notebook(notebook: Path) -> str:
    """The SHA-256 of the cells' kinds, tags and sources: running or saving a notebook does not change it."""
    cells = parse_json(read_file(notebook))["cells"]
    content = [
        [cell["cell_type"], sorted(cell["metadata"].get("tags", ())), "".join(cell["source"])]
        for cell in cells
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def remove_folders(value: Any, workspace: Path) -> Any:
    """The value without the machine's folders (workspace, interpreter, home) in any of its texts."""
    match value:
        case str():
            return _remove_folders(value, _places(workspace))
        case Mapping():
            return {key: remove_folders(item, workspace) for key, item in value.items()}
        case list() | tuple():
            return [remove_folders(item, workspace) for item in value]
        case _:
            return value


def _remove_folders(text: str, places: list[tuple[str, str]]) -> str:
    """Whole path components only: a workspace at "/data" leaves "some/data" alone."""
    for place, word in places:
        text = re.sub(rf"(?<![\w./~-]){re.escape(place)}(?![\w-])", word, text)
    return text


def _places(workspace: Path) -> list[tuple[str, str]]:
    """Longer paths first: a workspace usually lies in a home, and an environment in a workspace."""
    places = {str(workspace): ".", str(workspace.resolve()): "."}
    places |= {
        str(_PACKAGE.parent): "<jstock>",
        sys.prefix: "<python>",
        sys.base_prefix: "<python>",
        str(Path.home()): "~",
    }
    named = [(place, word) for place, word in places.items() if len(place) > 1]
    return sorted(named, key=lambda pair: len(pair[0]), reverse=True)


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _git(root: Path, *arguments: str) -> str | None:
    """The output of a git command, or None where git is missing, slow or fails."""
    try:
        done = subprocess.run(  # noqa: S603 - constant arguments
            ["git", "-C", str(root), *arguments],  # noqa: S607 - the user's own git
            capture_output=True,
            text=True,
            timeout=_GIT_LIMIT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
