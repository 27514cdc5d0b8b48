"""Corrections that make a fill odd: they need the consent that its recording would have needed."""

from __future__ import annotations

from collections.abc import Iterator

from jstock_core.base.errors import DataError, UsageError
from jstock_core.desk.recording.fill_check import FillCheck, oddities, refuse_impossible
from jstock_core.desk.recording.lines import FillLine
from jstock_core.desk.recording.oddities import FeeTotals, price_oddities
from jstock_core.desk.workspace.desk import Desk
from jstock_core.state.facts.events import Filled


def refuse_odd_correction(desk: Desk, before: Filled, after: Filled, fee: int | None) -> None:
    """Make sure that a correction makes nothing odd that was not; without market data only its fee is judged.

    Raises:
        UsageError: it does; every oddity is named.

    """
    try:
        check = FillCheck.of(desk.panel(), desk.now())
    except DataError:
        check = None
    known = set(_oddities(before, 0, check))
    found = [odd for odd in _oddities(after, fee or 0, check) if odd not in known]
    if found:
        raise UsageError(
            "\n".join(found),
            where=before.id,
            do="correct it, or record it as it is with --accept-odd; nothing was recorded",
        )


def _oddities(fill: Filled, fee: int, check: FillCheck | None) -> Iterator[str]:
    """What needs consent. The journal keeps no kind of trade, so a price out of reach may be a bidder's."""
    line = FillLine(0, "", fill.code, fill.side, fill.shares, fill.price, fill.session, fee)
    yield from (odd.text for odd in FeeTotals.of([line]).oddities(line))
    if check is None or fill.code not in check.panel.column:
        return
    try:
        refuse_impossible(line, check)
    except UsageError as error:
        yield error.what
        return
    for odd in (*oddities(line, check), *price_oddities(line, check)):
        if odd.consent:
            yield odd.text
