"""The certificate as a value: its checks, the rule and data they are about, and a hash over all of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any


@dataclass(frozen=True)
class Check:
    """One check of a rule: whether it passed, what was measured, and the findings.

    A passed check may have findings too: they are worth a look, but not faults.
    """

    name: str
    passed: bool
    measured: str
    findings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Certificate:
    """What was proven of a rule. `kind` is "entry", "exit", "layer", "filter", "protection", "sizing" or
    "feature".

    `parameters` are the rule's as a group file would write them, `source` the SHA-256 of its source and of
    what it stands on, `data` the SHA-256 of each stored data set it was tried on.
    """

    rule: str
    kind: str
    parameters: Mapping[str, Any]
    source: str
    provider: str
    data: Mapping[str, str]
    jstock: str
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether there are checks and all of them passed."""
        return bool(self.checks) and all(check.passed for check in self.checks)

    @property
    def failed(self) -> tuple[str, ...]:
        """Names of the checks that failed."""
        return tuple(check.name for check in self.checks if not check.passed)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 over all of it as canonical JSON: equal rules on equal data have equal certificates."""
        text = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return sha256(text.encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """Plain JSON types, with the verdict and the hash."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return {"sha256": self.sha256, "passed": self.passed, **plain}
