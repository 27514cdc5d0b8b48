"""The face of the lab: tables as of its time, trials with tables, charts and a card."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

import jstock_core as js
from jstock_core import testing
from jstock_core.base.errors import DataError, ParamsError, UsageError
from jstock_core.desk.lab.lab import Lab, open_lab
from jstock_core.desk.past.trial import Trial
from jstock_core.market.calendar import tse
from jstock_core.reports.build.decisions.paths import stock_path
from jstock_core.reports.render.explanation import verdict_table
from jstock_core.reports.render.research.chance import chance_table
from jstock_core.research.sweep.pools import SerialExecutor, WorkerPool
from jstock_core.research.ties import tie_luck
from jstock_core.state.facts.events import Filled
from jstock_core.testing import Stock
from tests.desk.days import MORNING

FIRST, LAST = "2025-10", "2025-12"


@pytest.fixture(scope="module")
def lab(fetched: Path, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    root = Path(shutil.copytree(fetched, tmp_path_factory.mktemp("lab") / "desk"))
    return open_lab(root, now=MORNING)


@pytest.fixture(scope="module")
def trial(lab: Lab) -> Trial:
    return lab.backtest(lab.group("conservative").but(exit__stop_loss_pct=6), FIRST, LAST)


def html_of(shown: object) -> str:
    bundle = shown._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/markdown", "text/plain"}
    html = bundle["text/html"]
    inside = re.sub(r"<style data-jstock>.*?</style>", "", html).replace("<br>", "<br/>")
    ET.fromstring(f"<all>{inside}</all>")
    return html


def test_notebooks_call_it_lab_and_nothing_else():
    assert js.lab is open_lab
    assert not hasattr(js, "open_lab")


def test_its_tables_end_at_its_time(lab: Lab, fetched: Path):
    """A lab that lives in November shows what the one in January shows of October, and no more."""
    earlier = open_lab(fetched, now="2025-11-05T07:00")
    time = pd.Timestamp("2025-11-05T07:00", tz="Asia/Tokyo")
    pairs = (
        (earlier.prices(), lab.prices()),
        (earlier.features(["rsi", "ema_200"]), lab.features(["rsi", "ema_200"])),
        (earlier.statements(), lab.statements()),
        (earlier.flows(), lab.flows()),
        (earlier.topix(), lab.topix()),
    )
    for then, later in pairs:
        assert then["known_at"].max() <= time < later["known_at"].max()
        pd.testing.assert_frame_equal(then, later[later["known_at"] <= time].reset_index(drop=True))


def test_tables_are_of_the_codes_asked_for(lab: Lab):
    code = lab.panel.codes[3]
    assert set(lab.prices(code)["code"]) == {code}
    assert set(lab.features("rsi", [code]).columns) == {"code", "session", "known_at", "rsi"}
    with pytest.raises(UsageError, match="no stock"):
        lab.prices("9999")
    with pytest.raises(UsageError, match='"rsi"'):
        lab.features("rsii")


def test_rules_and_features_are_listed(lab: Lab):
    rules = lab.rules().set_index("name")
    assert "buy_threshold (1 to 100)" in rules.loc["SimpleScorer", "parameters"]
    assert lab.feature_list().set_index("name").loc["ema_200", "needs"] == 200


def test_a_lab_shows_its_card(lab: Lab):
    html = html_of(lab)
    for word in ("SIMULATED", "conservative", "aggressive", "Investor flows", "2026-01-20"):
        assert word in html
    assert str(lab.source) in repr(lab)


def test_a_group_that_is_not_there_is_named(lab: Lab):
    with pytest.raises(UsageError, match='"conservative"'):
        lab.group("conservativ")


def test_months_and_years_are_spans(lab: Lab, trial: Trial):
    assert (str(trial.done.first), str(trial.done.last)) == ("2025-10-01", "2025-12-30")
    running = lab.backtest("conservative", "2026", "2026")
    assert (str(running.done.first), str(running.done.last)) == ("2026-01-05", "2026-01-20")


def test_costs_and_fills_of_a_trial_take_the_place_of_the_desks(lab: Lab):
    groups = lab.group("conservative")
    plain = lab.backtest(groups, FIRST, LAST)
    dear = lab.backtest(groups, FIRST, LAST, costs={"commission_pct": 0.5, "slippage_ticks": 2})
    assert plain.orders["fee"].sum() == 0
    filled = dear.orders[dear.orders["filled"] > 0]
    assert filled["fee"].sum() == pytest.approx(0.005 * filled["amount"].sum(), rel=1e-3)
    assert "commission 0.5 %, slippage 2 ticks" in "".join(dear.comparison.notes)
    signal = lab.backtest(groups, FIRST, LAST, fills="signal_price")
    assert {group.fills for group in signal.groups} == {"signal_price"}
    assert dear.prove(4).proof.passed
    assert signal.prove(4).proof.passed


def test_a_broker_s_table_charges_each_order_of_a_trial_by_its_value(lab: Lab):
    steps = [{"up_to": 1_500_000, "yen": 0}, {"up_to": 1_900_000, "yen": 275}, {"yen": 1_013}]
    trial = lab.backtest("conservative", FIRST, LAST, costs={"commission_steps": steps})
    filled = trial.orders[trial.orders["filled"] > 0]
    expected = [0 if yen <= 1_500_000 else 275 if yen <= 1_900_000 else 1_013 for yen in filled["amount"]]
    assert filled["fee"].tolist() == expected
    assert len(set(expected)) > 1, sorted(filled["amount"])
    assert trial.equity["cash"].min() >= 0
    assert "by the value of an order: ¥0 up to ¥1,500,000 and ¥1,013 above ¥1,900,000" in "".join(
        trial.comparison.notes
    )
    assert trial.prove(4).proof.passed


@pytest.mark.parametrize(("given", "kind", "said"), [
    ({"groups": []}, UsageError, "no group to try"),
    ({"groups": ["conservative", "conservative"]}, UsageError, "two groups are called conservative"),
    ({"groups": "conservative", "first": "2019"}, DataError, "no data for all of"),
    ({"groups": "conservative", "first": "2026", "last": "2025"}, UsageError, "lies after"),
    ({"groups": "conservative", "first": "2026-01-03", "last": "2026-01-04"}, DataError, "no session"),
    ({"groups": "conservative", "first": "2026-01-21", "last": "2026"}, UsageError, "from 2026-01-21 on"),
    ({"groups": "conservative", "costs": {"comission_pct": 1}}, ParamsError, '"commission_pct"'),
    ({"groups": "conservative", "fills": "close"}, ParamsError, "fills"),
])  # fmt: skip
def test_what_cannot_be_tried_is_said(lab: Lab, given, kind, said):
    with pytest.raises(kind, match=said):
        lab.backtest(**given)


def test_a_variant_is_tried_beside_its_base(lab: Lab):
    base = lab.group("conservative")
    both = lab.backtest([base, base.but(entry__buy_threshold=90).named("picky")], FIRST, LAST)
    assert set(both.metrics.columns) == {"conservative", "picky", "whole", "TOPIX"}
    counts = both.trades.groupby("group").size()
    assert counts["conservative"] > counts.get("picky", 0)


def test_a_trial_shows_its_card(trial: Trial):
    html = html_of(trial)
    for word in ("exit.stop_loss_pct 8 -&gt; 6", "Return against TOPIX", "Drawdown", "2025", "SIMULATED"):
        assert word in html
    assert "<svg" in html_of(trial.plot())
    assert re.search(r"TOPIX [+−]\d+\.\d %", trial.plot().plain), trial.plot().plain
    assert len(repr(trial)) < 200
    assert "matplotlib" not in html


def test_the_card_has_the_proof_once_there_is_one(trial: Trial):
    assert "mornings proven" in html_of(trial.prove(3))


def test_a_trial_shows_the_luck_of_its_ties(trial: Trial):
    found = trial.luck(3)
    html = html_of(found)
    assert "Luck of ties" in html
    assert "3 random orders" in html
    assert found.luck.spreads["conservative"]["total_return"].declared == pytest.approx(
        trial.metrics.loc["total_return", "conservative"], abs=1e-12
    )
    assert len(repr(found)) < 400
    with pytest.raises(UsageError, match="random orders"):
        trial.luck(0)


def test_the_luck_of_ties_is_the_same_with_any_workers(trial: Trial):
    seeds = range(4)
    one, with_executor, two = (
        tie_luck(trial.done, trial.view, trial.watch, seeds, workers=workers)
        for workers in (1, WorkerPool(SerialExecutor, 1), 2)
    )
    assert one.seeds == tuple(seeds)
    for other in (with_executor, two):
        assert other.frame.equals(one.frame)
        assert other.as_json() == one.as_json()


def test_a_trial_completes_its_names(trial: Trial, lab: Lab):
    assert {"equity", "trades", "orders", "positions", "metrics", "plot", "chart", "by", "explain"} <= set(
        dir(trial)
    )
    assert {"prices", "features", "statements", "flows", "topix", "rules", "feature_list"} <= set(dir(lab))


def test_candles_have_a_mark_for_each_fill(trial: Trial):
    code = trial.trades["code"].iloc[0]
    fills = [e for e in trial.done.events if isinstance(e, Filled) and e.code == code]
    html = html_of(trial.chart(code, "2025-09", "2025-12"))
    assert html.count('class="c-mark') == len(fills)
    with pytest.raises(UsageError, match="no session"):
        trial.chart(code, "1999", "1999")
    with pytest.raises(UsageError, match="no stock"):
        trial.chart("9999")


def test_candles_have_the_stop_while_it_is_held_and_the_score_of_the_morning(lab: Lab):
    """With a stop at 6 % alone it is 0.94 of the entry price, from the buy until the morning of the sale."""
    declared = {**lab.group("conservative").declared, "exit": [{"layer": "stop_loss", "loss_pct": 6}]}
    alone = lab.backtest(lab.group("conservative", declared), FIRST, LAST)
    sold = alone.trades.iloc[0]
    days = sold["opened"].date(), sold["closed"].date()
    path = stock_path(alone.done, alone.view, sold["code"], tse().previous(days[0]), days[1])
    held = tse().between(days[0], tse().previous(days[1]))
    assert dict(path.stops) == {day: pytest.approx(0.94 * sold["entry_price"]) for day in held}
    (buy,) = (o for o in alone.done.orders if o.code == sold["code"] and o.session == days[0])
    assert path.scores[buy.evaluated] == buy.score
    assert path.threshold == declared["entry"]["buy_threshold"]
    html = html_of(alone.chart(sold["code"]))
    assert html.count("<svg") == 2
    assert ">stop</text>" in html


def test_a_name_of_a_stock_is_escaped(trial: Trial, monkeypatch: pytest.MonkeyPatch):
    code = trial.trades["code"].iloc[0]
    column = trial.panel.column[code]
    listings = list(trial.panel.listings)
    listings[column] = replace(listings[column], name="<b>&")
    monkeypatch.setitem(vars(trial), "panel", replace(trial.panel, listings=tuple(listings)))
    html = html_of(trial.chart(code))
    assert "&lt;b&gt;&amp;" in html
    assert "<b>" not in html


def test_an_order_is_explained_as_it_was_decided(trial: Trial):
    order = next(order for order in trial.done.orders if order.side == "BUY")
    page = trial.explain(order.code, order.session)
    (found,) = page.explanation.groups
    assert found.verdict.action.startswith("BUY")
    assert f"{order.shares:,}" in found.verdict.order
    assert not found.notes
    html_of(page)
    sold = next(order for order in trial.done.orders if order.side == "SELL")
    (found,) = trial.explain(sold.code, str(sold.session)).explanation.groups
    assert found.verdict.order.startswith("SELL")
    with pytest.raises(UsageError, match="no trade date of this trial"):
        trial.explain(order.code, "2026-01-21")


def test_cash_of_the_start_and_all_movements_is_that_of_the_end(lab: Lab):
    """On every session, dividends, fees and all: a group begins with nothing and its capital is paid in."""
    paid = lab.backtest(["conservative", "aggressive"], "2025-03", "2025-07", costs={"commission_pct": 0.1})
    cash, equity = paid.cash, paid.equity
    assert {"deposit", "buy", "sell", "fee", "dividend"} <= {*cash["kind"]}
    for group, own in cash.groupby("group"):
        at_close = equity[equity["group"] == group].set_index("session")["cash"]
        moved = own.groupby("session")["amount"].sum().reindex(at_close.index, fill_value=0).cumsum()
        assert (moved == at_close).all()
        assert own["cash"].iloc[-1] == at_close.iloc[-1] == own["amount"].sum()
        assert own["amount"].iloc[0] == paid.done.book.groups[group].deposited
    record = paid.comparison.records["whole"]
    assert cash.loc[cash["kind"] == "dividend", "amount"].sum() == record.dividends
    fills = cash[cash["kind"].isin(["buy", "sell"])]
    assert fills["amount"].abs().sum() == paid.orders["amount"].sum()
    assert -cash.loc[cash["kind"] == "fee", "amount"].sum() == paid.orders["fee"].sum()


def test_an_explanation_says_each_reason_once(trial: Trial):
    """Where nothing was ordered because nothing was to be, the decision says why and the order does not."""
    lot = trial.positions.iloc[0] if len(trial.positions) else trial.trades.iloc[-1]
    kept = tse().next(lot["opened"].date())
    (held,) = trial.explain(lot["code"], kept).explanation.groups
    decision, order = (row for row in verdict_table(held).rows if row[0].text in ("Decision", "Order"))
    assert decision[2].text
    assert order[1].text == (held.verdict.order or "no order")
    assert order[2].text == "" or order[2].text != decision[2].text


@pytest.mark.parametrize(
    ("last", "said", "unsaid"),
    [
        ("2025-10-01", ("has 1 ", "with one they are not defined"), ()),
        ("2025-10-10", ("Sharpe against chance: needs 20 sessions", "interval of alpha: needs 60"), ()),
        ("2025-11-20", ("interval of alpha: needs 60 sessions",), ("against chance: needs",)),
        ("2026-01-15", (), ("needs", "say little")),
    ],
)
def test_a_short_span_says_what_needs_more_sessions(lab: Lab, last, said, unsaid):
    """The card says why a figure is not known, and no row of the table of chance is unknown without."""
    found = lab.backtest("conservative", "2025-10-01", last)
    text = found._repr_mimebundle_()["text/plain"]
    assert [each for each in said if each not in text] == []
    assert [each for each in unsaid if each in text] == []
    for row in chance_table(found.comparison.chance).rows:
        assert (row[1].text == "-") == (row[0].text in found.comparison.chance["conservative"].unknown)


def test_what_lies_in_the_store_and_is_not_known_yet_is_not_shown(tmp_path: Path):
    """Imported files hold later days than the lab's own."""
    days = tse().between(date(2025, 9, 1), date(2026, 1, 20))
    closes = [1000.0 + n for n in range(len(days))]
    market = testing.panel(
        {code: Stock(closes) for code in ("7203", "6758", "9984", "8306", "6501")}, sessions=days
    )
    made = testing.desk(tmp_path / "files", market=market, ready="fetched")
    lab = open_lab(made.workspace.root, now="2025-12-02T07:00")
    for table in (lab.prices(), lab.features(), lab.topix(), lab.factor("rsi").ic()):
        assert (table["known_at"] <= pd.Timestamp("2025-12-02T07:00", tz="Asia/Tokyo")).all()
    assert str(lab.prices()["session"].max().date()) == "2025-12-01"
    assert str(lab.backtest("conservative", "2025-11", "2025").done.last) == "2025-12-01"


