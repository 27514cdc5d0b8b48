"""Every check of market data before a decision, as a table, and what they find together.

What blocks a stock is not traded on elsewhere either: settlement does not trust its bar (`bars.py`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from jstock_core.data.checks.delivery import check_delivery
from jstock_core.data.checks.documents import check_statements
from jstock_core.data.checks.findings import SEVERITIES, CheckedMarket, DataRule, Finding
from jstock_core.data.checks.flows import check_flow_rows, check_flow_span
from jstock_core.data.checks.stocks import (
    check_bars,
    check_ended,
    check_limits,
    check_listed,
    check_ticks,
    check_units,
)
from jstock_core.data.checks.whole import (
    check_last_session,
    check_left_out,
    check_sessions,
    check_topix,
)
from jstock_core.market.panel import Panel


def check_panel(panel: Panel, *, through: date, whole: Panel | None = None) -> tuple[Finding, ...]:
    """Check a panel that is to be decided on after the session `through`.

    `whole` is the same market as stored: a stock whose first bar is only there was not listed yet.
    Findings come most severe first. Rows after `through` are checked too; a panel for a decision has none.
    """
    market = CheckedMarket(panel, through, panel if whole is None else whole)
    rules = DATA_RULES if len(panel.sessions) else DATA_RULES[:1]
    found = (replace(each, rule=rule.name) for rule in rules for each in rule.find(market))
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity)))


DATA_RULES: tuple[DataRule, ...] = (
    DataRule(
        "last session",
        "the last session has bars of the stocks that traded lately",
        ("stop",),
        lambda market: check_last_session(market.panel, market.through),
        "6098 ended a day before the 60 other stocks of one delivery",
    ),
    DataRule(
        "sessions",
        "the rows are TSE's sessions, each once and in order",
        ("stop", "info"),
        lambda market: check_sessions(market.panel),
        "2020-10-01, a session without any trade, has empty rows",
    ),
    DataRule(
        "bars",
        "a bar is what can have been traded: its prices in order, inside every limit, its factor as the jump",
        ("block", "info"),
        lambda market: check_bars(market.panel),
        "7203 on 2021-09-29 fell from 10,385 to 2,073 yen: a split, which has its factor",
    ),
    DataRule(
        "tick grid",
        "prices lie on the tick grid that was in force for the stock",
        ("block", "warn", "info"),
        lambda market: check_ticks(market.panel),
        "prices adjusted backward for the split of 1822 on 2025-03-28 lie on no grid",
    ),
    DataRule(
        "trading unit",
        "volumes are multiples of the trading unit",
        ("block", "info"),
        lambda market: check_units(market.panel),
        "1306 trades in units of 10, 1321 and 1357 of 1",
    ),
    DataRule(
        "limits",
        "openings lie inside the daily limit",
        ("info",),
        lambda market: check_limits(market.panel),
        "1514 on 2024-03-13, after two sessions at the limit",
    ),
    DataRule(
        "stocks",
        "every monitored stock has bars",
        ("block",),
        lambda market: check_listed(market.panel, market.whole),
    ),
    DataRule(
        "stale codes",
        "the rows of a stock reach the last session",
        ("warn",),
        lambda market: check_ended(market.panel),
        "6098 ended on 2026-01-14, the other stocks on 2026-01-15",
    ),
    DataRule(
        "TOPIX",
        "the benchmark has a possible level in every session from its first",
        ("stop", "warn", "info"),
        lambda market: check_topix(market.panel, market.through),
        "TOPIX began on 2021-02-04, the stocks on 2021-01-12",
    ),
    DataRule(
        "master",
        "every stock with bars has a row in master",
        ("warn",),
        lambda market: check_left_out(market.panel),
    ),
    DataRule(
        "delivery",
        "a stock has a row in every session from its first to its last, and a name",
        ("warn", "info"),
        lambda market: check_delivery(market.panel),
        "167A begins on 2024-04-01; 1801 was called Stock_1801; 1514 was at its limit on 2024-03-11",
    ),
    DataRule(
        "statements",
        "documents report ended periods in yen, one for each period, on the basis of their day's shares",
        ("warn", "info"),
        lambda market: check_statements(market.panel),
        "7203 of 2021-08-04 counts the shares after its split of 2021-09-29; of 2021-05-31 it corrects",
    ),
    DataRule(
        "flows",
        "investors add up to the whole, in thousand yen, and no week is missing or early",
        ("warn", "info"),
        lambda market: (*check_flow_rows(market.panel.flows), *check_flow_span(market.panel)),
        "the week to 2025-10-10 was published on 2025-10-17 for a holiday; flows of 13 weeks only",
    ),
)
"""Every check of market data, the one of the last session first."""
