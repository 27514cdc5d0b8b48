"""Certify a rule: run all checks, whatever the earlier ones found."""

from __future__ import annotations

from collections.abc import Callable

from jstock_core import __version__
from jstock_core.base.errors import JstockError
from jstock_core.research.certificates.certificate import Certificate, Check
from jstock_core.research.certificates.checks import causality, determinism, independence
from jstock_core.research.certificates.dead import dead_signals
from jstock_core.research.certificates.ground import Ground
from jstock_core.research.certificates.identity import Rule, declaration, rule_kind, rule_name, source_sha256
from jstock_core.research.certificates.needed import (
    CAUSALITY,
    DEAD_SIGNALS,
    DETERMINISM,
    INDEPENDENCE,
    QUIET_ROWS,
    START_LENGTH,
    needed_checks,
)
from jstock_core.research.certificates.quiet import quiet_rows
from jstock_core.research.certificates.seal import replaced_parts
from jstock_core.research.certificates.settling import start_length
from jstock_core.research.certificates.unknown import cause_of_silence
from jstock_core.signals.language.plugins import line_of


def all_checks() -> dict[str, Callable[[Rule, Ground], Check]]:
    """How each check is made. It is code and no table, so that `seal` sees whether one was replaced."""
    return {
        CAUSALITY: causality,
        START_LENGTH: start_length,
        DETERMINISM: determinism,
        INDEPENDENCE: independence,
        DEAD_SIGNALS: dead_signals,
        QUIET_ROWS: quiet_rows,
    }


def certify(rule: Rule, ground: Ground) -> Certificate:
    """Try a rule on the ground; what cannot be evaluated fails the check that asked for it.

    A certificate has the checks that apply to the rule's kind: see `needed.APART` for those that do not.
    Where code of jstock was replaced, before or while the rule was asked, every check fails.

    Raises:
        DataError: the source of the rule cannot be found.

    """
    source, unknown = ground.whole.panel.source, cause_of_silence(rule, ground)
    checks = {
        name: _fail_unevaluated(name, unknown) if unknown else _run_check(name, check, rule, ground)
        for name, check in all_checks().items()
        if name in needed_checks(rule_kind(rule))
    }
    replaced = replaced_parts()
    if replaced:
        why = f"a plug-in has replaced {', '.join(replaced[:3])}"
        checks = {name: _fail_unevaluated(name, why) for name in checks}
    return Certificate(
        rule=rule_name(rule),
        kind=rule_kind(rule),
        parameters=declaration(rule),
        source=source_sha256(rule),
        provider=source.provider,
        data=dict(source.snapshot),
        jstock=__version__,
        checks=tuple(checks.values()),
    )


def _run_check(name: str, check: Callable[[Rule, Ground], Check], rule: Rule, ground: Ground) -> Check:
    try:
        return check(rule, ground)
    except JstockError as error:
        return _fail_unevaluated(name, f"{error.what} ({error.where or line_of(error, rule)})")


def _fail_unevaluated(name: str, why: str) -> Check:
    """A failed check: the rule could not be evaluated for it."""
    return Check(name, passed=False, measured="", findings=(f"it could not be evaluated: {why}",))
