"""What happened to a desk, told in order, and the class that parity gives what differs.

The group holds 300 shares of 7203, whose stop sells them on T, and buys 6501 and 9001.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from jstock_core.base.errors import DataError, ExitStatus
from jstock_core.desk.parity.parity import measure_parity
from jstock_core.desk.trading.halts import halt_buys, resume_buys
from jstock_core.desk.workspace.desk import Desk
from jstock_core.reports.model.lab.parity import ParityClass, ParityResult
from jstock_core.state.facts.events import Filled
from tests.desk.trading.mornings import EARLIER, T, at, new_desk, placed, run, write_days

BUYS = [("BUY", "6501", 0), ("BUY", "9001", 0)]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_days(tmp_path_factory.mktemp("files"))


@pytest.fixture
def paper(tmp_path: Path, files: Path) -> Desk:
    return new_desk(tmp_path / "paper", files, fills="open")


def held(desk: Desk) -> ParityResult:
    return measure_parity(at(desk, "20:00"), str(T), str(T))


def classes(found: ParityResult) -> list[tuple[str, str, ParityClass, str, str]]:
    return [(each.side, each.code, each.kind, each.live, each.backtest) for each in found.differences]


def halted_buys(found: ParityResult) -> bool:
    return [each[:4] for each in classes(found)] == [
        ("BUY", "6501", ParityClass.HALT, "no order"),
        ("BUY", "9001", ParityClass.HALT, "no order"),
    ]


# A halt


def test_a_halt_before_the_morning(paper: Desk) -> None:
    halt_buys(at(paper, "06:40"), reason="a rumour")
    run(paper, "07:00")
    assert placed(paper) == [("SELL", "7203", 0)]
    found = held(paper)
    assert halted_buys(found)
    assert found.exit is ExitStatus.OK
    assert all(each.backtest.endswith("shares") for each in found.differences)


def test_a_halt_between_the_morning_and_the_open(paper: Desk) -> None:
    run(paper, "07:00")
    assert [each for each in placed(paper) if each[0] == "BUY"] == BUYS
    halt_buys(at(paper, "08:30"), reason="a rumour", group="core")
    assert halted_buys(held(paper))


def test_a_halt_that_ended_before_the_morning_is_no_difference(paper: Desk) -> None:
    halt_buys(at(paper, "06:40"), reason="a rumour")
    resume_buys(at(paper, "06:50"), reason="it was none")
    run(paper, "07:00")
    assert held(paper).differences == ()


def test_a_halt_after_the_open_is_no_difference(paper: Desk) -> None:
    run(paper, "07:00")
    halt_buys(at(paper, "10:00"), reason="a rumour")
    assert held(paper).differences == ()


# A revision


def test_an_order_that_a_revision_took_back(paper: Desk) -> None:
    """What was sold the evening before is typed at half past seven: its sell has no shares any more."""
    run(paper, "07:00")
    with at(paper, "07:30").writing("a sale that was typed late") as journal:
        journal.append([
            Filled(session=EARLIER, source="manual", group="core", code="7203", side="SELL", shares=300,
                   price=Decimal(1010), order_id=None)
        ])  # fmt: skip
    run(paper, "07:40")
    found = held(paper)
    assert ("SELL", "7203", ParityClass.REVISION, "no order", "300 shares") in classes(found)
    assert {each.kind for each in found.differences} <= {ParityClass.REVISION, ParityClass.BY_HAND}
    assert found.exit is ExitStatus.OK


# Damaged data


def test_a_damaged_store_is_refused_with_the_way_to_mend_it(paper: Desk) -> None:
    """Every file of it is vouched for, so no difference is ever made of wrong rows."""
    run(paper, "07:00")
    part = next((paper.workspace.data / "parsed" / "bars").glob("*.parquet"))
    part.write_bytes(part.read_bytes()[:-9])
    with pytest.raises(DataError, match=r"parquet is damaged") as caught:
        held(paper)
    assert "jstock data rebuild" in caught.value.do


def test_a_damaged_run_is_the_class_of_what_it_alone_recorded(paper: Desk) -> None:
    """Only the run knows which codes were monitored: the decision has their hash."""
    run(paper, "07:00")
    (paper.workspace.data / "monitor_list.json").write_text('{"tickers": ["7203", "9001"]}')
    lost = ("BUY", "6501", "200 shares", "no order")
    (one,) = [each for each in held(paper).differences if each.code == "6501"]
    assert (one.side, one.code, one.live, one.backtest) == lost
    assert one.kind is ParityClass.UNEXPLAINED
    folder = paper.workspace.runs / str(T) / "070000-0000"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{")
    found = held(paper)
    (one,) = [each for each in found.differences if each.code == "6501"]
    assert (one.side, one.code, one.live, one.backtest) == lost
    assert one.kind is ParityClass.DAMAGED
    assert found.exit is ExitStatus.DIFFERENCES
