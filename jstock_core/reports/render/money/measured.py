"""What is measured of the groups and of the whole desk, as tables and as a map of months."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from jstock_core.base.words import UNKNOWN
from jstock_core.reports.model.money.curves import Performance
from jstock_core.reports.model.money.measures import AccountMeasures, Measure, PeriodReturn
from jstock_core.reports.render.parts.cells import toned_cell
from jstock_core.reports.render.parts.figures import figure, folded, small_line
from jstock_core.reports.render.parts.table import Cell, Display, Heading, Table, stack
from jstock_core.reports.render.parts.words import Words
from jstock_core.reports.render.svg.maps import HeatScale, heat_map
from jstock_core.reports.render.svg.values import Caption

_DEEP_PCT = 10.0
"""Percent a month that have the deepest shade."""
_MONTHS = range(1, 13)
_COLUMNS = 3
"""Accounts beside each other: so many that a phone has room."""


def tear_sheets(past: Performance, words: Words) -> Iterator[Table | Display]:
    """The measures in rows, the whole desk and each group in columns; those beyond two are folded.

    Where the data has no TOPIX, nothing is compared with it and it is not named.
    """
    *groups, whole = past.measured
    compared = bool(past.benchmarks)
    yield _tear_sheet((whole, *groups[: _COLUMNS - 1]), words, compared=compared)
    more = groups[_COLUMNS - 1 :]
    parts = [more[n : n + _COLUMNS] for n in range(0, len(more), _COLUMNS)]
    if parts:
        sheets = stack(_tear_sheet(part, words, compared=compared) for part in parts)
        title = words.plural(len(more), "{n} more group", "{n} more groups")
        yield folded(title, sheets, repeats=False)


def _tear_sheet(accounts: Sequence[AccountMeasures], words: Words, *, compared: bool) -> Table:
    heads = (
        Heading(words("Measure")),
        *(Heading(each.group or words(each.name), "num") for each in accounts),
    )
    columns = [tuple(_measures(each, words, compared=compared)) for each in accounts]
    rows = ((Cell(names[0][0]), *(cell for _, cell in names)) for names in zip(*columns, strict=True))
    return Table(heads, tuple(rows), "", compact=True)


def _measures(each: AccountMeasures, words: Words, *, compared: bool) -> Iterator[tuple[str, Cell]]:
    """Each measure of an account: its name and its value."""
    yield words("Since"), Cell(words.day(each.since))
    yield words("Sessions"), Cell(words.count(each.sessions))
    yield words("Return"), toned_cell(words.pct(each.return_pct), each.return_pct)
    if compared:
        yield from _benchmarks(each, words)
    yield words("Max drawdown"), Cell(words.pct(each.drawdown_pct))
    yield words("Drawdown now"), Cell(words.pct(each.drawdown_now_pct))
    yield words("Exposure now"), Cell(_share(each.exposure_now_pct, words))
    yield words("Exposure on average"), Cell(_share(each.exposure_pct, words))
    yield words("Turnover a year"), Cell(_times(each.turnover, words))
    yield words("Closed trades"), Cell(words.count(each.closed))
    yield words("Trades won"), Cell(_share(each.win_rate_pct.value, words))
    yield words("Profit factor"), Cell(words.number(each.profit_factor.value))
    yield words("Fees paid"), Cell(words.yen(each.costs))
    if compared:
        yield from _against(each, words)


def _benchmarks(each: AccountMeasures, words: Words) -> Iterator[tuple[str, Cell]]:
    yield "TOPIX", Cell(words.pct(each.topix_pct))
    yield words("Above TOPIX"), toned_cell(points_text(each.excess_pct, words), each.excess_pct)
    if each.topix_total_pct is not None:
        above = points_text(each.excess_total_pct, words)
        yield words("TOPIX with dividends"), Cell(words.pct(each.topix_total_pct))
        yield words("Above it"), toned_cell(above, each.excess_total_pct)


def _against(each: AccountMeasures, words: Words) -> Iterator[tuple[str, Cell]]:
    yield words("Beta"), Cell(words.number(each.beta.value))
    yield words("Information ratio"), Cell(words.number(each.information_ratio.value))
    yield words("Alpha a year"), Cell(words.pct(each.alpha_pct.value))
    low, high = (each.alpha_range.low_pct, each.alpha_range.high_pct) if each.alpha_range else (None, None)
    yield words("Alpha, lower end"), Cell(words.pct(low))
    yield words("Alpha, upper end"), Cell(words.pct(high))


def _share(percent: float | None, words: Words) -> str:
    """A part of a whole: a percentage without sign."""
    return words.pct(percent, 0).removeprefix("+")


def _times(turnover: Measure, words: Words) -> str:
    if turnover.value is None:
        return UNKNOWN
    return words("{n} times", n=words.number(turnover.value, 1))


def notes(past: Performance, words: Words) -> Iterator[Display]:
    """How the ends of alpha were found, and why some measures are not known: each reason once."""
    measured, compared = past.measured, bool(past.benchmarks)
    found = next((each.alpha_range for each in reversed(measured) if each.alpha_range), None)
    if found is not None:
        level = _share(found.level_pct, words)
        text = words(
            "{level} of {draws} draws lie between them (block bootstrap, {block} sessions a block).",
            level=level,
            draws=words.count(found.draws),
            block=found.block,
        )
        yield small_line(text, words("Ends of alpha:"))
    told: set[tuple[str, str]] = set()
    for each in reversed(measured):
        new: dict[str, list[str]] = {}
        for name, why in _reasons(each, words, compared=compared):
            if (why, name) not in told:
                new.setdefault(why, []).append(name)
                told.add((why, name))
        for why, names in new.items():
            who = (each.group,) if each.group else ()
            yield small_line(why, f"{words(', ').join((*who, *names))}:")


def _reasons(each: AccountMeasures, words: Words, *, compared: bool) -> Iterator[tuple[str, str]]:
    """The measures of an account that are not known, each with the reason."""
    own = (
        (words("Turnover a year"), each.turnover),
        (words("Trades won"), each.win_rate_pct),
        (words("Profit factor"), each.profit_factor),
    )
    against = (
        (words("Beta"), each.beta),
        (words("Information ratio"), each.information_ratio),
        (words("Alpha a year"), each.alpha_pct),
    )
    for name, measure in (*own, *(against if compared else ())):
        if measure.unknown:
            yield name, words(measure.unknown, have=words.count(measure.have), need=words.count(measure.need))


# --- months -----------------------------------------------------------------------------------------------


def months_map(past: Performance, words: Words) -> Iterator[Display]:
    """The months of each year, of the whole desk and of TOPIX beside it."""
    yield _map("months", past, words("Whole desk, % a month"), lambda month: month.return_pct, words)
    if past.benchmarks:
        yield _map("months-topix", past, words("TOPIX, % a month"), lambda month: month.topix_pct, words)


def _map(
    file: str, past: Performance, title: str, value: Callable[[PeriodReturn], float | None], words: Words
) -> Display:
    found = {(month.year, month.month): value(month) for month in past.months}
    years = sorted({month.year for month in past.months}, reverse=True)
    cells = [[found.get((year, month)) for month in _MONTHS] for year in years]
    meaning = "; ".join(
        f"{month.year}-{month.month:02} {words.pct(value(month))}" for month in reversed(past.months)
    )
    svg = heat_map(
        Caption(title, meaning),
        [str(year) for year in years],
        [str(month) for month in _MONTHS],
        cells,
        form=lambda x: words.number(x, 0 if abs(x) >= 9.95 else 1),
        scale=HeatScale(0.0, _DEEP_PCT),
    )
    return figure(file, title, svg, meaning)


def years_table(past: Performance, words: Words) -> Table:
    """The returns of each year, the newest first."""
    return _periods(past.years, words("Year"), words, compared=bool(past.benchmarks))


def months_table(past: Performance, words: Words) -> Table:
    """The returns of each month, the newest first."""
    return _periods(past.months, words("Month"), words, compared=bool(past.benchmarks))


def _periods(periods: Sequence[PeriodReturn], title: str, words: Words, *, compared: bool) -> Table:
    titles = (words("Whole desk"), *(("TOPIX", words("Above TOPIX")) if compared else ()))
    heads = (Heading(title, "day"), *(Heading(each, "num") for each in titles))
    rows = tuple(_period_row(each, words)[: len(heads)] for each in reversed(periods))
    return Table(heads, rows, "", compact=True)


def _period_row(each: PeriodReturn, words: Words) -> tuple[Cell, ...]:
    name = f"{each.year}-{each.month:02}" if each.month else f"{each.year}"
    return (
        Cell(name),
        toned_cell(words.pct(each.return_pct), each.return_pct),
        toned_cell(words.pct(each.topix_pct), each.topix_pct),
        toned_cell(points_text(each.excess_pct, words), each.excess_pct),
    )


def points_text(points: float | None, words: Words) -> str:
    """Percentage points with their sign."""
    if points is None:
        return UNKNOWN
    return words("{n} pt", n=words.pct(points).removesuffix("%").rstrip())
