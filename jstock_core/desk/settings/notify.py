"""`notify` in `params/desk.yaml`: who hears of what, and by which way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Annotated, Any

from pydantic import Field

from jstock_core.base.errors import ParamsError
from jstock_core.base.params import Inside, build, check_pattern, declare, did_you_mean

KINDS = ("report", "action", "warning", "failure", "recovery")
"""What is routed: the kinds of messages."""
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]"
_Time = Annotated[str, check_pattern(_CLOCK, 'a time in JST, as "22:00"')]
_Digest = Annotated[str, check_pattern(f"({_CLOCK})?", 'a time in JST, as "17:30", or ""')]
_Names = str | list[str]


@declare
class _QuietFile:
    """From `since` until `until` messages of these kinds wait."""

    since: _Time
    until: _Time
    kinds: list[str] = Field(default_factory=lambda: ["report", "warning", "recovery"])


@declare
class _RouteFile:
    """Ways or audiences of a kind of message, and those that take over where one of them fails."""

    to: _Names
    fallback: _Names = Field(default_factory=list)


@declare
class NotifyFile:
    """The keys of `notify` there."""

    ways: dict[str, Annotated[dict[str, Any], Inside("way")]] = Field(
        default_factory=dict, description="ways to people by a name of your own"
    )
    audiences: dict[str, list[str]] = Field(
        default_factory=dict, description="names that stand for several ways"
    )
    routes: dict[str, Any] = Field(
        default_factory=dict, description=f"what goes to whom, by kind: {', '.join(KINDS)}"
    )
    quiet_hours: Annotated[dict[str, Any], Inside(_QuietFile)] = Field(
        default_factory=dict, description="when messages wait"
    )
    digest: _Digest = Field(default="", description="JST; until then warnings are gathered")
    repeat_after_sessions: Annotated[int, Field(ge=1, le=1_000)] = Field(
        default=20, description="an alert that stays is told again after so many sessions"
    )
    give_up_days: Annotated[int, Field(ge=1, le=60)] = Field(
        default=3, description="days after which a message is given up"
    )
    keep_days: Annotated[int, Field(ge=7, le=10_000)] = Field(
        default=400, description="days for which it is kept what became of messages"
    )


@dataclass(frozen=True)
class Route:
    """The ways of a kind of message, and those that take over where one of them fails."""

    to: tuple[str, ...] = ()
    fallback: tuple[str, ...] = ()


@dataclass(frozen=True)
class QuietHours:
    """From `since` until `until` (JST, over midnight where it is earlier) messages of `kinds` wait."""

    since: time
    until: time
    kinds: tuple[str, ...]

    def end(self, now: datetime) -> datetime:
        """When a message of `now` may go: `now` itself outside of the quiet hours."""
        clock = now.time().replace(tzinfo=None)
        over_midnight = self.until <= self.since
        if over_midnight:
            quiet = clock >= self.since or clock < self.until
        else:
            quiet = self.since <= clock < self.until
        return next_time(now, self.until) if quiet else now


@dataclass(frozen=True)
class NotifySettings:
    """Who hears of what. `ways` are the declarations of notifiers by name, each `{use: ...}` with its keys.

    `routes` has every kind. Warnings are gathered until the time `digest` (JST), None for at once. An alert
    that stays as it is is told again after `repeat_after_sessions`. A message is given up `give_up_days`
    after it was made, and what became of messages is kept for `keep_days`.
    """

    ways: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    routes: Mapping[str, Route] = field(default_factory=lambda: dict.fromkeys(KINDS, Route()))
    quiet_hours: QuietHours | None = None
    digest: time | None = None
    repeat_after_sessions: int = 20
    give_up_days: int = 3
    keep_days: int = 400

    def not_before(self, kind: str, now: datetime) -> datetime:
        """When a message of a kind that is made now may be sent."""
        quiet = self.quiet_hours
        return quiet.end(now) if quiet is not None and kind in quiet.kinds else now


def next_time(now: datetime, clock: time) -> datetime:
    """The next moment at which the clock shows a time."""
    today = datetime.combine(now.date(), clock, now.tzinfo)
    return today if today > now else today + timedelta(days=1)


def read_notify(declared: Mapping[str, Any], where: str) -> NotifySettings:
    """The settings that `notify` declares. A kind without a route goes by all ways.

    Raises:
        ParamsError: a key is unknown or out of range, or a route names no way, audience or kind.

    """
    file = build(NotifyFile, declared, where=where)
    names = _Directory(file.ways, file.audiences, where)
    names.check()
    _require_named(file.routes, KINDS, "kind of message", f"{where}, routes")
    quiet = build(_QuietFile, file.quiet_hours, where=f"{where}, quiet_hours") if file.quiet_hours else None
    if quiet is not None:
        _require_named(quiet.kinds, KINDS, "kind of message", f"{where}, quiet_hours")
    return NotifySettings(
        file.ways,
        {kind: names.route(kind, file.routes.get(kind)) for kind in KINDS},
        None if quiet is None else QuietHours(_clock(quiet.since), _clock(quiet.until), tuple(quiet.kinds)),
        _clock(file.digest) if file.digest else None,
        file.repeat_after_sessions,
        file.give_up_days,
        file.keep_days,
    )


@dataclass(frozen=True)
class _Directory:
    """The names that routes may use: ways, and audiences, which stand for several ways."""

    ways: Mapping[str, Any]
    audiences: Mapping[str, Sequence[str]]
    where: str

    def check(self) -> None:
        """Make sure that an audience is of ways, and has a name of its own."""
        for name, ways in self.audiences.items():
            _require_named(ways, tuple(self.ways), "way", f"{self.where}, audiences.{name}")
            if name in self.ways:
                raise ParamsError(
                    f"audiences.{name}: a way has that name too", where=self.where, do="give it another name"
                )

    def route(self, kind: str, declared: Any) -> Route:
        """The route of a kind as declared: names, or `{to, fallback}`; by all ways without one."""
        if declared is None:
            return Route(tuple(self.ways))
        where = f"{self.where}, routes.{kind}"
        given = declared if isinstance(declared, Mapping) else {"to": declared}
        file = build(_RouteFile, given, where=where)
        to = tuple(dict.fromkeys(self._resolve(file.to, where)))
        return Route(to, tuple(w for w in dict.fromkeys(self._resolve(file.fallback, where)) if w not in to))

    def _resolve(self, names: _Names, where: str) -> Iterator[str]:
        given = [names] if isinstance(names, str) else names
        _require_named(given, (*self.ways, *self.audiences), "way or audience", where)
        for name in given:
            yield from self.audiences.get(name, (name,))


def _require_named(
    names: Sequence[str] | Mapping[str, Any], known: Sequence[str], what: str, where: str
) -> None:
    """Make sure that names are among those that are declared.

    Raises:
        ParamsError: one is not.

    """
    for name in names:
        if name not in known:
            hint = did_you_mean(name, list(known)) or "; none is declared"
            raise ParamsError(f'"{name}" is no {what}{hint}', where=where, do="correct the name")


def _clock(text: str) -> time:
    return time.fromisoformat(text)
