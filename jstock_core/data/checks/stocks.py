"""Checks of each stock's bars: prices, ticks, units, limits, and rows that end.

A bar blocks its stock for its own session alone: rules do not see it afterwards. What spoils the bars around
it blocks until it is so old that no rule sees it any more: `RECENT` sessions for prices off the tick grid,
`GAP_RECENT` for a missing split or a wrong factor, which every average price carries on with (the slowest has
200 bars). What is older than that is only known.
Real bars pass: widened limits and special quotes explain openings beyond the ordinary daily limit, so of
those only the ones that look like a split block, and those beyond every limit there can have been.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np

from jstock_core.data.checks.findings import RECENT, Finding, Severity
from jstock_core.market.bars.faults import (
    CONTRADICTIONS,
    FAULTS,
    MISSING_FACTOR,
    MISSING_SPLIT,
    WRONG_FACTOR,
    BarFault,
    untrusted_bars,
)
from jstock_core.market.bars.gaps import price_gaps
from jstock_core.market.known_splits import correct_recorded, recorded_split
from jstock_core.market.panel import Bools, Panel
from jstock_core.market.prices import last_bars
from jstock_core.market.rules import tick_table, tick_table_changes, ticks

GAP_RECENT = 250


def check_bars(panel: Panel) -> Iterator[Finding]:
    """Bars that cannot be what was traded: each blocks its stock for that session alone.

    A split without its factor, or a wrong factor, blocks as long as averages carry it on, but for a jump that
    the next bar took back.
    """
    untrusted, jumps = untrusted_bars(panel), (MISSING_SPLIT, MISSING_FACTOR, WRONG_FACTOR)
    returned = price_gaps(panel).returned
    for fault in FAULTS:
        found = untrusted.of(fault)
        if fault in jumps:
            yield from _faults(panel, found & ~returned, fault, GAP_RECENT)
            found = found & returned
        yield from _faults(panel, found, fault, 1)
    yield from _explained(panel)


def _faults(panel: Panel, found: Bools, fault: BarFault, within: int) -> Iterator[Finding]:
    """The findings of a fault; what blocks says how to lift that, where a person can."""
    for each in _by_code(panel, found, fault.what, fault.do, within=within):
        if each.severity == "block" and fault not in CONTRADICTIONS:
            yield replace(each, do=_lift(panel, each, fault))
        else:
            yield each


def _lift(panel: Panel, found: Finding, fault: BarFault) -> str:
    """What lifts a block; where the bar does not fit a recorded split, the split is corrected."""
    code, session = str(found.code), found.session
    assert session is not None
    recorded = recorded_split(panel, code, session)
    if recorded is not None:
        return correct_recorded(recorded)
    split = f"; if the source lacks a split: `jstock state split {code} N:M --date {session}`"
    lift = f"if it is true: `jstock data confirm {code} {session}`"
    return f"{found.do}{split if fault is MISSING_SPLIT else ''}; {lift}"


def _explained(panel: Panel) -> Iterator[Finding]:
    """Bars whose jump is a split that a person recorded, and that have no factor of the source."""
    for split in panel.recorded_splits:
        if split.session in panel.dates:
            row, column = panel.row(split.session), panel.column[split.code]
            if panel.has_bar.item(row, column) and not untrusted_bars(panel).reason(row, column):
                yield Finding(
                    "info",
                    split.code,
                    split.session,
                    f"{split.code} on {split.session}: the source has no adjustment factor, and the recorded "
                    f"split of {split.text} explains the price",
                    "nothing is to be done; a factor of the source takes its place once it comes",
                )


def check_ticks(panel: Panel) -> Iterator[Finding]:
    """Raw prices lie on the stock's tick grid.

    Off every grid of TSE, they are not what was traded (adjusted, perhaps). On the fine grid but lately not
    on its own, the stock's TOPIX class has probably changed since master was fetched (it is a snapshot, so
    older prices say nothing); orders on its own grid stay legal. A stock whose class is not known has none.
    """
    any_grid = _off_grid(panel, "fine", slice(None))
    yield from _by_code(
        panel,
        any_grid,
        "a price is on no tick grid of TSE, so it was not traded",
        "store prices as traded, unadjusted: correct the source and import again",
    )
    own = np.zeros(panel.close.shape, dtype=bool)
    for rows, names in _tables_in_force(panel):
        late = slice(max(rows.start, len(own) - RECENT), rows.stop)
        for name in set(names):
            own[late] |= _off_grid(panel, name, late) & (np.array(names) == name)
    own[:, [not stock.scale for stock in panel.listings]] = False
    yield from _by_code(
        panel,
        own & ~any_grid,
        "a price is on TSE's fine tick grid but not on the stock's own",
        "fetch or import master again: the stock's TOPIX class may have changed",
        severity="warn",
    )


def _off_grid(panel: Panel, table: str, rows: slice) -> Bools:
    """(rows, N): whether any price of a bar is off the grid of a tick table."""
    found = np.zeros(panel.close[rows].shape, dtype=bool)
    for prices in (panel.open[rows], panel.high[rows], panel.low[rows], panel.close[rows]):
        exact = np.where(np.isnan(prices), 0.0, prices * 10)
        tenths = np.round(exact).astype(np.int64)
        found |= (tenths % ticks(table).up_to(tenths) != 0) | (np.abs(exact - tenths) > 1e-6)
    return found


def _tables_in_force(panel: Panel) -> list[tuple[slice, tuple[str, ...]]]:
    """Spans of rows, with each column's tick table in them."""
    starts = np.searchsorted(panel.sessions, np.array(tick_table_changes(), dtype="datetime64[D]"))
    edges = sorted({0, *starts.tolist(), len(panel.sessions)})
    spans = [slice(start, stop) for start, stop in pairwise(edges)]
    return [(span, _tables(panel, panel.session(span.start))) for span in spans]


