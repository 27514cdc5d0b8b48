"""Knobs in a lab: a turn is the variant's backtest beside the desk's, and the orders of both."""

from __future__ import annotations

import re
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from jstock_core.base.errors import DataError, ParamsError, UsageError
from jstock_core.desk.lab.knobs import knobs as module
from jstock_core.desk.lab.knobs.front_end import has_front_end
from jstock_core.desk.lab.knobs.knobs import Knobs
from jstock_core.desk.lab.knobs.turn import Turn, trades_of
from jstock_core.desk.lab.lab import Lab, open_lab
from jstock_core.research.certificates.certificate import Certificate, Check
from tests.desk.days import MORNING, T
from tests.desk.lab.test_trial import html_of

FIRST = "2026-01-05"
RULES = ("SimpleScorer", "LayeredExit", "equal_weight")


def certificate(rule: str, *, failed: bool) -> Certificate:
    checks = (Check("causality", not failed, "8 cuts"), Check("determinism", passed=True, measured="twice"))
    return Certificate(rule, "entry", {}, "", "", {}, "", checks)


def test_a_turn_is_the_trial_of_the_variant_and_the_difference_of_orders(lab: Lab, knobs: Knobs):
    variant = lab.group("conservative").but(entry__buy_threshold=80)
    turn = knobs.turn(entry__buy_threshold=80)
    assert turn.changes == ("entry.buy_threshold 55 -> 80",)
    expected = lab.backtest(variant, FIRST)
    assert turn.variant.done.events == expected.done.events
    assert turn.desk.done.events == lab.backtest("conservative", FIRST).done.events
    assert turn.orders.changes == lab.diff(variant).changes
    assert "dropped" in {order.change for order in turn.orders.changes}
    assert turn.sheet.trade_date == T
    assert knobs.group.declared == variant.declared
    assert dict(knobs.changed) == {"entry.buy_threshold": 80}


def test_trades_gained_and_lost_add_up(knobs: Knobs):
    """What the variant won more is what it gained, less what it lost, and the moves of what both traded."""
    turn = knobs.turn(exit__stop_loss_pct=3)
    trades = turn.trades
    assert trades.moved
    moved = sum(after.gain - before.gain for before, after in trades.moved)
    change = sum(t.gain for t in trades.gained) - sum(t.gain for t in trades.lost) + moved
    before, after = (sum(t.gain for t in trades_of(trial)) for trial in (turn.desk, turn.variant))
    assert np.isclose(after - before, change)
    costs = float(turn.variant.trades["gain"].sum() + turn.variant.positions["gain"].sum())
    assert np.isclose(after, costs)


def test_knobs_as_they_stand_change_nothing(knobs: Knobs):
    now = knobs.now
    assert now.changes == ()
    assert now.variant is now.desk, "one backtest, not two"
    assert not now.orders.changes
    assert "nothing yet" in html_of(now)


def test_what_is_not_valid_leaves_the_knobs_as_they_are(knobs: Knobs):
    knobs.turn(entry__buy_threshold=70)
    with pytest.raises(ParamsError, match="at most 100"):
        knobs.turn(entry__buy_threshold=700)
    with pytest.raises(ParamsError, match="buy_treshold"):
        knobs.turn(entry__buy_treshold=60)
    assert dict(knobs.changed) == {"entry.buy_threshold": 70}
    assert knobs.reset().changes == ()
    assert not knobs.changed


def test_orders_that_cannot_be_decided_are_said_and_the_rest_is_shown(knobs: Knobs, monkeypatch):
    def stale(*_):
        raise DataError("the market data is stale", where="2026-01-20", do="fetch it")

    monkeypatch.setattr(Lab, "diff", stale)
    turn = knobs.turn(entry__buy_threshold=80)
    assert turn.sheet.trade_date is None
    html = re.sub("<[^>]+>", "", html_of(turn))  # dates have tags of their own
    assert "cannot be decided: the market data is stale; 2026-01-20; fetch it" in html
    assert "Max drawdown" in html


def test_a_card_stands_where_nobody_can_turn(knobs: Knobs):
    """As under papermill and nbval: figures, both curves, orders, and every knob with its range."""
    assert not has_front_end()
    knobs.turn(entry__buy_threshold=80)
    bundle = knobs._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/markdown", "text/plain"}
    html = html_of(knobs)
    for words in ("entry.buy_threshold 55 -&gt; 80", "turn-return", "turn-drawdown", "Orders for 2026-01-21",
                  "trades lost", "0.5 to 50, by 0.5", "loss that sells, in percent"):  # fmt: skip
        assert words in html
    assert html.count("c-whole") >= 2
    assert html.count("c-group-1") >= 2
    assert repr(knobs) == "<Knobs of conservative: entry.buy_threshold 55 -> 80>"


