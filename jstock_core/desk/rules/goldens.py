"""Everything that is made again in a checkout when the code changes, and what that changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jstock_core.base.limits import read_file
from jstock_core.desk.past.golden_morning import update_golden_morning
from jstock_core.desk.rules.built_in import CERTIFICATES, update_certificates
from jstock_core.runs.notebook.golden import REASONS, update_goldens
from jstock_core.runs.notebook.golden_changes import GoldenChange, describe_golden

FOLDER = Path("tests") / "golden"
_MOST_BYTES = 50_000_000


@dataclass(frozen=True)
class GoldensWritten:
    """The files that were written, and what differs in each from the one before."""

    paths: tuple[Path, ...]
    changes: tuple[GoldenChange, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        changed = [change.as_json() for change in self.changes if change.sentences]
        return {"written": [str(path) for path in self.paths], "changed": changed}


def read_goldens(*folders: Path) -> Mapping[Path, bytes]:
    """The files of some folders as they are."""
    return dict(_files(folders))


def _files(folders: tuple[Path, ...]) -> Iterator[tuple[Path, bytes]]:
    for folder in folders:
        for path in sorted(folder.glob("*.*")):
            if path.is_file() and path.name != REASONS:
                yield path, read_file(path, _MOST_BYTES)


def compare_goldens(before: Mapping[Path, bytes], after: Mapping[Path, bytes]) -> tuple[GoldenChange, ...]:
    """What differs, file by file."""
    paths = sorted({*before, *after})
    return tuple(describe_golden(path.name, before.get(path), after.get(path)) for path in paths)


def update_all(checkout: Path, because: str, today: date) -> GoldensWritten:
    """Certify the built-in rules, and execute notebooks and the golden morning again, with the reason.

    Raises:
        UsageError: this is not a checkout, or no reason is given.
        NotebookError: a rule fails a check or a notebook fails; what was not written yet stays as it was.

    """
    folders = checkout / FOLDER, checkout / CERTIFICATES
    before = read_goldens(*folders)
    certificates = update_certificates(checkout)  # first: notebooks show what is certified
    notebooks = update_goldens(checkout, because, today)
    written = (*certificates, *notebooks, *update_golden_morning(checkout))
    return GoldensWritten(written, compare_goldens(before, read_goldens(*folders)))
