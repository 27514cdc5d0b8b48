"""What a result is judged by: all trials, its own among them, and what could not be counted."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest

from jstock_core.base.clock import JST
from jstock_core.base.errors import StateError
from jstock_core.desk.trials.holdout import declare_holdout
from jstock_core.desk.trials.ledger import TrialLedger
from jstock_core.desk.trials.rows import TrialRow
from jstock_core.desk.trials.tally import tally_trials
from jstock_core.desk.workspace.workspace import Workspace
from jstock_core.research.statistics.deflated import deflated_sharpe

AT = datetime(2026, 1, 21, 7, 0, tzinfo=JST)
SPAN = date(2025, 1, 6), date(2025, 12, 30)
RETURNS = np.random.default_rng(1).normal(0.001, 0.01, (240, 5))


def row(n: int, sessions: int = 240) -> TrialRow:
    return TrialRow.of("set", "g", str(n), SPAN, RETURNS[:sessions, n], AT)


def test_a_result_is_deflated_by_all_trials_before_it(tmp_path: Path) -> None:
    ledger = TrialLedger.of(Workspace(tmp_path))
    tally_trials(ledger, [row(0), row(1), row(2, 60)])
    tally = tally_trials(ledger, [row(3), row(3), TrialRow.of("set", "g", "x", SPAN, [], AT)])
    assert (tally.trials, len(tally.sharpes), tally.notes) == (5, 4, ())
    found = tally.deflate(RETURNS[:, 3])
    assert found is not None
    assert found == deflated_sharpe(RETURNS[:, 3], ledger.sharpes(240), 5)
    assert tally_trials(ledger, ()).trials == 5


def test_a_holdout_is_a_note(tmp_path: Path) -> None:
    ledger = TrialLedger.of(Workspace(tmp_path))
    found = declare_holdout(ledger, date(2026, 1, 5), AT, "aki")
    assert tally_trials(ledger, [row(0)]).notes == (found.sentence,)


def test_what_cannot_be_counted_is_shown_with_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = TrialLedger.of(Workspace(tmp_path))
    ledger.record([row(0)])
    monkeypatch.setattr("jstock_core.state.trials.store.make_private_folder", full_disk)
    tally = tally_trials(ledger, [row(0), row(1), row(2)])
    assert (tally.trials, len(tally.sharpes)) == (3, 3)
    assert tally.notes[0].startswith(
        "NOT COUNTED among the trials: the trial ledger cannot be written: No space"
    )


def full_disk(folder: Path) -> Path:
    raise OSError(28, "No space left on device", str(folder))


def test_a_damaged_ledger_is_no_small_thing(tmp_path: Path) -> None:
    ledger = TrialLedger.of(Workspace(tmp_path))
    ledger.record([row(0)])
    ledger.file.write_bytes(b"no database at all, but long enough to be read as one" * 40)
    with pytest.raises(StateError):
        tally_trials(ledger, [row(1)])
