"""Finding and making a workspace, and the parameters that are read on opening it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from jstock_core.base.errors import ExitStatus, ParamsError, UsageError, WriteError
from jstock_core.desk.day.day import run_day
from jstock_core.desk.settings.monitor_list import read_monitor_list
from jstock_core.desk.workspace import workspace
from jstock_core.desk.workspace.copies import copy_parameters
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.desk.workspace.workspace import create_workspace, find_workspace, template
from jstock_core.testing import desk as desk_in
from tests.desk.days import MORNING, NEXT_MORNING, edited, journaled


@pytest.fixture(autouse=True)
def nothing_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JSTOCK_WORKSPACE", raising=False)


# Where


def test_the_one_named_is_taken(fetched):
    assert find_workspace(fetched).root == fetched


def test_else_the_one_of_the_environment(fetched, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JSTOCK_WORKSPACE", str(fetched))
    assert find_workspace().root == fetched


def test_else_the_nearest_one_above(fetched, monkeypatch):
    monkeypatch.chdir(fetched / "data" / "parsed")
    assert find_workspace().root == fetched


def test_the_one_named_comes_before_the_environment(fetched, monkeypatch, tmp_path):
    monkeypatch.setenv("JSTOCK_WORKSPACE", str(tmp_path))
    assert find_workspace(fetched).root == fetched


def test_a_home_folder_is_understood(fetched, monkeypatch):
    monkeypatch.setenv("HOME", str(fetched.parent))
    monkeypatch.setenv("USERPROFILE", str(fetched.parent))
    assert find_workspace("~/desk").root == fetched


def test_without_any_it_says_how_to_make_one(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="no workspace here") as caught:
        find_workspace()
    assert "jstock init" in caught.value.do


def test_a_folder_that_is_none_is_named(tmp_path):
    with pytest.raises(UsageError, match="is not a workspace: it has no params"):
        find_workspace(tmp_path)


# Making


def test_a_new_simulated_workspace_can_be_opened_at_once(tmp_path):
    place = create_workspace(tmp_path / "deep" / "desk", "simulated")
    desk = open_desk(place.root, now=MORNING)
    assert desk.provider.capabilities.simulated
    assert len(desk.monitored) == 61
    assert [group.id for group in desk.groups] == ["aggressive", "conservative"]


def test_a_new_workspace_has_nothing_of_the_desk_that_a_checkout_is(tmp_path, monkeypatch):
    """An editable clone is a desk too, whose promotions, candidates and edits are its own."""
    clone = tmp_path / "clone"
    shutil.copytree(template() / "params", clone / "params")
    for own in (
        "candidates/picky.yaml",
        "promotions/one.json",
        "groups/mine.yaml",
        "my_rules.py",
        "schemas/x",
    ):
        (clone / "params" / own).parent.mkdir(exist_ok=True)
        (clone / "params" / own).write_text("mine", encoding="utf-8")
    edited(clone, "params/groups/conservative.yaml", "buy_threshold: 65", "buy_threshold: 70")
    edited(clone, "params/desk.yaml", "costs: []", "costs: []\nplugins: [params/rules.py]")
    monkeypatch.setattr(workspace, "template", lambda: clone)
    root = create_workspace(tmp_path / "desk", "simulated").root
    made = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    schemas = {f"params/schemas/{name}.json" for name in ("desk", "group", "sweep", "universe", "walk")}
    assert made == schemas | {
        "data/monitor_list.json", "params/desk.yaml", "params/groups/aggressive.yaml",
        "params/groups/conservative.yaml", "params/research/sweep.yaml", "params/research/universe.yaml",
        "params/research/walk.yaml",
    }  # fmt: skip
    assert "buy_threshold: 65" in (root / "params/groups/conservative.yaml").read_text(encoding="utf-8")
    assert open_desk(root, now=MORNING).settings.plugins == ()


def test_the_checkout_ships_what_a_new_workspace_has():
    """As it is committed: whoever edits `params/` of a clone breaks no test."""
    source = Path(workspace.__file__).parent / "template"
    for path in source.rglob("*.*"):
        name = path.relative_to(source).as_posix()
        shipped = ["git", "-C", str(source), "show", f"HEAD:{name}"]
        found = subprocess.run(shipped, capture_output=True, check=False)
        if found.returncode:
            pytest.skip("no checkout of git")
        assert found.stdout.splitlines() == path.read_bytes().splitlines(), f"edit both copies of {name}"


def test_a_new_workspace_for_files_names_its_provider(tmp_path):
    place = create_workspace(tmp_path / "desk", "files")
    assert "use: files" in place.desk_yaml.read_text(encoding="utf-8")
    assert "seed" not in place.desk_yaml.read_text(encoding="utf-8").split("monitor_list")[0]


def test_a_workspace_is_not_made_twice(fetched):
    with pytest.raises(UsageError, match="is a workspace already"):
        create_workspace(fetched, "simulated")


def test_a_path_stays_inside(fetched):
    place = find_workspace(fetched)
    assert place.inside("data/monitor_list.json") == fetched / "data" / "monitor_list.json"
    for outside in ("../monitor_list.json", "/etc/passwd", "data/../../x"):
        with pytest.raises(ParamsError, match="points outside the workspace"):
            place.inside(outside)


@pytest.fixture
def leading_out(new: Path, tmp_path: Path) -> Path:
    """A desk with links in it to a list, a file of rules and a folder elsewhere."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "list.json").write_text('{"tickers": ["7203"]}', encoding="utf-8")
    (tmp_path / "elsewhere" / "rules.py").write_text("", encoding="utf-8")
    for name in ("list.json", "rules.py"):
        (new / "data" / name).symlink_to(tmp_path / "elsewhere" / name)
    (new / "data" / "backups").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    return new


