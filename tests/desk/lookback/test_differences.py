"""Two mornings are explained by data, parameters and code, and each stock by the one it is due to."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from jstock_core.base.errors import DataError, UsageError
from jstock_core.desk.day.day import run_day
from jstock_core.desk.lookback import differences
from jstock_core.desk.lookback.differences import MorningComparison, compare_mornings, value_changes
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.market.calendar import tse
from jstock_core.runs.provenance import code_version
from tests.desk.corrected import CORRECTION, DECIDED
from tests.desk.days import NEXT, NEXT_MORNING, D, T, edited

from .conftest import Put, origin_of


def go_on(desk: Path) -> Desk:
    """The desk after its next morning."""
    opened = open_desk(desk, now=NEXT_MORNING)
    opened.fetch(NEXT)
    run_day(opened, NEXT)
    return opened


def because(found: MorningComparison) -> dict[str, set[str]]:
    """The stocks of each reason."""
    return {
        reason: {each.code for each in found.outcomes if each.because == reason}
        for reason in {each.because for each in found.outcomes}
    }


def test_a_day_later_there_are_new_rows_and_other_signals(desk: Path) -> None:
    found = compare_mornings(go_on(desk), str(T), str(NEXT))
    bars = next(change for change in found.data if change.dataset == "bars")
    assert bars.new is not None
    assert bars.new > 50
    assert bars.revised == 0
    assert (found.parameters, found.code, found.revisions, found.corrected) == ((), (), (), ())
    assert because(found).keys() <= {"data", "holdings"}
    assert found.outcomes
    assert found.same > 0
    assert all(each.name for each in found.outcomes)


def test_what_was_bought_in_between_is_due_to_the_holdings(desk: Path) -> None:
    opened = go_on(desk)
    found = compare_mornings(opened, str(T), str(NEXT))
    history = opened.journal().history()
    filled = {e.code for e in history if type(e).__name__ == "Filled" and e.session == T and e.side == "BUY"}
    changed = {each.code for each in found.outcomes if each.group == "conservative"}
    assert filled & changed
    assert filled & changed <= because(found)["holdings"] | because(found).get("data", set())


def test_an_edited_parameter_is_named_and_what_it_changed_is_due_to_it(desk: Path) -> None:
    edited(desk, "params/groups/conservative.yaml", "buy_threshold: 55", "buy_threshold: 99")
    found = compare_mornings(go_on(desk), str(T), str(NEXT))
    assert [(change.name, change.first, change.second) for change in found.parameters] == [
        ("groups.conservative.entry.buy_threshold", 55, 99)
    ]
    assert because(found)["parameters"]
    due = [each for each in found.outcomes if each.because == "parameters"]
    assert all(each.second == "nothing" for each in due)
    assert {each.group for each in due} == {"conservative"}


def test_another_code_is_named_and_what_it_decides_otherwise_is_due_to_it(
    desk: Path, opened: Desk, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(**origin_of(opened) | {"code": replace(code_version(), sha256="1" * 64)})
    later = go_on(desk)
    put(NEXT, **origin_of(later))
    real = differences.redecide

    def other(*given, **named):
        made = real(*given, **named)
        first, *rest = made.orders
        return replace(made, orders=(replace(first, shares=first.shares + 100), *rest))

    monkeypatch.setattr(differences, "redecide", other)
    found = compare_mornings(later, str(T), str(NEXT))
    assert [change.name for change in found.code] == ["files"]
    assert len(because(found)["code"]) == 1


def test_a_correction_in_between_is_named_with_what_it_would_have_changed(corrected: Desk) -> None:
    first, last = tse().next(DECIDED[0]), tse().next(CORRECTION)
    found = compare_mornings(corrected, str(first), str(last))
    assert {revision.dataset for revision in found.revisions} == {"bars"}
    assert len(found.revisions) >= 11
    bars = next(change for change in found.data if change.dataset == "bars")
    assert bars.revised == 11
    assert found.corrected
    assert {change.trade_date for change in found.corrected} == {first}
    assert json.loads(json.dumps(found.as_json()))["revisions"][0]["dataset"] == "bars"


def test_a_morning_is_the_same_as_itself(opened: Desk) -> None:
    found = compare_mornings(opened, str(T), str(T))
    assert (found.data, found.parameters, found.code, found.outcomes, found.notes) == ((), (), (), (), ())
    assert found.same > 0


def test_mornings_without_a_run_are_compared_by_the_journal(opened: Desk) -> None:
    assert compare_mornings(opened, str(D), str(T)).outcomes


def test_a_rehearsal_is_compared_by_its_files(opened: Desk, put: Put) -> None:
    run = put(rehearsal=True, intent="rehearse")
    rows = [{"group_id": "conservative", "ticker": "1001", "action": "BUY"}]
    (run / f"signals_{T}.json").write_text(json.dumps({"signals": rows}), encoding="utf-8")
    (run / "orders.csv").write_text(
        '\ufeff"group","code","shares"\n"conservative","1001",7700\n', encoding="utf-8"
    )
    found = compare_mornings(opened, run.name, str(T))
    own = [each.first for each in found.outcomes if (each.group, each.code) == ("conservative", "1001")]
    assert own == ["BUY 7,700 shares"]
    assert found.first == run.name


def test_a_run_without_files_is_refused_by_name(opened: Desk, put: Put) -> None:
    run = put(rehearsal=True, intent="rehearse")
    with pytest.raises(DataError, match="its signals and orders cannot be read: FileNotFoundError"):
        compare_mornings(opened, run.name, str(T))


def test_a_run_with_a_damaged_manifest_is_refused_by_name(opened: Desk, put: Put) -> None:
    run = put()
    (run / "manifest.json").write_text("{")
    with pytest.raises(DataError, match="manifest damaged"):
        compare_mornings(opened, run.name, str(T))


@pytest.mark.parametrize("which", ["2026-03-02", "20260121T000000Z-0000"])
def test_a_morning_that_is_not_there_is_refused(opened: Desk, put: Put, which: str) -> None:
    put()
    with pytest.raises(UsageError):
        compare_mornings(opened, str(T), which)


def test_where_the_store_lacks_an_edition_only_hashes_are_compared(desk: Path) -> None:
    opened = go_on(desk)
    opened.store.purge()
    fresh = open_desk(desk, now="2026-01-22T07:30")
    fresh.fetch(NEXT, anew=True)
    found = compare_mornings(fresh, str(T), str(NEXT))
    assert {(change.new, change.revised) for change in found.data} == {(None, None)}


def test_a_morning_that_cannot_be_decided_again_is_a_note(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = go_on(desk)

    def refuse(*_: object, **__: object) -> None:
        raise DataError("the store is damaged")

    monkeypatch.setattr(differences, "redecide", refuse)
    found = compare_mornings(opened, str(T), str(NEXT))
    assert found.notes == ("2026-01-22 cannot be decided again to find the reasons: the store is damaged",)


@pytest.mark.parametrize(
    ("first", "second", "changes"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 2}}, [("a.b", 1, 2)]),
        ({"a": {"b": 1}}, {}, [("a.b", 1, None)]),
        ({"exit": [{"layer": "x", "pct": 8}]}, {"exit": [{"layer": "x", "pct": 7}]}, [("exit.1.pct", 8, 7)]),
        ({"ties": ["a", "b"]}, {"ties": ["b", "a"]}, [("ties", ["a", "b"], ["b", "a"])]),
        ({"a": 1.0}, {"a": 1}, []),
    ],
)
def test_values_are_compared_by_their_dotted_names(first, second, changes) -> None:
    assert [(each.name, each.first, each.second) for each in value_changes(first, second)] == changes
