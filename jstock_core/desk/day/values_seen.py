"""Files of values that are not any more what decisions saw of them.

Of each file a decision keeps the hash of what was known at its time. Values that come later change none of
these hashes; a value that is written over, put in or taken out in the past does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from jstock_core.base.alerts import Alert, Severity
from jstock_core.base.words import plural
from jstock_core.desk.day.market import time_of
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.kept.value_files import read_desk_values
from jstock_core.market.given import GivenValues
from jstock_core.market.publication import minute_of
from jstock_core.state.facts.events import Decided


@dataclass(frozen=True)
class ChangedValues:
    """A file whose values of the past are others than `mornings` decided mornings saw, `first` to `last`.

    `gone` says that the desk does not name the file any more.
    """

    name: str
    first: date
    last: date
    mornings: int
    gone: bool = False

    @property
    def text(self) -> str:
        """One line for people."""
        if self.gone:
            return f"The values {self.name} are not named any more, which the decision for {self.last} saw"
        if self.mornings == 1:
            return f"The values {self.name} changed in their past: the decision for {self.last} saw others"
        return (
            f"The values {self.name} changed in their past: {plural(self.mornings, 'decision')} from"
            f" {self.first} to {self.last} saw others"
        )

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {**vars(self), "first": str(self.first), "last": str(self.last)}


def find_changed_values(
    given: Mapping[str, GivenValues], decided: Iterable[Decided]
) -> tuple[ChangedValues, ...]:
    """Each file of which some decisions saw other values than it has now for their time."""
    seen: dict[str, list[tuple[str, date, np.datetime64]]] = {}
    for event in decided:
        for name, digest in event.provenance.get("values", {}).items():
            seen.setdefault(name, []).append((digest, event.session, minute_of(time_of(event))))
    found = {name: _changed(given.get(name), each) for name, each in sorted(seen.items())}
    return tuple(
        ChangedValues(name, min(days), max(days), len(days), name not in given)
        for name, days in found.items()
        if days
    )


def values_changed_since(desk: Desk, decided: Sequence[Decided], dates: int = 1) -> tuple[ChangedValues, ...]:
    """The same of the newest trade dates that have a decision.

    Raises:
        DataError: a file of values is missing or wrong.

    """
    newest = sorted({event.session for event in decided})[-dates:]
    given = read_desk_values(desk.workspace, desk.settings.values)
    return find_changed_values(given, (event for event in decided if event.session in newest))


def values_alerts(found: Iterable[ChangedValues]) -> Iterator[Alert]:
    """A warning for each file: a backtest sees today's values, and the desk had others."""
    for each in found:
        yield Alert("values", Severity.WARNING, each.name, each.text, "see `jstock runs verify`")


def _changed(values: GivenValues | None, seen: Sequence[tuple[str, date, np.datetime64]]) -> set[date]:
    """The trade dates whose decision saw another digest than the values have now; all without values."""
    if values is None:
        return {day for _, day, _ in seen}
    times = np.unique([minute for _, _, minute in seen])
    now = dict(zip(times.tolist(), values.digests(times), strict=True))
    return {day for digest, day, minute in seen if now[minute.item()] != digest}
