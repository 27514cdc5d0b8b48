"""Tables of research: what has been proven of a rule, and a backtest's metrics beside TOPIX."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jstock_core.reports.render.cells import columns, num
from jstock_core.reports.render.table import Cell, Table
from jstock_core.research.certificates import Certificate


def certificate_table(certificate: Certificate) -> Table:
    """The checks of a certificate, with what was measured and found."""
    rows = (
        (
            Cell(check.name),
            Cell("ok", "gain") if check.passed else Cell("FAILED", "loss"),
            Cell(check.measured, note="; ".join(check.findings)),
        )
        for check in certificate.checks
    )
    return Table(columns(f"{certificate.kind} {certificate.rule}", "Verdict", "Measured"), tuple(rows), "")


def metrics_table(title: str, names: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Metrics by row under a title, a column for each of `names`; a row is its label and values in words."""
    return Table(
        columns(title, *num(*names)),
        tuple(tuple(Cell(text) for text in row) for row in rows),
        "Nothing was measured",
    )
