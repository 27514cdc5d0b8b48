"""Revisions: what a vendor said otherwise than before, value by value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from jstock_core.data.store.contents import StoreContents
from jstock_core.data.store.editions.ledger import Delivery
from jstock_core.data.store.rows.versions import EDITION, equals_previous, is_missing, repeats
from jstock_core.data.tables.schema import DATA_SETS, DataSet
from jstock_core.market.codes import from_jquants

if TYPE_CHECKING:
    import pyarrow as pa

Value = float | str | None


@dataclass(frozen=True)
class RevisedValue:
    """A value that was delivered otherwise than before.

    `day` dates the row, `code` is its stock, "" for none, `row` names it where day and code do not: a
    document, a week and section.
    """

    dataset: str
    day: date | None
    code: str
    row: str
    column: str
    old: Value
    new: Value
    edition: int
    received_at: datetime

    @property
    def text(self) -> str:
        """One line for people."""
        what = " ".join(word for word in (self.code, self.row, str(self.day or "")) if word)
        return f"{self.dataset} {what}: {self.change}"

    @property
    def change(self) -> str:
        """The column, what it was and what it is."""
        return f"{self.column} {_shown(self.old)} -> {_shown(self.new)}"

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        day = self.day.isoformat() if self.day else None
        return {**vars(self), "day": day, "received_at": self.received_at.isoformat()}


def _shown(value: Value) -> str:
    return "none" if value in (None, "") else f"{value:g}" if isinstance(value, float) else str(value)


def find_revisions(contents: StoreContents, deliveries: Sequence[Delivery]) -> tuple[RevisedValue, ...]:
    """What some deliveries revised, oldest first.

    Raises:
        DataError: a part is missing or damaged.

    """
    by_edition = {delivery.edition: delivery for delivery in deliveries if delivery.revised}
    found = [
        revision
        for dataset in dict.fromkeys(delivery.dataset for delivery in by_edition.values())
        for name, part in contents.manifest.of(dataset).items()
        if part.rows > part.keys and part.edition >= min(by_edition)
        for revision in _revisions(DATA_SETS[dataset], contents.versions(name), by_edition)
    ]
    return tuple(sorted(found, key=lambda each: (each.edition, each.day or date.min, each.code)))


def _revisions(form: DataSet, versions: pa.Table, by_edition: dict[int, Delivery]) -> Iterator[RevisedValue]:
    editions = versions.column(EDITION).to_numpy()
    again = repeats(versions, form.key) & np.isin(editions, list(by_edition))
    for name in form.arrow.names:
        if name in form.key or not again.any():
            continue
        changed = again & ~equals_previous(versions.column(name))
        if name in form.optional:
            changed &= ~np.roll(is_missing(versions.column(name)), 1)
        for row in np.flatnonzero(changed).tolist():
            before, after = versions.slice(row - 1, 2).to_pylist()
            delivery = by_edition[after[EDITION]]
            yield _revision(form, delivery, name, before[name], after)


def _revision(form: DataSet, delivery: Delivery, column: str, old: Any, row: dict[str, Any]) -> RevisedValue:
    dated_by = form.dated_by or "From"
    rest = [name for name in form.key if name not in (dated_by, "Code")]
    code = row.get("Code")
    return RevisedValue(
        dataset=form.name,
        day=row[dated_by],
        code=from_jquants(code) if code else "",
        row=" ".join(str(row[name]) for name in rest),
        column=column,
        old=_plain(old),
        new=_plain(row[column]),
        edition=delivery.edition,
        received_at=delivery.received_at,
    )


def _plain(value: Any) -> Value:
    return value.isoformat() if isinstance(value, date) else value
