"""What a person must know of limits: sells beyond them, and limits of the desk that were edited."""

from __future__ import annotations

from collections.abc import Iterator

from jstock_core.base.alerts import Alert, Severity
from jstock_core.decide import PAUSE, read_skipped
from jstock_core.decide.groups import declared_changes
from jstock_core.reports.model.morning import Morning
from jstock_core.state.facts.events import Decided


def find_sells_beyond_limits(morning: Morning) -> Iterator[Alert]:
    """Sells that go beyond a limit: they are ordered all the same, and a person should look at them."""
    for decided in morning.decided:
        for skip in read_skipped(decided):
            if skip.by_limit and skip.action not in ("BUY", PAUSE):
                yield Alert(
                    "sell_beyond_limit",
                    Severity.WARNING,
                    skip.code,
                    f"{decided.group}: the SELL of {skip.code} goes beyond a limit, {skip.reason}",
                    "look at price and size before you place it; a limit never refuses or cuts a sell",
                )


def find_limit_pauses(morning: Morning) -> Iterator[Alert]:
    """Groups that may buy nothing, by their own limits or by those of the desk; of the desk once."""
    found = dict.fromkeys(
        ("" if refusal.reason.startswith("desk limit") else decided.group, refusal.reason)
        for decided in morning.decided
        for skip in read_skipped(decided)
        if skip.action == PAUSE and skip.by_limit
        for refusal in skip.refusals
    )
    for group, reason in found:
        text = f"{group}: no entries today, {reason}" if group else f"No entries today, {reason}"
        remedy = "look at what lost the money; `limits` says from which loss on nothing is bought"
        yield Alert("paused_by_limit", Severity.WARNING, group or "desk", text, remedy)


def find_limit_edits(morning: Morning) -> Iterator[Alert]:
    """The desk's limits, where they are others than at the decision before; a preview records none."""
    recorded = [each for each in morning.decided if each.provenance]
    before = [e for e in morning.events if isinstance(e, Decided) and e.session < morning.trade_date]
    if not recorded or not before or not before[-1].provenance:
        return
    was, now = (each.provenance.get("limits", {}) for each in (before[-1], recorded[0]))
    if changes := declared_changes(was, now):
        text = (
            f"The desk's limits were edited since the decision of {before[-1].session}: {', '.join(changes)}"
        )
        yield Alert("edited_limits", Severity.WARNING, "desk", text)
