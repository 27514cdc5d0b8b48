"""Certificates of several rules on one card, failures first."""

from __future__ import annotations

from collections.abc import Iterable

from jstock_core.base.words import plural
from jstock_core.reports.render.parts.cells import headings
from jstock_core.reports.render.parts.figures import folded, titled
from jstock_core.reports.render.parts.table import Cell, Display, Table, stack
from jstock_core.reports.render.research.research import certificate_table
from jstock_core.research.certificates.certificate import Certificate


def certificates_card(certificates: Iterable[Certificate]) -> Display:
    """Each rule with its verdict; what was measured of those that passed is folded away."""
    made = sorted(certificates, key=lambda certificate: certificate.passed)
    rows = tuple(
        (
            Cell(each.rule, note=each.kind),
            Cell("ok", "gain") if each.passed else Cell("FAILED", "loss"),
            Cell(", ".join(each.failed)),
        )
        for each in made
    )
    parts: list[Display | Table] = [
        Table(headings("Rule", "Verdict", "Failed"), rows, "There is no rule to check", compact=True)
    ]
    parts += [certificate_table(each) for each in made if not each.passed]
    passed = [certificate_table(each) for each in made if each.passed]
    if passed:
        parts.append(
            folded(f"What was measured of {plural(len(passed), 'rule')}", stack(passed), repeats=False)
        )
    return titled("Certificates", stack(parts))