def _tables(panel: Panel, session: date) -> tuple[str, ...]:
    """Each column's tick table in a session."""
    kinds = {(stock.kind, stock.scale, stock.unit): stock for stock in panel.listings}
    table = {kind: tick_table(stock, session) for kind, stock in kinds.items()}
    return tuple(table[stock.kind, stock.scale, stock.unit] for stock in panel.listings)


def check_units(panel: Panel) -> Iterator[Finding]:
    """Volume is a multiple of the trading unit."""
    units = np.array([stock.unit for stock in panel.listings], dtype=np.float64)
    odd = np.nan_to_num(panel.volume) % units != 0
    yield from _by_code(
        panel,
        odd,
        "the volume is not a multiple of the known trading unit",
        "set the right unit under trading_units in params/desk.yaml",
    )


def check_limits(panel: Panel) -> Iterator[Finding]:
    """Openings beyond the ordinary daily limit that some limit explains, and that are not as in a split."""
    yield from _by_code(
        panel,
        price_gaps(panel).widened,
        "the opening lies beyond the ordinary daily limit, and not as in a split",
        "compare with the exchange's limits; no action is needed if they were widened for that session",
        severity="info",
    )


def check_listed(panel: Panel, whole: Panel) -> Iterator[Finding]:
    """Stocks without any bar, now or later."""
    for column in np.flatnonzero(~whole.has_bar.any(axis=0)):
        code = panel.codes[column]
        yield Finding("block", code, None, f"{code} has no bars", "check the code, or import its bars")


def check_ended(panel: Panel) -> Iterator[Finding]:
    """Stocks whose rows ended lately: delisted, merged, or left out by the source."""
    last = last_bars(panel.has_row)[-1]
    recent = (last >= len(panel.sessions) - RECENT) & (last < len(panel.sessions) - 1)
    for column in np.flatnonzero(recent):
        code, session = panel.codes[column], panel.session(int(last[column]))
        what = f"the rows of {code} end on {session}"
        do = "look for a notice of its delisting or new code; where there is none, import its rows"
        yield Finding("warn", code, session, what, do)


def _by_code(
    panel: Panel, found: Bools, what: str, do: str, *, within: int = RECENT, severity: Severity = "block"
) -> Iterator[Finding]:
    """One finding for each stock with any, at its newest session; older than `within` it is only known."""
    for column in np.flatnonzero(found.any(axis=0)):
        rows = np.flatnonzero(found[:, column])
        newest = int(rows[-1])
        counts = len(panel.sessions) - newest <= within
        code, session = panel.codes[column], panel.session(newest)
        times = f" ({len(rows)} sessions, this the newest)" if len(rows) > 1 else ""
        what_of = f"{code} on {session}: {what}{times}"
        yield Finding(severity if counts else "info", code, session, what_of, do)
