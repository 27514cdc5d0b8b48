"""The quality of market data, a display for each of its parts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import starmap

from jstock_core.base.arguments import require_kind
from jstock_core.reports.model.market.quality import DataQuality, RuleCount
from jstock_core.reports.render.parts.cells import headings, numeric
from jstock_core.reports.render.parts.table import Cell, Display, Table, section, stack, text_line
from jstock_core.reports.render.parts.words import ENGLISH, Words
from jstock_core.reports.render.sections.data import data_parts

MONTHS = 12


@dataclass(frozen=True, repr=False)
class QualityPage:
    """The quality of market data shown with some words."""

    quality: DataQuality
    words: Words = ENGLISH

    def __post_init__(self) -> None:
        """Make sure that it is a check of data.

        Raises:
            UsageError: it is something else.

        """
        require_kind(self.quality, DataQuality, "a check of data", "give what `js.data_quality(...)` returns")

    def __repr__(self) -> str:
        """Say in a line of which data the quality is shown."""
        found = self.quality
        return f"<Quality of data of {found.stocks} stocks and {found.sessions} sessions to {found.through}>"

    @property
    def summary(self) -> Display:
        """How new each data set is, what was found, what was corrected."""
        words, quality = self.words, self.quality
        about = words(
            "{stocks} stocks, {sessions} sessions up to {day}",
            stocks=words.count(quality.stocks),
            sessions=words.count(quality.sessions),
            day=words.day(quality.through),
        )
        marks = [text_line(words("SIMULATED"))] if quality.simulated else []
        parts = (*marks, text_line(about), *data_parts(quality.summary, words))
        return section("summary", words("Quality of the market data"), parts, level=1)

    @property
    def rules(self) -> Display:
        """Every rule of the checks, with how often it was broken."""
        words = self.words
        heads = headings(words("Rule"), *numeric(words("Found")), words("What holds of sound data"))
        rows = tuple(_rule_row(rule, words) for rule in self.quality.rules)
        return section("rules", words("Rules of the data checks"), (Table(heads, rows, ""),))

    @property
    def coverage(self) -> Display:
        """How complete the bars are: of every 100 that were due in a month, so many are there."""
        words = self.words
        years: dict[int, dict[int, float | None]] = defaultdict(dict)
        for each in self.quality.coverage:
            years[each.month.year][each.month.month] = each.bars_pct
        heads = headings(words("Year"), *numeric(*(str(month) for month in range(1, MONTHS + 1))))
        rows = tuple(starmap(self._year_row, sorted(years.items(), reverse=True)))
        table = Table(heads, rows, words("No market data"))
        about = text_line(words("Of 100 bars that were due in a month, so many are there."))
        return section("coverage", words("Complete bars"), (about, table))

    def _year_row(self, year: int, months: dict[int, float | None]) -> tuple[Cell, ...]:
        cells = (self._month_cell(months.get(month)) for month in range(1, MONTHS + 1))
        return Cell(str(year)), *cells

    def _month_cell(self, percent: float | None) -> Cell:
        if percent is None:
            return Cell("")
        shown = self.words.number(percent, 0 if percent == 100 else 1)
        return Cell(shown, "" if percent >= 99 else "loss")

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """All of it, in a notebook."""
        return stack((self.summary, self.rules, self.coverage))._repr_mimebundle_(include, exclude)


def _rule_row(rule: RuleCount, words: Words) -> tuple[Cell, ...]:
    return (
        Cell(words.sentence(rule.rule)),
        Cell(words.count(rule.found), "loss" if rule.found else "muted"),
        Cell(words.sentence(rule.holds)),
    )
