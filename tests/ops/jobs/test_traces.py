"""What a real morning leaves for those who watch the desk: log, heartbeat, metrics, context, health."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from jstock_core.base.errors import ExitStatus
from jstock_core.cli import run
from jstock_core.desk.workspace.desk import Desk
from jstock_core.ops.health.context import read_contexts
from jstock_core.ops.watch.heartbeat import read_heartbeats
from jstock_core.runs.catalogue.reading import newest_run
from jstock_core.runs.catalogue.summary import summarize
from jstock_core.testing import copy_desk


def test_a_scheduled_morning_leaves_all_of_them(
    shared_desk: Callable[..., Desk], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = copy_desk(shared_desk(ready="fetched"), tmp_path / "ws").workspace
    given = ["-w", str(place.root), "--now", "2026-01-21T07:00"]
    assert run(["daily", "--scheduled", *given]) in (ExitStatus.OK, ExitStatus.DEGRADED)

    manifest = newest_run(place.runs)
    assert manifest is not None
    summary = summarize(manifest)
    beat = read_heartbeats(place.runs)["morning"]
    assert (beat.run_id, beat.status, str(beat.trade_date)) == (
        manifest.run_id, str(manifest.status), "2026-01-21",
    )  # fmt: skip

    text = (place.data / "log" / "jstock.jsonl").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["event"] for line in (lines[0], lines[-1])] == ["began", "ended"]
    assert len({line["job_id"] for line in lines}) == 1
    assert {"run the daily notebook", "write report and publish"} <= {line.get("step") for line in lines}
    assert (lines[-1]["run_id"], lines[-1]["orders"]) == (manifest.run_id, summary.orders)
    assert set(lines[-1]["steps"]) == {"prepare", "notebook", "report"}

    metrics = {
        (each.name, "".join(each.labels.values())): each.value
        for family in text_string_to_metric_families((place.runs / "metrics.prom").read_text())
        for each in family.samples
    }
    assert metrics["jstock_run_orders", ""] == summary.orders
    assert metrics["jstock_job_last_end_timestamp_seconds", "morning"] == beat.finished.timestamp()
    assert manifest.metrics["bytes.page"] == (place.runs / summary.folder / "report.html").stat().st_size
    assert summary.seconds is not None
    assert summary.seconds > 0

    assert "scheduled" in read_contexts(place)
    capsys.readouterr()
    assert run(["health", "-w", str(place.root), "--now", "2026-01-21T08:00"]) == ExitStatus.OK
    assert "ok the morning of 2026-01-21 ended at 2026-01-21 07:00 JST" in capsys.readouterr().out
