"""Company figures from disclosed documents, as known at each decision, in yen and shares of the session D.

A figure comes from the document about the newest period that states it. A later document about the same
period replaces an earlier one.

Figures per share need care around splits. A document states them on the basis of its own day, but a forecast
is often on the basis of a split that is announced and not yet effective. Example: Toyota, 2021-05-12, FEPS
164.52 with 2.8 thousand million shares, which is right only after the 1:5 split of 2021-09-29. So each figure
per share is compared with its total divided by the shares in the same document. Where the two agree, the
figure is adjusted for later splits. Where they do not, the quotient is used and adjusted instead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jstock_core.base.errors import UsageError
from jstock_core.base.params import did_you_mean
from jstock_core.market.adjustments import share_ratios
from jstock_core.market.panel import Bools, Dates, Floats, Ints, Statements
from jstock_core.market.read_only import lock_array
from jstock_core.signals.features.view import View

AGREEMENT = 1.25
"""Largest ratio of a figure per share to its total divided by the shares at the end of the period at which
the two still count as equal. They differ because a figure per share uses the average number of shares."""

NEAR_PERIOD_END = np.timedelta64(7, "D")
"""A split with an ex-date this close before the end of a period may or may not be in its share count."""

_NONE = -1


@dataclass(frozen=True)
class CompanyFigure:
    """Where a company figure is found in the documents, and its unit.

    `stated` is the J-Quants column. Where the figure is a forecast, full-year documents have it in the column
    `next_year`. `total` and `next_total` are the columns with the total in yen behind a figure per share, ""
    where there is none. `only_full_year` leaves interim documents out. `unit` is "yen", "yen per share" or
    "shares".
    """

    stated: str
    unit: str
    next_year: str = ""
    total: str = ""
    next_total: str = ""
    only_full_year: bool = False


COMPANY_FIGURES = {
    "sales": CompanyFigure("Sales", "yen", only_full_year=True),
    "net_profit": CompanyFigure("NP", "yen", only_full_year=True),
    "net_assets": CompanyFigure("Eq", "yen"),
    "forecast_sales": CompanyFigure("FSales", "yen", "NxFSales"),
    "forecast_net_profit": CompanyFigure("FNP", "yen", "NxFNp"),
    "eps": CompanyFigure("EPS", "yen per share", total="NP", only_full_year=True),
    "bps": CompanyFigure("BPS", "yen per share", total="Eq"),
    "dividend": CompanyFigure("DivAnn", "yen per share", only_full_year=True),
    "forecast_eps": CompanyFigure("FEPS", "yen per share", "NxFEPS", "FNP", "NxFNp"),
    "forecast_dividend": CompanyFigure("FDivAnn", "yen per share", "NxFDivAnn"),
    "shares": CompanyFigure("ShOutFY", "shares", total="NP"),
}
"""The figures of `company_figure`: full-year results, the newest forecasts, and the shares outstanding
(issued less treasury shares)."""


def company_figure(view: View, name: str) -> Floats:
    """(R, N): a figure of each company as known at each row's decision time; NaN where it is not known.

    Figures per share and share counts are adjusted for splits up to the row's session, as its prices are.
    The value is also NaN where the basis is ambiguous: a dividend stated before a split, or a split near the
    end of a period whose share count contradicts the figure. It is known again with the next document.

    Raises:
        UsageError: no figure has the name.

    """
    figure = COMPANY_FIGURES.get(name)
    if figure is None:
        raise UsageError(
            f"no figure of a company is called {name!r}{did_you_mean(name, tuple(COMPANY_FIGURES))}",
            do=f"use one of {', '.join(COMPANY_FIGURES)}",
        )
    return view.memo(("company", name), lambda: _figure(view, figure))


def market_cap(view: View) -> Floats:
    """(R, N): market capitalization in yen.

    It is the figure delivered with the last bar, which includes treasury shares. Where none was delivered,
    it is the last close times the shares outstanding, which do not include them.
    """
    return view.memo("market_cap", lambda: _market_cap(view))


def price_earnings(view: View) -> Floats:
    """(R, N): PER, the last close divided by the forecast profit per share; NaN where that is not above 0."""
    return view.memo("per", lambda: _over(_closes(view), company_figure(view, "forecast_eps")))


def price_book(view: View) -> Floats:
    """(R, N): PBR, the last close divided by the net assets per share; NaN where those are not above 0."""
    return view.memo("pbr", lambda: _over(_closes(view), company_figure(view, "bps")))


def dividend_yield(view: View) -> Floats:
    """(R, N): the forecast dividend of the year in percent of the last close."""
    return view.memo("yield", lambda: 100 * _over(company_figure(view, "forecast_dividend"), _closes(view)))


def return_on_equity(view: View) -> Floats:
    """(R, N): ROE, the last full year's profit per share in percent of the net assets per share."""
    return view.memo("roe", lambda: 100 * _over(company_figure(view, "eps"), company_figure(view, "bps")))


def _closes(view: View) -> Floats:
    """(R, N): the last close of each stock, in yen of the row's session."""
    return view.memo("closes", lambda: view.value("close") / view.panel.forward[view.rows])


def _market_cap(view: View) -> Floats:
    last = view.features.bar_rows(view.rows, slice(None))
    delivered = view.panel.market_cap[np.maximum(last, 0), np.arange(view.shape[1])]
    missing = (last < 0) | np.isnan(delivered)
    return np.where(missing, _closes(view) * company_figure(view, "shares"), delivered)


