"""Files of values that are written over in their past: whoever decided on them hears of it.

T is Wednesday 21 January 2026; its morning was decided with the values that were known by then.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from jstock_core.base.errors import ExitStatus
from jstock_core.desk.day.day import run_day
from jstock_core.desk.lookback.verification import verify_morning
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.market.given import GivenValues
from jstock_core.ops.health import records
from jstock_core.ops.health.check import State, look_at
from jstock_core.testing import copy_desk
from tests.desk.days import MORNING, NEXT_MORNING, T, edited

HEAD = "code,known_at,value\n"
ROWS = "7203,2026-01-16T06:30,0.25\n7203,2026-01-20T06:30,0.75\n"
LATER = "167A,2026-01-21T18:00,0.5\n"


@pytest.fixture
def decided(shared_desk: Callable[..., Desk], tmp_path: Path) -> Path:
    """A desk with a file of values, after its morning of T."""
    root = copy_desk(shared_desk(ready="fetched"), tmp_path / "desk").workspace.root
    write(root, ROWS)
    edited(root, "params/desk.yaml", "margin: false", "margin: false\nvalues: {ml_score: data/scores.csv}")
    run_day(open_desk(root, now=MORNING))
    return root


def write(root: Path, rows: str) -> None:
    (root / "data" / "scores.csv").write_text(HEAD + rows, encoding="utf-8")


def told(root: Path) -> list[str]:
    return [
        alert.text for alert in run_day(open_desk(root, now=NEXT_MORNING)).alerts if alert.kind == "values"
    ]


def checks(root: Path, now: str = NEXT_MORNING) -> list[tuple[State, str]]:
    return [(each.state, each.what) for each in records.examine_values(look_at(str(root), now=now))]


def test_values_that_come_later_are_no_change(decided: Path) -> None:
    write(decided, ROWS + LATER)
    assert checks(decided) == [(State.OK, "ml_score: as the decisions saw them")]
    assert verify_morning(open_desk(decided, now=NEXT_MORNING), str(T)).evidence == ()
    assert told(decided) == []


@pytest.mark.parametrize(
    ("rows", "mornings", "first"),
    [
        (ROWS.replace("0.25", "0.5"), 4, "2026-01-16"),
        (ROWS + "9984,2026-01-19T06:30,1\n", 3, "2026-01-19"),
        (ROWS.partition("\n")[0] + "\n", 2, "2026-01-20"),
        (ROWS.replace("-16T", "-15T"), 5, "2026-01-15"),
    ],
    ids=["written over", "put in", "taken out", "known earlier"],
)
def test_values_of_the_past_that_changed_are_told_once_and_by_the_doctor(
    decided: Path, rows: str, mornings: int, first: str
) -> None:
    """The doctor counts the mornings of the replayed history too."""
    said = f"The values ml_score changed in their past: the decision for {T} saw others"
    all_of_them = (
        f"The values ml_score changed in their past: {mornings} decisions from {first} to {T} saw others"
    )
    write(decided, rows + LATER)
    assert checks(decided) == [(State.WARN, all_of_them)]
    proof = verify_morning(open_desk(decided, now=NEXT_MORNING), str(T))
    assert [(str(each.cause), each.text) for each in proof.evidence] == [("data", said)]
    assert proof.exit is ExitStatus.OK, "no rule of the desk reads them"
    assert told(decided) == [said]
    assert told(decided) == [said], "the morning is shown again"
    later = open_desk(decided, now="2026-01-23T07:00")
    assert [alert.kind for alert in run_day(later).alerts if alert.kind == "values"] == []
    assert checks(decided, "2026-01-23T07:00") == [(State.WARN, all_of_them)]


@pytest.mark.parametrize("day", ["2026-01-16", "2026-01-20"])
def test_of_a_replayed_morning_a_changed_past_is_told_too(decided: Path, day: str) -> None:
    before = verify_morning(open_desk(decided, now=NEXT_MORNING), "2026-01-15")
    assert verify_morning(open_desk(decided, now=NEXT_MORNING), day).evidence == before.evidence == ()
    write(decided, ROWS.replace("0.25", "0.5") + LATER)
    proof = verify_morning(open_desk(decided, now=NEXT_MORNING), day)
    said = f"The values ml_score changed in their past: the decision for {day} saw others"
    assert [(str(each.cause), each.text) for each in proof.evidence] == [("data", said)]
    assert verify_morning(open_desk(decided, now=NEXT_MORNING), "2026-01-15").evidence == ()


def test_the_hashes_of_many_times_are_those_of_what_was_known_at_each() -> None:
    known = np.array(["2026-01-16T06:30", "2026-01-16T06:30", "2026-01-20T06:30"], dtype="datetime64[m]")
    values = GivenValues(np.array(["167A", "7203", "7203"]), known, np.array([np.nan, 0.25, 0.75]))
    times = np.array(["2026-01-15T07:00", "2026-01-16T06:30", "2026-01-20T06:30"], dtype="datetime64[m]")
    each = tuple(values.take(values.known_at <= time).digest() for time in times)
    assert values.digests(times) == each
    assert len(set(each)) == 3


def test_values_that_are_not_named_any_more_are_told(decided: Path) -> None:
    edited(decided, "params/desk.yaml", "\nvalues: {ml_score: data/scores.csv}", "")
    assert told(decided) == [f"The values ml_score are not named any more, which the decision for {T} saw"]


def test_a_desk_without_files_of_values_is_left_alone(shared_desk: Callable[..., Desk]) -> None:
    assert checks(shared_desk().workspace.root, MORNING) == []
