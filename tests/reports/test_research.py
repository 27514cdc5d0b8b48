"""Tables of research."""

from __future__ import annotations

from jstock_core.reports.render.research import certificate_table, metrics_table
from jstock_core.research.certificates import Certificate, Check


def test_a_failed_check_is_seen_with_what_was_found():
    checks = (
        Check("causality", True, "8 cuts"),
        Check("determinism", False, "twice", ("a: 1, 2", "b: 1, 3")),
    )
    made = Certificate("Pullback", "entry", {}, "", "simulated", {}, "0", checks)
    table = certificate_table(made)
    assert table.columns[0].title == "entry Pullback"
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["causality", "ok", "8 cuts"],
        ["determinism", "FAILED", "twice"],
    ]
    assert [row[1].tone for row in table.rows] == ["gain", "loss"]
    assert table.rows[1][2].note == "a: 1, 2; b: 1, 3"


def test_metrics_stand_under_their_names():
    table = metrics_table("2025", ("mine", "TOPIX"), [("CAGR", "+1.00 %", "+2.00 %"), ("alpha", "n/a", "")])
    assert [column.title for column in table.columns] == ["2025", "mine", "TOPIX"]
    assert [column.align for column in table.columns] == ["left", "right", "right"]
    assert table.rows[1][2].text == ""
