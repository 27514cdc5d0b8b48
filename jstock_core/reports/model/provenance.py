"""The Provenance section as plain values: what an auditor asks a year later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jstock_core.base.plain import ONLY_IF_SET


@dataclass(frozen=True, kw_only=True)
class RuleStanding:
    """A group's entry or exit (`part`), with the hash of its certificate; `failed` are checks it failed."""

    group: str
    part: str
    rule: str
    certificate: str
    failed: str

    @property
    def is_proven(self) -> bool:
        """Whether it passed every check as it stands."""
        return bool(self.certificate) and not self.failed


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """What the decisions rest on: the version, the data as received (`edition`), its hashes, the rules.

    `rules` is empty where nothing was recorded of them. `seal` is the hash of the decisions, "" for none.
    """

    jstock: str
    provider: str
    edition: str
    data: Mapping[str, str]
    rules: tuple[RuleStanding, ...]
    seal: str = field(default="", metadata=ONLY_IF_SET)

    @property
    def is_proven(self) -> bool:
        """Whether every rule is certified."""
        return bool(self.rules) and all(rule.is_proven for rule in self.rules)
