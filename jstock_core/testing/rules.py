"""Put a rule through the checks of `jstock strategies check`, on a market that is made once a process."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from jstock_core.base.errors import UsageError
from jstock_core.base.params import build
from jstock_core.data.store.load import load_panel
from jstock_core.data.store.store import MarketStore
from jstock_core.market.panel import Panel
from jstock_core.research.certificates.certificate import Certificate
from jstock_core.research.certificates.certify import certify
from jstock_core.research.certificates.ground import Ground, select_stocks
from jstock_core.research.certificates.identity import Rule
from jstock_core.testing.desks import MORNING, SEED, simulated_data

EVERY = 3
"""Every third stock of the simulated market is enough to find a fault, and much faster than all."""


def check_rule(
    rule: Rule | type[Rule], parameters: Mapping[str, Any] | None = None, *, market: Panel | None = None
) -> Certificate:
    """Check an entry, exit, layer, filter, protection or sizing as `jstock strategies check` does.

    The checks are causality, start length, determinism, independence, dead signals and quiet rows.

    Args:
        rule: The rule, or its class, registered by its decorator; a class is built with `parameters`.
        parameters: As a group file gives them; by default none, so that the rule's own defaults hold.
        market: What to try it on: at least 121 sessions; by default five years of the simulated market.

    Raises:
        AssertionError: a check failed; the message lists what was found.
        ParamsError: a parameter is unknown, missing or out of range.
        UsageError: the class is not registered.

    """
    certificate = certify(
        _built(rule, parameters or {}), _simulated_ground() if market is None else Ground.of(market)
    )
    if not certificate.passed:
        raise AssertionError(failures(certificate))
    return certificate


def failures(certificate: Certificate) -> str:
    """What a certificate has against a rule, a line each."""
    lines = [f"{certificate.kind} {certificate.rule}: failed {', '.join(certificate.failed)}"]
    for check in certificate.checks:
        if not check.passed:
            lines += [f"  {check.name} ({check.measured or 'nothing was measured'})"]
            lines += [f"    {finding}" for finding in check.findings]
    return "\n".join(lines)


def _built(rule: Rule | type[Rule], parameters: Mapping[str, Any]) -> Rule:
    if not isinstance(rule, type):
        return rule
    if not getattr(rule, "name", ""):
        raise UsageError(f"{rule.__name__} is not registered", do='put `@entry("Name")` or the like above it')
    return build(rule, parameters, where=rule.__name__)


@cache
def _simulated_ground() -> Ground:
    whole = load_panel(MarketStore(simulated_data(MORNING, SEED)))
    return Ground.of(select_stocks(whole, range(0, len(whole.listings), EVERY)))
