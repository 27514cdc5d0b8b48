from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from jstock_core.reports.render.parts.markup import style_sheet, styled
from jstock_core.reports.render.parts.words import Words
from jstock_core.runs.notebook.convert import notebook_to_html, notebook_to_markdown

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
EVIL = "</style></title></script><script>alert(1)</script>"
VOID = {"meta", "img", "br", "hr", "link", "input"}


class Page(HTMLParser):
    """The elements of a page and whether they are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert tag in VOID or self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "script", "title"} & set(self.open):
            self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


def display(metadata: dict | None = None, **kinds: str) -> dict:
    data = {kind.replace("__", "/"): value for kind, value in kinds.items()}
    return new_output("display_data", data=data, metadata=metadata or {})


def chart(name: str | None = "equity", alt: str | None = "Equity against TOPIX") -> dict:
    about = {key: value for key, value in {"name": name, "alt": alt}.items() if value is not None}
    encoded = base64.b64encode(PNG).decode()
    return display({"image/png": about}, image__png=encoded, text__plain="<Figure size 800x360>")


def code(source: str, *outputs: dict, tags: tuple[str, ...] = ()):
    return new_code_cell(source, outputs=list(outputs), execution_count=1, metadata={"tags": list(tags)})


SCRAP = new_output(
    "display_data", data={"application/scrapbook.scrap.json+json": {"name": "a", "data": {"value": 1}}}
)
TABLE = display(
    text__html='<table border="1"><tr><th>Code</th><td class="num">7203</td></tr></table>',
    text__markdown="| Code |\n|---|\n| 7203 |",
    text__plain="Table(1 row)",
)


@pytest.fixture
def write(tmp_path):
    def one(*cells, metadata: dict | None = None) -> Path:
        path = tmp_path / "day.ipynb"
        nbformat.write(new_notebook(cells=list(cells), metadata=metadata or {}), path)
        return path

    return one


def page_of(notebook: Path, *, title="A day", simulated=False, status="ok") -> Page:
    page = Page(notebook_to_html(notebook, title=title, simulated=simulated, status=status))
    assert page.open == []
    return page


@pytest.fixture
def report(write) -> Path:
    return write(
        new_markdown_cell("# The day\n東海自動車"),
        code("secret_source = ''", tags=("parameters",)),
        code("secret_source = 'x'", tags=("injected-parameters",)),
        code("print('hidden')", new_output("stream", name="stdout", text="hidden"), tags=("hide",)),
        code("secret_source()", new_output("stream", name="stderr", text="a warning"), SCRAP),
        code("secret_source(1)", TABLE),
        code("secret_source(2)", chart()),
        code("print(1)", new_output("stream", name="stdout", text="counted <3>\n")),
    )


def test_a_page_shows_what_cells_show_and_none_of_their_code(report):
    page = page_of(report)
    assert "The day" in page.text
    assert "7203" in page.text
    assert "counted <3>" in page.text
    for unwanted in ("secret_source", "hidden", "a warning", "scrapbook", "In [", "Figure size"):
        assert unwanted not in page.text


def test_a_page_names_its_language_and_the_colour_of_a_gain(report):
    page = page_of(report)
    assert page.all("html") == [{"lang": "en", "class": "jstock"}]
    words = Words("ja", "red")
    text = notebook_to_html(report, title="A day", simulated=True, status="degraded", words=words)
    assert Page(text).all("html") == [{"lang": "ja", "class": "jstock gain-red"}]
    assert "架空データ 架空の会社と株価" in Page(text).text
    assert "一部に問題あり。" in Page(text).text


def hash_of(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def test_a_page_is_one_file_that_asks_for_nothing(report):
    text = notebook_to_html(report, title="A day", simulated=False, status="ok")
    page = Page(text)
    policy = next(meta["content"] for meta in page.all("meta") if "http-equiv" in meta)
    sheet, script = (re.search(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)[1] for tag in ("style", "script"))
    allowed = f"style-src '{hash_of(sheet)}'; script-src '{hash_of(script)}'"
    assert policy == f"default-src 'none'; img-src data:; {allowed}"
    assert page.all("script") == [{}]
    assert page.all("link") == page.all("iframe") == []
    assert all(image["src"].startswith("data:image/png;base64,") for image in page.all("img"))
    assert "url(" not in text
    assert "@import" not in text


def test_a_page_has_its_sheet_once(write):
    shown = styled('<section class="jstock">x</section>', style_sheet())
    text = notebook_to_html(
        write(code("x", display(text__html=shown))), title="A day", simulated=False, status="ok"
    )
    assert text.count("<style") == 1
    assert '<section class="jstock">x</section>' in text


def test_a_page_suits_readers_and_phones(report):
    page = page_of(report)
    assert page.all("html") == [{"lang": "en", "class": "jstock"}]
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.all("meta")
    assert [image["alt"] for image in page.all("img")] == ["Equity against TOPIX"]
    assert {"class": "scroll"} in page.all("div")  # what is not of ours scrolls in itself


def test_charts_without_alternative_text_still_have_some(write):
    assert page_of(write(code("x", chart(alt=None)))).all("img")[0]["alt"] == "Chart"


@pytest.mark.parametrize(
    ("simulated", "status", "expected"),
    [
        (False, "ok", []),
        (True, "ok", ["banner banner-simulated"]),
        (True, "degraded", ["banner banner-alert", "banner banner-simulated"]),
        (False, "failed", ["banner banner-alert"]),
    ],
)
def test_banners_say_what_the_reader_must_know_first(report, simulated, status, expected):
    page = page_of(report, simulated=simulated, status=status)
    banners = [part["class"] for part in page.all("div") if (part.get("class") or "").startswith("banner")]
    assert banners == expected
    assert ("SIMULATED" in page.text) == simulated


def test_the_morning_says_itself_what_must_be_known_first(write):
    top = display(text__html='<section class="jstock" id="top"><h1>Orders</h1></section>', text__plain="x")
    page = page_of(write(code("x", top)), simulated=True, status="degraded")
    assert not [part for part in page.all("div") if "banner" in (part.get("class") or "")]
    assert len(page.all("h1")) == 1
    assert "jstock SIMULATED degraded" in page.text


def test_the_title_heads_the_page_where_the_notebook_has_none(write):
    assert "A day" in page_of(write(code("x", TABLE))).text
    assert len(page_of(write(new_markdown_cell("# Own"), code("x", TABLE))).all("h1")) == 1


def failed_notebook(write) -> Path:
    error = new_output("error", ename="ValueError", evalue=EVIL, traceback=["\x1b[31mTraceback\x1b[0m", EVIL])
    return write(
        new_markdown_cell("# The day"),
        code("shown()", TABLE),
        code(
            f"fails({EVIL!r})",
            new_output("stream", name="stderr", text="a hint"),
            error,
            tags=("failed", "hide"),
        ),
        new_markdown_cell("## Never reached"),
        metadata={"jstock": {"failure": f'cell 2 ("x"): ValueError: {EVIL}'}},
    )


def test_a_failed_page_ends_at_the_failing_cell(write):
    page = page_of(failed_notebook(write), title=EVIL, status="failed")
    assert [part.get("id") for part in page.all("section")] == ["failed-cell"]
    assert {"href": "#failed-cell"} in page.all("a")
    assert f"fails({EVIL!r})" in page.text
    assert "a hint" in page.text
    assert "Never reached" not in page.text
    assert page.all("script") == [{}]  # the page's own


def test_a_dead_kernel_leaves_no_error_but_its_cell_is_marked(write):
    page = page_of(write(code("boom()", tags=("failed",))), status="failed")
    assert "boom()" in page.text
    assert page.all("section")[0]["id"] == "failed-cell"


def test_markdown_prefers_markdown_tables_and_has_no_html(report):
    text, images = notebook_to_markdown(report, "charts")
    assert "| Code |\n|---|\n| 7203 |" in text
    assert "![Equity against TOPIX](charts/equity.png)" in text
    assert images == {"equity.png": PNG}
    for unwanted in ("secret_source", "<table", "<style", "scrapbook", "Figure size", "a warning", "\n\n\n"):
        assert unwanted not in text


def test_charts_that_markdown_names_are_taken_from_the_page(write):
    svg = '<svg class="drawing chart" viewBox="0 0 360 200" role="img"><title>Returns</title></svg>'
    figure = display(
        text__html=f'<figure class="chart" data-file="returns.svg">{svg}</figure>',
        text__markdown="![It rose](charts/returns.svg)",
    )
    text, images = notebook_to_markdown(write(code("x", figure), code("hidden", figure, tags=("hide",))))
    assert text == "![It rose](charts/returns.svg)\n"
    assert list(images) == ["returns.svg"]
    assert svg.encode() in images["returns.svg"]


def test_charts_of_one_name_get_different_files_and_safe_ones(write):
    _, images = notebook_to_markdown(write(code("x", chart(), chart(), chart("../a b"), chart(None))))
    assert list(images) == ["equity.png", "equity-2.png", "a-b.png", "chart-0.png"]


def test_brackets_in_alternative_text_do_not_break_the_link(write):
    text, _ = notebook_to_markdown(write(code("x", chart(alt="TOPIX [close]\nof the day"))))
    assert r"![TOPIX \[close\] of the day](charts/equity.png)" in text


def test_a_display_with_only_html_shows_its_text_in_markdown(write):
    text, _ = notebook_to_markdown(write(code("x", display(text__html="<b>bold</b>", text__plain="bold"))))
    assert text == "```\nbold\n```\n"


def test_markdown_fences_outlast_the_backticks_inside(write):
    text, _ = notebook_to_markdown(write(code("x", new_output("stream", name="stdout", text="```\nin\n```"))))
    assert text == "````\n```\nin\n```\n````\n"


def test_a_failed_run_in_markdown(write):
    text, _ = notebook_to_markdown(failed_notebook(write))
    assert text.startswith("> **This run failed.**")
    assert "## The failing cell\n\n```python\nfails(" in text
    assert "\x1b" not in text
    assert "Never reached" not in text


def test_converting_twice_gives_the_same_bytes(report):
    assert notebook_to_html(report, title="x", simulated=True, status="ok") == notebook_to_html(
        report, title="x", simulated=True, status="ok"
    )
    assert notebook_to_markdown(report) == notebook_to_markdown(report)


def test_importing_this_costs_nothing_heavy():
    """The command line's fast path may come by here."""
    heavy = "{'nbconvert', 'nbformat', 'jinja2'}"
    probe = f"import sys, jstock_core.runs.notebook.convert; print(*{heavy} & {{*sys.modules}})"
    found = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == ""


