"""The simulated market: 61 fictitious securities, TOPIX, flows and statements, for working without a vendor.

A pure function of the seed and the session: extending it by a day changes no earlier day, and fetching in
any pieces gives the same rows. `companies.csv` says who is in it, `events.csv` what is scripted to happen.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import Field

from jstock_core.base.clock import JST
from jstock_core.base.errors import UsageError
from jstock_core.base.params import declare
from jstock_core.data.providers.protocol import DATASETS, Capabilities
from jstock_core.data.providers.simulated.companies import Company, companies
from jstock_core.data.providers.simulated.events import EVENTS, EventKind, ScriptedEvent, event
from jstock_core.data.providers.simulated.prices import EPOCH
from jstock_core.data.providers.simulated.randomness import VERSION
from jstock_core.market.calendar import tse

if TYPE_CHECKING:
    import pyarrow as pa

    from jstock_core.data.providers.simulated.tables import DatedTable

__all__ = [
    "EPOCH",
    "EVENTS",
    "VERSION",
    "Company",
    "EventKind",
    "ScriptedEvent",
    "Simulated",
    "companies",
    "event",
]


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
        from jstock_core.data.providers.simulated import tables

        if dataset not in DATASETS:
            raise UsageError(f'"{dataset}" is no data set', do=f"give one of {', '.join(DATASETS)}")
        if now.tzinfo is None:
            raise UsageError(f"{now} has no time zone", do="give the time with its zone, JST")
        last = _horizon(now)
        if dataset == "master":
            return tables.master()
        return _between(_whole(dataset, self.seed, last), after, now)


def _horizon(now: datetime) -> date:
    """The end of the year of `now`: rows are generated a year at a time, and not shown before `now`."""
    tse().last_closed(now)  # refuses a day that the calendar does not know
    year = now.astimezone(JST).year
    return max(EPOCH, min(date(year, 12, 31), tse().last))


@lru_cache(maxsize=16)
def _whole(dataset: str, seed: int, last: date) -> DatedTable:
    from jstock_core.data.providers.simulated.tables import TABLES

    return TABLES[dataset](seed, last)


def _between(whole: DatedTable, after: date | None, now: datetime) -> pa.Table:
    minute = np.datetime64(now.astimezone(JST).replace(tzinfo=None), "m")
    start = 0 if after is None else int(np.searchsorted(whole.days, np.datetime64(after, "D"), side="right"))
    # public times rise with the rows
    stop = int(np.searchsorted(whole.public, minute, side="right"))
    return whole.table.slice(start, max(stop - start, 0))
