"""Files of values that are written over in their past: whoever decided on them hears of it.

T is Wednesday 21 January 2026; its morning was decided with the values that were known by then.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jstock_core.base.errors import ExitStatus
from jstock_core.desk.day.day import run_day
from jstock_core.desk.lookback.verification import verify_morning
from jstock_core.desk.workspace.desk import Desk, open_desk
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
    "rows",
    [
        ROWS.replace("0.25", "0.5"),
        ROWS + "9984,2026-01-19T06:30,1\n",
        ROWS.partition("\n")[0] + "\n",
        ROWS.replace("-16T", "-15T"),
    ],
    ids=["written over", "put in", "taken out", "known earlier"],
)
def test_values_of_the_past_that_changed_are_told_once_and_by_the_doctor(decided: Path, rows: str) -> None:
    said = f"The values ml_score changed in their past: the decision for {T} saw others"
    write(decided, rows + LATER)
    assert checks(decided) == [(State.WARN, said)]
    proof = verify_morning(open_desk(decided, now=NEXT_MORNING), str(T))
    assert [(str(each.cause), each.text) for each in proof.evidence] == [("data", said)]
    assert proof.exit is ExitStatus.OK, "no rule of the desk reads them"
    assert told(decided) == [said]
    assert told(decided) == [said], "the morning is shown again"
    later = open_desk(decided, now="2026-01-23T07:00")
    assert [alert.kind for alert in run_day(later).alerts if alert.kind == "values"] == []
    assert checks(decided, "2026-01-23T07:00") == [(State.WARN, said)]


def test_values_that_are_not_named_any_more_are_told(decided: Path) -> None:
    edited(decided, "params/desk.yaml", "\nvalues: {ml_score: data/scores.csv}", "")
    assert told(decided) == [f"The values ml_score are not named any more, which the decision for {T} saw"]


def test_a_desk_without_files_of_values_is_left_alone(shared_desk: Callable[..., Desk]) -> None:
    assert checks(shared_desk().workspace.root, MORNING) == []
