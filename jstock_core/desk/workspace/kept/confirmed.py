"""Unusual bars that a person confirmed: `data/confirmed_bars.json`.

A confirmation is of the prices as they were stored: a bar that is corrected afterwards is judged again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from jstock_core.base.durable import os_reason, write_atomically
from jstock_core.base.errors import DataError, StateError
from jstock_core.base.limits import parse_json, read_file
from jstock_core.data.checks.whole import TOPIX
from jstock_core.market.panel import Panel


@dataclass(frozen=True)
class ConfirmedBar:
    """A bar that is true though it looks impossible: its open, high, low and close; TOPIX has a close only.

    `at` is when it was confirmed, an ISO time.
    """

    code: str
    session: date
    prices: tuple[float, ...]
    at: str
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self) | {"session": self.session.isoformat(), "prices": list(self.prices)}


def stored_prices(panel: Panel, code: str, session: date) -> tuple[float, ...]:
    """The prices of a stored bar, of TOPIX its level; empty where there is none."""
    if session not in panel.dates:
        return ()
    row = panel.row(session)
    if code == TOPIX:
        return tuple(level for level in (panel.topix.item(row),) if level == level)  # noqa: PLR0124 (NaN)
    column = panel.column.get(code)
    if column is None or not panel.has_bar.item(row, column):
        return ()
    return tuple(each.item(row, column) for each in (panel.open, panel.high, panel.low, panel.close))


def read_confirmed(path: Path) -> tuple[ConfirmedBar, ...]:
    """What was confirmed; nothing where there is no file.

    Raises:
        DataError: the file is damaged.

    """
    try:
        rows = parse_json(read_file(path))
        return tuple(
            ConfirmedBar(
                code=row["code"],
                session=date.fromisoformat(row["session"]),
                prices=tuple(float(price) for price in row["prices"]),
                at=row["at"],
                reason=row["reason"],
            )
            for row in rows
        )
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError):
        raise DataError(
            "cannot read the confirmed bars",
            where=str(path),
            do="remove the file, and confirm its bars again with `jstock data confirm CODE DATE`",
        ) from None


def write_confirmed(path: Path, confirmed: Iterable[ConfirmedBar]) -> None:
    """Write the confirmed bars.

    Raises:
        StateError: the folder cannot be written.

    """
    text = json.dumps([each.as_json() for each in confirmed], ensure_ascii=False, indent=2) + "\n"
    try:
        write_atomically(path, text.encode())
    except OSError as error:
        raise StateError(f"cannot write the confirmed bars: {os_reason(error)}", where=str(path)) from error


def confirm_bars(panel: Panel, path: Path) -> Panel:
    """The panel with what was confirmed in the file of a workspace.

    Raises:
        DataError: the file is damaged.

    """
    found = confirmations_of(panel, read_confirmed(path))
    return replace(panel, confirmations=found) if found else panel


def confirmations_of(panel: Panel, confirmed: Iterable[ConfirmedBar]) -> frozenset[tuple[str, date]]:
    """The codes and sessions of confirmed bars that still have the prices that were confirmed."""
    return frozenset(
        (each.code, each.session)
        for each in confirmed
        if each.prices and each.prices == stored_prices(panel, each.code, each.session)
    )
