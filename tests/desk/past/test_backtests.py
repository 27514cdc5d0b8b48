"""Backtests of a desk's groups: what they measure, what they stand on, variants, and the files they leave."""

from __future__ import annotations

import csv
import json
import re
import shutil
from datetime import date

import numpy as np
import pytest

from jstock_core import testing
from jstock_core.base.errors import ExitStatus, ParamsError, UsageError, WriteError
from jstock_core.cli import run
from jstock_core.desk.past import comparison as comparison_module
from jstock_core.desk.past import trial as trial_module
from jstock_core.desk.past.backtests import run_backtest, try_groups
from jstock_core.desk.past.trial_files import write_tables
from jstock_core.desk.trials.holdout import declare_holdout
from jstock_core.desk.trials.ledger import TrialLedger
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.market.calendar import tse
from jstock_core.research.certificates.certificate import Certificate, Check
from jstock_core.research.certificates.identity import declaration, rule_name, source_sha256
from jstock_core.research.certificates.store import add_certificate
from jstock_core.state.book.overdrafts import Overdraft
from jstock_core.testing import Stock
from tests.desk.days import MORNING, edited, journaled


def test_a_backtest_journals_nothing_and_measures_every_group(desk):
    before = journaled(desk)
    found = run_backtest(open_desk(desk, now=MORNING), "2025-11-04", "2026-01-20")
    assert tuple(found.records) == ("aggressive", "conservative", "whole")
    assert "SIMULATED" in found.title
    assert journaled(desk) == before


def test_a_backtest_of_one_group(desk):
    found = run_backtest(open_desk(desk, now=MORNING), "2025-11-04", "2026-01-20", group="aggressive")
    assert tuple(found.records) == ("aggressive",)


def test_cash_below_0_is_said_with_group_session_and_yen(desk, monkeypatch):
    """A sale may bring less than its fee."""
    seen = []

    def below(book):
        seen.append(tuple(book.groups))
        return (Overdraft("aggressive", date(2025, 12, 1), date(2025, 12, 2), -47_006, -47_006),)

    monkeypatch.setattr(comparison_module, "find_overdrafts", below)
    found = run_backtest(open_desk(desk, now=MORNING), "2025-11-04", "2026-01-20", group="aggressive")
    assert seen == [("aggressive",)]
    [note] = [note for note in found.notes if "below ¥0" in note]
    assert note.startswith(
        "group aggressive: cash fell below ¥0 on 2025-12-01, lowest \N{MINUS SIGN}¥47,006 on 2025-12-02"
    )
    assert found.as_json()["overdrafts"][0]["lowest"] == -47_006


def test_a_backtest_of_several_groups_says_what_it_stands_on(new):
    edited(new, "params/desk.yaml", "costs: []", "costs: [{since: 2025-12-01, commission_pct: 0.1}]")
    edited(new, "params/groups/aggressive.yaml", "fills: open", "fills: manual")
    edited(new, "params/groups/aggressive.yaml", "buy_threshold: 65", "buy_threshold: 64")
    found = run_backtest(
        open_desk(new, now=MORNING), "2025-11-04", "2026-01-20", group=["aggressive", "conservative"]
    )
    assert tuple(found.records) == ("aggressive", "conservative", "whole")
    trades = found.trades["aggressive"]
    assert trades.orders >= trades.fills > 0
    assert trades.traded > 1000 * trades.fees > 0
    assert "on paper" in trades.policy
    assert list(found.costs.values()) == ["no commission, no slippage", "commission 0.1 %, no slippage"]
    assert (found.coverage.mornings, found.coverage.with_flows) == (51, 51)
    assert 0 < found.coverage.with_statements_first <= found.coverage.with_statements_last
    assert {(rule.group, rule.kind) for rule in found.unproven} >= {("aggressive", "entry")}
    said = "\n".join(found.notes)
    assert "costs: from 2025-11-04 no commission" in said
    assert re.search(r"no certificate: entry .*; run `jstock strategies check (--all|SimpleScorer)`", said)
    assert "survivorship: 51 of 51 mornings chose among the stocks of today's monitor list" in said
    (new / "data" / "universe").mkdir()
    shutil.copy(new / "data" / "monitor_list.json", new / "data" / "universe" / "2025-12-30.json")
    again = run_backtest(open_desk(new, now=MORNING), "2025-12-29", "2026-01-20", group=["aggressive"])
    assert again.hindsight == 2, "the mornings of 2025-12-29 and 2025-12-30, decided before that universe"
    with pytest.raises(UsageError, match='there is no group "nobody"'):
        run_backtest(open_desk(new, now=MORNING), "2025-11-04", "2026-01-20", group=["aggressive", "nobody"])


