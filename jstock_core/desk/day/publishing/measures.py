"""What a run weighed and took: rows, stocks, bytes, seconds; kept in its manifest and shown over time."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path

from jstock_core.base.errors import DataError
from jstock_core.desk.workspace.desk import FRESH_FOR, Desk
from jstock_core.reports.render.page import SECTIONS
from jstock_core.runs.manifest import DataSnapshot
from jstock_core.runs.notebook.execute import Outcome


def measure_run(desk: Desk, folder: Path, started: datetime) -> dict[str, int]:
    """The metrics of a run that is about to be published, by name; what cannot be read is left out.

    `rows.NAME` are rows of a data set in the store, `fetched.NAME` those new or changed that came for a run
    which started its notebook at `started`. `bytes.page` is the report, `bytes.run` all files of the run
    without its manifest.
    """
    files = {path.name: path.stat().st_size for path in folder.rglob("*") if path.is_file()}
    found = {
        "stocks": len(desk.monitored),
        "groups": len(desk.groups),
        "bytes.page": files.get("report.html", 0),
        "bytes.run": sum(files.values()),
    }
    try:
        return found | _rows(desk, started)
    except DataError:
        return found


def _rows(desk: Desk, started: datetime) -> dict[str, int]:
    contents = desk.store.read()
    stored = {f"rows.{name}": contents.rows(name) for name in contents.snapshot()}
    fetched: Counter[str] = Counter()
    for delivery in desk.store.deliveries():
        if delivery.received_at >= started - FRESH_FOR:
            rows = delivery.new + delivery.revised + delivery.completed
            fetched[f"fetched.{delivery.dataset}"] += rows
    return stored | dict(fetched)


def data_snapshot(desk: Desk) -> dict[str, DataSnapshot]:
    """Each data set as the store has it: its newest day, and the hash of its content."""
    contents = desk.store.read()
    return {
        name: DataSnapshot(last_session=contents.last(name), sha256=digest)
        for name, digest in contents.snapshot().items()
    }


def section_seconds(outcome: Outcome) -> dict[str, float]:
    """What each section of the page cost in the notebook."""
    names = {f"page.{name}": f"section {name}" for name in SECTIONS}
    taken = outcome.cell_seconds.items()
    return {names[line]: round(seconds, 3) for line, seconds in taken if line in names}
