"""The panel: raw and adjusted bars by session and code, with the dated facts that go with them.

`panel.known_at(t)` is the only way to get a panel for a decision: it holds what was public at `t` and
nothing newer. A cut takes leading rows of the same arrays, and every derived value is computed forward from
the first session, so a cut panel equals the whole one bit for bit on the rows they share.

Times of publication are naive JST minutes (`datetime64[m]`); decision times are aware datetimes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from jstock_core.base.errors import DataError, UsageError
from jstock_core.base.memo import Memo
from jstock_core.market.adjustments import PriceAdjustment, price_ratios
from jstock_core.market.dividends import DividendNotices, no_notices
from jstock_core.market.given import GivenValues
from jstock_core.market.listings import DatedListing, Listing, known_lists, listing_on
from jstock_core.market.publication import minute_of, publication_times
from jstock_core.market.read_only import lock_array
from jstock_core.market.recorded_split import RecordedSplit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Dates = NDArray[np.datetime64]  # datetime64[D]
Minutes = NDArray[np.datetime64]  # datetime64[m], JST
Texts = NDArray[np.str_]
Kinds = NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Flows:
    """Weekly investor flows, one row per publication, in thousands of yen; market-wide, never per stock.

    `balance[i]` and `total[i]` are (W,) arrays for investor `i` of `INVESTORS` (buys - sells, buys + sells).
    """

    known_at: Minutes
    published: Dates
    week_end: Dates
    section: Texts
    balance: Mapping[str, Floats]
    total: Mapping[str, Floats]

    @cached_property
    def memo(self) -> Memo:
        """Cache of values derived from these flows, for all panels with them: `flows.memo(key, make)`."""
        return Memo()

    def take(self, rows: Bools) -> Flows:
        """Keep the rows where `rows` is true."""
        return _take_rows(self, rows)


@dataclass(frozen=True, eq=False)
class Statements:
    """Disclosed financial statements, one row per document, ordered by (known_at, number).

    `figures` maps each of `FIGURES` to an (R,) array, NaN where a document lacks the figure.
    """

    known_at: Minutes
    code: Texts
    number: Texts
    doc_type: Texts
    period: Texts
    period_end: Dates
    year_end: Dates
    figures: Mapping[str, Floats]

    def take(self, rows: Bools | Ints) -> Statements:
        """Keep the rows where `rows` is true, or those of these numbers."""
        return _take_rows(self, rows)


@dataclass(frozen=True, eq=False)
class Announcements:
    """Announced earnings dates: at `known_at` it became known that `code` reports on `day`.

    `period` is the fiscal period of the report, "" if the vendor does not deliver it: a newer announcement
    of the same code and period replaces the earlier one.
    """

    known_at: Minutes
    code: Texts
    day: Dates
    period: Texts

    def take(self, rows: Bools | Ints) -> Announcements:
        """Keep the rows where `rows` is true, or those of these numbers."""
        return _take_rows(self, rows)


@dataclass(frozen=True, eq=False)
class Actions:
    """Announced ex-dates: at `known_at` it became known that `code` goes ex on `ex_date` with `adj_factor`.

    `adj_factor` is J-Quants', 0.5 for a split of 2:1; `ex_right` its ExRT, 0 where it is not delivered.
    """

    known_at: Minutes
    code: Texts
    ex_date: Dates
    adj_factor: Floats
    ex_right: Kinds

    def take(self, rows: Bools) -> Actions:
        """Keep the rows where `rows` is true."""
        return _take_rows(self, rows)


@dataclass(frozen=True)
class Source:
    """Where the facts came from. `snapshot` maps a data set to the hash of its rows; `edition` identifies the
    content of the store, "" if unknown. `historical` facts belong to a desk that runs in their time and not
    by the clock. `list_day` is the day of the newest list of stocks in the store, None if unknown.
    """

    provider: str
    simulated: bool
    snapshot: Mapping[str, str] = field(default_factory=dict)
    historical: bool = False
    edition: str = ""
    list_day: date | None = None


Rows = TypeVar("Rows", Flows, Statements, Announcements, Actions)


def _take_rows(table: Rows, rows: Bools | Ints) -> Rows:
    """Take the same rows of every array of a table, including arrays in its mappings."""
    values = {each.name: getattr(table, each.name) for each in fields(table)}
    return replace(table, **{name: _at(rows, value) for name, value in values.items()})


def _at(rows: Bools | Ints, value: Any) -> Any:
    return {k: v[rows] for k, v in value.items()} if isinstance(value, Mapping) else value[rows]


BY_STOCK = ("open", "high", "low", "close", "volume", "adj_factor", "ex_right", "has_row", "market_cap")
"""The arrays of a panel that have a row for each session and a column for each stock."""


@dataclass(frozen=True, eq=False, repr=False)
class Panel:
    """The market: raw bars as (S, N) arrays, sessions first, NaN where a stock has no bar.

    Prices are in traded yen, volume in traded shares. `adj_factor` is 1.0 except on ex-dates; `ex_right` is
    ExRT on ex-dates, 0 if not delivered. `has_row` is whether the source has a row for the stock in the
    session, even an empty one because it did not trade. `market_cap` is in yen at the session's close, NaN
    if not delivered. `topix` is the (S,) close of the benchmark, `topix_total` the same with dividends, None
    if not delivered. `cutoff` is the time at which the panel was cut, None if it was not. `lists` are the
    listings of stocks that changed (see `listing`). `left_out` are codes with bars but no listing,
    `confirmations` the bars (code, session) that a person confirmed, `recorded_splits` the splits that a
    person recorded and the source does not have. `given` are values computed elsewhere, under the names that
    the desk gives them.
    """

    sessions: Dates
    listings: tuple[Listing, ...]
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    adj_factor: Floats
    ex_right: Kinds
    has_row: Bools
    market_cap: Floats
    topix: Floats
    flows: Flows
    statements: Statements
    announcements: Announcements
    actions: Actions
    source: Source
    cutoff: datetime | None = None
    left_out: tuple[str, ...] = ()
    confirmations: frozenset[tuple[str, date]] = frozenset()
    recorded_splits: tuple[RecordedSplit, ...] = ()
    dividends: DividendNotices = field(default_factory=no_notices)
    lists: Mapping[str, tuple[DatedListing, ...]] = field(default_factory=dict)
    topix_total: Floats | None = None
    given: Mapping[str, GivenValues] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Describe the panel in one line: its stocks and sessions."""
        return f"<Panel of {len(self.listings)} stocks, {self._span}>"

    @property
    def _span(self) -> str:
        return f"{self.sessions[0]} to {self.sessions[-1]}" if len(self.sessions) else "nothing"

    @cached_property
    def memo(self) -> Memo:
        """Cache of values derived from this panel: `panel.memo(key, make)`."""
        return Memo()

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The codes in column order."""
        return tuple(listing.code for listing in self.listings)

    @cached_property
    def column(self) -> Mapping[str, int]:
        """Column of each code."""
        return {code: n for n, code in enumerate(self.codes)}

    @cached_property
    def has_bar(self) -> Bools:
        """(S, N): whether the stock traded in the session."""
        return lock_array(~np.isnan(self.close))

    @cached_property
    def forward(self) -> Floats:
        """(S, N): K, the product of 1/AdjFactor up to and including the session (STRATEGY section 0)."""
        ratios = price_ratios(self.adj_factor, self.ex_right)
        return lock_array(np.cumprod(ratios, axis=0, dtype=np.float64))

    @cached_property
    def bars_known_at(self) -> Minutes:
        """(S,): when each session's bars became public."""
        return publication_times("bars", self.sessions)

    @cached_property
    def dates(self) -> tuple[date, ...]:
        """The sessions as plain dates."""
        return tuple(self.sessions.tolist())

    @cached_property
    def _rows(self) -> Mapping[date, int]:
        return {session: s for s, session in enumerate(self.dates)}

    def row(self, session: date) -> int:
        """Row of a session.

        Raises:
            DataError: the session lies outside the stored sessions.

        """
        s = self._rows.get(session)
        if s is None:
            where = f"the store holds {self._span}"
            raise DataError(f"no bars for {session}", where=where, do="fetch or import the missing sessions")
        return s

    def session(self, row: int) -> date:
        """The session of a row."""
        return self.dates[row]

    def known_at(self, t: datetime) -> Panel:
        """Cut to what was public at `t` (aware datetime): the only way to get a panel for a decision."""
        if t.tzinfo is None:
            raise UsageError(f"a decision time needs a time zone, {t} has none", do="use JST")
        minute = minute_of(t)
        rows = int(np.searchsorted(self.bars_known_at, minute, side="right"))
        arrays: dict[str, Any] = {name: getattr(self, name)[:rows] for name in BY_STOCK}
        lists = known_lists(self.lists, day := minute.astype("datetime64[D]").astype(object))
        return replace(
            self,
            lists=lists,
            listings=tuple(listing_on(lists, each, day) for each in self.listings),
            sessions=self.sessions[:rows],
            topix=self.topix[:rows],
            topix_total=None if self.topix_total is None else self.topix_total[:rows],
            flows=self.flows.take(self.flows.known_at <= minute),
            statements=self.statements.take(self.statements.known_at <= minute),
            announcements=self.announcements.take(self.announcements.known_at <= minute),
            actions=self.actions.take(self.actions.known_at <= minute),
            dividends=self.dividends.take(self.dividends.known_at <= minute),
            given={name: each.take(each.known_at <= minute) for name, each in self.given.items()},
            cutoff=t,
            **arrays,
        )

    def listing(self, column: int, on: date) -> Listing:
        """The listing of a stock as of a day: its segment, unit, name and class may have changed since."""
        return listing_on(self.lists, self.listings[column], on)

    def only(self, codes: Collection[str]) -> Panel:
        """Keep the bars and names of some stocks, and all market-wide and dated facts."""
        return self.with_columns([n for n, code in enumerate(self.codes) if code in codes])

    def with_columns(self, columns: slice | Sequence[int] | Ints) -> Panel:
        """Keep the bars and names of some columns, in the given order, and all dated facts."""
        arrays: dict[str, Any] = {name: getattr(self, name)[:, columns] for name in BY_STOCK}
        listings = np.array(self.listings, dtype=object)[columns]
        return replace(self, listings=tuple(listings.tolist()), **arrays)

    def adjustment(self, row: int, column: int) -> PriceAdjustment:
        """What the session in `row` did to the prices and shares of a stock."""
        return PriceAdjustment(self.adj_factor.item(row, column), self.ex_right.item(row, column))
