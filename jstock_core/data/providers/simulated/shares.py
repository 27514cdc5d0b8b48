"""Figures per share in the simulated documents, on the bases that companies state them on.

The count of shares is that of the period's end. Results per share count every split up to the document's
day, and forecasts also those that are announced and take place before the end of the year that they are of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from jstock_core.data.providers.simulated.companies import companies, company_columns
from jstock_core.data.providers.simulated.events import EventKind, ScriptedEvent, events_of_kind

PAYOUT = 0.3
"""Dividends in parts of the profit."""
EQUITY = 0.4
"""Net assets in parts of a year's forecast sales."""
_A_YEAR = 366


def figures_per_share(
    code: str, *, day: date, period_end: date, year_end: date, totals: Mapping[str, int]
) -> dict[str, str]:
    """The columns ShOutFY, Eq, EPS, BPS and of dividends and forecasts that follow from the totals in yen."""
    next_year = "NxFSales" in totals

    def is_done(split: ScriptedEvent) -> bool:
        return split.first <= day

    def is_planned(split: ScriptedEvent) -> bool:
        announced = split.announced is not None and split.announced <= day
        left = (split.first - year_end).days
        return is_done(split) or (announced and left <= (_A_YEAR if next_year else 0))

    stated, forecast = _shares(code, is_done), _shares(code, is_planned)
    found: dict[str, str] = {}
    if "NP" in totals:
        found["ShOutFY"] = f"{_shares(code, lambda split: split.first <= period_end):.0f}"
        found["EPS"] = f"{totals['NP'] / stated:.2f}"
    year = totals.get("NxFSales", totals.get("FSales"))
    if "NP" in totals and year is not None:
        equity = round(year * EQUITY)
        found |= {"Eq": str(equity)} | ({"BPS": f"{equity / stated:.2f}"} if next_year else {})
    if next_year and "NP" in totals:
        found["DivAnn"] = _dividend(totals["NP"] / stated)
    for total, per_share, dividend in (("FNP", "FEPS", "FDivAnn"), ("NxFNp", "NxFEPS", "NxFDivAnn")):
        if total in totals:
            profit = totals[total] / forecast
            found |= {per_share: f"{profit:.2f}", dividend: _dividend(profit)}
    return found


def _dividend(profit: float) -> str:
    return f"{max(round(profit * PAYOUT), 0):.1f}"


def _shares(code: str, counts: Callable[[ScriptedEvent], bool]) -> float:
    shares = float(companies()[company_columns()[code]].shares)
    for split in events_of_kind(EventKind.SPLIT):
        if split.code == code and counts(split):
            shares /= split.adj_factor
    return shares
