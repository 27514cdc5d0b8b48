"""The output in every encoding, on a full disk, and with names that would steer a terminal."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from jstock_core.base.errors import ExitStatus, Stopped
from jstock_core.cli import run as jstock
from jstock_core.cli.terminal.show import console, show_json, show_table
from jstock_core.cli.terminal.stopping import catch_signals
from jstock_core.cli.terminal.streams import prepare_streams
from jstock_core.desk.workspace.desk import Desk

NOW = ("--now", "2026-01-21T07:00")
EVIL = "evil\x1b[31m\x9b7m\u202ename"
SAFE = "evil\\x1b[31m\\x9b7m\\u202ename"


def printed(encoding: str, monkeypatch: pytest.MonkeyPatch, *texts: str) -> str:
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", out)
    prepare_streams()
    for text in texts:
        console().print(text)
    out.flush()
    return out.buffer.getvalue().decode(encoding)


@pytest.mark.parametrize(
    ("encoding", "wanted"),
    [("utf-8", "¥1 − 2… トヨタ"), ("cp932", "￥1 − 2… トヨタ"), ("ascii", "JPY 1 - 2... ??????")],
)
def test_what_an_encoding_lacks_is_replaced(
    encoding: str, wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = printed(encoding, monkeypatch, "¥1 \N{MINUS SIGN} 2… トヨタ").strip()
    assert shown.replace("\N{FULLWIDTH HYPHEN-MINUS}", "\N{MINUS SIGN}") == wanted


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "ascii", "latin-1"])
def test_a_path_of_other_bytes_is_shown(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert printed(encoding, monkeypatch, "/tmp/\udcff").strip() == "/tmp/\\xff"


def test_names_do_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    console().print(EVIL)
    show_table(EVIL, {"name": "left"}, [[EVIL]])
    assert capsys.readouterr().out.count(SAFE) == 3


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "ascii"])
def test_json_is_lossless_in_every_encoding(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", out)
    show_json({"name": EVIL, "path": "\udcff", "price": "¥1"})
    out.flush()
    text = out.buffer.getvalue().decode(encoding)
    assert json.loads(text) == {"name": EVIL, "path": "\udcff", "price": "¥1"}
    assert not any(character in text for character in "\x1b\x9b\u202e")


@pytest.fixture(scope="module")
def made(shared_desk: Callable[..., Desk]) -> Path:
    return shared_desk().workspace.root


@pytest.fixture
def desk(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "desk"))


@pytest.fixture
def odd_desk(desk: Path, tmp_path: Path) -> Path:
    """A desk in folders whose names are markup."""
    place = tmp_path / "a[" / "]b[red]"
    shutil.copytree(desk, place)
    return place


COMMANDS = (
    ["trade", "status"],
    ["state", "backup"],
    ["state", "verify"],
    ["trade", "history", "--csv", "{root}/fills.csv"],
    ["state", "export", "--to", "{root}/export"],
    ["universe", "--write"],
)


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words[:2]))
def test_paths_are_no_markup(
    words: Sequence[str], odd_desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [word.format(root=odd_desk) for word in words]
    assert jstock([*given, "-w", str(odd_desk), *NOW]) == ExitStatus.OK
    said = capsys.readouterr().out
    if "{root}" in "".join(words) or "--write" in words or "backup" in words:
        assert "a[/]b[red]" in said


def ended(words: Sequence[str], encoding: str = "utf-8", **streams: object) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "jstock_core.cli", *words],
        check=False, stderr=subprocess.PIPE, env=os.environ | {"PYTHONIOENCODING": encoding},
        **streams,  # type: ignore[call-overload]
    )  # fmt: skip
    return done.returncode, done.stderr.decode(encoding)


needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")


@needs_full
@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["trade", "cash", "deposit", "conservative", "1000"], ExitStatus.PUBLISH),
        (["trade", "status"], ExitStatus.UNWRITABLE),
        (["trade", "status", "--json"], ExitStatus.UNWRITABLE),
    ],
)
def test_a_full_disk_behind_stdout_is_named(words: list[str], status: int, desk: Path) -> None:
    with Path("/dev/full").open("w") as full:
        found, said = ended([*words, "-w", str(desk), *NOW], stdout=full)
    assert found == status
    assert "No space left on device" in said
    assert "defect" not in said


@needs_full
def test_help_on_a_full_disk_is_named() -> None:
    with Path("/dev/full").open("w") as full:
        assert ended(["--help"], stdout=full)[0] == ExitStatus.UNWRITABLE


def test_without_stdout_the_output_goes_to_stderr(desk: Path) -> None:
    script = 'exec "$0" -m jstock_core.cli trade status -w "$1" --now 2026-01-21T07:00 >&-'
    done = subprocess.run(["sh", "-c", script, sys.executable, str(desk)], check=False, capture_output=True)
    assert done.returncode == ExitStatus.OK
    assert "conservative" in done.stderr.decode()


def test_text_that_is_no_utf8_is_refused(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["trade", "cash", "deposit", "conservative", "1000", "--reason", "\udcff", "-w", str(desk), *NOW]
    assert jstock(words) == ExitStatus.USAGE
    assert "no valid UTF-8" in capsys.readouterr().err


def test_a_workspace_that_no_report_can_name_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert jstock(["init", str(tmp_path / "\udcff")]) == ExitStatus.USAGE
    assert "no valid UTF-8" in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="there are no such signals here")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_signals_end_a_command_with_their_status(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from jstock_core import cli

    number = getattr(signal, name)
    kept = {other: signal.getsignal(other) for other in (signal.SIGTERM, signal.SIGHUP)}

    def work(*_: object, **__: object) -> None:
        signal.raise_signal(number)

    monkeypatch.setattr(cli, "jstock", work)
    try:
        for other in kept:
            signal.signal(other, signal.SIG_DFL)  # also where the tests run under nohup, which ignores one
        catch_signals()
        assert jstock([]) == 128 + number
        assert 128 + number in [int(status) for status in ExitStatus]
        signal.raise_signal(number)  # a second one changes nothing
    finally:
        for other, handler in kept.items():
            signal.signal(other, handler)
    with pytest.raises(Stopped):
        raise Stopped(number)
