"""Lines of a crontab: the right times on the right days, words that survive cron and the shell."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from jstock_core.base.clock import JST
from jstock_core.base.errors import UsageError, WriteError
from jstock_core.ops.schedule.cron import NAME, Crontab, quote_command, read_crontab
from jstock_core.ops.schedule.platform import ToolAnswer, run_tool
from jstock_core.ops.schedule.scheduler import Host
from tests.ops.schedule.machines import NOW, ODD_PATHS, ZONES, CronHost, Tools, declared, host, job
from tests.ops.schedule.starts import job_starts

CRON = Crontab()
CRONIE = "cronie 1.7.2"


def lines(machine: CronHost, *jobs: object) -> list[str]:
    wanted = CRON.wanted(declared("/srv/desk", *jobs), machine.host, lambda _: machine.content)  # type: ignore[arg-type]
    return wanted[NAME].decode().splitlines()


def test_cronie_gets_the_zone_of_tokyo() -> None:
    found = lines(CronHost(version=CRONIE), job(catch_up=False))
    assert found[0].startswith("# >>> jstock tokyo")
    assert found[1] == "CRON_TZ=Asia/Tokyo"
    assert found[2].startswith("0 7 * * 1-5 /bin/sh -c ")
    assert found[3] == "# <<< jstock tokyo"


def test_a_cron_without_zones_gets_the_times_of_the_host() -> None:
    """Debian's: 07:00 in Tokyo is 22:00 UTC of the day before, from Sunday to Thursday."""
    found = lines(CronHost(), job(catch_up=False))
    assert "CRON_TZ" not in " ".join(found)
    assert [line.partition(" /bin/sh")[0] for line in found if "/bin/sh" in line] == ["0 22 * * 0,1,2,3,4"]


def test_a_host_with_daylight_saving_time_is_told_of_both_times() -> None:
    found = lines(CronHost(zone="Europe/Berlin"), job(catch_up=False))
    assert [line.partition(" /bin/sh")[0] for line in found if "/bin/sh" in line] == [
        "0 23 * * 0,1,2,3,4", "0 0 * * 1,2,3,4,5",
    ]  # fmt: skip
    assert "its offset changes in the year: both times are started" in found[2]