def test_a_factor_is_of_the_lab(lab: Lab):
    found = lab.factor("momentum_20")
    assert len(found.quantiles(5)) == 5
    assert abs(found.ic()["ic"].mean()) < 0.2
    with pytest.raises(UsageError, match='"momentum_20"'):
        lab.factor("momentum")


@pytest.mark.parametrize("topix", [2000.0, float("nan")])
@pytest.mark.parametrize("span", [("2025-12", "2025"), ("2026-01-20", "2026-01-20")])
def test_one_stock_without_trades_is_shown_too(tmp_path: Path, topix: float, span: tuple[str, str]):
    """Two groups that buy nothing, over a month and over one session, with TOPIX and without."""
    days = tse().between(date(2025, 9, 1), date(2026, 1, 20))
    market = testing.panel({"7203": [1000.0 + n for n in range(len(days))]}, sessions=days, topix=topix)
    made = testing.desk(tmp_path / "files", market=market, ready="fetched")
    lab = open_lab(made.workspace.root, now=MORNING)
    trial = lab.backtest(["conservative", "aggressive"], *span)
    assert "whole" in html_of(trial)
    assert trial.equity["topix_pct"].isna().all() == (topix != topix)  # noqa: PLR0124
    assert trial.trades.empty
    assert trial.orders.empty
    assert trial.by("sector").empty
    html_of(lab)
    html_of(trial.chart("7203"))
    html_of(trial.explain("7203", "2026-01-20" if span[1] > "2026" else "2025-12-30"))
    assert lab.diff("conservative").book == "an empty book"


@pytest.mark.parametrize("value", [-1, 0, 2.5, True, "4"], ids=repr)
def test_numbers_that_cannot_be_counted_with_are_refused_in_words(lab: Lab, trial: Trial, value: object):
    for call in (trial.prove, trial.luck, lambda count: lab.prove(trial, count)):
        with pytest.raises(UsageError, match="for the number of"):
            call(value)
