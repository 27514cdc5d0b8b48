"""An executed notebook becomes a page and a Markdown file: what its cells show, without their code.

nbconvert runs in process with the template beside this module. The page is one self-contained file: no
script, no request, and a content security policy that would block either should a cell emit one. Text from
outside jstock is escaped where it enters a table; here only what the notebook machinery itself hands over
(titles, sources, tracebacks, alternative texts) is escaped.
"""

from __future__ import annotations

import base64
import functools
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jstock_core.reports.render.parts.markup import style_sheet, without_sheets
from jstock_core.reports.render.parts.words import ENGLISH, Words
from jstock_core.reports.render.svg.files import figure_files
from jstock_core.runs.links import PageLinks
from jstock_core.runs.notebook.shell import TEMPLATES, Page, page_script

FAILED_TAG = "failed"
"""Tag of the cell at which a run stopped; the runner sets it, the report marks the cell in red."""

_SILENT_TAGS = frozenset({"parameters", "injected-parameters", "hide", "papermill-error-cell-tag"})
_SCRAPS = "application/scrapbook."
_ASIDE = re.compile(r"<!--display (\d+)-->")
_MARKDOWN_ORDER = ("text/markdown", "image/png", "text/plain")


def skip_slow_grammars() -> None:
    """Keep nbformat from loading `rfc3987_syntax`, an optional part that costs a second.

    It compiles 39 grammars at import, only to check link syntax in JSON schemas. Call before nbformat,
    nbconvert or papermill are first imported.
    """
    modules: dict[str, Any] = sys.modules  # None marks a module as not importable
    modules.setdefault("rfc3987_syntax", None)


def load_converter(words: Words = ENGLISH) -> None:
    """Import and compile what makes pages, a quarter of a second: for a moment in which a kernel works."""
    skip_slow_grammars()
    from nbformat.v4 import new_markdown_cell, new_notebook

    page = {"page": Page(title="", css="")}
    _html_exporter(words.language).from_notebook_node(new_notebook(cells=[new_markdown_cell("# Day")]), page)


def notebook_to_html(
    notebook: Path,
    *,
    title: str,
    simulated: bool,
    status: str,
    historical: bool = False,
    words: Words = ENGLISH,
    links: PageLinks | None = None,
) -> str:
    """The notebook's report as one self-contained page.

    `status` is "ok", "degraded" or "failed" and is shown on top; a failed page also shows the failing cell
    with its source and traceback, and stops there. `links` lead to the mornings beside it.
    """
    executed = _read(notebook)
    cells = _visible_cells(executed.cells)
    has_top = any('id="top"' in output.get("data", {}).get("text/html", "") for output in _outputs(cells))
    page = Page(
        title=title,
        css=style_sheet(),
        simulated=simulated,
        historical=historical,
        status=status,
        failure=_failure(executed),
        has_failed_cell=any(_has_failed(cell) for cell in cells),
        needs_heading=not has_top and not any(_is_title(cell) for cell in cells),
        has_top=has_top,
        script=page_script(),
        words=words,
        links=links,
    )
    shown = _set_aside(cells)
    body, _ = _html_exporter(words.language).from_notebook_node(_with_cells(executed, cells), {"page": page})
    return _ASIDE.sub(lambda found: shown[int(found[1])], str(body)).strip() + "\n"


def _set_aside(cells: Iterable[Any]) -> list[str]:
    """Take the HTML of displays out of cells, and leave a comment with its number in its place.

    nbconvert parses a whole page to mend its pictures and cells, which takes it longer than all else.
    """
    shown: list[str] = []
    for output in _outputs(cells):
        if "text/html" in output.get("data", {}):
            html = output.data["text/html"]
            shown.append(html if 'class="jstock' in html else f'<div class="scroll">{html}</div>')
            output.data["text/html"] = f"<!--display {len(shown) - 1}-->"
    return shown


def notebook_to_markdown(
    notebook: Path, images_dir: str = "charts", *, words: Words = ENGLISH
) -> tuple[str, dict[str, bytes]]:
    """The notebook's report as Markdown without raw HTML, and its images by file name.

    Tables come from the `text/markdown` of a display, images are referenced as `<images_dir>/<name>.png`
    with their alternative text; what only has HTML shows its plain text. Charts that a display's Markdown
    names, as `charts/returns.svg`, are taken from its HTML.
    """
    executed = _read(notebook)
    visible = _visible_cells(executed.cells)
    images = _charts(visible, words)
    texts = [_as_markdown(cell, index, images, images_dir) for index, cell in enumerate(visible)]
    failure = _failure(executed)
    notice = f"> **This run failed.** {' '.join(failure.split())}\n\n" if failure else ""
    return notice + _space("\n\n".join(texts)), images


