"""The lab: a copy to try things on, in which nothing is forgotten and from which nothing comes back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from jstock_core import testing
from jstock_core.base.errors import DataError, ParamsError, UsageError
from jstock_core.decide.groups import read_groups
from jstock_core.desk.day.day import run_day
from jstock_core.desk.lab.lab import open_lab
from jstock_core.desk.past.backtests import run_backtest
from jstock_core.desk.trials.holdout import declare_holdout
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.market.calendar import tse
from jstock_core.signals.language.registry import SHARED
from jstock_core.state.accounts.valuation import equity_curve
from jstock_core.state.facts.events import Decided, OrderPlaced
from jstock_core.testing import Stock
from tests.desk.days import MORNING, D, T

RULE = """
import numpy as np
from jstock_core.signals.language.registry import entry
from jstock_core.signals.language.entry import Entry, EntryOpinions

@entry("Everything")
class Everything(Entry):
    '''Buy everything that trades.'''
    def evaluate(self, view):
        none = np.full(view.shape, np.nan)
        return EntryOpinions(view.has_bar, none, none, view.has_bar * 0.9, {}, lambda row, n: "it trades")
"""
DECLARED = {
    "name": "Everything",
    "initial_capital": 50_000_000,
    "entry": {"use": "Everything"},
    "exit": [{"layer": "stop_loss", "loss_pct": 8}],
    "sizing": {"use": "equal_weight", "max_positions": 5, "max_position_pct": 20},
}


FEATURE = """
from jstock_core.rules import feature

@feature("over_ten_bars", unit="percent", needs=11)
def over_ten_bars(bars):
    '''The gain over ten bars.'''
    return 100 * (bars.close / bars.close.ago(10) - 1)