def _over(above: Floats, below: Floats) -> Floats:
    return above / np.where(below > 0, below, np.nan)


def _figure(view: View, figure: CompanyFigure) -> Floats:
    documents = _Documents.of(view, figure)
    found = documents.newest(view)
    values = documents.carried(view, found)
    values[found == _NONE] = np.nan
    return lock_array(values)


@dataclass(frozen=True, eq=False)
class _Documents:
    """The documents that state a figure; arrays (D,), later documents replace earlier ones.

    `place` is the row in the statements, `column` the stock's column. `stated` is the figure, `total` the
    yen behind it, `shares` the shares outstanding, and `per_share` the figure that the total is compared
    with. NaN where the document has none.
    """

    figure: CompanyFigure
    facts: Statements
    place: Ints
    column: Ints
    stated: Floats
    total: Floats

    @classmethod
    def of(cls, view: View, figure: CompanyFigure) -> _Documents:
        facts, column = view.statements, view.panel.column
        full = np.array(["FYFinancialStatements" in kind for kind in facts.doc_type.tolist()], dtype=np.bool_)
        columns = np.array([column.get(code, _NONE) for code in facts.code.tolist()], dtype=np.int64)
        stated, total = (
            _either(facts, full, now, then)
            for now, then in ((figure.stated, figure.next_year), (figure.total, figure.next_total))
        )
        about = (facts.year_end if figure.next_year else facts.period_end).astype("datetime64[M]")
        about = about.astype(np.int64) + 12 * (full & bool(figure.next_year))
        wanted = ~np.isnan(stated) & (columns >= 0) & (full | (not figure.only_full_year))
        place = np.flatnonzero(wanted & ~np.isnat(facts.period_end) & ~np.isnat(facts.year_end))
        place = place[np.lexsort((place, about[place]))]
        return cls(figure, facts, place, columns[place], stated[place], total[place])

    @property
    def shares(self) -> Floats:
        return _outstanding(self.facts)[self.place]

    @property
    def per_share(self) -> Floats:
        return self.facts.figures["EPS"][self.place] if self.figure.unit == "shares" else self.stated

    def newest(self, view: View) -> Ints:
        """(R, N): the index of the document in force at each decision; -1 where none is known yet."""
        last = np.full(view.shape, _NONE, dtype=np.int64)
        row = np.searchsorted(view.decided_at, self.facts.known_at[self.place])
        known = row < len(last)
        np.maximum.at(last, (row[known], self.column[known]), np.flatnonzero(known))
        newest: Ints = np.maximum.accumulate(last, axis=0)
        return newest

    def carried(self, view: View, found: Ints) -> Floats:
        """(R, N): the figures of the documents `found`, adjusted for splits up to the row's session."""
        if not len(self.place):
            return np.full(view.shape, np.nan)
        if self.figure.unit == "yen":
            return self.stated[found]
        ratios = _split_products(view)
        later = ratios[1:][view.rows] / self._at_disclosure(view, ratios)[found]
        quotient = self.total / self.shares
        apart = _differs(quotient, self.per_share)
        unsure = self._is_split_near_period_end(view, ratios)
        if self.figure.unit == "shares":
            unknown = unsure & (apart | np.isnan(quotient))
            return np.where(unknown, np.nan, self.shares)[found] * later
        stated = np.where(apart, np.where(unsure, np.nan, quotient), self.stated)
        uncheckable = np.isnan(quotient)[found] & (later != 1)
        return np.where(uncheckable, np.nan, stated[found] / later)

    def _at_disclosure(self, view: View, ratios: Floats) -> Floats:
        """(D,): what one share at the panel's start had become by the day of each document."""
        return ratios[self._row(view, self.facts.known_at[self.place].astype("datetime64[D]")), self.column]

    def _is_split_near_period_end(self, view: View, ratios: Floats) -> Bools:
        """(D,): whether a split lies between shortly before the period's end and the document."""
        before = self._row(view, self.facts.period_end[self.place] - NEAR_PERIOD_END)
        split: Bools = ratios[before, self.column] != self._at_disclosure(view, ratios)
        return split

    def _row(self, view: View, days: Dates) -> Ints:
        """The rows of `_split_products` that hold after the given days."""
        return np.searchsorted(view.panel.sessions, days, side="right")


def _either(facts: Statements, full: Bools, now: str, then: str) -> Floats:
    """(R,): a column of the documents; of full-year ones another where the figure is a forecast."""
    missing = np.full(len(facts.code), np.nan)
    value = facts.figures[now] if now else missing
    return np.where(full, facts.figures[then], value) if then else value


def _outstanding(facts: Statements) -> Floats:
    """(R,): shares issued less treasury shares; where none are stated, 0 are deducted."""
    shares = facts.figures["ShOutFY"] - np.nan_to_num(facts.figures["TrShFY"])
    return np.where(shares > 0, shares, np.nan)


def _differs(quotient: Floats, stated: Floats) -> Bools:
    """(D,): whether the total per share and the stated figure differ by more than `AGREEMENT`.

    False where one of them is missing.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        differs: Bools = np.abs(np.log(quotient / stated)) > np.log(AGREEMENT)
    return differs


def _split_products(view: View) -> Floats:
    """(S + 1, N): what one share at the panel's start had become: before the first session and after each."""
    panel = view.panel

    def made() -> Floats:
        ratios = share_ratios(panel.adj_factor, panel.ex_right)
        return np.vstack([np.ones((1, ratios.shape[1])), np.cumprod(ratios, axis=0)])

    return panel.memo("split_products", made)
