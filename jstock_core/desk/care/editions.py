"""The editions of a desk's market data: what was revised, and the store made again from what was received."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import time
from typing import Any

from jstock_core.base.errors import UsageError
from jstock_core.desk.day.again.revised import RevisedData, revised_since
from jstock_core.desk.workspace.dates import parse_date
from jstock_core.desk.workspace.desk import Desk
from jstock_core.market.calendar import at


@dataclass(frozen=True)
class StoreRebuild:
    """Parsed files made again: of how many deliveries, and the edition they end with."""

    deliveries: int
    edition: str

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)


def rebuild_store(desk: Desk) -> StoreRebuild:
    """Make the parsed edition of the store again from the raw one.

    Raises:
        DataError: the list of deliveries or a raw file is missing or damaged; nothing is changed then.

    """
    with desk.hold("a rebuild of the market data"):
        return StoreRebuild(desk.store.rebuild(), desk.store.read().token)


def show_revisions(desk: Desk, since: str = "", mornings: int = 20) -> RevisedData:
    """What vendors corrected since a date ("" for ever), and which of the last mornings it would change.

    Raises:
        UsageError: the date is malformed. DataError: the store is damaged.

    """
    start = at(parse_date(since), time(0)) if since else None
    return revised_since(desk, desk.journal().history(), start, mornings)


@dataclass(frozen=True)
class StorePurge:
    """Market data removed: of which provider, and how many files."""

    provider: str
    files: int

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)


def purge_store(desk: Desk) -> StorePurge:
    """Remove the market data that the provider delivered. Journal, reports and parameters stay.

    Raises:
        UsageError: nothing is stored. DataError: the store is damaged.

    """
    with desk.hold("a purge of the market data"):
        provider = desk.store.read().manifest.provider
        if not provider:
            raise UsageError("no market data are stored", do="nothing is to be done")
        removed = desk.store.purge()
        for path in (desk.workspace.fetched, desk.workspace.last_look):
            path.unlink(missing_ok=True)
    return StorePurge(provider, removed)
