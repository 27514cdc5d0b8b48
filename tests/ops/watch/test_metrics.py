"""The metrics are what a Prometheus server reads, and say what the heartbeat and the newest run say."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from jstock_core.base.clock import JST
from jstock_core.base.errors import DataError
from jstock_core.base.intent import Intent
from jstock_core.desk.workspace.desk import Desk
from jstock_core.ops.watch.ended import Ended
from jstock_core.ops.watch.heartbeat import write_heartbeat
from jstock_core.ops.watch.metrics import FILE, metrics_text, record_metrics
from jstock_core.runs.publish import RunFolder
from jstock_core.testing import copy_desk
from tests.ops.watch.test_heartbeat import BEAT
from tests.runs.catalogue.conftest import headline_of
from tests.runs.conftest import manifest_of

T = date(2026, 1, 21)
WHEN = datetime(2026, 1, 21, 7, 0, tzinfo=JST)
Samples = dict[tuple[str, str], float]


@pytest.fixture
def desk(shared_desk: Callable[..., Desk], tmp_path: Path) -> Desk:
    return copy_desk(shared_desk(), tmp_path / "ws")


def publish(desk: Desk, **changes: object) -> None:
    folder = RunFolder.begin(desk.workspace.runs, T, desk.clock)
    folder.publish(manifest_of(**{"headline": headline_of(), **changes}))


def samples(text: bytes) -> Samples:
    """Each value by its name and the value of its label."""
    found = {}
    for family in text_string_to_metric_families(text.decode()):
        assert family.type == "gauge"
        assert family.documentation
        assert family.name.startswith("jstock_")
        for each in family.samples:
            found[each.name, "".join(each.labels.values())] = each.value
    return found


def test_a_prometheus_server_reads_what_the_jobs_left(desk: Desk) -> None:
    write_heartbeat(desk.workspace.runs, BEAT, ("morning",))
    found = samples(metrics_text(desk))
    assert found["jstock_job_last_end_timestamp_seconds", "morning"] == BEAT.finished.timestamp()
    assert (
        found["jstock_job_next_expected_timestamp_seconds", "morning"]
        == datetime(2026, 1, 22, 7, 0, tzinfo=JST).timestamp()
    )
    assert found["jstock_job_duration_seconds", "morning"] == 90
    assert found["jstock_job_success", "morning"] == 1
    assert found["jstock_job_exit_status", "morning"] == 0


def test_they_say_what_the_newest_run_said(desk: Desk) -> None:
    publish(desk, headline=headline_of(buys=3, sells=1, unknown=2, orders=4, alerts=["look"], warnings=[]))
    found = samples(metrics_text(desk))
    assert {kind: found["jstock_run_signals", kind] for kind in ("buy", "sell", "unknown_exit")} == {
        "buy": 3, "sell": 1, "unknown_exit": 2,
    }  # fmt: skip
    assert found["jstock_run_orders", ""] == 4
    assert found["jstock_run_alerts", "alert"] == 1
    assert found["jstock_run_step_seconds", "notebook"] == 2.5
    assert ("jstock_run_step_seconds", "section top") not in found
    assert found["jstock_run_fetched_rows", "bars"] == 40
    assert found["jstock_run_trade_date_timestamp_seconds", ""] == WHEN.timestamp()


def test_a_rehearsal_is_no_run(desk: Desk) -> None:
    publish(desk, rehearsal=True)
    assert ("jstock_run_orders", "") not in samples(metrics_text(desk))


def test_they_say_what_the_desk_keeps(desk: Desk) -> None:
    found = samples(metrics_text(desk))
    assert found["jstock_data_rows", "bars"] == desk.store.read().rows("bars")
    newest = datetime(2026, 1, 20, 7, 0, tzinfo=JST).timestamp()
    assert found["jstock_data_newest_timestamp_seconds", "bars"] == newest
    assert found["jstock_size_bytes", "journal"] == desk.workspace.journal.stat().st_size
    assert found["jstock_journal_events", ""] == len(desk.journal().history())
    assert found["jstock_disk_free_bytes", ""] > 0


def test_no_amount_of_money_is_among_them(desk: Desk) -> None:
    publish(desk)
    text = metrics_text(desk).decode()
    assert not [word for word in ("equity", "cash", "pnl", "yen") if word in text]


def test_a_damaged_store_does_not_hide_that_the_job_failed(desk: Desk) -> None:
    write_heartbeat(desk.workspace.runs, replace(BEAT, status="failed", exit=4), ("morning",))
    (desk.workspace.data / "store.json").write_text("{")
    found = samples(metrics_text(desk))
    assert (found["jstock_job_success", "morning"], found["jstock_job_exit_status", "morning"]) == (0, 4)
    assert ("jstock_data_rows", "bars") not in found


def test_a_job_that_failed_leaves_them_and_a_rehearsal_does_not(desk: Desk) -> None:
    error = DataError("no bars")
    ended = Ended(desk=desk, job="morning", trade_date=T, started=WHEN, finished=WHEN, error=error)
    record_metrics(replace(ended, intent=Intent.REHEARSE))
    assert not (desk.workspace.runs / FILE).exists()
    record_metrics(ended)
    assert samples((desk.workspace.runs / FILE).read_bytes())
    assert (desk.workspace.runs / FILE).stat().st_mode & 0o077 == 0


def test_the_alert_rules_of_the_documents_name_metrics_that_there_are(desk: Desk) -> None:
    page = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")
    rules = page[page.index("### Prometheus") : page.index("### What needs a person")]
    named = set(re.findall(r"jstock_[a-z_]+[a-z]\b(?![*_])", rules))
    write_heartbeat(desk.workspace.runs, BEAT, ("morning",))
    publish(desk)
    assert len(named) >= 5
    assert named <= {name for name, _ in samples(metrics_text(desk))}
