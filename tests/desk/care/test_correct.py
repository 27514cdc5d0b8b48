"""What a correction leaves of the order behind the fact, and that the next morning takes no harm of it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from jstock_core.base.errors import ExitStatus, StateError
from jstock_core.base.intent import Intent
from jstock_core.cli import run as jstock
from jstock_core.desk.care.correct import correct_fact, restore_fact, reverse_fact
from jstock_core.desk.care.verify import verify_journal
from jstock_core.desk.day.day import run_day
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.state.book.book import Book
from jstock_core.state.facts.events import Event, Fee, Filled, OrderExpired, OrderPlaced
from tests.desk.days import MORNING, NEXT_MORNING, D, T, journaled

EVENING = "2026-01-21T18:00"


def book(root: Path) -> Book:
    return open_desk(root, now=MORNING).journal().book()


def last_buy(root: Path) -> Filled:
    """The newest purchase on paper of the last settled session."""
    return next(e for e in reversed(journaled(root)) if isinstance(e, Filled) and e.side == "BUY")


def correct(root: Path, fact: Event, *words: str, now: str = MORNING) -> int:
    return jstock(["state", "correct", fact.id, "--reason", "test", *words, "-w", str(root), "--now", now])


def sound(root: Path, now: str) -> bool:
    return verify_journal(open_desk(root, now=now)).faults == ()


class TestOnPaper:
    """A paper order met its opening auction: it cannot fill later."""

    def test_an_order_whose_fill_is_taken_back_ends(self, desk):
        fill, before = last_buy(desk), book(desk).group("conservative")
        done = reverse_fact(open_desk(desk, now=MORNING), fill.id, reason="a wrong bar")
        after = book(desk).group("conservative")
        assert fill.session == D
        assert done.recorded == (f"correction:{fill.id}:0", f"expired:{fill.order_id}")
        assert done.open_again == ()
        assert (after.cash, after.reserved) == (before.cash + fill.amount, before.reserved)
        assert fill.order_id not in after.orders

    def test_the_next_morning_goes_on(self, desk):
        reverse_fact(open_desk(desk, now=MORNING), last_buy(desk).id, reason="a wrong bar")
        assert run_day(open_desk(desk, now=NEXT_MORNING)).intent is Intent.JOURNAL
        assert sound(desk, NEXT_MORNING)

    def test_a_fill_is_put_back_and_taken_back_as_often_as_wanted(self, desk):
        fill, before = last_buy(desk), book(desk).group("conservative")
        for _ in range(3):
            reverse_fact(open_desk(desk, now=MORNING), fill.id, reason="no")
            assert fill.order_id not in book(desk).group("conservative").orders
            restore_fact(open_desk(desk, now=MORNING), fill.id, reason="yes")
            now = book(desk).group("conservative")
            assert (now.cash, now.lots, now.orders) == (before.cash, before.lots, before.orders)
        assert sound(desk, MORNING)

    def test_fewer_shares_end_it_too(self, desk):
        fill = last_buy(desk)
        assert fill.shares > 100
        correct_fact(open_desk(desk, now=MORNING), fill.id, {"shares": "100"}, reason="the rest was late")
        group = book(desk).group("conservative")
        assert group.position(fill.code).shares == 100
        assert fill.order_id not in group.orders

    def test_its_end_is_not_taken_back(self, desk, capsys):
        """Open again it could only end again."""
        fill = last_buy(desk)
        reverse_fact(open_desk(desk, now=MORNING), fill.id, reason="no")
        end = journaled(desk)[-1]
        assert isinstance(end, OrderExpired)
        assert correct(desk, end, "--reverse") == ExitStatus.STATE
        assert "was a paper order and ended: its fill was corrected: no" in capsys.readouterr().err

    def test_what_was_recorded_before_its_time_and_taken_back_is_left_to_paper(self, desk):
        """A fill by hand of an order that the paper broker fills later, at the same price."""
        order = next(o for o in book(desk).group("conservative").orders.values() if o.side == "BUY")
        panel = open_desk(desk, now=EVENING)
        panel.fetch(panel.calendar.next(T))
        words = [
            "trade",
            "record",
            "--from-orders",
            "--yes",
            "--accept-odd",
            "-w",
            str(desk),
            "--now",
            EVENING,
        ]
        assert jstock(words) == ExitStatus.OK
        by_hand = next(e for e in journaled(desk) if isinstance(e, Filled) and e.order_id == order.id)
        reverse_fact(open_desk(desk, now=EVENING), by_hand.id, reason="paper will")
        assert order.id in book(desk).group("conservative").orders
        run_day(open_desk(desk, now=NEXT_MORNING))
        fills = [e for e in journaled(desk) if isinstance(e, Filled) and e.order_id == order.id]
        assert [(fill.id, fill.source) for fill in fills] == [(by_hand.id, "paper")]
        assert order.id not in book(desk).group("conservative").orders
        assert sound(desk, NEXT_MORNING)


class TestByHand:
    """What became of a person's order only a person knows."""

    @pytest.fixture
    def manual(self, desk: Path) -> tuple[Path, Filled]:
        """An order of D that a trader placed and recorded as filled; T is decided, and D is past."""
        opened = open_desk(desk, now=MORNING)
        journal, panel = opened.journal(), opened.panel()
        opening = panel.open[panel.row(D), panel.column["1003"]]
        order = OrderPlaced(
            session=D, source="manual", group="conservative", code="1003", side="BUY", shares=200,
            reserve=1_300_000, fraction_pct=None, score=70, layer="", reason="test",
            evaluated=opened.calendar.previous(D),
        )  # fmt: skip
        fill = Filled(
            session=D, source="manual", group="conservative", code="1003", side="BUY", shares=200,
            price=Decimal(str(opening)), order_id=order.id,
        )  # fmt: skip
        journal.append([order, fill])
        return desk, fill

    def test_its_order_is_open_again_and_that_is_said(self, manual, capsys):
        desk, fill = manual
        assert correct(desk, fill, "--reverse") == ExitStatus.OK
        assert f"open again {fill.order_id}: record its fill, or 0 shares" in capsys.readouterr().out
        assert book(desk).group("conservative").orders[fill.order_id].shares == 200

    def record(self, desk: Path, place: Path, line: str) -> int:
        path = place / "fills.csv"
        path.write_text(f"code,action,qty,price,date,fee\n{line}\n", encoding="utf-8")
        words = ["trade", "record", "--csv", str(path), "--yes", "-w", str(desk), "--now", MORNING]
        return jstock(words)

    def test_the_right_fill_closes_it(self, manual, tmp_path):
        desk, fill = manual
        correct(desk, fill, "--reverse")
        panel = open_desk(desk, now=MORNING).panel()
        close = panel.close[panel.row(D), panel.column["1003"]]
        assert self.record(desk, tmp_path, f"1003,BUY,200,{close},{D},0") == ExitStatus.OK
        assert fill.order_id not in book(desk).group("conservative").orders
        assert sound(desk, MORNING)

    def test_so_does_none(self, manual, tmp_path):
        desk, fill = manual
        correct(desk, fill, "--reverse")
        assert self.record(desk, tmp_path, f"1003,BUY,0,,{D},") == ExitStatus.OK
        assert fill.order_id not in book(desk).group("conservative").orders

    def test_the_same_line_again_says_how_it_counts_again(self, manual, tmp_path, capsys):
        """It adds nothing, nor a fee of what was taken back: the same file may come every evening."""
        desk, fill = manual
        correct(desk, fill, "--reverse")
        before = journaled(desk)
        assert self.record(desk, tmp_path, f"1003,BUY,200,{fill.price},{D},275") == ExitStatus.OK
        text = " ".join(capsys.readouterr().out.split())
        restore = f"`jstock state correct {fill.id} --restore"
        assert f"line 2: it was recorded and removed by a correction: {restore}" in text
        assert "0 recorded, 1 known already" in text
        assert journaled(desk) == before

    def test_the_end_of_an_order_filled_in_part_stays_the_end(self, manual):
        """100 of 200, and none of the rest; the fill is taken back and put back: it is as it was."""
        desk, fill = manual
        journal = open_desk(desk, now=MORNING).journal()
        correct_fact(open_desk(desk, now=MORNING), fill.id, {"shares": "100"}, reason="half")
        part = next(e for e in journaled(desk) if isinstance(e, Filled) and e.order_id == fill.order_id)
        end = OrderExpired(
            session=D, source="manual", group="conservative", code="1003", side="BUY",
            order_id=fill.order_id, reason="recorded as not filled",
        )  # fmt: skip
        open_desk(desk, now=MORNING).journal().append([end])
        before = book(desk).group("conservative")
        reverse_fact(open_desk(desk, now=MORNING), part.id, reason="no")
        assert fill.order_id not in book(desk).group("conservative").orders, "it has ended"
        restore_fact(open_desk(desk, now=MORNING), part.id, reason="yes")
        after = book(desk).group("conservative")
        assert (after.cash, after.orders) == (before.cash, before.orders)
        assert journal.book() == book(desk)

    def test_its_end_may_be_taken_back(self, manual):
        desk, fill = manual
        reverse_fact(open_desk(desk, now=MORNING), fill.id, reason="no")
        end = OrderExpired(
            session=D, source="manual", group="conservative", code="1003", side="BUY",
            order_id=fill.order_id, reason="recorded as not filled",
        )  # fmt: skip
        open_desk(desk, now=MORNING).journal().append([end])
        done = reverse_fact(open_desk(desk, now=MORNING), end.id, reason="it was")
        assert done.open_again == (fill.order_id,)

    def test_what_counts_is_not_put_back(self, manual):
        desk, fill = manual
        with pytest.raises(StateError, match="counts already"):
            restore_fact(open_desk(desk, now=MORNING), fill.id, reason="x")


