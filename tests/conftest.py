"""Desks are made once and shared; the golden notebooks have a workspace made from frozen parameters."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from multiprocessing.util import get_temp_dir
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from jstock_core.data.store.store import MarketStore
from jstock_core.desk.workspace.desk import Desk
from jstock_core.runs.notebook.golden import forget_trials
from jstock_core.testing import desk

GOLDEN = Path(__file__).parent / "golden"
MEMORY, ROOM = Path("/dev/shm"), 4 * 10**9
_places: list[str] = []
_begun: list[Path] = []

# A slow machine makes no property wrong: no example has a time limit.
settings.register_profile("jstock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("jstock")


def pytest_configure(config: pytest.Config) -> None:
    """Give the golden notebooks their workspace: nbval passes no parameters, but kernels inherit this."""
    _write_into_memory(config)
    place = tempfile.mkdtemp(prefix="jstock-tests-")
    _places.append(place)
    shutil.copytree(GOLDEN / "workspace", Path(place) / "workspace")
    os.environ["JSTOCK_WORKSPACE"] = str(Path(place) / "workspace")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind."""
    for place in _places:
        shutil.rmtree(place, ignore_errors=True)


def _write_into_memory(config: pytest.Config) -> None:
    """Let temporary files lie in memory where there is room, unless TMPDIR or `--basetemp` name a place.

    A desk syncs what it writes, which a disk takes seconds for; a process that is killed loses nothing that
    it gave to the system, so that memory proves the same.
    """
    named = "TMPDIR" in os.environ or config.getoption("basetemp") or hasattr(config, "workerinput")
    if named or not os.access(MEMORY, os.W_OK):
        return
    if os.statvfs(MEMORY).f_flag & os.ST_NOEXEC or shutil.disk_usage(MEMORY).free < ROOM:
        return
    get_temp_dir()  # multiprocessing removes its own folder, later than these are
    _places.append(tempfile.mkdtemp(prefix="jstock-tests-", dir=MEMORY))
    Path(_places[-1]).chmod(0o755)  # a server of root's runs as another user
    os.environ["TMPDIR"], tempfile.tempdir = _places[-1], None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let each golden notebook begin without trials, before its kernel starts."""
    if item.path.suffix == ".ipynb" and _begun != [item.path]:
        forget_trials(Path(os.environ["JSTOCK_WORKSPACE"]))
        _begun[:] = [item.path]


@pytest.fixture(scope="session")
def shared_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Desk]]:
    """Make a desk with the options of `testing.desk`, once for all tests that give the same.

    A test that changes a desk works on a copy; one that fetched into a shared desk is found out at the end.
    """
    made: dict[str, Desk] = {}
    tokens: dict[str, str] = {}

    def share(**options: Any) -> Desk:
        key = repr(sorted(options.items()))
        if key not in made:
            made[key] = desk(tmp_path_factory.mktemp("shared") / "desk", **options)
            tokens[key] = _token(made[key])
        return made[key]

    yield share
    fetched = [key for key, shared in made.items() if _token(shared) != tokens[key]]
    assert not fetched, f"a test fetched into a shared desk, and should work on a copy: {fetched}"


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the steps of the daily notebook in this process: a kernel is slow, and not the subject."""
    from tests.storms.forks import execute_here

    monkeypatch.setattr("jstock_core.desk.day.publishing.executed.execute", execute_here)


def _token(shared: Desk) -> str:
    return MarketStore(shared.workspace.data).read().token
