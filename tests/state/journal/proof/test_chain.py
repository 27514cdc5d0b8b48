"""The chain: every part of a record is proven, also what the ledger does not read."""

from __future__ import annotations

import pytest

from jstock_core.base.errors import StateError
from jstock_core.state.facts.events import Decided, decision_details
from jstock_core.state.journal.proof.chain import chain_events, genesis, verify_records
from tests.state.events import buy, day, deposit

START = genesis("simulated:1")
DECIDED = Decided(
    session=day(1), source="desk", group="core", evaluated=day(0), decided_at="2026-01-06T07:00",
    status="complete",
    details=decision_details([{"code": "7203", "score": 70.0}], [{"code": "6501"}], {"jstock": "1"}),
)  # fmt: skip
FACTS = (deposit(), DECIDED, buy(100, 3000, 1))


def records():
    return list(chain_events(FACTS, START, "2026-01-06T07:00:00+09:00"))


def test_what_was_chained_is_read_back():
    assert [event for _, event in verify_records(records(), START)] == list(FACTS)


def test_details_are_kept_apart_and_read_when_asked_for():
    assert [record.details is None for record in records()] == [True, False, True]
    assert "7203" not in records()[1].payload
    _, event = list(verify_records(records(), START))[1]
    assert isinstance(event, Decided)
    assert (event.signals, event.skipped) == (({"code": "7203", "score": 70.0},), ({"code": "6501"},))
    assert event.provenance == {"jstock": "1"}


@pytest.mark.parametrize(
    "change",
    [
        {"details": '{"provenance":{},"signals":[],"skipped":[]}'},
        {"details": None},
        {"details": b"bytes"},
        {"payload": "{}"},
        {"kind": "note"},
        {"recorded_at": "2026-01-07T07:00:00+09:00"},
        {"prev_hash": "0" * 64},
        {"seq": 3},
        {"hash": "0" * 64},
    ],
)
def test_a_changed_part_breaks_the_chain_where_it_was_changed(change):
    first, second, third = records()
    with pytest.raises(StateError, match="the chain breaks after event 1") as caught:
        list(verify_records([first, second._replace(**change), third], START))
    assert caught.value.where == f"event {change.get('seq', 2)}, {DECIDED.id}"
