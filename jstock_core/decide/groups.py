"""Strategy groups as declared in `params/groups`: one .yaml or .yml file each, named after the group's id."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from jstock_core.base.arguments import require_kind
from jstock_core.base.errors import ParamsError
from jstock_core.base.limits import cut_word, visible_files
from jstock_core.base.params import Inside, build, declare, read_yaml, write_yaml
from jstock_core.base.words import escape_markdown, plural
from jstock_core.decide.edits import edit_declared
from jstock_core.execution.limits import OrderLimits
from jstock_core.execution.ranking import Ranking
from jstock_core.execution.sizing import Sizing, make_sizing
from jstock_core.signals.language.entry import Entry
from jstock_core.signals.language.exit import Exit
from jstock_core.signals.language.guards import Filter, Guard, Protection
from jstock_core.signals.language.registry import SHARED, Rules
from jstock_core.signals.library.make import make_entry, make_exit, make_filters, make_protections

WHOLE = "whole"  # what reports call all groups together
LEAST_CAPITAL, MOST_CAPITAL = 10_000, 10**13
"""Least and most initial capital of a group, in yen."""
_ID = re.compile(r"[\w-]{1,100}")
_ENDINGS = (".yaml", ".yml")

FillPolicy = Literal["open", "signal_price", "manual"]
_Layers = Annotated[
    list[Annotated[dict[str, Any], Inside("layer")]], Field(json_schema_extra={"minItems": 1})
]


@declare
class GroupFile:
    """A strategy group; the file's name is its id. Rules are built from the mappings by their registries."""

    name: str = Field(min_length=1, description="what reports call it")
    initial_capital: int = Field(ge=LEAST_CAPITAL, le=MOST_CAPITAL, description="yen that it begins with")
    entry: Annotated[dict[str, Any], Inside("entry")] = Field(description="what is bought")
    exit: Annotated[dict[str, Any], Inside("exit")] | _Layers = Field(
        description="what is sold: a preset, or a list of layers, of which the first that fires wins"
    )
    sizing: Annotated[dict[str, Any], Inside("sizing")] = Field(description="how many shares are bought")
    ranking: Annotated[dict[str, Any], Inside(Ranking)] = Field(
        default_factory=dict, description="which buys come first where cash or places are short"
    )
    min_score: float | None = Field(default=None, ge=0, le=100, description="lowest score that is bought")
    fills: FillPolicy = Field(
        default="open",
        description="open: on paper at the opening price; signal_price: on paper, at once, at the signal's "
        "price; manual: what the trader records",
    )
    reuse_sales: bool = Field(default=False, description="what a morning's sales bring pays for its buys")
    filters: list[Annotated[dict[str, Any], Inside("filter")]] = Field(
        default_factory=list, description="what a stock must be to be bought"
    )
    protections: list[Annotated[dict[str, Any], Inside("protection")]] = Field(
        default_factory=list, description="when the group opens no positions"
    )
    limits: Annotated[dict[str, Any], Inside(OrderLimits)] | None = Field(
        default=None, description="numbers that refuse or cut buys, and never sells"
    )
    wind_down: bool = Field(default=False, description="sell all it holds and enter nothing any more")


