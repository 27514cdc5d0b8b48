"""The fundamental score: growth and progress in the statements known at a decision (STRATEGY section 2).

The score of a stock changes only with a new document. For each reporting period the last document known
counts, because a correction replaces it. It is compared with the same period one fiscal year earlier on the
same accounting basis.

1. The documents of all stocks are laid out in an array, one stock a row (`_laid_out`).
2. For every number of known documents, the latest one and its base of comparison are found (`_compare`).
3. Each such pair is given points (`_judge`).
4. A row of the view takes the points that belong to the number of documents it knows (`_known_count`).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from jstock_core.market.names import RESULTS
from jstock_core.market.panel import Floats, Ints, Minutes, Statements
from jstock_core.market.prices import percent_change, round_decimals
from jstock_core.signals.features.points import Points, Score, choose, make_score
from jstock_core.signals.features.view import View

ELAPSED = {"1Q": 0.25, "2Q": 0.5, "3Q": 0.75}
"""Part of the fiscal year covered by each interim report; full-year documents have no progress."""

PROFITS = ("OP", "OdP", "NP")

V = TypeVar("V", np.int64, np.float64)

_KIND = "FinancialStatements"
_NONE = -1
_A_YEAR = 12
_MONTHS = 1 << 20
"""More than the number of months between any two fiscal years."""


class Documents(NamedTuple):
    """The documents of C stocks, (C, K) arrays: a stock a row, its documents in order of disclosure.

    `place` is the ordinal of the first document of the same reporting period (CurPerType, CurPerEn) and `end`
    the period's last day. `sort` is a number: equal for documents with the same CurPerType, basis and CurFYEn
    (year and month), and 12 smaller for one fiscal year earlier. `elapsed` is NaN for full years. `figures`
    are in yen, NaN where the document has none. Rows are padded after a stock's last document.
    """

    place: Ints
    end: Ints
    sort: Ints
    elapsed: Floats
    figures: Mapping[str, Floats]


def score_fundamentals(view: View) -> Score:
    """Score each stock by the statements known at each decision; 50 without a base of comparison."""
    facts = view.statements
    rows, column = _financial(view)
    documents = _laid_out(facts, rows, column, view.shape[1])
    parts, based = _judge(documents, *_compare(documents))
    known = _known_count(view, facts.known_at[rows], column)
    return make_score({name: _at(known, points) for name, points in parts.items()}, _at(known, based) == 0)


def _financial(view: View) -> tuple[Ints, Ints]:
    """The rows of financial statements, sorted by stock and disclosure, and the stocks' columns."""
    facts, column = view.statements, view.panel.column
    columns = np.array([column.get(code, _NONE) for code in facts.code.tolist()], dtype=np.int64)
    financial = np.array([_KIND in kind for kind in facts.doc_type.tolist()], dtype=np.bool_)
    dated = ~np.isnat(facts.period_end) & ~np.isnat(facts.year_end)
    public = facts.known_at <= view.decided_at[-1]
    rows = np.flatnonzero((columns >= 0) & financial & dated & public)
    rows = rows[np.argsort(columns[rows], kind="stable")]
    return rows, columns[rows]


def _laid_out(facts: Statements, rows: Ints, column: Ints, stocks: int) -> Documents:
    """The documents in `rows`, of which `column` names the stocks, one stock a row."""
    ordinal = np.arange(len(rows)) - np.searchsorted(column, column)
    shape = (stocks, int(np.max(ordinal, initial=-1)) + 1)

    def beside(values: NDArray[V], padding: float) -> NDArray[V]:
        out = np.full(shape, padding, dtype=values.dtype)
        out[column, ordinal] = values
        return out

    period, kind = facts.period[rows].tolist(), facts.doc_type[rows].tolist()
    end = facts.period_end[rows].astype("datetime64[D]").astype(np.int64)
    year = facts.year_end[rows].astype("datetime64[M]").astype(np.int64)
    reported = _first_alike(zip(column.tolist(), period, end.tolist(), strict=True))
    basis = {name: _basis(name) for name in set(kind)}
    same = _first_alike((name, basis[of]) for name, of in zip(period, kind, strict=True))
    return Documents(
        place=beside(ordinal[reported], 0),
        end=beside(end, np.iinfo(np.int64).min),
        sort=beside(same * _MONTHS + year, _NONE),
        elapsed=beside(np.array([ELAPSED.get(name, np.nan) for name in period], dtype=np.float64), np.nan),
        figures={name: beside(facts.figures[name][rows], np.nan) for name in RESULTS},
    )


