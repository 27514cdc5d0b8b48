"""Headings in two lines, price over ticker or ticker over price, as yfinance's downloads are saved by pandas.

    Price,Close,Close,Volume,Volume
    Ticker,6758.T,7203.T,6758.T,7203.T
    Date,,,,
    2025-01-06,3300.0,3100.0,1000,2000

Such a table is read as one with a date and a ticker in each row. Its prices are divided by all splits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

LINES = 3
"""Lines above the rows: two of headings, and one that names the dates."""
_LEVELS = frozenset({"price", "ticker"})


@dataclass(frozen=True)
class StackedHeader:
    """Of each column after the dates: its price, as "Close", and its ticker."""

    prices: tuple[str, ...]
    tickers: tuple[str, ...]

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings of the table that it is read as."""
        return ("Date", "Ticker", *dict.fromkeys(self.prices))

    @property
    def names(self) -> tuple[str, ...]:
        """A name for each column as it is written."""
        return ("Date", *(str(number) for number in range(len(self.prices))))

    def unstack(self, table: pa.Table) -> pa.Table:
        """Rows of dates and tickers; those of a day without any figure of the ticker are left out."""
        import pyarrow as pa

        parts = [self._of_ticker(table, ticker) for ticker in dict.fromkeys(self.tickers)]
        return pa.concat_tables(parts)

    def _of_ticker(self, table: pa.Table, ticker: str) -> pa.Table:
        import pyarrow as pa
        import pyarrow.compute as pc

        pairs = zip(self.prices, self.tickers, self.names[1:], strict=True)
        columns = {price: table.column(name) for price, own, name in pairs if own == ticker}
        nothing = pa.nulls(len(table), pa.string())
        figures = {price: columns.get(price, nothing) for price in self.headings[2:]}
        whole = pa.table({"Date": table.column("Date"), "Ticker": pa.array([ticker] * len(table)), **figures})
        filled = pc.binary_length(pc.binary_join_element_wise(*columns.values(), "", null_handling="skip"))
        return whole.filter(pc.greater(filled, 0))


def stacked_header(lines: Sequence[Sequence[str]], words: Mapping[str, str]) -> StackedHeader | None:
    """The header in the cells of the first lines; None where they are none in two lines."""
    if len(lines) < LINES or len({len(cells) for cells in lines[:LINES]}) != 1:
        return None
    upper, lower, dates = lines[:LINES]
    levels = {cells[0].strip().lower(): tuple(cells[1:]) for cells in (upper, lower) if cells}
    if levels.keys() != _LEVELS or words.get(dates[0].strip().lower()) != "date" or any(dates[1:]):
        return None
    return StackedHeader(levels["price"], levels["ticker"])
