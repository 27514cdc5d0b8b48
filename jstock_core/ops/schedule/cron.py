"""Lines of a crontab, between two marks; all other lines stay as they are (man 5 crontab).

cronie knows the zone of a line (`CRON_TZ`); other crons have the host's zone only, so that local times are
written, two where it has daylight saving time. Nothing is started late by a cron: the morning is started
every hour until the close, and does nothing where it is done. With `CRON_TZ` the lines are the last ones,
since it holds for all that follow.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from datetime import time
from itertools import groupby
from pathlib import Path

from jstock_core.base.errors import UsageError, WriteError
from jstock_core.ops.schedule.declaration import Declaration, ScheduledJob
from jstock_core.ops.schedule.platform import Kind
from jstock_core.ops.schedule.scheduler import Files, Host, Read
from jstock_core.ops.schedule.times import has_several_offsets, host_times

NAME = "crontab"
LONGEST = 990
"""Characters of a command; cron of Debian cuts the line at 1000."""
_SCRIPT = 'cd "$1" && umask 077 && set -a && { [ ! -r "$2" ] || . "$2"; } && set +a && shift 2 && exec "$@"'
"""Runs the words after a folder and a file of variables; whatever shell the crontab names starts it."""


class Crontab:
    """The crontab of the user."""

    kind: Kind = "cron"
    secrets = "each line reads {file} first where it is there (NAME='value' lines, mode 0600)"

    def place(self, host: Host) -> Path:
        """There is no folder: `crontab` keeps its file."""
        del host
        return Path()

    def wanted(self, declared: Declaration, host: Host, read: Read) -> Mapping[str, bytes]:
        """The crontab with the lines of the desk, in their place or at its end."""
        zoned = _knows_zones(host)
        lines = [line for job in declared.jobs for line in _job_lines(declared, job, host, zoned=zoned)]
        first, last = _marks(declared.label)
        about = ["CRON_TZ=Asia/Tokyo"] if zoned else list(_about_zone(host))
        block = "".join(f"{line}\n" for line in (first, *about, *lines, last)).encode()
        if not zoned and _has_block(declared.label, read):
            return {NAME: _in_place(declared.label, read, block)}
        return {NAME: _foreign(declared.label, read) + block}

    def without(self, label: str, read: Read) -> Files:
        """The crontab without the lines of the desk."""
        return {NAME: _foreign(label, read)} if _has_block(label, read) else {}

    def check(self, files: Mapping[str, bytes], folder: Path, host: Host) -> Sequence[str]:
        """What `crontab -T` of cronie says, or `crontab -n` of Debian; others cannot be asked."""
        del folder
        answer = host.tool(["crontab", "-T" if _knows_zones(host) else "-n", "-"], files[NAME])
        is_judged = _knows_zones(host) or "errors in crontab" in answer.text
        return [answer.text] if answer.status and is_judged and not answer.missing else []

    def activate(self, declared: Declaration, folder: Path, host: Host) -> str:
        """Nothing is left to do: cron reads the crontab by itself."""
        del declared, folder, host
        return ""

    def deactivate(self, label: str, names: Sequence[str], host: Host) -> None:
        """Nothing is left to do."""
        del label, names, host

    def inactive(self, declared: Declaration, host: Host) -> Sequence[str]:
        """No cron can be asked what it runs."""
        del declared, host
        return ()

    def notes(self, declared: Declaration, host: Host) -> Sequence[str]:
        """What cron does not do."""
        del declared
        notes = [
            "cron starts nothing on a machine that is off or asleep; `jstock health` elsewhere sees that"
        ]
        if not _knows_zones(host):
            notes.append("install again after the time zone of this machine was changed")
        return notes


def read_crontab(host: Host) -> bytes | None:
    """The crontab of the user, None without one.

    Raises:
        WriteError: there may be one, and it cannot be read: it must not be written over.

    """
    answer = host.tool(["crontab", "-l"], b"")
    if not answer.status:
        return answer.output
    if any(words in answer.text.lower() for words in ("no crontab", "no such file")):
        return None
    raise WriteError(
        f"the crontab cannot be read: {answer.text}",
        where="crontab -l",
        do="install cron, or see that you may use it; nothing was changed",
    )


def write_crontab(content: bytes, host: Host) -> str:
    """Make this the crontab of the user; what went wrong, "" where nothing did."""
    answer = host.tool(["crontab", "-"], content)
    return answer.text if answer.status else ""


def _knows_zones(host: Host) -> bool:
    """Whether this is cronie."""
    return "cronie" in host.tool(["crontab", "-V"], b"").text


def _marks(label: str) -> tuple[str, str]:
    return f"# >>> jstock {label}: made by `jstock schedule install`", f"# <<< jstock {label}"


def _blocks(label: str, read: Read) -> Iterator[tuple[bool, list[str]]]:
    """The lines of the crontab with their ends, in turn foreign ones and those of the desk (True)."""
    first, last = _marks(label)
    inside = False

    def is_own(line: str) -> bool:
        nonlocal inside
        began = line.rstrip("\n") == first
        own = inside or began
        inside = own and line.rstrip("\n") != last
        return own

    lines = (read(NAME) or b"").decode("utf-8", "surrogateescape").splitlines(keepends=True)
    for own, some in groupby(lines, is_own):
        yield own, list(some)


def _has_block(label: str, read: Read) -> bool:
    return any(own for own, _ in _blocks(label, read))


def _in_place(label: str, read: Read, block: bytes) -> bytes:
    """All lines, with the block where the desk's lines began."""
    first = True
    found = b""
    for own, lines in _blocks(label, read):
        found += (block if first else b"") if own else "".join(lines).encode("utf-8", "surrogateescape")
        first = first and not own
    return found


