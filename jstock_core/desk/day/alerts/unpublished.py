"""Alerts about mornings before this one whose report never reached its reader."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from jstock_core.base.alerts import Alert, Severity
from jstock_core.base.errors import DataError
from jstock_core.base.intent import Intent
from jstock_core.runs.catalogue.reading import run_folders
from jstock_core.runs.latest import latest_run, run_days
from jstock_core.runs.manifest import RunManifest, RunStatus, read_manifest
from jstock_core.runs.publish import unpublished_runs
from jstock_core.state.facts.events import Decided, Event


def find_unpublished(runs: Path, events: Sequence[Event], trade_date: date) -> Iterator[Alert]:
    """Alert about finished runs that could not be published, and about a morning before without a report.

    A morning before counts where it is the newest one decided, and the desk had published runs before it that
    were no rehearsals: mornings that were replayed have no report, and nobody misses it.
    """
    named: set[date] = set()
    for folder in unpublished_runs(runs):
        manifest = _manifest(folder)
        if manifest is None:
            yield _alert(
                f"A finished run in runs/{folder.name} is not published, and its manifest is damaged",
                "save what you need from the folder, then remove it",
            )
        elif manifest.trade_date < trade_date and not manifest.rehearsal:
            named.add(manifest.trade_date)
            yield _alert(
                f"The run {manifest.run_id} for {manifest.trade_date} is finished but not published; "
                f"it is in runs/{folder.name}",
                f"render it with `jstock trade report --date {manifest.trade_date}`, then remove the folder",
            )
    session = _newest_decided(events, trade_date)
    if session is not None and session not in named and _has_no_report(runs, session):
        yield _alert(
            f"The decisions for {session} are journaled, but no report of them is published",
            f"render it with `jstock trade report --date {session}`",
        )


def _alert(text: str, remedy: str) -> Alert:
    return Alert("unpublished_run", Severity.WARNING, "desk", text, remedy)


def _manifest(folder: Path) -> RunManifest | None:
    try:
        return read_manifest(folder)
    except DataError:
        return None


def _newest_decided(events: Sequence[Event], before: date) -> date | None:
    sessions = (event.session for event in events if isinstance(event, Decided) and event.session < before)
    return max(sessions, default=None)


def _has_no_report(runs: Path, session: date) -> bool:
    """Whether no report of a session is published, though the desk ran on mornings before it."""
    run = latest_run(runs, session)
    manifest = None if run is None else _manifest(run)
    is_none = manifest is not None and (manifest.rehearsal or manifest.status is RunStatus.STALE)
    return (run is None or is_none) and any(
        day < session.isoformat() and _has_lived(runs / day) for day in run_days(runs)
    )


def _has_lived(day: Path) -> bool:
    """Whether a run of a trade date was to be journaled: no rehearsal, nor a past morning shown again."""
    found = (manifest for run in run_folders(day) if (manifest := _manifest(run)) is not None)
    return any(_was_journaled(manifest) for manifest in found)


def _was_journaled(manifest: RunManifest) -> bool:
    intent = manifest.headline.get("intent") or manifest.parameters.get("intent")
    return intent in (Intent.JOURNAL, Intent.REVISE) and not manifest.rehearsal
