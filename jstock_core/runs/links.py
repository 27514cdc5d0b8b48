"""Where a published page leads: the mornings beside it, the list of all, its orders.

A published page never changes, so it cannot learn which run of the next morning will count. It links to the
morning before by the page of that trade date, which always leads to the newest good run, and to the next one
by its row in the list of all mornings. All links are relative: the folder may be moved, served or copied.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jstock_core.market.calendar import tse
from jstock_core.runs.latest import INDEX, latest_run, run_days

_ORDERS = "orders.csv"
_UP = "../.."


@dataclass(frozen=True)
class PageLink:
    """A link of a page, and the trade date it leads to; None where that is no morning."""

    href: str
    day: date | None = None


@dataclass(frozen=True)
class PageLinks:
    """The links of a page; None for what there is not."""

    index: PageLink
    before: PageLink | None = None
    after: PageLink | None = None
    orders: PageLink | None = None


def page_links(root: Path, trade_date: date, run: Path) -> PageLinks:
    """The links of the page of a run for `trade_date` that is being made in the folder `run`."""
    before = _day_before(root, trade_date)
    after = tse().next(trade_date) if trade_date < tse().last else None  # the calendar ends there
    return PageLinks(
        index=PageLink(f"{_UP}/{INDEX}"),
        before=None if before is None else PageLink(f"{_UP}/{before}/{INDEX}", before),
        after=None if after is None else PageLink(f"{_UP}/{INDEX}#{after}", after),
        orders=PageLink(_ORDERS) if (run / _ORDERS).exists() else None,
    )


def _day_before(root: Path, trade_date: date) -> date | None:
    """The newest trade date before that has a good run."""
    earlier = (date.fromisoformat(name) for name in reversed(run_days(root)) if name < str(trade_date))
    return next((day for day in earlier if latest_run(root, day) is not None), None)
