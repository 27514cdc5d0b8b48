"""One trial of the trial ledger: what was tried, over which sessions, and its Sharpe ratio."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, datetime
from functools import cached_property
from types import FunctionType
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jstock_core.research.statistics.deflated import session_sharpe
from jstock_core.research.sweep.digest import content_digest
from jstock_core.signals.language.plugins import plugin_sources
from jstock_core.signals.language.registry import KINDS, Rules

TrialKind = Literal["backtest", "set", "window", "walk"]


@dataclass(frozen=True, kw_only=True)
class TrialRow:
    """A strategy tried over the trade dates `first` to `last`.

    `digest` is a hash of the strategy (see `strategy_digest`), `group` the id of the group. `sharpe` is the
    Sharpe ratio for a session, None if not defined, and `sessions` the number of returns. `at` is when it was
    tried.
    """

    kind: TrialKind
    group: str
    digest: str
    first: date
    last: date
    sessions: int
    sharpe: float | None
    at: datetime

    @classmethod
    def of(
        cls,
        kind: TrialKind,
        group: str,
        digest: str,
        span: tuple[date, date],
        returns: ArrayLike,
        at: datetime,
    ) -> TrialRow:
        """The row of a trial with daily returns (S,), which are empty if it failed."""
        values = np.asarray(returns, dtype=np.float64)
        return cls(
            kind=kind,
            group=group,
            digest=digest,
            first=span[0],
            last=span[1],
            sessions=len(values),
            sharpe=session_sharpe(values),
            at=at,
        )

    @cached_property
    def key(self) -> str:
        """The identity of the trial: the same strategy over the same sessions is one, however often run."""
        return content_digest((self.digest, self.first, self.last))


def bring_to_length(
    sharpes: NDArray[np.float64], lengths: NDArray[np.float64], sessions: int
) -> NDArray[np.float64]:
    """Scale Sharpe ratios (n,), measured over `lengths` sessions, to the length `sessions`.

    By chance a Sharpe ratio deviates by about 1 / sqrt(sessions), so one of a week cannot be compared with
    one of years without scaling.
    """
    return sharpes * np.sqrt(lengths / max(sessions, 1))


def strategy_digest(declared: Mapping[str, Any], rules: Rules) -> str:
    """A hash of a group's declaration without its name, and of the source of its own rules.

    The sources of plug-ins are included if the declaration names a rule or feature of the workspace, and that
    of a class in a notebook's cell if it names that class. So a rewritten rule is another strategy. The code
    of jstock and the costs are not included.
    """
    return next(digest_strategies([declared], rules))


def digest_strategies(declared: Iterable[Mapping[str, Any]], rules: Rules) -> Iterator[str]:
    """The `strategy_digest` of each declaration."""
    own = {name for kind in rules.own.values() for name in kind} | rules.own_features.keys()
    sources, cells = plugin_sources(rules) if own else {}, dict(_cells(rules))
    for each in declared:
        content = {key: value for key, value in each.items() if key != "name"}
        words = set(_words(content))
        written = {name: text for name, text in cells.items() if name in words}
        yield content_digest((content, sources if own & words else {}, *([written] if written else [])))


def _cells(rules: Rules) -> Iterator[tuple[str, str]]:
    """The rules defined in a notebook's cells, by name: the text of functions and defaults of fields."""
    for kind in KINDS:
        for name, rule in rules.of(kind).items():
            if rule.__module__ == "__main__":
                functions = [each for each in vars(rule).values() if inspect.isfunction(each)]
                parts = fields(rule) if is_dataclass(rule) else ()
                defaults = [f"{each.name} {each.default!r}" for each in parts if each.default is not MISSING]
                yield name, "\n".join([*defaults, *(_text(function) for function in functions)])


def _text(function: FunctionType) -> str:
    try:
        return inspect.getsource(function)
    except (OSError, TypeError):
        return ""  # made by a decorator


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _words(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _words(item)
