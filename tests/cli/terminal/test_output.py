"""What is printed comes out as it is, and who stops reading is not told of a defect."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

from jstock_core.base.errors import ExitStatus
from jstock_core.cli.recording.cash import show_change
from jstock_core.cli.terminal.question import ask
from jstock_core.cli.terminal.show import console, progress, show_error, show_table
from jstock_core.desk.trading.cash import GroupChange

ID = "deposit:2026-01-27:conservative:100:0"
AWKWARD = "deposit:2026-01-27:[red]:smile:100:100:0"


def test_an_id_is_printed_whole(capsys: pytest.CaptureFixture[str]) -> None:
    for name in (ID, AWKWARD):
        show_change(GroupChange((name,), date(2026, 1, 27), "core", cash=100, reserved=0))
        assert f"recorded {name}" in capsys.readouterr().out


def test_an_id_is_shown_whole_in_a_table_and_in_its_title(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(f"facts of {AWKWARD}", {f"id {ID}": "left"}, [[AWKWARD], [ID]])
    out = capsys.readouterr().out
    assert (out.count(AWKWARD), out.count(ID)) == (2, 2)


def test_an_id_is_printed_whole_on_stderr_and_beside_a_bar(capsys: pytest.CaptureFixture[str]) -> None:
    show_error(f"no {AWKWARD}", where=ID, do=ID)
    with progress(ID) as bar:
        bar.say(ID)
        description = bar._bar.columns[0].render(bar._bar.tasks[0])
    err = capsys.readouterr().err
    assert (err.count(AWKWARD), err.count(ID)) == (1, 3)
    assert str(description) == ID


def test_a_question_keeps_its_ids(capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    monkeypatch.setattr("builtins.input", lambda: "")
    assert ask(f"is it {ID}", "a:100:b") == "a:100:b"
    assert capsys.readouterr().out == f"is it {ID} (a:100:b): "
    assert console()._emoji is False


MUCH = {
    "a table": "show_table('facts', {'id': 'left'}, [[str(n)] for n in range(9000)])",
    "JSON": "show_json(list(range(90000)))",
    "a line": "show_json([])",
}
"""More than a pipe holds, and so little that it is flushed only at the end."""


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("what", [*MUCH])
def test_a_closed_pipe_ends_quietly(what: str, unbuffered: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    script = (
        "import sys, jstock_core.cli as cli, jstock_core.cli.program.app as tree\n"
        "from jstock_core.cli.terminal.show import show_json, show_table\n"
        "from jstock_core.cli.program.tree import Leaf\n"
        "import typer\n"
        "tree.much = typer.Typer(add_completion=False)\n"
        "tree.TREE['much'] = Leaf('program.app', 'much', 'Print much.')\n"
        "@tree.much.command()\n"
        f"def much() -> int:\n    sys.stdin.read()\n    {MUCH[what]}\n    return 0\n"
        "sys.argv = ['jstock', 'much']\n"
        "cli.main()\n"
    )
    assert ended(script) == (ExitStatus.CLOSED_PIPE, "")


def test_help_into_a_closed_pipe_ends_quietly() -> None:
    script = (
        "import sys, jstock_core.cli as cli\n"
        "sys.stdin.read()\nsys.argv = ['jstock', 'trade', '--help']\ncli.main()\n"
    )
    assert ended(script) == (ExitStatus.CLOSED_PIPE, "")


def test_another_broken_pipe_is_a_defect(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a worker that died, for one: that is not the reader's doing."""
    from jstock_core import cli

    def broken(_: list[str]) -> int:
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr(cli, "_status", broken)
    assert cli.run([]) == ExitStatus.INTERNAL
    assert "a defect in jstock: BrokenPipeError" in capsys.readouterr().err


def ended(script: str) -> tuple[int, str]:
    """Status and stderr of a script whose stdout nobody reads; its stdin ends once that is so."""
    child = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdin
    assert child.stdout
    assert child.stderr
    child.stdout.close()
    child.stdin.close()
    told = child.stderr.read()
    child.stderr.close()
    return child.wait(60), told
