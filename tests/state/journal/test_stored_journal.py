"""A journal that an earlier version wrote is verified, replayed and continued to the same ids and hashes.

`golden/` holds a journal with every kind of event, and what the commit b597b30 read from it and added to it:
ten mornings of three groups on the simulated market, and facts by hand with corrections.
"""

from __future__ import annotations

import json
import shutil
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest

from jstock_core.decide import Conditions, read_signals, read_skipped, signal_row, skipped_row
from jstock_core.decide.groups import make_group
from jstock_core.decide.morning import DecisionRecord, morning
from jstock_core.execution.costs import Cost, Costs
from jstock_core.market.calendar import decision_time
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.view import View
from jstock_core.state.book.book import replay
from jstock_core.state.facts.events import (
    KINDS,
    Approved,
    CodeMoved,
    Decided,
    Deposit,
    GroupRenamed,
    Halted,
    Resumed,
    SplitAnnounced,
)
from jstock_core.state.journal.journal import Journal
from jstock_core.state.journal.verify import find_faults
from jstock_core.testing import desk as desk_in

GOLDEN = Path(__file__).parent / "golden"
EXPECTED = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))
GROUPS = json.loads((GOLDEN / "groups.json").read_text(encoding="utf-8"))
T = date(2026, 1, 20)
COSTS = Costs.of([Cost(since=date(2025, 1, 1), commission_pct=0.1, slippage_ticks=1)])


def clock() -> datetime:
    return datetime.fromisoformat("2026-01-21T07:00+09:00")


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    for name in ("journal.sqlite", "journal.head"):
        shutil.copy(GOLDEN / name, tmp_path / name)
    return Journal.open(tmp_path / "journal.sqlite", "simulated-1-7", clock)


def listed(journal: Journal) -> list[list[int | str]]:
    return [[record.seq, record.id, record.hash] for record in journal.records()]


def test_every_record_is_verified_and_has_the_id_and_hash_it_was_written_with(journal):
    assert listed(journal) == EXPECTED["stored"]
    assert [event.id for event in journal.history()] == [id_ for _, id_, _ in EXPECTED["stored"]]
    younger = {CodeMoved, GroupRenamed, Halted, Resumed, Approved, SplitAnnounced}
    assert {type(event) for event in journal.history()} == set(KINDS.values()) - younger


def test_it_is_replayed_without_a_fault(journal):
    assert list(find_faults(journal.events(), margin=True)) == []
    assert replay(journal.events()) == journal.book()


def test_signals_and_refusals_are_read_and_written_back_byte_for_byte(journal):
    decisions = [event for event in journal.events() if isinstance(event, Decided)]
    assert any(decided.signals for decided in decisions)
    for decided in decisions:
        assert tuple(signal_row(signal) for signal in read_signals(decided)) == decided.signals
        assert tuple(skipped_row(skipped) for skipped in read_skipped(decided)) == decided.skipped
    notes = [note for d in decisions for signal in read_signals(d) for note in signal.notes]
    assert {(note.title, note.mode) for note in notes} == {("filter price_range", "shadow")}


def test_it_is_continued_with_a_deposit_and_a_morning_to_the_same_hashes(journal, tmp_path):
    desk = desk_in(tmp_path / "desk", ready="fetched")
    panel = desk.panel().known_at(decision_time(T))
    row = len(panel.sessions) - 1
    view = View.of(panel, Features.of(panel), row, row, np.array([T], dtype="datetime64[D]"))
    groups = [make_group(id_, data, where=id_) for id_, data in GROUPS.items()]
    more = Deposit(session=T, source="manual", group="hand", amount=1000, reason="more")
    journal.append([more])
    conditions = Conditions(desk.monitored, COSTS)
    step = morning(
        journal.book(), view, 0, groups, conditions, DecisionRecord(provenance={"jstock": "golden"})
    )
    journal.append(step.events)
    assert listed(journal)[len(EXPECTED["stored"]) :] == EXPECTED["continued"]
    books = journal.book().groups
    assert {name: book.cash for name, book in books.items()} == EXPECTED["cash"]
    held = {
        name: {code: [[lot.shares, lot.cost] for lot in lots] for code, lots in book.lots.items()}
        for name, book in books.items()
    }
    assert held == EXPECTED["held"]
