"""When the files of an installed schedule start a job, read as their schedulers read them.

For a fake clock that lives through months: each start is a moment at which the job's command is to be run.
"""

from __future__ import annotations

import plistlib
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from jstock_core.base.clock import JST
from jstock_core.ops.schedule.platform import Kind


def job_starts(
    folder: Path, kind: Kind, zone: str, first: date, last: date, job: str = "morning"
) -> list[datetime]:
    """The starts of a job from a day to another (JST), by the files in a folder, on a machine in a zone."""
    days = [first + timedelta(days=n) for n in range(-2, (last - first).days + 3)]
    read = {"cron": _cron, "launchd": _launchd, "systemd": _systemd, "windows": _windows}[kind]
    found = {start.astimezone(JST) for start in read(folder, job, ZoneInfo(zone), days)}
    return sorted(start for start in found if first <= start.date() <= last)


_COMMANDS = {"morning": " daily ", "reminder": " notify remind ", "evening": " evening "}
LINE = re.compile(r"(\d+) ([\d,]+) \* \* ([\d,-]+) (.*)")


def _cron(folder: Path, job: str, zone: ZoneInfo, days: list[date]) -> Iterator[datetime]:
    """A line's zone is the machine's, or that of `CRON_TZ` above it."""
    for line in (folder / "crontab").read_text(encoding="utf-8").splitlines():
        zone = ZoneInfo(line.partition("=")[2]) if line.startswith("CRON_TZ=") else zone
        fields = LINE.fullmatch(line)
        if fields and _COMMANDS[job] in fields[4]:
            weekdays = fields[3].replace("1-5", "1,2,3,4,5").split(",")
            for day in days:
                if str(day.isoweekday() % 7) in weekdays:
                    for hour in fields[2].split(","):
                        yield datetime.combine(day, time(int(hour), int(fields[1])), tzinfo=zone)


def _launchd(folder: Path, job: str, zone: ZoneInfo, days: list[date]) -> Iterator[datetime]:
    """Local times of the Mac."""
    [path] = folder.glob(f"jstock.*.{job}.plist")
    for when in plistlib.loads(path.read_bytes())["StartCalendarInterval"]:
        for day in days:
            if day.isoweekday() % 7 == when["Weekday"]:
                yield datetime.combine(day, time(when["Hour"], when["Minute"]), tzinfo=zone)


def _systemd(folder: Path, job: str, zone: ZoneInfo, days: list[date]) -> Iterator[datetime]:
    """In the zone that the timer names."""
    [path] = folder.glob(f"jstock-*-{job}.timer")
    [(clock, named)] = re.findall(
        r"OnCalendar=Mon\.\.Fri \*-\*-\* ([\d:]+) (\S+)", path.read_text(encoding="utf-8")
    )
    for day in days:
        if day.weekday() < 5:
            yield datetime.combine(day, time.fromisoformat(clock), tzinfo=ZoneInfo(named))


def _windows(folder: Path, job: str, zone: ZoneInfo, days: list[date]) -> Iterator[datetime]:
    """Every day at the moment of the first start, whatever the zone of the PC."""
    [path] = folder.glob(f"*-{job}.xml")
    [text] = re.findall("<StartBoundary>(.*)</StartBoundary>", path.read_text(encoding="utf-16"))
    begun = datetime.fromisoformat(text)
    for day in days:
        yield datetime.combine(day, begun.timetz())
