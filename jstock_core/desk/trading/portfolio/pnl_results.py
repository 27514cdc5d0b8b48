"""A session's profit and loss, or a span's, as it is shown and exported: lots, sums, and what proves them.

Amounts are yen, whole where they are whole; `*_pct` are percentages, None where a price is not known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from jstock_core.base.words import plural, signed_yen


@dataclass(frozen=True)
class PnlLot:
    """What shares of one lot moved from and to in a session; `fact` is the id of what brought the lot."""

    code: str
    name: str
    how: str
    opened: date | None
    shares: float
    start_price: float
    end_price: float
    start: float
    end: float
    pnl: float
    fact: str

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return vars(self) | {"opened": None if self.opened is None else str(self.opened)}


@dataclass(frozen=True)
class PnlFigures:
    """What one session or several did to equity: `equity_before` + `came_in` + `pnl` = `equity`.

    `came_in` is money and shares put in less what was taken out.
    """

    pnl: float
    realized: int
    unrealized_change: float
    dividends: int
    fees: int
    equity_before: float
    came_in: float
    equity: float


@dataclass(frozen=True)
class PnlGroup:
    """A group's session, or the whole desk's (`group` is then ""), with its lots."""

    group: str
    lots: tuple[PnlLot, ...]
    figures: PnlFigures
    unrealized: float
    realized_to_date: int
    return_pct: float | None

    def as_json(self, *, lots: bool = True) -> dict[str, Any]:
        """As plain JSON; of the whole desk without lots."""
        return {
            "group": self.group,
            **({"lots": [lot.as_json() for lot in self.lots]} if lots else {}),
            **vars(self.figures),
            "unrealized": self.unrealized,
            "realized_to_date": self.realized_to_date,
            "return_pct": self.return_pct,
        }


@dataclass(frozen=True, repr=False)
class SessionPnl:
    """A session by group; `whole` is None where only one group was asked for, `csv` the file written."""

    session: date
    settled_through: date
    simulated: bool
    groups: tuple[PnlGroup, ...]
    whole: PnlGroup | None
    topix_pct: float | None
    csv: str = ""

    def __repr__(self) -> str:
        """Say in a line what the session won, by group."""
        won = ", ".join(f"{each.group} {signed_yen(each.figures.pnl)}" for each in self.groups)
        return f"<SessionPnl of {self.session}: {won}>"

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "session": str(self.session),
            "settled_through": str(self.settled_through),
            "simulated": self.simulated,
            "groups": [group.as_json() for group in self.groups],
            "whole": None if self.whole is None else self.whole.as_json(lots=False),
            "topix_pct": self.topix_pct,
            "csv": self.csv,
        }


@dataclass(frozen=True)
class PnlLine:
    """A session of a group, or of the whole desk (`group` is then ""), in a span."""

    session: date
    group: str
    figures: PnlFigures
    return_pct: float | None
    cumulative_pct: float | None
    topix_pct: float | None
    topix_cumulative_pct: float | None

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "session": str(self.session),
            "group": self.group,
            **vars(self.figures),
            "return_pct": self.return_pct,
            "cumulative_pct": self.cumulative_pct,
            "topix_pct": self.topix_pct,
            "topix_cumulative_pct": self.topix_cumulative_pct,
        }


@dataclass(frozen=True)
class PnlTotal:
    """All sessions of a span of a group, or of the whole desk (`group` is then "")."""

    group: str
    sessions: int
    figures: PnlFigures
    return_pct: float | None
    topix_pct: float | None

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "group": self.group,
            "sessions": self.sessions,
            **vars(self.figures),
            "return_pct": self.return_pct,
            "topix_pct": self.topix_pct,
        }


@dataclass(frozen=True, repr=False)
class SpanPnl:
    """The sessions from `first` to `last`: lines by session and group, and one sum a group."""

    first: date
    last: date
    settled_through: date
    simulated: bool
    lines: tuple[PnlLine, ...]
    sums: tuple[PnlTotal, ...]
    csv: str = ""

    def __repr__(self) -> str:
        """Say in a line which sessions these are."""
        return f"<SpanPnl of {self.first} to {self.last}: {plural(len(self.lines), 'line')}>"

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "from": str(self.first),
            "to": str(self.last),
            "settled_through": str(self.settled_through),
            "simulated": self.simulated,
            "lines": [line.as_json() for line in self.lines],
            "sums": [total.as_json() for total in self.sums],
            "csv": self.csv,
        }
