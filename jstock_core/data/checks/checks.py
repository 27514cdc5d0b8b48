"""Checks of market data before a decision: what stops it, what blocks a stock, what is only noted.

- stop: nothing may be decided (the last session, or a recent one, is missing).
- block: this stock may not be traded until someone has looked: its raw bars cannot be what was traded
  (`bars.py`; settlement does not trust them either), or its trading unit is wrong.
- note: worth knowing.

What would block a stock is a note where it is so old that no rule sees it any more: `RECENT` sessions,
or `GAP_RECENT` for a missing split, which every average price carries on with (the slowest has 200 bars).
Real bars pass: widened limits and special quotes explain openings beyond the ordinary daily limit, so of
those only the ones that look like a split block, and those beyond every limit there can have been.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

import numpy as np

from jstock_core.data.checks.bars import (
    BEYOND_REACH,
    FAULTS,
    MISSING_FACTOR,
    MISSING_SPLIT,
    untrusted_bars,
)
from jstock_core.data.checks.gaps import beyond_limit
from jstock_core.market.calendar import tse
from jstock_core.market.panel import Bools, Panel
from jstock_core.market.prices import last_bars
from jstock_core.market.rules import tick_table, tick_table_changes, ticks

RECENT = 60
GAP_RECENT = 250
FLOWS_STALE = timedelta(days=15)

Severity = Literal["stop", "block", "note"]


@dataclass(frozen=True)
class Finding:
    """A fault found: its severity, the stock and session (the newest of several), and what to do."""

    severity: Severity
    code: str | None
    session: date | None
    what: str
    do: str


def check_panel(panel: Panel, *, through: date, whole: Panel | None = None) -> tuple[Finding, ...]:
    """Check a panel that is to be decided on after the session `through`.

    `whole` is the same market as stored: a stock whose first bar is only there was not listed yet.
    Findings come most severe first. Rows after `through` are checked too; a panel for a decision has none.
    """
    if not len(panel.sessions):
        return tuple(_last_session(panel, through))
    found = (
        *_last_session(panel, through),
        *_sessions(panel),
        *_bars(panel),
        *_ticks(panel),
        *_units(panel),
        *_gaps(panel),
        *_absent(panel, panel if whole is None else whole),
        *_ended(panel),
        *_topix(panel, through),
        *_left_out(panel),
        *_flows(panel, through),
    )
    order = {"stop": 0, "block": 1, "note": 2}
    return tuple(sorted(found, key=lambda finding: order[finding.severity]))


def _last_session(panel: Panel, through: date) -> Iterator[Finding]:
    """Bars and benchmark must reach `through`, and not of a few stocks only (a vendor in mid-publication)."""
    do = "fetch again when the vendor has published it (bars about 16:30 JST), or import newer files"
    rows = np.flatnonzero(panel.sessions == np.datetime64(through, "D"))
    if not len(rows):
        held = f"the newest is {panel.sessions[-1]}" if len(panel.sessions) else "the store is empty"
        yield Finding("stop", None, through, f"no data for the last session {through}: {held}", do)
        return
    row = int(rows[0])
    traded, usual = panel.has_bar[row].sum(), panel.has_bar[max(row - 1, 0)].sum()
    if not traded:
        yield Finding(
            "stop", None, through, f"no data for the last session {through}: no stock has a bar", do
        )
    elif traded * 2 < usual:
        what = (
            f"only {traded} stocks have a bar in the last session {through}, {usual} had the session before"
        )
        yield Finding("stop", None, through, what, do)
    if np.isnan(panel.topix[row]):
        yield Finding("stop", None, through, f"no data for the last session {through}: TOPIX is missing", do)


def _sessions(panel: Panel) -> Iterator[Finding]:
    """Rows are TSE's sessions, each once and in order, and some stock traded in each."""
    days = panel.sessions
    known = tse().days
    expected = known[(known >= days.min()) & (known <= days.max())]
    if not np.array_equal(days, expected):
        what = "the sessions are not TSE's, each once and in order"
        yield Finding("stop", None, panel.session(-1), what, "fetch or import the data again from the start")
    for row in np.flatnonzero(~panel.has_bar.any(axis=1))[-1:]:
        recent = len(days) - 1 - row < RECENT
        what = f"no stock has a bar in the session {days[row]}"
        do = "fetch or import the data again from before that session"
        yield Finding("stop" if recent else "note", None, panel.session(int(row)), what, do)


def _bars(panel: Panel) -> Iterator[Finding]:
    """Bars that cannot be what was traded; a missing split matters as long as averages carry it on."""
    untrusted = untrusted_bars(panel)
    for fault in FAULTS:
        within = GAP_RECENT if fault in (MISSING_SPLIT, MISSING_FACTOR) else RECENT
        yield from _by_code(panel, untrusted.of(fault), fault.what, fault.do, within=within)


