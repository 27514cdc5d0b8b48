"""Fills from a CSV: all lines or none, each once, in whatever dress the broker sends them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from jstock_core.base.errors import JstockError, StateError, UsageError
from jstock_core.desk.day.day import run_day
from jstock_core.desk.recording.record import Recording, locate_errors
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.market.prices import as_yen
from jstock_core.state.book.book import replay
from jstock_core.state.facts.events import Fee, Filled, OrderExpired, OrderPlaced
from tests.desk.days import NEXT, NEXT_MORNING, D, T, edited, journaled

EVENING = "2026-01-21T18:00"
MONDAY = date(2026, 1, 19)
HEAD = "group,code,action,qty,price,date,fee"


def record(root: Path, text: str | bytes, now: str = EVENING, name: str = "fills.csv") -> dict[str, Any]:
    path = root.parent / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    recording = Recording.of(open_desk(root, now=now))
    with locate_errors(name):
        sheet = recording.read_csv(path)
        return recording.write(sheet.lines, sheet.source).as_json()


def lines(*rows: str) -> str:
    return "\n".join((HEAD, *rows)) + "\n"


@pytest.fixture
def manual(desk: Path) -> tuple[Path, list[OrderPlaced]]:
    """A desk whose conservative group the trader fills, on the morning of the 22nd, with its open orders."""
    edited(desk, "params/groups/conservative.yaml", "fills: open", "fills: manual")
    done = run_day(open_desk(desk, now=NEXT_MORNING))
    orders = [e for e in done.events if isinstance(e, OrderPlaced) and e.session == NEXT]
    mine = [order for order in orders if order.source == "manual" and order.side == "BUY"]
    assert mine
    return desk, mine


def code(root: Path) -> str:
    """A stock at some thousand yen that no group holds or has ordered."""
    desk = open_desk(root, now=EVENING)
    panel, book = desk.panel(), replay(journaled(root))
    busy = {c for group in book.groups.values() for c in group.lots}
    busy |= {o.code for group in book.groups.values() for o in group.orders.values()}
    rows = [panel.row(day) for day in (MONDAY, D)]
    return next(
        listing.code
        for column, listing in enumerate(panel.listings)
        if listing.code not in busy and listing.unit == 100 and (panel.open[rows, column] > 1_000).all()
    )


def price(root: Path, bought: str, session: date = D) -> Decimal:
    """What the stock opened at; in a session that is not stored yet, what it closed at before."""
    panel = open_desk(root, now=EVENING).panel()
    stored = session in panel.dates
    prices = panel.open[panel.row(session)] if stored else panel.close[-1]
    return as_yen(float(prices[panel.column[bought]]))


def row(root: Path, action: str, bought: str, qty: int | str, session: date = D, fee: int = 0) -> str:
    """A fill of the conservative group at the open."""
    return f"conservative,{bought},{action},{qty},{price(root, bought, session)},{session},{fee}"


# What is recorded


def test_a_fill_by_hand_is_a_lot(desk):
    bought = code(desk)
    paid = price(desk, bought)
    found = record(desk, lines(f'conservative,{bought},BUY,"1,200","{paid:,}",{D},550'))
    assert (found["recorded"], found["known"]) == (1, 0)
    fill, fee = journaled(desk)[-2:]
    assert isinstance(fill, Filled)
    assert (fill.session, fill.code, fill.shares, fill.price) == (D, bought, 1_200, paid)
    assert fill.source == found["source"]
    assert fill.source.startswith("csv:")
    assert isinstance(fee, Fee)
    assert (fee.amount, fee.fill_id) == (550, fill.id)


def test_the_same_file_again_adds_nothing(desk):
    text = lines(row(desk, "BUY", code(desk), 100, fee=50))
    record(desk, text)
    before = journaled(desk)
    assert record(desk, text)["recorded"] == 0
    assert journaled(desk) == before


def test_the_same_lines_in_another_file_add_nothing(desk):
    line = row(desk, "BUY", code(desk), 100)
    record(desk, lines(line))
    before = journaled(desk)
    found = record(desk, lines("", line).replace("\n\n", "\n"), name="again.csv")
    assert (found["recorded"], found["known"]) == (0, 1)
    assert journaled(desk) == before


def test_equal_fills_in_one_file_are_several(desk):
    bought = code(desk)
    line = row(desk, "BUY", bought, 100)
    assert record(desk, lines(line, line))["recorded"] == 2
    assert replay(journaled(desk)).group("conservative").position(bought).shares == 200


def test_sells_are_taken_before_buys_of_their_session(desk):
    """As the desk does: a file sorted otherwise says the same."""
    bought = code(desk)
    record(desk, lines(row(desk, "BUY", bought, 100, MONDAY)))
    record(desk, lines(row(desk, "BUY", bought, 100), row(desk, "SELL", bought, 100)))
    position = replay(journaled(desk)).group("conservative").position(bought)
    assert (position.shares, position.opened) == (100, D)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_file_as_spreadsheets_save_it(desk, encoding):
    """With another column beside ours, in Japanese."""
    bought = code(desk)
    head = "group,ticker,side,quantity,price,date,メモ"
    text = f"{head}\r\nconservative,{bought},buy,100,{price(desk, bought)},{D},寄付\r\n"
    assert record(desk, text.encode(encoding))["recorded"] == 1


def test_the_views_follow(desk):
    bought = code(desk)
    record(desk, lines(row(desk, "BUY", bought, 100)))
    text = (desk / "data" / "state" / "production_state.json").read_text(encoding="utf-8")
    assert f'"ticker": "{bought}"' in text


# Orders


def test_a_fill_belongs_to_its_order(manual):
    """Without a group column where only one group has such an order."""
    root, [order, *_] = manual
    paid = price(root, order.code, NEXT)
    text = f"code,action,qty,price,date\n{order.code},BUY,{order.shares},{paid},{NEXT}\n"
    record(root, text, now="2026-01-22T18:00")
    fill = journaled(root)[-1]
    assert (fill.order_id, fill.group) == (order.id, "conservative")
    assert order.id not in replay(journaled(root)).group("conservative").orders


def test_a_partial_fill_leaves_the_rest_open(manual):
    root, orders = manual
    order = next(o for o in orders if o.shares > 100)
    record(root, lines(row(root, "BUY", order.code, order.shares - 100, NEXT)), now="2026-01-22T18:00")
    assert replay(journaled(root)).group("conservative").orders[order.id].shares == 100


def test_an_order_that_found_no_fill_is_recorded_as_none(manual):
    root, [order, *_] = manual
    found = record(root, lines(f"conservative,{order.code},BUY,0,,{NEXT},"), now="2026-01-22T18:00")
    assert found["recorded"] == 1
    expired = journaled(root)[-1]
    assert isinstance(expired, OrderExpired)
    assert expired.order_id == order.id


def test_an_order_nobody_spoke_of_is_shouted_the_next_morning(manual):
    root, [order, *_] = manual
    done = run_day(open_desk(root, now="2026-01-23T07:00"))
    alerts = [alert.message for alert in done.report.alerts if alert.severity == "alert"]
    wanted = f"conservative: the BUY of {order.code} on {NEXT} has neither a fill nor a quantity of 0"
    assert any(alert.startswith(wanted) for alert in alerts)
    assert done.status == "degraded"
    assert not [
        e for e in done.events if isinstance(e, OrderPlaced) and e.code == order.code and e.session > NEXT
    ]


# Refusals: nothing is recorded


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (f"conservative,7203X,BUY,100,1000,{D},0", '"7203X" is not a TSE stock code'),
        (f"conservative,1003,HOLD,100,1000,{D},0", 'action "HOLD" is neither BUY nor SELL'),
        (f"conservative,1003,BUY,many,1000,{D},0", "is not a number"),
        (f"conservative,1003,BUY,100.5,1000,{D},0", "must be a whole number"),
        (f"conservative,1003,BUY,100,cheap,{D},0", "is not a number"),
        (f"conservative,1003,BUY,-100,1000,{D},0", "must be a whole number"),
        (f"conservative,1003,BUY,100,0,{D},0", "need a price above ¥0"),
        (f"conservative,1003,BUY,100,Infinity,{D},0", "is not a number"),
        (f"conservative,1003,BUY,100,1000,{D},-5", "must be a whole number"),
        ("conservative,1003,BUY,100,1000,2026-01-18,0", "TSE is closed"),
        ("conservative,1003,BUY,100,1000,18.1.2026,0", "is not a date"),
        (f"conservative,1003,BUY,100,1000,{NEXT},0", "has not opened yet"),
        (f"conservativ,1003,BUY,100,1000,{D},0", 'no group "conservativ"'),
        (f",1003,BUY,100,5800,{D},0", "no group ordered 1003"),
        (f"conservative,1003,BUY,0,,{D},0", "no order for BUY 1003"),
    ],
)
def test_a_line_that_cannot_be_is_refused_with_all_others(desk, bad, said):
    good = row(desk, "BUY", code(desk), 100)
    before = journaled(desk)
    with pytest.raises(UsageError) as caught:
        record(desk, lines(good, bad))
    assert said in str(caught.value)
    assert "line 3" in str(caught.value)
    assert journaled(desk) == before


def test_selling_more_than_is_held_is_refused_with_all_others(desk):
    bought = code(desk)
    before = journaled(desk)
    with pytest.raises(StateError, match="only 100 are held"):
        record(desk, lines(row(desk, "BUY", bought, 100, MONDAY), row(desk, "SELL", bought, 200)))
    assert journaled(desk) == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("group,code,qty,price\n", "columns missing: action, date"),
        (b"\xfd\xfe\x00\x81", "neither UTF-8 nor Shift_JIS"),
    ],
)
def test_a_file_that_is_no_list_of_fills_is_refused(desk, text, said):
    with pytest.raises(UsageError, match=said):
        record(desk, text)


def test_a_file_that_is_not_there_is_named(desk):
    with pytest.raises(UsageError, match="cannot be read"):
        Recording.of(open_desk(desk, now=EVENING)).read_csv(desk / "none.csv")


def test_a_fill_in_the_session_itself_waits_for_its_opening(desk):
    text = lines(row(desk, "BUY", code(desk), 100, T))
    with pytest.raises(JstockError, match="has not opened yet"):
        record(desk, text, now="2026-01-21T08:59")
    assert record(desk, text, now="2026-01-21T09:00")["recorded"] == 1
