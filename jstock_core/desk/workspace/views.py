"""The JSON files that other programs read: views of the journal, written again where they lag behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from jstock_core.base.limits import parse_json, read_file
from jstock_core.desk.workspace.checks.splits import splits_of_late_lots
from jstock_core.market.bars.closes import closes_since
from jstock_core.market.known_splits import with_recorded_splits
from jstock_core.market.panel import Panel
from jstock_core.state.book.book import Book
from jstock_core.state.facts.events import Decided, Event
from jstock_core.state.journal.journal import Journal
from jstock_core.state.views.views import production_state, trade_history, write_json

VIEWS = ("production_state.json", "trade_history.json")
UPDATED_KEY = "last_updated"
DECLARED = "declared.json"
"""What each group was declared as by its newest decision; of the journal, like the views."""


def follow_journal(
    folder: Path, journal: Journal, panel: Panel, names: Mapping[str, str], now: datetime
) -> None:
    """Give lots that were recorded after a split of theirs that split, then refresh the views.

    Raises:
        StateError: the journal is damaged. WriteError: a file cannot be written.

    """
    with journal.reading_once():
        if journal.events():
            panel = with_recorded_splits(panel, journal.book().recorded_splits)
            journal.append(splits_of_late_lots(journal.history(), journal.events(), panel.known_at(now)))
            refresh_views(folder, journal, panel, names, now)


def refresh_views(
    folder: Path, journal: Journal, panel: Panel, names: Mapping[str, str], now: datetime
) -> None:
    """Write `production_state.json` and `trade_history.json` from the journal, each atomically.

    A file whose content is the same already is left alone. The final book is cached for commands that only
    read. `names` are those of the groups, by id.

    Raises:
        StateError: the journal is damaged. WriteError: a file cannot be written.

    """
    book = journal.book()
    state = production_state(book, dict(peaks(book, panel)), f"{now:%Y-%m-%dT%H:%M:%S%z}", names)
    for name, content in zip(VIEWS, (state, trade_history(journal.events(), book)), strict=True):
        _write_if_changed(folder / name, content)
    _write_if_changed(folder / DECLARED, _newest_declarations(journal.events()))
    journal.cache_book()


def _newest_declarations(events: Sequence[Event]) -> dict[str, Any]:
    """What the newest decision of each group recorded of its file: by group, with the decision's session."""
    newest = {event.group: event for event in events if isinstance(event, Decided)}
    found = ((name, event, event.provenance.get("groups", {}).get(name)) for name, event in newest.items())
    return {
        name: {"session": event.session.isoformat(), "declared": declared}
        for name, event, declared in sorted(found, key=lambda entry: entry[0])
        if declared is not None
    }


def read_declarations(folder: Path) -> dict[str, tuple[date, Mapping[str, Any]]]:
    """The session of each group's newest decision and the group's file as it was then.

    Kept beside the views for commands that do not read the journal; empty where it cannot be read.
    """
    try:
        data = parse_json(read_file(folder / DECLARED))
        return {
            name: (date.fromisoformat(one["session"]), dict(one["declared"])) for name, one in data.items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


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
                closes = closes_since(panel, start, end - 1, column)
                highest = np.max(np.append(closes, position.average_price))
                yield (group.id, code), round(float(highest), 4)


def _write_if_changed(path: Path, data: Mapping[str, Any]) -> None:
    if _content(path) != {key: value for key, value in data.items() if key != UPDATED_KEY}:
        write_json(path, data)


def _content(path: Path) -> Any:
    """The file's content without its time; None where it cannot be read, so that it is written again."""
    try:
        data = parse_json(read_file(path))
        return {key: value for key, value in data.items() if key != UPDATED_KEY}
    except (OSError, ValueError, AttributeError):
        return None
