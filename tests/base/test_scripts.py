from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import jstock_core as js
from jstock_core.base.errors import ExitStatus, PublishError, UsageError
from jstock_core.base.scripts import short_errors
from jstock_core.decide.groups import make_group

SCRIPT = """
import sys
import jstock_core as js

def declare():
    js.make_group("core", {{"name": "Core", "initial_capital": 0}}, where="here")  # the author's own line

{call}
"""


def ended(folder: Path, call: str) -> subprocess.CompletedProcess[str]:
    script = folder / "script.py"
    script.write_text(SCRIPT.format(call=call), encoding="utf-8")
    return subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)


def test_a_script_ends_with_a_few_lines_and_the_status_of_a_command(tmp_path: Path) -> None:
    done = ended(tmp_path, "with js.short_errors():\n    declare()")
    assert done.returncode == ExitStatus.PARAMS
    assert done.stderr.startswith("ParamsError: ")
    assert "Traceback" not in done.stderr
    assert "line 6: js.make_group(" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("do: ")


@pytest.mark.parametrize("call", ["declare()", "with js.short_errors():\n    pass\ndeclare()"])
def test_outside_of_the_block_nothing_is_changed(tmp_path: Path, call: str) -> None:
    done = ended(tmp_path, call)
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback")


def test_other_errors_keep_their_traceback() -> None:
    with pytest.raises(ZeroDivisionError), short_errors():
        _ = 1 / 0
    with pytest.raises(KeyboardInterrupt), short_errors():
        raise KeyboardInterrupt


def test_it_shows_what_a_notebook_shows(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ending, js.short_errors():
        make_group("core", {"name": "Core"}, where="here")
    assert ending.value.code == ExitStatus.PARAMS
    shown = capsys.readouterr()
    assert shown.out == ""
    with pytest.raises(UsageError) as caught:
        raise UsageError("no", where="here", do="that")
    assert caught.value._render_traceback_() == caught.value.short_lines()


def test_tickets_without_a_report_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    class Tickets:
        def as_text(self) -> str:
            return "BUY 100 7203"

        def as_json(self) -> None:
            """As JSON."""

    error = PublishError("recorded, not published")
    error.tickets = Tickets()
    with pytest.raises(SystemExit), short_errors():
        raise error
    assert "BUY 100 7203" in capsys.readouterr().err
