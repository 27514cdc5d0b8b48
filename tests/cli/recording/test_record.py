"""Recording at a terminal: the dialogue by a script, then a real one, and what the options do."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from jstock_core.base.errors import ExitStatus, UsageError
from jstock_core.cli import run
from jstock_core.cli.recording.dialogue import Dialogue, Quit
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.execution.netting import net
from jstock_core.market.prices import as_yen
from jstock_core.state.facts.events import Event, Fee, Filled, OrderPlaced
from tests.execution.ledger import order
from tests.execution.market import TUESDAY

# --- the dialogue, without a terminal -----------------------------------------------------------------


def wanted(side: str, code: str, shares: int, group: str = "core") -> OrderPlaced:
    return order(side, code, shares, group=group, source="manual")


def talk(orders: list[OrderPlaced], *typed: str) -> Dialogue:
    """A dialogue that was given these answers."""
    answers = iter(typed)
    opens = {(TUESDAY, o.code): Decimal(1000) for o in orders if o.code != "9984"}
    said: list[str] = []
    dialogue = Dialogue(net(orders), {}, opens, lambda _q, default: next(answers) or default, said.append)
    dialogue.run()
    assert not list(answers)
    return dialogue


def told(dialogue: Dialogue) -> list[tuple[str, str, int, Decimal, int]]:
    return [(line.side, line.code, line.shares, line.price, line.fee) for line in dialogue.lines]


BUY, SELL = wanted("BUY", "7203", 300), wanted("SELL", "6758", 100)


def test_enter_is_as_ordered_at_the_open_sells_first():
    assert told(talk([BUY, SELL], "", "", "", "")) == [
        ("SELL", "6758", 100, Decimal(1000), 0),
        ("BUY", "7203", 300, Decimal(1000), 0),
    ]


def test_a_price_may_be_followed_by_the_fee():
    assert told(talk([BUY], "", "1,003.5 275")) == [("BUY", "7203", 300, Decimal("1003.5"), 275)]


def test_none_needs_no_price():
    assert told(talk([BUY], "n")) == [("BUY", "7203", 0, Decimal(0), 0)]


def test_after_a_part_the_rest_is_asked_for():
    assert told(talk([BUY], "100", "", "200", "1001")) == [
        ("BUY", "7203", 100, Decimal(1000), 0),
        ("BUY", "7203", 200, Decimal(1001), 0),
    ]
    assert len(told(talk([BUY], "100", "", ""))) == 1
    assert [line.shares for line in talk([BUY], "100", "", "n").lines] == [100, 0]


def test_undo_returns_to_the_line_before():
    assert told(talk([BUY, SELL], "", "900", "u", "", "1000", "l")) == [
        ("SELL", "6758", 100, Decimal(1000), 0)
    ]
    assert told(talk([BUY], "u", "l")) == []


def test_undo_at_the_price_returns_to_the_shares_of_the_line_before():
    assert told(talk([SELL, BUY], "", "", "300", "u", "l", "d")) == []


def test_done_leaves_the_rest_for_later():
    assert told(talk([BUY, SELL], "", "", "d")) == [("SELL", "6758", 100, Decimal(1000), 0)]


def test_what_makes_no_sense_is_asked_again():
    assert len(told(talk([BUY], "lots", "1.5", "-3", "", "cheap", "1 2 3", "1000"))) == 1


def test_without_a_known_open_a_price_must_be_typed():
    assert told(talk([wanted("BUY", "9984", 100)], "", "", "8000"))[0][3] == 8000


def test_quit_gives_nothing():
    with pytest.raises(Quit):
        talk([BUY, SELL], "", "", "q")


def test_what_crosses_completely_is_asked_for_its_price_alone():
    dialogue = talk([wanted("SELL", "7203", 100, "alpha"), wanted("BUY", "7203", 100)], "1005")
    assert [(line.group, line.side, line.price) for line in dialogue.lines] == [
        ("alpha", "SELL", 1005),
        ("core", "BUY", 1005),
    ]


def test_a_fill_without_an_order_can_be_added_and_undone():
    dialogue = talk([BUY], "d")
    dialogue.ask = lambda _q, _d: "core sell 6758 100 2990 55"
    dialogue.add(TUESDAY)
    (line,) = dialogue.run()
    assert (line.number, line.group, line.side, line.fee) == (1, "core", "SELL", 55)
    dialogue.undo()
    assert dialogue.lines == ()


def test_a_line_that_is_refused_is_asked_for_again_and_the_others_stay():
    """The check sees each line with those before it, as soon as it is typed."""
    answers = iter(["", "", "", "9999", "", "1001"])
    said: list[str] = []

    def check(lines):
        if lines[-1].price == 9999:
            raise UsageError("¥9,999 is outside the limits", do="correct the price")
        return ["an odd lot"] if lines[-1].code == "7203" else []

    opens = {(TUESDAY, code): Decimal(1000) for code in ("7203", "6758")}
    dialogue = Dialogue(net([BUY, SELL]), {}, opens, lambda _q, d: next(answers) or d, said.append, check)
    dialogue.run()
    assert told(dialogue) == [("SELL", "6758", 100, Decimal(1000), 0), ("BUY", "7203", 300, Decimal(1001), 0)]
    assert any("outside the limits" in text for text in said)
    assert any("correct the price" in text for text in said)
    assert any("an odd lot" in text for text in said)


# --- a whole desk -------------------------------------------------------------------------------------

MORNING, EVENING = "2026-01-21T07:00", "2026-01-21T18:00"


MANUAL = {
    "conservative": {"entry.buy_threshold": 50, "sizing.max_position_pct": 10, "fills": "manual"},
    "aggressive": {"fills": "manual"},
}


@pytest.fixture(scope="module")
def made(shared_desk) -> Path:
    """A desk that a person fills by hand, on a morning with orders."""
    return shared_desk(history_sessions=0, changes=MANUAL).workspace.root


@pytest.fixture
def desk(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "ws"))


def journaled(root: Path) -> tuple[Event, ...]:
    return open_desk(root, now=EVENING).journal().events()


def due(root: Path) -> list[OrderPlaced]:
    today = open_desk(root, now=EVENING).now().date()
    return [e for e in journaled(root) if isinstance(e, OrderPlaced) and e.session == today]


def record(root: Path, *options: str) -> int:
    return run(["trade", "record", *options, "-w", str(root), "--now", EVENING])


def test_all_as_ordered_at_the_open_once(desk: Path, capsys: pytest.CaptureFixture[str]):
    orders = due(desk)
    assert orders
    assert record(desk, "--from-orders", "--json") == ExitStatus.OK
    said = json.loads(capsys.readouterr().out)
    assert said["recorded"] == len(said["lines"]) > 0
    assert said["still_open"] == []
    filled = {e.order_id for e in journaled(desk) if isinstance(e, Filled)}
    assert {o.id for o in orders} <= filled
    assert record(desk, "--from-orders") == ExitStatus.USAGE
    assert "no order is open" in capsys.readouterr().err


def test_a_dry_run_writes_nothing(desk: Path, capsys: pytest.CaptureFixture[str]):
    before = journaled(desk)
    assert record(desk, "--from-orders", "--dry-run", "--at", "close") == ExitStatus.OK
    assert "nothing was" in capsys.readouterr().out
    assert journaled(desk) == before


def test_before_the_bars_are_public_there_is_no_price_to_take(desk: Path, capsys: pytest.CaptureFixture[str]):
    words = ["trade", "record", "--from-orders", "-w", str(desk), "--now", "2026-01-21T10:00"]
    assert run(words) == ExitStatus.USAGE
    assert "are not known yet" in capsys.readouterr().err


def test_what_is_odd_is_refused_without_consent(desk: Path, capsys: pytest.CaptureFixture[str]):
    order = next(o for o in due(desk) if o.side == "BUY")
    assert record(desk, "--from-orders", "--dry-run", "--json") == ExitStatus.OK  # brings the bars
    line = next(x for x in json.loads(capsys.readouterr().out)["lines"] if x["code"] == order.code)
    path = desk / "fills.csv"
    path.write_text(f"code,action,qty,price,date\n{order.code},BUY,7,{line['price']},{order.session}\n")
    before = journaled(desk)
    assert record(desk, "--csv", str(path), "--yes") == ExitStatus.USAGE
    said = capsys.readouterr().err
    assert "odd lot" in said
    assert "--accept-odd" in said
    assert "fills.csv, line 2" not in said.splitlines()[0]
    assert journaled(desk) == before
    assert record(desk, "--csv", str(path), "--yes", "--accept-odd") == ExitStatus.OK
    assert "1 recorded, 0 known already" in capsys.readouterr().out
    assert record(desk, "--csv", str(path), "--yes") == ExitStatus.OK
    assert "0 recorded, 1 known already" in capsys.readouterr().out


def test_without_a_terminal_and_without_lines_it_says_what_to_give(
    desk: Path, capsys: pytest.CaptureFixture[str]
):
    assert record(desk) == ExitStatus.USAGE
    assert "--csv FILE" in capsys.readouterr().err


# --- a real terminal ----------------------------------------------------------------------------------


@pytest.fixture
def terminal(desk: Path) -> Iterator[tuple[object, Path]]:
    """The dialogue in a pseudo-terminal."""
    pexpect = pytest.importorskip("pexpect", reason="no pseudo-terminals here")
    words = ["-m", "jstock_core.cli", "trade", "record", "-w", str(desk), "--now", EVENING]
    env = os.environ | {"COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb"}
    child = pexpect.spawn(
        sys.executable, words, timeout=60, encoding="utf-8", env=env, preexec_fn=_hear_ctrl_c
    )
    child.expect("open orders")
    yield child, desk
    child.close(force=True)


def _hear_ctrl_c() -> None:
    """A job in the background of a shell, as tests may be, ignores it, and what it starts inherits that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def answer(child, expected: str, text: str) -> None:
    child.expect_exact(expected)
    child.sendline(text)


