"""User units of systemd: a timer in the zone of Tokyo and a service for each job (man systemd.timer)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from jstock_core.base.durable import PRIVATE
from jstock_core.base.errors import ExitStatus
from jstock_core.ops.schedule.declaration import FAILED, TITLES, Declaration, ScheduledJob
from jstock_core.ops.schedule.platform import Kind
from jstock_core.ops.schedule.scheduler import Files, Host, Read

_MARK = "# Made by `jstock schedule install`; what is edited here is lost with the next one."
_NO_RETRY = (
    ExitStatus.USAGE, ExitStatus.PARAMS, ExitStatus.STATE, ExitStatus.DEGRADED, ExitStatus.DIFFERENCES,
)  # fmt: skip
"""Statuses after which the same command ends in the same way."""
_QUOTED = str.maketrans({"\\": "\\\\", '"': '\\"', "$": "$$", "%": "%%"})


class SystemdUnits:
    """Units in `~/.config/systemd/user`."""

    kind: Kind = "systemd"
    secrets = (
        "EnvironmentFile= reads {file} where it is there (NAME=value lines, mode 0600), as the service starts"
    )

    def place(self, host: Host) -> Path:
        """The folder of user units."""
        del host
        return Path("~/.config/systemd/user").expanduser()

    def wanted(self, declared: Declaration, host: Host, read: Read) -> Mapping[str, bytes]:
        """A service and a timer for each job, and the service that reports one that died."""
        del host, read
        units = {_failed(declared.label): _failure_service(declared)}
        for job in declared.jobs:
            units[f"{_unit(declared.label, job.name)}.service"] = _service(declared, job)
            units[f"{_unit(declared.label, job.name)}.timer"] = _timer(declared, job)
        return {name: text.encode() for name, text in units.items()}

    def without(self, label: str, read: Read) -> Files:
        """Own units go."""
        names = [
            _failed(label),
            *(f"{_unit(label, job)}.{end}" for job in TITLES for end in ("service", "timer")),
        ]
        return {name: None for name in names if _MARK.encode() in (read(name) or b"")}

    def check(self, files: Mapping[str, bytes], folder: Path, host: Host) -> Sequence[str]:
        """What `systemd-analyze verify` and `calendar` say of units; nothing where it is not installed."""
        del folder  # it is asked about copies: a unit that is wrong is not to lie where systemd reads
        with TemporaryDirectory() as place:
            paths = [Path(place) / name for name in files]
            for path in paths:
                path.write_bytes(files[path.name])
                path.chmod(PRIVATE | 0o044)  # systemd warns of units that only one can read
            here = ("env", f"XDG_RUNTIME_DIR={place}")  # there is none without a session
            verify = (*here, "systemd-analyze", "--user", "verify", "--man=no")
            verified = host.tool([*verify, *map(str, paths)], b"")
        about = [line for line in verified.text.splitlines() if any(name in line for name in files)]
        answers = [host.tool(["systemd-analyze", "calendar", when], b"") for when in _calendars(files)]
        faults = [*about, *(answer.text for answer in answers if answer.status)]
        return [] if verified.missing else faults  # what it says of units of others is not ours to judge

    def activate(self, declared: Declaration, folder: Path, host: Host) -> str:
        """Enable and start the timers."""
        del folder
        timers = [f"{_unit(declared.label, job.name)}.timer" for job in declared.jobs]
        for words in (["daemon-reload"], ["enable", *timers], ["restart", *timers]):
            answer = host.tool(["systemctl", "--user", *words], b"")
            if answer.status:
                other = "log in once with lingering (`loginctl enable-linger`), or take --kind cron"
                return f"systemctl --user {' '.join(words)}: {answer.text} ({other})"
        return ""

    def deactivate(self, label: str, names: Sequence[str], host: Host) -> None:
        """Stop and disable timers."""
        del label
        timers = [name for name in names if name.endswith(".timer")]
        if timers:
            host.tool(["systemctl", "--user", "disable", "--now", *timers], b"")

    def inactive(self, declared: Declaration, host: Host) -> Sequence[str]:
        """Jobs whose timer is not active."""
        timers = {job.name: f"{_unit(declared.label, job.name)}.timer" for job in declared.jobs}
        asked = ("systemctl", "--user", "is-active", "--quiet")
        return [job for job, timer in timers.items() if host.tool([*asked, timer], b"").status]

    def notes(self, declared: Declaration, host: Host) -> Sequence[str]:
        """Without lingering, user units run only while the user is logged in."""
        del declared
        user = str(getattr(os, "getuid", lambda: 0)())
        answer = host.tool(["loginctl", "show-user", user, "--property=Linger", "--value"], b"")
        if answer.text == "yes":
            return ()
        return ("run `loginctl enable-linger` once: without it timers run only while you are logged in",)


def _unit(label: str, job: str) -> str:
    return f"jstock-{label}-{job}"


def _failed(label: str) -> str:
    return f"jstock-{label}-failed@.service"


def quote_word(word: str) -> str:
    """A word of `ExecStart=` as systemd reads it: quoted, without specifiers and variables."""
    return f'"{word.translate(_QUOTED)}"'


def _path(path: Path) -> str:
    """A path as the value of a setting that takes one: the rest of the line, where % begins a specifier."""
    return str(path).replace("%", "%%")


def _service(declared: Declaration, job: ScheduledJob) -> str:
    words = " ".join(map(quote_word, declared.command(job.arguments)))
    return "\n".join([
        *(_MARK, "[Unit]", f"Description=jstock: {job.title} ({declared.label})"),
        f"OnFailure=jstock-{declared.label}-failed@{job.name}.service",
        *("StartLimitIntervalSec=2h", "StartLimitBurst=4", ""),
        *("[Service]", "Type=oneshot", *_surroundings(declared), f"ExecStart={words}"),
        *(f"TimeoutStartSec={job.minutes}min", "Restart=on-failure", "RestartSec=5min"),
        f"RestartPreventExitStatus={' '.join(str(int(status)) for status in _NO_RETRY)}",
        "",
    ])  # fmt: skip


def _surroundings(declared: Declaration) -> Iterator[str]:
    yield f"WorkingDirectory={_path(declared.workspace)}"
    yield f"EnvironmentFile=-{_path(declared.secrets)}"
    yield "UMask=0077"


def _timer(declared: Declaration, job: ScheduledJob) -> str:
    return "\n".join([
        *(_MARK, "[Unit]", f"Description=jstock: {job.title} at {job.at:%H:%M} JST ({declared.label})", ""),
        *("[Timer]", f"OnCalendar=Mon..Fri *-*-* {job.at:%H:%M}:00 Asia/Tokyo"),
        *(f"Persistent={'true' if job.catch_up else 'false'}", "AccuracySec=1s", ""),
        *("[Install]", "WantedBy=timers.target", ""),
    ])  # fmt: skip


def _failure_service(declared: Declaration) -> str:
    words = declared.command((*FAILED, "JOB"))
    told = " ".join("%i" if word == "JOB" else quote_word(word) for word in words)
    return "\n".join([
        *(_MARK, "[Unit]", f"Description=jstock: tell that the %i died ({declared.label})", ""),
        *("[Service]", "Type=oneshot", *_surroundings(declared), f"ExecStart={told}", "TimeoutStartSec=5min"),
        "",
    ])  # fmt: skip


def _calendars(files: Mapping[str, bytes]) -> Iterator[str]:
    for text in files.values():
        for line in text.decode().splitlines():
            if line.startswith("OnCalendar="):
                yield line.removeprefix("OnCalendar=")
