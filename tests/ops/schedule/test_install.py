"""Installing, removing and comparing, by the commands, in a scratch place for every kind."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from jstock_core.base.errors import ExitStatus, UsageError, WriteError
from jstock_core.cli import run
from jstock_core.desk.settings.edit import edit_yaml
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.ops.schedule.declaration import declare_schedule
from jstock_core.ops.schedule.install import (
    install_schedule,
    remove_schedule,
    schedule_status,
    show_schedule,
)
from jstock_core.ops.schedule.place import SCHEDULERS, SchedulePlace
from jstock_core.ops.schedule.platform import KINDS, Kind, ToolAnswer, find_kind
from jstock_core.ops.schedule.scheduler import Host
from jstock_core.runs.manifest import write_manifest
from jstock_core.testing import desk as make_desk
from tests.ops.schedule.machines import NOW, CronHost, Tools, host
from tests.runs.conftest import manifest_of

SECRET = "sk-live-4f9c2d7a"
MORNING = ["--now", "2026-01-21T12:00"]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = make_desk(tmp_path / "株式 desk", ready="new", changes={"desk": {"desk": "tokyo"}})
    return open_desk(made.workspace.root, now="2026-01-21T12:00")


def declare(desk: Desk, **keys: Any) -> Desk:
    """The desk with other keys of `schedule`."""
    edit_yaml(desk.workspace.desk_yaml, lambda content: content.update(schedule=keys))
    return open_desk(desk.workspace.root, now=desk.fixed_now)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> SchedulePlace:
    """A folder that no scheduler reads, on a machine without any tool."""
    return SchedulePlace.of(request.param, host(), str(tmp_path / "into"))


def test_installing_again_changes_nothing(desk: Desk, place: SchedulePlace) -> None:
    assert schedule_status(desk, place).state == "not installed"
    first = install_schedule(desk, place)
    assert (first.state, bool(first.written), first.removed) == ("installed", True, ())
    there, times = files(place.folder), [p.stat().st_mtime_ns for p in sorted(place.folder.iterdir())]  # type: ignore[arg-type, union-attr]
    again = install_schedule(desk, place)
    assert (again.state, again.written, again.removed) == ("already installed", (), ())
    assert files(place.folder) == there  # type: ignore[arg-type]
    assert [p.stat().st_mtime_ns for p in sorted(place.folder.iterdir())] == times  # type: ignore[union-attr]
    found = schedule_status(desk, place)
    assert (found.state, found.differing, found.exit) == ("installed", (), ExitStatus.OK)


def test_another_declaration_is_out_of_date_until_it_is_installed(desk: Desk, place: SchedulePlace) -> None:
    install_schedule(declare(desk, evening="17:30"), place)
    changed = declare(desk, morning="07:15", reminder="")
    found = schedule_status(changed, place)
    assert (found.state, found.exit) == ("out of date", ExitStatus.DIFFERENCES)
    assert found.differing
    assert install_schedule(changed, place).state == "updated"
    assert files(place.folder) == dict(show_schedule(changed, place).files)  # type: ignore[arg-type]
    assert schedule_status(changed, place).state == "installed"
    left = " ".join(show_schedule(changed, place).texts.values())
    assert "evening" not in " ".join(files(place.folder))  # type: ignore[arg-type]
    assert "remind" not in left.replace("reminder", "")


def test_removing_takes_away_what_is_ours_and_nothing_else(desk: Desk, place: SchedulePlace) -> None:
    assert place.folder is not None
    place.folder.mkdir()
    foreign = {"jstock-tokyo-other.timer": b"[Timer]\n", "notes.txt": b"mine"}
    if place.kind == "cron":
        foreign["crontab"] = b"0 5 * * * backup\n"
    for name, content in foreign.items():
        (place.folder / name).write_bytes(content)
    install_schedule(desk, place)
    assert len(files(place.folder)) >= len(foreign)
    removed = remove_schedule(desk, place)
    assert (removed.state, bool(removed.removed)) == ("removed", True)
    assert files(place.folder) == foreign
    assert remove_schedule(desk, place).state == "not installed"


def test_a_file_of_somebody_else_is_not_replaced(desk: Desk, place: SchedulePlace) -> None:
    if place.kind == "cron":
        pytest.skip("a crontab is shared")
    assert place.folder is not None
    place.folder.mkdir()
    name = next(iter(show_schedule(desk, place).files))
    (place.folder / name).write_bytes(b"mine")
    with pytest.raises(UsageError, match="not made by jstock"):
        install_schedule(desk, place)
    assert files(place.folder) == {name: b"mine"}
    assert remove_schedule(desk, place).state == "not installed"


def test_what_is_edited_by_hand_is_out_of_date(desk: Desk, place: SchedulePlace) -> None:
    install_schedule(desk, place)
    path = max(place.folder.iterdir())  # type: ignore[union-attr]
    before = path.read_bytes()
    path.write_bytes(before.replace(b"1H", b"2H").replace(b"daily", b"hourly").replace(b"notify", b"other")
                     .replace("notify".encode("utf-16-le"), "others".encode("utf-16-le"))
                     .replace(b"08:30", b"08:31"))  # fmt: skip
    assert schedule_status(desk, place).state == "out of date"
    install_schedule(desk, place)
    assert path.read_bytes() == before


def test_no_secret_gets_into_a_file(
    desk: Desk, place: SchedulePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("JSTOCK_JOURNAL_URL", "JQUANTS_API_KEY", "JSTOCK_SMTP_PASSWORD"):
        monkeypatch.setenv(name, f"postgresql://me:{SECRET}@db/desk")
    install_schedule(desk, place)
    assert all(
        SECRET.encode() not in c and SECRET.encode("utf-16-le") not in c for c in files(place.folder).values()
    )  # type: ignore[arg-type]


def test_a_variable_that_a_job_would_not_have_is_named(
    desk: Desk, place: SchedulePlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A journal on a server, reached by hand and not at seven in the morning."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("JSTOCK_JOURNAL_URL", "JSTOCK_WORKSPACE"):
        monkeypatch.setenv(name, SECRET)
    notes = " ".join(show_schedule(desk, place).notes)
    assert ("set here and not given to jobs: JSTOCK_JOURNAL_URL" in notes) is (place.kind != "windows")
    assert SECRET not in notes
    assert "JSTOCK_WORKSPACE" not in notes
    if place.kind in ("systemd", "cron") and sys.platform == "linux":
        file = declare_schedule(desk).secrets
        file.parent.mkdir(parents=True)
        file.write_text(f"# mine\nexport JSTOCK_JOURNAL_URL='{SECRET}'\n")
        assert "not given to jobs" not in " ".join(show_schedule(desk, place).notes)


def test_a_job_starts_in_a_folder_with_files_named_like_modules(done: Path) -> None:
    """The working directory is the workspace: what lies there is no module of the job."""
    for name in ("typer.py", "statistics.py", "jstock_core.py"):
        (done / name).write_text("raise SystemExit('a file of the workspace was imported')\n")
    words = declare_schedule(open_desk(done)).command(("daily", "--scheduled", "--now", "2026-01-21T08:00"))
    ran = subprocess.run(
        words, cwd=done, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "the morning of 2026-01-21 is done" in ran.stdout


def test_every_job_names_this_environment_and_this_workspace(desk: Desk, place: SchedulePlace) -> None:
    texts = " ".join(show_schedule(desk, place).texts.values())
    assert str(Path(sys.executable).parent) in texts
    assert "株式 desk" in texts
    assert "-P" in texts


def test_another_environment_is_out_of_date(desk: Desk, place: SchedulePlace) -> None:
    """As after an upgrade into a new environment, or a move of the workspace."""
    install_schedule(desk, place, python="/old/bin/python")
    assert schedule_status(desk, place).state == "out of date"


def test_a_job_that_waits_for_data_may_take_longer(desk: Desk, place: SchedulePlace) -> None:
    text = " ".join(show_schedule(declare(desk, wait_minutes=90), place).texts.values())
    assert ("TimeoutStartSec=150min" in text) is (place.kind == "systemd")
    assert (">PT150M<" in text) is (place.kind == "windows")
    assert place.scheduler.check(show_schedule(desk, place).files, Path(), place.host) == []


def test_times_are_said_in_both_clocks(desk: Desk, place: SchedulePlace) -> None:
    where = SchedulePlace.of(place.kind, host("America/Los_Angeles"), str(place.folder))
    first, second = show_schedule(desk, where).next_runs
    assert (first.job, second.job) == ("morning", "reminder")
    assert f"{first.jst:%Y-%m-%d %H:%M}" == "2026-01-22 07:00"
    assert f"{first.host:%Y-%m-%d %H:%M}" == "2026-01-21 14:00"


# --- the machine itself ---------------------------------------------------------------------------------


def answers(**given: int) -> Tools:
    words = {"reload": "systemctl --user daemon-reload", "active": "systemctl --user is-active"}
    told = {words[name]: ToolAnswer(status, "told") for name, status in given.items()}
    return Tools({**told, "systemctl": ToolAnswer(0, ""), "loginctl": ToolAnswer(0, "yes")})


def own(tools: Callable[..., ToolAnswer], folder: Path, kind: Kind = "systemd") -> SchedulePlace:
    return SchedulePlace(
        kind, None if kind == "cron" else folder, scratch=False, host=Host(NOW, tools, ZoneInfo("UTC"))
    )


def test_what_was_written_and_not_taken_up_is_an_error_with_a_remedy(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="written and not taken up: systemctl --user daemon-reload: told"):
        install_schedule(desk, own(answers(reload=1), tmp_path))


def test_a_timer_that_is_not_active_is_started_again(desk: Desk, tmp_path: Path) -> None:
    install_schedule(desk, own(answers(), tmp_path))
    stopped = own(answers(active=3), tmp_path)
    found = schedule_status(desk, stopped)
    assert (found.state, found.inactive, found.exit) == (
        "installed",
        ("morning", "reminder"),
        ExitStatus.DIFFERENCES,
    )
    assert install_schedule(desk, stopped).state == "updated"
    assert (
        "systemctl --user restart jstock-tokyo-morning.timer jstock-tokyo-reminder.timer"
        in stopped.host.tool.asked
    )  # type: ignore[attr-defined]


def test_removed_timers_are_stopped_before_their_files_go(desk: Desk, tmp_path: Path) -> None:
    tools = answers()
    install_schedule(desk, own(tools, tmp_path))
    remove_schedule(desk, own(tools, tmp_path))
    assert any(
        line.startswith("systemctl --user disable --now jstock-tokyo-morning.timer") for line in tools.asked
    )
    assert files(tmp_path / "none") == {}


def test_units_that_systemd_refuses_are_not_written(desk: Desk, tmp_path: Path) -> None:
    tools = Tools({"systemd-analyze calendar": ToolAnswer(1, "Failed to parse"), "env": ToolAnswer(0, "")})
    with pytest.raises(WriteError, match="would refuse this: Failed to parse"):
        install_schedule(desk, own(tools, tmp_path / "units"))
    assert files(tmp_path / "units") == {}


def test_the_crontab_of_the_user_keeps_its_lines(desk: Desk) -> None:
    machine = CronHost(b"0 5 * * * mine\n")
    place = own(machine, Path(), "cron")
    assert place.name == "the crontab of the user"
    assert install_schedule(desk, place).state == "installed"
    assert machine.content is not None
    assert machine.content.startswith(b"0 5 * * * mine\n# >>> jstock tokyo")
    before = machine.content
    assert install_schedule(desk, place).state == "already installed"
    assert machine.content == before
    remove_schedule(desk, place)
    assert machine.content == b"0 5 * * * mine\n"


# --- declaration ----------------------------------------------------------------------------------------


def test_a_desk_without_a_name_is_told_from_others_by_its_place(tmp_path: Path) -> None:
    labels = set()
    for name in ("a", "b"):
        made = make_desk(tmp_path / name, ready="new", changes={"desk": {"desk": ""}})
        labels.add(declare_schedule(made).label)
    assert len(labels) == 2


def test_a_historical_desk_is_not_scheduled(desk: Desk) -> None:
    edit_yaml(desk.workspace.desk_yaml, lambda content: content.update(live=False))
    with pytest.raises(UsageError, match="this desk is historical"):
        declare_schedule(open_desk(desk.workspace.root))


@pytest.mark.parametrize("python", ["bin/python", "/opt/a\nb/python", "/opt/env/python ", "/opt/env\\"])
def test_a_path_that_no_file_of_lines_can_hold_is_refused(desk: Desk, python: str) -> None:
    with pytest.raises(UsageError, match="no scheduler can be given the path"):
        declare_schedule(desk, python)


def test_the_kind_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_kind("", "darwin") == "launchd"
    assert find_kind("", "win32") == "windows"
    (tmp_path / "systemd" / "system").mkdir(parents=True)
    assert find_kind("", "linux", tmp_path) == "systemd"
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    assert find_kind("", "linux", tmp_path / "none") == "cron"
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(UsageError, match="neither systemd nor crontab"):
        find_kind("", "linux", tmp_path / "none")
    with pytest.raises(UsageError, match="no kind of scheduler"):
        find_kind("anacron")
    assert set(SCHEDULERS) == set(KINDS)


# --- the last run ---------------------------------------------------------------------------------------


def write_run(desk: Desk, day: date, run_id: str, *, rehearsal: bool) -> None:
    """A published run with no more than its manifest."""
    folder = desk.workspace.runs / str(day) / run_id
    folder.mkdir(parents=True)
    write_manifest(folder, manifest_of(trade_date=day, run_id=run_id, rehearsal=rehearsal))


def last_run(desk: Desk, place: SchedulePlace) -> str | None:
    found = schedule_status(desk, place).last_run
    return None if found is None else found.run_id


def test_a_rehearsal_is_no_last_run(desk: Desk, tmp_path: Path) -> None:
    """Not one after the morning's run, and not one for a later date."""
    place = SchedulePlace.of("cron", host(), str(tmp_path / "into"))
    assert last_run(desk, place) is None
    write_run(desk, date(2026, 1, 21), "20260121T030000Z-0002", rehearsal=True)
    assert last_run(desk, place) is None
    write_run(desk, date(2026, 1, 20), "20260119T220000Z-0001", rehearsal=False)
    assert last_run(desk, place) == "20260119T220000Z-0001"
    write_run(desk, date(2026, 1, 21), "20260120T220000Z-0001", rehearsal=False)
    assert last_run(desk, place) == "20260120T220000Z-0001"