def test_a_sweep_around_goes_through_what_was_turned(lab: Lab):
    knobs = lab.knobs("conservative", "2026-01-13")
    knobs.turn(exit__trail=3)
    found = knobs.around(count=1)
    assert list(found.table.plan.ranges.values) == ["exit.trail", "entry.buy_threshold"]
    assert found.table.plan.ranges.values["exit.trail"] == (2.8, 3, 3.2)
    assert len(found.frame) == 9
    assert "figure" in html_of(knobs.heatmap(found))
    with pytest.raises(UsageError, match=r'no knob "exit\.trial"; did you mean "exit\.trail"'):
        knobs.around(["exit.trial"])


def test_by_default_knobs_are_tried_over_two_years(lab: Lab):
    assert lab.knobs("conservative")._span == (date(2024, 1, 21), date(2026, 1, 20))
    variant = lab.group("conservative").but(entry__buy_threshold=80)
    assert dict(lab.knobs(variant, FIRST).changed) == {"entry.buy_threshold": 80}


def test_a_candidate_is_saved_into_the_desk(desk: Path):
    knobs = open_lab(desk, now=MORNING).knobs("conservative", FIRST)
    knobs.turn(exit__stop_loss_pct=6)
    path = knobs.save("tighter")
    assert path == desk / "params" / "candidates" / "tighter.yaml"
    assert "stop_loss_pct: 6" in path.read_text(encoding="utf-8")
    with pytest.raises(ParamsError, match="cannot be the id"):
        knobs.save("../tighter")


def test_rules_are_checked_by_name(knobs: Knobs, monkeypatch):
    made = {name: certificate(name, failed=name == "equal_weight") for name in RULES}
    monkeypatch.setattr(Lab, "check", lambda _lab, name: made[name])
    found = knobs.check()
    assert found.verdicts == {"SimpleScorer": (), "LayeredExit": (), "equal_weight": ("causality",)}
    html = html_of(found)
    assert html.index("FAILED") < html.index("SimpleScorer"), "failures first"
    assert repr(found).endswith("equal_weight failed>")


@pytest.mark.parametrize("name", ["JPY_SESSION_NAME", "VOILA_KERNEL_ID", "VSCODE_PID"])
def test_a_front_end_is_known_by_who_started_the_kernel(name: str, monkeypatch):
    monkeypatch.setenv(name, "lab.ipynb")
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    assert not has_front_end(), "a script of a terminal inside JupyterLab"
    monkeypatch.setitem(sys.modules, "ipykernel", module)
    assert has_front_end()


def test_the_card_says_what_a_trade_is_beside_closed_lots(knobs: Knobs):
    said = knobs.now._repr_mimebundle_()["text/plain"]
    assert "unchanged; a trade joins the partial sales of a purchase, and counts while it is held" in said


def test_orders_are_counted_as_in_the_difference_to_the_desk(knobs: Knobs, lab: Lab):
    """Of all groups, in the same words."""
    knobs.turn(entry__buy_threshold=70)
    said = [
        line.removeprefix(f"Orders for {T}:").removeprefix("Orders:").split(";")[0].strip()
        for shown in (knobs.now, lab.diff(knobs.group))
        for line in shown._repr_mimebundle_()["text/plain"].splitlines()
        if " unchanged" in line and line.startswith("Orders")
    ]
    assert len(said) == 2
    assert said[0] == said[1]
    assert not said[0].endswith(" 0 unchanged")


def test_each_turn_counts_as_a_trial_and_the_card_says_so(desk: Path):
    """A turn to values that were tried before is none: the ledger counts each once."""
    lab = open_lab(desk, now=MORNING)
    knobs = lab.knobs("conservative", "2025-10")

    def said(turn: Turn) -> int:
        text = turn._repr_mimebundle_()["text/plain"]
        found = re.search(r"Trials: (\d+) trials? counted in this workspace; each turn", text)
        assert found is not None, text
        assert "the variant is better than that with a confidence of" in text
        return int(found[1])

    first = said(knobs.now)
    assert said(knobs.turn(entry__buy_threshold=70)) == first + 1
    assert said(knobs.turn(entry__buy_threshold=60)) == first + 2 == lab.ledger.count()
    assert said(knobs.turn(entry__buy_threshold=70)) == first + 2
