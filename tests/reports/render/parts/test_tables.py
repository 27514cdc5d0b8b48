from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from jstock_core import testing
from jstock_core.base.alerts import Alert, DayStatus, Severity
from jstock_core.base.intent import Intent
from jstock_core.base.words import terminal_width
from jstock_core.market.listings import Listing
from jstock_core.market.panel import Panel
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.headlines import banner, headline_tiles
from jstock_core.reports.render.page import MorningPage
from jstock_core.reports.render.parts.cells import headings
from jstock_core.reports.render.parts.markup import without_sheets
from jstock_core.reports.render.parts.table import Cell, Display, Heading, Table
from tests.reports.mornings import EVIL, T, decided, panel, quiet, report, unknown_signal

EVERYTHING = [banner, headline_tiles]


class Cells(HTMLParser):
    """The rows of a table as a browser reads them, each cell as (text, classes)."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[tuple[str, str]]] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append(("", dict(attrs).get("class") or ""))
        elif tag == "br":
            self.handle_data(" ")

    def handle_data(self, data):
        if self.rows and self.rows[-1]:
            text, classes = self.rows[-1][-1]
            self.rows[-1][-1] = (text + data, classes)

    def records(self) -> list[dict[str, str]]:
        """Rows by the titles of their columns."""
        titles = [text.strip() for text, _ in self.rows[0]]
        return [dict(zip(titles, (text.strip() for text, _ in row), strict=True)) for row in self.rows[1:]]


def bundle(shown: object) -> dict[str, str]:
    made: dict[str, str] = shown._repr_mimebundle_()
    return made


def pipes(markdown: str) -> list[list[str]]:
    """The cells of a Markdown table, where an escaped pipe is no border."""
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in markdown.splitlines()]


@pytest.mark.parametrize("show", EVERYTHING)
def test_everything_has_the_three_forms_that_a_reader_may_take(show) -> None:
    for made in (show(report()), show(quiet())):
        assert set(bundle(made)) == {"text/html", "text/markdown", "text/plain"}
        assert all(form.strip() for form in bundle(made).values())


@pytest.mark.parametrize("show", EVERYTHING)
def test_names_and_reasons_cannot_break_out(show) -> None:
    today = [
        decided("alpha", T, unknown_signal("9984")),
        decided("core", T, unknown_signal("7203")._replace(reason=EVIL), skipped=[("9984", "BUY", EVIL)]),
    ]
    shown = bundle(
        show(
            report(
                today,
                alerts=[Alert("blocked", Severity.ALERT, "7203", EVIL)],
                market=panel(names=(EVIL, EVIL, EVIL)),
            )
        )
    )
    assert "script" not in Cells(shown["text/html"]).tags
    assert "a" not in Cells(shown["text/html"]).tags
    assert not re.search(r"(?<!\\)<", shown["text/markdown"])
    if issubclass(type(show(report())), Table):
        assert len({len(row) for row in pipes(shown["text/markdown"])}) == 1
        assert not any(line.startswith("#") for line in shown["text/markdown"].splitlines())


def bars_only(market: Panel) -> Panel:
    """The market as one knows it from bars alone."""
    nothing = testing.panel({"7203": 1.0})
    return replace(
        market,
        listings=tuple(Listing(code, "", "", scale="") for code in market.codes),
        topix=np.full(len(market.sessions), np.nan),
        flows=nothing.flows,
    )


def test_what_is_neutral_for_want_of_data_is_said_once_at_the_top() -> None:
    poor = report(market=bars_only(panel()))
    line = banner(poor).plain.splitlines()[1]
    assert line.startswith("Not in the data: the list of stocks (codes stand for names")
    for part in ("TOPIX (returns have no benchmark", "investor flows (", "statements (", "earnings dates ("):
        assert part in line
    sections = ("orders", "since", "positions", "performance", "market", "execution")
    rest = [headline_tiles(poor), *(MorningPage(poor).section(name) for name in sections)]
    assert not [shown for shown in rest if re.search("TOPIX|Foreigners|flows", shown.html + shown.plain)]


# --- banner and tiles ------------------------------------------------------------------------------------


def test_simulated_numbers_say_so_first() -> None:
    assert banner(report()).plain.startswith("SIMULATED")
    assert banner(report()).markdown.startswith("**SIMULATED**")
    assert "SIMULATED" in banner(report()).html
    assert "SIMULATED" not in banner(report(market=panel(simulated=False))).plain


@pytest.mark.parametrize(("intent", "word"), [(Intent.REHEARSE, "REHEARSAL"), (Intent.PREVIEW, "PREVIEW")])
def test_what_was_not_recorded_is_marked(intent: Intent, word: str) -> None:
    assert f"<strong>{word}</strong>" in banner(report(intent=intent)).html
    assert f"> **{word}**" in banner(report(intent=intent)).markdown
    assert word not in banner(report()).plain


def test_a_report_shown_again_says_so() -> None:
    assert "shown again from the journal" in banner(report(intent=Intent.SHOW_AGAIN)).plain


def test_degraded_and_alerts_stand_on_top() -> None:
    today = [decided("alpha", T, unknown_signal("9984"), status="degraded"), decided("core", T)]
    shown = banner(
        report(
            today,
            status=DayStatus.DEGRADED,
            alerts=[
                Alert("blocked", Severity.ALERT, "9984", "look at 9984"),
                Alert("data", Severity.INFO, "market", "i"),
            ],
        )
    )
    assert "SIMULATED DEGRADED" in shown.plain
    assert '<div class="banner banner-alert"><strong>ALERT</strong> look at 9984</div>' in shown.html
    assert shown.plain.index("look at 9984") < shown.plain.rindex("i")


def test_the_tiles_are_the_headline() -> None:
    shown = headline_tiles(report())
    assert "| Orders" in shown.markdown
    for part in (
        "¥8,010,000",
        "+¥24,000 in the session",
        "+0.1 %",
        "TOPIX +0.5 %",
        "1 sell, 2 buy",
        "¥387,000 reserved",
    ):
        assert part in shown.plain
        assert part in shown.html
    assert 'class="note gain">+¥24,000' in shown.html


def test_an_unknown_exit_shows_in_the_tiles() -> None:
    shown = headline_tiles(report([decided("alpha", T, unknown_signal("9984")), decided("core", T)]))
    assert 'class="note loss">1 exit unknown' in shown.html


# --- the table itself ------------------------------------------------------------------------------------


def table(*rows: tuple[Cell, ...]) -> Table:
    return Table((Heading("Name"), Heading("Value", "num")), rows, "Nothing")


def test_markdown_columns_are_aligned_for_full_width_letters() -> None:
    made = table((Cell("トヨタ自動車"), Cell("1")), (Cell("a"), Cell("1,000"))).markdown
    assert made.splitlines() == [
        "| Name         | Value |",
        "|--------------|------:|",
        "| トヨタ自動車 |     1 |",
        "| a            | 1,000 |",
    ]
    assert len({terminal_width(line) for line in made.splitlines()}) == 1


def test_plain_columns_are_aligned_for_a_terminal() -> None:
    made = table((Cell("トヨタ", note="7203"), Cell("1"))).plain
    assert made.splitlines() == ["Name           Value", "-------------  -----", "トヨタ (7203)      1"]


def test_a_table_of_its_own_brings_what_it_needs_to_a_notebook() -> None:
    made = table((Cell("a"), Cell("1")))
    shown = made._repr_mimebundle_()["text/html"]
    assert shown.startswith("<style data-jstock>")
    assert f'<div class="jstock">\n{made.html}\n</div>' in shown


def test_the_first_cell_heads_its_row() -> None:
    made = table((Cell("a", note="b"), Cell("1", "loss"))).html
    assert '<th scope="col">Name</th><th scope="col" class="num">Value</th>' in made
    assert '<th scope="row">a<br><small class="muted">b</small></th><td class="num loss">1</td>' in made


def test_a_row_of_another_length_is_a_defect() -> None:
    with pytest.raises(ValueError, match="1 cells under 2 headings"):
        table((Cell("a"),))


def test_the_foot_stands_out() -> None:
    made = replace(table((Cell("a"), Cell("1"))), foot=((Cell("Total"), Cell("")),))
    assert "<tfoot>" in made.html
    assert "| **Total** |" in made.markdown


def test_what_is_shown_does_not_depend_on_what_ipython_asks_for() -> None:
    shown = Display("<p>h</p>", "m", "p")
    bundle = shown._repr_mimebundle_(include=["text/html"], exclude=None)
    assert without_sheets(bundle["text/html"]) == '<div class="jstock">\n<p>h</p>\n</div>'
    assert (bundle["text/markdown"], bundle["text/plain"]) == ("m", "p")


def test_the_report_is_made_of_plain_values() -> None:
    """Equal facts make equal reports, down to every shown character."""
    one, two = report(), report()
    assert isinstance(one, Report)
    assert one == two
    assert [bundle(show(one)) for show in EVERYTHING] == [bundle(show(two)) for show in EVERYTHING]


@pytest.mark.parametrize(("text", "marked"), [
    ("MomentumBreakout", ' class="wide"'), ("Momentum Breakout", ""), ("SimpleScorer", ""),
    ("a text of several words, of which each is short", ' class="long"'),
])  # fmt: skip
def test_in_a_card_a_long_word_has_the_room_of_two_values(text: str, marked: str) -> None:
    heads = headings("Group", "Entry", "Exit", "Fills", "Capital")
    made = Table(heads, (tuple(map(Cell, ("core", text, "x", "open", "1"))),), "").html
    assert f'<td data-label="Entry"{marked}>{text}</td>' in made
