"""The search for corrections: rows that a vendor changed after they were fetched.

A fetch asks for what is new. Where the source says which days it changed, those are read again; and once a
week the last two months are, of every data set. What differs is a revision (see `data/store`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from jstock_core.base.durable import write_atomically
from jstock_core.base.errors import JstockError
from jstock_core.base.identity.seal import seal, unseal
from jstock_core.base.limits import read_file
from jstock_core.base.progress import Say, silent
from jstock_core.data.providers.protocol import DATASETS, Provider, ReportsChanges, fetch_from
from jstock_core.data.store.store import MarketStore

EVERY = timedelta(days=7)
SPAN = timedelta(days=62)
"""How far back a weekly reading goes."""


@dataclass(frozen=True)
class LastLook:
    """When the source was last asked for its changes, and when recent months were last read again."""

    asked_at: datetime
    read_at: datetime


def look_for_corrections(
    store: MarketStore, provider: Provider, place: Path, now: datetime, say: Say = silent
) -> int:
    """Read again what may have been corrected; return how many rows were. `place` keeps the last time.

    A source that does not answer stops nothing: it is asked again by the next fetch.
    """
    last = _read(place)
    if last is None:
        _write(place, LastLook(now, now))
        return 0
    due = now - last.read_at >= EVERY
    try:
        first = dict(_changed(store, provider, last.asked_at, now))
        if due:
            recent = (now - SPAN).date()
            first = {name: min(first.get(name, recent), recent) for name in DATASETS if name != "master"}
        revised = _read_again(store, provider, first, now, say)
    except JstockError as error:
        say(f"corrections could not be looked for: {error.what}")
        return 0
    _write(place, LastLook(now, now if due else last.read_at))
    return revised


def _changed(
    store: MarketStore, provider: Provider, since: datetime, now: datetime
) -> Iterator[tuple[str, date]]:
    """The data sets that the source changed, and the first day of each; what still grows is no change."""
    if not isinstance(provider, ReportsChanges):
        return
    contents, first = store.read(), dict[str, date]()
    for span in provider.changed_since(since, now):
        newest = contents.last(span.dataset)
        if newest is not None and span.last < newest:
            first[span.dataset] = min(first.get(span.dataset, span.first), span.first)
    yield from first.items()


def _read_again(
    store: MarketStore, provider: Provider, first: Mapping[str, date], now: datetime, say: Say
) -> int:
    revised = 0
    for dataset, day in first.items():
        if store.read().last(dataset) is None:
            continue
        say(f"read {dataset} again from {day}")
        rows = fetch_from(provider, dataset, day - timedelta(days=1), now)
        revised += store.append(dataset, rows, provider, received_at=now).revised
    return revised


def _read(place: Path) -> LastLook | None:
    """The last look; None where there was none, or its file is damaged: then it is taken for one of now."""
    try:
        fields = unseal(read_file(place)) or {}
        return LastLook(*(datetime.fromisoformat(fields[key]) for key in ("asked_at", "read_at")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(place: Path, look: LastLook) -> None:
    fields = {"asked_at": look.asked_at.isoformat(), "read_at": look.read_at.isoformat()}
    write_atomically(place, seal(fields))