def _basis(kind: str) -> tuple[str, ...]:
    """The last two parts of a DocType, as in Consolidated_IFRS."""
    return tuple(kind.split("_")[-2:])


def _first_alike(keys: Iterable[Hashable]) -> Ints:
    """For each key, the index at which it first occurs."""
    seen: dict[Hashable, int] = {}
    return np.array([seen.setdefault(key, i) for i, key in enumerate(keys)], dtype=np.int64)


def _compare(documents: Documents) -> tuple[Ints, Ints]:
    """(C, K) twice: the latest document and its base when k + 1 documents are known; -1 for no base.

    The latest document has the greatest CurPerEn. Among equals, the period that was seen first counts.
    """
    place, end, sort = documents.place, documents.end, documents.sort
    stock, latest, base = np.arange(len(place)), np.empty_like(place), np.empty_like(place)
    current, sorts = np.full_like(place, _NONE), np.full_like(place, np.iinfo(np.int64).min)
    newest = np.zeros_like(stock)
    for k in range(place.shape[1]):
        current[stock, place[:, k]], sorts[stock, place[:, k]] = k, sort[:, k]
        newest = np.where(end[:, k] > end[stock, newest], place[:, k], newest)
        latest[:, k] = current[stock, newest]
        a_year_earlier = sorts == sorts[stock, newest][:, None] - _A_YEAR
        first = a_year_earlier.argmax(axis=1)
        base[:, k] = np.where(a_year_earlier[stock, first], current[stock, first], _NONE)
    return latest, base


def _judge(documents: Documents, latest: Ints, base: Ints) -> tuple[Mapping[str, Points], Points]:
    """(C, K + 1): the points of each part by the number of known documents, and 1 where there is a base."""
    based = base >= 0
    now, before = (_of(documents.figures, ordinals) for ordinals in (latest, base))
    parts = {
        "sales": _sales(_growth(now["Sales"], before["Sales"])),
        "profit": _profit(now, before),
        "progress": _progress(now, np.take_along_axis(documents.elapsed, latest, axis=1)),
    }
    one = np.int8(1)
    return {name: _from_none(points * based) for name, points in parts.items()}, _from_none(based * one)


def _of(figures: Mapping[str, Floats], ordinals: Ints) -> Mapping[str, Floats]:
    return {name: np.take_along_axis(values, ordinals, axis=1) for name, values in figures.items()}


def _from_none(points: Points) -> Points:
    """Prepend a column of zeros, for no document known."""
    padded: Points = np.pad(points, ((0, 0), (1, 0)))
    return padded


def _growth(now: Floats, before: Floats) -> Floats:
    """Percent growth of a figure; NaN where either is missing or the base is not above 0."""
    return percent_change(now, np.where(before > 0, before, np.nan))


def _sales(growth: Floats) -> Points:
    return choose((growth > 10, 15), (growth > 5, 10), (growth < -5, -15))


def _profit(now: Mapping[str, Floats], before: Mapping[str, Floats]) -> Points:
    """Points for the growth of profit: the first of OP, OdP and NP that both documents have."""
    growth = np.full_like(now["OP"], np.nan)
    for name in reversed(PROFITS):
        both = ~np.isnan(now[name]) & ~np.isnan(before[name])
        growth = np.where(both, _growth(now[name], before[name]), growth)
    return choose((growth > 15, 20), (growth > 8, 12), (growth < -10, -20))


def _progress(now: Mapping[str, Floats], elapsed: Floats) -> Points:
    """Points for an interim report's sales against its own forecast for the year."""
    forecast = np.where(now["FSales"] > 0, now["FSales"], np.nan)
    return choose((round_decimals(now["Sales"] / forecast) > round_decimals(elapsed + 0.03), 15))


def _known_count(view: View, known_at: Minutes, column: Ints) -> Ints:
    """(R, C): how many of each stock's documents are public at each row's decision time."""
    rows, stocks = view.shape
    first = np.searchsorted(view.decided_at, known_at)
    came = np.bincount(first * stocks + column, minlength=rows * stocks)
    known: Ints = np.cumsum(came.reshape(rows, stocks), axis=0)
    return known


def _at(known: Ints, by_count: Points) -> Points:
    """(R, C): each stock's value in `by_count` (C, K + 1) for the documents `known`."""
    stocks, counts = by_count.shape
    found: Points = np.take(by_count.ravel(), known + counts * np.arange(stocks))
    return found
