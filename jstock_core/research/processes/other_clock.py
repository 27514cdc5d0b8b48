"""Another clock for some modules: what `time` and `datetime` say there is more than a year ahead.

Only importing is changed: a module of the packages named, and any that belongs to no installed package, gets
stand-ins when it imports `datetime` or `time`. Compiled libraries and jstock itself keep the real ones.
"""

from __future__ import annotations

import builtins
import datetime as dt
import os
import sys
import sysconfig
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

SHIFT = dt.timedelta(days=411, hours=7, minutes=13)
"""How far the other clock is ahead: another year, month, weekday and hour."""


class _Real(type):
    """A kind of date that takes real ones for its own, and is one for pydantic."""

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, cls.__mro__[1])

    def __get_pydantic_core_schema__(cls, _source: Any, handler: Callable[[Any], Any]) -> Any:
        return handler(cls.__mro__[1])


class ShiftedDate(dt.date, metaclass=_Real):
    """`date` by the other clock."""

    @classmethod
    def today(cls) -> Any:
        """Today there."""
        return super().today() + SHIFT


class ShiftedDatetime(dt.datetime, metaclass=_Real):
    """`datetime` by the other clock."""

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> Any:
        """The time there."""
        return super().now(tz) + SHIFT

    @classmethod
    def today(cls) -> Any:
        """The time there, without a zone."""
        return cls.now()

    @classmethod
    def utcnow(cls) -> Any:
        """The time there in UTC, without a zone."""
        return cls.now(dt.UTC).replace(tzinfo=None)


def shift_clock(packages: Sequence[str]) -> None:
    """Give these packages, and modules of no installed package, the other clock when they are imported."""
    real, places = builtins.__import__, installed_places()
    stand_ins = _stand_ins()

    def importing(name: str, given: Mapping[str, Any] | None = None, *more: Any, **others: Any) -> ModuleType:
        found = real(name, given, *more, **others)
        if name in stand_ins and given is not None:
            module, file = str(given.get("__name__", "")), os.path.realpath(str(given.get("__file__") or ""))
            if module.partition(".")[0] in packages or not file.startswith(places):
                return stand_ins[name]
        return found

    vars(builtins)["__import__"] = importing


def installed_places() -> tuple[str, ...]:
    """Folders of Python's own modules, of installed packages, and of jstock."""
    paths = sysconfig.get_paths()
    own = [paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    sites = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    found = (*own, *sites, str(Path(__file__).parents[2]))
    return tuple(f"{Path(path).resolve()}{os.sep}" for path in found)


def _stand_ins() -> dict[str, ModuleType]:
    """`datetime` and `time` with another now."""
    moved, seconds = ModuleType("datetime"), SHIFT.total_seconds()
    vars(moved).update(vars(dt) | {"date": ShiftedDate, "datetime": ShiftedDatetime})
    clock = ModuleType("time")

    def now() -> float:
        return time.time() + seconds

    said: dict[str, Callable[..., Any]] = {"time": now, "time_ns": lambda: int(now() * 10**9)}
    for name in ("localtime", "gmtime", "ctime"):
        said[name] = _at(getattr(time, name), now)
    vars(clock).update(vars(time) | said)
    return {"datetime": moved, "time": clock}


def _at(real: Callable[..., Any], now: Callable[[], float]) -> Callable[..., Any]:
    return lambda seconds=None: real(now() if seconds is None else seconds)
