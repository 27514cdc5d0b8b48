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
from jstock_core.desk.rules.strategies import write_handbook
from jstock_core.desk.workspace.workspace import Workspace
from jstock_core.ops.parameters.schemas import FOLDER as SCHEMAS
from jstock_core.ops.parameters.schemas import write_schemas
from jstock_core.runs.notebook.golden import REASONS, require_goldens, update_goldens
from jstock_core.runs.notebook.golden_changes import GoldenChange, describe_golden

HANDBOOK = Path("docs") / "strategies.md"
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


def read_goldens(*places: Path) -> Mapping[Path, bytes]:
    """The files of some places, folders or files, as they are."""
    return dict(_files(places))


def _files(places: tuple[Path, ...]) -> Iterator[tuple[Path, bytes]]:
    for place in places:
        for path in sorted(place.glob("*.*")) if place.is_dir() else [place]:
            if path.is_file() and path.name != REASONS:
                yield path, read_file(path, _MOST_BYTES)


def compare_goldens(
    checkout: Path, before: Mapping[Path, bytes], after: Mapping[Path, bytes]
) -> tuple[GoldenChange, ...]:
    """What differs, file by file, each by its path in the checkout."""
    return tuple(
        describe_golden(path.relative_to(checkout).as_posix(), before.get(path), after.get(path))
        for path in sorted({*before, *after})
    )


def update_all(checkout: Path, because: str, today: date) -> GoldensWritten:
    """Write schemas and handbook, certify the built-in rules, execute notebooks and the golden morning again.

    Raises:
        UsageError: this is not a checkout, or no reason is given.
        NotebookError: a rule fails a check or a notebook fails; what was not written yet stays as it was.

    """
    places = (
        require_goldens(checkout, because),
        checkout / CERTIFICATES,
        checkout / SCHEMAS,
        checkout / HANDBOOK,
    )
    before = read_goldens(*places)
    written = (
        *write_schemas(Workspace(checkout)).paths,
        write_handbook(None, str(checkout / HANDBOOK)).path,
        *update_certificates(checkout),  # before the notebooks, which show what is certified
        *update_goldens(checkout, because, today),
        *update_golden_morning(checkout),
    )
    return GoldensWritten(written, compare_goldens(checkout, before, read_goldens(*places)))
