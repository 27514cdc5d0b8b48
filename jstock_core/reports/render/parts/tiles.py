"""Numbers side by side: tiles on the page, a table elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jstock_core.base.words import escape_html
from jstock_core.reports.render.parts.table import Cell, Display, Heading, Table


@dataclass(frozen=True)
class Tile:
    """A number on its own: what it is, its value, a note and the note's tone."""

    label: str
    value: str
    note: str
    tone: str = ""


def number_tiles(
    tiles: Iterable[Tile], titles: tuple[str, str, str] = ("Headline", "Value", "Note")
) -> Display:
    """Numbers side by side on the page, elsewhere a table with columns of these titles."""
    given = list(tiles)
    table = Table(
        (Heading(titles[0]), Heading(titles[1], "num"), Heading(titles[2])),
        tuple((Cell(tile.label), Cell(tile.value), Cell(tile.note)) for tile in given),
        "",
    )
    html = "\n".join(_html_tile(tile) for tile in given)
    return Display(f'<div class="tiles">\n{html}\n</div>', table.markdown, table.plain)


def _html_tile(tile: Tile) -> str:
    note = f"note {tile.tone}".rstrip()
    return (
        '<div class="tile">'
        f'<span class="label">{escape_html(tile.label)}</span>'
        f'<span class="value">{escape_html(tile.value)}</span>'
        f'<span class="{note}">{escape_html(tile.note)}</span></div>'
    )
