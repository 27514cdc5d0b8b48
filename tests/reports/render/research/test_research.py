"""Tables of research."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import date
from math import inf

from jstock_core.reports.render.research.research import certificate_table, metrics_table
from jstock_core.research.certificates.certificate import Certificate, Check
from jstock_core.research.lot_metrics import LotMetrics
from jstock_core.research.performance import (
    Activity,
    BenchmarkSpan,
    MaxDrawdown,
    Metrics,
    RelativeMetrics,
    TrackRecord,
)
from tests.architecture import modules


def test_a_failed_check_stands_first_with_what_was_found():
    checks = (
        Check("causality", True, "8 cuts"),
        Check("determinism", False, "twice", ("a: 1, 2", "b: 1, 3")),
    )
    made = Certificate("Pullback", "entry", {}, "", "simulated", {}, "0", checks)
    table = certificate_table(made)
    assert table.headings[0].title == "entry Pullback"
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["determinism", "FAILED", "twice"],
        ["causality", "ok", "8 cuts"],
    ]
    assert [row[1].tone for row in table.rows] == ["loss", "gain"]
    assert table.rows[0][2].note == "a: 1, 2; b: 1, 3"


def test_metrics_stand_under_their_names():
    benchmark = Metrics(
        sessions=9, total_return=0.02, cagr=None, volatility=0.2, sharpe=None, sortino=None,
        max_drawdown=None, calmar=None,
    )  # fmt: skip
    record = TrackRecord(
        own=replace(
            benchmark,
            total_return=-0.01,
            max_drawdown=MaxDrawdown(depth=-0.05, peak=date(2025, 1, 6), trough=date(2025, 1, 9)),
        ),
        benchmark=benchmark,
        span=BenchmarkSpan(first=date(2025, 1, 6), last=date(2025, 1, 17)),
        against=RelativeMetrics(
            beta=1.5, alpha=None, correlation=None, tracking_error=None, information_ratio=None
        ),
        lots=LotMetrics(
            closed=2, win_rate=1, profit_factor=inf, average_win=1200.4, average_loss=None, expectancy=-30,
            holding_sessions=4,
        ),
        activity=Activity(turnover=2, exposure=0.5),
    )  # fmt: skip
    table = metrics_table(
        "2025", {"mine": record, "without lots": replace(record, lots=LotMetrics(closed=0))}
    )
    assert [column.title for column in table.headings] == ["2025", "mine", "without lots", "TOPIX"]
    assert [column.align for column in table.headings] == ["left", "right", "right", "right"]
    shown = {row[0].text: [cell.text for cell in row[1:]] for row in table.rows}
    assert shown["total return"] == ["−1.00 %", "−1.00 %", "+2.00 %"]
    assert shown["volatility"] == ["20.00 %", "20.00 %", "20.00 %"]
    assert shown["max drawdown"] == ["−5.00 %", "−5.00 %", "0.00 %"]
    assert shown["  to trough"] == ["2025-01-09", "2025-01-09", ""]
    assert shown["closed lots"] == ["2", "0", ""]
    assert shown["profit factor"] == ["infinite", "no trades", ""]
    assert shown["average win"] == ["¥1,200", "-", ""]
    assert shown["expectancy"] == ["−¥30", "-", ""]
    assert shown["alpha"] == ["-", "-", ""]


def test_what_is_missing_is_said_by_one_rule():
    """Of `base.words`: "-" for what is not known or defined, and a word with the thing for none of it."""
    shown = ("reports.render", "desk.lab", "desk.past", "desk.sweeps", "research.frames")
    said = {
        (module.name, node.value)
        for module in modules()
        if module.name.startswith(shown)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        and node.value.casefold() in {"n/a", "none", "nothing"}
    }  # fmt: skip
    assert said == set()
