"""A check of the doctor as a value, and what there is to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from jstock_core.base.clock import Clock, make_clock
from jstock_core.base.errors import ExitStatus, JstockError, error_reason
from jstock_core.desk.settings.settings import Settings, read_settings
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.desk.workspace.workspace import Workspace, find_workspace


class State(StrEnum):
    """How something is, the worst last."""

    OK = "ok"
    NOTE = "note"
    """Good to know, or not checked."""
    WARN = "warn"
    """The desk runs, and a person should do something."""
    FAIL = "fail"
    """The desk cannot run, or cannot be trusted."""


@dataclass(frozen=True)
class HealthCheck:
    """What was found about one thing: `what` in a sentence, and the `remedy`, "" where nothing is to be done.

    `exit` is the exit status of the doctor where this is the first failure.
    """

    name: str
    state: State
    what: str
    remedy: str = ""
    exit: ExitStatus = ExitStatus.DEGRADED


class NotOpenError(Exception):
    """A check needs a desk, and it cannot be opened; that is a finding of its own."""


@dataclass(frozen=True)
class Examined:
    """What a doctor looks at. What could not be read is None, and `error` says why.

    `fixed_now` is the time given instead of the clock's, `online` whether services may be asked.
    """

    clock: Clock
    workspace: Workspace | None = None
    settings: Settings | None = None
    opened: Desk | None = None
    error: Exception | None = None
    fixed_now: str = ""
    online: bool = False

    @property
    def desk(self) -> Desk:
        """The desk.

        Raises:
            NotOpenError: it could not be opened.

        """
        if self.opened is None:
            raise NotOpenError
        return self.opened

    @property
    def place(self) -> Workspace:
        """The workspace.

        Raises:
            NotOpenError: there is none.

        """
        if self.workspace is None:
            raise NotOpenError
        return self.workspace


Look = Callable[[Examined], Iterable[HealthCheck]]


def look_at(workspace: str = "", *, now: str = "", online: bool = False) -> Examined:
    """Open what can be opened of a workspace, and remember why the rest cannot.

    Raises:
        UsageError: `now` is no time.

    """
    clock = make_clock(now)
    found = Examined(clock, fixed_now=now, online=online)
    try:
        place = find_workspace(workspace)
    except (JstockError, OSError) as error:
        return Examined(clock, error=error, fixed_now=now, online=online)
    try:
        desk = open_desk(place.root, now=now)
    except Exception as error:  # noqa: BLE001 (what is wrong with the desk is what the doctor is for)
        settings = _settings(place)
        return Examined(clock, place, settings, None, error, now, online)
    return Examined(clock, place, desk.settings, desk, None, found.fixed_now, online)


def _settings(place: Workspace) -> Settings | None:
    """The desk's parameters, where only its groups or lists are wrong."""
    try:
        return read_settings(place.desk_yaml)
    except Exception:  # noqa: BLE001 (the error of the whole desk is told)
        return None


def contain(name: str, look: Look, examined: Examined) -> Iterator[HealthCheck]:
    """What a check finds; where it fails itself, that is what it found."""
    try:
        yield from tuple(look(examined))
    except NotOpenError:
        yield HealthCheck(name, State.NOTE, "not checked: the desk cannot be opened")
    except JstockError as error:
        where = f" ({error.where})" if error.where else ""
        yield HealthCheck(name, State.FAIL, f"{error.what}{where}", error.do, error.exit)
    except Exception as error:  # noqa: BLE001 (one check that cannot be made must not hide the others)
        what = f"this check could not be made: {error_reason(error)}"
        yield HealthCheck(
            name, State.FAIL, what, "see what the message names; if it names nothing, report it"
        )
