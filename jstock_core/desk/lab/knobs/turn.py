"""A turn of the knobs: the variant beside the group as its file declares it, over the same sessions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from jstock_core.base.errors import JstockError
from jstock_core.decide.groups import declared_changes
from jstock_core.desk.lab.difference import OrdersDifference
from jstock_core.desk.past.trial import Trial
from jstock_core.reports.model.lab.turn import TurnSheet, TurnTrade, TurnTrades
from jstock_core.reports.render.lab.turn import turn_card
from jstock_core.reports.render.parts.table import Bundle

HELD = "held"
"""The layer of what is not sold yet."""


@dataclass(frozen=True, eq=False, repr=False)
class Turn:
    """Two trials of a group over the same sessions, and the orders of the next morning.

    `orders` is the error that says why they cannot be decided, where they cannot.
    """

    desk: Trial
    variant: Trial
    orders: OrdersDifference | JstockError

    @property
    def changes(self) -> tuple[str, ...]:
        """What differs from the desk's file: `exit.stop_loss_pct 8 -> 6`."""
        return declared_changes(self.desk.groups[0].declared, self.variant.groups[0].declared)

    @cached_property
    def trades(self) -> TurnTrades:
        """Trades gained, lost and moved by the turn."""
        return compare_trades(trades_of(self.desk), trades_of(self.variant))

    @cached_property
    def sheet(self) -> TurnSheet:
        """What the card shows, as values."""
        decided, tally = self.orders, self.variant.tally
        trials = None if tally is None else tally.trials
        if isinstance(decided, JstockError):
            why = "; ".join(part for part in (decided.what, decided.where, decided.do) if part)
            return TurnSheet(changes=self.changes, desk=self.desk.sheet, variant=self.variant.sheet,
                             trades=self.trades, undecided=why, trials=trials)  # fmt: skip
        return TurnSheet(
            changes=self.changes,
            desk=self.desk.sheet,
            variant=self.variant.sheet,
            trades=self.trades,
            trade_date=decided.trade_date,
            orders=decided.orders,
            book=decided.book,
            trials=trials,
        )

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """Show the card in a notebook."""
        return turn_card(self.sheet)._repr_mimebundle_(include, exclude)

    def __repr__(self) -> str:
        """Say in a line what was changed, and what came of it."""
        gained, lost = len(self.trades.gained), len(self.trades.lost)
        return f"<Turn: {', '.join(self.changes) or 'nothing changed'}; trades +{gained} -{lost}>"


def trades_of(trial: Trial) -> tuple[TurnTrade, ...]:
    """The positions of a trial, each from its purchase to its last sale, in the order of their purchases."""
    parts: dict[tuple[date, str], list[Mapping[str, Any]]] = {}
    for part in _lots(trial):
        parts.setdefault((part["opened"].date(), part["code"]), []).append(part)
    return tuple(_trade(opened, code, lots) for (opened, code), lots in sorted(parts.items()))


def _lots(trial: Trial) -> Iterator[Mapping[str, Any]]:
    """What was sold, and after it what is held, as rows."""
    yield from trial.trades.to_dict("records")
    for held in trial.positions.to_dict("records"):
        yield {**held, "closed": None, "layer": HELD}


def _trade(opened: date, code: str, lots: list[Mapping[str, Any]]) -> TurnTrade:
    gain, cost = sum(float(lot["gain"]) for lot in lots), sum(float(lot["cost"]) for lot in lots)
    last = lots[-1]["closed"]
    return TurnTrade(
        code=code,
        name=str(lots[-1]["name"]),
        opened=opened,
        closed=None if last is None else last.date(),
        gain=gain,
        gain_pct=100 * gain / cost if cost else 0.0,
        layer=", ".join(dict.fromkeys(str(lot["layer"]) for lot in lots)),
    )


def compare_trades(desk: Iterable[TurnTrade], variant: Iterable[TurnTrade]) -> TurnTrades:
    """Sort trades by whether both sides opened a position of that stock on that day."""
    before = {(trade.opened, trade.code): trade for trade in desk}
    after = {(trade.opened, trade.code): trade for trade in variant}
    both = [(trade, after[key]) for key, trade in before.items() if key in after]
    return TurnTrades(
        gained=tuple(trade for key, trade in after.items() if key not in before),
        lost=tuple(trade for key, trade in before.items() if key not in after),
        moved=tuple((one, other) for one, other in both if one != other),
        same=sum(one == other for one, other in both),
    )
