"""The holdout: declared once, opened once, and research ends before it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest

from jstock_core.base.clock import JST
from jstock_core.base.errors import UsageError
from jstock_core.desk.trials.holdout import (
    HoldoutOpening,
    current_holdout,
    declare_holdout,
    end_before_holdout,
    read_holdouts,
    record_opening,
    require_closed,
)
from jstock_core.desk.trials.ledger import TrialLedger
from jstock_core.desk.trials.rows import TrialRow
from jstock_core.desk.workspace.workspace import Workspace

AT = datetime(2026, 1, 21, 7, 0, tzinfo=JST)
FIRST = date(2025, 7, 1)
OPENING = HoldoutOpening(at=AT, by="aki", group="conservative", digest="a", last=date(2026, 1, 20))


@pytest.fixture
def ledger(tmp_path: Path) -> TrialLedger:
    return TrialLedger.of(Workspace(tmp_path))


def test_without_a_holdout_research_sees_everything(ledger: TrialLedger) -> None:
    assert current_holdout(ledger) is None
    assert end_before_holdout(ledger, date(2024, 1, 4), date(2026, 1, 20)) == date(2026, 1, 20)
    assert not ledger.file.exists()
    with pytest.raises(UsageError, match="no holdout is declared"):
        require_closed(ledger)


def test_research_ends_before_it(ledger: TrialLedger) -> None:
    found = declare_holdout(ledger, FIRST, AT, "aki")
    assert found == current_holdout(ledger) == require_closed(ledger)
    assert found.sentence.startswith("holdout: sessions from 2025-07-01 on are kept back")
    assert end_before_holdout(ledger, date(2024, 1, 4), date(2026, 1, 20)) == date(2025, 6, 30)
    assert end_before_holdout(ledger, date(2024, 1, 4), date(2025, 6, 30)) == date(2025, 6, 30)
    assert end_before_holdout(ledger, date(2025, 7, 1), date(2025, 6, 30)) == date(2025, 6, 30)
    with pytest.raises(UsageError, match="lies in the holdout, which begins on 2025-07-01"):
        end_before_holdout(ledger, date(2025, 7, 1), date(2026, 1, 20))
    with pytest.raises(UsageError, match="declared already: it begins on 2025-07-01"):
        declare_holdout(ledger, date(2025, 10, 1), AT, "aki")


def test_a_span_of_which_it_leaves_no_session_is_refused_by_its_name(ledger: TrialLedger) -> None:
    """The days before the first session of a year, or of a week, have none."""
    declare_holdout(ledger, date(2026, 1, 5), AT, "aki")
    for first in (date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 3), date(2026, 1, 5)):
        with pytest.raises(UsageError, match="lies in the holdout, which begins on 2026-01-05"):
            end_before_holdout(ledger, first, date(2026, 1, 20))
    assert end_before_holdout(ledger, date(2025, 12, 30), date(2026, 1, 20)) == date(2025, 12, 30)


def test_it_is_opened_once_and_then_seen(ledger: TrialLedger) -> None:
    declared = declare_holdout(ledger, FIRST, AT, "aki")
    opened = record_opening(ledger, declared, OPENING)
    assert opened == replace(declared, opening=OPENING)
    assert "opened on 2026-01-21 with conservative" in opened.sentence
    assert opened.as_json()["used"]
    assert end_before_holdout(ledger, date(2025, 7, 1), date(2026, 1, 20)) == date(2026, 1, 20)
    with pytest.raises(UsageError, match="opened before, on 2026-01-21 by aki with conservative"):
        require_closed(ledger)
    with pytest.raises(UsageError, match="opened before"):
        record_opening(ledger, declared, replace(OPENING, group="other"))
    assert current_holdout(ledger) == opened


def test_the_next_one_is_of_sessions_that_nobody_saw(ledger: TrialLedger) -> None:
    record_opening(ledger, declare_holdout(ledger, FIRST, AT, "aki"), OPENING)
    with pytest.raises(UsageError, match="up to 2026-01-20 were seen") as error:
        declare_holdout(ledger, date(2026, 1, 20), AT, "aki")
    assert "from 2026-01-21 on" in error.value.do
    second = declare_holdout(ledger, date(2026, 1, 21), AT, "aki")
    assert [each.first for each in read_holdouts(ledger)] == [FIRST, second.first]
    assert current_holdout(ledger) == second


def test_it_remembers_how_many_trials_had_seen_it(ledger: TrialLedger) -> None:
    ends = (date(2025, 6, 30), FIRST, date(2025, 12, 30))
    returns = np.linspace(-0.01, 0.01, 50)
    rows = [TrialRow.of("backtest", "g", "a", (date(2025, 1, 6), end), returns, AT) for end in ends]
    ledger.record(rows)
    found = declare_holdout(ledger, FIRST, AT, "aki")
    assert (found.seen, "2 trials had seen sessions of it before" in found.sentence) == (2, True)


def test_an_earlier_one_takes_the_place_of_one_that_is_not_opened(ledger: TrialLedger) -> None:
    later = declare_holdout(ledger, date(2026, 5, 7), AT, "aki")
    wider = declare_holdout(ledger, FIRST, AT, "ben")
    assert current_holdout(ledger) == require_closed(ledger) == wider
    assert read_holdouts(ledger) == (wider, replace(later, within=FIRST))
    assert "belong to the one that begins on 2025-07-01" in read_holdouts(ledger)[1].sentence
    with pytest.raises(UsageError, match="declared already: it begins on 2025-07-01"):
        declare_holdout(ledger, date(2025, 10, 1), AT, "aki")
    record_opening(ledger, wider, OPENING)
    assert current_holdout(ledger) == later, "its sessions were not seen"
    with pytest.raises(UsageError, match="up to 2026-01-20 were seen"):
        declare_holdout(ledger, date(2026, 1, 20), AT, "aki")


def test_what_was_opened_with_an_earlier_one_is_not_kept_back(ledger: TrialLedger) -> None:
    declare_holdout(ledger, date(2025, 12, 1), AT, "aki")
    opened = record_opening(ledger, declare_holdout(ledger, FIRST, AT, "ben"), OPENING)
    assert current_holdout(ledger) == opened
    assert end_before_holdout(ledger, FIRST, date(2026, 1, 20)) == date(2026, 1, 20)
    with pytest.raises(UsageError, match="opened before"):
        require_closed(ledger)
    assert declare_holdout(ledger, date(2026, 1, 21), AT, "aki") == current_holdout(ledger)
