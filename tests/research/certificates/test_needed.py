"""Which checks a kind of rule needs."""

from __future__ import annotations

from jstock_core.research.certificates.certify import all_checks
from jstock_core.research.certificates.needed import APART, CHECKS, checks_of_exits, needed_checks
from jstock_core.signals.language.registry import KINDS


def test_every_check_that_is_named_is_made_in_that_order() -> None:
    assert tuple(all_checks()) == CHECKS


def test_a_kind_needs_every_check_but_those_that_do_not_apply() -> None:
    left_out = {(kind, check) for kind in KINDS for check in CHECKS if check not in needed_checks(kind)}
    others = [kind for kind in KINDS if kind not in ("exit", "layer")]
    of_exits = {(kind, check) for kind in others for check in checks_of_exits()}
    assert left_out == APART.keys() | of_exits


def test_only_exits_and_their_layers_are_asked_along_rows() -> None:
    assert {kind for kind in (*KINDS, "feature") if "quiet rows" in needed_checks(kind)} == {"exit", "layer"}
