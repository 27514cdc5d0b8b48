"""The list of all mornings in a browser: on a phone, its search, without scripts, in both languages."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from jstock_core.market.calendar import tse
from jstock_core.reports.render.parts.words import ENGLISH, Words
from jstock_core.runs.catalogue.page import write_index
from jstock_core.runs.manifest import RunStatus
from jstock_core.runs.publish import RunFolder
from tests.runs.catalogue.conftest import headline_of, write_runs
from tests.runs.conftest import NOW, manifest_of

LONG = "1234 とても長い名前の日本の会社ホールディングス株式会社: its exit is unknown; look at it"
LAST = date(2026, 1, 21)
AXE = importlib.util.find_spec("axe_core_python")
OPEN = "() => document.querySelectorAll('details').forEach(each => { each.open = true; })"
VISIBLE = """() => [...document.querySelectorAll("tbody")].filter(each => each.checkVisibility())
    .map(each => each.id)"""

Look = Callable[..., Any]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Mornings of half a year, and in the newest month one of each kind."""
    root = tmp_path_factory.mktemp("mornings") / "runs"
    write_runs(root, 120, tse().previous(tse().previous(tse().previous(LAST))))
    alerts = [LONG, *(f"alert {n}" for n in range(5))]
    degraded = {"status": RunStatus.DEGRADED, "headline": headline_of(alerts=alerts)}
    kinds: list[tuple[date, list[dict[str, Any]]]] = [
        (tse().previous(tse().previous(LAST)), [{"status": RunStatus.FAILED, "error": LONG, "headline": {}}]),
        (tse().previous(LAST), [{"status": RunStatus.STALE, "error": "the bars are late", "headline": {}}]),
        (LAST, [{}, {"rehearsal": True}, degraded]),
    ]
    for day, runs in kinds:
        for second, changes in enumerate(runs):
            folder = RunFolder.begin(root, day, lambda n=second: NOW + timedelta(seconds=n))
            (folder.path / "report.html").write_text("<title>a report</title>")
            (folder.path / "orders.csv").write_text("id\n")
            folder.publish(manifest_of(**{"headline": headline_of(day), "trade_date": day, **changes}))
    return root


@pytest.fixture
def look(browser: Any, root: Path) -> Iterator[Look]:
    """Show the list at a width; `asked` and `said` are what the page requested and what went wrong."""
    contexts = []

    def one(
        width: int = 390, *, dark: bool = False, script: bool = True, words: Words = ENGLISH, at: str = ""
    ) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": 844},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
        )
        contexts.append(context)
        page = context.new_page()
        page.asked, page.said = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.goto(write_index(root, words).as_uri() + at)
        return page

    yield one
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", [390, 820, 1400])
@pytest.mark.parametrize("words", [Words(), Words("ja", "red")], ids=["en", "ja"])
def test_it_asks_for_nothing_and_never_scrolls_sideways(look: Look, width: int, words: Words) -> None:
    page = look(width, words=words)
    page.evaluate(OPEN)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert (page.asked, page.said) == ([page.url], [])


def test_the_search_finds_words_in_any_order_and_forgets_them(look: Look) -> None:
    page = look()
    before = page.evaluate(VISIBLE)
    page.fill("#search", "会社 exit")
    assert page.evaluate(VISIBLE) == ["2026-01-21", "2026-01-19"]
    assert page.inner_text("#found") == "2 of 123"
    page.fill("#search", "2025-10")
    assert {day[:7] for day in page.evaluate(VISIBLE)} == {"2025-10"}
    page.fill("#search", "no such word")
    assert page.evaluate(VISIBLE) == []
    page.fill("#search", "")
    assert page.evaluate(VISIBLE) == before
    assert page.inner_text("#found") == ""


def test_a_link_to_a_morning_opens_its_month(look: Look) -> None:
    page = look(at="#2025-10-20")
    assert "2025-10-20" in page.evaluate(VISIBLE)


def test_without_scripts_everything_but_the_search_is_there(look: Look) -> None:
    page = look(script=False)
    assert not page.is_visible("#find")
    assert page.is_visible("[id='2026-01-21']")
    page.click("summary >> text=2025-10")
    assert page.is_visible("[id='2025-10-20']")


def test_a_row_leads_to_the_report_and_the_calendar_too(look: Look) -> None:
    page = look(1400)
    page.click("[id='2026-01-21'] th a")
    assert page.title() == "a report"
    page = look(1400)
    page.click("#calendar ~ .years figure:first-child svg a >> nth=-1")
    assert page.url.endswith("/report.html")


@pytest.mark.skipif(AXE is None, reason="axe-core-python is not installed; it comes with the `test` extra")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("words", [Words(), Words("ja", "red")], ids=["en", "ja"])
def test_axe_finds_nothing(look: Look, words: Words, dark: bool) -> None:
    page = look(dark=dark, words=words)
    page.evaluate(OPEN)
    page.evaluate("() => document.querySelectorAll('.month ~ .month').forEach(each => each.remove())")
    source = Path(AXE.origin).parent / "axe.min.js"
    page.evaluate(source.read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run().then(result => result.violations)")
    assert [(each["id"], [node["html"][:200] for node in each["nodes"][:3]]) for each in found] == []
