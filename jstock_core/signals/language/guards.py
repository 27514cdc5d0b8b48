"""What stands between a BUY and its order: filters judge one stock, protections pause a group's entries.

Both are registered rules with a mode in the group file: `off` is not asked, `shadow` is shown and not
applied, `enforce` (the default) is applied. They see the market through the view, as every rule does, and of
the group no more than a `Standing`.
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
"""Exit layers whose sales are stops."""


class Stop(NamedTuple):
    """A session in which a stop sold a code, all of it or a part."""

    session: date
    code: str


@dataclass(frozen=True, eq=False)
class Standing:
    """A group on one row of the view: what it holds and what it went through, up to D.

    `codes` are held or on order, `stops` are in order. `worth(k)` is what a yen in the group became at each
    of the last k closes up to D, net of deposits and withdrawals: (<= k,), 1.0 at the first.
    """

    view: View = field(repr=False)
    row: int
    codes: frozenset[str]
    stops: tuple[Stop, ...]
    worth: Callable[[int], Floats] = field(repr=False)

    def with_codes(self, codes: tuple[str, ...]) -> Standing:
        """The same with these codes on order too."""
        return replace(self, codes=self.codes | set(codes)) if codes else self

    def at(self, name: str, n: int) -> float:
        """A feature of stock `n` at its last bar."""
        return self.view.at(name, self.row, n)

    def sessions_since(self, session: date) -> int:
        """Sessions from `session` to D, 0 for D itself; of one before the panel, at least so many."""
        return self.view.first_row + self.row - bisect_left(self.view.panel.dates, session)


class Filter(ABC):
    """A condition on one stock that would be bought; `compares` as in `Entry`."""

    name: ClassVar[str] = ""
    needs: ClassVar[int] = 1
    settles: ClassVar[int] = 0
    compares: ClassVar[bool] = False

    @abstractmethod
    def refusal(self, n: int, group: Standing) -> str:
        """Why stock `n` of the view may not be bought, "" where it may. What is not known is refused."""


class Protection(ABC):
    """A condition under which a group opens no positions; what it holds is sold as ever."""

    name: ClassVar[str] = ""
    needs: ClassVar[int] = 1
    settles: ClassVar[int] = 0

    @abstractmethod
    def reason(self, group: Standing) -> str:
        """Why the group may not enter, "" where it may. What is not known pauses."""


F = TypeVar("F", bound=Filter)
P = TypeVar("P", bound=Protection)
G = TypeVar("G", bound=Filter | Protection)


@dataclass(frozen=True)
class Guard(Generic[G]):
    """A filter or protection, and whether it is applied, only shown, or off."""

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
    """The mode a mapping gives under `mode`, enforce where it gives none.

    Raises:
        ParamsError: it is none of the three.

    """
    given = data.get("mode", "enforce")
    for mode in MODES:
        if given == mode:
            return mode
    hint = did_you_mean(given, MODES) if isinstance(given, str) else f"; known: {', '.join(MODES)}"
    raise ParamsError(f"mode: unknown mode {given!r}{hint}", where=where, do="correct the mode")


def ask_guard(rule: Filter | Protection, ask: Callable[[], str]) -> str:
    """What a rule answers.

    Raises:
        RuleError: it raised, or its answer is no text.
        PlugInError: it ended the process, or printed.
        JstockError: the data it needs is missing.

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
    """What a rule is called before its name: "filter" or "protection"."""
    return "filter" if isinstance(rule, Filter) else "protection"
