"""Facts about stocks other than prices, with the day from which each holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Listing:
    """Facts about one stock other than prices.

    Name and sector are "" without a list of stocks. `kind` is "stock" or "etf"; `scale` is the TOPIX size
    class as J-Quants spells it ("TOPIX Core30", "-", ...), "" if unknown. `unit` is the trading unit in
    shares. `is_listed` is whether the newest list of stocks contains it; `last_day` is the last session
    before an announced delisting, else None.
    """

    code: str
    name: str
    sector: str
    kind: str = "stock"
    scale: str = "-"
    unit: int = 100
    is_listed: bool = True
    last_day: date | None = None


@dataclass(frozen=True)
class DatedListing:
    """A listing, and the day from which it holds."""

    since: date
    listing: Listing


def listing_on(lists: Mapping[str, tuple[DatedListing, ...]], listing: Listing, on: date) -> Listing:
    """The listing in force on a day; before the first dated one, the first; without any, `listing`."""
    dated = lists.get(listing.code)
    if not dated:
        return listing
    return next((each.listing for each in reversed(dated) if each.since <= on), dated[0].listing)


def known_lists(
    lists: Mapping[str, tuple[DatedListing, ...]], day: date
) -> Mapping[str, tuple[DatedListing, ...]]:
    """The listings in force on a day; for a stock that had none yet, its first."""
    if not lists:
        return lists
    known = {code: tuple(each for each in dated if each.since <= day) for code, dated in lists.items()}
    return {code: dated or lists[code][:1] for code, dated in known.items()}
