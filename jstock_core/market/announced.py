"""Announced earnings dates: which of them a newer one took the place of, and when."""

from __future__ import annotations

import numpy as np

from jstock_core.market.panel import Announcements, Minutes

NEVER = np.datetime64("9999-12-31", "m")


def replacement_times(facts: Announcements) -> Minutes:
    """(A,): when a newer announcement of the same stock and fiscal period became known, `NEVER` without one.

    Where the vendor names no period, each announcement counts by itself.
    """
    replaced_at = np.full(len(facts.code), NEVER)
    order = np.lexsort((facts.known_at, facts.period, facts.code))  # stable: as stored among equals
    code, period = facts.code[order], facts.period[order]
    again = (code[1:] == code[:-1]) & (period[1:] == period[:-1]) & (period[1:] != "")
    replaced_at[order[:-1][again]] = facts.known_at[order[1:][again]]
    return replaced_at