# --- the commands ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["cron", "launchd", "windows"])
def test_the_commands_say_what_they_did(
    desk: Desk, tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--kind", kind, "--into", str(tmp_path / "into"), "-w", str(desk.workspace.root), *MORNING]
    for words, status, said in (
        (["status"], 11, "not installed"),
        (["show"], 0, "Thu 2026-01-22 07:00"),
        (["install"], 0, "installed"),
        (["install"], 0, "already installed"),
        (["status"], 0, "installed"),
        (["remove"], 0, "removed"),
        (["remove"], 0, "not installed"),
    ):
        assert run(["schedule", *words, *given]) == status, words
        assert said in capsys.readouterr().out


def test_the_json_of_the_commands(done: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--kind", "windows", "--into", str(tmp_path / "into"), "-w", str(done), *MORNING, "--json"]

    def answer(*words: str) -> Any:
        assert run(["schedule", *words, *given]) in (0, 11)
        return json.loads(capsys.readouterr().out)

    assert list(answer("show")) == ["kind", "label", "place", "files", "next_runs", "notes"]
    assert list(answer("install")) == [
        "state", "kind", "label", "place", "written", "removed", "next_runs", "notes",
    ]  # fmt: skip
    found = answer("status")
    assert list(found) == [
        "state", "kind", "label", "place", "differing", "inactive", "next_runs", "last_run", "do",
    ]  # fmt: skip
    assert found["last_run"] == {
        "trade_date": str(date(2026, 1, 21)), "run_id": found["last_run"]["run_id"], "status": "ok",
        "finished": "2026-01-21 07:00",
    }  # fmt: skip
    assert found["next_runs"][0]["jst"] == "2026-01-22T07:00:00+09:00"