def _foreign(label: str, read: Read) -> bytes:
    """All lines that are not the desk's, the last one ended."""
    text = "".join(line for own, lines in _blocks(label, read) if not own for line in lines)
    ended = text if not text or text.endswith("\n") else f"{text}\n"
    return ended.encode("utf-8", "surrogateescape")


def _about_zone(host: Host) -> Iterator[str]:
    yield "# local times of this machine"
    if has_several_offsets(host.now, host.zone):
        yield "# its offset changes in the year: both times are started, and the wrong one does nothing"


def _job_lines(declared: Declaration, job: ScheduledJob, host: Host, *, zoned: bool) -> Iterator[str]:
    command = quote_command(declared, job)
    if zoned:
        yield f"{_minutes_hours(job.starts)} * * 1-5 {command}"
        return
    for days, some in _by_days(host_times(job.starts, host.now, host.zone)):
        yield f"{_minutes_hours(some)} * * {days} {command}"


def _by_days(times: Mapping[time, tuple[int, ...]]) -> Iterator[tuple[str, tuple[time, ...]]]:
    """Local times with the same weekdays and minute together; Sunday is 0 in a crontab."""

    def key(start: time) -> tuple[str, int]:
        return ",".join(
            str((day + 1) % 7) for day in sorted(times[start], key=lambda d: (d + 1) % 7)
        ), start.minute

    for (days, _), some in groupby(sorted(times, key=key), key):
        yield days, tuple(some)


def _minutes_hours(starts: Sequence[time]) -> str:
    return f"{starts[0].minute} {','.join(str(start.hour) for start in sorted(starts))}"


def quote_command(declared: Declaration, job: ScheduledJob) -> str:
    """The command of a line: words for the shell, where cron takes % for the end of the command.

    Raises:
        UsageError: a path ends the escape of a %, or the line is too long.

    """
    words = ("/bin/sh", "-c", _SCRIPT, "jstock", declared.workspace, declared.secrets)
    text = shlex.join(map(str, (*words, *declared.command(job.arguments))))
    if "\\%" in text:
        raise UsageError("a crontab cannot hold a path with a backslash before %", do="rename the folder")
    command = text.replace("%", "\\%")
    if len(command.encode()) > LONGEST:
        raise UsageError(
            f"the line of a crontab would have {len(command.encode())} bytes, and {LONGEST} have room",
            do="move the workspace or the environment to a shorter path",
        )
    return command
