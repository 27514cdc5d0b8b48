"""The simulated market as a provider: its settings, its id, and rows when they are asked for."""

from __future__ import annotations

from datetime import date, datetime
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from jstock_core.base.errors import UsageError
from jstock_core.base.params import declare
from jstock_core.data.providers.protocol import DATASETS, Capabilities
from jstock_core.data.providers.simulated.randomness import VERSION

if TYPE_CHECKING:
    import pyarrow as pa


@declare
class Simulated:
    """The simulated market as a `Provider`; another seed moves the same companies otherwise."""

    seed: int = Field(default=7, ge=0, le=2**31)
    capabilities: ClassVar[Capabilities] = Capabilities(
        live=True, fetches=True, simulated=True, seeds_history=True, reproducible=True
    )

    @property
    def id(self) -> str:
        """Changes with the seed and with every change to the numbers."""
        return f"simulated-{VERSION}-{self.seed}"

    def fetch(self, dataset: str, after: date | None, now: datetime) -> pa.Table:
        """Rows that became public by `now` (aware), later than `after` in their first date column.

        Raises:
            UsageError: an unknown data set, a naive `now`, or one beyond the calendar.

        """
        if dataset not in DATASETS:
            raise UsageError(f'"{dataset}" is not a data set', do=f"give one of {', '.join(DATASETS)}")
        if now.tzinfo is None:
            raise UsageError(f"{now} has no time zone", do="give the time with its zone, JST")
        # Ten modules and pyarrow make the numbers; a desk whose data are stored opens without them.
        tables = import_module(f"{__package__}.tables")
        rows: pa.Table = tables.fetch_rows(dataset, self.seed, after, now)
        return rows
