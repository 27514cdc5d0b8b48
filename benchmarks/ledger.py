"""The journal at the size of a long life: 10,000 trades folded, read back, and a day appended."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from statistics import median

from benchmarks.place import Place
from benchmarks.timing import Line, timed, typical
from jstock_core.state.book.book import replay
from jstock_core.state.facts.events import Decided, Deposit, Event, Filled, OrderPlaced, Settled
from jstock_core.state.journal.journal import Journal

TRADES = 10_000
FIRST = date(2021, 1, 4)
PER_DAY = 20


def history(trades: int) -> list[Event]:
    """A deposit, then days that buy ten codes and sell them again on the next."""
    events: list[Event] = [
        Deposit(session=FIRST, source="bench", group="g", amount=10**10, reason="initial capital")
    ]
    for day in range(trades // PER_DAY):
        events += day_of(FIRST + timedelta(days=day), day % 7)
    return events


def day_of(session: date, shift: int) -> Iterator[Event]:
    """A decision, and ten orders to buy and to sell with their fills."""
    codes = [str(1301 + shift + n) for n in range(PER_DAY // 2)]
    yield Decided(
        session=session, source="bench", group="g", evaluated=session, decided_at=f"{session}T07:00",
        status="complete",
    )  # fmt: skip
    for side in ("BUY", "SELL"):
        for code in codes:
            order = OrderPlaced(
                session=session, source="bench", group="g", code=code, side=side, shares=100, reserve=0,
                fraction_pct=None if side == "BUY" else 100, score=70.0, layer="", reason="",
                evaluated=session,
            )  # fmt: skip
            yield order
            yield Filled(
                session=session, source="bench", group="g", code=code, side=side, shares=100,
                price=Decimal(1000 + shift), order_id=order.id,
            )  # fmt: skip
    yield Settled(session=session, source="bench")


def lines(place: Place) -> Iterator[Line]:
    events = history(place.size(TRADES))
    fills = [event for event in events if isinstance(event, Filled)]
    yield Line(
        "replay",
        f"{len(fills):,} trades with orders and days, {len(events):,} events, folded",
        typical(lambda: replay(events), place.repeats),
        "the fills' yen added up",
        typical(lambda: sum(fill.amount for fill in fills), place.repeats),
        aim=0.2,
    )
    with tempfile.TemporaryDirectory(dir=place.folder) as folder:
        yield from _on_disk(Path(folder), events, place.repeats)


def _on_disk(folder: Path, events: list[Event], repeats: int) -> Iterator[Line]:
    file = folder / "journal.sqlite"
    _open(file).append(events)
    text = file.read_bytes()
    yield Line(
        "open",
        f"a journal of {len(events):,} events opened, every hash checked, folded",
        typical(lambda: _open(file).book(), max(repeats // 2, 1)),
        f"its {len(text) / 1e6:.0f} MB read",
        typical(file.read_bytes, repeats),
    )
    small, days = folder / "small.sqlite", count()
    journal = _open(small)
    journal.append(events[:1])

    def append() -> float:
        day = tuple(day_of(FIRST + timedelta(days=next(days)), 0))
        return timed(lambda: journal.append(day))

    append()
    yield Line(
        "append",
        f"a day's {len(tuple(day_of(FIRST, 0)))} events appended, synced to disk",
        median(append() for _ in range(max(repeats, 3) * 3)),
        "20 kB written to a file and synced",
        typical(lambda: _synced(folder / "plain"), repeats * 3),
        aim=0.02,
    )


def _open(file: Path) -> Journal:
    return Journal.open(file, "simulated", lambda: datetime(2026, 1, 20, tzinfo=UTC))


def _synced(path: Path) -> None:
    with path.open("ab") as file:
        file.write(bytes(20_000))
        file.flush()
        os.fsync(file.fileno())
