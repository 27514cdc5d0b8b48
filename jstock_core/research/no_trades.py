"""Reasons why a group never placed an order in a backtest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

import numpy as np

from jstock_core.base.words import number, plural
from jstock_core.decide import Conditions, decide, trusted_features
from jstock_core.decide.given.given import columns_of, shared_opinions
from jstock_core.decide.groups import Group
from jstock_core.market.panel import Bools, Panel
from jstock_core.research.backtest import Backtest, span
from jstock_core.signals.features.view import View
from jstock_core.signals.language.refusal import Refusal

MORNINGS = 250
"""Most mornings with BUY signals that are decided again to find the reasons."""
_SHOWN = 2

Monitored = Callable[[date], tuple[str, ...]]


def explain_no_trades(
    done: Backtest, panel: Panel, conditions: Conditions, monitored: Monitored
) -> Iterator[str]:
    """A sentence for each group without orders: its signals, and what refused them."""
    ordered = {order.group for order in done.orders}
    silent = [group for group in done.groups if group.id not in ordered]
    if silent:
        view = span(panel, trusted_features(panel), done.first, done.last)
        for group in silent:
            yield f"{group.id} never traded: {_why(done, group, view, conditions, monitored)}"


def _why(done: Backtest, group: Group, view: View, conditions: Conditions, monitored: Monitored) -> str:
    watched = np.zeros(view.shape, dtype=np.bool_)
    for row in range(view.shape[0]):
        watched[row, columns_of(view, monitored(view.sessions[row].astype(object)))] = True
    if not watched.any():
        return "no stock is monitored"
    wanted = shared_opinions(view, group).buy & watched
    if not wanted.any():
        return _scores(group, view, watched)
    rows = np.flatnonzero(wanted.any(axis=1)).tolist()[:MORNINGS]
    reasons: Counter[str] = Counter()
    for row in rows:
        given = replace(conditions, monitored=monitored(view.sessions[row].astype(object)))
        decided = decide(done.book.groups[group.id], view, row, group, given)
        reasons.update(_word(refusal) for skip in decided.skipped for refusal in skip.refusals)
    most = "; ".join(f"{reason} ({times:,})" for reason, times in reasons.most_common(_SHOWN))
    times, days = plural(int(wanted[rows].sum()), "time"), plural(len(rows), "morning")
    return f"its entry wanted a stock {times} on {days}; refused most by: {most or 'not known'}"


def _scores(group: Group, view: View, watched: Bools) -> str:
    """The highest score of a stock that may be bought, and the declared threshold where there is one."""
    scores = np.where(watched, shared_opinions(view, group).score, np.nan)
    if np.isnan(scores).all():
        return "its entry wanted no stock, and gave none a score: perhaps there are too few bars, or no data"
    threshold = getattr(group.entry, "buy_threshold", None)
    row, column = np.unravel_index(int(np.nanargmax(scores)), scores.shape)
    best = f"the highest score was {number(float(scores[row, column]))}"
    where = f"of {view.panel.listings[column].code} after {view.sessions[row]}"
    against = f", and buy_threshold is {threshold:g}" if isinstance(threshold, int | float) else ""
    return f"its entry wanted no stock; {best}, {where}{against}"


def _word(refusal: Refusal) -> str:
    """The reason of a refusal without the numbers of the day, so that equal reasons can be counted."""
    if refusal.title:
        return refusal.title
    reason = refusal.reason
    return next((word for start, word in _CHECKS if start in reason), reason.split(":")[0])


_CHECKS = (
    ("positions full", "no place free"),
    ("min_score", "a score under min_score"),
    ("too few bars", "too few bars"),
    ("cash", "not enough cash for a unit"),
    ("over the budget", "a unit over the budget of a position"),
)
