"""What a run finds around it: the reason why something works by hand and fails at 07:00.

A scheduled job writes what it was given into a small file, and so does a doctor at a terminal; each compares
with the other. Of variables only names are kept, never values.
"""

from __future__ import annotations

import json
import locale
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from jstock_core.base.clock import Clock
from jstock_core.base.durable import make_private_folder, write_atomically
from jstock_core.base.identity.user import current_user
from jstock_core.base.limits import MEGABYTE, parse_json, read_file
from jstock_core.base.secrets.secret import secret_names, seek_secret
from jstock_core.desk.settings.settings import Settings
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.workspace import Workspace
from jstock_core.ops.health.check import Examined, HealthCheck, State

FILE = "context.json"
How = Literal["scheduled", "by hand"]
_STARTS = ("JSTOCK_", "JQUANTS_")
_NAMES = (
    "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE",
    "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "PYTHON_KEYRING_BACKEND", "DBUS_SESSION_BUS_ADDRESS",
)  # fmt: skip
"""Variables besides those of jstock and J-Quants that decide what a run can reach."""


@dataclass(frozen=True, kw_only=True)
class RunContext:
    """What a run was given: `variables` are the names that are set, `secrets` where each named one was found.

    `at` is JST. A secret that was not found has "" as its source.
    """

    at: str
    python: str
    user: str
    home: str
    path: list[str]
    encoding: str
    zone: str
    variables: list[str]
    secrets: dict[str, str] = field(default_factory=dict)


def present_context(clock: Clock, settings: Settings | None) -> RunContext:
    """What this process was given."""
    now = clock()
    named = () if settings is None else secret_names(settings.declared)
    found = {name: secret.source if (secret := seek_secret(name)) else "" for name in named}
    return RunContext(
        at=f"{now:%Y-%m-%d %H:%M}",
        python=sys.executable,
        user=current_user(),
        home=str(Path.home()),
        path=list(dict.fromkeys(filter(None, os.environ.get("PATH", "").split(os.pathsep)))),
        encoding=locale.getpreferredencoding(do_setlocale=False).lower(),
        zone=f"{now.astimezone(tz=None):%z}",
        variables=sorted(name for name in os.environ if name.startswith(_STARTS) or name in _NAMES),
        secrets=found,
    )


def record_context(workspace: Workspace, how: How, context: RunContext) -> None:
    """Keep what a run was given, for the other kind of run to compare with.

    Raises:
        OSError: the file cannot be written.

    """
    path = workspace.data / FILE
    kept = {name: asdict(each) for name, each in read_contexts(workspace).items()}
    make_private_folder(path.parent)
    write_atomically(path, json.dumps({**kept, how: asdict(context)}, indent=2).encode())


def keep_context(desk: Desk) -> None:
    """Keep what a scheduled job is given.

    Raises:
        OSError: the file cannot be written.

    """
    record_context(desk.workspace, "scheduled", present_context(desk.clock, desk.settings))


def read_contexts(workspace: Workspace) -> dict[str, RunContext]:
    """What the last run of each kind was given; nothing where it cannot be read."""
    try:
        content: Any = parse_json(read_file(workspace.data / FILE, MEGABYTE))
        return {str(name): RunContext(**fields) for name, fields in content.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def compare_contexts(examined: Examined, how: How) -> Iterator[HealthCheck]:
    """How this run differs from the last one of the other kind, as far as it can matter."""
    other: How = "by hand" if how == "scheduled" else "scheduled"
    known = read_contexts(examined.place)
    own = present_context(examined.clock, examined.settings)
    if other not in known:
        what = "no scheduled job" if other == "scheduled" else "no doctor at a terminal"
        do = "" if other == "by hand" else "run `jstock doctor` again once the schedule has run"
        yield HealthCheck("context", State.NOTE, f"{what} has run yet to compare with", do)
        return
    pair: Mapping[How, RunContext] = {how: own, other: known[other]}
    found = tuple(_differences(pair["by hand"], pair["scheduled"]))
    yield from found
    if not found:
        scheduled = pair["scheduled"]
        yield HealthCheck("context", State.OK, f"a job of {scheduled.at} JST was given what a terminal is")


def _differences(hand: RunContext, job: RunContext) -> Iterator[HealthCheck]:
    lost = [name for name, source in hand.secrets.items() if source and not job.secrets.get(name)]
    if lost:
        what = f"found by hand and not by the scheduled job of {job.at} JST: {', '.join(lost)}"
        do = "put them where the job finds them: `jstock schedule show` names the file"
        yield HealthCheck("context", State.FAIL, what, do)
    gone = [name for name in hand.variables if name not in job.variables and name not in hand.secrets]
    gone = [name for name in gone if name != "DBUS_SESSION_BUS_ADDRESS"]
    if gone:
        what = f"set by hand and not in the scheduled job: {', '.join(gone)}"
        yield HealthCheck("context", State.WARN, what, "set them for the job too, or take them away here")
    for what, mine, its in (
        ("interpreter", hand.python, job.python),
        ("user", hand.user, job.user),
        ("home", hand.home, job.home),
    ):
        if mine != its:
            said = f"the {what} by hand is {mine}, that of the scheduled job {its}"
            yield HealthCheck(
                "context", State.WARN, said, "run `jstock schedule install` as the user who is to run"
            )
    yield from _notes(hand, job)


def _notes(hand: RunContext, job: RunContext) -> Iterator[HealthCheck]:
    """Differences that are usual."""
    missing = [folder for folder in hand.path if folder not in job.path]
    if missing:
        what = f"not on the path of the scheduled job: {', '.join(missing)}"
        yield HealthCheck(
            "context", State.NOTE, what, "only programs such as a browser for PDF are looked for there"
        )
    if hand.encoding != job.encoding:
        what = f"texts are {hand.encoding} by hand and {job.encoding} in the scheduled job"
        yield HealthCheck("context", State.NOTE, what)
    if hand.zone != job.zone:
        what = f"the zone is {hand.zone} by hand and {job.zone} in the scheduled job; the desk counts in JST"
        yield HealthCheck("context", State.NOTE, what)
