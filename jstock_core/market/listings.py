"""What is known of stocks besides their prices, and since when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Listing:
    """What is known of one stock besides its prices.

    Name and sector are "" where there is no list of stocks. `kind` is "stock" or "etf"; `scale` the TOPIX
    size class as J-Quants spells it ("TOPIX Core30", "-", ...), "" where it is not known.
    `unit` is the trading unit in shares. `is_listed` is whether the newest list of stocks still has it,
    `last_day` the last session before a delisting, where that is announced.
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
    """The listing of a stock that holds on a day; before the first known one that, without any `listing`."""
    dated = lists.get(listing.code)
    if not dated:
        return listing
    return next((each.listing for each in reversed(dated) if each.since <= on), dated[0].listing)


def known_lists(
    lists: Mapping[str, tuple[DatedListing, ...]], day: date
) -> Mapping[str, tuple[DatedListing, ...]]:
    """The listings that were known on a day; of a stock that was not, the first."""
    if not lists:
        return lists
    known = {code: tuple(each for each in dated if each.since <= day) for code, dated in lists.items()}
    return {code: dated or lists[code][:1] for code, dated in known.items()}
