"""The research report of a backtest: a section for each cell of `backtest.ipynb`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from jstock_core.base.words import count, number, pct, plural, signed_yen, tone, yen
from jstock_core.reports.model.lab.study import StudySheet
from jstock_core.reports.render.lab.stock import fills_chart
from jstock_core.reports.render.lab.trial import (
    changes_table,
    drawdown_plot,
    month_grid,
    returns_plot,
    trial_tiles,
)
from jstock_core.reports.render.parts.cells import headings, numeric, toned_cell
from jstock_core.reports.render.parts.figures import figure, folded, side_by_side, titled
from jstock_core.reports.render.parts.table import Cell, Display, Table, section, text_line
from jstock_core.reports.render.research.chance import chance_table
from jstock_core.reports.render.research.luck import luck_parts, named_bins
from jstock_core.reports.render.research.research import metrics_notes, metrics_table
from jstock_core.reports.render.svg.columns import column_chart
from jstock_core.reports.render.svg.lines import line_chart
from jstock_core.reports.render.svg.maps import heat_map
from jstock_core.reports.render.svg.values import Caption, ChartColumn, ChartLine
from jstock_core.research.frames.rolling import WINDOW
from jstock_core.research.frames.trials import TradeKey, sum_trades

if TYPE_CHECKING:
    import pandas as pd

_EXTREMES, _DRAWN, _BINS = 5, 2, 21
_BEFORE, _AFTER = 30, 15


@dataclass(frozen=True, eq=False, repr=False)
class BacktestPage:
    """A backtest as a report: what came of it, when, by what, and how much of it is luck, costs and size."""

    sheet: StudySheet

    def __repr__(self) -> str:
        """Say in a line which trial is shown."""
        return f"<Report of the backtest {self.sheet.trial.title}>"

    @property
    def top(self) -> Display:
        """What was run, the main figures, what differs from the files, and what a reader must know."""
        trial = self.sheet.trial
        return section("result", "Result", (
            *([text_line(" ".join(trial.marks))] if trial.marks else []),
            trial_tiles(trial),
            *changes_table(trial),
            *([chance_table(trial.chance)] if trial.chance else []),
            folded("All figures", metrics_table(trial.title, trial.records), repeats=False),
            *(text_line(note) for note in (*metrics_notes(trial.records.values()), *trial.notes)),
        ))  # fmt: skip

    @property
    def equity(self) -> Display:
        """Return and drawdown beside TOPIX."""
        trial = self.sheet.trial
        return section("equity", "Equity", (side_by_side((returns_plot(trial), drawdown_plot(trial))),))

    @property
    def months(self) -> Display:
        """The return of each month and year, and the trades that were closed in each year."""
        years = _sums(self.sheet.trades, "year", "Year")
        return section("months", "Months and years", (month_grid(self.sheet.trial), years))

    @property
    def rolling(self) -> Display:
        """Sharpe ratio, beta and exposure as they moved."""
        frame, title = self.sheet.rolling, f"{WINDOW} sessions"
        sharpe = self._line("sharpe", f"Sharpe ratio of the last {title}", frame["sharpe"].tolist())
        beta = self._line("beta", f"Beta of the last {title}", frame["beta"].tolist())
        held = self._line("exposure_pct", "Equity in positions, %", frame["exposure_pct"].tolist(), 0)
        return section("rolling", "Rolling", (side_by_side((sharpe, beta, held)),))

    def _line(self, key: str, title: str, values: Sequence[float], decimals: int = 2) -> Display:
        known = [value for value in values if not np.isnan(value)]
        if not known:
            return text_line(f"{title}: fewer than {WINDOW} sessions, or it is not defined in them")
        low, high = number(min(known), decimals), number(max(known), decimals)
        last = number(values[-1], decimals)
        meaning = f"{low} to {high}, last {last}"
        line = ChartLine("whole", values, "", last, filled=decimals == 0)
        caption = Caption(title, meaning, " ".join(self.sheet.trial.marks))
        svg = line_chart(
            caption, self.sheet.trial.sessions[1:], [line], form=lambda value: number(value, min(decimals, 1))
        )
        name = key.removesuffix("_pct")
        return figure(f"{self.sheet.trial.main}-{name}", title, svg, meaning, f"{low} to {high}")

    @property
    def trades(self) -> Display:
        """How many lots were sold, how long they were held, and how their gains are distributed."""
        trades = self.sheet.trades
        if trades.empty:
            return section("trades", "Trades", (text_line("No lot was sold in these sessions."),))
        said = (
            f"{plural(len(trades), 'lot')} sold, {100 * (trades['gain'] > 0).mean():.0f} % of them with a"
            f" gain; held for {trades['sessions'].median():.0f} sessions (median),"
            f" {trades['sessions'].max():.0f} at most"
        )
        return section("trades", "Trades", (text_line(said), _gains(trades, self.sheet.trial.marks)))

    @property
    def exits(self) -> Display:
        """What sold, and what came of it; before fees."""
        return section("exits", "Exit reasons", (_sums(self.sheet.trades, "layer", "Sold by"),))

    @property
    def extremes(self) -> Display:
        """The lots that won and lost the most, with the candles of some."""
        return section("extremes", "Best and worst", tuple(self._extremes()))

    def _extremes(self) -> Iterator[Display | Table]:
        trades = self.sheet.trades.sort_values("gain", ascending=False, kind="stable")
        best, worst = trades.head(_EXTREMES), trades.tail(_EXTREMES)[::-1]
        worst = worst[~worst.index.isin(best.index)]
        yield titled("Best", _lots_table(best))
        yield titled("Worst", _lots_table(worst))
        drawn: dict[str, tuple[date, date]] = {}
        for lot in (*_lots(best)[:_DRAWN], *_lots(worst)[:_DRAWN]):
            drawn.setdefault(str(lot.code), (lot.opened.date(), lot.closed.date()))
        charts = [self._candles(code, *days) for code, days in drawn.items()]
        yield side_by_side(charts)

    def _candles(self, code: str, opened: date, closed: date) -> Display:
        dates = self.sheet.panel.dates
        first = dates[max(dates.index(opened) - _BEFORE, 0)]
        last = dates[min(dates.index(closed) + _AFTER, len(dates) - 1)]
        marks = " ".join(self.sheet.trial.marks)
        return fills_chart(self.sheet.done, self.sheet.panel, code, (first, last), marks)

    @property
    def sectors(self) -> Display:
        """The trades by sector."""
        return section("sectors", "Sectors", (_sums(self.sheet.trades, "sector", "Sector"),))

    @property
    def costs(self) -> Display:
        """What other costs would have left, each cell a backtest of its own."""
        grid = self.sheet.costs
        title = "Total return by commission (rows, % of the value) and slippage (ticks)"
        least, most = (pct(100 * grid.total_return[place]) for place in ((0, 0), (-1, -1)))
        meaning = f"{least} with the lowest costs, {most} with the highest"
        svg = heat_map(
            Caption(title, meaning, " ".join(self.sheet.trial.marks)),
            [f"{each:g} %" for each in grid.commissions],
            [plural(each, "tick") for each in grid.ticks],
            (100 * grid.total_return).tolist(),
            form=pct,
        )
        even = grid.break_even_pct
        said = (
            f"Without costs the fills are {number(grid.turnover, 1)} times the capital: each 0.1 % of costs"
            f" takes {number(0.1 * grid.turnover, 1)} points of return from the same trades"
            f"{'' if even is None else f', and {even:.2f} % takes all of the gain'}. Costs change what cash"
            " buys too, so neighbouring cells also differ by other trades."
        )
        return section("costs", "Costs", (figure("costs", title, svg, meaning), text_line(said)))

    @property
    def capacity(self) -> Display:
        """What is left with more capital, where no order may be a large part of a stock's turnover."""
        heads = headings("Capital", *numeric("Return", "Sharpe", "In positions", "Share of turnover"))
        rows = tuple(
            (
                Cell(yen(step.capital)),
                toned_cell(_fraction(step.total_return), step.total_return),
                Cell(number(step.sharpe)),
                Cell(_plain(step.exposure)),
                Cell(number(step.share_pct) + (" %" if step.share_pct is not None else "")),
            )
            for step in self.sheet.capacity
        )
        said = (
            "Each line is a backtest with that capital, in which the buys of a morning are at most 5 %"
            " of the stock's median turnover of 20 bars, by the price they are decided at. Share of turnover:"
            " what 95 of 100 fills stay under, buys and sales, by the price they are filled at; so it may be"
            " more. Prices do not move with what is bought, so this is an upper bound."
        )
        return section("capacity", "Capacity", (Table(heads, rows, "no capital was tried"), text_line(said)))

    @property
    def luck(self) -> Display:
        """What other orders of candidates of equal score would have given."""
        found = self.sheet.luck
        parts = () if found is None else luck_parts(found, self.sheet.trial.marks)
        return section("luck", "Luck of ties", parts)


