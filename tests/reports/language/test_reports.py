"""Every sentence that reaches a report has a Japanese form: those of simulated mornings, with guards."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass

import pytest

from jstock_core.decide import read_signals, read_skipped
from jstock_core.desk.day.day import ReportedDay, run_day
from jstock_core.desk.workspace.desk import Desk
from jstock_core.reports.language.catalogue import read_catalogue
from jstock_core.state.facts.events import Decided, OrderCancelled, OrderExpired, OrderPlaced

JAPANESE = read_catalogue("ja").sentences
GUARDED = {
    "conservative": {
        "initial_capital": 30_000_000,
        "entry.buy_threshold": 55,
        "filters": [
            {"use": "min_turnover", "mode": "shadow", "yen": 900_000_000},
            {"use": "sector_cap", "mode": "enforce", "positions": 1},
            {"use": "price_range", "mode": "enforce", "low": 300, "high": 7000},
            {"use": "atr_ratio_band", "mode": "shadow", "low_pct": 2, "high_pct": 3},
            {"use": "earnings_within", "mode": "enforce", "days": 10},
            {"use": "cool_down", "mode": "enforce", "sessions": 9},
        ],
        "protections": [
            {"use": "market_trend", "mode": "shadow", "average": 20},
            {"use": "drawdown", "mode": "shadow", "depth_pct": 1, "sessions": 20},
            {"use": "stop_streak", "mode": "shadow", "stops": 1, "sessions": 5, "pause": 5},
        ],
    },
    "aggressive": {
        "entry": {
            "use": "Vote",
            "of": [{"use": "SimpleScorer"}, {"use": "IchimokuStoch"}, {"use": "MACDCrossover"}],
            "threshold": 0.5,
        },
        "exit": {"use": "ADXTrendExhaustion"},
    },
}
SENTENCES = {
    "text", "remedy", "reason", "reasons", "why_not", "note", "missing", "verdict", "outcome", "state",
    "what", "do", "costs", "condition", "unknown", "neutral", "title", "why", "detail", "why_no_order",
    "order", "decided", "notes", "lacking", "summary", "when",
}  # fmt: skip
"""Fields of the report that hold what the core says."""


@pytest.fixture(scope="module")
def day(shared_desk: Callable[..., Desk]) -> ReportedDay:
    desk = shared_desk(now="2026-01-21T07:00", ready="fetched", history_sessions=40, changes=GUARDED)
    return run_day(desk, "2026-01-21")


def said(value: object, name: str = "") -> Iterator[str]:
    """The sentences of a report, found by the names of its fields."""
    if is_dataclass(value):
        for field in fields(value):
            yield from said(getattr(value, field.name), field.name)
    elif isinstance(value, tuple):
        for item in value:
            yield from said(item, name)
    elif isinstance(value, str) and name in SENTENCES:
        yield value


def is_shown(text: str) -> bool:
    """Whether nothing of it stays English but names, ids and commands."""
    shown = re.sub(r"`[^`]*`", "", JAPANESE.show(text))
    return JAPANESE.knows(text) and re.search("[a-z]{3,} [a-z]{2,}", shown) is None


def test_every_sentence_of_the_report_is_shown_in_japanese(day: ReportedDay) -> None:
    templates = "{"  # the reasons of measures, whose places the page fills
    found = {t for t in said(day.report) if re.search("[A-Za-z]{2}", t) and templates not in t}
    assert len(found) > 100
    assert {text for text in found if not is_shown(text)} == set()


def test_every_sentence_of_the_journal_is_shown_in_japanese(day: ReportedDay) -> None:
    found: set[str] = set()
    for event in day.events:
        match event:
            case Decided():
                found |= {signal.reason for signal in read_signals(event)}
                found |= {skip.reason for skip in read_skipped(event)}
            case OrderPlaced() | OrderExpired() | OrderCancelled():
                found.add(event.reason)
            case _:
                pass
    assert len(found) > 200
    assert {text for text in found if not is_shown(text)} == set()
