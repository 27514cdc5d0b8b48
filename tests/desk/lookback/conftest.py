"""Runs put beside a desk's decisions, without executing a notebook."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from jstock_core.desk.day.publishing.declarations import desk_declarations
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.runs.provenance import code_version, package_versions
from jstock_core.runs.publish import RunFolder
from jstock_core.signals.language.plugins import plugin_sources
from tests.desk.corrected import corrected_desk
from tests.desk.days import MORNING, T
from tests.runs.catalogue.conftest import headline_of
from tests.runs.conftest import NOW, manifest_of

Put = Callable[..., Path]


@pytest.fixture(scope="session")
def corrected(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk that decided three mornings before a correction came, and one after it; do not change it."""
    made: Desk = corrected_desk(tmp_path_factory.mktemp("corrected"))
    return made


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


def origin_of(desk: Desk) -> dict[str, object]:
    """What a run's manifest says of the desk as it stands: parameters, code, plug-ins, packages."""
    return {
        "parameters": {"intent": "journal", "desk": desk_declarations(desk)},
        "code": code_version(),
        "packages": package_versions(),
        "plugins": plugin_sources(desk.rules),
        "edition": desk.store.read().token,
    }
