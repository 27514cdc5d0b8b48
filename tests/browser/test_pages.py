"""Every state of the morning page in Chromium: what a reader sees and can do."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from jstock_core.reports.render.parts.table import Cell, Heading, Table
from jstock_core.reports.render.parts.tiles import Tile, number_tiles
from tests.browser.conftest import Show

STATES = (
    "ordinary", "japanese", "no_orders", "degraded", "manual", "many_orders", "forty", "long_names",
    "hostile", "crossing", "first", "rehearsal", "new_month",
)  # fmt: skip
PHONE = 844 - 30  # a published page has a line of links to other mornings, too


def test_the_states_are_all_looked_at(every_state) -> None:
    assert tuple(every_state) == STATES


OPEN = "for (const each of document.querySelectorAll('details')) each.open = true"
WIDER = """() => [...document.querySelectorAll(".table, .scroll, pre")]
    .filter(each => each.scrollWidth > each.clientWidth + 1).map(each => each.innerText.slice(0, 80))"""
CUT = """() => [...document.querySelectorAll("#top *")].filter(each => each.checkVisibility()
    && !each.closest(".hidden, svg") && each.scrollWidth > each.clientWidth + 1 && each.clientWidth)
    .map(each => each.outerHTML)"""


@pytest.mark.parametrize("name", STATES)
def test_a_page_suits_a_phone(show: Show, name: str) -> None:
    """It asks for nothing, its first screen holds what a trader needs, and it never scrolls sideways."""
    shown = show(name)
    page = shown.page
    assert len(shown.requests) == 1
    assert shown.messages == []
    top = page.locator("#top").bounding_box()
    assert top["y"] + top["height"] <= PHONE
    assert page.evaluate(CUT) == []
    assert page.locator("#top h1").count() == 1
    assert page.locator("#top .equity .lead").is_visible()
    assert not_wider(page, 390)


@pytest.mark.parametrize(("name", "said"), [("failed", "This run failed."), ("stale", "STALE")])
def test_a_page_without_a_decision_says_so_first(show: Show, name: str, said: str) -> None:
    shown = show(name)
    alert = shown.page.get_by_role("alert")
    assert said in alert.inner_text()
    box = alert.bounding_box()
    assert box["y"] + box["height"] < PHONE / 2
    assert (len(shown.requests), shown.messages) == (1, [])
    assert not_wider(shown.page, 390)


def not_wider(page, width: int) -> bool:
    """Whether nothing scrolls sideways, with all parts open."""
    page.evaluate(OPEN)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(WIDER) == []
    return True


@pytest.mark.parametrize("width", [820, 1400])
@pytest.mark.parametrize("name", ["ordinary", "forty", "long_names", "hostile", "new_month"])
def test_a_page_suits_wider_screens(show: Show, name: str, width: int) -> None:
    assert not_wider(show(name, width).page, width)


def test_the_first_screen_names_the_orders(show: Show) -> None:
    page = show("manual").page
    rows = page.locator("#top .short li").all_inner_texts()
    assert len(rows) == 4
    assert "SELL 売" in rows[0]
    assert "1069" in rows[0]
    assert "200" in rows[0]
    assert (
        page.locator("#top .banner-alert code").first.inner_text() == "jstock trade record --date 2026-01-15"
    )


def test_orders_without_room_are_counted(show: Show) -> None:
    page = show("many_orders").page
    listed = page.locator("#top .short li").count()
    assert listed >= 3
    more = page.locator("#top .more a")
    assert more.inner_text() == f"{14 - listed} more"
    assert more.get_attribute("href") == "#orders"
    assert page.locator("#orders .ticket").count() == 14


def test_other_alerts_are_folded(show: Show) -> None:
    page = show("degraded").page
    folded = page.locator("#top details.alerts")
    hidden = folded.locator(".banner").last
    assert not hidden.is_visible()
    folded.locator("summary").click()
    assert hidden.is_visible()


def test_a_ticket_is_copied_with_one_tap(show: Show) -> None:
    page = show("manual").page
    line = page.locator("#orders .copy").first
    line.click()
    assert page.evaluate("getSelection().toString()") == line.inner_text()


def test_headings_sort_their_table(show: Show) -> None:
    page = show("ordinary", 1400).page
    page.locator("#stocks > details > summary").click()
    table = page.locator("#stocks table").first
    column = "rows => [...rows].map(row => row.cells[1].firstChild.textContent)"
    rows = page.evaluate_handle("document.querySelector('#stocks tbody').rows")

    def prices() -> list[float]:
        return [float(text.strip(" ¥\n").replace(",", "")) for text in page.evaluate(column, rows)]

    heading = table.locator("thead th").nth(1)
    heading.locator("button").focus()
    page.keyboard.press("Enter")
    down = prices()
    assert down == sorted(down, reverse=True)
    assert heading.get_attribute("aria-sort") == "descending"
    page.keyboard.press("Enter")
    up = prices()
    assert up == sorted(up)
    assert heading.get_attribute("aria-sort") == "ascending"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_link_opens_the_explanation_it_leads_to(show: Show, script: bool) -> None:
    """Also one that is folded among others, and without a script."""
    page = show("ordinary", script=script).page
    link = page.locator("#near_misses a.who").first
    target = page.locator(link.get_attribute("href"))
    assert not target.is_visible()
    link.click()
    assert target.is_visible()
    box = target.bounding_box()
    assert 0 <= box["y"] < PHONE / 2
    assert target.locator("svg.chart").is_visible()


def test_the_script_opens_what_a_link_leads_to_where_the_browser_does_not(show: Show) -> None:
    """An address that is set by a script opens nothing by itself."""
    page = show("ordinary").page
    href = page.locator("#near_misses a.who").last.get_attribute("href")
    page.evaluate("href => history.pushState(null, '', href)", href)
    assert not page.locator(href).is_visible()
    page.evaluate("dispatchEvent(new Event('hashchange'))")
    assert page.locator(href).is_visible()


def test_a_score_opens_to_its_parts_in_words(show: Show) -> None:
    page = show("ordinary").page
    score = page.locator("#near_misses details.why").first
    assert not score.locator(".parts").is_visible()
    score.locator("summary").click()
    assert "Technical" in score.locator(".parts").inner_text()


def test_without_a_script_everything_is_there(show: Show) -> None:
    page = show("ordinary", 1400, script=False).page
    assert page.locator("thead button").count() == 0
    assert page.locator("#positions tbody tr").count() > 5


SHORTEN = """for (const list of document.querySelectorAll("tbody, ul, section"))
    [...list.children].filter(each => each.matches("tr, li, article, details")).slice(2)
        .forEach(each => each.remove())"""
AXE = importlib.util.find_spec("axe_core_python")


@pytest.mark.skipif(AXE is None, reason="axe-core-python is not installed; it comes with the `test` extra")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["japanese", "degraded"])
def test_axe_finds_nothing(show: Show, name: str, dark: bool) -> None:
    """Contrast, names, structure, in either language; lists are shortened, since it takes its time."""
    page = show(name, dark=dark).page
    page.evaluate(OPEN)
    page.evaluate(SHORTEN)
    source = Path(AXE.origin).parent / "axe.min.js"
    page.evaluate(source.read_text(encoding="utf-8"))
    rules = {"runOnly": ["color-contrast"]} if dark else {}
    found = page.evaluate("rules => axe.run(rules).then(result => result.violations)", rules)
    assert [(each["id"], [node["html"][:200] for node in each["nodes"][:3]]) for each in found] == []


@pytest.mark.parametrize(
    ("theme", "ink", "loss"),
    [
        ("true", "rgb(23, 26, 31)", "rgb(179, 38, 30)"),
        ("false", "rgb(232, 235, 238)", "rgb(255, 143, 134)"),
    ],
)
def test_an_object_follows_the_theme_of_a_notebook(browser, theme: str, ink: str, loss: str) -> None:
    """Whatever the system prefers; as JupyterLab names its theme on the body, and aligns its tables."""
    shown = number_tiles([Tile("Equity", "¥1", "up", "gain")])._repr_mimebundle_()["text/html"]
    table = Table((Heading("a"), Heading("b", "num")), ((Cell("x"), Cell("1", "loss")),), "")
    lab = ".jp-RenderedHTMLCommon td { text-align: center; }"
    context = browser.new_context(color_scheme="dark" if theme == "true" else "light")
    page = context.new_page()
    page.set_content(
        f'<style>{lab}</style><body data-jp-theme-light="{theme}"><div class="jp-RenderedHTMLCommon">{shown}'
        f"{table._repr_mimebundle_()['text/html']}</div></body>"
    )
    style = "(each, name) => getComputedStyle(each)[name]"
    assert page.locator(".tile .value").evaluate(style, "color") == ink
    assert page.locator("td").evaluate(style, "textAlign") == "right"
    assert page.locator("td").evaluate(style, "color") == loss
    context.close()


def test_an_ordinary_day_prints_on_three_pages(show: Show) -> None:
    pdf = show("ordinary", 1400).page.pdf(prefer_css_page_size=True)
    assert pdf.count(b"/Type /Page\n") <= 3
