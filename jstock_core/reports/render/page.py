"""The morning page: a report in a language, one display a section, in the order in which a trader reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from jstock_core.base.arguments import require_kind
from jstock_core.base.errors import UsageError
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.parts.markup import style_sheet
from jstock_core.reports.render.parts.table import Display
from jstock_core.reports.render.parts.words import ENGLISH, Words
from jstock_core.reports.render.sections.buys import buys_section
from jstock_core.reports.render.sections.data import data_section
from jstock_core.reports.render.sections.execution import execution_section
from jstock_core.reports.render.sections.explanations import explanations_section
from jstock_core.reports.render.sections.market import market_section
from jstock_core.reports.render.sections.near_misses import near_misses_section
from jstock_core.reports.render.sections.orders import orders_section
from jstock_core.reports.render.sections.performance import performance_section
from jstock_core.reports.render.sections.positions import positions_section
from jstock_core.reports.render.sections.provenance import provenance_section
from jstock_core.reports.render.sections.sells import sells_section
from jstock_core.reports.render.sections.since import since_section
from jstock_core.reports.render.sections.stocks import stocks_section
from jstock_core.reports.render.sections.top import top_section

SECTIONS: Mapping[str, Callable[[Report, Words], Display]] = MappingProxyType(
    {
        "top": top_section,
        "orders": orders_section,
        "since": since_section,
        "positions": positions_section,
        "sells": sells_section,
        "buys": buys_section,
        "near_misses": near_misses_section,
        "explanations": explanations_section,
        "performance": performance_section,
        "market": market_section,
        "execution": execution_section,
        "data": data_section,
        "stocks": stocks_section,
        "provenance": provenance_section,
    }
)
"""The sections by name, in their order on the page."""


@dataclass(frozen=True, repr=False)
class MorningPage:
    """A report to be shown with some words; `page.orders` and the others are its sections as displays.

    In a notebook the section that is asked for first brings the sheet for all of them.
    """

    report: Report
    words: Words = ENGLISH
    _asked: list[str] = field(default_factory=list, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make sure that it is a report.

        Raises:
            UsageError: it is something else.

        """
        require_kind(
            self.report, Report, "a report", "give the `report` of the day that `js.run_day(...)` returns"
        )

    def __repr__(self) -> str:
        """Say in a line which morning is shown."""
        return f"<Report of {self.report.header.trade_date}>"

    def __getattr__(self, name: str) -> Display:
        """A section of the page.

        Raises:
            AttributeError: no section has this name.

        """
        if name not in SECTIONS:
            raise AttributeError(f"no section {name!r}; there are {', '.join(SECTIONS)}")
        self._asked.append(name)
        return replace(self.section(name), sheet=style_sheet() if name == self._asked[0] else "")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *SECTIONS]

    def section(self, name: str) -> Display:
        """A section by its name.

        Raises:
            UsageError: no section has this name.

        """
        if name not in SECTIONS:
            raise UsageError(
                f"no section of the page is called {name!r}", do=f"name one of {', '.join(SECTIONS)}"
            )
        return _in_words(SECTIONS[name](self.report, self.words), self.words)


def _in_words(display: Display, words: Words) -> Display:
    """HTML that names its language and the colour of a gain, where they are not those of the sheet."""
    if words == ENGLISH or not display.html:
        return display
    colour = ' class="gain-red"' if words.gain_colour == "red" else ""
    return replace(display, html=f'<div lang="{words.language}"{colour}>\n{display.html}\n</div>')
