"""Metrics of the desk as a Prometheus text file, `runs/metrics.prom`, for node_exporter's textfile collector.

They say whether, when and how long jobs ran and what runs weighed; amounts of money are not among them.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from jstock_core import __version__
from jstock_core.base.durable import make_private_folder, write_atomically
from jstock_core.base.errors import DataError
from jstock_core.data.store.contents import StoreContents
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.journal import anchor_files
from jstock_core.market.calendar import decision_time
from jstock_core.ops.watch.ended import Ended
from jstock_core.ops.watch.heartbeat import CLOSED, Heartbeat, read_heartbeats
from jstock_core.runs.catalogue.reading import newest_run
from jstock_core.runs.catalogue.summary import SECTION, RunSummary, summarize
from jstock_core.runs.manifest import RunManifest
from jstock_core.state.journal.proof.anchor import read_anchor

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

FILE = "metrics.prom"


def record_metrics(ended: Ended) -> None:
    """Write the metrics of a desk after a job that was to record something.

    Raises:
        OSError: the runs folder cannot be written. DataError: the heartbeat is damaged.

    """
    if ended.intent.records:
        runs = make_private_folder(ended.desk.workspace.runs)
        write_atomically(runs / FILE, metrics_text(ended.desk))


def metrics_text(desk: Desk) -> bytes:
    """The metrics of a desk in Prometheus' text format.

    Raises:
        DataError: the heartbeat is damaged.

    """
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    runs = desk.workspace.runs
    _add(registry, "build_info", "The version of jstock.", {__version__: 1}, "version")
    _add_jobs(registry, read_heartbeats(runs))
    manifest = newest_run(runs)
    if manifest is not None:
        _add_run(registry, manifest, summarize(manifest))
    _add_desk(registry, desk)
    return bytes(generate_latest(registry))


def _add_jobs(registry: CollectorRegistry, beats: Mapping[str, Heartbeat]) -> None:
    label = "job"
    ends = {name: beat.finished.timestamp() for name, beat in beats.items()}
    _add(registry, "job_last_end_timestamp_seconds", "When a job ended last.", ends, label)
    due = {n: b.next_expected.timestamp() for n, b in beats.items() if b.next_expected is not None}
    _add(registry, "job_next_expected_timestamp_seconds", "When a job is due next.", due, label)
    status = {name: beat.exit for name, beat in beats.items()}
    _add(registry, "job_exit_status", "The exit status that a job ended with last.", status, label)
    well = {name: int(beat.status in ("ok", "degraded", CLOSED)) for name, beat in beats.items()}
    _add(registry, "job_success", "Whether a job ended well last: 1, or 0.", well, label)
    took = {name: (beat.finished - beat.started).total_seconds() for name, beat in beats.items()}
    _add(registry, "job_duration_seconds", "How long a job took last.", took, label)


def _add_run(registry: CollectorRegistry, manifest: RunManifest, run: RunSummary) -> None:
    day = decision_time(manifest.trade_date).timestamp()
    _add(registry, "run_trade_date_timestamp_seconds", "07:00 JST of the newest trade date.", day)
    degraded = int(run.status == "degraded")
    _add(registry, "run_degraded", "Whether the newest run needs a person: 1, or 0.", degraded)
    steps = {name: each for name, each in manifest.timings.items() if not name.startswith(SECTION)}
    _add(registry, "run_step_seconds", "How long each step of the newest run took.", steps, "step")
    signals = {"buy": run.buys, "sell": run.sells, "unknown_exit": run.unknown}
    _add(registry, "run_signals", "Signals of the newest run.", signals, "kind")
    _add(registry, "run_orders", "Orders of the newest run.", run.orders)
    alerts = {"alert": len(run.alerts), "warning": len(run.warnings)}
    _add(registry, "run_alerts", "Alerts of the newest run.", alerts, "severity")
    fetched = _named(manifest.metrics, "fetched.")
    _add(registry, "run_fetched_rows", "Rows that came for the newest run.", fetched, "dataset")
    sizes = _named(manifest.metrics, "bytes.")
    _add(registry, "run_bytes", "The size of the newest run's files.", sizes, "what")


def _add_data(registry: CollectorRegistry, contents: StoreContents) -> None:
    names = sorted(contents.snapshot())
    rows = {name: contents.rows(name) for name in names}
    _add(registry, "data_rows", "Rows of a data set in the store.", rows, "dataset")
    newest = {name: _day_timestamp(contents.last(name)) for name in names}
    _add(registry, "data_newest_timestamp_seconds", "The newest day of a data set.", newest, "dataset")


def _add_desk(registry: CollectorRegistry, desk: Desk) -> None:
    with suppress(DataError):  # a damaged store must not hide that the job failed for it
        _add_data(registry, desk.store.read())
    sizes = {"data": _size(desk.workspace.data), "journal": _size(desk.workspace.journal)}
    _add(registry, "size_bytes", "The size of what a desk keeps.", sizes, "what")
    anchor = read_anchor(anchor_files(desk.workspace, desk.settings))
    _add(registry, "journal_events", "Events in the journal.", None if anchor is None else anchor.seq)
    free = shutil.disk_usage(desk.workspace.root).free
    _add(registry, "disk_free_bytes", "Free bytes on the disk of the workspace.", free)


def _add(
    registry: CollectorRegistry,
    name: str,
    what: str,
    values: Mapping[str, float | None] | float | None,
    label: str = "",
) -> None:
    """Add a gauge with one value, or with one for each value of its label; what is not known is left out."""
    from prometheus_client import Gauge

    several = values if isinstance(values, Mapping) else {"": values}
    known = {key: value for key, value in several.items() if value is not None}
    if known:
        gauge = Gauge(f"jstock_{name}", what, (label,) if label else (), registry=registry)
        for key, value in known.items():
            (gauge.labels(key) if label else gauge).set(value)


def _named(metrics: Mapping[str, int], start: str) -> dict[str, int]:
    return {name.removeprefix(start): n for name, n in metrics.items() if name.startswith(start)}


def _day_timestamp(day: date | None) -> float | None:
    return None if day is None else decision_time(day).timestamp()


def _size(place: Path) -> int:
    """The bytes of a file, or of all files in a folder; what goes away meanwhile counts nothing."""
    total = 0
    for path in place.rglob("*") if place.is_dir() else (place,):
        with suppress(OSError):
            total += path.stat().st_size if path.is_file() else 0
    return total