def test_what_a_display_shows_reaches_the_page_as_it_is(write):
    """nbconvert mends whole pages; displays are put in afterwards, and no text poses as the place of one."""
    shown = "<div class=\"jstock\"><p title='a'>&lt;!--display 1--&gt;<br></p></div>"
    table = "<table><tr><td>1</td></tr></table>"
    notebook = write(code("a", display(text__html=shown)), code("b", display(text__html=table)))
    page = notebook_to_html(notebook, title="A day", simulated=False, status="ok")
    assert shown in page
    assert f'<div class="scroll">{table}</div>' in page
    assert "<!--display" not in page


def test_a_loaded_converter_imports_nothing_more_to_make_a_page(tmp_path: Path) -> None:
    notebook = tmp_path / "day.ipynb"
    html = display(text__html="<b>bold</b>", text__plain="bold")
    nbformat.write(
        new_notebook(cells=[new_markdown_cell("# A"), new_code_cell("1", outputs=[html])]), notebook
    )
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from jstock_core.runs.notebook.convert import load_converter, notebook_to_html\n"
        "load_converter()\n"
        "loaded = set(sys.modules)\n"
        "notebook_to_html(Path(sys.argv[1]), title='A', simulated=False, status='ok')\n"
        "print(sorted(sys.modules.keys() - loaded))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(notebook)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
