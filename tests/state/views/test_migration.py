"""Other programs' files: every shape they have, and every yen and share either explained or named."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.base.errors import StateError
from jstock_core.state.book.book import replay
from jstock_core.state.book.lots import shares_of
from jstock_core.state.facts.events import CashAdjusted, Filled, PositionAdjusted, SplitApplied
from jstock_core.state.journal.journal import Journal
from jstock_core.state.journal.verify import find_faults
from jstock_core.state.views.migration import migrate
from jstock_core.state.views.oldfiles import OldGroup, OldLot, OldTrade, read_old_history, read_old_state
from jstock_core.state.views.views import production_state, trade_history
from tests.state.events import buy, cash_found, day, deposit, sell

LAST = day(11)
STATE = {
    "last_updated": "2026-01-16T07:00:00+09:00",
    "strategy_groups": [
        {
            "id": "core", "name": "Core", "initial_capital": 1_000_000, "cash": 701_000.0,
            "positions": [
                {"ticker": 7203, "quantity": 100, "entry_price": 3000.0, "entry_date": "2026-01-06",
                 "entry_score": 71.5, "peak_price": 3100},
            ],
        },
    ],
}  # fmt: skip
TRADE = {
    "date": "2026-01-06", "group_id": "core", "ticker": "72030", "action": "BUY", "quantity": 100.0,
    "price": 3000, "total_jpy": 300_000, "entry_score": 71.5,
}  # fmt: skip


def lot(shares=100, price=3000, n=1, code="7203"):
    return OldLot(code, shares, Decimal(price), day(n), None)


def group(cash, *lots, capital=1_000_000, name="core"):
    return OldGroup(name, capital, cash, lots)


def trade(side, shares, price, n, code="7203", name="core", total=None):
    return OldTrade(day(n), name, code, side, shares, Decimal(price), total)


def adjustments(migration):
    return [e for e in migration.events if isinstance(e, CashAdjusted | PositionAdjusted)]


def moved(groups, trades, **more):
    """A migration that is sound by itself: the fold takes it, and every yen is accounted for."""
    migration = migrate(groups, trades, LAST, **more)
    assert list(find_faults(migration.events, margin=True)) == []
    journal = Journal.memory()
    assert journal.append(migration.events) == migration.events
    assert journal.append(migration.events) == ()
    return migration, journal.book()


@pytest.fixture
def write(tmp_path):
    def file(data):
        path = tmp_path / "file.json"
        path.write_text(json.dumps(data), encoding="utf-8")
        return path

    return file


class TestShapes:
    def test_the_state_file(self, write):
        updated, (core,) = read_old_state(write(STATE))
        assert updated == date(2026, 1, 16)
        assert core == OldGroup(
            "core", 1_000_000, 701_000, (OldLot("7203", 100, Decimal(3000), date(2026, 1, 6), 71.5),)
        )

    def test_groups_and_positions_as_objects(self, write):
        (row,) = STATE["strategy_groups"]
        inside = {key: value for key, value in row.items() if key != "id"}
        held = {"7203": {key: value for key, value in row["positions"][0].items() if key != "ticker"}}
        whole = STATE | {"strategy_groups": {"core": inside | {"positions": held}}}
        assert read_old_state(write(whole)) == read_old_state(write(STATE))

    @pytest.mark.parametrize(
        "shape", [{"trades": [TRADE]}, [TRADE], {"trades": {"core": [{**TRADE, "group_id": "core"}]}}]
    )
    def test_the_history(self, write, shape):
        assert read_old_history(write(shape)) == (
            OldTrade(date(2026, 1, 6), "core", "7203", "BUY", 100, Decimal(3000), 300_000),
        )

    @pytest.mark.parametrize("action", ["SELL", "SELL_25%", "sell_100%"])
    def test_every_way_to_say_sell(self, write, action):
        assert read_old_history(write([TRADE | {"action": action}]))[0].side == "SELL"

    @pytest.mark.parametrize(
        ("change", "word"),
        [
            ({"action": "HOLD"}, "cannot read \"action\": 'HOLD'"),
            ({"quantity": 99.5}, "quantity"),
            ({"quantity": -100}, "quantity"),
            ({"price": "NaN"}, "price"),
            ({"price": 0}, "price"),
            ({"date": "yesterday"}, "date"),
            ({"ticker": "toyota"}, "ticker"),
        ],
    )
    def test_what_makes_no_sense_is_named_with_its_place(self, write, change, word):
        with pytest.raises(StateError, match=word) as caught:
            read_old_history(write([TRADE, TRADE | change]))
        assert caught.value.where.endswith("trades 2")

    def test_a_missing_key_and_no_list(self, write):
        with pytest.raises(StateError, match="price is missing"):
            read_old_history(write([{k: v for k, v in TRADE.items() if k != "price"}]))
        with pytest.raises(StateError, match="expected a list"):
            read_old_history(write({"trades": 5}))
        with pytest.raises(StateError, match="expected a list"):
            read_old_state(write({"last_updated": "2026-01-16"}))

    def test_our_own_views_come_back(self, write):
        """What jstock writes for others, it reads itself: cash, shares and trades are the same."""
        facts = [deposit(1_000_000), buy(100, 3000), sell(50, 3200, 4)]
        book = replay(facts)
        updated, groups = read_old_state(write(production_state(book, {}, "2026-01-16T07:00:00+0900")))
        trades = read_old_history(write(trade_history(facts, book)))
        migration = migrate(groups, trades, updated)
        again = replay(migration.events).group("core")
        assert (again.cash, again.invested, again.realized) == (860_000, 150_000, 10_000)
        assert migration.remarks == ()


class TestReconciled:
    def test_a_history_that_explains_all_needs_nothing(self):
        migration, book = moved([group(700_000, lot())], [trade("BUY", 100, 3000, 1)])
        assert adjustments(migration) == []
        assert migration.remarks == ()
        assert book.group("core").cash == 700_000
        assert book.settled_through == LAST

    def test_cash_that_is_not_explained(self):
        migration, book = moved([group(701_234, lot())], [trade("BUY", 100, 3000, 1)])
        (found,) = adjustments(migration)
        assert (found.difference, found.session) == (1234, day(1))
        assert book.group("core").cash == 701_234
        assert "+1,234 yen of cash" in migration.remarks[0]

    def test_a_state_file_alone(self):
        """Nothing is known of the trades: the lots are opening lots, and past gains show in the cash."""
        migration, book = moved([group(750_000, lot(), lot(200, 100, 2, "6501"))], [])
        core = book.group("core")
        assert (core.cash, core.invested, core.deposited) == (750_000, 320_000, 1_000_000)
        assert core.adjusted == 70_000
        assert [e.session for e in adjustments(migration)] == [day(1), day(2), day(1)]

    def test_shares_sold_that_were_never_bought(self):
        migration, book = moved([group(1_320_000)], [trade("SELL", 100, 3200, 4)])
        opening, *_ = adjustments(migration)
        assert (opening.difference, opening.price, opening.session) == (100, 3200, day(4))
        assert book.group("core").lots == {}
        assert book.group("core").realized == 0

    def test_a_part_of_an_old_lot_was_sold(self):
        migration, book = moved([group(0, lot(50, 2900, 0))], [trade("SELL", 100, 3200, 4)])
        first, second, _ = adjustments(migration)
        assert (first.difference, second.difference) == (100, 50)
        assert book.group("core").position("7203").shares == 50

    def test_shares_that_are_not_held_any_more(self):
        migration, book = moved([group(700_000)], [trade("BUY", 100, 3000, 1)])
        (gone,) = adjustments(migration)
        assert (gone.difference, gone.price, gone.session) == (-100, None, LAST)
        assert book.group("core").lots == {}

    def test_a_split_in_between(self):
        """Bought 100, 1 became 2, sold 100: 100 are left, and nothing is unexplained."""
        split = SplitApplied(session=day(3), source="import", code="7203", numerator=2, denominator=1)
        trades = [trade("BUY", 100, 3000, 1), trade("SELL", 100, 1600, 4)]
        migration, book = moved([group(860_000, lot(100, 1500))], trades, splits=[split])
        assert adjustments(migration) == []
        assert book.group("core").position("7203").cost == 150_000

    def test_equal_trades_are_two(self):
        trades = [trade("BUY", 100, 3000, 1)] * 2
        migration, book = moved([group(400_000, lot(200))], trades)
        assert sum(isinstance(event, Filled) for event in migration.events) == 2
        assert book.group("core").position("7203").shares == 200

    def test_a_day_without_a_session_counts_as_the_next(self):
        """2026-01-10 is a Saturday, and Monday the 12th a holiday."""
        migration, _ = moved([group(700_000, lot(n=5))], [trade("BUY", 100, 3000, 5)])
        assert next(e for e in migration.events if isinstance(e, Filled)).session == day(8)
        assert migration.remarks == ("2026-01-10 was no session: its trades count as of 2026-01-13",)

    def test_a_total_that_is_not_the_product_is_named(self):
        migration, _ = moved([group(699_500, lot())], [trade("BUY", 100, 3000, 1, total=300_500)])
        assert "-500 yen of cash" in migration.remarks[0]
        assert "the history has ¥300,500" in migration.remarks[1]

    def test_a_cost_that_differs_is_named_and_the_history_kept(self):
        migration, book = moved([group(700_000, lot(price=3100))], [trade("BUY", 100, 3000, 1)])
        assert book.group("core").invested == 300_000
        assert "cost ¥300,000 by the history, ¥310,000 by the state file" in migration.remarks[0]

    def test_a_history_alone_needs_the_capital_only(self):
        migration, book = moved([group(0)], [trade("BUY", 100, 3000, 1)], compare=False)
        assert adjustments(migration) == []
        assert book.group("core").cash == 700_000

    def test_a_group_that_nobody_knows(self):
        with pytest.raises(StateError, match="not known: bold"):
            migrate([group(0)], [trade("BUY", 100, 3000, 1, name="bold")], LAST)

    def test_adjustments_of_an_import_are_no_deposits(self):
        _, book = moved([group(5, lot())], [])
        assert book.group("core").deposited == 1_000_000
        assert cash_found(1).name == "cash_adjustment"


TRADES = st.lists(
    st.builds(
        trade, st.sampled_from(["BUY", "SELL"]), st.integers(1, 300), st.integers(1, 5000),
        st.sampled_from([1, 2, 3, 4, 8, 9]), st.sampled_from(["7203", "6501"]),
        st.sampled_from(["core", "bold"]),
    ),
    max_size=20,
)  # fmt: skip
LOTS = st.lists(
    st.builds(
        lot, st.integers(1, 300), st.integers(1, 5000), st.sampled_from([1, 2, 3, 4, 8, 9]),
        st.sampled_from(["7203", "6501", "9984"]),
    ),
    max_size=5,
)  # fmt: skip


@given(TRADES, LOTS, LOTS, st.integers(0, 10**7))
def test_whatever_the_files_say_is_what_the_book_says_after(trades, core, bold, cash):
    groups = [group(cash, *core), group(cash, *bold, name="bold")]
    _, book = moved(groups, trades)
    for old in groups:
        now = book.group(old.id)
        assert now.cash == old.cash
        for code in ("7203", "6501", "9984"):
            wanted = sum(each.shares for each in old.lots if each.code == code)
            assert shares_of(now.lots.get(code, ())) == wanted
