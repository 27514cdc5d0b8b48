"""A past morning is decided again from what was known then; whatever differs has its cause."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from jstock_core.base.errors import ExitStatus, UsageError
from jstock_core.cli import run
from jstock_core.desk.day.again import again
from jstock_core.desk.day.day import run_day
from jstock_core.desk.lookback.evidence import Cause
from jstock_core.desk.lookback.verification import MorningProof, verify_morning
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.market.calendar import tse
from jstock_core.runs.provenance import CodeVersion, code_version
from jstock_core.state.facts.events import OrderPlaced
from jstock_core.testing import desk as make_desk
from tests.desk.corrected import AFTER, CORRECTION, DECIDED, import_until
from tests.desk.days import MORNING, T, edited
from tests.desk.mornings import morning_after

from .conftest import Put, origin_of

REPLAYED = date(2026, 1, 20)


def causes(proof: MorningProof) -> set[str]:
    return {str(each.cause) for each in proof.differences}


def test_a_morning_comes_out_the_same(opened: Desk, put: Put) -> None:
    put(**origin_of(opened))
    proof = verify_morning(opened, str(T))
    assert (proof.is_proven, proof.exit, proof.evidence, proof.damage) == (True, ExitStatus.OK, (), ())
    assert proof.signals > 0
    assert proof.orders > 0
    assert proof.edition == opened.store.read().token
    assert proof.sentence.startswith(f"proven: {proof.signals} signals and {proof.orders} orders")


def test_a_replayed_morning_without_a_run_comes_out_the_same(opened: Desk) -> None:
    proof = verify_morning(opened, str(REPLAYED))
    assert proof.is_proven
    assert proof.notes == ("no run of it is published: with which code it was decided is not known",)


def test_a_date_that_was_not_decided_is_refused(opened: Desk) -> None:
    with pytest.raises(UsageError, match="the desk decided nothing for 2026-01-22"):
        verify_morning(opened, "2026-01-22")


def test_verifying_changes_nothing(opened: Desk, put: Put) -> None:
    put(**origin_of(opened))
    root = opened.workspace.root
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}
    verify_morning(opened, str(T))
    after = {path: path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}
    caches = {path for path in after if "features" in path.parts}
    assert {path: n for path, n in after.items() if path not in caches} == {
        path: n for path, n in before.items() if path not in caches
    }


def test_an_edited_group_is_taken_as_it_was_and_noted(desk: Path) -> None:
    edited(desk, "params/groups/conservative.yaml", "buy_threshold: 55", "buy_threshold: 80")
    proof = verify_morning(open_desk(desk, now=MORNING), str(T))
    assert proof.is_proven
    assert (
        "edited since, and taken as it was: groups.conservative.entry.buy_threshold: 55 -> 80" in proof.notes
    )


def test_settings_that_were_edited_are_the_cause(desk: Path, opened: Desk, put: Put) -> None:
    put(**origin_of(opened))
    code = min(opened.monitored)
    units = ", ".join(f'"{each}": 1000' for each in opened.monitored)
    edited(desk, "params/desk.yaml", "trading_units: {}", f"trading_units: {{{units}}}")
    proof = verify_morning(open_desk(desk, now=MORNING), str(T))
    assert causes(proof) == {"parameters"}
    assert proof.exit == ExitStatus.DIFFERENCES
    assert f"settings.trading_units.{code}: none -> 1000" in [each.text for each in proof.evidence]
    assert any(each.what == "order" for each in proof.differences)


def test_another_list_of_codes_is_the_cause(desk: Path, opened: Desk, put: Put) -> None:
    put(**origin_of(opened))
    decided = again.first_decisions(opened.journal().history(), T)
    signals = {row["code"] for each in decided for row in each.signals}
    path = desk / "data" / "monitor_list.json"
    listed = json.loads(path.read_text(encoding="utf-8"))["tickers"]
    kept = [each for each in listed if each["code"] != min(signals)]
    path.write_text(json.dumps({"tickers": kept}), encoding="utf-8")
    proof = verify_morning(open_desk(desk, now=MORNING), str(T))
    assert causes(proof) == {"parameters"}
    assert any(each.text.startswith("monitored.sha256") for each in proof.evidence)


def test_rows_corrected_in_a_store_that_lacks_the_edition_are_the_cause(
    corrected: Desk, tmp_path: Path
) -> None:
    """The corrected rows came first into the store that was made anew: what was seen is nowhere any more."""
    root = Path(shutil.copytree(corrected.workspace.root, tmp_path / "desk"))
    desk = open_desk(root, now=morning_after(CORRECTION))
    desk.store.purge()
    import_until(root, AFTER, CORRECTION, tmp_path)
    found = [verify_morning(desk, str(tse().next(session))) for session in DECIDED]
    assert any(proof.differences for proof in found)
    for proof in found:
        assert causes(proof) <= {"data"}
        assert "bars has other rows than the decision saw" in [each.text for each in proof.evidence]


def test_a_corrected_store_still_proves_what_was_decided_before(corrected: Desk) -> None:
    for session in DECIDED:
        assert verify_morning(corrected, str(tse().next(session))).is_proven


def test_a_store_that_was_made_anew_is_named_and_proves_the_same(desk: Path, opened: Desk, put: Put) -> None:
    put(**origin_of(opened))
    token = opened.store.read().token
    opened.store.purge()
    fresh = open_desk(desk, now="2026-01-21T07:30")
    fresh.fetch(T, anew=True)
    proof = verify_morning(fresh, str(T))
    assert proof.is_proven
    assert [(str(each.cause), each.text) for each in proof.evidence] == [
        ("data", f"the store has not the edition {token}: it was purged or made anew")
    ]


def test_a_store_that_is_gone_is_damage(opened: Desk) -> None:
    shutil.rmtree(opened.workspace.data / "parsed")
    proof = verify_morning(opened, str(T))
    assert not proof.is_proven
    assert proof.failure
    assert proof.exit == ExitStatus.DIFFERENCES
    assert {str(each.cause) for each in proof.evidence} == {"damaged"}


def test_another_code_is_the_cause_where_nothing_else_is_another(opened: Desk, put: Put, monkeypatch) -> None:
    then = replace(code_version(), sha256="1" * 64, git_sha="ab" * 20)
    put(**origin_of(opened) | {"code": then})
    assert verify_morning(opened, str(T)).is_proven
    decide_otherwise(monkeypatch)
    proof = verify_morning(opened, str(T))
    assert causes(proof) == {"code"}
    assert proof.evidence[0].text == "jstock was 0.1.0, commit abababababab, 111111111111 then"


def test_another_package_is_named(opened: Desk, put: Put) -> None:
    origin = origin_of(opened)
    put(**origin | {"packages": {**origin["packages"], "numpy": "1.0"}})  # type: ignore[dict-item]
    proof = verify_morning(opened, str(T))
    assert [str(each.cause) for each in proof.evidence] == [Cause.CODE]
    assert proof.evidence[0].text.startswith("numpy was 1.0, and is ")


def test_what_nothing_explains_is_said_to_be_a_defect(opened: Desk, put: Put, monkeypatch) -> None:
    put(**origin_of(opened))
    decide_otherwise(monkeypatch)
    assert causes(verify_morning(opened, str(T))) == {"unexplained"}


def decide_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the code be another: it wants one share unit more of the first order."""
    real = again.redecide

    def other(*given, **named):
        made = real(*given, **named)
        first, *rest = made.orders
        return replace(made, orders=(replace(first, shares=first.shares + 100), *rest))

    monkeypatch.setattr("jstock_core.desk.lookback.verification.redecide", other)


