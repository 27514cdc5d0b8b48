"""A knob: a parameter of a group that can be turned, and the values that it takes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

KnobValue = float | int | bool | str
KnobKind = Literal["number", "whole", "switch", "choice"]

_STEPS = 100
"""Steps of a slider, about."""
_TIMES = 5
"""How many times its present value a slider shows, where the bounds of a parameter lie wider."""
_NICE = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True)
class KnobRange:
    """The numbers that a knob is turned through: multiples of `step` from `low` to `high`.

    A parameter's own bounds may lie wider, where most of what they allow is of no use.
    """

    low: float
    high: float
    step: float

    @classmethod
    def of(cls, value: float, low: float, high: float, *, whole: bool) -> KnobRange:
        """The range of a knob that stands at `value`, within bounds that may be infinite."""
        reach = _nice_up(_TIMES * abs(value)) if value else 1.0
        top, bottom = max(min(high, reach), value), min(max(low, -reach if low < 0 else 0.0), value)
        step = _nice_up((top - bottom) / _STEPS) if top > bottom else 1.0
        if whole:
            step = max(1.0, step)
        first = _plain(math.ceil(bottom / step - 1e-9) * step)
        return cls(min(first, value), max(_plain(top), value), step)

    def around(self, value: float, count: int) -> tuple[float, ...]:
        """Values of a sweep around one: itself, and `count` on either side, a tenth of it apart."""
        apart = max(self.step, _nearest_nice(abs(value) / 10)) if value else self.step
        found = (_plain(value + n * apart) for n in range(-count, count + 1))
        return tuple(each for each in found if self.low <= each <= self.high)


@dataclass(frozen=True)
class Knob:
    """A parameter that can be turned.

    `key` is its name for `Group.but`; `place` is that of its rule in the group file, `rule` what the rule is
    called. `range` is None for a switch or a choice, `choices` are () for other kinds.
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
        """The values of a sweep around one: some on either side of a number, all of a switch or a choice."""
        if self.range is not None and not isinstance(value, str):
            return tuple(self.read(each) for each in self.range.around(value, count))
        return self.choices or (False, True)

    def read(self, value: KnobValue) -> KnobValue:
        """A value as a group file would write it: whole where it is, without noise of binary fractions."""
        if isinstance(value, str | bool) or self.kind in ("switch", "choice"):
            return value
        plain = _plain(value)
        return int(plain) if self.kind == "whole" or plain.is_integer() else plain


def read_unit(name: str, meaning: str) -> str:
    """The unit of a parameter by its name and what is said of it, "" for none."""
    return "%" if name.endswith("_pct") else next(_units(meaning), "")


def _units(meaning: str) -> Iterator[str]:
    words = (
        ("in percent", "%"), ("in yen", "yen"), ("ATRs", "ATR"), ("calendar days", "days"),
        ("sessions", "sessions"), ("in points", "points"),
    )  # fmt: skip
    return (unit for word, unit in words if word in meaning)


def _nice_up(value: float) -> float:
    """The least of 1, 2 or 5 times a power of ten that is not under a value over 0."""
    return next(nice for nice in _nice_around(value) if nice >= value * (1 - 1e-9))


def _nearest_nice(value: float) -> float:
    return min(_nice_around(value), key=lambda nice: abs(nice - value))


def _nice_around(value: float) -> tuple[float, ...]:
    power = 10.0 ** math.floor(math.log10(value))
    return tuple(_plain(nice * power) for nice in _NICE)


def _plain(value: float) -> float:
    return float(f"{value:.10g}")
