"""The journal's two tables, for any database SQLAlchemy speaks."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sqlalchemy import MetaData, Table


class JournalTables(NamedTuple):
    """Both tables, and the schema that makes them."""

    schema: MetaData
    meta: Table
    events: Table


@cache
def journal_tables() -> JournalTables:
    """The tables; the columns of `events` are in the order of the fields of `chain.Record`."""
    from sqlalchemy import Column, Integer, MetaData, String, Table, Text

    schema = MetaData()
    meta = Table(
        "meta",
        schema,
        Column("key", String(32), primary_key=True),
        Column("value", Text, nullable=False),
    )
    events = Table(
        "events",
        schema,
        Column("seq", Integer, primary_key=True, autoincrement=False),
        Column("id", String(255), nullable=False, unique=True),
        Column("kind", String(32), nullable=False),
        Column("session", String(10), nullable=False),
        Column("group", String(64)),
        Column("recorded_at", String(40), nullable=False),
        Column("source", Text, nullable=False),
        Column("payload", Text, nullable=False),
        Column("details", Text),
        Column("prev_hash", String(64), nullable=False),
        Column("hash", String(64), nullable=False),
    )
    return JournalTables(schema, meta, events)
