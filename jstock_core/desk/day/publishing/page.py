"""The page of a day, in the words of its desk."""

from __future__ import annotations

from dataclasses import replace

from jstock_core.base.arguments import require_kind
from jstock_core.desk.day.day import ReportedDay
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.required import require_desk
from jstock_core.reports.render.page import MorningPage
from jstock_core.reports.render.parts.words import Words, read_language


def page(day: ReportedDay, lang: str = "") -> MorningPage:
    """The report of a day to be shown, in "en" or "ja", or as the desk says with "".

    Raises:
        UsageError: reports do not speak the language.

    """
    require_kind(day, ReportedDay, "a day", "give what `js.run_day(...)` returns")
    return MorningPage(day.report, words_of(day.desk, lang))


def words_of(desk: Desk, lang: str = "") -> Words:
    """The words of a desk's reports, in another language where one is given.

    Raises:
        UsageError: reports do not speak the language.

    """
    require_desk(desk)
    words = desk.settings.words
    return replace(words, language=read_language(lang)) if lang else words
