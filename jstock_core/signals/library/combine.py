"""Combinations of entries: a weighted vote, all of them, any of them.

`entry: {use: Vote, of: [{use: SimpleScorer, weight: 2}, {use: MACDCrossover, weight: 1}], threshold: 0.5}`.
Members are registered entries, or combinations themselves. What they share:

- A member's *shown score* is its score, or 100 x confidence where it has none.
- `opening`, the score that exits compare with later, is that of the first member with a value there. Exits
  that compute scores take the weights and flows of the first member that has them, so list that scorer first.
- `needs` and `settles` are the largest of the members'.
- `parts` are the members' shown scores by name. The reason quotes the reason of each member.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any, ClassVar, TypeVar, dataclass_transform

import numpy as np
from pydantic import Field

from jstock_core.base.errors import ParamsError
from jstock_core.base.params import build, declare
from jstock_core.market.panel import Bools, Floats
from jstock_core.market.prices import round_decimals
from jstock_core.signals.features.view import View
from jstock_core.signals.language import answers
from jstock_core.signals.language.entry import Entry, EntryOpinions
from jstock_core.signals.language.registry import register

_INHERITED = ("weights", "flows")

C = TypeVar("C", bound="Combination")


@declare
class Member:
    """A member of a combination, with its weight in the vote."""

    entry: Entry
    weight: float = Field(default=1.0, gt=0, le=1000, description="weight of its vote, against the others'")


class Combination(Entry):
    """An entry made of other entries: `of`, at least one."""

    weighted: ClassVar[bool] = False
    of: Sequence[Member]

    def __post_init__(self) -> None:
        """Derive `needs` and `settles` from the members, and the weights and flows that exits take over."""
        entries = [member.entry for member in self.of]
        taken: dict[str, Any] = {
            "needs": max(entry.needs for entry in entries),
            "settles": max(max(entry.needs, entry.settles) for entry in entries),
            "tolerance": max(entry.tolerance for entry in entries),
        }
        for entry in reversed(entries):
            taken |= {name: getattr(entry, name) for name in _INHERITED if hasattr(entry, name)}
        for name, value in taken.items():
            object.__setattr__(self, name, value)

    def evaluate(self, view: View) -> EntryOpinions:
        """Ask every member, and combine the opinions."""
        members = [_opinions(member.entry, view) for member in self.of]
        buy, score, confidence, lead = self.combine(members)
        buy = view.has_bar & buy
        return EntryOpinions(
            buy=buy,
            score=round_decimals(score),
            opening=_first_known([opinions.opening for opinions in members]),
            confidence=np.where(buy, round_decimals(confidence), 0.0),
            parts=dict(zip(self._names, (opinions.display for opinions in members), strict=True)),
            explain=self._words(members, lead),
            members=dict(zip(self._names, members, strict=True)),
            summary=lead,
        )

    @abstractmethod
    def combine(self, members: Sequence[EntryOpinions]) -> Combined:
        """The arrays `buy`, `score` and `confidence`, and the beginning of the reason."""

    def points_missing(self, members: Sequence[float | None]) -> float | None:  # noqa: ARG002 (subclasses use it)
        """Points missing to a BUY, from those missing to each member (0 if it buys); None if unknown."""
        return None

    @property
    def _names(self) -> list[str]:
        """The names of the members, numbered where one occurs more than once."""
        names = [member.entry.name for member in self.of]
        seen: Counter[str] = Counter()
        numbered = []
        for name in names:
            seen[name] += 1
            numbered.append(f"{name} {seen[name]}" if names.count(name) > 1 else name)
        return numbered

    def _words(
        self, members: Sequence[EntryOpinions], lead: Callable[[int, int], str]
    ) -> Callable[[int, int], str]:
        def explain(row: int, n: int) -> str:
            said = (
                f"{name} {'buys' if opinions.buy[row, n] else 'does not'} ({opinions.why(row, n)})"
                for name, opinions in zip(self._names, members, strict=True)
            )
            return f"{lead(row, n)}: {'; '.join(said)}"

        return explain


Combined = tuple[Bools, Floats, Floats, Callable[[int, int], str]]


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(Field,))
def combination(name: str) -> Callable[[type[C]], type[C]]:
    """Register a combination under its name in group files. No entry may have the same name."""
    return lambda cls: register(cls, "combination", name, Combination)


@combination("Vote")
class Vote(Combination):
    """Buy when the members that buy have enough of the weight.

    Formula: share = sum of the weights of members that buy / sum of all weights; BUY if share >= threshold;
    score = weighted mean of the members' shown scores; confidence = sum over members that buy of weight x
    confidence / sum of all weights, 0 when it does not buy.
    Source: jstock.
    """

    weighted: ClassVar[bool] = True
    of: tuple[Member, ...] = Field(min_length=1, description="the entries, each with a weight (default 1)")
    threshold: float = Field(gt=0, le=1, description="lowest share of the weight that buys, 0 to 1")

    def combine(self, members: Sequence[EntryOpinions]) -> Combined:
        """Count the weight of the votes."""
        weights = [member.weight for member in self.of]
        share = round_decimals(_mean(weights, [opinions.buy.astype(np.float64) for opinions in members]))
        score = _mean(weights, [opinions.display for opinions in members])
        sure = _mean(weights, [np.where(opinions.buy, opinions.confidence, 0.0) for opinions in members])
        return (
            share >= round_decimals(self.threshold),
            score,
            sure,
            lambda row, n: f"vote {share[row, n]:.2f} of {self.threshold:g}",
        )

    def points_missing(self, members: Sequence[float | None]) -> float:
        """What the vote lacks of its threshold, in percent of all weight."""
        bought = [float(short == 0) for short in members]
        share = sum(member.weight * one for member, one in zip(self.of, bought, strict=True))
        missing = self.threshold - share / sum(member.weight for member in self.of)
        return max(0.0, round_decimals(100 * missing))


@combination("All")
class AllOf(Combination):
    """Buy when every member buys.

    Formula: score = the lowest of the members' shown scores; confidence = the lowest of theirs, 0 when it
    does not buy.
    Source: jstock.
    """

    of: tuple[Member, ...] = Field(min_length=1, description="the entries")

    def combine(self, members: Sequence[EntryOpinions]) -> Combined:
        """Buy where all members buy."""
        buys = np.stack([opinions.buy for opinions in members])
        return (
            np.all(buys, axis=0),
            np.stack([opinions.display for opinions in members]).min(axis=0),
            np.stack([opinions.confidence for opinions in members]).min(axis=0),
            _count(buys),
        )

    def points_missing(self, members: Sequence[float | None]) -> float | None:
        """The points missing to the member that lacks most."""
        known = [short for short in members if short is not None]
        return max(known) if len(known) == len(members) else None


@combination("Any")
class AnyOf(Combination):
    """Buy when at least one member buys.

    Formula: score = the highest shown score of the members that buy, of all members where none does;
    confidence = the highest of those that buy, 0 when none does.
    Source: jstock.
    """

    of: tuple[Member, ...] = Field(min_length=1, description="the entries")

    def combine(self, members: Sequence[EntryOpinions]) -> Combined:
        """Buy where a member buys, with the highest of their scores and confidences."""
        buys = np.stack([opinions.buy for opinions in members])
        bought, shown = np.any(buys, axis=0), np.stack([opinions.display for opinions in members])
        sure = np.stack([opinions.confidence for opinions in members])
        heard = np.where(buys | ~bought, shown, -np.inf)
        return bought, heard.max(axis=0), (buys * sure).max(axis=0), _count(buys)

    def points_missing(self, members: Sequence[float | None]) -> float | None:
        """The points missing to the member that lacks least."""
        return min((short for short in members if short is not None), default=None)


def make_members(
    kind: type[Any], data: Mapping[str, Any], where: str, make: Callable[[Any, str], Entry]
) -> dict[str, Any]:
    """The mapping of a combination, with the members under `of` built by `make`.

    Raises:
        ParamsError: `of` is empty or not a list, or a member or its weight is wrong.

    """
    listed = data.get("of")
    where = f"{where}, {data['use']}"
    if not isinstance(listed, Sequence) or isinstance(listed, str) or not listed:
        raise ParamsError(
            "of: a combination needs a list of at least one entry",
            where=where,
            do="write of: [{use: NAME}, {use: NAME}]",
        )
    return dict(data) | {
        "of": tuple(_member(kind, item, f"{where}, of[{n}]", make) for n, item in enumerate(listed))
    }


def _member(kind: type[Any], data: Any, where: str, make: Callable[[Any, str], Entry]) -> Member:
    given = dict(data) if isinstance(data, Mapping) else data
    weight = {"weight": given.pop("weight")} if kind.weighted and "weight" in given else {}
    return build(Member, {"entry": make(given, where), **weight}, where=where)


def _opinions(entry: Entry, view: View) -> EntryOpinions:
    """The opinions of a member, shared with groups whose only entry it is."""
    return view.memo(("entry", repr(entry)), lambda: answers.entry_opinions(entry, view))


def _mean(weights: Sequence[float], values: Sequence[Floats]) -> Floats:
    """The weighted mean, summed in the order of the members."""
    total = reduce(np.add, (weight * value for weight, value in zip(weights, values, strict=True)))
    return total / sum(weights)


def _first_known(openings: Sequence[Floats]) -> Floats:
    return reduce(lambda first, later: np.where(np.isnan(first), later, first), openings)


def _count(buys: Bools) -> Callable[[int, int], str]:
    return lambda row, n: f"{int(buys[:, row, n].sum())} of {len(buys)} buy"