def test_a_trader_types_a_line_undoes_it_types_it_again_and_writes(terminal):
    child, desk = terminal
    first = net(due(desk))[0]
    answer(child, "quit", "")
    answer(child, "price, and the fee", f"{price_of(desk, first)} 99")
    answer(child, "quit", "u")
    answer(child, "quit", "")
    answer(child, "price, and the fee", f"{price_of(desk, first)} 275")
    answer(child, "quit", "d")
    child.expect("as ordered")
    answer(child, "write it?", "yes")
    child.expect("1 recorded")
    child.expect_exact(sys.modules["pexpect"].EOF)
    child.close()
    assert child.exitstatus == 0
    filled = [e for e in journaled(desk) if isinstance(e, Filled)]
    assert {e.order_id for e in filled} == set(first.order_ids)
    assert sum(e.shares for e in filled) == first.shares
    assert sum(e.amount for e in journaled(desk) if isinstance(e, Fee)) == 275


def price_of(desk: Path, ticket) -> Decimal:
    """The last close: inside the day's limits."""
    panel = open_desk(desk, now=EVENING).panel()
    return as_yen(float(panel.close[-1, panel.column[ticket.code]]))


def test_ctrl_c_at_any_prompt_writes_nothing(terminal):
    child, desk = terminal
    before = journaled(desk)
    first = net(due(desk))[0]
    answer(child, "quit", "")
    answer(child, "price, and the fee", str(price_of(desk, first)))
    answer(child, "quit", "d")
    child.expect_exact("write it?")
    child.sendintr()
    child.expect("nothing was recorded")
    child.expect_exact(sys.modules["pexpect"].EOF)
    child.close()
    assert child.exitstatus == 130
    assert journaled(desk) == before


