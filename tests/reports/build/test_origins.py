"""Where numbers come from: each has an origin, and what the origins of money name is enough to count it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pytest

from jstock_core.reports.model.codec import report_from_json, report_json
from jstock_core.reports.model.origins import Cells, FactSpan, Origin, origin_of
from jstock_core.reports.model.report import Report
from tests.reports import scripted
from tests.reports.build.recount.journal import Fact, in_force
from tests.reports.build.recount.ledger import Ledger, ledger
from tests.reports.build.recount.numbers import numbers_of

NOWHERE = re.compile(r"since\.(near_atr|near_pct|watched)$")
"""Numbers that are chosen, not found."""


@dataclass(frozen=True)
class Told:
    """A morning's report with the facts that it was made of."""

    report: Report
    facts: Sequence[Fact]

    def origin(self, path: str) -> Origin:
        found = origin_of(self.report.origins, path)
        assert found is not None, path
        return found

    def named(self, path: str) -> list[Fact]:
        """The facts that the origin of a number names."""
        origin = self.origin(path)
        return [
            fact
            for fact in self.facts
            if fact.id in origin.events or any(is_in(fact, span) for span in origin.facts)
        ]

    def counted(self, path: str) -> Ledger:
        """What those facts alone come to; groups are opened by nothing."""
        openings = [fact for fact in self.facts if fact.kind == "deposit"]
        nothing = [Fact("deposit", f.id, {**f.fields, "amount": 0}) for f in openings]
        named = self.named(path)
        ids = {fact.order_id for fact in named if fact.kind == "fill" and fact.order_id}
        orders = [fact for fact in self.facts if fact.kind == "order" and fact.id in ids]
        return ledger([*nothing, *orders, *(fact for fact in named if fact.kind != "order")])


def is_in(fact: Fact, span: FactSpan) -> bool:
    kind = not span.kinds or fact.kind in span.kinds
    return kind and (span.group == "" or fact.fields.get("group", span.group) == span.group)


@pytest.fixture(scope="module")
def mornings(lived: tuple[scripted.Lived, ...]) -> tuple[Told, ...]:
    return tuple(Told(each.day.report, in_force(each.rows)) for each in lived)


def test_every_number_has_an_origin(mornings: Iterable[Told]) -> None:
    for told in mornings:
        paths = [path for path, _ in numbers_of(told.report) if not NOWHERE.search(path)]
        assert [path for path in paths if origin_of(told.report.origins, path) is None] == []


def test_origins_name_facts_and_cells_that_are_there(mornings: Iterable[Told]) -> None:
    for told in mornings:
        recorded = {fact.id for fact in told.facts}
        for origin in told.report.origins:
            taken_back = {event for event in origin.events if event.startswith("correction:")}
            assert set(origin.events) - taken_back <= recorded, origin
            assert all(is_there(cells, told.report) for cells in origin.cells), origin
            assert origin.events or origin.facts or origin.cells or "reserved" in origin.numbers, origin


def is_there(cells: Cells, report: Report) -> bool:
    return (
        bool(cells.columns)
        and cells.first <= cells.last <= report.header.evaluated
        and set(cells.codes) <= set(scripted.CODES)
    )


def test_the_facts_of_a_position_are_enough_to_count_it(mornings: Iterable[Told]) -> None:
    for told in mornings:
        for n, line in enumerate(told.report.portfolio.held):
            purse = told.counted(f"portfolio.held[{n}].shares")[line.group]
            assert (purse.shares(line.code), purse.cost(line.code)) == (line.shares, line.cost)
            for m, lot in enumerate(line.lots):
                opened = told.named(f"portfolio.held[{n}].lots[{m}].shares")
                assert lot.opened in {fact.session for fact in opened}


@pytest.mark.parametrize("name", ["cash", "deposited", "adjusted", "dividends", "fees", "realized"])
def test_the_facts_of_money_are_enough_to_count_it(mornings: Iterable[Told], name: str) -> None:
    for told in mornings:
        for n, account in enumerate(told.report.portfolio.accounts):
            purse = told.counted(f"portfolio.accounts[{n}].{name}")[account.group]
            assert getattr(purse, name) == getattr(account, name)
        whole = told.counted(f"portfolio.whole.{name}")
        assert sum(getattr(purse, name) for purse in whole.values()) == getattr(
            told.report.portfolio.whole, name
        )


def test_a_close_is_the_cell_that_is_named(mornings: Iterable[Told]) -> None:
    market = scripted.market()
    for told in mornings:
        for n, line in enumerate(told.report.portfolio.held):
            (cells,) = told.origin(f"portfolio.held[{n}].close").cells
            assert (cells.columns, cells.codes, cells.first) == (("close",), (line.code,), cells.last)
            close = market.close.item(market.row(cells.last), market.column[line.code])
            assert close == line.close


def test_an_order_says_which_it_is(mornings: Iterable[Told]) -> None:
    market = scripted.market()
    for told in mornings:
        for n, ticket in enumerate(told.report.execution.tickets):
            (order,) = told.named(f"execution.tickets[{n}].shares")
            assert (order.shares, order.reserve) == (ticket.shares, ticket.reserve)
            close, _ = told.origin(f"execution.tickets[{n}].estimate").cells
            price = market.close.item(market.row(close.last), market.column[ticket.code])
            due = 0.5 if (ticket.code, ticket.trade_date) == ("7203", scripted.SPLIT) else 1
            assert ticket.estimate == int(Decimal(str(price * due)) * ticket.shares)


def test_a_fill_says_what_it_is_compared_with(mornings: Iterable[Told]) -> None:
    market = scripted.market()
    for told in mornings:
        for n, fill in enumerate(told.report.execution.fills):
            (fact,) = told.named(f"execution.fills[{n}].price")
            assert (fact.shares, float(fact.price)) == (fill.shares, fill.price)
            (cells,) = told.origin(f"execution.fills[{n}].against_open.reference").cells
            opened = market.open.item(market.row(cells.first), market.column[fill.code])
            assert fill.against_open is not None
            assert opened == fill.against_open.reference


def test_the_nearest_origin_counts() -> None:
    made = (
        Origin(path="a", events=("far",)),
        Origin(path="a.b[1]", events=("near",)),
        Origin(path="a.b[1]", numbers=("x",), events=("named",)),
    )
    wanted = {
        "a.c": "far",
        "a.b[10].x": "far",
        "a.b[1].y": "near",
        "a.b[1].x": "named",
        "a.b[1].x.z": "named",
    }
    found = {path: origin_of(made, path) for path in wanted}
    assert {path: origin.events[0] for path, origin in found.items() if origin} == wanted
    assert origin_of(made, "b") is None


def test_origins_are_kept_with_the_report(mornings: Sequence[Told]) -> None:
    report = mornings[-1].report
    assert report_from_json(report_json(report)).origins == report.origins != ()
