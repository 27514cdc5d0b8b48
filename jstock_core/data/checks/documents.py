"""Checks of statements: what is repeated, corrected, of another basis or in another unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import numpy as np

from jstock_core.data.checks.findings import Finding, Severity
from jstock_core.market.panel import Bools, Floats, Ints, Panel, Statements

_RESULTS = "FinancialStatements"
_REVISION = "ForecastRevision"
ANOTHER_BASIS = 1.25
"""How far a total by the shares may lie from the figure per share: the one counts average shares."""
_THOUSAND = 1000.0
_ASK = "nothing, if the documents say so too; else ask the source"


SILENCE = 120
"""Days without a document of anybody, where companies report every quarter: of one they are 105 at most."""
_INTERIM = frozenset({"1Q", "3Q"})


def check_statements(panel: Panel) -> Iterator[Finding]:
    """Each fault once a stock, at its newest document; and a source that delivers none any more."""
    facts = panel.statements
    if not len(facts.code):
        return
    yield from _silence(panel)
    for severity, find, what, do in _CHECKS:
        yield from _by_code(panel, find(facts), severity, what, do)


def _silence(panel: Panel) -> Iterator[Finding]:
    """No document for longer than companies that report every quarter ever leave between two."""
    facts = panel.statements
    newest: date = np.max(facts.known_at).astype("datetime64[D]").astype(object)
    last = panel.session(-1)
    if (last - newest).days > SILENCE and not _INTERIM.isdisjoint(facts.period.tolist()):
        what = f"no statement was disclosed after {newest}, though companies report every quarter"
        yield Finding("warn", None, last, what, "fetch or import newer statements")


def _is_about_the_future(facts: Statements) -> Bools:
    """Results of a period that had not ended when they were disclosed."""
    early: Bools = _is_result(facts) & (facts.period_end > facts.known_at.astype("datetime64[D]"))
    return early


def _is_in_thousands(facts: Statements) -> Bools:
    """The total is a thousandth, or a millionth, of the figure per share times the shares."""
    ratio = _per_share_ratio(facts, "NP", "EPS")
    with np.errstate(divide="ignore", invalid="ignore"):
        power = -np.log(ratio) / np.log(_THOUSAND)
    whole = np.round(power)
    found: Bools = ((whole == 1) | (whole == 2)) & (np.abs(power - whole) < 0.1)
    return found


def _is_of_another_basis(facts: Statements) -> Bools:
    """A result or forecast per share that its total and the document's shares do not give."""
    found = np.zeros(len(facts.code), dtype=bool)
    for total, per_share in (("NP", "EPS"), ("FNP", "FEPS"), ("NxFNp", "NxFEPS")):
        with np.errstate(divide="ignore", invalid="ignore"):
            found |= np.abs(np.log(_per_share_ratio(facts, total, per_share))) > np.log(ANOTHER_BASIS)
    return found & ~_is_in_thousands(facts)


def _per_share_ratio(facts: Statements, total: str, per_share: str) -> Floats:
    of = facts.figures
    shares = of["ShOutFY"] - np.nan_to_num(of["TrShFY"])
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio: Floats = of[total] / shares / of[per_share]
    return ratio


def _is_corrected(facts: Statements) -> Bools:
    """A later document of the same kind about the same period."""
    return _repeats(facts.code, facts.doc_type, facts.period, facts.period_end.astype(np.int64)) & _is_result(
        facts
    )


def _is_beside_another(facts: Statements) -> Bools:
    """A document of another kind on the same day."""
    day = facts.known_at.astype("datetime64[D]").astype(np.int64)
    return _repeats(facts.code, day) & ~_repeats(facts.code, day, facts.doc_type)


def _lacks_profits(facts: Statements) -> Bools:
    """Results with neither operating nor ordinary profit: banks, and IFRS without a subtotal."""
    return _is_result(facts) & np.isnan(facts.figures["OP"]) & np.isnan(facts.figures["OdP"])


def _is_unknown(facts: Statements) -> Bools:
    """Neither results nor a revised forecast: a kind of document that no score reads."""
    known = [_RESULTS in kind or _REVISION in kind for kind in facts.doc_type.tolist()]
    return ~np.array(known, dtype=bool)


def _is_result(facts: Statements) -> Bools:
    return np.array([_RESULTS in kind for kind in facts.doc_type.tolist()], dtype=bool)


def _repeats(*keys: np.ndarray) -> Bools:
    """(R,): whether an earlier row has the same keys."""
    seen: set[tuple[object, ...]] = set()
    found = []
    for row in zip(*(key.tolist() for key in keys), strict=True):
        found.append(row in seen)
        seen.add(row)
    return np.array(found, dtype=bool)


_CHECKS: tuple[tuple[Severity, Callable[[Statements], Bools], str, str], ...] = (
    (
        "warn",
        _is_about_the_future,
        "reports a period that had not ended",
        "ask the source for the right dates",
    ),
    (
        "warn",
        _is_in_thousands,
        "gives totals in thousands or millions of yen",
        "deliver yen, and import again",
    ),
    ("info", _is_of_another_basis, "counts other shares for its figures per share, as before a split", _ASK),
    ("info", _is_corrected, "takes the place of an earlier document about the same period", _ASK),
    ("info", _is_beside_another, "came out on the day of another document", _ASK),
    ("info", _lacks_profits, "has neither operating nor ordinary profit: net profit is judged", _ASK),
    ("info", _is_unknown, "is of a kind that no score reads", _ASK),
)


def _by_code(panel: Panel, found: Bools, severity: Severity, what: str, do: str) -> Iterator[Finding]:
    """One finding for each of the panel's stocks with any such document."""
    rows: Ints = np.flatnonzero(found)
    newest: dict[str, list[int]] = {}
    for row, code in zip(rows.tolist(), panel.statements.code[rows].tolist(), strict=True):
        if code in panel.column:
            newest.setdefault(code, []).append(row)
    for code, of_code in newest.items():
        on: date = panel.statements.known_at[of_code[-1]].astype("datetime64[D]").astype(object)
        times = f" ({len(of_code)} documents, this the newest)" if len(of_code) > 1 else ""
        yield Finding(severity, code, on, f"the statement of {code} on {on} {what}{times}", do)
