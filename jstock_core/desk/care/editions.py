"""The editions of a desk's market data: made again from what was received."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from jstock_core.desk.workspace.desk import Desk


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
