"""Tomorrow's orders: the desk as its files declare it, against the desk with a variant of a group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Literal

from jstock_core.base.words import join_parts
from jstock_core.decide.given.halts import halted_groups
from jstock_core.decide.groups import Group
from jstock_core.decide.morning import morning
from jstock_core.desk.day.history import simulate_history
from jstock_core.desk.day.market import MorningMarket, morning_market, with_halts
from jstock_core.desk.workspace.desk import Desk
from jstock_core.market.panel import Panel
from jstock_core.reports.model.lab.lab import VariantOrder
from jstock_core.reports.render.lab.difference import difference_card
from jstock_core.reports.render.parts.table import Bundle
from jstock_core.state.book.book import replay
from jstock_core.state.facts.events import Event, OrderPlaced
from jstock_core.state.journal.in_force.past import events_before

if TYPE_CHECKING:
    import pandas as pd

Book = Literal["the desk's journal", "a simulated history", "an empty book"]


@dataclass(frozen=True, eq=False, repr=False)
class OrdersDifference:
    """The orders of a trade date by group, code and side, of the desk and with the variant in it.

    `book` says which positions both were decided on.
    """

    trade_date: date
    variant: Group
    book: Book
    orders: tuple[VariantOrder, ...]
    marks: tuple[str, ...] = ()

    @property
    def changes(self) -> tuple[VariantOrder, ...]:
        """Those that differ."""
        return tuple(order for order in self.orders if order.change != "unchanged")

    @property
    def frame(self) -> pd.DataFrame:
        """One row an order: group, code, name, side, desk and variant (shares or 0), change, reason."""
        import pandas as pd

        columns = list(VariantOrder.__dataclass_fields__)
        return pd.DataFrame([[getattr(o, name) for name in columns] for o in self.orders], columns=columns)

    @property
    def title(self) -> str:
        """What is compared, and on which book."""
        return join_parts(
            (f"Orders for {self.trade_date}", f"{self.variant.id} as a variant", f"on {self.book}")
        )

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """Show it in a notebook."""
        shown = difference_card(self.title, self.orders, self.variant.changes, self.marks)
        return shown._repr_mimebundle_(include, exclude)

    def __repr__(self) -> str:
        """Say in a line how many differ."""
        return f"<{self.title}: {len(self.changes)} of {len(self.orders)} differ>"


def compare_orders(source: Desk, desk: Desk, panel: Panel, variant: Group) -> OrdersDifference:
    """Decide the next trade date twice on the book of `source`: by the groups of `desk`, and with a variant.

    It takes the place of the group of its id, or stands beside them where there is none. Nothing is recorded.
    Where the journal holds nothing yet, the book is that of the history that the desk would be given. The
    market of the morning is remembered with the panel, the journal is read each time.

    Raises:
        DataError: the market data is stale, or forbids deciding. StateError: the journal is damaged.

    """
    trade_date = desk.next_trade_date
    watching = desk.with_universe_of(trade_date)
    key = "morning market", trade_date, watching.monitored
    market = panel.memo(key, lambda: morning_market(watching, panel, trade_date))
    before, book = _events_before(source, desk, panel, trade_date)
    market = with_halts(market, halted_groups(replay(before)))
    market = replace(market, conditions=replace(market.conditions, late=False))
    others = tuple(group for group in desk.groups if group.id != variant.id)
    ordered = [_orders(before, market, groups, trade_date) for groups in (desk.groups, (*others, variant))]
    return OrdersDifference(trade_date, variant, book, tuple(_changes(panel, *ordered)), desk.marks)


def _events_before(
    source: Desk, desk: Desk, panel: Panel, trade_date: date
) -> tuple[tuple[Event, ...], Book]:
    recorded: tuple[Event, ...] = ()
    if source.workspace.journal.exists() or source.workspace.journal_url:
        recorded = events_before(source.journal().history(), trade_date)
    if recorded:
        return recorded, "the desk's journal"
    key = "simulated history", trade_date
    simulated = panel.memo(key, lambda: simulate_history(desk, panel, trade_date))
    return simulated, "a simulated history" if simulated else "an empty book"


_Key = tuple[str, str, str]


def _orders(
    before: Sequence[Event], market: MorningMarket, groups: Sequence[Group], trade_date: date
) -> dict[_Key, OrderPlaced]:
    step = morning(replay(before), market.view, 0, groups, market.conditions)
    placed = (e for e in step.events if isinstance(e, OrderPlaced) and e.session == trade_date)
    return {(order.group, order.code, order.side): order for order in placed}


def _changes(
    panel: Panel, desk: dict[_Key, OrderPlaced], variant: dict[_Key, OrderPlaced]
) -> Iterator[VariantOrder]:
    for key in sorted(desk.keys() | variant.keys()):
        old, new = desk.get(key), variant.get(key)
        shares = old.shares if old else 0, new.shares if new else 0
        known = new or old
        group, code, side = key
        yield VariantOrder(
            group=group,
            code=code,
            name=panel.listings[panel.column[code]].name if code in panel.column else "",
            side=side,
            desk=shares[0],
            variant=shares[1],
            change="unchanged" if shares[0] == shares[1] else _change(*shares),
            reason=known.reason if known else "",
        )


def _change(before: int, after: int) -> Literal["added", "dropped", "more", "fewer"]:
    if not before or not after:
        return "dropped" if before else "added"
    return "more" if after > before else "fewer"
