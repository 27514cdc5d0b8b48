"""Promotions: candidates that became group files, each with a record in `params/promotions`.

A record says who promoted what when, and what was known of it then. Records lie with the parameters that they
explain, as JSON, one file each, and are never changed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from jstock_core.base.durable import write_atomically
from jstock_core.base.errors import DataError
from jstock_core.base.limits import parse_json, read_file, visible_files
from jstock_core.base.plain import plain_json
from jstock_core.desk.settings.edit import SHARED
from jstock_core.desk.workspace.workspace import Workspace

FOLDER = "params/promotions"

HoldoutState = Literal["none", "unused", "used", "used by others"]


@dataclass(frozen=True, kw_only=True)
class PromotedTrial:
    """A trial of the promoted set that the trial ledger knew: what kind, over which trade dates, when."""

    kind: str
    first: date
    last: date
    sharpe: float | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class PromotedSpan:
    """What the set did over some trade dates in a backtest. Fractions; `sharpe` is a year's.

    `topix` is TOPIX's return over them, `mean` and `deviation` are of a session's returns, `max_drawdown` is
    <= 0. None where a figure is not defined.
    """

    first: date
    last: date
    sessions: int
    total_return: float | None
    sharpe: float | None
    max_drawdown: float | None
    topix: float | None
    mean: float | None
    deviation: float | None


@dataclass(frozen=True, kw_only=True)
class PromotedLuck:
    """The total return of the backtest in sample, and its spread under random `orders` of equals.

    `mornings` counts those on which equals competed and not all were ordered; fractions. Where equals never
    competed every order gives the same return, and `orders` is 0: none was tried.
    """

    orders: int
    mornings: int
    total_return: float | None
    low: float | None
    median: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class Promotion:
    """A candidate that became the file of a group.

    `since` is the first trade date that is decided with it, `declared` the file's content, `changes` what
    differs from the file before, whose text is `before`, "" for none. `certificates` are the hashes of what
    was proven of its rules, `trials` counts everything that was ever tried in the workspace. `deflated` is
    the probability that its Sharpe ratio in sample is above what the best of so many trials shows by luck.
    """

    group: str
    candidate: str
    at: datetime
    by: str
    reason: str
    since: date
    jstock: str
    declared: Mapping[str, Any]
    changes: tuple[str, ...]
    before: str
    certificates: Mapping[str, str]
    trials: int
    own_trials: tuple[PromotedTrial, ...]
    in_sample: PromotedSpan
    out_of_sample: PromotedSpan | None
    deflated: float | None
    holdout: HoldoutState
    luck: PromotedLuck | None = None
    notes: tuple[str, ...] = field(default=())

    def is_in_force(self, declared: Mapping[str, Any]) -> bool:
        """Whether a group that declares this is the promoted set, unchanged."""
        return bool(plain_json(dict(self.declared)) == plain_json(dict(declared)))


def write_promotion(workspace: Workspace, made: Promotion) -> Path:
    """Write the record of a promotion under a name of its own.

    Raises:
        OSError: the folder cannot be written.

    """
    folder = workspace.root / FOLDER
    folder.mkdir(exist_ok=True)
    stem = f"{made.at:%Y-%m-%dT%H%M%S}-{made.group}"
    names = (stem, *(f"{stem}-{n}" for n in range(2, 1_000)))
    path = next(path for name in names if not (path := folder / f"{name}.json").exists())
    text = json.dumps(plain_json(made), ensure_ascii=False, indent=2) + "\n"
    write_atomically(path, text.encode(), SHARED)
    return path


def promotion_files(workspace: Workspace) -> list[Path]:
    """The records of a workspace, in the order of their names, which begin with their time."""
    return sorted(visible_files(workspace.root / FOLDER, (".json",)))


def read_promotion(path: Path) -> Promotion:
    """A record.

    Raises:
        DataError: it is damaged.

    """
    try:
        return _adapter().validate_python(parse_json(read_file(path)))
    except (OSError, ValueError, ValidationError) as error:
        what = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise DataError(
            f"the record of a promotion cannot be read: {what}",
            where=str(path),
            do="put it back from a backup or version control, or move it out of the folder",
        ) from None


def read_promotions(workspace: Workspace) -> tuple[Promotion, ...]:
    """Every promotion, oldest first.

    Raises:
        DataError: a record is damaged.

    """
    return tuple(sorted(map(read_promotion, promotion_files(workspace)), key=lambda made: made.at))


def damaged_promotions(workspace: Workspace) -> tuple[Path, ...]:
    """The records that cannot be read."""
    found: list[Path] = []
    for path in promotion_files(workspace):
        try:
            read_promotion(path)
        except DataError:
            found.append(path)
    return tuple(found)


def recorded_promotions(
    workspace: Workspace, declared: Mapping[str, Mapping[str, Any]], trade_date: date
) -> dict[str, dict[str, Any]]:
    """What a decision records of its groups' promotions: the newest up to a trade date of each, by group.

    `mean`, `deviation` and `drawdown` are those of the backtest in sample, `edited` says that the group
    declares something else now. A record that cannot be read stops no morning: it is an alert
    (`damaged_promotions`).
    """
    newest: dict[str, Promotion] = {}
    for path in promotion_files(workspace):
        with suppress(DataError):
            made = read_promotion(path)
            older = newest.get(made.group)
            if made.since <= trade_date and (older is None or made.at >= older.at):
                newest[made.group] = made
    return {group: _brief(newest[group], now) for group, now in declared.items() if group in newest}


def _brief(made: Promotion, declared: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "candidate": made.candidate,
        "by": made.by,
        "at": made.at.isoformat(),
        "since": made.since.isoformat(),
        "edited": not made.is_in_force(declared),
        "mean": made.in_sample.mean,
        "deviation": made.in_sample.deviation,
        "drawdown": made.in_sample.max_drawdown,
        "trials": made.trials,
        "deflated": made.deflated,
    }


@cache
def _adapter() -> TypeAdapter[Promotion]:
    return TypeAdapter(Promotion)
