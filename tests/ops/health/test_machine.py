"""The machine: permissions, room, the lock."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import namedtuple

import pytest

from jstock_core.base.errors import ExitStatus
from jstock_core.desk.workspace.desk import Desk
from jstock_core.ops.health import machine
from jstock_core.ops.health.check import Examined, State
from tests.ops.health.conftest import look, one, states

Usage = namedtuple("Usage", "total used free")  # noqa: PYI024 (as shutil's)
posix = pytest.mark.skipif(os.name != "posix", reason="Unix permissions")


def test_a_desk_that_was_made_by_jstock_is_private_and_writable(examined: Examined) -> None:
    assert one(machine.examine_writing, examined).state is State.OK
    assert one(machine.examine_privacy, examined).state is State.OK


def test_a_folder_that_cannot_be_written_is_named(
    examined: Examined, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = examined.place.data
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path != refused and real(path, mode))
    check = one(machine.examine_writing, examined)
    assert (check.state, check.exit) == (State.FAIL, ExitStatus.UNWRITABLE)
    assert str(refused) in check.what


@posix
def test_what_others_can_read_is_named_with_the_command_that_mends_it(examined: Examined) -> None:
    examined.place.journal.chmod(0o644)
    check = one(machine.examine_privacy, examined)
    assert check.state is State.WARN
    assert str(examined.place.journal) in check.what
    subprocess.run(["sh", "-c", check.remedy], check=True)
    assert one(machine.examine_privacy, examined).state is State.OK


@pytest.mark.parametrize(("days", "state"), [(1, State.FAIL), (10, State.WARN), (1_000, State.OK)], ids=str)
def test_room_is_told_in_days(
    examined: Examined, monkeypatch: pytest.MonkeyPatch, days: int, state: State
) -> None:
    free = days * machine.USUAL_DAY
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, free))
    check = one(machine.examine_disk, examined)
    assert check.state is state
    assert f"{free / 2**20:,.0f} MB free" in check.what


def test_a_run_that_holds_the_desk_is_named(desk: Desk, examined: Examined) -> None:
    assert one(machine.examine_lock, examined).state is State.OK
    program = (
        "import sys; from pathlib import Path; from jstock_core.desk.workspace.lock import hold\n"
        "with hold(Path(sys.argv[1]), 'the day of 2026-01-21'):\n"
        "    print('held', flush=True)\n"
        "    sys.stdin.read()"
    )
    words = [sys.executable, "-c", program, str(desk.workspace.lock)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        check = one(machine.examine_lock, examined)
        holder.communicate("")
    assert check.state is State.NOTE
    assert f"process {holder.pid}, the day of 2026-01-21" in check.what
    assert one(machine.examine_lock, examined).state is State.OK


def test_looking_at_a_desk_makes_no_lock(examined: Examined) -> None:
    shutil.rmtree(examined.place.root / "data")
    assert states(look(machine.examine_lock, examined)) == [State.OK]
    assert not examined.place.lock.exists()