@dataclass(frozen=True, repr=False)
class Group:
    """A strategy group: its entry, exit, sizing and way of filling, and its initial capital in yen.

    `declared` is the content of its file, for provenance; `rules` is the registry of the rules it names. A
    group to `wind_down` sells all it holds and enters nothing. `limits` refuse or cut its buys, None without
    any. `base` is the declaration of the group that this one is a variant of, None if it is no variant.
    """

    id: str
    name: str
    initial_capital: int
    entry: Entry
    exit: Exit
    sizing: Sizing
    ranking: Ranking
    min_score: float | None
    fills: FillPolicy
    reuse_sales: bool
    declared: Mapping[str, Any]
    filters: tuple[Guard[Filter], ...] = ()
    protections: tuple[Guard[Protection], ...] = ()
    rules: Rules = field(default=SHARED, compare=False, repr=False)
    wind_down: bool = False
    limits: OrderLimits | None = None
    base: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)

    def but(self, changes: Mapping[str, Any] | None = None, /, **keys: Any) -> Group:
        """A variant with keys changed: `but(entry__buy_threshold=70)` or `but({"entry.buy_threshold": 70})`.

        Raises:
            ParamsError: a key is unknown, or its value of the wrong type or out of range.

        """
        where = f"a variant of {self.id}"
        declared = edit_declared(self.declared, {**(changes or {}), **keys}, where=where)
        made = make_group(self.id, declared, where=where, rules=self.rules)
        return replace(made, base=self.declared if self.base is None else self.base)

    def named(self, id_: str) -> Group:
        """The same group under another id, so that it can be tried beside this one.

        Raises:
            ParamsError: a group may not be called so.

        """
        check_group_id(id_, where=f"a copy of {self.id}")
        return replace(self, id=id_)

    @property
    def changes(self) -> tuple[str, ...]:
        """The differences from the group it is a variant of, each as `exit.stop_loss_pct 8 -> 6`."""
        return () if self.base is None else declared_changes(self.base, self.declared)

    def __repr__(self) -> str:
        """Say in a line what its rules are, and in how many keys it is a variant."""
        changes = f", {plural(len(self.changes), 'change')}" if self.changes else ""
        return f"<Group {self.id}: entry {self.entry.name}, exit {self.exit.name}{changes}>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """In a terminal of IPython: its name, its rules, and what differs from its file."""
        del cycle
        lines = [f"Group {self.id}: {self.name}, entry {self.entry.name}, exit {self.exit.name}"]
        printer.text("\n".join([*lines, *(f"  {change}" for change in self.changes)]))

    def _repr_markdown_(self) -> str:
        """In a notebook: the group as its file would declare it, after what differs from the file."""
        head = f"**Group {escape_markdown(self.id)}**: {escape_markdown(self.name)}"
        changes = [f"- {escape_markdown(change)}" for change in self.changes]
        return "\n".join([head, "", *changes, "", "```yaml", write_yaml(self.declared).rstrip(), "```"])

    @cached_property
    def entry_key(self) -> str:
        """The entry as text: groups with the same entry share its opinions of a view."""
        return repr(self.entry)


def check_group_id(name: str, *, where: str) -> None:
    """Make sure that a name can be the id of a group.

    Raises:
        ParamsError: it cannot.

    """
    if not _ID.fullmatch(name) or name == WHOLE:
        raise ParamsError(
            f'"{cut_word(name)}" cannot be the id of a group',
            where=where,
            do=f'use at most 100 letters, digits, "-" and "_", and not "{WHOLE}"',
        )


def make_group(
    id: str,  # noqa: A002 (it is the group's id)
    data: Mapping[str, Any],
    *,
    where: str,
    rules: Rules = SHARED,
) -> Group:
    """Build a group from a mapping in the shape of a group file; `rules` are those that it may name.

    Raises:
        ParamsError: a key, the id, a rule or a rule's parameter is unknown, missing or out of range.
        UsageError: `data` is not a mapping.

    """
    check_group_id(id, where=where)
    require_kind(data, Mapping, "a mapping", 'give the keys of a group file, as {"name": ..., "entry": ...}')
    file = build(GroupFile, data, where=where)
    if file.reuse_sales and file.fills == "manual":
        raise ParamsError(
            "reuse_sales needs paper fills: by hand, what a sale brings is known once it is executed",
            where=f"{where}, reuse_sales",
            do="take reuse_sales out, or let the group fill on paper (fills: open)",
        )
    entry = make_entry(file.entry, f"{where}, entry", rules)
    return Group(
        id=id,
        name=file.name,
        initial_capital=file.initial_capital,
        entry=entry,
        exit=make_exit(file.exit, f"{where}, exit", entry, rules),
        sizing=make_sizing(file.sizing, f"{where}, sizing", rules),
        ranking=build(Ranking, file.ranking, where=f"{where}, ranking"),
        min_score=file.min_score,
        fills=file.fills,
        reuse_sales=file.reuse_sales,
        declared=dict(data),
        filters=make_filters(file.filters, f"{where}, filters", rules),
        protections=make_protections(file.protections, f"{where}, protections", rules),
        rules=rules,
        wind_down=file.wind_down,
        limits=make_limits(file.limits, f"{where}, limits"),
    )


def make_limits(data: Mapping[str, Any] | None, where: str) -> OrderLimits | None:
    """The limits of a group or of the desk, None where none are declared.

    Raises:
        ParamsError: a key is unknown, or its value out of range.

    """
    return build(OrderLimits, data, where=where) if data else None


def read_group(path: Path, rules: Rules = SHARED) -> Group:
    """Read a group file.

    Raises:
        ParamsError: as `make_group`, naming the file.

    """
    return make_group(path.stem, read_yaml(path), where=str(path), rules=rules)


def read_groups(folder: Path, rules: Rules) -> tuple[Group, ...]:
    """All groups of a folder in order of their ids.

    Raises:
        ParamsError: there is none, or one of them is wrong.

    """
    paths = sorted(group_files(folder), key=lambda path: (path.stem, path.name))
    if not paths:
        raise ParamsError("no strategy group is declared", where=str(folder), do="add one .yaml file a group")
    for one, other in pairwise(paths):
        if one.stem == other.stem:
            raise ParamsError(
                f"{one.name} and {other.name} both declare the group {one.stem}",
                where=str(folder),
                do="remove one of them",
            )
    return tuple(read_group(path, rules) for path in paths)


def fill_on_paper(groups: Iterable[Group]) -> tuple[Group, ...]:
    """The groups as run over past sessions: those that a person fills are filled on paper at the open.

    Nobody recorded fills for those sessions.
    """
    return tuple(replace(group, fills="open") if group.fills == "manual" else group for group in groups)


def manual_groups(groups: Iterable[Group]) -> tuple[str, ...]:
    """The ids of the groups that a person fills."""
    return tuple(group.id for group in groups if group.fills == "manual")


def group_files(folder: Path) -> list[Path]:
    """The files of a folder that declare groups, .yaml or .yml."""
    return visible_files(folder, _ENDINGS)


def declared_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """The differences between two declarations of a group, each as `exit.stop_loss_pct 8 -> 6`."""
    return tuple(_changes(before, after, ""))


def _changes(before: Mapping[str, Any], after: Mapping[str, Any], inside: str) -> Iterator[str]:
    for key in sorted(before.keys() | after.keys()):
        old, new, name = before.get(key), after.get(key), f"{inside}{key}"
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from _changes(old, new, f"{name}.")
        elif key not in before:
            yield f"{name} {_short(new)} added"
        elif key not in after:
            yield f"{name} {_short(old)} removed"
        elif old != new:
            yield f"{name} {_short(old)} -> {_short(new)}"


def _short(value: object) -> str:
    """A value in few characters, because a list of rules is too long for a sentence."""
    return (
        "(list)" if isinstance(value, list | tuple) else "(...)" if isinstance(value, Mapping) else str(value)
    )
