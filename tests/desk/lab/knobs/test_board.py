"""The board: what a person turns and clicks reaches the knobs, and what they give is shown."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from jstock_core.base.errors import UsageError
from jstock_core.base.words import number
from jstock_core.desk.lab.knobs.board import KnobBoard
from jstock_core.desk.lab.knobs.controls import label
from jstock_core.desk.lab.knobs.knobs import Knobs
from jstock_core.desk.lab.knobs.tiles import sweep_tiles, tile_board
from jstock_core.desk.lab.lab import Lab, open_lab
from tests.desk.days import MORNING
from tests.desk.lab.test_trial import html_of

widgets = pytest.importorskip("ipywidgets")


def no_loop() -> None:
    raise RuntimeError("no running event loop")


@pytest.fixture
def board(knobs: Knobs, monkeypatch) -> KnobBoard:
    """A board whose turns are not put off: a browser of another test may have left its loop running here."""
    monkeypatch.setattr("jstock_core.desk.lab.knobs.knobs.has_front_end", lambda: True)
    monkeypatch.setattr("asyncio.get_running_loop", no_loop)
    assert "application/vnd.jupyter.widget-view+json" in knobs._repr_mimebundle_()
    assert knobs._board is not None
    return knobs._board


def every(widget: Any) -> list[Any]:
    return [widget, *(found for child in getattr(widget, "children", ()) for found in every(child))]


def control(board: KnobBoard, name: str) -> Any:
    return next(w for w in every(board.widget) if getattr(w, "description", "") == name)


def shown(board: KnobBoard) -> str:
    text = " ".join(w.value for w in every(board.widget) if isinstance(w, widgets.HTML))
    return re.sub(r"<style.*?</style>", "", text, flags=re.DOTALL)


def test_each_knob_has_a_control_with_the_range_of_its_rule(board: KnobBoard, knobs: Knobs):
    assert board._controls.fits(knobs.listed)
    stop = control(board, "stop loss, %")
    assert (stop.min, stop.max, stop.step, stop.value) == (0.5, 50, 0.5, 8)
    assert stop.continuous_update is False, "turned when it is let go"
    assert stop.tooltip == "exit.stop_loss_pct: loss that sells, in percent"
    assert control(board, "by").options[0] == "simple_score"
    assert isinstance(control(board, "foreign exodus"), widgets.Checkbox)


def test_a_slider_that_is_let_go_changes_figures_curves_and_orders(board: KnobBoard, knobs: Knobs):
    before = shown(board)
    control(board, "buy threshold").value = 80
    after = shown(board)
    assert dict(knobs.changed) == {"entry.buy_threshold": 80}
    assert "entry.buy_threshold 55 -&gt; 80" in after
    assert re.search(r"turned in \d+\.\d\d s", after)
    assert re.search(r"[1-9]\d* dropped", after)
    assert after.count("<svg") == before.count("<svg") == 2
    marks = [w.children[0].value for w in every(board._left) if isinstance(w, widgets.HBox)]
    assert marks[:3] == ["●", "", ""]


def test_a_knob_that_is_turned_by_code_moves_its_slider(board: KnobBoard, knobs: Knobs):
    knobs.turn(exit__take_profit_pct=250)
    slider = control(board, "take profit, %")
    assert (slider.value, slider.max) == (250, 250), "beyond its range, which widens"
    control(board, "Reset").click()
    assert slider.value == 15
    assert not knobs.changed


def test_a_slider_is_never_told_what_it_said(board: KnobBoard, monkeypatch):
    """A key that is held down has moved it on by then, and JupyterLab would put it back."""
    slider = control(board, "buy threshold")
    told = []
    monkeypatch.setattr(type(slider), "_send", lambda _widget, message, **_: told.append(message))
    slider.set_state({"value": 75.00000000000001})  # as a front end adds steps
    assert board._knobs.changed == {"entry.buy_threshold": 75}
    assert not told


def test_a_value_that_cannot_be_is_refused_in_words_and_put_back(board: KnobBoard, knobs: Knobs):
    control(board, "reuse sales").value = True
    control(board, "fills").value = "manual"
    assert "reuse_sales needs paper fills" in shown(board)
    assert control(board, "fills").value == "open"
    assert dict(knobs.changed) == {"reuse_sales": True}


def test_a_tile_of_the_sweep_turns_the_knobs_to_its_values(board: KnobBoard, knobs: Knobs, monkeypatch):
    found = knobs.around(["entry.buy_threshold", "exit.stop_loss_pct"], count=1)
    monkeypatch.setattr(type(knobs), "around", lambda _knobs: found)
    control(board, "Sweep around here").click()
    tiles = [w for w in every(board._found) if isinstance(w, widgets.Button)]
    assert len(tiles) == 9
    tile = next(t for t in tiles if t.tooltip == "entry.buy_threshold 60, exit.stop_loss_pct 7")
    tile.click()
    assert dict(knobs.changed) == {"entry.buy_threshold": 60, "exit.stop_loss_pct": 7}
    cells = sweep_tiles(found, "sharpe", "entry.buy_threshold", "exit.stop_loss_pct")
    assert [len(row) for row in cells] == [3, 3, 3]
    assert tile.description == number(cells[2][0].figure)


def test_a_sweep_of_one_knob_is_a_row(board: KnobBoard, knobs: Knobs):
    found = knobs.around(["entry.buy_threshold"], count=1)
    row = knobs.heatmap(found, beside=found.heatmap())
    assert "<svg" in row.children[1].value
    assert [w.description != "" for w in every(row) if isinstance(w, widgets.Button)] == [True] * 3


def test_what_cannot_be_saved_or_checked_is_said(board: KnobBoard, knobs: Knobs, monkeypatch):
    def fails(*_):
        raise UsageError("no rule to check", do="declare one")

    monkeypatch.setattr(type(knobs), "check", fails)
    control(board, "Check").click()
    assert "no rule to check; do: declare one" in shown(board)
    control(board, "Save as").value = "../other"
    control(board, "Save").click()
    assert "cannot be the id of a group" in shown(board)


def test_a_save_says_where(desk: Path):
    knobs = open_lab(desk, now=MORNING).knobs("conservative", "2026-01-05")
    board = KnobBoard(knobs)
    control(board, "stop loss, %").value = 6
    control(board, "Save as").value = "tighter"
    control(board, "Save").click()
    assert "params/candidates/tighter.yaml" in shown(board)
    assert (desk / "params" / "candidates" / "tighter.yaml").exists()


def test_a_save_over_the_candidate_of_another_group_is_refused_in_words(desk: Path):
    lab = open_lab(desk, now=MORNING)
    lab.save(lab.group("aggressive"), "theirs")
    board = KnobBoard(lab.knobs("conservative", "2026-01-05"))
    control(board, "Save as").value = "theirs"
    control(board, "Save").click()
    assert "is of another group" in shown(board)
    assert "save it under another name" in shown(board)


def test_tiles_have_the_shades_of_the_drawn_map(board: KnobBoard, knobs: Knobs):
    found = knobs.around(["entry.buy_threshold", "exit.stop_loss_pct"], count=1)
    tiles = [w for w in every(knobs.heatmap(found)) if isinstance(w, widgets.Button)]
    drawn = re.findall(r'<rect class="(c-heat[^"]*)"', html_of(found.heatmap()))
    assert [" ".join(tile._dom_classes) for tile in tiles] == drawn
    assert len(set(drawn)) > 1


def test_a_set_that_failed_is_marked_and_said_why(lab: Lab):
    """On the drawn map, in its words, and on the tiles."""
    found = lab.sweep(
        "conservative",
        {"entry.buy_threshold": [60, 170], "exit.stop_loss_pct": [4, 8]},
        "2025-12", "2025-12",
    )  # fmt: skip
    drawn, board = found.heatmap(), tile_board(found, "sharpe", lambda _: None)
    assert drawn.html.count('class="c-gap"') == 2
    assert re.search(r"× 2 sets: .*buy_threshold.* at most 100, got 170", drawn.plain)
    assert "× 2 sets" in drawn.markdown
    tiles = [w for w in every(board) if isinstance(w, widgets.Button) and w.disabled]
    assert [tile.description for tile in tiles] == ["×", "×"]
    assert "at most 100, got 170" in tiles[0].tooltip
    assert "× 2 sets" in board.children[-1].value


def test_a_unit_is_not_said_twice(knobs: Knobs):
    labels = {knob.key: label(knob) for knob in knobs.listed}
    assert labels["exit.review_days"] == "review days"
    assert labels["exit.trail"] == "trail, ATR"