def test_a_plug_in_that_was_edited_is_the_cause_before_the_code(
    desk: Path, opened: Desk, put: Put, monkeypatch
):
    source = desk / "params" / "mine.py"
    source.write_text("LEVEL = 1\n", encoding="utf-8")
    edited(desk, "params/desk.yaml", "margin: false", "margin: false\nplugins: [params/mine.py]")
    then = open_desk(desk, now=MORNING)
    put(**origin_of(then) | {"code": replace(code_version(), sha256="1" * 64)})
    source.write_text("LEVEL = 2\n", encoding="utf-8")
    decide_otherwise(monkeypatch)
    proof = verify_morning(open_desk(desk, now=MORNING), str(T))
    assert causes(proof) == {"plug-in"}
    assert proof.evidence[0].text == "params/mine.py is not what it was then"


def test_a_damaged_file_of_the_run_is_named_though_the_morning_is_proven(opened: Desk, put: Put) -> None:
    (put(**origin_of(opened)) / "report.html").write_text("x")
    proof = verify_morning(opened, str(T))
    assert (proof.is_proven, proof.exit) == (True, ExitStatus.STATE)
    assert proof.damage == ("report.html: changed since it was published",)


def test_a_revised_morning_proves_its_first_decision(desk: Path, opened: Desk) -> None:
    """A stock that was to be bought turns out to be held: its order goes, and the first one is proven."""
    first = verify_morning(opened, str(T))
    placed = (e for e in opened.journal().history() if isinstance(e, OrderPlaced) and e.session == T)
    order = next(each for each in placed if each.side == "BUY")
    words = [
        "trade",
        "position",
        "set",
        order.group,
        order.code,
        "100",
        "--price",
        "1000",
        "--reason",
        "found",
    ]
    assert run([*words, "--date", "2026-01-20", "--workspace", str(desk), "--now", "2026-01-21T07:10"]) == 0
    run_day(open_desk(desk, now="2026-01-21T07:20"), T)
    proof = verify_morning(open_desk(desk, now="2026-01-21T07:30"), str(T))
    assert proof.is_proven
    assert proof.orders == first.orders
    assert "revised 1 time later: the first decision is decided again" in proof.notes


def test_a_manifest_of_an_earlier_version_has_no_code_to_compare(opened: Desk, put: Put) -> None:
    put(**origin_of(opened) | {"code": CodeVersion(version="0.0.9"), "packages": {}, "plugins": {}})
    assert verify_morning(opened, str(T)).evidence == ()


@pytest.mark.parametrize("fills", ["manual", "signal_price"])
def test_groups_that_a_person_fills_or_that_trade_at_the_signal_come_out_the_same(
    fills: str, tmp_path: Path
) -> None:
    made = make_desk(tmp_path / "desk", changes={"conservative": {"fills": fills, "entry.buy_threshold": 55}})
    for trade_date in (REPLAYED, T):
        proof = verify_morning(made, str(trade_date))
        assert (proof.is_proven, proof.differences) == (True, ())
        assert proof.signals > 0