@pytest.mark.parametrize(
    ("old", "new_line"),
    [
        ("monitor_list: data/monitor_list.json", f"monitor_list: {path}")
        for path in ("../elsewhere/list.json", "data/../../x.json", "/etc/hosts", "data/list.json")
    ]
    + [
        ("costs: []", f"costs: []\nplugins: [{path}]")
        for path in ("../elsewhere/rules.py", "/etc/rules.py", "data/rules.py")
    ]
    + [
        ("backup_folder: backups", f"backup_folder: {path}")
        for path in ("../elsewhere", "backups/../../elsewhere", "data/backups")
    ],
)
def test_every_path_of_the_parameters_stays_inside(leading_out, old, new_line):
    """With .., absolute, and by a link; nothing is read or written there."""
    edited(leading_out, "params/desk.yaml", old, new_line)
    with pytest.raises(ParamsError, match="points outside the workspace"):
        open_desk(leading_out, now=MORNING)


def test_backups_may_lie_elsewhere_by_an_absolute_path(new, tmp_path):
    edited(new, "params/desk.yaml", "backup_folder: backups", f"backup_folder: {tmp_path / 'disk'}")
    assert open_desk(new, now=MORNING).backup_places[1].parent == tmp_path / "disk"


# Parameters


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("use: simulated", "use: simulatd", 'unknown provider "simulatd"; did you mean "simulated"?'),
        ("seed: 7", "sead: 7", 'did you mean "seed"?'),
        ("seed: 7", "seed: seven", "seed: "),
        ("history_sessions: 20", "history_sessions: -1", "history_sessions: "),
        ("history_sessions: 20", "history_session: 20", 'did you mean "history_sessions"?'),
        ("costs: []", "costs: [{since: 2026-01-01, commision_pct: 1}]", 'did you mean "commission_pct"?'),
        ("costs: []", "costs: [{since: 2026-13-01}]", '"2026-13-01" is not a date'),
        ("trading_units: {}", 'trading_units: {"72033": 1}', '"72033" is not a TSE stock code'),
        ("trading_units: {}", 'trading_units: {"7203": 0}', "trading_units.7203: "),
        ("trading_units: {}", "trading_units: {7203: 1}", "trading_units"),
        ("monitor_list: data/", "monitor_list: ../", "points outside the workspace"),
        ("history_sessions: 20", "history_sessions: [20", "not readable as YAML"),
        ("language: en", "language: jp", "language: "),
        ("gain_colour: green", "gain_colour: blue", "gain_colour: "),
        ("gain_colour: green", "gain_color: red", 'did you mean "gain_colour"?'),
    ],
)
def test_a_mistake_in_the_desks_file_is_named(new_params, old, new, said):
    edited(new_params, "params/desk.yaml", old, new)
    with pytest.raises(ParamsError) as caught:
        open_desk(new_params, now=MORNING)
    assert said in str(caught.value)
    assert "desk.yaml" in str(caught.value)
    assert caught.value.exit == ExitStatus.PARAMS


