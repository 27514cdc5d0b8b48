"""The JSON files other people's programs read: views of the journal, brought up whenever they lag."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jstock_core.market.panel import Panel
from jstock_core.state.book import Book
from jstock_core.state.views import production_state, trade_history, write_json

if TYPE_CHECKING:
    from jstock_core.desk.desk import Desk
    from jstock_core.state.journal import Journal

WHEN = "last_updated"


def write_views(desk: Desk, journal: Journal, panel: Panel) -> None:
    """Bring `production_state.json` and `trade_history.json` up to the journal, each atomically.

    A file that says the same already is left alone. The book itself is kept for who only looks.
    """
    events, book = journal.events(), journal.book()
    names = {group.id: group.name for group in desk.groups}
    updated = f"{desk.now():%Y-%m-%dT%H:%M:%S%z}"
    state = production_state(book, dict(peaks(book, panel)), updated, names)
    _bring_up(desk.workspace.state / "production_state.json", state)
    _bring_up(desk.workspace.state / "trade_history.json", trade_history(events))
    journal.keep()


@contextmanager
def views_follow(desk: Desk, journal: Journal, panel: Panel) -> Iterator[None]:
    """Bring the views up when the block ends, also where it refuses.

    A command that was killed between journal and views is refused when it is repeated: its fact is known.
    """
    try:
        yield
    finally:
        write_views(desk, journal, panel)


def peaks(book: Book, panel: Panel) -> Iterator[tuple[tuple[str, str], float]]:
    """((group, code), highest of entry price and closes since), in yen of the last settled session."""
    if book.settled_through is None:
        return
    end = panel.row(book.settled_through) + 1
    for group in book.groups.values():
        for code in group.held:
            position, column = group.position(code), panel.column.get(code)
            if column is not None:
                start = int(np.searchsorted(panel.sessions, np.datetime64(position.opened, "D")))
                k = panel.forward[:end, column]
                closes = panel.close[start:end, column] * (k[start:] / k[-1])
                highest = np.fmax.reduce(closes, initial=position.average_price)
                yield (group.id, code), round(float(highest), 4)


def _bring_up(path: Path, data: Mapping[str, Any]) -> None:
    if _content(path) != {key: value for key, value in data.items() if key != WHEN}:
        write_json(path, data)


def _content(path: Path) -> Any:
    """What the file says, without when; None where it cannot be read: it is made anew."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return {key: value for key, value in data.items() if key != WHEN}
    except (OSError, ValueError, AttributeError):
        return None
