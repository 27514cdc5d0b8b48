"""The tax on this year's sales so far: an estimate, of all groups as one account."""

from __future__ import annotations

from jstock_core.base.errors import StateError, UsageError
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.model.money.measures import TaxToDate
from jstock_core.state.accounts.tax import tax_year


def build_tax(facts: Facts) -> TaxToDate:
    """The sales through D that settle in D's year; no estimate where its rate is not known."""
    year = facts.evaluated.year
    try:
        taxed = tax_year((event for event in facts.moves if event.session <= facts.evaluated), year)
    except (StateError, UsageError) as error:
        return TaxToDate(year=year, unknown=error.what)
    return TaxToDate(
        year=year,
        first=taxed.first,
        last=taxed.last,
        sales=len(taxed.sales),
        untaxed=len(taxed.untaxed),
        gain=taxed.gain,
        rate_pct=float(taxed.rate_pct),
        tax=taxed.estimate,
    )
