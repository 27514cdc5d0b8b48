"""A promotion as a card: what changes, and what is known of the set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jstock_core.base.words import join_parts
from jstock_core.reports.render.parts.cells import headings
from jstock_core.reports.render.parts.figures import titled
from jstock_core.reports.render.parts.table import Cell, Display, Table, stack, text_line


def promotion_card(
    title: str, changes: Sequence[str], known: Mapping[str, str], marks: Sequence[str] = ()
) -> Display:
    """The changes of the group's file, and a row for each thing that the record says."""
    parts: list[Display | Table] = [text_line(" ".join(marks))] if marks else []
    parts.append(text_line(join_parts(changes), "Changes:"))
    parts.append(
        Table(headings("What", "Known"), tuple((Cell(name), Cell(text)) for name, text in known.items()), "")
    )
    return titled(title, stack(parts))
