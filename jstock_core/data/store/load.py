"""The panel of everything stored: raw bars as (S, N) arrays with the dated facts beside them.

`load_panel(...).known_at(t)` is what a decision is given. The second load of the same data reads NumPy arrays
only, without pyarrow.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np

from jstock_core.data.store import cache
from jstock_core.data.store.assemble import Array, Arrays, assemble
from jstock_core.data.store.contents import StoreContents
from jstock_core.data.store.rows.versions import NEWEST, Vintage
from jstock_core.data.store.store import MarketStore
from jstock_core.market.dividends import DividendNotices
from jstock_core.market.listings import DatedListing, Listing
from jstock_core.market.names import FIGURES, INVESTORS
from jstock_core.market.panel import (
    Actions,
    Announcements,
    Flows,
    Panel,
    Source,
    Statements,
)
from jstock_core.market.rules import unit_of

ETF_PRODUCTS = ("014", "023")  # J-Quants ProdCat: ETF, foreign ETF
ETF_MARKET = "0109"  # "other", where the product category is not delivered


def load_panel(
    store: MarketStore, *, units: Mapping[str, int] | None = None, vintage: Vintage = NEWEST
) -> Panel:
    """Everything stored, or what a vintage shows, as a panel with one column for each code of master.

    Columns are sorted by code. Sessions run without gaps from the first bar to the newest bar or benchmark.
    `units` are the trading units that the desk sets; else master's own count, else the dated table's, else
    100.

    Raises:
        DataError: the store is empty or damaged, or contradicts itself or the calendar.

    """
    arrays, source = store.consult(_load, vintage)
    return _panel(arrays, source, units)


def _load(contents: StoreContents) -> tuple[Arrays, Source]:
    contents.verify()
    manifest = contents.manifest
    source = Source(manifest.provider, manifest.simulated, contents.snapshot(), edition=contents.token)
    path = contents.root / "features" / cache.cache_name(source.snapshot)
    arrays = cache.read_cache(path)
    if arrays is None:
        arrays = assemble(contents)
        cache.write_cache(path, arrays)
    for array in arrays.values():
        array.setflags(write=False)
    return arrays, source


def _panel(arrays: Arrays, source: Source, units: Mapping[str, int] | None) -> Panel:
    bars = arrays["bars"]
    last: date = arrays["sessions"][-1].astype(object)
    return Panel(
        sessions=arrays["sessions"],
        listings=_listings(arrays, last, units),
        lists=_lists(arrays, last, units),
        open=bars[0],
        high=bars[1],
        low=bars[2],
        close=bars[3],
        volume=bars[4],
        adj_factor=bars[5],
        ex_right=arrays["ex_right"],
        has_row=arrays["has_row"],
        market_cap=arrays["market_cap"] if "market_cap" in arrays else np.broadcast_to(np.nan, bars[0].shape),
        topix=arrays["topix"],
        topix_total=arrays.get("topix_total"),
        flows=_flows(arrays),
        statements=_statements(arrays),
        announcements=Announcements(**_part(arrays, "announcements")),
        actions=Actions(**_part(arrays, "actions")),
        dividends=DividendNotices(**_part(arrays, "dividends")),
        source=source,
        left_out=tuple(arrays["left_out"].tolist()),
    )


_LISTING = ("codes", "CoName", "S33Nm", "ScaleCat", "Mkt", "ProdCat", "units", "listed", "last_days")


def _listings(arrays: Arrays, last: date, units: Mapping[str, int] | None) -> tuple[Listing, ...]:
    rows = zip(*(arrays[name].tolist() for name in _LISTING), strict=True)
    return tuple(
        Listing(
            code, name, sector, listing_kind(market, product), scale, _unit(code, last, own, units), listed,
            last_day,
        )
        for code, name, sector, scale, market, product, own, listed, last_day in rows
    )  # fmt: skip


def _lists(
    arrays: Arrays, last: date, units: Mapping[str, int] | None
) -> Mapping[str, tuple[DatedListing, ...]]:
    """The listings of stocks that changed, oldest first."""
    found: dict[str, tuple[DatedListing, ...]] = {}
    part = _part(arrays, "lists")
    for since, listing in zip(part["since"].tolist(), _listings(part, last, units), strict=True):
        found[listing.code] = (*found.get(listing.code, ()), DatedListing(since, listing))
    return found


def listing_kind(market: str, product: str) -> str:
    """The kind of a listing, "stock" or "etf", from J-Quants' Mkt and ProdCat."""
    is_etf = product in ETF_PRODUCTS or (not product and market == ETF_MARKET)
    return "etf" if is_etf else "stock"


def _unit(code: str, last: date, own: float, units: Mapping[str, int] | None) -> int:
    if (units and code in units) or np.isnan(own):
        return unit_of(code, last, units)
    return int(own)


def _part(arrays: Arrays, name: str) -> dict[str, Array]:
    prefix = f"{name}."
    return {key.removeprefix(prefix): array for key, array in arrays.items() if key.startswith(prefix)}


def _flows(arrays: Arrays) -> Flows:
    part = _part(arrays, "flows")
    balance = dict(zip(INVESTORS, part.pop("balance"), strict=True))
    total = dict(zip(INVESTORS, part.pop("total"), strict=True))
    return Flows(**part, balance=balance, total=total)


def _statements(arrays: Arrays) -> Statements:
    part = _part(arrays, "statements")
    figures = dict(zip(FIGURES, part.pop("figures"), strict=True))
    return Statements(**part, figures=figures)