def _ticks(panel: Panel) -> Iterator[Finding]:
    """Raw prices lie on the stock's tick grid.

    Off every grid of TSE, they are not what was traded (adjusted, perhaps). On the fine grid but lately not
    on its own, the stock's TOPIX class has probably changed since master was fetched (it is a snapshot, so
    older prices say nothing); orders on its own grid stay legal.
    """
    any_grid = _off_grid(panel, "fine")
    yield from _by_code(
        panel,
        any_grid,
        "a price is on no tick grid of TSE, so it was not traded",
        "store prices as traded, unadjusted: correct the source and import again",
    )
    own = np.zeros(panel.close.shape, dtype=bool)
    for rows, names in _tables_in_force(panel):
        if (rows.stop or 0) > len(own) - RECENT:
            for name in set(names):
                own[rows] |= _off_grid(panel, name)[rows] & (np.array(names) == name)
    own[:-RECENT] = False
    yield from _by_code(
        panel,
        own & ~any_grid,
        "a price is on TSE's fine tick grid but not on the stock's own",
        "fetch or import master again: the stock's TOPIX class may have changed",
        block=False,
    )


def _off_grid(panel: Panel, table: str) -> Bools:
    """(S, N): whether any price of a bar is off the grid of a tick table."""
    found = np.zeros(panel.close.shape, dtype=bool)
    for prices in (panel.open, panel.high, panel.low, panel.close):
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


def _units(panel: Panel) -> Iterator[Finding]:
    """Volume is a multiple of the trading unit."""
    units = np.array([stock.unit for stock in panel.listings], dtype=np.float64)
    odd = np.nan_to_num(panel.volume) % units != 0
    yield from _by_code(
        panel,
        odd,
        "the volume is not a multiple of the known trading unit",
        "set the right unit under trading_units in params/desk.yaml",
    )


def _gaps(panel: Panel) -> Iterator[Finding]:
    """Openings beyond the ordinary daily limit that some limit explains, and that are not as in a split."""
    untrusted = untrusted_bars(panel)
    impossible = untrusted.of(MISSING_SPLIT) | untrusted.of(BEYOND_REACH)
    yield from _by_code(
        panel,
        beyond_limit(panel) & ~impossible,
        "the opening lies beyond the ordinary daily limit, and not as in a split",
        "compare with the exchange's limits; no action is needed if they were widened for that session",
        block=False,
    )


def _absent(panel: Panel, whole: Panel) -> Iterator[Finding]:
    """Stocks without any bar, now or later."""
    for column in np.flatnonzero(~whole.has_bar.any(axis=0)):
        code = panel.codes[column]
        yield Finding("block", code, None, f"{code} has no bars", "check the code, or import its bars")


def _topix(panel: Panel, through: date) -> Iterator[Finding]:
    """TOPIX has a level in every session; that it has one in the last is checked apart."""
    missing = np.flatnonzero(np.isnan(panel.topix) & (panel.sessions != np.datetime64(through, "D")))
    if len(missing):
        newest, times = panel.session(int(missing[-1])), len(missing)
        what = f"TOPIX has no level in {times} of {len(panel.sessions)} sessions, the newest {newest}"
        yield Finding("note", None, newest, what, "fetch or import TOPIX again from before that session")


def _ended(panel: Panel) -> Iterator[Finding]:
    """Stocks whose rows ended lately: delisted, merged, or left out by the source."""
    last = last_bars(panel.has_row)[-1]
    recent = (last >= len(panel.sessions) - RECENT) & (last < len(panel.sessions) - 1)
    for column in np.flatnonzero(recent):
        code, session = panel.codes[column], panel.session(int(last[column]))
        what = f"the rows of {code} end on {session}"
        do = "look for a notice of its delisting or new code; where there is none, import its rows"
        yield Finding("note", code, session, what, do)


def _left_out(panel: Panel) -> Iterator[Finding]:
    """Codes with bars and without a row in master."""
    if not panel.left_out:
        return
    codes, more = ", ".join(panel.left_out[:5]), len(panel.left_out) - 5
    others = f" and {more} more" if more > 0 else ""
    yield Finding(
        "note",
        None,
        None,
        f"there are bars of {codes}{others} but no row in master: they are left out",
        "add their rows (name, sector, TOPIX class, market, product) to the master file and import it",
    )


def _flows(panel: Panel, through: date) -> Iterator[Finding]:
    """Investor flows come out weekly."""
    do = "fetch or import investor flows; scores count them as unknown meanwhile"
    if not len(panel.flows.published):
        yield Finding("note", None, None, "there are no investor flows", do)
        return
    newest: date = panel.flows.published.max().astype(object)
    if through - newest > FLOWS_STALE:
        what = f"investor flows are old: the newest were published on {newest}"
        yield Finding("note", None, newest, what, do)


def _by_code(
    panel: Panel, found: Bools, what: str, do: str, *, within: int = RECENT, block: bool = True
) -> Iterator[Finding]:
    """One finding for each stock with any, at its newest session; it blocks `within` the last sessions."""
    for column in np.flatnonzero(found.any(axis=0)):
        rows = np.flatnonzero(found[:, column])
        newest = int(rows[-1])
        severity: Severity = "block" if block and len(panel.sessions) - newest <= within else "note"
        code, session = panel.codes[column], panel.session(newest)
        times = f" ({len(rows)} sessions, this the newest)" if len(rows) > 1 else ""
        yield Finding(severity, code, session, f"{code} on {session}: {what}{times}", do)
