"""The journal's two tables, for any database SQLAlchemy speaks."""

from __future__ import annotations

from sqlalchemy import Column, Integer, MetaData, String, Table, Text

schema = MetaData()

meta = Table(
    "meta",
    schema,
    Column("key", String(32), primary_key=True),
    Column("value", Text, nullable=False),
)

# The columns are in the order of the fields of `chain.Record`.
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
