"""Tables of research: what has been proven of a rule, and a backtest's metrics beside TOPIX."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from jstock_core.base.arguments import require_kind
from jstock_core.base.errors import UsageError
from jstock_core.base.words import UNKNOWN, number, pct, plural, yen
from jstock_core.reports.render.parts.cells import headings, numeric
from jstock_core.reports.render.parts.table import Cell, Table
from jstock_core.research.certificates.certificate import Certificate
from jstock_core.research.performance import MaxDrawdown, Metrics, TrackRecord
from jstock_core.research.statistics.chance import LEAST_SESSIONS as FEW_SESSIONS

_DEFINED = 2


def certificate_table(certificate: Certificate) -> Table:
    """The checks of a certificate, failed ones first, with what was measured and found."""
    require_kind(certificate, Certificate, "a certificate", "give one of those that `lab.check(...)` returns")
    rows = (
        (
            Cell(check.name),
            Cell("ok", "gain") if check.passed else Cell("FAILED", "loss"),
            Cell(check.measured, note="; ".join(check.findings)),
        )
        for check in sorted(certificate.checks, key=lambda each: each.passed)
    )
    return Table(headings(f"{certificate.kind} {certificate.rule}", "Verdict", "Measured"), tuple(rows), "")


def metrics_notes(records: Iterable[TrackRecord]) -> tuple[str, ...]:
    """What a reader of backtest metrics must know."""
    given = tuple(records)
    paid = any(record.dividends for record in given)
    dividends = ": compare it with the return without them" if paid else "; neither side counts them"
    return (f"TOPIX is the price index, without dividends{dividends}.", *_few_sessions(given))


def _few_sessions(records: Iterable[TrackRecord]) -> Iterator[str]:
    """That figures of a year are made of little, or of nothing."""
    sessions = max((record.own.sessions for record in records), default=0)
    if sessions < FEW_SESSIONS:
        none = ", and with one they are not defined" if sessions < _DEFINED else ""
        yield (
            f"{plural(sessions, 'session')}: figures a year (CAGR, volatility, Sharpe, beta, alpha and the"
            f" like) say little with fewer than {FEW_SESSIONS}{none}."
        )


def metrics_table(title: str, records: Mapping[str, TrackRecord]) -> Table:
    """The metrics of track records by row under a title, a column for each record and one for TOPIX.

    Raises:
        UsageError: there are no records.

    """
    require_kind(records, Mapping, "a mapping of track records", "give the `records` of a trial")
    if not records:
        raise UsageError("there are no track records", do="give those of at least one group")
    benchmark = next(iter(records.values())).benchmark
    total, *rest = _own_rows(records, benchmark)
    rows = (total, *_dividend_rows(records), *rest, *_part_rows(records))
    return Table(headings(title, *numeric(*records, "TOPIX")), tuple(rows), "Nothing was measured")


_Format = Callable[[Any], str]


def _own_rows(records: Mapping[str, TrackRecord], benchmark: Metrics) -> Iterator[tuple[Cell, ...]]:
    """The metrics that the benchmark has too."""
    for label, key, form in _OWN:
        values = (*(getattr(record.own, key) for record in records.values()), getattr(benchmark, key))
        yield (Cell(label), *(Cell(form(value)) for value in values))


def _dividend_rows(records: Mapping[str, TrackRecord]) -> Iterator[tuple[Cell, ...]]:
    """What dividends have to do with the total return, where there were any."""
    if any(record.dividends for record in records.values()):
        without = (_signed_pct(record.price_return) for record in records.values())
        yield (Cell("  without dividends"), *(Cell(each) for each in without), Cell(""))
        yield (Cell("  dividends"), *(Cell(yen(record.dividends)) for record in records.values()), Cell(""))


def _part_rows(records: Mapping[str, TrackRecord]) -> Iterator[tuple[Cell, ...]]:
    """The metrics of lots, of activity, and against the benchmark."""
    for label, part, key, form in _PARTS:
        values = (getattr(getattr(record, part), key) for record in records.values())
        yield (Cell(label), *(Cell(form(value)) for value in values), Cell(""))


def _signed_pct(fraction: float | None) -> str:
    return pct(None if fraction is None else 100 * fraction, 2)


def _pct(fraction: float | None) -> str:
    return UNKNOWN if fraction is None else f"{number(100 * fraction)} %"


def _ratio(value: float | str | None) -> str:
    return value if isinstance(value, str) else number(value)


def _peak(worst: MaxDrawdown | None) -> str:
    return "" if worst is None else str(worst.peak)


def _trough(worst: MaxDrawdown | None) -> str:
    return "" if worst is None else str(worst.trough)


_OWN: tuple[tuple[str, str, _Format], ...] = (
    ("total return", "total_return", _signed_pct),
    ("CAGR", "cagr", _signed_pct),
    ("volatility", "volatility", _pct),
    ("Sharpe", "sharpe", _ratio),
    ("Sortino", "sortino", _ratio),
    ("max drawdown", "deepest", _pct),
    ("  from peak", "max_drawdown", _peak),
    ("  to trough", "max_drawdown", _trough),
    ("Calmar", "calmar", _ratio),
)
"""Label, field of `Metrics`, and how it is shown."""

_PARTS: tuple[tuple[str, str, str, _Format], ...] = (
    ("closed lots", "lots", "closed", str),
    ("win rate", "lots", "win_rate", _pct),
    ("profit factor", "lots", "profit_factor_shown", _ratio),
    ("average win", "lots", "average_win", yen),
    ("average loss", "lots", "average_loss", yen),
    ("expectancy", "lots", "expectancy", yen),
    ("holding sessions", "lots", "holding_sessions", _ratio),
    ("turnover a year", "activity", "turnover", _ratio),
    ("exposure", "activity", "exposure", _pct),
    ("beta", "against", "beta", _ratio),
    ("alpha", "against", "alpha", _signed_pct),
    ("correlation", "against", "correlation", _ratio),
    ("tracking error", "against", "tracking_error", _pct),
    ("information ratio", "against", "information_ratio", _ratio),
)
"""Label, part of a `TrackRecord`, field of the part, and how it is shown."""
