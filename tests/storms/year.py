"""A year without a person: the schedule runs the desk, and what a year brings befalls it.

    python -m tests.storms year 245        mornings of a year, the package built and installed anew

Every day of the calendar the jobs of the schedule run as whole processes, in a host time zone that changes
four times, on a vendor and a mail server on this machine. Some mornings are killed at a random moment and
started again, on some the vendor, the mail server or the disk fails; one value is corrected later. At the end
the journal is that of a year in which nothing happened, each session is decided once and reported once.
"""

from __future__ import annotations

import json
import random
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time as wall
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from email.message import EmailMessage
from itertools import pairwise
from pathlib import Path
from typing import Any

from jstock_core.base.errors import ExitStatus
from jstock_core.data.providers.jquants.keys import VARIABLE as KEY_VARIABLE
from jstock_core.data.providers.jquants.transport import URL_VARIABLE
from jstock_core.data.providers.protocol import Discovery
from jstock_core.desk.day.day import run_day
from jstock_core.desk.settings.edit import edit_yaml
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.desk.workspace.workspace import create_workspace
from jstock_core.market.calendar import at, tse
from jstock_core.runs.latest import latest_run
from jstock_core.state.facts.events import Decided, Event
from jstock_core.testing import serve_jquants, simulated_exchange
from jstock_core.testing.jquants import faults
from jstock_core.testing.jquants.clock import ManualClock
from jstock_core.testing.jquants.exchange import Exchange
from jstock_core.testing.jquants.faults import Fault
from jstock_core.testing.jquants.server import KEY, LocalJQuants
from tests.ops.notify.mail_server import Inbox, serve_mail
from tests.stories.vendor_year import BARS, LAST, Life, client_of, first_difference

from .desks import unsound
from .trees import ROOT, Tree

ZONES = ("Asia/Tokyo", "UTC", "America/New_York", "Europe/London")
MORNING, AGAIN, REMINDER = time(7), time(7, 40), time(8, 30)
PATIENCE = 300.0
CLOCK = '''
"""Loaded by every process of the year: requests wait by the time of the command, and take none."""
import os, sys
if os.environ.get("STORM_NOW"):
    from datetime import datetime
    from zoneinfo import ZoneInfo
    from jstock_core.data.providers.jquants import limits, provider
    _now = datetime.fromisoformat(os.environ["STORM_NOW"]).replace(tzinfo=ZoneInfo("Asia/Tokyo"))
    class _Clock:
        seconds = _now.timestamp()
    def _sleep(seconds):
        _Clock.seconds += max(seconds, 0.0)
    provider.CLOCK = limits.RequestClock(lambda: _Clock.seconds, _sleep)
'''


@dataclass(frozen=True)
class Weather:
    """What befalls a morning."""

    outage: bool = False
    mail_down: bool = False
    full_disk: bool = False
    killed: bool = False

    def __str__(self) -> str:
        return ", ".join(name for name, value in vars(self).items() if value) or "calm"


def forecast(sessions: tuple[date, ...], draw: random.Random) -> dict[date, Weather]:
    """Two outages of the vendor, two days without mail, a full disk, and each tenth morning killed.

    Of fewer than five mornings each of these befalls one.
    """
    each = 2 if len(sessions) >= 5 else 1
    strange = draw.sample(range(len(sessions)), min(2 * each + 1, len(sessions)))
    outages, silent, full = strange[:each], strange[each : 2 * each], strange[2 * each :]
    offset = draw.randrange(min(10, len(sessions)))
    return {
        day: Weather(n in outages, n in silent, n in full, killed=n % 10 == offset % 10)
        for n, day in enumerate(sessions)
    }