class TestTheFeeOfAFill:
    """What a fill cost is one number, whatever facts it is made of, and follows the fill."""

    def fee(self, root: Path, code: str) -> int:
        return sum(e.amount for e in journaled(root) if isinstance(e, Fee) and e.fill_id == code)

    def test_a_fee_is_set_changed_and_taken_away(self, desk, capsys):
        fill, cash = last_buy(desk), book(desk).group("conservative").cash
        paid = self.fee(desk, fill.id)
        for yen in (275, 300, 0, 275):
            assert correct(desk, fill, "--fee", str(yen)) == ExitStatus.OK
            assert self.fee(desk, fill.id) == yen
            assert book(desk).group("conservative").cash == cash + paid - yen
        assert sound(desk, MORNING)
        assert correct(desk, fill, "--fee", "275") == ExitStatus.USAGE
        assert "its fee is ¥275 already" in capsys.readouterr().err

    def test_it_follows_the_fill_through_later_corrections(self, desk):
        fill = last_buy(desk)
        correct(desk, fill, "--price", str(fill.price + 1))
        second = last_buy(desk)
        correct(desk, second, "--fee", "275", "--price", str(fill.price + 2))
        third = last_buy(desk)
        assert third.price == fill.price + 2
        assert self.fee(desk, third.id) == 275
        correct(desk, third, "--price", str(fill.price))
        assert self.fee(desk, last_buy(desk).id) == 275

    def test_what_is_no_fee_is_refused(self, desk, capsys):
        assert correct(desk, last_buy(desk), "--fee", "-5") == ExitStatus.USAGE
        assert "whole yen, 0 or more" in capsys.readouterr().err

    def test_the_type_of_account_is_corrected_too(self, desk, capsys):
        fill = last_buy(desk)
        assert correct(desk, fill, "--account", "ＮＩＳＡ") == ExitStatus.OK
        assert last_buy(desk).account == "NISA"
        assert correct(desk, last_buy(desk), "--account", "法人") == ExitStatus.USAGE


