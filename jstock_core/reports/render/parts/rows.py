"""Rows of facts in blocks under small headings: cards of rows on the page, lists in Markdown and text."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from jstock_core.base.words import escape_markdown, escape_markdown_line
from jstock_core.reports.render.parts.markup import markup
from jstock_core.reports.render.parts.table import Display
from jstock_core.reports.render.parts.words import Words

SHOWN = 8
"""Rows of a block that are shown; the rest opens."""


@dataclass(frozen=True)
class FactRow:
    """A fact: a word in front (`chip`, of a kind of chip), the stock, what happened, and a figure at the end.

    `notes` stand small under it, each on one line where that fits; `tone` is that of the figure.
    """

    text: str
    chip: str = ""
    kind: str = ""
    code: str = ""
    name: str = ""
    notes: tuple[str, ...] = ()
    figure: str = ""
    tone: str = ""

    def in_words(self, words: Words) -> str:
        """The row on one line, for where there is no layout."""
        stock = " ".join(part for part in (self.code, self.name) if part)
        said = words.named(stock, self.text) if stock and self.text else stock or self.text
        return words.join((said, self.figure, *self.notes))


@dataclass(frozen=True)
class FactFold:
    """Rows that open on the page; elsewhere they are listed, or left out where that would be too much."""

    title: str
    rows: Sequence[FactRow]
    only_on_page: bool = False


@dataclass(frozen=True)
class FactBlock:
    """Rows under a heading, then folded ones."""

    title: str
    rows: Sequence[FactRow]
    note: str = ""
    folds: Sequence[FactFold] = ()


def fold_rest(
    rows: Sequence[FactRow], words: Words, shown: int = SHOWN
) -> tuple[Sequence[FactRow], list[FactFold]]:
    """The first rows, and the rest folded where it is more than one."""
    if len(rows) <= shown + 1:
        return rows, []
    rest = rows[shown:]
    return rows[:shown], [FactFold(words("{n} more", n=words.count(len(rest))), rest)]


def fact_blocks(blocks: Iterable[FactBlock], words: Words, linked: Collection[str] = ()) -> Display:
    """Blocks side by side where there is room; codes in `linked` lead to their explanation."""
    shown = [block for block in blocks if block.rows or block.folds]
    return Display(
        markup("rows.html.j2", blocks=shown, linked=linked, comma=words.comma) if shown else "",
        "\n\n".join(_markdown(block, words) for block in shown),
        "\n\n".join(_plain(block, words) for block in shown),
    )


def _markdown(block: FactBlock, words: Words) -> str:
    lines = [f"### {escape_markdown(block.title)}", ""]
    lines += [escape_markdown_line(block.note), ""] if block.note else []
    lines += [f"- {_lead(row)}{escape_markdown(row.in_words(words))}" for row in _listed(block)]
    return "\n".join(lines).strip()


def _listed(block: FactBlock) -> Iterator[FactRow]:
    """The rows that are shown where nothing opens."""
    yield from block.rows
    for fold in block.folds:
        if not fold.only_on_page:
            yield from fold.rows


def _lead(row: FactRow) -> str:
    return f"**{escape_markdown(row.chip)}** " if row.chip else ""


def _plain(block: FactBlock, words: Words) -> str:
    lines = [block.title, *([block.note] if block.note else [])]
    lines += [f"  {row.chip + ' ' if row.chip else ''}{row.in_words(words)}" for row in _listed(block)]
    return "\n".join(lines)
