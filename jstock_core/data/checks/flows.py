"""Checks of investor flows: sums that must agree, the unit, the order of dates, missing weeks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from jstock_core.data.checks.findings import Finding, Severity
from jstock_core.market.panel import Bools, Flows, Panel

AGREEMENT = 1e-6
"""How far sums may differ in parts of the whole: vendors round to thousand yen."""
PARTS = ("Ind", "Frgn", "SecCo", "InvTr", "BusCo", "OthCo", "InsCo", "Bank", "TrstBnk", "OthFin")
"""The investors that brokers trade for."""
WEEK_IN_THOUSAND_YEN = (1e7, 1e12)
"""Between these lies what any section trades in a week, buys plus sells: 10 thousand million yen to 1,000
million million. Prime traded 7.5e10 thousand yen in the week of 2025-10-06."""
_DATES = "correct PubDate and EnDate: a row counts from its publication on"
SECTIONS = (
    "TSEPrime",
    "TSEStandard",
    "TSEGrowth",
    "TokyoNagoya",
    "TSE1st",
    "TSE2nd",
    "TSEMothers",
    "TSEJASDAQ",
)
"""J-Quants' sections, those from before 2022-04-04 last; TokyoNagoya is the whole of two markets."""
_SPAN = np.timedelta64(100, "D")
_TWO_WEEKS = np.timedelta64(11, "D")
_AGAIN = "correct it at the source and import again; scores use it as it is"


def check_flow_rows(flows: Flows) -> Iterator[Finding]:
    """Each fault once, at its newest week."""
    for severity, find, what, do in _CHECKS:
        found = find(flows)
        if found.any():
            rows = np.flatnonzero(found)
            week = np.max(flows.week_end[rows]).astype(object)
            times = f" ({len(rows)} rows, this the newest)" if len(rows) > 1 else ""
            yield Finding(severity, None, week, f"investor flows of the week to {week}: {what}{times}", do)


def check_flow_span(panel: Panel) -> Iterator[Finding]:
    """Flows that begin long after the bars: a vendor may deliver the last thirteen weeks only."""
    flows = panel.flows
    if not len(flows.published):
        return
    first, start = np.min(flows.published), panel.sessions[0]
    if first - start > _SPAN:
        what = f"investor flows begin on {first}, the bars on {start}: scores before have none"
        do = "fetch or import earlier weeks, where a backtest is to go back so far"
        yield Finding("info", None, first.astype(object), what, do)


def _is_unbalanced(flows: Flows) -> Bools:
    """More was bought or sold net than was traded."""
    found = np.zeros(len(flows.published), dtype=bool)
    for who, balance in flows.balance.items():
        found |= np.abs(balance) > np.abs(flows.total[who]) * (1 + AGREEMENT)
    return found


def _is_not_the_sum(flows: Flows) -> Bools:
    """The whole is that of members for themselves and for others, and the latter that of all investors."""
    total = flows.total
    if not {"Tot", "Prop", "Brk", *PARTS} <= total.keys():
        return np.zeros(len(flows.published), dtype=bool)
    whole = np.abs(total["Tot"])
    apart = np.abs(total["Tot"] - total["Prop"] - total["Brk"])
    within = np.abs(total["Brk"] - sum(total[who] for who in PARTS))
    found: Bools = np.maximum(apart, within) > AGREEMENT * whole
    return found


def _is_of_another_unit(flows: Flows) -> Bools:
    low, high = WEEK_IN_THOUSAND_YEN
    whole = np.abs(flows.total["Tot"]) if "Tot" in flows.total else np.full(len(flows.published), np.nan)
    found: Bools = (whole > 0) & ((whole < low) | (whole > high))
    return found


def _is_early(flows: Flows) -> Bools:
    """Published before its week was over: the dates of the week's end and of its publication are mixed up."""
    early: Bools = flows.published <= flows.week_end
    return early


def _is_of_no_section(flows: Flows) -> Bools:
    """A section that J-Quants does not name: no score reads it."""
    return np.array([section not in SECTIONS for section in flows.section.tolist()], dtype=bool)


def _is_republished(flows: Flows) -> Bools:
    """Published again for the same week and section."""
    seen: set[tuple[object, str]] = set()
    found = np.zeros(len(flows.published), dtype=bool)
    for row in np.argsort(flows.known_at, kind="stable").tolist():
        key = (flows.week_end[row].astype(object), str(flows.section[row]))
        found[row] = key in seen
        seen.add(key)
    return found


def _is_after_a_gap(flows: Flows) -> Bools:
    """The week after one that is missing in its section."""
    found = np.zeros(len(flows.published), dtype=bool)
    before: dict[str, np.datetime64] = {}
    for row in np.argsort(flows.week_end, kind="stable").tolist():
        section, week = str(flows.section[row]), flows.week_end[row]
        found[row] = week - before.get(section, week) > _TWO_WEEKS
        before[section] = week
    return found


_CHECKS: tuple[tuple[Severity, Callable[[Flows], Bools], str, str], ...] = (
    ("warn", _is_unbalanced, "more was bought or sold net than was traded", _AGAIN),
    ("warn", _is_not_the_sum, "the investors do not add up to the whole", _AGAIN),
    ("warn", _is_of_another_unit, "the amounts are not in thousand yen", _AGAIN),
    ("warn", _is_early, "it was published before the week was over", _DATES),
    ("warn", _is_of_no_section, "the section is unknown", "correct Section: scores read TSEPrime"),
    ("warn", _is_after_a_gap, "the week before it is missing", "fetch or import flows again from there"),
    ("info", _is_republished, "it was published again; the newest counts", "nothing"),
)  # fmt: skip
