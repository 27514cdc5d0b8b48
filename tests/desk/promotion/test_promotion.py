"""A candidate becomes the file of a group, with a record, or is refused and nothing is written."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import jstock_core as js
from jstock_core.base.alerts import Alert, Severity
from jstock_core.base.errors import DataError, ExitStatus, ParamsError, UsageError, WriteError
from jstock_core.cli import run
from jstock_core.cli.care import params
from jstock_core.decide.groups import read_group
from jstock_core.desk.day.day import run_day
from jstock_core.desk.lab.candidates import save_candidate
from jstock_core.desk.past.backtests import try_groups
from jstock_core.desk.promotion import promotion, refusals
from jstock_core.desk.promotion.comparison import compare_sets
from jstock_core.desk.promotion.evidence import gather_evidence
from jstock_core.desk.promotion.history import promotion_history
from jstock_core.desk.promotion.promotion import PromotionRequest, promote_candidate, read_span
from jstock_core.desk.promotion.words import describe_promotion
from jstock_core.desk.trading.preparation import Preparation, preview_morning
from jstock_core.desk.trials.holdout import HoldoutOpening, declare_holdout, record_opening
from jstock_core.desk.trials.ledger import TrialLedger
from jstock_core.desk.trials.rows import TrialRow, strategy_digest
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.desk.workspace.kept.promotions import PromotedLuck, promotion_files, read_promotions
from jstock_core.ops.parameters.check import check_params
from jstock_core.research.records import measure_groups
from jstock_core.research.statistics.deflated import deflated_sharpe
from tests.desk.days import edited
from tests.desk.promotion.conftest import NOON, SPAN

AT = datetime.fromisoformat("2026-01-10T12:00+09:00")


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def contents(desk: Desk) -> dict[str, bytes]:
    """The files of parameters."""
    root = desk.workspace.root / "params"
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def request(**changes: Any) -> PromotionRequest:
    span = read_span(SPAN["first"], SPAN["last"])
    return replace(PromotionRequest("picky", by="Ito", reason="a try", span=span, orders=0), **changes)


def own_row(desk: Desk, first: str, last: str, sharpe: float = 0.1) -> TrialRow:
    """A trial of the candidate in the ledger."""
    declared = read_group(desk.workspace.root / "params" / "candidates" / "picky.yaml").declared
    digest, span = (
        strategy_digest(declared, desk.rules),
        (date.fromisoformat(first), date.fromisoformat(last)),
    )
    row = TrialRow.of("backtest", "conservative", digest, span, [], AT)
    return replace(row, sharpe=sharpe, sessions=20)


def test_the_file_declares_what_the_candidate_does_and_keeps_its_comments(desk: Desk):
    file = desk.workspace.groups / "conservative.yaml"
    before = lines(file)
    done = promote_candidate(desk, request())
    assert done.file == file
    candidate = read_group(desk.workspace.root / "params" / "candidates" / "picky.yaml")
    assert dict(read_group(file).declared) == dict(candidate.declared)
    gone = [line.strip() for line in before if line not in lines(file)]
    assert gone == ["use: SimpleScorer", "buy_threshold: 65 # composite score, 0-100"]
    assert "+  use: MACDCrossover" in done.diff
    assert "-  use: SimpleScorer" in done.diff
    assert check_params(desk.workspace).faults == ()


def test_the_record_says_who_when_why_and_on_what_grounds(desk: Desk):
    before = (desk.workspace.groups / "conservative.yaml").read_text(encoding="utf-8")
    done = promote_candidate(desk, request(orders=3))
    (kept,) = read_promotions(desk.workspace)
    assert kept == done.promotion
    assert (kept.group, kept.candidate, kept.by, kept.reason) == ("conservative", "picky", "Ito", "a try")
    assert kept.at == datetime.fromisoformat(f"{NOON}:00+09:00")
    assert kept.since == date(2026, 1, 22)
    assert kept.before == before
    assert kept.changes == ("entry.use SimpleScorer -> MACDCrossover", "entry.buy_threshold 65 removed")
    assert {name.split()[0] for name in kept.certificates} == {"entry", "exit", "sizing"}
    assert (kept.in_sample.first, kept.in_sample.last) == (date(2025, 12, 1), date(2025, 12, 30))
    assert kept.out_of_sample is not None
    assert (kept.out_of_sample.first, kept.out_of_sample.last) == (date(2026, 1, 5), date(2026, 1, 20))
    assert kept.trials == len(kept.own_trials) == 2
    assert kept.holdout == "none"
    assert kept.luck is not None
    assert kept.luck.orders == 3


def test_where_equals_never_competed_the_luck_of_ties_says_so(desk: Desk):
    group = next(group for group in desk.groups if group.id == "conservative").but(entry__buy_threshold=100)
    found = gather_evidence(desk, group, read_span(SPAN["first"], SPAN["last"]), 3)
    own = found.in_sample.total_return
    assert found.luck == PromotedLuck(orders=0, mornings=0, total_return=own, low=own, median=own, high=own)
    made = promote_candidate(desk, request(trial_run=True)).promotion
    assert "luck of ties" not in describe_promotion(made)
    said = describe_promotion(replace(made, luck=found.luck))["luck of ties"]
    assert said.startswith("none: equals never competed")


def test_its_figures_are_those_of_a_backtest(desk: Desk):
    kept = promote_candidate(desk, request()).promotion
    fresh = open_desk(desk.workspace.root, now=NOON)
    trial = try_groups(fresh, SPAN["first"], SPAN["last"], group="conservative")
    measured = measure_groups(trial.done, trial.market)["conservative"]
    record, returns = measured.record, measured.returns
    assert kept.in_sample.total_return == record.own.total_return
    assert kept.in_sample.sharpe == record.own.sharpe
    assert kept.in_sample.topix == record.benchmark.total_return
    assert kept.in_sample.mean == pytest.approx(float(np.mean(returns)), abs=1e-15)
    assert kept.in_sample.deviation == pytest.approx(float(np.std(returns, ddof=1)), abs=1e-15)
    ledger = TrialLedger.of(desk.workspace)
    own = deflated_sharpe(returns, ledger.sharpes(len(returns)), ledger.count())
    assert kept.deflated == (None if own is None else pytest.approx(own.deflated))


def test_a_candidate_is_judged_over_the_dates_that_it_was_tried_on(desk: Desk):
    ledger = TrialLedger.of(desk.workspace)
    ledger.record([own_row(desk, "2025-12-08", "2025-12-19"), own_row(desk, "2025-12-15", "2025-12-26")])
    ledger.record([replace(own_row(desk, "2025-10-01", "2025-10-30"), digest="of another set")])
    kept = promote_candidate(desk, request(span=None)).promotion
    assert (kept.in_sample.first, kept.in_sample.last) == (date(2025, 12, 8), date(2025, 12, 26))
    assert kept.out_of_sample is not None
    assert kept.out_of_sample.first == date(2025, 12, 29)
    assert kept.trials == 5
    assert len(kept.own_trials) == 4


def test_what_a_lab_tried_is_found_among_the_trials(desk: Desk):
    lab = js.lab(desk.workspace.root, now=NOON)
    variant = lab.group("conservative").but({"entry": {"use": "MACDCrossover"}, "exit.stop_loss_pct": 8})
    trial = lab.backtest(variant, "2025-12-15", "2025-12-26")
    lab.save(variant, "tried")
    kept = promote_candidate(desk, request(candidate="tried", span=None)).promotion
    assert (kept.in_sample.first, kept.in_sample.last) == (date(2025, 12, 15), date(2025, 12, 26))
    assert kept.in_sample.total_return == trial.comparison.records["conservative"].own.total_return
    assert {own.kind for own in kept.own_trials} == {"backtest", "window"}


def test_a_span_that_reaches_into_a_holdout_ends_before_it(desk: Desk):
    declare_holdout(TrialLedger.of(desk.workspace), date(2025, 12, 22), AT, "Ito")
    kept = promote_candidate(desk, request()).promotion
    assert kept.in_sample.last == date(2025, 12, 19)
    assert kept.out_of_sample is None


def test_a_holdout_is_not_looked_at(desk: Desk):
    declare_holdout(TrialLedger.of(desk.workspace), date(2026, 1, 13), AT, "Ito")
    kept = promote_candidate(desk, request()).promotion
    assert kept.holdout == "unused"
    assert kept.out_of_sample is not None
    assert kept.out_of_sample.last == date(2026, 1, 9)
    assert "kept back" in kept.notes[0]


def open_holdout(desk: Desk, digest: str) -> None:
    ledger = TrialLedger.of(desk.workspace)
    holdout = declare_holdout(ledger, date(2026, 1, 5), AT, "Ito")
    opening = HoldoutOpening(at=AT, by="Ito", group="conservative", digest=digest, last=date(2026, 1, 9))
    record_opening(ledger, holdout, opening)


def test_a_holdout_that_was_opened_with_the_set_is_out_of_sample(desk: Desk):
    row = own_row(desk, "2026-01-05", "2026-01-09")
    open_holdout(desk, row.digest)
    TrialLedger.of(desk.workspace).record([row, own_row(desk, "2025-12-15", "2025-12-26")])
    kept = promote_candidate(desk, request(span=None)).promotion
    assert kept.holdout == "used"
    assert (kept.in_sample.first, kept.in_sample.last) == (date(2025, 12, 15), date(2025, 12, 26))
    assert kept.out_of_sample is not None
    assert (kept.out_of_sample.first, kept.out_of_sample.last) == (date(2026, 1, 5), date(2026, 1, 9))


def test_a_holdout_that_was_opened_with_another_set_proves_nothing(desk: Desk):
    open_holdout(desk, "of another set")
    assert promote_candidate(desk, request()).promotion.holdout == "used by others"


def test_a_group_that_is_not_there_is_added_with_the_text_of_the_candidate(desk: Desk):
    done = promote_candidate(desk, request(group="third"))
    candidate = desk.workspace.root / "params" / "candidates" / "picky.yaml"
    assert done.file.read_text(encoding="utf-8") == candidate.read_text(encoding="utf-8")
    assert done.promotion.changes == ("group third added",)
    assert done.promotion.before == ""


def test_a_candidate_of_no_group_is_told_how_it_becomes_one(desk: Desk):
    edit_candidate(desk, "name: ", "name: New ")
    with pytest.raises(UsageError, match='there is no group "picky"') as caught:
        promote_candidate(desk, request())
    assert "--group picky makes one of that id" in caught.value.do
    assert promote_candidate(desk, request(group="picky")).file.name == "picky.yaml"
    with pytest.raises(UsageError) as caught:
        compare_sets(desk, "candidates/picky")
    assert "params diff picky ID" in caught.value.do


# Refusals -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "kind", "said"),
    [
        ({"candidate": "pick"}, UsageError, 'did you mean "candidates/picky"'),
        ({"span": None}, UsageError, "no trial of this candidate is known"),
        ({"reason": " "}, UsageError, "a reason must be given"),
        ({"by": "a\nb"}, UsageError, "not the name of a person"),
        ({"group": "a b"}, ParamsError, "cannot be the id"),
        ({"span": (date(2027, 1, 7), date(2027, 1, 8))}, UsageError, "too far ahead"),
    ],
    ids=["no candidate", "never tried", "no reason", "no name", "no id", "a span to come"],
)
def test_what_cannot_be_promoted_leaves_everything(
    desk: Desk, changes: dict[str, Any], kind: type[Exception], said: str
):
    before = contents(desk)
    with pytest.raises(kind, match=said):
        promote_candidate(desk, request(**changes))
    assert contents(desk) == before


def edit_candidate(desk: Desk, old: str, new: str) -> None:
    edited(desk.workspace.root, "params/candidates/picky.yaml", old, new)


def test_a_rule_without_certificate_refuses_it(desk: Desk):
    edit_candidate(desk, "stop_loss_pct: 8", "stop_loss_pct: 7.9")
    before = contents(desk)
    with pytest.raises(ParamsError, match="exit LayeredExit is not certified as declared") as caught:
        promote_candidate(desk, request())
    assert "--check" in caught.value.do
    assert contents(desk) == before


def test_a_rule_that_fails_the_check_refuses_it(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    edit_candidate(desk, "stop_loss_pct: 8", "stop_loss_pct: 7.9")
    asked: list[str] = []
    monkeypatch.setattr(refusals, "check_strategies", lambda desk, name, say: asked.append(name))
    with pytest.raises(ParamsError, match="not certified") as caught:
        promote_candidate(desk, request(check=True))
    assert asked == ["LayeredExit"]
    assert "correct the rules" in caught.value.do


def test_a_candidate_out_of_range_is_refused(desk: Desk):
    edit_candidate(desk, "stop_loss_pct: 8", "stop_loss_pct: 0.08")
    with pytest.raises(ParamsError, match="did you mean 8"):
        promote_candidate(desk, request())


def test_another_capital_than_the_accounts_is_refused(desk: Desk):
    edit_candidate(desk, "initial_capital: 5_000_000", "initial_capital: 6_000_000")
    before = contents(desk)
    with pytest.raises(ParamsError, match="was opened with 5_000_000"):
        promote_candidate(desk, request())
    assert contents(desk) == before


def test_the_same_set_is_not_promoted_twice(desk: Desk):
    promote_candidate(desk, request())
    fresh = open_desk(desk.workspace.root, now=NOON)
    with pytest.raises(UsageError, match="nothing to promote"):
        promote_candidate(fresh, request())
    assert len(promotion_files(desk.workspace)) == 1


def test_a_promoted_candidate_is_saved_over_only_where_that_is_said(desk: Desk):
    promote_candidate(desk, request())
    group = next(group for group in desk.groups if group.id == "conservative").but(exit__stop_loss_pct=6)
    with pytest.raises(UsageError, match="differs and was promoted"):
        save_candidate(desk.workspace, group, "picky")
    save_candidate(desk.workspace, group, "picky", replace=True)
    assert read_group(desk.workspace.root / "params" / "candidates" / "picky.yaml").declared == group.declared


def test_an_edit_in_the_meantime_refuses_it(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    gather = promotion.gather_evidence

    def edit_meanwhile(*given: Any) -> Any:
        edited(desk.workspace.root, "params/groups/conservative.yaml", "review_days: 90", "review_days: 80")
        return gather(*given)

    monkeypatch.setattr(promotion, "gather_evidence", edit_meanwhile)
    with pytest.raises(UsageError, match="was edited while"):
        promote_candidate(desk, request())
    assert promotion_files(desk.workspace) == []


def test_a_full_disk_leaves_neither_file_nor_record(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    def full(path: Path, text: str) -> None:
        raise OSError(28, "No space left on device")

    before = contents(desk)
    monkeypatch.setattr(promotion, "write_text", full)
    with pytest.raises(WriteError, match="No space left"):
        promote_candidate(desk, request())
    assert contents(desk) == before


def test_a_dry_run_shows_it_all_and_writes_nothing(desk: Desk):
    before = contents(desk)
    done = promote_candidate(desk, request(trial_run=True))
    assert contents(desk) == before
    assert done.path is None
    again = promote_candidate(desk, request(span=None)).promotion
    assert (again.in_sample, again.out_of_sample) == (
        done.promotion.in_sample,
        done.promotion.out_of_sample,
    )
    assert again.trials == done.promotion.trials
    assert done.title.startswith("TRIAL RUN")
    assert "+  use: MACDCrossover" in done.diff


# History --------------------------------------------------------------------------------------------------


def test_history_says_what_is_in_force(desk: Desk):
    assert promotion_history(desk).promotions == ()
    promote_candidate(desk, request())
    fresh = open_desk(desk.workspace.root, now="2026-01-21T13:00")
    assert [standing for _, standing in promotion_history(fresh).promotions] == ["in force"]
    edited(desk.workspace.root, "params/groups/conservative.yaml", "stop_loss_pct: 8", "stop_loss_pct: 9")
    fresh = open_desk(desk.workspace.root, now="2026-01-21T13:00")
    assert [standing for _, standing in promotion_history(fresh).promotions] == ["edited since"]
    promote_candidate(fresh, request())
    fresh = open_desk(desk.workspace.root, now="2026-01-21T14:00")
    found = promotion_history(fresh, "conservative").promotions
    assert [standing for _, standing in found] == ["in force", "replaced"]
    assert promotion_history(fresh, "aggressive").promotions == ()
    with pytest.raises(UsageError, match='no group "nobody"'):
        promotion_history(fresh, "nobody")


def test_a_damaged_record_is_named_and_hides_no_other(desk: Desk):
    done = promote_candidate(desk, request())
    assert done.path is not None
    (done.path.parent / "2026-01-01T000000-old.json").write_text('{"group": 1}', encoding="utf-8")
    found = promotion_history(desk)
    assert len(found.promotions) == 1
    assert "2026-01-01T000000-old.json" in found.damaged[0]
    with pytest.raises(DataError, match="cannot be read"):
        read_promotions(desk.workspace)
    (fault,) = check_params(desk.workspace).faults
    assert fault.file == "params/promotions/2026-01-01T000000-old.json"


def test_a_damaged_record_is_an_alert_of_the_newest_morning(desk: Desk):
    done = promote_candidate(desk, request())
    assert done.path is not None
    fresh = open_desk(desk.workspace.root, now="2026-01-21T13:00")
    assert record_alerts(preview_morning(fresh)) == []
    done.path.write_text(done.path.read_text(encoding="utf-8")[:-30], encoding="utf-8")
    (alert,) = record_alerts(preview_morning(fresh))
    assert alert.severity == Severity.WARNING
    assert f"The record of a promotion, params/promotions/{done.path.name}, cannot be read" in alert.text
    assert record_alerts(preview_morning(fresh, "2026-01-20")) == [], "an older morning is shown as it was"


def record_alerts(prepared: Preparation) -> list[Alert]:
    return [alert for alert in prepared.actions.alerts if alert.kind == "promotion_record"]


# Faces ----------------------------------------------------------------------------------------------------


def test_a_notebook_promotes_and_sees_a_card(desk: Desk):
    done = js.promote("picky", desk=desk, reason="a try", orders=0, **SPAN)
    shown = done._repr_mimebundle_()
    assert "entry.use SimpleScorer -&gt; MACDCrossover" in shown["text/html"]
    assert "picky becomes conservative" in shown["text/plain"]
    assert repr(done) == "<picky becomes conservative, decided with from 2026-01-22 on>"
    with pytest.raises(UsageError, match="a reason must be given") as caught:
        js.promote("picky", desk=desk)
    assert caught.value.where == "reason="
    with pytest.raises(UsageError, match="two ends"):
        js.promote("picky", desk=desk, first="2025-12-01")


def test_the_command_promotes_and_history_shows_it(desk: Desk, capsys: pytest.CaptureFixture[str]):
    place = ["-w", str(desk.workspace.root), "--now", NOON]
    asked = ["params", "promote", "picky", "--from", SPAN["first"], "--to", SPAN["last"], "--orders", "0"]
    assert run([*asked, *place, "--json"]) == ExitStatus.USAGE
    assert "a reason must be given" in capsys.readouterr().err
    asked += ["--reason", "fewer trades"]
    assert run([*asked, *place, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["since"] == "2026-01-22"
    assert printed["record"].endswith("2026-01-21T120000-conservative.json")
    assert run(["params", "history", *place]) == 0
    said = capsys.readouterr().out
    assert "picky becomes conservative, decided with from 2026-01-22 on: in force" in said
    assert "reason: fewer trades" in said
    assert "holdout: none is declared" in said
    assert run([*asked, *place]) == ExitStatus.USAGE


def test_at_a_terminal_the_reason_is_asked_for(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(params, "ask", lambda question, default: "fewer trades")
    asked = ["--from", SPAN["first"], "--to", SPAN["last"], "--orders", "0", "--now", NOON]
    assert run(["params", "promote", "picky", *asked, "-w", str(desk.workspace.root)]) == 0
    (kept,) = read_promotions(desk.workspace)
    assert kept.reason == "fewer trades"


def test_the_next_morning_decides_with_it_and_the_report_names_it(desk: Desk):
    promote_candidate(desk, request())
    for n, day in enumerate(("2026-01-22", "2026-01-23")):
        fresh = open_desk(desk.workspace.root, now=f"{day}T07:00")
        done = run_day(fresh, fresh.next_trade_date)
        assert next(e for e in done.decided if e.group == "conservative").provenance["groups"][
            "conservative"
        ]["entry"] == {"use": "MACDCrossover"}
        (named,) = done.report.performance.promoted
        assert (named.group, named.candidate, named.sessions) == ("conservative", "picky", n)
        assert not named.edited
        said = [(alert.severity, alert.text) for alert in done.alerts if alert.kind == "edited_group"]
        changed = "entry.buy_threshold 65 removed, entry.use SimpleScorer -> MACDCrossover"
        text = f"conservative: it is the promoted set picky since the decision of 2026-01-21: {changed}"
        assert said == ([(Severity.INFO, text)] if n == 0 else [])
    assert named.return_pct is not None
    assert named.expected_pct is not None


def test_the_command_line_says_that_a_promotion_is_of_a_simulated_market(desk: Desk, capsys):
    root, span = (
        str(desk.workspace.root),
        ["--from", SPAN["first"], "--to", SPAN["last"], "--orders", "0", "--check"],
    )
    at = ["--workspace", root, "--now", NOON]
    assert (
        run(["params", "promote", "picky", *span, "--reason", "a try", "--by", "Ito", *at]) == ExitStatus.OK
    )
    assert "SIMULATED" in capsys.readouterr().out.splitlines()[0]
    assert run(["params", "history", *at]) == ExitStatus.OK
    assert capsys.readouterr().out.splitlines()[0] == "SIMULATED"
