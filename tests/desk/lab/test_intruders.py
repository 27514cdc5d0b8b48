"""Rules that end the process, raise what is no Exception, or print: nothing is decided, no status is 0."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from jstock_core.base.contain import PlugInError
from jstock_core.base.errors import ExitStatus
from jstock_core.cli import run as cli
from jstock_core.desk.day.day import run_day
from jstock_core.desk.workspace.desk import open_desk
from tests.desk.days import NEXT_MORNING, journaled

PLANTS = Path(__file__).parents[2] / "plants"
GROUP = "params/groups/conservative.yaml"
ENTRY = "entry:\n  use: SimpleScorer\n  buy_threshold: 55"
PLACES = {
    "the entry IntrudingEntry": "entry",
    "the layer intruding_layer": "layer",
    "the exit layers": "layer",
    "the filter intruding_filter": "filter",
    "the protection intruding_protection": "protection",
    "the sizing IntrudingSizing": "sizing",
}


@pytest.fixture
def invaded(desk: Path):
    """Bring a rule of that kind into the desk's first group."""

    def bring(kind: str, how: str) -> Path:
        shutil.copy(PLANTS / "intruders.py", desk / "params" / "mine.py")
        with (desk / "params" / "desk.yaml").open("a", encoding="utf-8") as file:
            file.write("\nplugins: [params/mine.py]\n")
        text = (desk / GROUP).read_text(encoding="utf-8")
        match kind:
            case "entry":
                text = text.replace(ENTRY, f"entry: {{use: IntrudingEntry, how: {how}}}")
            case "layer":
                start, end = text.index("exit:"), text.index("sizing:")
                text = f"{text[:start]}exit:\n  - {{layer: intruding_layer, how: {how}}}\n\n{text[end:]}"
            case "sizing":
                text = text.replace("use: equal_weight", f"use: intruding_sizing\n  how: {how}")
            case _:
                text += f"\n{kind}s:\n  - {{use: intruding_{kind}, how: {how}}}\n"
        (desk / GROUP).write_text(text, encoding="utf-8")
        return desk

    return bring


@pytest.mark.parametrize(
    ("named", "how", "said"),
    [
        ("the entry IntrudingEntry", "hard", "ends the process (SystemExit: 0) in intrude"),
        ("the entry IntrudingEntry", "odd", "raised OddError: no in intrude"),
        ("the layer intruding_layer", "soft", "ends the process (SystemExit: 0) in intrude"),
        ("the exit layers", "print", "prints '{\"orders\": []}' in intrude"),
        ("the filter intruding_filter", "soft", "ends the process"),
        ("the protection intruding_protection", "print", "prints"),
        ("the sizing IntrudingSizing", "hard", "ends the process"),
    ],
)
def test_nothing_is_decided_and_the_rule_is_named(invaded, named: str, how: str, said: str, capfd) -> None:
    root = invaded(PLACES[named], how)
    before = journaled(root)
    with pytest.raises(PlugInError) as caught:
        run_day(open_desk(root, now=NEXT_MORNING))
    assert caught.value.what.startswith(f"{named} {said}")
    assert caught.value.where.startswith(f"{root / 'params' / 'mine.py'}:")
    assert journaled(root) == before
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("how", ["hard", "print"])
def test_a_command_ends_with_status_3_and_nothing_on_stdout(invaded, how: str, capfd) -> None:
    root = invaded("entry", how)
    words = ["trade", "prepare", "--json", "-w", str(root), "--now", NEXT_MORNING]
    assert cli(words) == ExitStatus.PARAMS
    shown = capfd.readouterr()
    assert shown.out == ""
    assert "the entry IntrudingEntry" in shown.err


def test_the_daily_notebook_ends_with_status_3(invaded, capsys) -> None:
    root = invaded("entry", "print")
    before = journaled(root)
    assert cli(["daily", "-w", str(root), "--now", NEXT_MORNING, "--json"]) == ExitStatus.PARAMS
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "the entry IntrudingEntry prints" in " ".join(shown.err.split())
    assert journaled(root) == before


def test_a_rule_that_kills_the_kernel_is_named(invaded, capsys) -> None:
    """What no Python can keep from happening is told by who survives it."""
    root = invaded("entry", "kill")
    before = journaled(root)
    assert cli(["daily", "-w", str(root), "--now", NEXT_MORNING]) == ExitStatus.NOTEBOOK
    shown = " ".join(capsys.readouterr().err.split())
    assert "the kernel was killed" in shown
    assert "while the entry IntrudingEntry was asked" in shown
    assert journaled(root) == before


def test_a_command_that_something_else_ends_is_no_success(desk: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr("jstock_core.cli.trade.status.portfolio_status", lambda *_, **__: sys.exit(0))
    assert cli(["trade", "status", "-w", str(desk), "--now", NEXT_MORNING]) == ExitStatus.PARAMS
    assert "a plug-in ends the process (SystemExit: 0)" in capsys.readouterr().err
