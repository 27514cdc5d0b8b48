"""The fundamental score: growth and progress in the statements a decision knows (STRATEGY section 2).

A document is a step: nothing changes between two of a code's disclosures. Of each reporting period counts the
last document known, because a correction replaces; the base of comparison is the same period one fiscal year
earlier on the same accounting basis.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from math import isnan
from typing import NamedTuple

import numpy as np

from jstock_core.market.panel import Ints, Statements
from jstock_core.signals.compare import percent_change, rounded
from jstock_core.signals.points import Points, Score, scored
from jstock_core.signals.view import View

ELAPSED = {"1Q": 0.25, "2Q": 0.5, "3Q": 0.75}
"""Share of the fiscal year that has passed at each interim report; full-year documents have no progress."""

PARTS = ("sales", "profit", "progress")


class Document(NamedTuple):
    """What the score reads of one statement. `figures` are yen, NaN where the document has none."""

    period: str
    period_end: date
    year_end: date
    basis: tuple[str, ...]
    figures: Mapping[str, float]


def fundamental(view: View) -> Score:
    """Score each stock by the statements known at each row's decision time; 50 without a base."""
    rows, stocks = view.shape
    judged = np.zeros((stocks, rows, len(PARTS) + 1), dtype=np.int8)
    for column, disclosed in _by_column(view).items():
        steps = np.searchsorted(view.statements.known_at[disclosed], view.decided_at, side="right")
        documents = _documents(view.statements, disclosed[: steps.max(initial=0)])
        judged[column] = _judged(documents, steps)
    points = {part: np.ascontiguousarray(judged[:, :, i].T) for i, part in enumerate(PARTS)}
    return scored(points, np.ascontiguousarray(judged[:, :, -1].T == 0))


def _judged(documents: Sequence[Document], steps: Ints) -> Points:
    """(R, 4): the points of the parts where `steps` documents are known, and 1 where there is a base."""
    by_count = np.zeros((len(documents) + 1, len(PARTS) + 1), dtype=np.int8)
    wanted = set(np.unique(steps).tolist())
    current: dict[tuple[str, date], Document] = {}
    for count, document in enumerate(documents, start=1):
        current[document.period, document.period_end] = document
        points = judge(current.values()) if count in wanted else None
        if points is not None:
            by_count[count] = (*points, 1)
    found: Points = by_count[steps]
    return found


def _by_column(view: View) -> Mapping[int, Ints]:
    """Rows of the financial statements of each stock of the panel, in order of disclosure."""
    statements = view.statements
    financial = np.char.find(statements.doc_type, "FinancialStatements") >= 0
    usable = np.flatnonzero(financial & ~np.isnat(statements.period_end) & ~np.isnat(statements.year_end))
    found: dict[int, list[int]] = defaultdict(list)
    for row, code in zip(usable.tolist(), statements.code[usable].tolist(), strict=True):
        if code in view.panel.column:
            found[view.panel.column[code]].append(row)
    return {column: np.array(rows, dtype=np.int64) for column, rows in found.items()}


def _documents(statements: Statements, rows: Ints) -> list[Document]:
    figures = {name: values[rows].tolist() for name, values in statements.figures.items()}
    return [
        Document(period, end, year_end, tuple(kind.split("_")[-2:]), {k: v[i] for k, v in figures.items()})
        for i, (period, end, year_end, kind) in enumerate(
            zip(
                statements.period[rows].tolist(),
                statements.period_end[rows].tolist(),
                statements.year_end[rows].tolist(),
                statements.doc_type[rows].tolist(),
                strict=True,
            )
        )
    ]


def judge(current: Collection[Document]) -> tuple[int, int, int] | None:
    """Points for sales growth, profit growth and progress; None without a base.

    `current` holds the last document known of each reporting period.
    """
    latest = max(current, key=lambda document: document.period_end)
    base = _base(latest, current)
    if base is None:
        return None
    return _sales(latest, base), _profit(latest, base), _progress(latest)


def _base(latest: Document, documents: Iterable[Document]) -> Document | None:
    a_year_earlier = (latest.year_end.year - 1, latest.year_end.month)
    for document in documents:
        same_kind = (document.period, document.basis) == (latest.period, latest.basis)
        if same_kind and (document.year_end.year, document.year_end.month) == a_year_earlier:
            return document
    return None


def _growth(name: str, latest: Document, base: Document) -> float:
    """Percent growth of a figure; NaN where either lacks it or the base is not above 0."""
    now, before = latest.figures[name], base.figures[name]
    return percent_change(now, before) if before > 0 else float("nan")


def _sales(latest: Document, base: Document) -> int:
    growth = _growth("Sales", latest, base)
    return 15 if growth > 10 else 10 if growth > 5 else -15 if growth < -5 else 0


def _profit(latest: Document, base: Document) -> int:
    """Judge the first of OP, OdP and NP that both documents have."""
    for name in ("OP", "OdP", "NP"):
        if not (isnan(latest.figures[name]) or isnan(base.figures[name])):
            growth = _growth(name, latest, base)
            return 20 if growth > 15 else 12 if growth > 8 else -20 if growth < -10 else 0
    return 0


def _progress(latest: Document) -> int:
    """Judge an interim report's sales against its own forecast for the year."""
    elapsed, forecast = ELAPSED.get(latest.period), latest.figures["FSales"]
    if elapsed is None or not forecast > 0:
        return 0
    return 15 if rounded(latest.figures["Sales"] / forecast) > rounded(elapsed + 0.03) else 0
