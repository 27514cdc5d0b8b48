"""Checks of the market as a whole: sessions, stocks with bars, TOPIX, flows, unlisted codes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np

from jstock_core.data.checks.absent import is_absent
from jstock_core.data.checks.findings import RECENT, Finding
from jstock_core.data.checks.readiness import describe_missing_bars
from jstock_core.market.bars.gaps import impossible_levels
from jstock_core.market.calendar import tse
from jstock_core.market.panel import Panel

TOPIX = "TOPIX"
"""What the benchmark is called where a code is expected."""


def check_last_session(panel: Panel, through: date) -> Iterator[Finding]:
    """Bars must reach `through`, and not of a few stocks only (a vendor in mid-publication)."""
    do = "fetch again when the vendor has published it (bars about 16:30 JST), or import newer files"
    rows = np.flatnonzero(panel.sessions == np.datetime64(through, "D"))
    if not len(rows):
        held = f"the newest is {panel.sessions[-1]}" if len(panel.sessions) else "the store is empty"
        yield Finding("stop", None, through, f"no data for the last session {through}: {held}", do)
        return
    row = int(rows[0])
    if not panel.has_bar[row].any():
        yield Finding(
            "stop", None, through, f"no data for the last session {through}: no stock has a bar", do
        )
    elif late := describe_missing_bars(panel, row):
        yield Finding("stop", None, through, f"the data of the last session {through} is late: {late}", do)


def check_sessions(panel: Panel) -> Iterator[Finding]:
    """Rows are TSE's sessions, each once and in order, and some stock traded in each."""
    days = panel.sessions
    known = tse().days
    expected = known[(known >= np.min(days)) & (known <= np.max(days))]
    if not np.array_equal(days, expected):
        what = "the sessions are not TSE's, each once and in order"
        yield Finding("stop", None, panel.session(-1), what, "fetch or import the data again from the start")
    for row in np.flatnonzero(~panel.has_bar.any(axis=1))[-1:]:
        recent = len(days) - 1 - row < RECENT
        what = f"no stock has a bar in the session {days[row]}"
        do = "fetch or import the data again from before that session"
        yield Finding("stop" if recent else "info", None, panel.session(int(row)), what, do)


def check_topix(panel: Panel, through: date) -> Iterator[Finding]:
    """TOPIX has a possible level in every session from its first; a last one that is late is judged apart.

    An index has no limits: what is not above 0, or moved by more than 30 % against the levels around
    it, is no level.
    """
    last, levels = panel.sessions == np.datetime64(through, "D"), panel.topix
    if is_absent("topix", panel):
        return
    missing = np.flatnonzero(np.isnan(levels) & ~last)
    missing = missing[missing > np.flatnonzero(~np.isnan(levels))[0]]
    if len(missing):
        newest, times = panel.session(int(missing[-1])), len(missing)
        what = f"TOPIX has no level in {times} of {len(panel.sessions)} sessions, the newest {newest}"
        yield Finding("warn", None, newest, what, "fetch or import TOPIX again from before that session")
    confirmed = [session for code, session in panel.confirmations if code == TOPIX]
    for row in impossible_levels(levels):
        session = panel.session(row)
        if session in confirmed:
            continue
        what = f"TOPIX cannot have been {levels[row]:,.2f} on {session}"
        do = "correct it at the source and import again" + (
            f"; if it is true: `jstock data confirm {TOPIX} {session}`" if levels[row] > 0 else ""
        )
        yield Finding("stop" if last[row] else "warn", None, session, what, do)


def check_left_out(panel: Panel) -> Iterator[Finding]:
    """Codes with bars and without a row in master."""
    if not panel.left_out:
        return
    codes, more = ", ".join(panel.left_out[:5]), len(panel.left_out) - 5
    others = f" and {more} more" if more > 0 else ""
    yield Finding(
        "warn",
        None,
        None,
        f"there are bars of {codes}{others} but no row in master: they are left out",
        "add their rows (name, sector, TOPIX class, market, product) to the master file and import it",
    )
