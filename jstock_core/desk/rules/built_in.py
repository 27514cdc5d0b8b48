"""The certificates that come with the package: the built-in rules, checked on the simulated market."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from filecmp import cmp
from pathlib import Path

from jstock_core.base.errors import NotebookError, UsageError
from jstock_core.desk.rules.strategies import check_strategies
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.desk.workspace.workspace import create_workspace

_NOW = "2026-01-21T07:00"
CERTIFICATES = Path("jstock_core", "research", "certificates", "built_in")
"""Where they lie in a checkout."""


def update_certificates(checkout: Path) -> tuple[Path, ...]:
    """Certify every rule of a new desk into the package of a checkout; the files that differ from before.

    All are made, for a check may have other words or figures where the rule is the same.

    Raises:
        UsageError: this is not a checkout.
        NotebookError: a rule fails a check; the certificates stay as they were.

    """
    folder = checkout / CERTIFICATES
    if not folder.is_dir():
        raise UsageError(
            "there is no folder of certificates here", where=str(folder), do="run it in a checkout"
        )
    with tempfile.TemporaryDirectory(prefix="jstock-certificates-") as place:
        desk = open_desk(create_workspace(Path(place) / "desk", "simulated").root, now=_NOW)
        refuted = [made.rule for made in check_strategies(desk).certificates if not made.passed]
        if refuted:
            raise NotebookError(
                f"failed a check: {', '.join(refuted)}",
                do=f"correct it (`jstock strategies check {refuted[0]}`)",
            )
        return tuple(_replace(desk.workspace.certificates, folder))


def _replace(made: Path, folder: Path) -> Iterator[Path]:
    new = {path.name: path for path in sorted(made.glob("*.json"))}
    for old in folder.glob("*.json"):
        if old.name not in new:
            old.unlink()
    for name, path in new.items():
        target = folder / name
        if not target.is_file() or not cmp(path, target, shallow=False):
            yield Path(shutil.copyfile(path, target))
