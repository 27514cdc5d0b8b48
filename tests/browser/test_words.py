"""No word, no date and no amount with its sign is torn at the end of a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jstock_core.reports.render.parts.cells import headings, numeric
from jstock_core.reports.render.parts.figures import folded, titled
from jstock_core.reports.render.parts.markup import style_sheet
from jstock_core.reports.render.parts.table import Cell, Display, Table, text_line
from tests.pages.pages import page_html
from tests.pages.states import ALERTS, JAPANESE, State, degraded, ordinary

TORN = r"""() => {
    const torn = [];
    const parts = /\d{4}-\d{2}-\d{2}|\(?[+\u2212]¥[\d,]+\)?|[^\s_\-\u2212+¥]+/g;
    for (const each of document.querySelectorAll("th, h2, h3, summary, p")) {
        const walk = document.createTreeWalker(each, NodeFilter.SHOW_TEXT);
        for (let node = walk.nextNode(); node; node = walk.nextNode())
            for (const found of node.data.matchAll(parts)) {
                const range = document.createRange();
                range.setStart(node, found.index);
                range.setEnd(node, found.index + found[0].length);
                const lines = new Set([...range.getClientRects()].map(box => Math.round(box.top)));
                if (lines.size > 1) torn.push(found[0]);
            }
    }
    return torn;
}"""
WHOLE_PAGE = r"""() => {
    document.querySelectorAll("details").forEach(each => { each.open = true; });
    const torn = [];
    const parts = /\d{4}-\d{2}-\d{2}|\(?[+\u2212]¥[\d,.]+|[\u30a1-\u30fa\u30fc]{2,}|[A-Za-z]{2,}|[\d,.]{2,}/g;
    for (const each of document.querySelectorAll("body *")) {
        if (each.closest("svg, code, pre, style, script, th small, table.stack thead")) continue;
        for (const node of each.childNodes) {
            if (node.nodeType !== Node.TEXT_NODE) continue;
            for (const found of node.data.matchAll(parts)) {
                const range = document.createRange();
                range.setStart(node, found.index);
                range.setEnd(node, found.index + found[0].length);
                const seen = [...range.getClientRects()].filter(box => box.width > 0);
                if (new Set(seen.map(box => Math.round(box.top))).size > 1) torn.push(found[0]);
            }
        }
    }
    return torn;
}"""
"""As `TORN`, of every text of a page but commands and the names of companies in tables."""
ROWS = tuple(
    (Cell(name), *(Cell(text) for text in ("−12.3 %", "+145.6 %", "+4.5 %")))
    for name in ("Return since the beginning", "Maximum drawdown", "Electric Appliances")
)
FIGURES = Table(headings("Figure", *numeric("conservative", "aggressive", "whole")), ROWS, "", compact=True)
SECTORS = Table(headings("Sector", *numeric("Stocks", "Day", "20 days")), ROWS, "", compact=True)
KEYS = ("buy_threshold", "stop_loss_pct", "Sharpe", "Plateau", "return", "drawdown", "lots")
SETS = Table(
    headings("Set", *numeric(*KEYS)),
    tuple((Cell(str(n)), *(Cell(f"+{n}.25") for _ in KEYS)) for n in (5, 4, 1)),
    "",
)  # fmt: skip
LONG = "Trades that were gained and lost by what was turned are two (+¥654,590) and one more (−¥1,654,590)"


def document() -> str:
    parts: Iterator[Any] = iter((
        titled("Against TOPIX", FIGURES),
        titled("Sectors", SECTORS),
        titled("Sets", SETS),
        *(titled(f"{'Backtest ' * n}2026-01-05 to 2026-01-20", text_line("x" * n)) for n in range(1, 7)),
        *(text_line(f"{'a ' * n}{LONG} from 2026-01-05 to 2026-02-05") for n in range(12)),
        folded("All figures of the trial of 2026-01-05 to 2026-01-20, 2026-02-20", Display("", "", "")),
    ))  # fmt: skip
    body = "\n".join(part.html for part in parts)
    return f'<meta charset="utf-8"><style>{style_sheet()}</style><body class="jstock"><div>{body}</div>'


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [360, 390, 820])
def test_nothing_is_torn(browser: Any, width: int, *, dark: bool) -> None:
    page = browser.new_page(
        viewport={"width": width, "height": 844}, color_scheme="dark" if dark else "light"
    )
    page.set_content(document())
    assert page.evaluate(TORN) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_a_row_that_a_number_names_says_of_what_on_a_phone_and_is_a_row_on_a_tablet(browser: Any) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.set_content(document())
    label = "each => getComputedStyle(each, '::before').content"
    head = page.locator("th[data-label]").first
    assert head.evaluate(label) == '"Set\N{NO-BREAK SPACE}"'
    page.set_viewport_size({"width": 820, "height": 844})
    assert head.evaluate(label) == "none"
    assert head.evaluate("each => getComputedStyle(each.parentElement).display") == "table-row"
    page.close()


@pytest.mark.parametrize("width", [360, 390])
@pytest.mark.parametrize("name", ["english", "japanese"])
def test_nothing_of_a_morning_is_torn(browser: Any, tmp_path: Path, name: str, width: int) -> None:
    words = {"words": JAPANESE} if name == "japanese" else {}
    page = browser.new_page(viewport={"width": width, "height": 844})
    page.set_content(page_html(State(name, degraded(ordinary(), *ALERTS), **words), tmp_path))
    assert page.evaluate(WHOLE_PAGE) == []
    page.close()


LONG_WORDS = (
    "Pharmaceuticals", "Transportation", "conservative", "Equipments", "Reconciliations",
    "トレーリングストップ",
)  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_card_of_a_table_breaks_no_word_that_fits_into_it(browser: Any, language: str) -> None:
    columns = headings("Set", *(f"Column {n}" for n in LONG_WORDS))
    table = Table(columns, ((Cell("1"), *(Cell(word) for word in LONG_WORDS)),), "")
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.set_content(
        f'<html lang="{language}"><meta charset="utf-8"><style>{style_sheet()}</style>'
        f'<body class="jstock">{table.html}'
    )
    assert page.evaluate(WHOLE_PAGE) == []
    assert page.locator("td").first.evaluate("each => getComputedStyle(each).hyphens") == "auto"
    page.close()