@pytest.fixture
def new_params(tmp_path):
    """A workspace of parameters only."""
    return desk_in(tmp_path / "desk", ready="new").workspace.root


def test_a_broken_group_file_stops_before_anything_is_done(desk):
    before = journaled(desk)
    edited(desk, "params/groups/aggressive.yaml", "stop: 2", "stopp: 2")
    with pytest.raises(ParamsError, match='did you mean "stop"'):
        run_day(open_desk(desk, now=NEXT_MORNING))
    edited(desk, "params/groups/aggressive.yaml", "stopp: 2", "stop: 2")
    assert journaled(desk) == before


# The monitor list


def listed(folder: Path, content: str | bytes) -> tuple[str, ...]:
    path = folder / "list"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_monitor_list(path)


@pytest.mark.parametrize(
    "content",
    [
        '{"tickers": ["7203", "167A"]}',
        '{"tickers": [{"code": "7203", "name": "トヨタ自動車"}, {"code": "167A"}]}',
        '{"tickers": [7203, "167A"]}',
        "7203\n167A\n",
        "# cars\n7203  # Toyota\n\n167A.T\n",
        "\ufeff７２０３\r\n167A",
    ],
)
def test_a_monitor_list_in_every_shape(tmp_path, content):
    assert listed(tmp_path, content) == ("7203", "167A")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "no code is listed"),
        ("# nothing yet\n", "no code is listed"),
        ("7203\n6501\n7203\n", "listed twice: 7203"),
        ("7203\nToyota\n", '"Toyota" is not a TSE stock code'),
        ('{"tickers": ', "not readable as a monitor list"),
        ('{"codes": ["7203"]}', "not readable as a monitor list"),
        ('["7203"]', "not readable as a monitor list"),
        ('{"tickers": [{"name": "x"}]}', "not readable as a monitor list"),
        ("トヨタ".encode("cp932"), "cannot be read"),
    ],
)
def test_a_wrong_monitor_list_is_refused(tmp_path, content, said):
    with pytest.raises(ParamsError) as caught:
        listed(tmp_path, content)
    assert said in caught.value.what
    assert caught.value.where.endswith("list")


def test_a_list_of_100_000_codes_is_read_in_one_pass_and_refused(tmp_path):
    """Codes that occur twice are counted, not searched for one by one."""
    path = tmp_path / "list.txt"
    every = [f"{n:04d}" for n in range(10_000)] * 10
    path.write_text("\n".join(every), encoding="utf-8")
    with pytest.raises(ParamsError, match=r"listed twice: 0000, .* and 9,980 more"):
        read_monitor_list(path)
    path.write_text(json.dumps({"tickers": [*every[:10_000], "130A"]}), encoding="utf-8")
    with pytest.raises(ParamsError, match="10,001 codes are listed"):
        read_monitor_list(path)


@pytest.mark.parametrize("content", ["[" * 100_000, '{"tickers": [[["7203"]]]}', '{"tickers": [true, null]}'])
def test_a_list_that_is_no_list_of_codes_is_refused(tmp_path, content):
    path = tmp_path / "list.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ParamsError):
        read_monitor_list(path)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no pipes among its files")
def test_a_pipe_is_no_monitor_list(tmp_path):
    os.mkfifo(tmp_path / "list.txt")
    with pytest.raises(ParamsError, match="a pipe, not a regular file"):
        read_monitor_list(tmp_path / "list.txt")


def test_a_monitor_list_in_another_encoding_is_named(tmp_path):
    path = tmp_path / "list.txt"
    path.write_bytes("7203 # トヨタ".encode("cp932"))
    with pytest.raises(ParamsError, match=r"line 1 is not UTF-8 .*Shift_JIS"):
        read_monitor_list(path)


