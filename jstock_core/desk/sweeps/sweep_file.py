"""The declaration of a sweep, in a file or in a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from jstock_core.base.errors import ParamsError, UsageError
from jstock_core.base.limits import quote
from jstock_core.base.params import Inside, build, declare, read_yaml
from jstock_core.decide.groups import Group
from jstock_core.desk.workspace.dates import parse_date
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.names import select_groups
from jstock_core.research.sweep.sets import MOST_SETS, Interval, Ranges
from jstock_core.research.sweep.table import RankedBy

Sampler = Literal["chance", "optuna"]
SAMPLERS: tuple[str, ...] = get_args(Sampler)


@declare
class SweepFile:
    """Many sets of parameters of one group over past sessions."""

    group: str = Field(description="the id of the group to start from")
    first: date | str = Field(description="first trade date, as 2025-01-06")
    last: date | str = Field(description="last trade date")
    sets: dict[str, Annotated[Any, Inside("axis")]] = Field(
        description="keys of the group file, and the values of each: a list, or low, high and perhaps step"
    )
    random: int | None = Field(
        default=None, ge=1, le=MOST_SETS, description="draw that many of the combinations"
    )
    sampler: Sampler = Field(
        default="chance", description="who draws them: chance, or optuna, which learns from those before"
    )
    seed: int = Field(default=0, ge=0, lt=2**32, description="the same seed draws the same sets")
    rank: RankedBy = Field(default="sharpe", description="the figure that sets are compared by")


@declare
class _Steps:
    """Numbers from `low` to `high` by `step`; without it all whole numbers, or any if an end is not whole."""

    low: int | float
    high: int | float
    step: int | float | None = Field(default=None, gt=0)


@dataclass(frozen=True)
class SweepDeclaration:
    """A declared sweep: group, span of trade dates, axes, and how sets are chosen and ranked.

    Without `random` all combinations are run, else that many, drawn by `sampler` with `seed`.

    Raises:
        UsageError: the sampler is unknown, it needs `random`, or the grid cannot be run.

    """

    group: Group
    first: date
    last: date
    ranges: Ranges
    random: int | None = None
    seed: int = 0
    rank: str = "sharpe"
    sampler: Sampler = "chance"

    def __post_init__(self) -> None:
        if self.sampler not in SAMPLERS:
            known = " or ".join(SAMPLERS)
            raise UsageError(f"there is no sampler {quote(self.sampler)}", where="sets", do=f"use {known}")
        if self.sampler != "chance" and self.random is None:
            raise UsageError(
                f"{self.sampler} has to be told how many sets to draw", where="sets", do="add it: random: 100"
            )
        if self.random is None:
            self.ranges.require_grid()

    @property
    def learns(self) -> bool:
        """Whether sets are drawn from the results of earlier ones, and so are not known in advance."""
        return self.sampler == "optuna"

    @property
    def chosen(self) -> tuple[dict[str, Any], ...]:
        """The values of each set; empty if the sampler learns."""
        if self.learns:
            return ()
        return self.ranges.grid() if self.random is None else self.ranges.draw(self.random, self.seed)


def read_sweep(desk: Desk, path: Path) -> SweepDeclaration:
    """Read a file that declares a sweep, as `params/research/sweep.yaml`.

    Raises:
        ParamsError: it is missing, or a key in it is wrong.
        UsageError: no group has that id, or a date is malformed.

    """
    return declare_sweep(desk, build(SweepFile, read_yaml(path), where=str(path)), str(path))


def declare_sweep(desk: Desk, file: SweepFile, where: str) -> SweepDeclaration:
    """Make a declaration from the keys of a file, for a desk.

    Raises:
        ParamsError: the values of a key are wrong.
        UsageError: no group has that id, or a date is malformed.

    """
    group = select_groups(desk.groups, file.group)[0]
    first, last = parse_date(file.first), parse_date(file.last)
    try:
        ranges = read_ranges(file.sets, where)
        return SweepDeclaration(group, first, last, ranges, file.random, file.seed, file.rank, file.sampler)
    except UsageError as error:
        raise ParamsError(error.what, where=where, do=error.do) from None


def read_ranges(sets: Mapping[str, Any], where: str = "sets") -> Ranges:
    """The axes of a sweep: of each key a list of values, or `{low: 55, high: 75, step: 5}`.

    Raises:
        UsageError: there is no axis, or one is empty, is not a list of values, or has a value twice.
        ParamsError: a low, high or step is wrong.

    """
    return Ranges.of({key: _axis(values, f"{where}, sets, {key}") for key, values in sets.items()})


def _axis(values: Any, where: str) -> Any:
    """Read one axis: `{low: 55, high: 75, step: 5}` as its numbers, anything else unchanged."""
    if not isinstance(values, Mapping):
        return values
    steps = build(_Steps, values, where=where)
    whole = isinstance(steps.low, int) and isinstance(steps.high if steps.step is None else steps.step, int)
    if steps.step is None and not whole:
        return Interval(float(steps.low), float(steps.high))
    low, high, step = (Decimal(str(number)) for number in (steps.low, steps.high, steps.step or 1))
    if (high - low) / step > MOST_SETS:
        raise ParamsError(f"{quote(dict(values))} has too many values", where=where, do="give a larger step")
    numbers = (low + n * step for n in range(int((high - low) / step) + 1 if high >= low else 0))
    return [int(number) if whole else float(number) for number in numbers]
