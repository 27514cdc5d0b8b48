"""What a published day does beside the steps of the day, which have tests of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from jstock_core import testing
from jstock_core.base.intent import Intent
from jstock_core.desk.day.publishing import executed
from jstock_core.desk.day.publishing.daily import publish_day
from jstock_core.desk.day.steps import prepare_day
from jstock_core.runs.manifest import RunStatus


def test_what_cannot_be_loaded_ahead_for_the_page_stops_no_morning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is loaded once, while the kernel works; what is really missing fails where the page is made."""
    asked = []

    def fail(words: object) -> None:
        asked.append(words)
        raise ImportError

    monkeypatch.setattr(executed, "load_converter", fail)
    made = testing.desk(tmp_path / "desk", ready="run")
    done = publish_day(made)
    assert (done.status, len(asked)) == (RunStatus.OK, 1)
    assert done.report.is_file()


def test_preparing_a_morning_writes_only_the_history_of_a_new_desk(tmp_path: Path) -> None:
    """Views and backups follow what the notebook records."""
    made = testing.desk(tmp_path / "desk", ready="fetched")
    prepare_day(made, made.next_trade_date, Intent.JOURNAL)
    assert made.commits == [len(made.journal().events())]
    prepare_day(made, made.next_trade_date, Intent.JOURNAL)
    assert len(made.commits) == 1
