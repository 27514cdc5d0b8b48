"""The tables of the outbox, for any database SQLAlchemy speaks; the journal knows nothing of them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sqlalchemy import MetaData, Table


class OutboxTables(NamedTuple):
    """Entries, what was told, warnings kept for a digest; and the schema that makes them."""

    schema: MetaData
    entries: Table
    told: Table
    digest: Table


@cache
def outbox_tables() -> OutboxTables:
    """The tables; the columns of `outbox` are the fields of `OutboxEntry`, times ISO in UTC."""
    from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table, Text

    schema = MetaData()
    entries = Table(
        "outbox",
        schema,
        Column("id", String(255), primary_key=True),
        Column("key", Text, nullable=False, index=True),
        Column("kind", String(32), nullable=False),
        Column("way", Text, nullable=False),
        Column("recipient", Text, nullable=False),
        Column("trade_date", String(10), nullable=False),
        Column("subject", Text, nullable=False),
        Column("created", String(40), nullable=False),
        Column("next_try", String(40), nullable=False),
        Column("status", String(16), nullable=False, index=True),
        Column("attempts", Integer, nullable=False),
        Column("error", Text, nullable=False),
        Column("sent_at", String(40), nullable=False),
        Column("packed", LargeBinary, nullable=False),
    )
    told = Table(
        "outbox_told",
        schema,
        Column("key", Text, primary_key=True),
        Column("trade_date", String(10), nullable=False),
        Column("text", Text, nullable=False),
    )
    digest = Table(
        "outbox_digest",
        schema,
        Column("key", Text, primary_key=True),
        Column("trade_date", String(10), nullable=False),
        Column("due", String(40), nullable=False),
        Column("text", Text, nullable=False),
    )
    return OutboxTables(schema, entries, told, digest)
