"""The plan of a sweep: its sets with their keys, and the reasons why some cannot be made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from jstock_core.base.errors import JstockError, ParamsError, error_reason
from jstock_core.decide.edits import edit_declared
from jstock_core.decide.groups import make_group
from jstock_core.research.sweep.digest import content_digest
from jstock_core.research.sweep.sets import Ranges
from jstock_core.signals.language.registry import Rules


@dataclass(frozen=True)
class PlannedSet:
    """One set of parameters.

    - `values`: its values by key. `declared`: the whole group file.
    - `key`: a hash of the group and of everything else that the result depends on.
    - `entry`: equal for sets that share the opinions of an entry.
    - `reason`: why the group cannot be made, "" if it can.
    - `span`: first and last trade date, None for those of the market.
    """

    values: Mapping[str, Any]
    declared: Mapping[str, Any]
    key: str
    entry: str = ""
    reason: str = ""
    span: tuple[date, date] | None = None


@dataclass(frozen=True)
class SweepPlan:
    """The sets of a sweep in order, and the id of the group that they are variants of."""

    group: str
    ranges: Ranges
    sets: tuple[PlannedSet, ...]

    @classmethod
    def of(
        cls,
        group: str,
        declared: Mapping[str, Any],
        ranges: Ranges,
        chosen: Sequence[Mapping[str, Any]],
        rules: Rules,
        ground: str,
    ) -> SweepPlan:
        """Plan the sets `chosen`. `ground` is a hash of everything that they share.

        Raises:
            ParamsError: none of them can be made.

        """
        made = cls(group, ranges, plan_sets(group, declared, chosen, rules, ground))
        made.require_one()
        return made

    def require_one(self) -> None:
        """Make sure that at least one set can be run.

        Raises:
            ParamsError: none can.

        """
        if self.sets and all(each.reason for each in self.sets):
            raise ParamsError(
                f"no set can be run; the first: {self.sets[0].reason}",
                where=f"the group {self.group}, {_words(self.sets[0].values)}",
                do="correct the keys and values of sets",
            )

    def over(self, first: date, last: date) -> SweepPlan:
        """The same sets over a part of the market's trade dates, with other keys."""
        span = first, last
        sets = (replace(each, span=span, key=content_digest((each.key, span))) for each in self.sets)
        return replace(self, sets=tuple(sets))


def plan_sets(
    group: str, declared: Mapping[str, Any], chosen: Sequence[Mapping[str, Any]], rules: Rules, ground: str
) -> tuple[PlannedSet, ...]:
    """Make each set of values a variant of a group; those that cannot be made have the reason."""
    return tuple(_plan(group, declared, values, rules, ground) for values in chosen)


def _plan(
    group: str, declared: Mapping[str, Any], values: Mapping[str, Any], rules: Rules, ground: str
) -> PlannedSet:
    try:
        changed = edit_declared(declared, values, where=f"the group {group}")
        made = make_group(group, changed, where=f"the group {group}", rules=rules)
    except JstockError as error:
        return PlannedSet(
            values, {}, content_digest((ground, group, declared, values)), reason=_one_line(error)
        )
    return PlannedSet(values, changed, content_digest((ground, group, changed)), made.entry_key)


def _one_line(error: JstockError) -> str:
    return " ".join(error_reason(error).split()) + (f" ({error.where})" if error.where else "")


def _words(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in values.items())
