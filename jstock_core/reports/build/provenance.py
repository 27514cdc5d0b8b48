"""The Provenance section: what the decisions recorded of the version, the data and the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jstock_core.reports.build.facts import Facts
from jstock_core.reports.model.provenance import Provenance, RuleStanding


def build_provenance(facts: Facts, seal: str = "") -> Provenance:
    """What the newest decisions for the trade date rest on."""
    kept = max(facts.decided.values(), key=lambda decided: decided.decided_at).provenance
    return Provenance(
        jstock=str(kept.get("jstock", "")),
        provider=facts.panel.source.provider,
        edition=str(kept.get("edition", "")),
        data={str(name): str(digest) for name, digest in kept.get("data", {}).items()},
        rules=tuple(_rules(facts)),
        seal=seal,
    )


def _rules(facts: Facts) -> Iterator[RuleStanding]:
    for name, decided in sorted(facts.decided.items()):
        proofs = decided.provenance.get("certificates", {}).get(name)
        group = facts.groups.get(name)
        if proofs is None or group is None:
            continue
        for part, rule in (("entry", group.entry), ("exit", group.exit)):
            proof = proofs[part]
            failed = proof["failed"] if isinstance(proof, Mapping) else ""
            yield RuleStanding(
                group=name,
                part=part,
                rule=type(rule).name or part,
                certificate="" if failed or not proof else str(proof),
                failed=str(failed),
            )
