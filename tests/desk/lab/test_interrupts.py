"""A kernel that is interrupted in the middle of a sweep: what is done is kept, and it goes on with it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.desk.days import MORNING

pytest.importorskip("ipykernel")

Cell = Callable[..., tuple[str, list[str]]]
SETUP = """
import jstock_core as js
from jstock_core.research.sweep.shards import Shards

lab = js.lab(now="{now}")
keep = Shards.add

def keep_and_say(shards, found):
    keep(shards, found)
    print("kept", flush=True)

Shards.add = keep_and_say
sets = {{"entry.buy_threshold": range(50, 80), "exit.stop_loss_pct": [4, 5, 6, 7, 8, 9, 10]}}
"""
SWEEP = 'found = lab.sweep("conservative", sets, "2022", "2025")'
AGAIN = """
Shards.add = None  # nothing may be evaluated: it must be kept
first = {"entry.buy_threshold": [50], "exit.stop_loss_pct": [4]}
print(lab.sweep("conservative", first, "2022", "2025").table.failed, lab.ledger.count() > 0)
"""


@pytest.fixture
def cell(fetched: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cell]:
    """Run a cell in a real kernel, interrupted where asked once sets are kept: its prints, and its error."""
    from jupyter_client.manager import start_new_kernel

    root = shutil.copytree(fetched, tmp_path / "desk")
    monkeypatch.setenv("JSTOCK_WORKSPACE", str(root))
    kernel, client = start_new_kernel(kernel_name="python3", env=dict(os.environ))

    def run(source: str, *, interrupt: bool = False) -> tuple[str, list[str]]:
        asked, said, error = client.execute(source), "", []
        while True:
            message = client.get_iopub_msg(timeout=120)
            if message["parent_header"].get("msg_id") != asked:
                continue
            content = message["content"]
            match message["msg_type"]:
                case "stream" if content["name"] == "stdout":
                    said += content["text"]
                    if interrupt and said.count("kept") > 1:  # the first ones are counted then
                        kernel.interrupt_kernel()
                        interrupt = False
                case "error":
                    error = content["traceback"]
                case "status" if content["execution_state"] == "idle":
                    return said, error

    yield run
    client.stop_channels()
    kernel.shutdown_kernel(now=True)


@pytest.mark.filterwarnings("ignore::UserWarning")  # of jupyter_client, on how it talks with a kernel
def test_an_interrupted_sweep_keeps_what_is_done_and_goes_on(cell: Cell) -> None:
    assert cell(SETUP.format(now=MORNING)) == ("", [])
    said, error = cell(SWEEP, interrupt=True)
    assert said.startswith("kept")
    assert len(error) == 3, error
    assert error[0].endswith("of 210 sets are kept")
    assert not error[0].startswith("Interrupted: 0 ")
    assert error[1:] == [f"line 1: {SWEEP}", "do: run it again to go on where it was"]
    assert cell(AGAIN) == ("{} True\n", [])


@pytest.mark.filterwarnings("ignore::UserWarning")  # of jupyter_client, on how it talks with a kernel
def test_an_interrupted_walk_keeps_what_is_done_and_goes_on(cell: Cell) -> None:
    assert cell(SETUP.format(now=MORNING)) == ("", [])
    sweep, walk = (
        'found = lab.sweep("conservative", few, "2024", "2025")',
        "w = lab.walk_forward(found, 120, 60)",
    )
    assert cell(f'few = {{"entry.buy_threshold": range(50, 80, 4)}}\n{sweep}')[1] == []
    said, error = cell(walk, interrupt=True)
    assert said.startswith("kept")
    kept = re.fullmatch(r"Interrupted: (\d+) of (\d+) sets are kept", error[0])
    assert kept is not None, error
    assert 0 < int(kept[1]) < int(kept[2])
    assert error[1:] == [f"line 1: {walk}", "do: run it again to go on where it was"]
    counted = "added = []\nShards.add = lambda shards, found: (added.extend(found), keep(shards, found))[1]\n"
    again = "print(len(added), lab.walk_forward(found, 120, 60).frame.equals(w.frame))"
    said, error = cell(f"{counted}{walk}\n{again}")
    added, same = said.split()
    assert (same, error) == ("True", [])
    assert 0 < int(added) <= int(kept[2]) - int(kept[1]), "what was kept last may not have been said yet"