def _fraction(value: float | None) -> str:
    return pct(None if value is None else 100 * value)


def _plain(value: float | None) -> str:
    return number(None if value is None else 100 * value, 0) + (" %" if value is not None else "")


def _sums(trades: pd.DataFrame, by: TradeKey, title: str) -> Table:
    """Lots that were sold, summed: how many, won, gain before fees."""
    heads = headings(title, *numeric("Lots", "Won", "Gain", "Gain %", "Sessions held"))
    rows = tuple(
        (
            Cell(str(row.Index) or ("gone from the market" if by == "layer" else "unknown")),
            Cell(count(row.trades)),
            Cell(f"{row.won_pct:.0f} %"),
            toned_cell(signed_yen(row.gain), row.gain),
            Cell(pct(row.gain_pct)),
            Cell(number(row.sessions, 1)),
        )
        for row in (sum_trades(trades, by).itertuples() if len(trades) else ())
    )
    return Table(heads, rows, "No lot was sold in these sessions")


def _lots(trades: pd.DataFrame) -> list[Any]:
    return list(trades.itertuples())


def _lots_table(trades: pd.DataFrame) -> Table:
    heads = headings("Stock", "Group", "Held", *numeric("Gain", "Gain %"), "Sold by")
    rows = tuple(
        (
            Cell(lot.code, note=lot.name),
            Cell(lot.group),
            Cell(f"{lot.opened.date()} to {lot.closed.date()}", note=plural(lot.sessions, "session")),
            toned_cell(signed_yen(lot.gain), lot.gain),
            Cell(pct(lot.gain_pct), tone(lot.gain_pct)),
            Cell(lot.layer),
        )
        for lot in trades.itertuples()
    )
    return Table(heads, rows, "No lot was sold in these sessions")


def _gains(trades: pd.DataFrame, marks: Sequence[str]) -> Display:
    """How many lots ended with which gain."""
    gains = trades["gain_pct"].dropna().to_numpy()
    most = float(np.ceil(max(np.quantile(np.abs(gains), 0.99), 1.0))) if len(gains) else 1.0
    edges = np.linspace(-most, most, _BINS + 1)
    counts, _ = np.histogram(np.clip(gains, -most, most), edges)
    labels = named_bins(edges)
    columns = [
        ChartColumn(float(n), labels.get(at, ""), f"{pct(low)} to {pct(high)}: {plural(int(n), 'lot')}")
        for at, (n, low, high) in enumerate(zip(counts, edges[:-1], edges[1:], strict=True))
    ]
    title = "Lots by their gain in percent"
    meaning = f"median {pct(float(np.median(gains)))}" if len(gains) else "no gain is known"
    caption = Caption(title, meaning, " ".join(marks))
    svg = column_chart(caption, columns, form=lambda value: number(value, 0), toned=False)
    return figure("gains", title, svg, meaning, meaning)
