"""Announced earnings dates: when a newer announcement replaced each of them."""

from __future__ import annotations

import numpy as np

from jstock_core.market.panel import Announcements, Minutes

NEVER = np.datetime64("9999-12-31", "m")


def replacement_times(facts: Announcements) -> Minutes:
    """(A,): when a newer announcement of the same stock and fiscal period became known, `NEVER` without one.

    Without a period from the vendor, no announcement replaces another.
    """
    replaced_at = np.full(len(facts.code), NEVER)
    order = np.lexsort((facts.known_at, facts.period, facts.code))  # stable: as stored among equals
    code, period = facts.code[order], facts.period[order]
    again = (code[1:] == code[:-1]) & (period[1:] == period[:-1]) & (period[1:] != "")
    replaced_at[order[:-1][again]] = facts.known_at[order[1:][again]]
    return replaced_at