# --- a report grouped otherwise -------------------------------------------------------------------------


@pytest.fixture
def regrouped(desk: Path) -> Path:
    """A desk with two fills of 100, and the file `next.csv` that reports them as one of 200, with its fee."""
    ordered = {o.code for o in due(desk)}
    panel = open_desk(desk, now=EVENING).panel()
    code = next(x.code for x in panel.listings if x.code not in ordered and x.unit == 100)
    price = as_yen(float(panel.close[-1, panel.column[code]]))
    head = "group,code,action,qty,price,date,fee\n"
    line = f"conservative,{code},BUY,{{}},{price},2026-01-21,{{}}\n"
    (desk / "first.csv").write_text(head + line.format(100, 0) * 2)
    (desk / "next.csv").write_text(head + line.format(200, 55))
    assert record(desk, "--csv", str(desk / "first.csv"), "--yes", "--accept-odd") == ExitStatus.OK
    return desk


def facts(root: Path) -> tuple[int, int]:
    """How many fills of 100 and of 200 shares are recorded, and the yen of their fees."""
    found = journaled(root)
    fills = [e.shares for e in found if isinstance(e, Filled) and e.source.startswith("csv:")]
    return len(fills), sum(e.amount for e in found if isinstance(e, Fee))


def test_without_a_terminal_the_file_is_refused_whatever_else_is_accepted(regrouped, capsys):
    assert (
        record(regrouped, "--csv", str(regrouped / "next.csv"), "--yes", "--accept-odd") == ExitStatus.USAGE
    )
    said = capsys.readouterr().err
    assert "another fill, or the same one reported otherwise?" in said
    assert "--another-fill" in said
    assert facts(regrouped) == (2, 0)
    options = ("--yes", "--accept-odd", "--another-fill")
    assert record(regrouped, "--csv", str(regrouped / "next.csv"), *options) == ExitStatus.OK
    assert facts(regrouped) == (3, 55)


@pytest.mark.parametrize(("typed", "after"), [("s", (2, 55)), ("a", (3, 55)), ("q", (2, 0))])
def test_at_a_terminal_it_is_a_question(regrouped, typed, after):
    pexpect = pytest.importorskip("pexpect", reason="no pseudo-terminals here")
    words = ["-m", "jstock_core.cli", "trade", "record", "--csv", str(regrouped / "next.csv")]
    env = os.environ | {"COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb"}
    options = ["-w", str(regrouped), "--now", EVENING]
    child = pexpect.spawn(sys.executable, [*words, *options], timeout=60, encoding="utf-8", env=env)
    answer(child, "or quit", typed)
    if typed != "q":
        answer(child, "write it?", "yes")
    child.expect_exact(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert facts(regrouped) == after
    if typed == "s":
        assert record(regrouped, "--csv", str(regrouped / "next.csv"), "--yes") == ExitStatus.OK
        assert facts(regrouped) == after
