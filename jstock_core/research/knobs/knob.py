"""A knob: a parameter of a group that can be varied, and its possible values."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

KnobValue = float | int | bool | str
KnobKind = Literal["number", "whole", "switch", "choice"]

_STEPS = 100
"""Approximate number of steps of a slider."""
_TIMES = 5
"""A slider ends at this multiple of the present value, if the parameter's bounds are wider."""
_NICE = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True)
class KnobRange:
    """The numbers of a knob: multiples of `step` from `low` to `high`.

    The bounds of the parameter may be wider; the range covers the useful part.
    """

    low: float
    high: float
    step: float

    @classmethod
    def of(cls, value: float, low: float, high: float, *, whole: bool) -> KnobRange:
        """The range of a knob with the present `value`, within bounds that may be infinite."""
        reach = _nice_up(_TIMES * abs(value)) if value else 1.0
        top, bottom = max(min(high, reach), value), min(max(low, -reach if low < 0 else 0.0), value)
        step = _nice_up((top - bottom) / _STEPS) if top > bottom else 1.0
        if whole:
            step = max(1.0, step)
        first = _plain(math.ceil(bottom / step - 1e-9) * step)
        return cls(min(first, value), max(_plain(top), value), step)

    def around(self, value: float, count: int) -> tuple[float, ...]:
        """Values for a sweep around `value`: itself and `count` on either side, a tenth of it apart."""
        apart = max(self.step, _nearest_nice(abs(value) / 10)) if value else self.step
        found = (_plain(value + n * apart) for n in range(-count, count + 1))
        return tuple(each for each in found if self.low <= each <= self.high)


@dataclass(frozen=True)
class Knob:
    """A parameter that can be varied.

    `key` is its name for `Group.but`. `place` is the place of its rule in the group file, `rule` the name of
    the rule. `range` is None for a switch or a choice; `choices` are () for other kinds.
    """

    key: str
    place: str
    rule: str
    name: str
    kind: KnobKind
    value: KnobValue
    meaning: str = ""
    unit: str = ""
    range: KnobRange | None = None
    choices: tuple[KnobValue, ...] = ()

    def around(self, value: KnobValue, count: int = 2) -> tuple[KnobValue, ...]:
        """Values for a sweep: `count` on either side of a number, all values of a switch or a choice."""
        if self.range is not None and not isinstance(value, str):
            return tuple(self.read(each) for each in self.range.around(value, count))
        return self.choices or (False, True)

    def read(self, value: KnobValue) -> KnobValue:
        """A value as in a group file: whole numbers as int, floats without binary rounding errors."""
        if isinstance(value, str | bool) or self.kind in ("switch", "choice"):
            return value
        plain = _plain(value)
        return int(plain) if self.kind == "whole" or plain.is_integer() else plain


def read_unit(name: str, meaning: str) -> str:
    """The unit of a parameter, from its name and meaning; "" for none."""
    return "%" if name.endswith("_pct") else next(_units(meaning), "")


def _units(meaning: str) -> Iterator[str]:
    words = (
        ("in percent", "%"), ("in yen", "yen"), ("ATRs", "ATR"), ("calendar days", "days"),
        ("sessions", "sessions"), ("in points", "points"),
    )  # fmt: skip
    return (unit for word, unit in words if word in meaning)


def _nice_up(value: float) -> float:
    """The smallest of 1, 2 or 5 times a power of ten that is at least `value`, which is above 0."""
    return next(nice for nice in _nice_around(value) if nice >= value * (1 - 1e-9))


def _nearest_nice(value: float) -> float:
    return min(_nice_around(value), key=lambda nice: abs(nice - value))


def _nice_around(value: float) -> tuple[float, ...]:
    power = 10.0 ** math.floor(math.log10(value))
    return tuple(_plain(nice * power) for nice in _NICE)


def _plain(value: float) -> float:
    return float(f"{value:.10g}")