def test_every_group_is_counted_and_judged_by_all_trials(new):
    desk = open_desk(new, now=MORNING)
    run_backtest(desk, "2025-10-01", "2026-01-20", group="aggressive", changes={"entry.buy_threshold": 70})
    found = run_backtest(desk, "2025-10-01", "2026-01-20")
    assert found.tally.trials == 3
    deflated = found.chance["conservative"].deflated
    assert deflated.sharpe == pytest.approx(found.records["conservative"].own.sharpe)
    assert 0 < deflated.deflated < deflated.probabilistic < 1
    assert deflated.luck > 0
    assert found.chance["conservative"].alpha.low < found.records["conservative"].against.alpha
    again = run_backtest(desk, "2025-10-01", "2026-01-20").as_json()
    assert (again["trials"], again["chance"]["whole"]["deflated"]["trials"]) == (3, 3)


def test_a_holdout_is_kept_out(new, capsys):
    desk = open_desk(new, now=MORNING)
    declare_holdout(TrialLedger.of(desk.workspace), date(2026, 1, 5), desk.clock(), "aki")
    status, said = answered(new, capsys, "-g", "conservative", "--no-luck")
    assert status == ExitStatus.OK
    assert "2025-12-01 to 2025-12-30" in said.out
    assert "holdout: sessions from 2026-01-05 on are kept back" in said.out