@dataclass
class Year:
    """A desk, its vendor and its mail server, day by day."""

    root: Path
    local: LocalJQuants
    inbox: Inbox
    python: Path
    scratch: Path
    draw: random.Random
    counted: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    commands: Mapping[str, list[str]] = field(default_factory=dict)

    def install_schedule(self, now: datetime) -> None:
        """Install the schedule into a scratch place, and run from now on what its files say."""
        place = self.scratch / "units"
        self.jstock(now, "schedule", "install", "--kind", "systemd", "--into", str(place))
        again = self.jstock(now, "schedule", "install", "--kind", "systemd", "--into", str(place))
        assert "already" in again[1], again[1]
        found = {}
        for unit in place.rglob("*.service"):
            line = next(li for li in unit.read_text().splitlines() if li.startswith("ExecStart="))
            found[unit.stem] = shlex.split(line.partition("=")[2].replace("%%", "%"))
        self.commands = {
            "morning": next(words for words in found.values() if "daily" in words),
            "reminder": next(words for words in found.values() if "remind" in words),
        }

    def day(self, day: date, weather: Weather, zone: str) -> None:
        """A day of the calendar, with or without a session."""
        moment = at(day, MORNING)
        if not tse().is_session(day):
            status, out = self.run("morning", moment, zone)
            assert status == ExitStatus.OK, out
            self.counted["closed days"] += 1
            return
        self.inbox.answers = {"DATA": "451 try again later"} if weather.mail_down else {}
        self.local.faults[:] = [Fault("", faults.status(503), times=10_000)] if weather.outage else []
        if weather.killed:
            self.killed(moment, zone)
        if weather.full_disk:
            self.full_disk(moment, zone)
        status, out = self.run("morning", moment, zone)
        if weather.outage:
            assert status == ExitStatus.DATA, out
            self.counted["outages"] += 1
            self.local.faults.clear()
            status, out = self.run("morning", at(day, AGAIN), zone)
        assert status in (ExitStatus.OK, ExitStatus.DEGRADED), f"{day}, {weather}: {status}: {out}"
        assert latest_run(self.root / "runs", day) is not None, out
        status, out = self.run("reminder", at(day, REMINDER), zone)
        assert status in (ExitStatus.OK, ExitStatus.DEGRADED), out
        self.counted["mornings"] += 1

    def killed(self, moment: datetime, zone: str) -> None:
        """The morning killed with all that it started, at a random moment of its usual time."""
        usual = sorted(self.seconds)[len(self.seconds) // 2] if self.seconds else 4.0
        tree = self.start("morning", moment, zone)
        try:
            tree.end(self.draw.uniform(0.0, usual))
            self.counted["ended before the kill"] += 1
        except subprocess.TimeoutExpired:
            tree.kill("all")
            tree.end(PATIENCE)
            self.counted["killed"] += 1

    def full_disk(self, moment: datetime, zone: str) -> None:
        """The morning on a disk that has no room left, where one can be mounted; else it is not counted."""
        runs = self.root / "runs"
        if subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=300k", "full", str(runs)], check=False, capture_output=True
        ).returncode:
            self.counted["disks that could not be mounted"] += 1
            return
        try:
            status, out = self.run("morning", moment, zone)
        finally:
            subprocess.run(["umount", str(runs)], check=True)
        assert status in (ExitStatus.PUBLISH, ExitStatus.UNWRITABLE), out
        self.counted["full disks"] += 1

    def run(self, job: str, moment: datetime, zone: str) -> tuple[int, str]:
        """A job of the schedule, to its end."""
        began = wall.monotonic()
        found = self.start(job, moment, zone).end(PATIENCE)
        if job == "morning" and tse().is_session(moment.date()):
            self.seconds.append(wall.monotonic() - began)
        return found

    def start(self, job: str, moment: datetime, zone: str) -> Tree:
        """Start a job as its file says, at a time; the vendor's clock shows it too."""
        self.local.clock.seconds = max(self.local.clock.seconds, moment.timestamp())
        words = [*self.commands[job], "--now", f"{moment:%Y-%m-%dT%H:%M}"]
        return Tree.of(words, self._env(moment, zone), self.scratch)

    def jstock(self, moment: datetime, *words: str) -> tuple[int, str]:
        """A command that a person types."""
        command = [str(self.python), "-m", "jstock_core.cli", *words, "--workspace", str(self.root)]
        named = [*command, "--now", f"{moment:%Y-%m-%dT%H:%M}"]
        return Tree.of(named, self._env(moment, "Asia/Tokyo"), self.scratch).end(PATIENCE)

    def _env(self, moment: datetime, zone: str) -> dict[str, str]:
        return {
            "TZ": zone,
            "STORM_NOW": f"{moment:%Y-%m-%dT%H:%M}",
            "PYTHONPATH": str(self.scratch / "clock"),
            "XDG_STATE_HOME": str(self.scratch / "state"),
            KEY_VARIABLE: KEY,
            URL_VARIABLE: self.local.url,
        }


