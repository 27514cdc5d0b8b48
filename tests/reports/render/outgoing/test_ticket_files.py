"""Tickets as files: lines for kabu STATION against the table of its fields, and rows for a spreadsheet."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from jstock_core.execution.orders.tickets import OrderTicket, TicketQuote
from jstock_core.market.listings import Listing
from jstock_core.market.rules import Limits
from jstock_core.reports.render.outgoing.ticket_files import kabu_lines, kabu_order, tickets_csv

QUOTE = TicketQuote(
    Listing("7203", "トヨタ自動車", "Cars"), Decimal(1000), Limits(Decimal(700), Decimal(1300))
)
BUY = OrderTicket(
    id="20260121-0123456789ab", session=date(2026, 1, 21), groups=("core",), code="7203", side="BUY",
    shares=300, limit=None, quote=QUOTE, reasons=("score 70",), order_ids=("order:1",), faults=(),
)  # fmt: skip
SELL = replace(BUY, code="167A", side="SELL", shares=100)


def one_of(*values: Any) -> Callable[[Any], bool]:
    return lambda value: value in values and type(value) in {type(each) for each in values}


FIELDS: dict[str, Callable[[Any], bool]] = {
    "Symbol": lambda v: isinstance(v, str) and len(v) == 4,
    "Exchange": one_of(1, 3, 5, 6, 9, 27),
    "SecurityType": one_of(1),
    "Side": one_of("1", "2"),
    "CashMargin": one_of(1),
    "DelivType": one_of(0, 2),
    "FundType": one_of("  ", "02", "AA"),
    "AccountType": one_of(2, 4, 12),
    "Qty": lambda v: type(v) is int and v > 0,
    "FrontOrderType": one_of(10, 13, 16, 20, 21, 24, 26, 17, 27, 30),
    "Price": lambda v: type(v) in (int, float) and v >= 0,
    "ExpireDay": lambda v: type(v) is int and (v == 0 or 20_000_101 <= v <= 21_001_231),
}
REQUIRED = FIELDS.keys() - {"FundType"}
SOR_KINDS, MARKET_KINDS = {10, 20, 30}, {10, 13, 16}


def wrong(body: dict[str, Any]) -> list[str]:
    """The fields of a body that break the table."""
    found = sorted(REQUIRED - body.keys()) + sorted(body.keys() - FIELDS.keys())
    found += [name for name, holds in FIELDS.items() if name in body and not holds(body[name])]
    buys = body.get("Side") == "2"
    if (body.get("DelivType"), body.get("FundType") in ("02", "AA")) != ((2, True) if buys else (0, False)):
        found.append("DelivType")
    if (body.get("FrontOrderType") in MARKET_KINDS) != (body.get("Price") == 0):
        found.append("Price")
    if body.get("Exchange") == 9 and body.get("FrontOrderType") not in SOR_KINDS:
        found.append("FrontOrderType")
    return found


@pytest.mark.parametrize("limit", [None, Decimal(1000), Decimal("999.5")])
@pytest.mark.parametrize("exchange", [27, 9])
@pytest.mark.parametrize("account", ["特定", "一般", "法人"])
@pytest.mark.parametrize("ticket", [BUY, SELL], ids=["buy", "sell"])
def test_every_line_keeps_to_the_table(ticket, account, exchange, limit):
    [line] = kabu_lines([replace(ticket, limit=limit)], account, exchange).splitlines()
    assert wrong(json.loads(line)) == []


def test_the_table_finds_what_is_wrong():
    body = kabu_order(BUY, "特定", 27)
    assert wrong(body | {"Side": 2}) == ["Side", "DelivType"]
    assert wrong(body | {"Exchange": 9}) == ["FrontOrderType"]
    assert wrong(body | {"FrontOrderType": 21}) == ["Price"]
    assert wrong(body | {"TicketId": "x"}) == ["TicketId"]


def test_a_buy_at_the_open():
    assert kabu_order(BUY, "特定", 27) == {
        "Symbol": "7203", "Exchange": 27, "SecurityType": 1, "Side": "2", "CashMargin": 1, "DelivType": 2,
        "FundType": "02", "AccountType": 4, "Qty": 300, "FrontOrderType": 13, "Price": 0,
        "ExpireDay": 20260121,
    }  # fmt: skip


def test_a_sell_by_smart_order_routing_is_at_the_market():
    body = kabu_order(SELL, "一般", 9)
    assert (body["Side"], body["DelivType"], body["FundType"]) == ("1", 0, "  ")
    assert (body["FrontOrderType"], body["AccountType"], body["Exchange"]) == (10, 2, 9)


@pytest.mark.parametrize(("exchange", "kind"), [(27, 21), (9, 20)])
def test_a_limit_is_a_price(exchange, kind):
    body = kabu_order(replace(BUY, limit=Decimal("999.5")), "特定", exchange)
    assert (body["FrontOrderType"], body["Price"]) == (kind, 999.5)


def test_a_row_has_everything_to_be_typed():
    text = tickets_csv([BUY], "特定", [])
    assert text.startswith("\ufeff")
    [row] = csv.DictReader(text[1:].splitlines())
    assert row == {
        "id": "20260121-0123456789ab", "valid_on": "2026-01-21", "groups": "core", "code": "7203",
        "code_text": '="7203"', "name": "トヨタ自動車", "side": "BUY", "shares": "300", "order_type": "寄成",
        "limit": "", "estimate": "300000", "lower": "700", "upper": "1300", "account": "特定",
        "reason": "score 70", "orders": "order:1", "mark": "",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", " =1"])
def test_no_name_or_reason_is_a_formula(text):
    named = replace(QUOTE, listing=replace(QUOTE.listing, name=text))
    [row] = csv.DictReader(
        tickets_csv([replace(BUY, quote=named, reasons=(text,))], "特定", [])[1:].splitlines()
    )
    assert (row["name"], row["reason"], row["code_text"]) == (f"'{text}", f"'{text}", '="7203"')