@pytest.mark.parametrize("zone", ZONES)
def test_every_weekday_is_started_at_seven_and_every_hour_after_it(zone: str, tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("\n".join(lines(CronHost(zone=zone), job())))
    first = date(2026, 1, 21)
    found = set(job_starts(tmp_path, "cron", zone, first, date(2027, 1, 20)))
    for offset in range(365):
        day = first + timedelta(days=offset)
        for hour in range(7, 16):
            due = datetime(day.year, day.month, day.day, hour, tzinfo=JST)
            assert (due in found) is (day.weekday() < 5), due


@pytest.mark.parametrize("version", ["", CRONIE])
def test_foreign_lines_stay_as_they_are(version: str) -> None:
    foreign = b"MAILTO=me\n# mine\n0 5 * * * backup \\%\n\n@reboot \xff\xfe"
    machine = CronHost(foreign, version)
    once = CRON.wanted(declared(), machine.host, lambda _: machine.content)[NAME]
    assert once.startswith(foreign + b"\n")
    assert CRON.wanted(declared(), machine.host, lambda _: once)[NAME] == once
    assert CRON.without("tokyo", lambda _: once) == {NAME: foreign + b"\n"}


def test_lines_after_ours_come_before_them() -> None:
    """A zone of cronie holds for all lines that follow it."""
    machine = CronHost(b"", CRONIE)
    once = CRON.wanted(declared(), machine.host, lambda _: machine.content)[NAME]
    again = CRON.wanted(declared(), machine.host, lambda _: once + b"1 2 * * * other\n")[NAME]
    assert again == b"1 2 * * * other\n" + once


def test_without_zones_the_lines_stay_in_their_place() -> None:
    """A line of somebody's own that is added below is no reason to write the crontab again."""
    machine = CronHost()
    once = CRON.wanted(declared(), machine.host, lambda _: b"1 1 * * * above\n")[NAME] + b"2 2 * * * below"
    assert CRON.wanted(declared(), machine.host, lambda _: once)[NAME] == once
    changed = CRON.wanted(declared("/srv/desk", job(at="07:30")), machine.host, lambda _: once)[NAME]
    assert changed.splitlines()[0] == b"1 1 * * * above"
    assert changed.splitlines()[-1] == b"2 2 * * * below"
    assert b"30 22" in changed
    assert CRON.without("tokyo", lambda _: changed) == {NAME: b"1 1 * * * above\n2 2 * * * below\n"}


def test_a_crontab_that_cannot_be_read_is_not_written_over() -> None:
    tools = Tools({"crontab -l": ToolAnswer(1, "You (me) are not allowed to use this program (crontab)")})
    with pytest.raises(WriteError, match="cannot be read: You"):
        read_crontab(host(tools=tools))
    with pytest.raises(WriteError, match="crontab is not installed"):
        read_crontab(host(tools=Tools()))
    assert read_crontab(host(tools=Tools({"crontab -l": ToolAnswer(1, "no crontab for me")}))) is None


def test_the_lines_of_another_desk_stay() -> None:
    machine = CronHost()
    other = CRON.wanted(declared(label="osaka"), machine.host, lambda _: b"")[NAME]
    both = CRON.wanted(declared(), machine.host, lambda _: other)[NAME]
    assert CRON.without("tokyo", lambda _: both) == {NAME: other}
    assert CRON.without("nara", lambda _: both) == {}


def test_a_block_whose_end_was_lost_ends_with_the_file() -> None:
    machine = CronHost()
    once = CRON.wanted(declared(), machine.host, lambda _: b"1 2 * * * mine\n")[NAME]
    cut = b"\n".join(once.splitlines()[:-1])
    assert CRON.without("tokyo", lambda _: cut) == {NAME: b"1 2 * * * mine\n"}


@pytest.mark.skipif(os.name == "nt", reason="there is no cron on Windows")
@pytest.mark.parametrize("place", ODD_PATHS)
@pytest.mark.parametrize("secret", [True, False])
def test_what_cron_hands_to_the_shell_runs_the_words_there(tmp_path: Path, place: str, secret: bool) -> None:
    """The real shell, as cron starts it, after cron took the backslashes before % away."""
    root = tmp_path / place.removeprefix("/srv/").replace("/", "-")
    root.mkdir()
    (root / "print.py").write_text(
        "import json, os, sys\n"
        "print(json.dumps([os.getcwd(), sys.argv[1:], os.environ.get('KEY', ''), os.umask(0)]))\n"
    )
    variables = root / "keys.env"
    if secret:
        variables.write_text("KEY='a b%c'\n")
    made = replace(declared(str(root)), secrets=variables, python=Path(sys.executable))
    command = quote_command(made, job()).replace("-P -m jstock_core.cli", "print.py")
    assert not re.search(r"(?<!\\)%", command)
    handed = command.replace("\\%", "%")
    done = subprocess.run(["/bin/sh", "-c", handed], cwd="/", capture_output=True, text=True, check=True)
    import json

    cwd, words, key, mask = json.loads(done.stdout)
    assert cwd == str(root)
    assert words == ["daily", "--scheduled", "--workspace", str(root)]
    assert (key, mask) == ("a b%c" if secret else "", 0o077)


def knows_dry_run() -> bool:
    done = run_tool(["crontab", "-h"]) if shutil.which("crontab") else None
    return done is not None and "dry run" in done.text


@pytest.mark.skipif(
    not knows_dry_run(), reason="no crontab that checks without installing (Debian 12 has one)"
)
@pytest.mark.parametrize("workspace", ODD_PATHS)
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_the_real_crontab_accepts_it_and_installs_nothing(workspace: str, zone: str) -> None:
    before = run_tool(["crontab", "-l"])
    machine = Host(NOW, run_tool, ZoneInfo(zone))  # type: ignore[arg-type]
    files = CRON.wanted(
        declared(workspace, job(), job("evening", "17:30")), machine, lambda _: b"0 5 * * * x\n"
    )
    assert CRON.check(files, Path(), machine) == []
    broken = {NAME: files[NAME].replace(b"0 5 * * *", b"99 5 * * *")}
    assert "bad minute" in " ".join(CRON.check(broken, Path(), machine))
    assert run_tool(["crontab", "-l"]) == before


@pytest.mark.parametrize(("version", "option"), [("", "-n"), (CRONIE, "-T")])
def test_a_crontab_is_judged_by_the_tool_that_there_is(version: str, option: str) -> None:
    def told(text: str) -> Tools:
        return Tools({"crontab -V": ToolAnswer(0, version), f"crontab {option} -": ToolAnswer(1, text)})

    found = CRON.check({NAME: b""}, Path(), host(tools=told("errors in crontab file")))
    assert found == ["errors in crontab file"]
    unknown = CRON.check({NAME: b""}, Path(), host(tools=told("usage: crontab file")))
    assert bool(unknown) is bool(version)


def test_a_path_that_a_crontab_cannot_hold_is_refused() -> None:
    with pytest.raises(UsageError, match="backslash before %"):
        quote_command(declared("/srv/a\\%b"), job())
    with pytest.raises(UsageError, match="bytes, and 990 have room"):
        quote_command(declared("/srv/" + "long" * 120), job())


def test_the_words_of_a_line_are_one_command() -> None:
    words = shlex.split(quote_command(declared("/srv/my desk"), job()))
    assert words[:2] == ["/bin/sh", "-c"]
    assert words[3:6] == ["jstock", "/srv/my desk", "/home/me/.config/jstock/tokyo.env"]