def test_a_full_disk_costs_the_count_and_not_the_result(new, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("jstock_core.state.trials.store.make_private_folder", full)
    found = run_backtest(open_desk(new, now=MORNING), "2025-12-01", "2026-01-20", group="conservative")
    assert found.notes[-1].startswith("NOT COUNTED among the trials: the trial ledger cannot be written")
    assert found.chance["conservative"].deflated.trials == 1


def test_a_failed_certificate_is_said(new):
    desk = open_desk(new, now=MORNING)
    rule = desk.groups[0].entry
    passed = Check("causality", False, "8 cuts")
    add_certificate(
        desk.workspace.certificates,
        Certificate(rule_name(rule), "entry", declaration(rule), source_sha256(rule), "", {}, "0", (passed,)),
    )
    found = run_backtest(desk, "2026-01-13", "2026-01-20", group=desk.groups[0].id)
    assert found.unproven[0].failed == ("causality",)
    assert any(note.startswith(f"FAILED certificates: entry {rule.name}") for note in found.notes)


def test_a_backtest_over_a_hole_in_topix_has_metrics_and_names_it(tmp_path):
    days = tse().between(date(2025, 10, 1), date(2026, 1, 20))
    topix = np.linspace(2000, 2200, len(days))
    hole = days.index(date(2025, 12, 10))
    topix[hole] = np.nan
    stock = Stock(np.linspace(1000, 1500, len(days)).round().tolist())
    market = testing.panel({"7203": stock}, sessions=days, topix=topix.tolist())
    desk = testing.desk(tmp_path / "files", market=market, ready="fetched")
    found = run_backtest(desk, "2025-11-04", "2026-01-20", group="conservative")
    benchmark = found.records["conservative"].benchmark
    first = topix[days.index(date(2025, 10, 31))]
    assert benchmark.total_return == pytest.approx(topix[-1] / first - 1)
    assert benchmark.volatility is not None
    assert benchmark.volatility > 0
    assert found.benchmark_span.missing == (date(2025, 12, 10),)
    assert "without 2025-12-10" in found.notes[0]
    assert "NaN" not in json.dumps(found.as_json())
    assert found.as_json()["groups"]["conservative"]["lots"]["profit_factor"] == "no trades"


# Imported bars


def test_a_variant_is_the_group_with_its_keys_changed(fetched):
    desk = open_desk(fetched, now=MORNING)
    span = ("2025-12-01", "2026-01-20")
    found = try_groups(desk, *span, group="conservative", changes={"exit.stop_loss_pct": 3})
    (group,) = found.groups
    assert group.changes == ("exit.stop_loss_pct 8 -> 3",)
    assert found.orders.query("layer == 'stop_loss'").shape[0] > 0
    (note,) = [each for each in found.comparison.notes if each.startswith("no certificate as varied")]
    assert note.startswith("no certificate as varied: exit LayeredExit of conservative; keep the variant")
    assert "`jstock params promote NAME --check --dry-run`" in note
    assert desk.groups[1].changes == ()
    with pytest.raises(ParamsError, match=r"stop_los_pct: unknown key.*stop_loss_pct"):
        try_groups(desk, *span, group="conservative", changes={"exit.stop_los_pct": 3})


def answered(root, capsys, *words):
    """The exit status of `jstock backtest` and what it printed."""
    span = ("--from", "2025-12-01", "--to", "2026-01-20", "--now", MORNING)
    status = run(["backtest", *words, *span, "--workspace", str(root)])
    return status, capsys.readouterr()


def test_the_command_says_how_lucky_the_order_of_equals_was(fetched, capsys, monkeypatch):
    monkeypatch.setattr(trial_module, "SEEDS", range(4))
    words = ("-g", "conservative", "--set", "sizing.max_positions=2", "--workers")
    status, said = answered(fetched, capsys, *words, "1")
    assert status == ExitStatus.OK
    assert "ties: conservative: equal scores competed on" in said.out
    assert "4 random orders" in said.out
    assert "variant conservative: sizing.max_positions 60 -> 2" in said.out
    assert "confidence in more than chance (deflated)" in said.out
    status, refused = answered(fetched, capsys, *words, "0")
    assert (status, "workers is 0" in refused.err) == (ExitStatus.USAGE, True)
    status, together = answered(fetched, capsys, *words, "2")
    assert (status, together.out) == (ExitStatus.OK, said.out)


def test_the_command_tries_variants_of_several_groups_and_writes_tables(fetched, tmp_path, capsys):
    status, said = answered(
        fetched, capsys, "--no-luck", "-g", "aggressive", "-g", "conservative", "--set",
        "entry.buy_threshold=62", "--set", "sizing.max_positions=3", "--csv", str(tmp_path / "out"), "--json",
    )  # fmt: skip
    assert status == ExitStatus.OK, said.err
    found = json.loads(said.out)
    assert list(found["groups"]) == ["aggressive", "conservative", "whole"]
    assert found["luck"] is None
    assert "sizing.max_positions 60 -> 3" in found["changes"]["conservative"]
    names = ["equity", "trades", "orders", "positions", "cash", "metrics"]
    assert [path.rpartition("/")[2] for path in found["files"]] == [f"{name}.csv" for name in names]
    tables = {}
    for name in names:
        with (tmp_path / "out" / f"{name}.csv").open(encoding="utf-8-sig") as file:
            tables[name] = list(csv.DictReader(file))
    assert {row["group"] for row in tables["equity"]} == {"aggressive", "conservative", "whole"}
    assert tables["equity"][0]["session"] == "2025-12-01"
    assert tables["equity"][0]["known_at"] == "2025-12-01T16:30:00+09:00"
    filled = [row for row in tables["orders"] if row["outcome"] == "filled"]
    assert len(filled) >= len(tables["trades"]) > 0
    assert {row["metric"] for row in tables["metrics"]} >= {"total_return", "sharpe", "closed", "beta"}


@pytest.mark.parametrize(("words", "status", "said"), [
    (["--set", "entry.buy_threshold"], ExitStatus.USAGE, "is no KEY=VALUE"),
    (["--set", "entry.buy_threshold=170"], ExitStatus.PARAMS, "expected at most 100, got 170"),
    (["--workers", "0"], ExitStatus.USAGE, "workers is 0"),
    (["--set", "entry.buy_treshold=70"], ExitStatus.PARAMS, 'did you mean "buy_threshold"?'),
])  # fmt: skip
def test_what_cannot_be_is_said_in_a_word(fetched, capsys, words, status, said):
    found, printed = answered(fetched, capsys, "-g", "conservative", "--no-luck", *words)
    assert (found, said in printed.err) == (status, True), printed.err


def test_a_folder_that_cannot_be_written_is_named():
    with pytest.raises(WriteError, match="the tables cannot be written"):
        write_tables({}, "/dev/null/tables")


SILENT = [
    (
        {"entry.buy_threshold": 100},
        r"highest score was \d+\.\d\d, of \d{4} after .*is 100$",
    ),
    ({"filters": [{"use": "min_turnover", "yen": 10**13}]}, r"refused most by: filter min_turnover \(\d"),
    ({"initial_capital": 10_000}, r"refused most by: .*(cash|budget)"),
    ({"min_score": 100}, r"refused most by: a score under min_score \("),
]


@pytest.mark.parametrize(("changes", "why"), SILENT)
def test_a_group_that_never_trades_says_why(fetched, changes, why):
    desk = open_desk(fetched, now=MORNING)
    found = try_groups(desk, "2025-12-01", "2026-01-20", group="conservative", changes=changes)
    (note,) = found.comparison.silent
    assert note in found.sheet.notes
    assert note.startswith("conservative never traded: its entry wanted ")
    assert re.search(why, note), note


def test_the_command_says_why_a_group_never_traded(fetched, capsys):
    words = ("-g", "conservative", "--set", "entry.buy_threshold=100", "--no-luck")
    status, printed = answered(fetched, capsys, *words)
    assert status == ExitStatus.OK
    assert "conservative never traded: its entry wanted no stock; the highest score was" in printed.out
