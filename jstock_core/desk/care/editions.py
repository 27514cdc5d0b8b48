"""The editions of a desk's market data: what was revised, and the store made again from what was received."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import time
from typing import Any

from jstock_core.desk.day.revised import RevisedData, revised_since
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
