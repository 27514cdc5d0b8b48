"""Filters and protections, which can keep a BUY from becoming an order.

A filter refuses single stocks, a protection pauses all entries of a group. Both are rules with a mode in the
group file: `enforce` (the default) applies them, `shadow` only shows what they say, `off` does not ask them.
They see the market through the view, and the group through a `Standing`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, ClassVar, Generic, Literal, NamedTuple, TypeVar, dataclass_transform

from pydantic import Field

from jstock_core.base.contain import call_plugin
from jstock_core.base.errors import JstockError, ParamsError
from jstock_core.base.params import did_you_mean
from jstock_core.market.panel import Floats
from jstock_core.signals.features.view import View
from jstock_core.signals.language.answers import RuleError
from jstock_core.signals.language.plugins import describe_failure, line_of, written_at
from jstock_core.signals.language.registry import register

Mode = Literal["off", "shadow", "enforce"]
MODES: tuple[Mode, ...] = ("off", "shadow", "enforce")

STOPS = frozenset({"hard_stop", "stop_loss", "trailing_stop"})
"""Triggers of exit layers that are stops."""


class Stop(NamedTuple):
    """A session in which a stop sold all or part of a position."""

    session: date
    code: str


@dataclass(frozen=True, eq=False)
class Standing:
    """A group on one row of the view: its positions and its history up to D.

    `codes` are held or on order. `stops` are sorted by session. `worth(k)` is the growth of one yen in the
    group at each of the last k closes up to D, net of deposits and withdrawals: (<= k,), 1.0 at the first.
    """

    view: View = field(repr=False)
    row: int
    codes: frozenset[str]
    stops: tuple[Stop, ...]
    worth: Callable[[int], Floats] = field(repr=False)

    def with_codes(self, codes: tuple[str, ...]) -> Standing:
        """A copy in which these codes are on order too."""
        return replace(self, codes=self.codes | set(codes)) if codes else self

    def at(self, name: str, n: int) -> float:
        """A feature of stock `n` at its last bar."""
        return self.view.at(name, self.row, n)

    def sessions_since(self, session: date) -> int:
        """Sessions from `session` to D, 0 for D itself. For a session before the panel, a lower bound."""
        return self.view.first_row + self.row - bisect_left(self.view.panel.dates, session)


class Filter(ABC):
    """A condition that a stock must meet to be bought. `needs`, `settles`, `compares` are as in `Entry`."""

    name: ClassVar[str] = ""
    needs: ClassVar[int] = 1
    settles: ClassVar[int] = 0
    compares: ClassVar[bool] = False

    @abstractmethod
    def refusal(self, n: int, group: Standing) -> str:
        """Why stock `n` of the view may not be bought, "" if it may. Refuse where data are missing."""


class Protection(ABC):
    """A condition under which a group opens no positions. Its exits go on."""

    name: ClassVar[str] = ""
    needs: ClassVar[int] = 1
    settles: ClassVar[int] = 0

    @abstractmethod
    def reason(self, group: Standing) -> str:
        """Why the group may not enter, "" if it may. Pause where data are missing."""


F = TypeVar("F", bound=Filter)
P = TypeVar("P", bound=Protection)
G = TypeVar("G", bound=Filter | Protection)


@dataclass(frozen=True)
class Guard(Generic[G]):
    """A filter or protection with its mode."""

    rule: G
    mode: Mode = "enforce"


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(Field,))
def filter_(name: str) -> Callable[[type[F]], type[F]]:
    """Register a filter under its key in group files."""
    return lambda cls: register(cls, "filter", name, Filter)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(Field,))
def protection(name: str) -> Callable[[type[P]], type[P]]:
    """Register a protection under its key in group files."""
    return lambda cls: register(cls, "protection", name, Protection)


def guard_mode(data: Mapping[str, Any], where: str) -> Mode:
    """The value of the key `mode` in a mapping, "enforce" without one.

    Raises:
        ParamsError: the mode is unknown.

    """
    given = data.get("mode", "enforce")
    for mode in MODES:
        if given == mode:
            return mode
    hint = did_you_mean(given, MODES) if isinstance(given, str) else f"; known: {', '.join(MODES)}"
    raise ParamsError(f"mode: unknown mode {given!r}{hint}", where=where, do="correct the mode")


def ask_guard(rule: Filter | Protection, ask: Callable[[], str]) -> str:
    """The answer of a filter or protection, checked.

    Raises:
        RuleError: the rule raised, or its answer is not a text.
        PlugInError: the rule ended the process, or printed.
        JstockError: data that it needs are missing.

    """
    try:
        answer: Any = call_plugin(f"the {_kind(rule)} {rule.name}", ask)
    except JstockError:
        raise
    except Exception as error:
        raise RuleError(
            f"{_kind(rule)} {rule.name} {describe_failure(error, rule)}",
            where=line_of(error, rule),
            do="repair the rule, or set its mode to off",
        ) from error
    if not isinstance(answer, str):
        raise RuleError(
            f"{_kind(rule)} {rule.name} answered {answer!r}, not a reason",
            where=written_at(type(rule)),
            do='return the reason as text, "" for none',
        )
    return answer


def _kind(rule: Filter | Protection) -> str:
    """The kind of a rule: "filter" or "protection"."""
    return "filter" if isinstance(rule, Filter) else "protection"