def correction(exchange: Exchange, sessions: tuple[date, ...]) -> tuple[date, Exchange]:
    """The session on whose evening the vendor corrects a close of five sessions before, and what it has then.

    The corrected close lies within its bar: the high that it takes.
    """
    middle = sessions[len(sessions) // 2]
    wrong = str(tse().back(middle, 5))
    row = next(r for r in exchange.tables[BARS].to_pylist() if r["Date"] == wrong and r["C"] != r["H"])
    found = exchange.with_value(BARS, {"Date": wrong, "Code": row["Code"]}, at(middle, time(18)), C=row["H"])
    return middle, found


@contextmanager
def vendor_of(sessions: tuple[date, ...]) -> Iterator[tuple[LocalJQuants, date, Exchange]]:
    """The vendor of the year, the session on whose evening it corrects something, and what it has then."""
    exchange = simulated_exchange(at(sessions[-1], time(7)), since=sessions[0] - timedelta(days=400))
    middle, corrected = correction(exchange, sessions)
    with serve_jquants(exchange, ManualClock.at(at(sessions[0], time(7)))) as local:
        yield local, middle, corrected


def new_desk(root: Path, local: LocalJQuants, changes: Mapping[str, Any]) -> None:
    """A desk of twelve stocks on the vendor."""
    codes = tuple(code[:4] for code in local.exchange.tables["/equities/master"]["Code"].to_pylist()[:12])
    create_workspace(root, "jquants", Discovery({"plan": "standard", "history_years": 1}, codes))
    edit_yaml(root / "params" / "desk.yaml", lambda content: content.update(changes))
    for path in (root / "params" / "groups").glob("*.yaml"):
        edit_yaml(path, lambda content: content["entry"].update(buy_threshold=50))


def calm(root: Path, sessions: tuple[date, ...]) -> tuple[Event, ...]:
    """What is recorded in a year in which nothing happens but the correction."""
    with vendor_of(sessions) as (local, middle, corrected), client_of(local, root.parent):
        new_desk(root, local, {})
        for day in sessions:
            local.clock.seconds = at(day, MORNING).timestamp()
            run_day(open_desk(root, now=f"{day}T07:00"), day)
            if day == middle:
                local.exchange = corrected
    return open_desk(root, now=f"{sessions[-1]}T09:00").journal().events()


def notify(port: int) -> dict[str, Any]:
    """A mail server without encryption, which only this machine may be; the desk's owner reads all."""
    mail = {
        "use": "smtp", "host": "127.0.0.1", "port": port, "security": "none",
        "sender": "desk@example.org", "to": ["owner@example.org"],
    }  # fmt: skip
    return {"ways": {"mail": mail}}


def _installed(folder: Path) -> Path:
    """The interpreter of a new environment with the wheel of this checkout."""
    wheels, place = folder / "wheels", folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", place], check=True)
    python = place / "bin" / "python"
    pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", wheels, ROOT], check=True)
    subprocess.run([*pip, "install", *wheels.glob("jstock-*")], check=True)
    return python


def storm(number: int, seed: int = 1, *, installed: bool = True) -> str:
    """So many mornings; `installed` in an environment that is made for it. What was counted, in a line.

    Raises:
        AssertionError: something is not as it must be; the folder is kept and named.

    """
    began, draw = wall.monotonic(), random.Random(seed)
    sessions = tse().between(tse().back(LAST, number - 1), LAST)
    folder = Path(tempfile.mkdtemp(prefix="storm-year-"))
    scratch = folder / "scratch"
    (scratch / "clock").mkdir(parents=True)
    (scratch / "clock" / "sitecustomize.py").write_text(CLOCK)
    python = _installed(folder) if installed else Path(sys.executable)
    root, inbox = folder / "desk", Inbox()
    with vendor_of(sessions) as (local, middle, corrected), serve_mail(inbox, "none") as port:
        new_desk(root, local, {"notify": notify(port), "desk": "year"})
        year = Year(root, local, inbox, python, scratch, draw)
        year.install_schedule(at(sessions[0], time(6)))
        plan = forecast(sessions, draw)
        days = (sessions[-1] - sessions[0]).days + 1
        for n in range(days):
            day = sessions[0] + timedelta(days=n)
            year.day(day, plan.get(day, Weather()), ZONES[len(ZONES) * n // days])
            if day == middle:
                local.exchange = corrected
            if n % 30 == 0:
                sys.stderr.write(f"{day}: {dict(year.counted)}\n")
        inbox.answers = {}
        status, out = year.jstock(at(sessions[-1], time(18)), "notify", "retry")
        assert status == ExitStatus.OK, out
        check(year, sessions, calm(folder / "calm" / "desk", sessions))
    shutil.rmtree(folder)
    counted = ", ".join(f"{n} {what}" for what, n in sorted(year.counted.items()))
    return f"{number} mornings of a year without a person: {counted}, {wall.monotonic() - began:.0f} s"


def check(year: Year, sessions: tuple[date, ...], wanted: tuple[Event, ...]) -> None:
    """The journal of the year against a calm one, its reports and its mails."""
    now = f"{sessions[-1]}T18:00"
    desk = open_desk(year.root, now=now)
    events = desk.journal().events()
    decided = Counter((e.session, e.group) for e in events if isinstance(e, Decided))
    assert decided == Counter((day, group.id) for day in sessions for group in desk.groups)
    different = first_difference(Life(wanted, 0, 0, 0), Life(events, 0, 0, 0))
    assert not different, different
    assert not unsound(year.root, now)
    reports = [day for day in sessions if latest_run(year.root / "runs", day)]
    assert tuple(reports) == sessions
    check_mails(year, sessions)


def check_mails(year: Year, sessions: tuple[date, ...]) -> None:
    """Each report came once, by one id; each failure and its end too; no alert is missing or told twice.

    Only a kill right after the mail server took a message brings it once more, under the same id.
    """
    ids = Counter(mail["Message-ID"] for mail in year.inbox.mails)
    twice = sum(n - 1 for n in ids.values())
    assert twice <= year.counted["killed"], f"{twice} mails came twice"
    mails = list({mail["Message-ID"]: mail for mail in year.inbox.mails}.values())
    year.counted["mails"], year.counted["mails twice"] = len(mails), twice
    named = Counter(
        str(part.get_filename())[13:23]
        for mail in mails
        for part in mail.iter_attachments()
        if str(part.get_filename()).endswith(".md")
    )
    assert named == Counter(map(str, sessions)), "a report is missing, or came by two ids"
    short = [mail for mail in mails if not list(mail.iter_attachments())]
    failed = [mail for mail in short if "FAILED" in mail["Subject"]]
    recovered = [mail for mail in short if "runs again" in mail["Subject"]]
    assert len(failed) == len(recovered) == year.counted["outages"] + year.counted["full disks"]
    check_alerts(year, sessions, short)


REPEATED_AFTER = 20
"""Sessions after which an alert that stays as it is is told again."""


def check_alerts(year: Year, sessions: tuple[date, ...], mails: list[EmailMessage]) -> None:
    """Each alert of a morning was told when it came, and again only after it had gone, or in good time."""
    stood = [{_start(text) for text in _alerts(year.root, day)} for day in sessions]
    told: dict[str, set[int]] = {}
    for mail in mails:
        day = re.search(r"\d{4}-\d\d-\d\d", mail["Subject"])
        assert day is not None, mail["Subject"]
        text = _text(mail)
        for start in set().union(*stood):
            if f"- {start}" in text and date.fromisoformat(day[0]) in sessions:
                told.setdefault(start, set()).add(sessions.index(date.fromisoformat(day[0])))
    for start in set().union(*stood):
        days = sorted(told.get(start, ()))
        first = next(n for n, alerts in enumerate(stood) if start in alerts)
        assert days, f"nobody was told: {start}"
        assert days[0] == first, f"told on {sessions[days[0]]}, and it stood since {sessions[first]}: {start}"
        for one, two in pairwise(days):
            gone = any(start not in stood[n] for n in range(one + 1, two + 1))
            assert gone or two - one >= REPEATED_AFTER, f"told again on {sessions[two]}: {start}"
    year.counted["alerts"] = len(set().union(*stood))


def _start(text: str) -> str:
    """The beginning of an alert, by which it is known in a mail."""
    return " ".join(text.split(";", maxsplit=1)[0].split())[:60]


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    return "" if body is None else " ".join(body.get_content().split())


def _alerts(root: Path, day: date) -> list[str]:
    """The alerts and warnings of the morning's newest good run."""
    run = latest_run(root / "runs", day)
    assert run is not None
    headline = json.loads((root / "runs" / str(day) / run.name / "manifest.json").read_text())["headline"]
    return [*headline["alerts"], *headline["warnings"]]
