"""What filters and protections said, in the report: only where they did, and without HTML of their own."""

from __future__ import annotations

from jstock_core.base.intent import Intent
from jstock_core.explain.explain import Inquiry
from jstock_core.explain.verdicts import Case, Gate
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.parts.table import Display
from jstock_core.reports.render.parts.words import ENGLISH
from jstock_core.reports.render.sections.buys import buys_section
from jstock_core.signals.language.refusal import read_refusals
from tests.explain.test_explain import CODE, COND, VIEW, group, opened
from tests.reports.mornings import T, buy_signal, decided, order, report
from tests.reports.render.parts.test_tables import pipes

PRICE = "filter price_range: close ¥990 is outside ¥1,000 to ¥5,000"
TREND = "protection market_trend: TOPIX 2,010.00 is under its 200-session average 2,100.00"


def told() -> Report:
    """core orders 6758, which a filter in shadow would refuse; alpha is paused, and its 7203 filtered."""
    return report([
        decided("alpha", T, buy_signal("6758"), buy_signal("7203"), skipped=[
            ("", "PAUSE", TREND), ("6758", "BUY", TREND), ("7203", "BUY", f"{PRICE}; filter odd: <b>; so"),
        ]),
        decided(
            "core", T, buy_signal("6758", notes=read_refusals(f"shadow: {PRICE}")),
            skipped=[("", "PAUSE", f"shadow: {TREND}")],
        ),
        order("core", "6758", "BUY", 100, reserve=120_000),
    ])  # fmt: skip


def shown(made: Report) -> Display:
    return buys_section(made, ENGLISH)


def rows(made: Report) -> list[dict[str, str]]:
    """The rows of the table of filters and protections in Markdown."""
    table = next(part for part in shown(made).markdown.split("\n\n") if "Filter or protection" in part)
    heads, _, *found = [[cell.strip() for cell in row] for row in pipes(table)]
    return [dict(zip(heads, row, strict=True)) for row in found]


def test_nothing_is_added_where_nothing_was_said() -> None:
    assert "Filter or protection" not in shown(report()).markdown
    assert 'class="rows guards"' not in shown(report()).html
    assert report().guards == ()


def test_each_says_of_which_group_and_stocks_and_whether_it_was_applied() -> None:
    found = [(r["Filter or protection"], r["Group"], r["Applied"], r["Stocks"]) for r in rows(told())]
    assert found == [
        ("protection market_trend", "alpha", "applied", "6758 ソニーグループ"),
        ("filter price_range", "alpha", "applied", "7203 トヨタ自動車"),
        ("filter odd", "alpha", "applied", "7203 トヨタ自動車"),
        ("protection market_trend", "core", "only shown", ""),
        ("filter price_range", "core", "only shown", "6758 ソニーグループ"),
    ]
    assert [r["Why"] for r in rows(told())][:2] == [TREND.split(": ")[1], PRICE.split(": ")[1]]


def test_a_rule_has_one_row_whatever_it_said_of_each_stock() -> None:
    other = PRICE.replace("¥990", "¥8,000")
    made = report([
        decided("alpha", T),
        decided("core", T, buy_signal("6758"), skipped=[("6758", "BUY", PRICE), ("9984", "BUY", other)]),
    ])  # fmt: skip
    [row] = rows(made)
    assert row["Stocks"].startswith("6758 ソニーグループ, 9984 ")
    assert row["Why"] == "given with each stock"


def test_a_pause_is_no_refused_signal() -> None:
    assert [(s.code, s.group) for s in told().execution.refused] == [("6758", "alpha"), ("7203", "alpha")]


def test_a_buy_carries_its_shadow_note_and_why_it_has_no_order() -> None:
    made = shown(told())
    for form in (made.html, made.markdown):
        assert f"shadow: {PRICE}" in form
        assert TREND.split(": ")[1] in form
    assert "<b>; so" not in made.html


# Explained


def gates(*filters: dict, protections: tuple = ()) -> dict[str, Gate]:
    """The gates of a stock that would be bought, at every score."""
    made = group({"use": "SimpleScorer", "buy_threshold": 1}, filters=[*filters], protections=[*protections])
    case = Case(made, opened(), None)
    [told] = Inquiry(VIEW, 0, (case,), COND, Intent.PREVIEW).explain(CODE).groups
    return {gate.name: gate for gate in told.gates}


def test_each_filter_is_a_gate() -> None:
    assert gates({"use": "blocked_codes", "codes": ["1999"]})["filter blocked_codes"] == Gate(
        "filter blocked_codes", True, "passes"
    )
    refused = gates({"use": "blocked_codes", "codes": [CODE]})
    assert refused["filter blocked_codes"].passed is False
    assert "size" not in refused
    shadow = gates({"use": "blocked_codes", "codes": [CODE], "mode": "shadow"})["filter blocked_codes"]
    assert shadow == Gate("filter blocked_codes", True, "shadow: blocked by the group's parameters")
    assert "filter blocked_codes" not in gates({"use": "blocked_codes", "codes": [CODE], "mode": "off"})


def test_a_pause_closes_the_gate_of_entries() -> None:
    closed = gates(protections=({"use": "market_trend", "average": 500},))["entries"]
    assert closed.passed is False
    assert closed.detail.startswith("protection market_trend: TOPIX is known for 330 of 500")
