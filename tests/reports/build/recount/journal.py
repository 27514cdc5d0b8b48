"""The journal as it lies in the database: rows with JSON in them, and what is in force of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

DATES = ("session", "evaluated", "ex_date")
PRICES = ("price", "limit", "cash_in_lieu_price")


@dataclass(frozen=True)
class Fact:
    """A row: its kind, its id, and the fields of its payload as attributes; `details` of a decision."""

    kind: str
    id: str
    fields: Mapping[str, Any]
    details: Mapping[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.fields[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def amount(self) -> int:
        """Yen: as recorded, or the shares at their price."""
        if "amount" in self.fields:
            return self.fields["amount"]
        shares = self.fields.get("shares") or self.fields["difference"]
        return int(shares * self.fields["price"])


def read(rows: Iterable[Mapping[str, Any]]) -> list[Fact]:
    """All rows as facts, in their order."""
    return [_fact(row["kind"], row["id"], json.loads(row["payload"]), row["details"]) for row in rows]


def _fact(kind: str, id_: str, given: Mapping[str, Any], details: str | None = None) -> Fact:
    fields = dict(given)
    for name in DATES:
        if fields.get(name):
            fields[name] = date.fromisoformat(fields[name])
    for name in PRICES:
        if fields.get(name) is not None:
            fields[name] = Decimal(fields[name])
    return Fact(kind, id_, fields, json.loads(details) if details else {})


def in_force(rows: Iterable[Mapping[str, Any]]) -> list[Fact]:
    """The facts that count: without those that were taken back, and without the corrections."""
    facts = read(rows)
    taken_back = {fact.target for fact in facts if fact.kind == "correction"}
    assert all(fact.replacement is None for fact in facts if fact.kind == "correction")
    return [fact for fact in facts if fact.kind != "correction" and fact.id not in taken_back]


def is_trade(fact: Fact) -> bool:
    """Whether shares were traded outside the desk."""
    return fact.kind == "fill" and fact.source != "crossed"


def decisions(facts: Iterable[Fact], session: date) -> dict[str, Fact]:
    """The newest decision of each group for a trade date."""
    return {fact.group: fact for fact in facts if fact.kind == "decided" and fact.session == session}


def before_of(facts: Iterable[Fact], trade_date: date) -> date | None:
    """The trade date before, None on the first morning."""
    return max((f.session for f in facts if f.kind == "decided" and f.session < trade_date), default=None)


def recent(facts: list[Fact], trade_date: date) -> list[Fact]:
    """What was recorded from the decisions of the morning before on; all where there was none."""
    before = before_of(facts, trade_date)
    first = next((n for n, f in enumerate(facts) if f.kind == "decided" and f.session == before), 0)
    return facts[first:]