"""


def contents(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_the_desk_is_not_touched_but_for_the_count_of_trials(desk):
    before = contents(desk)
    lab = open_lab(desk, now=MORNING).with_rules(RULE)
    lab.morning(lab.backtest([lab.group("all", DECLARED)], "2026-01-05"))
    lab.check("Everything")
    after = contents(desk)
    assert after.pop("data/trials.sqlite")
    assert after == before


def test_every_try_is_counted_once_in_the_desk_for_all_labs(new):
    lab = open_lab(new, now=MORNING)
    span = "2025-12", "2025-12"
    lab.backtest(["conservative", "aggressive"], *span)
    lab.backtest("conservative", *span, costs={"commission_pct": 1})
    assert lab.ledger.count() == 2
    again = open_lab(new, now=MORNING).with_rules(RULE)
    variant = again.group("conservative").but(entry__buy_threshold=70)
    again.evaluate([variant, again.group("all", DECLARED)], *span)
    assert again.backtest(variant, *span).tally.trials == 4
    rewritten = again.with_rules(RULE.replace("0.9", "0.8"))
    found = rewritten.backtest([rewritten.group("all", DECLARED), "conservative"], *span)
    assert found.tally.trials == 5, "the rule is another one; the built-in rules of the other group are not"
    sets = {"entry.buy_threshold": [55, 70, 75], "exit.stop_loss_pct": [8, -1]}
    sweep = lab.sweep("conservative", sets, *span)
    assert sweep.tally.trials == 6, "one of the sets is new, two were tried, three are not valid"
    assert {trial.kind for trial in lab.ledger.trials()} == {"backtest", "set"}


def test_a_holdout_is_kept_out_of_all_that_a_lab_finds(new):
    first = date(2025, 12, 1)
    lab = open_lab(new, now=MORNING)
    declare_holdout(lab.ledger, first, lab.desk.clock(), "aki")
    trial = lab.backtest("conservative", "2025-11")
    assert trial.done.last == date(2025, 11, 28)
    assert "holdout: sessions from 2025-12-01 on are kept back" in trial._repr_mimebundle_()["text/plain"]
    sweep = lab.sweep("conservative", {"exit.stop_loss_pct": [6, 8]}, "2025-11")
    assert sweep.table.sessions[-1] == date(2025, 11, 28)
    assert any(each.startswith("holdout:") for each in sweep.warnings)
    with pytest.warns(UserWarning, match="sessions from 2025-12-01 on are kept back"):
        (found,) = lab.evaluate([lab.group("conservative")], "2025-11")
    assert found.record.own.sessions == len(tse().between(date(2025, 11, 1), date(2025, 11, 28)))
    with pytest.warns(UserWarning, match="sessions from 2025-12-01 on are kept back"):
        known = lab.factor("momentum_20").ic(horizon=1)["known_at"].max()
    assert known.date() == date(2025, 11, 28)
    with pytest.raises(UsageError, match="lies in the holdout, which begins on 2025-12-01"):
        lab.backtest("conservative", "2025-12")


@pytest.mark.parametrize("span", [("2026", "2026"), ("2026-01",), ("2026-01-01", "2026-01"), ("2026-01-03",)])
def test_a_span_of_which_a_holdout_leaves_nothing_is_refused_by_its_name(new, span):
    """2026 begins with days that are no sessions; the first one is kept back."""
    lab = open_lab(new, now=MORNING)
    declare_holdout(lab.ledger, date(2026, 1, 5), lab.desk.clock(), "aki")
    sets = {"exit.stop_loss_pct": [6, 8]}
    for verb in (
        lambda: lab.backtest("conservative", *span),
        lambda: lab.evaluate("conservative", *span),
        lambda: lab.sweep("conservative", sets, *span),
        lambda: lab.knobs("conservative", *span),
    ):
        with pytest.raises(UsageError, match="lies in the holdout, which begins on 2026-01-05"):
            verb()


def test_a_rule_is_written_named_and_certified(new):
    lab = open_lab(new, now=MORNING).with_rules(RULE)
    assert lab.desk.settings.plugins == ("params/my_rules.py",)
    assert lab.desk.workspace.inside("params/my_rules.py").read_text(encoding="utf-8") == RULE
    found = lab.check("Everything")
    assert (found.rule, found.kind) == ("Everything", "entry")
    assert "causality" not in found.failed


def test_a_rule_may_be_written_again(new):
    lab = open_lab(new, now=MORNING).with_rules(RULE)
    again = lab.with_rules(RULE.replace("Everything", "Whatever"))
    assert again.desk.settings.plugins == ("params/my_rules.py",)
    assert again.group("all", {**DECLARED, "entry": {"use": "Whatever"}})
    assert lab.group("all", DECLARED), "the lab from before has its rules still"
    with pytest.raises(ParamsError, match="unknown entry 'Everything'"):
        again.group("all", DECLARED)


def test_plug_ins_and_the_files_beside_them_are_copied(new):
    place = new / "own"
    place.mkdir()
    (place / "helper.py").write_text("PRICE = 5\n", encoding="utf-8")
    (place / "mine.py").write_text("from .helper import PRICE\n" + RULE, encoding="utf-8")
    with (new / "params" / "desk.yaml").open("a", encoding="utf-8") as file:
        file.write("\nplugins: [own/mine.py]\n")
    lab = open_lab(new, now=MORNING)
    assert lab.group("all", DECLARED).entry.name == "Everything"
    assert lab.desk.rules.root != new


def test_comments_of_the_parameters_stay(new):
    before = (new / "params" / "desk.yaml").read_text(encoding="utf-8").splitlines()
    lab = open_lab(new, now=MORNING).with_rules(RULE)
    after = lab.desk.workspace.desk_yaml.read_text(encoding="utf-8").splitlines()
    assert [line.split("#")[1:] for line in before if "#" in line] == [
        line.split("#")[1:] for line in after if "#" in line
    ]


def test_a_rule_that_cannot_be_read_is_an_error(new):
    with pytest.raises(ParamsError, match="my_rules") as caught:
        open_lab(new, now=MORNING).with_rules("import nothing_of_the_kind\n", "my_rules.py")
    assert "my_rules.py:1" in caught.value.where or "nothing_of_the_kind" in caught.value.what


def test_an_unknown_rule_is_not_checked(new):
    with pytest.raises(UsageError, match="no rule to check"):
        open_lab(new, now=MORNING).check("Evrything")


def test_a_trial_is_the_desks_backtest(new):
    lab = open_lab(new, now=MORNING)
    groups = [group for group in lab.desk.groups if group.id == "conservative"]
    trial = lab.backtest(groups, "2026-01-05", "2026-01-16")
    desks = run_backtest(open_desk(new, now=MORNING), "2026-01-05", "2026-01-16", group="conservative")
    assert trial.comparison == replace(desks, proof=None)  # a trial is proven on request


def test_the_morning_follows_the_trial(new):
    """Orders for T on the positions that the backtest left at D."""
    lab = open_lab(new, now=MORNING).with_rules(RULE)
    trial = lab.backtest([lab.group("all", DECLARED)], "2026-01-05")
    assert trial.done.last == D
    day = lab.morning(trial)
    assert (day.trade_date, day.intent, day.status) == (T, "preview", "complete")
    decided = [event.session for event in day.events if isinstance(event, Decided)]
    assert decided[-2:] == [D, T]
    assert trial.done.book.groups["all"].lots
    held = {line.code for line in day.report.portfolio.held}
    assert held == set(trial.done.book.groups["all"].lots)
    assert day.report.performance.sessions[-1] == D
    ordered = [event for event in day.events if isinstance(event, OrderPlaced) and event.session == T]
    assert {order.evaluated for order in ordered} <= {D}


def test_the_morning_of_a_trial_that_ended_early_is_at_its_own_end(new):
    """What came later is neither seen nor counted: no later session in the curve, no later universe."""
    lab = open_lab(new, now=MORNING).with_rules(RULE)
    group = lab.group("all", DECLARED)
    short = lab.backtest([group], "2025-12-01", "2025-12-19")
    day = lab.morning(short)
    assert (day.trade_date, day.report.performance.sessions[-1]) == (date(2025, 12, 22), date(2025, 12, 19))
    whole = lab.backtest([group], "2025-12-01", "2025-12-22")
    ordered = [event for event in day.events if isinstance(event, OrderPlaced)]
    assert [(o.session, o.code, o.side, o.shares) for o in ordered] == [
        (o.session, o.code, o.side, o.shares) for o in whole.done.orders
    ]
    curve = equity_curve(short.done.book, short.panel)
    assert curve.sessions[-1].item() == date(2025, 12, 19)
    assert day.report.portfolio.whole.equity == round(curve.whole.equity[-1])


def test_a_split_after_the_trials_end_does_not_double_its_shares(tmp_path):
    """Held on the last day, 1:2 a week later: the next morning still shows one share for one."""
    days = tse().between(date(2025, 11, 4), date(2026, 1, 20))
    ex = date(2025, 12, 18)
    price = [1000.0 if day < ex else 500.0 for day in days]
    market = testing.panel(
        {"7203": Stock(price, splits={str(ex): 0.5}), "6758": Stock([2000.0] * len(days))}, sessions=days
    )
    made = testing.desk(tmp_path / "files", market=market, ready="fetched")
    lab = open_lab(made.workspace.root, now=MORNING).with_rules(RULE)
    trial = lab.backtest([lab.group("all", DECLARED)], "2025-12-01", "2025-12-11")
    day = lab.morning(trial)
    held = {line.code: line.shares for line in day.report.portfolio.held}
    assert held == {code: sum(lot.shares for lot in lots) for code, lots in held_lots(trial).items()}
    assert day.report.portfolio.whole.equity == DECLARED["initial_capital"]
    over = lab.morning(lab.backtest([lab.group("all", DECLARED)], "2025-12-01", "2025-12-17"))
    assert (over.trade_date, over.report.portfolio.whole.equity) == (ex, DECLARED["initial_capital"])


def held_lots(trial):
    return trial.done.book.groups["all"].lots


def test_a_trial_to_the_last_session_there_may_be_has_no_morning_yet(new):
    lab = open_lab(new, now=MORNING)
    trial = lab.backtest(lab.desk.groups[:1], "2026-01-13", T)
    with pytest.raises(UsageError, match="too far ahead"):
        lab.morning(trial)


def test_evaluate_watches_the_universe_of_each_day(new):
    """Groups evaluated together buy what a single trial of each buys."""
    folder = new / "data" / "universe"
    folder.mkdir(parents=True)
    codes = open_desk(new, now=MORNING).monitored
    for day, some in (("2025-11-28", codes[:10]), ("2025-12-19", codes[10:30])):
        (folder / f"{day}.json").write_text(json.dumps({"tickers": list(some)}), encoding="utf-8")
    lab = open_lab(new, now=MORNING).with_rules(RULE)
    group = lab.group("all", DECLARED)
    (found,) = lab.evaluate([group], "2025-12-01", "2026-01-09")
    trial = lab.backtest([group], "2025-12-01", "2026-01-09")
    assert found.orders == trial.done.orders
    assert found.record == trial.comparison.records["all"]
    assert {order.code for order in found.orders} <= set(codes[:30])


def test_its_own_groups_decide_as_on_the_desk(new):
    """Over the desk's own history the lab places the desk's orders."""
    lab = open_lab(new, now=MORNING)
    assert lab.desk.groups == read_groups(new / "params" / "groups", SHARED)
    first = lab.desk.calendar.back(T, lab.desk.settings.history_sessions)
    day = lab.morning(lab.backtest(lab.desk.groups, first))
    ran = run_day(open_desk(new, now=MORNING))
    orders = [
        [event for event in events if isinstance(event, OrderPlaced)] for events in (day.events, ran.events)
    ]
    assert [(o.session, o.group, o.code, o.side, o.shares) for o in orders[0]] == [
        (o.session, o.group, o.code, o.side, o.shares) for o in orders[1]
    ]


def test_a_sampler_that_there_is_not_is_refused_by_name(desk):
    sets = {"exit.stop_loss_pct": [4, 8]}
    with pytest.raises(UsageError, match="no sampler 'foo'") as refused:
        open_lab(desk, now=MORNING).sweep("conservative", sets, "2026-01-05", random=2, sampler="foo")
    assert refused.value.do == "use chance or optuna"


def test_a_sweep_in_the_lab_goes_on_where_it_was_interrupted(desk):
    lab = open_lab(desk, now=MORNING)
    sets = {"entry.buy_threshold": [55, 60], "exit.stop_loss_pct": [4, 8]}
    part = lab.sweep("conservative", sets, "2026-01-05", random=2)
    whole = lab.sweep(lab.group("conservative"), sets, "2026-01-05")
    assert len(part.frame) == 2
    assert len(whole.frame) == 4
    kept = {each.key: each.seconds for each in part.table.results}
    assert sum(kept.get(each.key) == each.seconds for each in whole.table.results) == 2
    alone = lab.backtest(
        lab.group("conservative").but(**{k.replace(".", "__"): v for k, v in whole.best().values.items()}),
        "2026-01-05",
    )
    assert alone.comparison.records["conservative"].own.total_return == whole.best().figures["total_return"]


def test_a_feature_of_ones_own_is_shown_listed_and_certified(desk):
    lab = open_lab(desk, now=MORNING).with_rules(FEATURE)
    code = lab.panel.codes[0]
    shown = lab.features(["close", "over_ten_bars"], code)
    gain = 100 * (shown["close"] / shown["close"].shift(10) - 1)
    assert (shown["over_ten_bars"] - gain).abs().max() < 1e-8
    assert shown["over_ten_bars"].isna().sum() == 10
    listed = lab.feature_list().iloc[-1]
    assert listed.tolist() == ["over_ten_bars", "percent", "The gain over ten bars", 11, ""]
    assert not lab.factor("over_ten_bars").ic().empty
    mine = lab.desk.rules.features["over_ten_bars"]
    assert lab.features(mine, code)["over_ten_bars"].equals(shown["over_ten_bars"])
    assert lab.check("over_ten_bars").passed
    with pytest.raises(UsageError, match='did you mean "over_ten_bars"'):
        lab.features("over_ten_bar")


def test_what_is_given_wrongly_is_told(fetched: Path):
    lab = open_lab(fetched, now=MORNING)
    with pytest.raises(UsageError, match="1021 is a number, and a stock code is text") as caught:
        lab.prices([1021])
    assert caught.value.do == 'write it as "1021"'
    with pytest.raises(UsageError, match="1021 is a number"):
        lab.prices(1021)
    with pytest.raises(UsageError, match="'x' is no Sweep") as caught:
        lab.walk_forward("x", "1Y", "3M")
    assert "lab.sweep" in caught.value.do


def test_a_span_after_the_labs_time_or_before_its_data_is_told_as_that(fetched: Path):
    lab = open_lab(fetched, now=MORNING)
    with pytest.raises(UsageError, match="no session from 2026-02-01 on is known to the lab") as caught:
        lab.backtest("conservative", "2026-02", "2026-03")
    assert "the last session known is 2026-01-20" in caught.value.where
    with pytest.raises(DataError, match="no data for all of 2010-01-") as caught:
        lab.backtest("conservative", "2010", "2012")
    assert caught.value.where.startswith("bars are stored from ")


def test_of_a_year_in_which_the_data_begin_what_there_is_is_tried(fetched: Path):
    lab = open_lab(fetched, now=MORNING)
    oldest = tse().next(lab.panel.session(0))
    year, month = f"{oldest:%Y}", f"{oldest:%Y-%m}"
    assert lab.backtest("conservative", year, month).done.first == oldest
    assert lab.backtest("conservative", month, month).done.first == oldest
    assert lab.backtest("conservative", year, year).done.first == oldest
    with pytest.raises(DataError, match="no data for all of") as caught:
        lab.backtest("conservative", f"{year}-01-01", month)
    assert caught.value.where.endswith(
        f"a trade date needs those of the session before, so the first possible one is {oldest}"
    )


def test_of_a_year_in_which_the_data_end_what_there_is_is_tried(tmp_path: Path):
    """As on a desk whose newest files were not imported yet."""
    market = testing.panel({"6758": 2000.0, "7203": 1000.0}, sessions=300, last="2025-11-28")
    made = testing.desk(tmp_path / "desk", market=market, now="2026-01-21T07:00", ready="fetched")
    lab = open_lab(made.workspace.root, now="2026-01-21")
    for span in (("2025-10-01",), ("2025", "2025"), ("2025-11", "2025-11")):
        assert lab.backtest("conservative", *span).done.last == date(2025, 11, 28)
    assert lab.backtest("conservative", "2025", "2025-12-01").done.last == date(2025, 12, 1)
    for end in ("2025-12-02", "2025-12-30", "2025-12", "2026"):
        with pytest.raises(DataError, match="no data for all of"):
            lab.backtest("conservative", "2025", end)


def test_a_factor_of_one_stock_says_how_many_it_needs(fetched: Path):
    lab = open_lab(fetched, now=MORNING)
    with pytest.raises(UsageError, match="1 stock to compare, and a session is compared where 5 stocks"):
        lab.factor("rsi", lab.panel.codes[0])


@pytest.mark.parametrize(
    "span", [("2009", "2009"), ("2005-01-05", "2021-02-01"), ("2026-01-05", "2035-01-01")]
)
def test_of_a_span_beyond_the_calendar_the_data_that_there_is_is_named(fetched: Path, span: tuple[str, str]):
    lab = open_lab(fetched, now=MORNING)
    with pytest.raises(DataError, match="no data for all of 20") as caught:
        lab.backtest("conservative", *span)
    assert caught.value.where.startswith("bars are stored from ")
    if "-" in span[0]:  # the command takes dates only
        with pytest.raises(DataError, match=f"no data for all of {span[0]} to {span[1]}"):
            run_backtest(lab.desk, *span)
