"""Copies of the trial ledger: one added to another forgets nothing that either knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.state.trials.copies import add_trials, copy_trials, read_trial_records, unite_holdouts
from jstock_core.state.trials.store import DamagedTrialsError, trial_tables, writing_trials


def trial(key: str, sharpe: float | None = 0.1, last: str = "2025-06-30") -> dict[str, Any]:
    return {
        "key": key, "kind": "set", "group": "one", "digest": key, "first": "2025-01-06", "last": last,
        "sessions": 100, "sharpe": sharpe, "at": "2026-01-21T07:00:00+09:00",
    }  # fmt: skip


def holdout(first: str, opened_at: str = "", last: str = "2026-01-20", seen: int = 0) -> dict[str, Any]:
    opening = {"opened_at": opened_at, "opened_by": "ann", "group": "one", "digest": "d", "last": last}
    closed = dict.fromkeys(opening)
    declared = {"first": first, "at": "2025-12-01T09:00:00+09:00", "by": "ann", "seen": seen}
    return {**declared, **(opening if opened_at else closed)}


def ledger(file: Path, trials: list[dict[str, Any]], holdouts: list[dict[str, Any]] | None = None) -> Path:
    with writing_trials(file) as connection:
        for table, rows in ((trial_tables().trials, trials), (trial_tables().holdouts, holdouts or [])):
            if rows:
                connection.execute(table.insert(), rows)
    return file


def test_an_older_ledger_takes_nothing_from_a_newer_one(tmp_path: Path) -> None:
    old = ledger(tmp_path / "old", [trial("a")], [holdout("2025-12-01")])
    new = ledger(tmp_path / "new", [trial("a"), trial("b")], [holdout("2025-12-01", "2026-01-21T08")])
    before = read_trial_records(new)
    assert add_trials(old, new) == 0
    assert read_trial_records(new) == before


def test_two_ledgers_of_one_desk_become_one(tmp_path: Path) -> None:
    one = ledger(tmp_path / "one", [trial("a"), trial("b", None)])
    other = ledger(tmp_path / "other", [trial("b", 0.3), trial("c")])
    assert add_trials(other, one) == 1
    found = read_trial_records(one).trials
    assert {key: row["sharpe"] for key, row in found.items()} == {"a": 0.1, "b": 0.3, "c": 0.1}


def test_a_closed_holdout_counts_the_trials_of_both(tmp_path: Path) -> None:
    one = ledger(tmp_path / "one", [trial("a", last="2025-12-30")])
    other = ledger(tmp_path / "other", [], [holdout("2025-12-01")])
    add_trials(other, one)
    assert [row["seen"] for row in read_trial_records(one).holdouts] == [1]


@pytest.mark.parametrize(
    ("one", "other", "united"),
    [
        ([holdout("2025-12-01")], [holdout("2025-06-02")], [holdout("2025-06-02")]),
        ([holdout("2025-06-02")], [holdout("2025-12-01", "1")],
         [holdout("2025-06-02"), holdout("2025-12-01", "1")]),
        ([holdout("2025-12-01", "2", "2026-01-20")], [holdout("2025-12-01", "1", "2026-01-09")],
         [holdout("2025-12-01", "1", "2026-01-20")]),
    ],
    ids=["the earlier of two closed", "a closed one before an opened one", "opened twice"],
)  # fmt: skip
def test_what_two_ledgers_say_of_holdouts(one, other, united) -> None:
    assert list(unite_holdouts(one, other)) == list(unite_holdouts(other, one)) == united


HOLDOUTS = st.lists(
    st.builds(
        holdout,
        st.sampled_from(["2025-06-02", "2025-09-01", "2025-12-01"]),
        st.sampled_from(["", "1", "2"]),
        st.sampled_from(["2026-01-09", "2026-01-20"]),
    ),
    max_size=3,
    unique_by=lambda row: row["first"],
)


@given(HOLDOUTS, HOLDOUTS)
def test_no_holdout_is_closed_again_and_no_session_let_go(one, other) -> None:
    united = unite_holdouts(one, other)
    opened = {row["first"] for row in united if row["opened_at"]}
    assert opened == {row["first"] for row in [*one, *other] if row["opened_at"]}
    closed = {row["first"] for row in [*one, *other]} - opened
    assert [row["first"] for row in united if not row["opened_at"]] == sorted(closed)[:1]
    assert unite_holdouts(united, one) == unite_holdouts(united, other) == united


def test_a_copy_that_is_up_to_date_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, copy = ledger(tmp_path / "own", [trial("a")]), tmp_path / "copy"
    copy_trials(tmp_path / "none", copy)
    assert not copy.exists()
    copy_trials(own, copy)
    assert read_trial_records(copy) == read_trial_records(own)
    with monkeypatch.context() as patch:
        patch.setattr("jstock_core.state.trials.copies.add_trials", None)
        copy_trials(own, copy)
    with writing_trials(own) as connection:
        connection.execute(trial_tables().trials.insert(), [trial("b")])
    copy_trials(own, copy)
    assert read_trial_records(copy) == read_trial_records(own)


def test_a_damaged_ledger_leaves_its_copy_as_it_was(tmp_path: Path) -> None:
    own, copy = ledger(tmp_path / "own", [trial("a")]), tmp_path / "copy"
    copy_trials(own, copy)
    own.write_bytes(b"SQLite format 3\0" + b"no" * 3000)
    with pytest.raises(DamagedTrialsError):
        copy_trials(own, copy)
    assert read_trial_records(copy).trials.keys() == {"a"}
