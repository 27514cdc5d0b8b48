"""What the simulated vendor delivers at a time: mistakes that it corrects later, and the codes of then.

The tables hold the truth. Until a correction is out, a row is delivered as it was at first: a rights issue
without its factor (as happened at J-Quants until 2026-06-29), a close that was the open, a statement in
thousands of yen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time

import pyarrow as pa
import pyarrow.compute as pc

from jstock_core.base.clock import JST
from jstock_core.data.providers.simulated.events import EventKind, ScriptedEvent, events_of_kind
from jstock_core.market.codes import to_jquants

CORRECTED_AT = time(16, 30, tzinfo=JST)
DATED_BY = {"bars": "Date", "statements": "DiscDate", "earnings": "PubDate", "actions": "PubDate",
            "dividends": "PubDate"}  # fmt: skip
"""The tables with codes, and the column that dates their rows."""
THOUSAND = 1000
_IN_YEN = ("Sales", "OP", "OdP", "NP", "FSales", "FOP", "FOdP", "FNP", "Eq")


def as_delivered(dataset: str, rows: pa.Table, now: datetime) -> pa.Table:
    """Rows of a data set as the vendor delivers them at `now`; `master` and what has no codes as they are."""
    if dataset not in DATED_BY or not len(rows):
        return rows
    for event in _uncorrected(now):
        for column, spoil in _MISTAKES[event.kind].get(dataset, {}).items():
            rows = _spoiled(dataset, rows, event, column, spoil)
    for event in events_of_kind(EventKind.RECODE):
        rows = _under_codes(dataset, rows, event)
    return rows


def recoded(today: date) -> dict[str, str]:
    """Old code to new one of the stocks that changed theirs by a day."""
    return {e.code: e.becomes for e in events_of_kind(EventKind.RECODE) if e.first <= today}


def _uncorrected(now: datetime) -> Iterator[ScriptedEvent]:
    """What is to be corrected after `now`."""
    for event in events_of_kind(*_MISTAKES):
        if event.last > event.first and now < datetime.combine(event.last, CORRECTED_AT):
            yield event


def _spoiled(
    dataset: str, rows: pa.Table, event: ScriptedEvent, column: str, spoil: Callable[[pa.Table], pa.Array]
) -> pa.Table:
    place = rows.column_names.index(column)
    wrong = pc.if_else(_about(dataset, rows, event), spoil(rows), rows.column(column))
    return rows.set_column(place, column, wrong)


def _about(dataset: str, rows: pa.Table, event: ScriptedEvent) -> pa.ChunkedArray:
    """Which rows an event is about: bars of its session, the first document from that day on."""
    of_code = pc.equal(rows.column("Code"), to_jquants(event.code))
    days = rows.column(DATED_BY[dataset])
    if dataset == "bars":
        return pc.and_(of_code, pc.equal(days, pa.scalar(event.first)))
    later = pc.and_(of_code, pc.greater_equal(days, pa.scalar(event.first)))
    first = pc.min(pc.filter(days, later))
    return pc.and_(later, pc.fill_null(pc.equal(days, first), False))


def _under_codes(dataset: str, rows: pa.Table, event: ScriptedEvent) -> pa.Table:
    old, new = to_jquants(event.code), to_jquants(event.becomes)
    codes = rows.column("Code")
    since = pc.greater_equal(rows.column(DATED_BY[dataset]), pa.scalar(event.first))
    then = pc.if_else(pc.and_(pc.equal(codes, old), since), new, codes)
    return rows.set_column(rows.column_names.index("Code"), "Code", then)


def _in_thousands(column: str) -> Callable[[pa.Table], pa.Array]:
    def spoil(rows: pa.Table) -> pa.Array:
        yen = pc.if_else(pc.equal(rows.column(column), ""), "0", rows.column(column))
        thousands = pc.divide(pc.cast(yen, pa.int64()), THOUSAND).cast(pa.string())
        return pc.if_else(pc.equal(rows.column(column), ""), "", thousands)

    return spoil


Mistakes = Mapping[str, Mapping[str, Callable[[pa.Table], pa.Array]]]

_MISTAKES: Mapping[EventKind, Mistakes] = {
    EventKind.RIGHTS: {
        "bars": {
            "AdjFactor": lambda rows: pa.array([1.0] * len(rows)),
            "ExRT": lambda rows: pa.nulls(len(rows), pa.float64()),
        }
    },
    EventKind.CORRECTION: {"bars": {"C": lambda rows: rows.column("O")}},
    EventKind.RESTATEMENT: {"statements": {column: _in_thousands(column) for column in _IN_YEN}},
}
"""By kind of event: the columns of a data set that are wrong at first, and what they are then."""
