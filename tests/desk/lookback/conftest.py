"""Runs put beside a desk's decisions, without executing a notebook."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.runs.publish import RunFolder
from tests.desk.days import MORNING, T
from tests.runs.catalogue.conftest import headline_of
from tests.runs.conftest import NOW, manifest_of

Put = Callable[..., Path]


@pytest.fixture
def opened(desk: Path) -> Desk:
    """The desk after its first morning; it has no runs."""
    return open_desk(desk, now=MORNING)


@pytest.fixture
def put(opened: Desk) -> Put:
    """Publish a run of a trade date, each a second after the one before, with one intent."""
    started = iter(range(100))

    def one(trade_date: date = T, intent: str = "journal", **changes: object) -> Path:
        moment = NOW + timedelta(seconds=next(started))
        folder = RunFolder.begin(opened.workspace.runs, trade_date, lambda: moment)
        (folder.path / "report.html").write_text("a report")
        headline = headline_of(trade_date, intent=intent)
        return folder.publish(manifest_of(**{"headline": headline, "trade_date": trade_date, **changes}))

    return one
