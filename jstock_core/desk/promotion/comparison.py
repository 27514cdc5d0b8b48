"""`jstock params diff`: two sets of parameters, key by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jstock_core.base.plain import plain_json
from jstock_core.desk.promotion.sets import ParameterSet, find_set
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.names import unknown


@dataclass(frozen=True)
class KeyDifference:
    """A key that two sets have otherwise; None where one does not have it."""

    key: str
    before: Any
    after: Any

    @property
    def sentence(self) -> str:
        """In a line: `exit.stop_loss_pct 8 -> 6`."""
        if self.before is None:
            return f"{self.key} {self.after} added"
        if self.after is None:
            return f"{self.key} {self.before} removed"
        return f"{self.key} {self.before} -> {self.after}"


@dataclass(frozen=True)
class SetsDifference:
    """Two sets of parameters and what differs between them."""

    before: ParameterSet
    after: ParameterSet
    keys: tuple[KeyDifference, ...]

    @property
    def title(self) -> str:
        """What is compared."""
        return f"{self.before.title} -> {self.after.title}"

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "before": self.before.title,
            "after": self.after.title,
            "differences": [plain_json(each) for each in self.keys],
        }


def compare_sets(desk: Desk, name: str, other: str = "") -> SetsDifference:
    """What differs between two sets, named as `find_set` does.

    Without another a group's file is compared with what the group was last decided with, and a candidate with
    the file of the group that is called so, or with the only group of that name in it.

    Raises:
        UsageError: there is no such set, or nothing to compare it with.

    """
    one = find_set(desk, name)
    if other:
        return difference_of(one, find_set(desk, other))
    if one.kind == "groups":
        return difference_of(find_set(desk, f"decided/{one.name}"), one)
    do = f"name the group to compare it with: `jstock params diff {one.name} ID`"
    return difference_of(find_set(desk, f"groups/{base_group(desk, one, do)}"), one)


def difference_of(before: ParameterSet, after: ParameterSet) -> SetsDifference:
    """What the second declares otherwise than the first."""
    return SetsDifference(before, after, tuple(key_differences(before.declared, after.declared)))


def base_group(desk: Desk, candidate: ParameterSet, do: str) -> str:
    """The group that a candidate is of: the one with its id, else the only one with its name.

    `do` says what to do where that is not known.

    Raises:
        UsageError: there is none, or several.

    """
    ids = [group.id for group in desk.groups]
    if candidate.name in ids:
        return candidate.name
    named = [group.id for group in desk.groups if group.name == candidate.declared.get("name")]
    if len(named) == 1:
        return named[0]
    raise unknown("group", candidate.name, ids, do=do)


def key_differences(before: Any, after: Any, inside: str = "") -> Iterator[KeyDifference]:
    """The keys that differ, in the order of the second; rules in lists are counted from 0."""
    old, new = _parts(before), _parts(after)
    if old is None or new is None:
        if before != after or type(before) is not type(after):
            yield KeyDifference(inside, before, after)
        return
    prefix = f"{inside}." if inside else ""
    for key in dict.fromkeys((*new, *old)):
        if key not in old or key not in new:
            yield KeyDifference(f"{prefix}{key}", old.get(key), new.get(key))
        else:
            yield from key_differences(old[key], new[key], f"{prefix}{key}")


def _parts(value: Any) -> Mapping[str, Any] | None:
    """What is inside a mapping or a list of mappings; None of a single value."""
    if isinstance(value, Mapping):
        return {str(key): item for key, item in value.items()}
    if isinstance(value, list | tuple) and value and all(isinstance(item, Mapping) for item in value):
        return {str(n): item for n, item in enumerate(value)}
    return None