class TestOutOfProportion:
    """What would need consent when it is recorded needs it when it is corrected."""

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ("price", "is outside the limits of"),
            ("fee", "is 50% of it: above 2 % and ¥5,000"),
            ("shares", "an odd lot"),
        ],
    )
    def test_a_fill_that_becomes_odd_needs_consent(self, desk, capsys, change, said):
        fill, before = last_buy(desk), journaled(desk)
        value = {"price": fill.price * 10, "fee": fill.amount // 2, "shares": fill.shares - 1}[change]
        assert correct(desk, fill, f"--{change}", str(value)) == ExitStatus.USAGE
        error = capsys.readouterr().err
        assert said in error
        assert "--accept-odd" in error
        assert journaled(desk) == before
        assert correct(desk, fill, f"--{change}", str(value), "--accept-odd") == ExitStatus.OK

    @pytest.mark.parametrize("number", ["1e999999999", "1e-999999999", "9" * 5_000, "nan", "0x10"])
    @pytest.mark.parametrize("change", ["price", "shares", "fee"])
    def test_a_number_without_bounds_is_none(self, desk, capsys, change, number):
        assert correct(desk, last_buy(desk), f"--{change}", number) == ExitStatus.USAGE
        error = capsys.readouterr().err
        assert f"cannot read the {change}" in error
        assert len(error) < 1_000
