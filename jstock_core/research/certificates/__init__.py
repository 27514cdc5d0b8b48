"""Certificates: what has been proven of a rule, with which parameters, on which data.

`certify` puts a rule, built in or a third party's, through five checks on a market that is cut, shortened,
shuffled and thinned (`ground`): causality, start length, determinism, independence and dead signals. A
filter and a protection have no start length, because what they do not know they refuse; a sizing is given
no market, so that it can neither look ahead nor lack history (`APART`). The result is a frozen `Certificate`
with a hash over everything it says; `seal` sees whether a plug-in has replaced what the checks stand on;
`store` keeps it in a workspace, where a decision's provenance finds it by the rule's source and parameters.
"""

from __future__ import annotations

from jstock_core.research.certificates.certificate import Certificate, Check
from jstock_core.research.certificates.certify import APART, CHECKS, certify
from jstock_core.research.certificates.ground import Ground
from jstock_core.research.certificates.identity import Rule, declaration, rule_kind, rule_name, source_sha256
from jstock_core.research.certificates.store import (
    add_certificate,
    copy_certificates,
    failed_checks,
    valid_certificate,
)

__all__ = [
    "APART",
    "CHECKS",
    "Certificate",
    "Check",
    "Ground",
    "Rule",
    "add_certificate",
    "certify",
    "copy_certificates",
    "declaration",
    "failed_checks",
    "rule_kind",
    "rule_name",
    "source_sha256",
    "valid_certificate",
]
