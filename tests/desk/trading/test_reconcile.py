"""Orders against fills, and the desk's holdings against a broker's list."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from jstock_core.base.clock import JST
from jstock_core.base.errors import UsageError
from jstock_core.desk.recording.fill_check import FillCheck
from jstock_core.desk.trading.reconcile import reconcile, slippage
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.state.book.book import replay
from jstock_core.state.book.lots import shares_of
from jstock_core.state.facts.events import Filled, PositionAdjusted
from jstock_core.testing import panel as market
from jstock_core.testing import with_bar
from tests.desk.days import MORNING, D, journaled
from tests.execution.market import TUESDAY

PANEL = with_bar(market({"7203": 1000.0}), "7203", TUESDAY, open=1000, close=1010)
KNOWN = FillCheck.of(PANEL, datetime(2026, 1, 20, 18, 0, tzinfo=JST))


def fill(side: str, price: str, shares: int = 300) -> Filled:
    return Filled(
        session=TUESDAY, source="x", group="core", code="7203", side=side, shares=shares,
        price=Decimal(price), order_id=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("side", "price", "yen", "bps", "ticks"),
    [
        ("BUY", "1003", 900, 30.0, 3),
        ("BUY", "998", -600, -20.0, -2),
        ("SELL", "998", 600, 20.0, 2),
        ("SELL", "1000", 0, 0.0, 0),
    ],
)
def test_slippage_is_positive_where_the_fill_was_worse_than_the_open(side, price, yen, bps, ticks):
    row = slippage(fill(side, price), KNOWN)
    assert (row.yen, row.bps, row.ticks) == (yen, bps, ticks)


def test_where_the_open_is_not_known_slippage_is_not_either():
    before = FillCheck.of(PANEL, datetime(2026, 1, 20, 12, 0, tzinfo=JST))
    assert slippage(fill("BUY", "1003"), before).yen is None


def test_a_paper_desk_fills_everything_at_the_open(desk):
    found = reconcile(open_desk(desk, now=MORNING), str(D))
    assert found.session == D
    assert {order.outcome for order in found.orders} <= {"filled", "not filled"}
    assert found.slippage.yen == 0
    assert not any(fill.unexpected for fill in found.fills)


def test_orders_of_a_session_that_waits_for_its_settlement_are_due(desk):
    found = reconcile(open_desk(desk, now="2026-01-21T18:00"))
    assert {order.outcome for order in found.orders} == {"due"}


def test_a_session_that_has_not_opened_cannot_be_compared(desk):
    with pytest.raises(UsageError, match="not opened yet"):
        reconcile(open_desk(desk, now=MORNING), "2026-01-21")


# --- holdings -----------------------------------------------------------------------------------------


def owned(root: Path) -> dict[str, dict[str, int]]:
    """Shares by code and group."""
    found: dict[str, dict[str, int]] = {}
    for name, group in replay(journaled(root)).groups.items():
        for code, lots in group.lots.items():
            found.setdefault(code, {})[name] = shares_of(lots)
    return found


def broker(root: Path, held: dict[str, int], price: str = "1000") -> str:
    path = root / "broker.csv"
    rows = "\n".join(f"{code},{shares},{price}" for code, shares in held.items())
    path.write_text(f"銘柄コード,保有数量,取得単価\n{rows}\n", encoding="cp932")
    return str(path)


def totals(root: Path) -> dict[str, int]:
    return {code: sum(groups.values()) for code, groups in owned(root).items()}


def test_a_broker_who_holds_the_same_differs_in_nothing(desk):
    found = reconcile(open_desk(desk, now=MORNING), positions=broker(desk, totals(desk)))
    assert found.differences == ()
    assert found.adjusted == ()


def lonely(root: Path) -> str:
    """A code that one group alone holds."""
    return next(code for code, groups in owned(root).items() if len(groups) == 1)


def test_a_difference_is_listed_and_journaled_only_on_request_and_once(desk):
    code = lonely(desk)
    (whose,) = owned(desk)[code]
    held = totals(desk) | {code: totals(desk)[code] - 100}
    before = journaled(desk)
    found = reconcile(open_desk(desk, now=MORNING), positions=broker(desk, held))
    (difference,) = found.differences
    assert (difference.code, difference.shares, difference.groups) == (code, -100, (whose,))
    assert journaled(desk) == before
    done = reconcile(open_desk(desk, now=MORNING), positions=broker(desk, held), adjust="sold by phone")
    assert len(done.adjusted) == 1
    fact = journaled(desk)[-1]
    assert isinstance(fact, PositionAdjusted)
    assert (fact.group, fact.difference, fact.reason) == (whose, -100, "sold by phone")
    assert fact.source.startswith("csv:")
    again = reconcile(open_desk(desk, now=MORNING), positions=broker(desk, held), adjust="sold by phone")
    assert (again.differences, again.adjusted) == ((), ())


def test_shares_that_nobody_knew_of_need_an_owner_and_a_price(desk):
    known = owned(desk)
    new = next(c for c in ("1003", *map(str, range(1006, 1190, 3))) if c not in known)
    held = totals(desk) | {new: 200}
    before = journaled(desk)
    with pytest.raises(UsageError, match=f"200 shares of {new} may belong to"):
        reconcile(open_desk(desk, now=MORNING), positions=broker(desk, held), adjust="moved in")
    with pytest.raises(UsageError, match="no price is given"):
        reconcile(
            open_desk(desk, now=MORNING),
            positions=broker(desk, held, "-"),
            adjust="moved in",
            group="conservative",
        )
    assert journaled(desk) == before
    reconcile(
        open_desk(desk, now=MORNING), positions=broker(desk, held), adjust="moved in", group="conservative"
    )
    position = replay(journaled(desk)).group("conservative").position(new)
    assert (position.shares, position.cost) == (200, 200_000)


def test_a_list_with_a_stock_twice_is_added_up(desk):
    """Custody accounts of a broker list a stock once each."""
    code = lonely(desk)
    held = totals(desk)
    path = Path(broker(desk, held | {code: held[code] - 100}))
    path.write_bytes(path.read_bytes() + f"{code},100,900\n".encode())
    assert reconcile(open_desk(desk, now=MORNING), positions=str(path)).differences == ()


def test_adjusting_needs_something_to_adjust_to(desk):
    with pytest.raises(UsageError, match="--positions"):
        reconcile(open_desk(desk, now=MORNING), adjust="x")
