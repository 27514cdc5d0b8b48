"""`jstock params check` finds every fault at once, with file, line and key."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jstock_core.base.errors import ExitStatus, JstockError
from jstock_core.cli import run
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.desk.workspace.workspace import Workspace, create_workspace
from jstock_core.ops.health.check import look_at
from jstock_core.ops.health.doctor import examine_desk
from jstock_core.ops.parameters.check import CheckedParams, check_params
from jstock_core.testing import copy_desk


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    return create_workspace(tmp_path / "ws", "simulated")


def edit(place: Workspace, file: str, *changes: tuple[str, str], end: str = "") -> None:
    """Replace texts that stand once at the beginning of a line of a file of params."""
    path = place.root / "params" / file
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        text, count = re.subn(rf"^( *){re.escape(old)}", rf"\g<1>{new}", text, flags=re.MULTILINE)
        assert count == 1, old
    path.write_text(text + end, encoding="utf-8")


def found(checked: CheckedParams) -> list[tuple[str, str]]:
    return [(fault.file.removeprefix("params/"), fault.key) for fault in checked.faults]


def test_the_parameters_of_a_new_desk_have_no_faults(place: Workspace):
    checked = check_params(place)
    assert checked.faults == checked.unread == ()
    assert checked.exit == ExitStatus.OK
    assert checked.files == (
        "params/desk.yaml",
        "params/groups/aggressive.yaml",
        "params/groups/conservative.yaml",
        "params/research/sweep.yaml",
        "params/research/universe.yaml",
        "params/research/walk.yaml",
    )


def test_every_fault_of_every_file_is_found_at_once(place: Workspace):
    edit(
        place,
        "desk.yaml",
        ("costs: []", "costs: [{since: 2026-01-01}, {since: 2026-02-01, commission_pct: 9}]"),
        ('schedule: {morning: "07:00"', 'schedule: {morning: "10:00"'),
        ("notify: {}", "notify: {ways: {mail: {use: smtp, host: a}, talk: {use: shout}}}"),
        ("margin: false", "margn: false"),
    )
    edit(
        place,
        "groups/conservative.yaml",
        ("buy_threshold: 65", "buy_threshold: 650"),
        ("stop_loss_pct: 8", "stop_loss_pct: 0.08"),
        ("max_positions: 5", "max_position: 5"),
        ("ties: [confidence", "ties: [confidenc"),
        ("fills: open", "fills: opn"),
        end="filters: [{use: min_turnover}, {use: nobody}, {use: cool_down, sessions: 3, mode: x}]\n",
    )
    edit(place, "research/universe.yaml", ("top: 50", "top: 0"), ("min_bars: 250", "min_bars: many"))
    edit(place, "research/sweep.yaml", ("rank: sharpe", "rank: luck"))
    edit(place, "research/walk.yaml", ("choose: best", "choose: worst"))
    checked = check_params(place)
    assert checked.exit == ExitStatus.PARAMS
    assert found(checked) == [
        ("desk.yaml", "margn"),
        ("desk.yaml", "schedule.morning"),
        ("desk.yaml", "costs.1.commission_pct"),
        ("desk.yaml", "notify.ways.mail.to"),
        ("desk.yaml", "notify.ways.mail.sender"),
        ("desk.yaml", "notify.ways.talk.use"),
        ("groups/conservative.yaml", "fills"),
        ("groups/conservative.yaml", "entry.buy_threshold"),
        ("groups/conservative.yaml", "exit.stop_loss_pct"),
        ("groups/conservative.yaml", "filters.0.yen"),
        ("groups/conservative.yaml", "filters.1"),
        ("groups/conservative.yaml", "filters.2.mode"),
        ("groups/conservative.yaml", "sizing.max_position"),
        ("groups/conservative.yaml", "ranking.ties.0"),
        ("research/sweep.yaml", "rank"),
        ("research/universe.yaml", "top"),
        ("research/universe.yaml", "filters.min_bars"),
        ("research/walk.yaml", "choose"),
    ]
    lines = (place.groups / "conservative.yaml").read_text(encoding="utf-8").splitlines()
    for fault in checked.faults:
        if fault.file == "params/groups/conservative.yaml":
            assert fault.line is not None
            last = fault.key.split(".")[-1]
            assert (
                last.isdecimal()
                or last in lines[fault.line - 1]
                or "use: min_turnover" in lines[fault.line - 1]
            )


@pytest.mark.parametrize(
    "broken",
    [
        ("desk.yaml", "live: true", "live: maybe"),
        ("desk.yaml", 'revise_until: "08:50"', 'revise_until: "09:30"'),
        ("desk.yaml", "trading_units: {}", "trading_units: {abc: 1}"),
        ("desk.yaml", "csv_columns: {}", "csv_columns: {A: nothing}"),
        ("desk.yaml", "limits: {}", "limits: {max_orders: -1}"),
        ("desk.yaml", "monitor_list: data", "monitor_list: dota"),
        ("desk.yaml", "desk:", "plugins: [params/none.py]\ndesk:"),
        ("desk.yaml", "provider: {use: simulated", "provider: {use: nobody"),
        ("groups/conservative.yaml", "fills: open", "fills: manual\nreuse_sales: true"),
        ("groups/conservative.yaml", "entry:", "entry: {use: Vote, threshold: 1, of: [{use: No}]}\nx:"),
        ("groups/conservative.yaml", "name:", "\tname:"),
        ("groups/conservative.yaml", "exit:", "exit: []\nx:"),
    ],
    ids=lambda broken: broken[2],
)
def test_what_a_desk_stops_at_is_found(place: Workspace, broken: tuple[str, str, str]):
    file, old, new = broken
    edit(place, file, (old, new))
    with pytest.raises(JstockError):
        open_desk(place.root)
    checked = check_params(place)
    assert f"params/{file}" in {fault.file for fault in checked.faults}


def test_members_of_a_combination_are_judged_apart(place: Workspace):
    members = "{use: SimpleScorer, buy_threshold: 650}, {use: MACDCrossover, x: 1}"
    edit(place, "groups/aggressive.yaml", ("entry:", f"entry: {{use: Any, of: [{members}]}}\nold:"))
    keys = [key for file, key in found(check_params(place)) if file == "groups/aggressive.yaml"]
    assert keys == ["old", "entry.of.0.buy_threshold", "entry.of.1.x"]


def test_two_files_of_one_group_and_files_that_nobody_reads(place: Workspace):
    text = (place.groups / "aggressive.yaml").read_text(encoding="utf-8")
    (place.groups / "aggressive.yml").write_text(text, encoding="utf-8")
    (place.root / "params" / "group").mkdir()
    for stray in ("other.yaml", "group/mine.yaml"):
        (place.root / "params" / stray).write_text("name: a", encoding="utf-8")
    checked = check_params(place)
    assert [fault.what for fault in checked.faults] == [
        "aggressive.yaml and aggressive.yml both declare the group aggressive"
    ]
    assert checked.unread == ("params/other.yaml", "params/group/mine.yaml")


def test_a_group_without_a_file_and_another_capital_are_found(
    shared_desk: Callable[..., Desk], tmp_path: Path
):
    made = copy_desk(shared_desk(history_sessions=5), tmp_path / "desk").workspace
    assert check_params(made).faults == ()
    (made.groups / "aggressive.yaml").unlink()
    edit(made, "groups/conservative.yaml", ("initial_capital: 5_000_000", "initial_capital: 5_500_000"))
    checked = check_params(made)
    assert checked.exit == ExitStatus.PARAMS
    assert [fault.what.split(",")[0] for fault in checked.faults] == [
        "no file declares the group aggressive",
        "conservative: initial_capital is 5_500_000",
    ]
    assert "jstock trade group adopt aggressive" in checked.faults[0].do


def test_a_candidate_is_judged_as_a_group(place: Workspace):
    folder = place.root / "params" / "candidates"
    folder.mkdir()
    text = (place.groups / "aggressive.yaml").read_text(encoding="utf-8")
    (folder / "bold.yaml").write_text(text.replace("  rsi: 70", "  rsi: 0"), encoding="utf-8")
    assert found(check_params(place)) == [("candidates/bold.yaml", "exit.rsi")]


def test_the_doctor_says_how_many_there_are(place: Workspace):
    edit(place, "groups/aggressive.yaml", ("  rsi: 70", "  rsi: 0"), ("max_positions: 4", "max_positions: 0"))
    (check,) = [each for each in examine_desk(look_at(str(place.root))).checks if each.name == "workspace"]
    assert "rsi: expected at least 1" in check.what
    assert check.what.endswith("; `jstock params check` shows all 2 faults")


def test_a_secret_in_a_file_is_not_repeated(place: Workspace):
    edit(place, "desk.yaml", ("notify: {}", "notify: {ways: {push: {use: push, to: [slack://abcdef]}}}"))
    (fault,) = check_params(place).faults
    assert fault.key.startswith("notify.ways.push")
    assert "abcdef" not in fault.what


def test_the_command_shows_lines_and_ends_with_3(place: Workspace, capsys: pytest.CaptureFixture[str]):
    edit(place, "groups/conservative.yaml", ("stop_loss_pct: 8", "stop_loss_pct: 0.08"))
    assert run(["params", "check", "--workspace", str(place.root)]) == ExitStatus.PARAMS
    said = " ".join(capsys.readouterr().out.split())
    assert "params/groups/conservative.yaml - line 12: exit.stop_loss_pct: expected at least 0.5" in said
    assert "did you mean 8?" in said
    assert said.endswith("6 files, 1 fault")
    assert run(["params", "check", "--json", "--workspace", str(place.root)]) == ExitStatus.PARAMS
    printed: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert printed["faults"][0]["line"] == 12


def test_what_only_opening_the_desk_finds_is_found_too(place: Workspace):
    edit(place, "desk.yaml", ("backup_folder: backups", "backup_folder: ../elsewhere"))
    with pytest.raises(JstockError):
        open_desk(place.root)
    (fault,) = check_params(place).faults
    assert "outside the workspace" in fault.what
