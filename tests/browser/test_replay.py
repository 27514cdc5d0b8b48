"""The replay page in Chromium: stepping through the mornings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jstock_core.reports.render.parts.words import ENGLISH
from jstock_core.runs.catalogue.replay import replay_page
from tests.runs.catalogue.test_replay import on


@pytest.fixture
def page(browser: Any, tmp_path: Path) -> Any:
    empty = on(1)
    execution = replace(empty.execution, tickets=(), events=(), broker=())
    file = tmp_path / "replay.html"
    file.write_text(replay_page([on(0), replace(empty, execution=execution)], ENGLISH), encoding="utf-8")
    context = browser.new_context(viewport={"width": 390, "height": 844})
    opened = context.new_page()
    opened.problems = []
    opened.on("console", lambda message: opened.problems.append(message.text))
    opened.on("pageerror", lambda error: opened.problems.append(str(error)))
    opened.on("request", lambda request: opened.problems.append(request.url))
    opened.goto(file.as_uri())
    yield opened
    context.close()


def test_the_buttons_the_slider_and_the_keys_step(page: Any) -> None:
    day = page.locator("#day")
    assert day.inner_text() == "Wed 2026-01-21"
    assert page.locator("#orders li").count() == 2
    page.locator("#forward").click()
    assert day.inner_text() == "Thu 2026-01-22"
    assert page.locator("#orders").inner_text() == "No orders"
    page.locator("#forward").click()
    assert day.inner_text() == "Thu 2026-01-22"
    page.locator("h1").click()
    page.keyboard.press("ArrowLeft")
    assert day.inner_text() == "Wed 2026-01-21"
    page.locator("#at").fill("1")
    assert day.inner_text() == "Thu 2026-01-22"


def test_it_asks_for_nothing_reports_nothing_and_fits_a_phone(page: Any) -> None:
    assert [problem for problem in page.problems if not problem.startswith("file:")] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("#positions li").first.is_visible()
