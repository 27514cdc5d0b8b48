"""The page of a day speaks the language of its desk, or another one."""

from __future__ import annotations

import pytest

from jstock_core.base.errors import UsageError
from jstock_core.desk.day.day import run_day
from jstock_core.desk.day.publishing.page import page
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.reports.render.parts.words import ENGLISH, Words
from tests.desk.days import MORNING, T, edited


def test_a_page_is_in_the_words_of_the_desk(desk):
    day = run_day(open_desk(desk, now=MORNING), str(T))
    assert page(day).words == ENGLISH
    assert page(day, "ja").words == Words("ja")
    edited(desk, "params/desk.yaml", "language: en", "language: ja")
    edited(desk, "params/desk.yaml", "gain_colour: green", "gain_colour: red")
    japanese = run_day(open_desk(desk, now=MORNING), str(T))
    assert page(japanese).words == Words("ja", "red")
    assert page(japanese, "en").words == Words("en", "red")
    assert f"{T}（水）の注文" in page(japanese).top.markdown
    assert page(japanese).top.html.startswith('<div lang="ja" class="gain-red">')
    assert page(japanese, "en").top.html.startswith('<div lang="en" class="gain-red">')
    assert page(day).top.html.startswith('<section class="jstock"')


def test_an_unknown_language_is_named(desk):
    day = run_day(open_desk(desk, now=MORNING), str(T))
    with pytest.raises(UsageError, match='"de" is not a language of reports'):
        page(day, "de")