def _charts(cells: Iterable[Any], words: Words) -> dict[str, bytes]:
    """The charts in the HTML of cells that are files of their own, by file name."""
    pages = (output.get("data", {}).get("text/html", "") for output in _outputs(cells))
    found = (figure_files(page, words.gain_colour) for page in pages)
    return {name: svg.encode() for files in found for name, svg in files.items()}


def _read(notebook: Path) -> Any:
    skip_slow_grammars()
    import nbformat

    return nbformat.read(notebook, as_version=4)


def _with_cells(executed: Any, cells: Sequence[Any]) -> Any:
    from nbformat.v4 import new_notebook

    return new_notebook(metadata=executed.metadata, cells=list(cells))


@functools.cache
def _html_exporter(language: str) -> Any:
    """Kept, with its compiled templates."""
    from nbconvert import HTMLExporter

    return HTMLExporter(
        template_name="jstock",
        extra_template_basedirs=[str(TEMPLATES)],
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        language_code=language,
    )


def _visible_cells(cells: Iterable[Any]) -> list[Any]:
    """The cells a reader sees, each with the outputs a reader sees, up to the one that failed."""
    shown: list[Any] = []
    for cell in cells:
        if _has_failed(cell):
            cell.metadata["failed"] = True
            return [*shown, cell]
        if not _SILENT_TAGS & _tags(cell):
            shown.extend(_tidy(cell))
    return shown


def _outputs(cells: Iterable[Any]) -> list[Any]:
    return [output for cell in cells for output in cell.get("outputs", ())]


def _has_failed(cell: Any) -> bool:
    if FAILED_TAG in _tags(cell):
        return True
    return any(output.output_type == "error" for output in cell.get("outputs", ()))


def _tags(cell: Any) -> frozenset[str]:
    return frozenset(cell.metadata.get("tags", ()))


def _tidy(cell: Any) -> list[Any]:
    """The cell with the outputs worth showing, or nothing if it has none."""
    if cell.cell_type != "code":
        return [cell]
    cell.outputs = [output for output in cell.outputs if _worth_showing(output)]
    for output in cell.outputs:
        if "text/html" in output.get("data", {}):
            output.data["text/html"] = without_sheets(output.data["text/html"])
    return [cell] if cell.outputs else []


def _worth_showing(output: Any) -> bool:
    """Not scraps, which are for programs, nor warnings on stderr, nor a section without anything."""
    if output.output_type == "stream":
        return bool(output.name != "stderr")
    if output.get("data", {}).get("text/html", "-") == "":
        return False
    return not any(kind.startswith(_SCRAPS) for kind in output.get("data", ()))


def _is_title(cell: Any) -> bool:
    return cell.cell_type == "markdown" and re.search(r"^# ", cell.source, re.MULTILINE) is not None


def _failure(executed: Any) -> str:
    return str(executed.metadata.get("jstock", {}).get("failure", ""))


def _as_markdown(cell: Any, index: int, images: dict[str, bytes], images_dir: str) -> str:
    """The cell with every output as Markdown; images are put into `images`."""
    if cell.cell_type != "code":
        return str(cell.source)
    parts = [_output_text(output, index, images, images_dir) for output in cell.outputs]
    if cell.metadata.get("failed"):
        parts = ["## The failing cell", _fence(cell.source, "python"), *parts]
    return "\n\n".join(part for part in parts if part)


def _output_text(output: Any, index: int, images: dict[str, bytes], images_dir: str) -> str:
    if output.output_type == "stream":
        return _fence(output.text)
    if output.output_type == "error":
        return _fence(_without_colours("\n".join(output.traceback)))
    best = next((kind for kind in _MARKDOWN_ORDER if kind in output.data), None)
    match best:
        case "text/markdown":
            return str(output.data[best])
        case "image/png":
            return _image(output, index, images, images_dir)
        case "text/plain":
            return _fence(output.data[best])
        case _:
            return ""


def _image(output: Any, index: int, images: dict[str, bytes], images_dir: str) -> str:
    about: Mapping[str, Any] = output.metadata.get("image/png", {})
    name = _free_name(str(about.get("name") or f"chart-{index}"), images)
    images[name] = base64.b64decode(output.data["image/png"])
    alt = re.sub(r"([\[\]\\])", r"\\\1", str(about.get("alt") or "Chart")).replace("\n", " ")
    return f"![{alt}]({images_dir}/{name})"


def _free_name(wanted: str, taken: Mapping[str, bytes]) -> str:
    """A file name made of safe characters that no earlier image bears."""
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", wanted).strip("-") or "chart"
    name, number = f"{stem}.png", 1
    while name in taken:
        number += 1
        name = f"{stem}-{number}.png"
    return name


def _fence(text: str, language: str = "") -> str:
    """A code block whose fence is longer than any run of backticks inside."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def _space(text: str) -> str:
    """At most one empty line between blocks, none around the text."""
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _without_colours(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
