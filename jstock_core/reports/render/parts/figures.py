"""Charts in a section: a drawing under its title, and its meaning in words where nothing is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, runtime_checkable

from jstock_core.base.arguments import require_kind
from jstock_core.base.words import escape_html, escape_markdown, escape_markdown_line
from jstock_core.reports.render.parts.markup import unbroken
from jstock_core.reports.render.parts.table import Bundle, Display, Table, stack, text_line


@runtime_checkable
class _Shown(Protocol):
    def _repr_mimebundle_(self) -> Bundle: ...


def text_of(result: _Shown) -> str:
    """What a notebook shows of a result, as text: `print(js.text_of(trial))` in a script.

    Raises:
        UsageError: what is given has no card.

    """
    require_kind(result, _Shown, "a result with a card", "give a result of jstock, as a trial or a sweep")
    return result._repr_mimebundle_()["text/plain"]


def figure(file: str, title: str, svg: str, meaning: str, note: str = "") -> Display:
    """A chart of `render.svg` under its title, and `note` small below it.

    Markdown names it as the file `charts/<file>.svg` with its meaning in words; a terminal has those alone.
    """
    below = f'\n<p class="muted small">{unbroken(note)}</p>' if note else ""
    said = f"{title}: {meaning}"
    html = (
        f'<figure class="chart" data-file="{escape_html(file)}.svg">'
        f"<figcaption>{escape_html(title)}</figcaption>\n{svg}{below}\n</figure>"
    )
    image = f"![{escape_markdown(said)}](charts/{file}.svg)"
    return Display(
        html,
        "\n\n".join(text for text in (image, escape_markdown_line(note)) if text),
        said if note in ("", meaning) else f"{said}\n{note}",
    )


def side_by_side(parts: Iterable[Display | Table]) -> Display:
    """Several things beside each other where the screen is wide enough, else under each other."""
    given = list(parts)
    if not given:
        return Display("", "", "")
    inside = stack(given)
    return Display(f'<div class="pair">\n{inside.html}\n</div>', inside.markdown, inside.plain)


def apart(parts: Iterable[Display | Table]) -> Display:
    """Several things that stay under each other where others stand beside them."""
    inside = stack(parts)
    return Display(f"<div>\n{inside.html}\n</div>", inside.markdown, inside.plain)


def titled(title: str, part: Display | Table) -> Display:
    """A part of a section under a heading of its own."""
    return Display(
        f'<div class="part">\n<h3>{unbroken(title)}</h3>\n{part.html}\n</div>',
        f"### {escape_markdown(title)}\n\n{part.markdown}",
        f"{title}\n{part.plain}",
    )


def marked(title: str, marks: Sequence[str], parts: Iterable[Display | Table]) -> Display:
    """A card: parts under a heading, and above them the words of their market (`Desk.marks`), if any."""
    return titled(title, stack([*([text_line(" ".join(marks))] if marks else []), *parts]))


def small_line(text: str, lead: str = "") -> Display:
    """A quiet line in small letters."""
    line = text_line(text, lead)
    return Display(f'<div class="notes">{line.html}</div>', line.markdown, line.plain)


def folded(title: str, part: Display | Table, *, repeats: bool = True) -> Display:
    """A part that is opened on the page by its title; Markdown leaves out what only `repeats` other parts."""
    html = f"<details><summary>{unbroken(title)}</summary>\n{part.html}\n</details>"
    return Display(html, "" if repeats else part.markdown, part.plain)
