"""Which checks a kind of rule needs."""

from __future__ import annotations

from jstock_core.research.certificates.certify import all_checks
from jstock_core.research.certificates.needed import APART, CHECKS, needed_checks
from jstock_core.signals.language.registry import KINDS


def test_every_check_that_is_named_is_made_in_that_order() -> None:
    assert tuple(all_checks()) == CHECKS


def test_a_kind_needs_every_check_but_those_that_do_not_apply() -> None:
    left_out = {(kind, check) for kind in KINDS for check in CHECKS if check not in needed_checks(kind)}
    assert left_out == APART.keys()
