"""Which checks a rule needs by its kind, and whether a certificate has them all."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from jstock_core.research.certificates.certificate import Certificate

CAUSALITY, DETERMINISM, INDEPENDENCE = "causality", "determinism", "independence"
START_LENGTH, DEAD_SIGNALS, QUIET_ROWS = "start length", "dead signals", "quiet rows"


def every_check() -> tuple[str, ...]:
    """The names of all checks. They are code and no table, so that `seal` sees whether one was replaced."""
    return CAUSALITY, START_LENGTH, DETERMINISM, INDEPENDENCE, DEAD_SIGNALS, QUIET_ROWS


def checks_of_exits() -> tuple[str, ...]:
    """The names of those that only exits and their layers are put to: nothing else is asked along rows."""
    return (QUIET_ROWS,)


def inapplicable_checks() -> dict[tuple[str, str], str]:
    """Why a kind of rule is not put to a check, by kind and check."""
    refuses = "what a filter does not know it refuses, so too short a history buys nothing"
    pauses = "what a protection does not know pauses, so too short a history buys nothing"
    return {
        ("filter", START_LENGTH): refuses,
        ("protection", START_LENGTH): pauses,
        ("sizing", START_LENGTH): "a sizing is given a price and an ATR, and no history",
        ("sizing", CAUSALITY): "a sizing is given no market to look ahead in",
    }


APART: Mapping[tuple[str, str], str] = MappingProxyType(inapplicable_checks())
CHECKS = every_check()


def needed_checks(kind: str) -> tuple[str, ...]:
    """The checks that a kind of rule is put to, in their order."""
    others = () if kind in ("exit", "layer") else checks_of_exits()
    return tuple(
        name for name in every_check() if name not in others and (kind, name) not in inapplicable_checks()
    )


def is_complete(certificate: Certificate) -> bool:
    """Whether it has every check that applies to its kind, each once, and all passed."""
    made = sorted(check.name for check in certificate.checks)
    return certificate.passed and made == sorted(needed_checks(certificate.kind))