@pytest.mark.skipif(os.name != "posix", reason="a link to nothing needs rights on Windows")
def test_locks_and_copies_of_editors_declare_no_group(new, tmp_path):
    """Nor do they stand in the way of a copy of the workspace."""
    groups = [group.id for group in open_desk(new).groups]
    folder, universe = new / "params" / "groups", new / "data" / "universe"
    universe.mkdir(exist_ok=True)
    for place, name in ((folder, "conservative.yaml"), (universe, "2026-01-20.json")):
        (place / f".#{name}").symlink_to("somebody@machine.1234:1700000000")
        for left in (f".{name}.swp", f"{name}~", f"._{name}", f"#{name}#"):
            (place / left).write_bytes(b"\0 no text")
    os.mkfifo(folder / "pipe")
    assert [group.id for group in open_desk(new).groups] == groups
    copied = copy_parameters(open_desk(new), tmp_path / "copy", "")
    assert [group.id for group in open_desk(copied.root).groups] == groups
    assert sorted(path.suffix for path in copied.groups.iterdir()).count(".yaml") == len(groups)


def test_a_missing_monitor_list_is_named(tmp_path):
    with pytest.raises(ParamsError, match="no monitor list"):
        read_monitor_list(tmp_path / "none.json")


def test_an_unknown_code_in_the_list_is_named_with_what_was_meant(desk):
    path = desk / "data" / "monitor_list.json"
    codes = [ticker["code"] for ticker in json.loads(path.read_text(encoding="utf-8"))["tickers"]]
    near = codes[0][:3] + ("9" if codes[0][3] != "9" else "8")
    path.write_text(json.dumps({"tickers": [*codes, "9998"]}), encoding="utf-8")
    before = journaled(desk)
    with pytest.raises(ParamsError, match="1 of 62 monitored codes are unknown") as caught:
        run_day(open_desk(desk, now=NEXT_MORNING))
    assert "9998: not in the market data" in caught.value.what
    assert "monitor_list.json" in caught.value.where
    if near not in codes:
        path.write_text(json.dumps({"tickers": [*codes[1:], near]}), encoding="utf-8")
        with pytest.raises(ParamsError, match="did you mean"):
            run_day(open_desk(desk, now=NEXT_MORNING))
    assert journaled(desk) == before


# Folders that cannot be written


def test_a_data_folder_that_is_a_file_is_said_in_one_line(new_params):
    """So is one without permissions; the first thing a run does is to take its lock there."""
    data = new_params / "data"
    for path in data.iterdir():
        path.unlink()
    data.rmdir()
    data.write_text("not a folder", encoding="utf-8")
    with pytest.raises((WriteError, ParamsError)) as caught:
        run_day(open_desk(new_params, now=MORNING))
    assert "Traceback" not in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_workspace_stops_before_anything_is_decided(desk):
    (desk / "data").chmod(0o500)
    try:
        with pytest.raises(WriteError, match="cannot be written"):
            run_day(open_desk(desk, now=NEXT_MORNING))
    finally:
        (desk / "data").chmod(0o700)


@pytest.mark.parametrize("left", ["params/groups/mine.yaml", "data/state/journal.sqlite"])
def test_a_workspace_that_lost_its_desk_yaml_is_named_and_left_alone(tmp_path, left):
    """Its groups are somebody's work; the ones that ship with jstock must not come back beside them."""
    root = tmp_path / "desk"
    (root / left).parent.mkdir(parents=True)
    (root / left).write_text("edited", encoding="utf-8")
    for make in (lambda: create_workspace(root, "simulated"), lambda: find_workspace(root)):
        with pytest.raises(ParamsError, match=r"desk\.yaml is lost") as caught:
            make()
        assert left in caught.value.what
        assert "put params/desk.yaml back" in caught.value.do
    assert [path for path in root.rglob("*") if path.is_file()] == [root / left]


def test_other_parameters_that_are_there_are_kept(tmp_path):
    root = tmp_path / "desk"
    kept = root / "params" / "research" / "sweep.yaml"
    kept.parent.mkdir(parents=True)
    kept.write_text("edited", encoding="utf-8")
    place = create_workspace(root, "simulated")
    assert kept.read_text(encoding="utf-8") == "edited"
    assert place.desk_yaml.exists()
    assert sorted(path.name for path in root.iterdir()) == ["data", "params"]
