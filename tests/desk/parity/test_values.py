"""A file of values that changes after a desk was replayed: parity names the data as what differs."""

from __future__ import annotations

from pathlib import Path

import pytest

from jstock_core.base.errors import ExitStatus
from jstock_core.desk.parity.parity import measure_parity
from jstock_core.desk.past.replays import run_replay
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.reports.model.lab.parity import ParityClass, ParityResult
from tests.desk.days import MORNING, edited

FIRST, LAST = "2026-01-13", "2026-01-20"
RULES = '''
import numpy as np
from jstock_core.rules import Entry, EntryOpinions, entry, feature

@feature("ml_score", unit="fraction", needs=1)
def ml_score(bars):
    """What a model thinks."""
    return bars.given("ml_score")

@entry("Scored")
class Scored(Entry):
    """Buy what the model likes."""

    needs = 1

    def evaluate(self, view):
        found, none = view.value(ml_score), np.full(view.shape, np.nan)
        buy = view.has_bar & (found > 0.5)
        return EntryOpinions(buy, none, none, buy * 0.5, {}, lambda row, n: f"score {found[row, n]:.2f}")
'''
GROUP = """
name: Scored
initial_capital: 5_000_000
entry: {use: Scored}
exit: [{layer: stop_loss, loss_pct: 8}]
sizing: {use: equal_weight, max_positions: 5, max_position_pct: 20}
"""


def write(root: Path, *rows: tuple[str, str, float]) -> None:
    lines = [f"{code},{day}T06:30,{value}" for code, day, value in rows]
    (root / "data" / "scores.csv").write_text(
        "\n".join(["code,known_at,value", *lines, ""]), encoding="utf-8"
    )


@pytest.fixture
def codes(new: Path) -> tuple[str, ...]:
    """Codes of a desk whose only group buys by the scores of a model, replayed: two were bought."""
    panel = open_desk(new, now=MORNING).panel()
    for path in (new / "params" / "groups").iterdir():
        path.unlink()
    (new / "params" / "groups" / "scored.yaml").write_text(GROUP, encoding="utf-8")
    (new / "params" / "scored.py").write_text(RULES, encoding="utf-8")
    values = "values: {ml_score: data/scores.csv}\nplugins: [params/scored.py]"
    edited(new, "params/desk.yaml", "margin: false", f"margin: false\n{values}")
    row = panel.close[panel.row(panel.session(-5)) - 1]
    found = [code for code, close in zip(panel.codes, row, strict=True) if close < 3000][:3]
    write(new, (found[0], "2026-01-14", 0.9), (found[1], "2026-01-16", 0.8))
    run_replay(open_desk(new, now=MORNING), FIRST, LAST)
    return tuple(found)


def held(root: Path) -> ParityResult:
    return measure_parity(open_desk(root, now=MORNING), FIRST, LAST)


def told(found: ParityResult) -> list[tuple[str, str, str, ParityClass]]:
    return [(str(each.session), each.side, each.code, each.kind) for each in found.differences]


def test_with_the_same_values_a_replayed_desk_is_its_backtest(new: Path, codes: tuple[str, ...]) -> None:
    found = held(new)
    assert (found.orders, told(found), found.exit) == (2, [], ExitStatus.OK)
    write(new, (codes[0], "2026-01-14", 0.9), (codes[1], "2026-01-16", 0.8), (codes[2], "2026-01-21", 0.9))
    assert told(held(new)) == [], "what became known later changes nothing"


def test_a_value_of_the_past_that_is_written_over_is_a_difference_of_the_data(
    new: Path, codes: tuple[str, ...]
) -> None:
    write(new, (codes[0], "2026-01-14", 0.1), (codes[1], "2026-01-16", 0.8))
    assert told(held(new)) == [("2026-01-14", "BUY", codes[0], ParityClass.DATA)]


def test_a_value_that_is_put_into_the_past_is_a_difference_of_the_data(
    new: Path, codes: tuple[str, ...]
) -> None:
    write(new, (codes[0], "2026-01-14", 0.9), (codes[1], "2026-01-16", 0.8), (codes[2], "2026-01-15", 0.7))
    assert told(held(new)) == [("2026-01-15", "BUY", codes[2], ParityClass.DATA)]
