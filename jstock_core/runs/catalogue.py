"""All runs of a workspace, from their manifests alone, and the page that lists them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jstock_core.base.durable import write_atomically
from jstock_core.base.errors import DataError
from jstock_core.runs.files import lock_runs
from jstock_core.runs.manifest import FILE, RunManifest, RunStatus, read_manifest
from jstock_core.runs.notebook.convert import render_page
from jstock_core.runs.publish import INDEX, run_days

_COLUMNS = 8  # headline numbers shown; the manifest holds them all


@dataclass(frozen=True)
class DamagedRun:
    """A run whose manifest cannot be read."""

    folder: Path
    reason: str


@dataclass(frozen=True)
class IndexCell:
    """One number of the index: its text, and "gain" or "loss" for what rose or fell."""

    text: str
    tone: str = ""


@dataclass(frozen=True, kw_only=True)
class IndexRow:
    """One run in the index."""

    trade_date: str
    run_id: str
    status: str
    href: str
    finished: str = ""
    marks: tuple[str, ...] = ()
    cells: tuple[IndexCell, ...] = ()
    error: str = ""


def list_runs(root: Path) -> list[RunManifest | DamagedRun]:
    """All published runs, newest trade date first, and of one date the newest run first."""
    folders = [run for day in run_days(root) for run in _runs_of(root / day)]
    return [_entry(run) for run in sorted(folders, key=lambda run: (run.parent.name, run.name), reverse=True)]


def write_index(root: Path) -> Path:
    """Write `index.html` in the runs folder and return its path.

    Raises:
        OSError: the folder cannot be written.

    """
    with lock_runs(root):
        write_atomically(root / INDEX, _page(list_runs(root)).encode())
    return root / INDEX


def _page(entries: list[RunManifest | DamagedRun]) -> str:
    names = _headline_names(entry for entry in entries if isinstance(entry, RunManifest))
    return render_page(
        "runs.html.j2",
        title="Runs",
        columns=[_label(name) for name in names],
        rows=[_row(entry, names) for entry in entries],
    )


def _runs_of(day: Path) -> list[Path]:
    """The folders of runs of a day: not `latest`, and nothing with a temporary name."""
    return [path for path in day.iterdir() if path.is_dir() and not path.is_symlink() and path.name[0] != "."]


def _entry(folder: Path) -> RunManifest | DamagedRun:
    try:
        return read_manifest(folder)
    except DataError as error:
        return DamagedRun(folder, error.what)


def _headline_names(manifests: Iterable[RunManifest]) -> list[str]:
    """Names of the single values that any run recorded, in the order of the newest run."""
    names = {
        name: None for manifest in manifests for name, value in manifest.headline.items() if _is_single(value)
    }
    return list(names)[:_COLUMNS]


def _label(name: str) -> str:
    """'drawdown_pct' is headed "Drawdown %"."""
    words = name.removesuffix("_pct").replace("_", " ")
    return f"{words[:1].upper()}{words[1:]}{' %' if name.endswith('_pct') else ''}"


def _is_single(value: Any) -> bool:
    return isinstance(value, int | float | str | None)


def _row(entry: RunManifest | DamagedRun, names: list[str]) -> IndexRow:
    if isinstance(entry, DamagedRun):
        day, run = entry.folder.parent.name, entry.folder.name
        return IndexRow(
            trade_date=day, run_id=run, status="damaged", href=_href(day, run, FILE), error=entry.reason
        )
    day = entry.trade_date.isoformat()
    return IndexRow(
        trade_date=day,
        run_id=entry.run_id,
        status=str(entry.status),
        href=_href(day, entry.run_id, "report.html" if "report.html" in entry.files else FILE),
        finished=f"{entry.finished.jst:%m-%d %H:%M}",
        marks=tuple(word for word in ("rehearsal", "simulated", "historical") if getattr(entry, word)),
        cells=tuple(_cell(name, entry.headline) for name in names),
        error=(entry.error or "failed") if entry.status in (RunStatus.FAILED, RunStatus.STALE) else "",
    )


def _href(*parts: str) -> str:
    return "/".join(quote(part) for part in parts)


def _cell(name: str, headline: Mapping[str, Any]) -> IndexCell:
    """A percentage with its sign and tone, a whole number with separators, anything else as it is."""
    match headline.get(name):
        case None:
            return IndexCell("")
        case bool() as truth:
            return IndexCell("yes" if truth else "no")
        case int() | float() as number if name.endswith("_pct"):
            return IndexCell(f"{number:+.2f} %", _tone(number))
        case int() as count:
            return IndexCell(f"{count:,}")
        case float() as number:
            return IndexCell(f"{number:,.2f}")
        case other:
            return IndexCell(str(other))


def _tone(number: float) -> str:
    return "gain" if number > 0 else "loss" if number < 0 else ""
