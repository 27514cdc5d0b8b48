"""`jstock universe`: the list it writes, the snapshots it keeps, and what past dates are evaluated with."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from jstock_core.base.errors import DataError, ExitStatus, ParamsError
from jstock_core.base.intent import Intent
from jstock_core.cli import run
from jstock_core.desk.day.day import run_day
from jstock_core.desk.past.backtests import run_backtest
from jstock_core.desk.rules.universe import read_rules, select_universe
from jstock_core.desk.settings.monitor_list import read_monitor_list
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.desk.workspace.kept.monitored import UniverseHistory, universe_on
from jstock_core.desk.workspace.workspace import Workspace

NOW = "2026-01-21T07:00"
D, T = date(2026, 1, 20), date(2026, 1, 21)
PAST, PAST_D = "2025-12-10", date(2025, 12, 9)


@pytest.fixture(scope="module")
def made(shared_desk) -> Path:
    """A simulated desk with market data and without a journal."""
    return shared_desk(ready="fetched", history_sessions=5).workspace.root


@pytest.fixture
def desk(made: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(made, tmp_path / "ws"))


def chosen(desk: Path, **more) -> tuple[str, ...]:
    found = select_universe(open_desk(desk, now=NOW), **more)
    return tuple(standing.code for standing in found.chosen)


def monitor_list(desk: Path) -> Path:
    return desk / "data" / "monitor_list.json"


def universe(desk: Path, session: date, *codes: str) -> None:
    folder = desk / "data" / "universe"
    folder.mkdir(exist_ok=True)
    (folder / f"{session}.json").write_text(json.dumps({"tickers": codes}), encoding="utf-8")


# Writing


def test_looking_writes_nothing(made: Path):
    before = monitor_list(made).read_bytes()
    found = select_universe(open_desk(made, now=NOW), top=5)
    assert len(found.chosen) == 5
    assert found.written == ()
    assert monitor_list(made).read_bytes() == before
    assert not (made / "data" / "universe").exists()


def test_the_rules_that_ship_are_those_documented(made: Path):
    """Hard filters: close over 100, turnover over 500 million, ATR 1.5 to 5 %, 250 bars."""
    filters = read_rules(Workspace(made)).filters
    assert (filters.min_close, filters.min_turnover) == (100, 500_000_000)
    assert (filters.min_atr_pct, filters.max_atr_pct, filters.min_bars) == (1.5, 5, 250)


def test_writing_keeps_a_snapshot_a_list_and_a_backup(desk: Path):
    before = monitor_list(desk).read_bytes()
    codes = chosen(desk, top=7, write=True)
    assert len(codes) == 7
    assert read_monitor_list(monitor_list(desk)) == codes
    assert universe_on(Workspace(desk), D) == codes
    assert monitor_list(desk).with_name("monitor_list.json.bak").read_bytes() == before
    first = json.loads(monitor_list(desk).read_text(encoding="utf-8"))["tickers"][0]
    assert first["reason"].count("rank") == 3
    assert open_desk(desk, now=NOW).monitored == codes


def test_writing_again_gives_the_same_bytes(desk: Path):
    chosen(desk, top=7, write=True)
    first = (desk / "data" / "universe" / f"{D}.json").read_bytes()
    chosen(desk, top=7, write=True)
    assert (desk / "data" / "universe" / f"{D}.json").read_bytes() == first


def test_a_past_universe_is_kept_and_does_not_become_the_list(desk: Path):
    before = monitor_list(desk).read_bytes()
    codes = chosen(desk, trade_date=PAST, top=7, write=True)
    assert monitor_list(desk).read_bytes() == before
    assert universe_on(Workspace(desk), PAST_D) == codes


def test_where_nothing_passes_nothing_is_written(desk: Path):
    path = desk / "params" / "research" / "universe.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("min_turnover: 500_000_000", "min_turnover: 900_000_000_000"), "utf-8")
    before = monitor_list(desk).read_bytes()
    with pytest.raises(DataError, match=r"no stock passes the filters; .* fail at turnover"):
        select_universe(open_desk(desk, now=NOW), write=True)
    assert monitor_list(desk).read_bytes() == before
    assert select_universe(open_desk(desk, now=NOW)).chosen == ()


def test_a_list_of_unknown_codes_can_be_replaced(desk: Path):
    monitor_list(desk).write_text('{"tickers": ["9999"]}', encoding="utf-8")
    found = select_universe(open_desk(desk, now=NOW), top=3, write=True)
    assert found.dropped == ("9999",)
    assert "9999" not in read_monitor_list(monitor_list(desk))


# Reading


def test_the_newest_universe_at_or_before_a_session_counts(tmp_path: Path):
    place = Workspace(tmp_path)
    (tmp_path / "data").mkdir()
    assert universe_on(place, D) is None
    universe(tmp_path, date(2025, 6, 30), "1003")
    universe(tmp_path, date(2025, 12, 9), "1006", "1011")
    universes = UniverseHistory.read(place, ("1301",))
    for session, codes in (
        (date(2025, 6, 27), None),
        (date(2025, 6, 30), ("1003",)),
        (date(2025, 12, 8), ("1003",)),
        (date(2025, 12, 9), ("1006", "1011")),
        (date(2026, 1, 20), ("1006", "1011")),
    ):
        assert universe_on(place, session) == codes
        assert universes.codes_on(session) == (codes or ("1301",))


def test_a_stray_file_among_the_universes_is_named(tmp_path: Path):
    (tmp_path / "data" / "universe").mkdir(parents=True)
    (tmp_path / "data" / "universe" / "mine.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ParamsError, match=r'"mine\.json" is not a universe'):
        universe_on(Workspace(tmp_path), D)


def test_a_rehearsal_of_a_past_date_monitors_the_universe_of_its_day(desk: Path):
    universe(desk, PAST_D, "1003", "1006")
    day = run_day(open_desk(desk, now=NOW), PAST, Intent.REHEARSE)
    assert day.conditions.monitored == ("1003", "1006")
    assert [line.code for line in day.report.evaluations] == ["1003", "1006"]


def test_the_next_trade_date_monitors_the_list(desk: Path):
    """Also where a universe was written: the list may have been edited by hand since."""
    universe(desk, D, "1003", "1006")
    assert open_desk(desk, now=NOW).with_universe_of(T).monitored == read_monitor_list(monitor_list(desk))
    assert open_desk(desk, now="2026-01-22T07:00").with_universe_of(T).monitored == ("1003", "1006")


def test_a_backtest_buys_what_was_in_the_universe_of_its_day(desk: Path):
    """One stock until 9 December, another from then on: nothing else is ever bought."""
    from jstock_core.decide import Conditions
    from jstock_core.research.backtest import backtest

    universe(desk, date(2025, 9, 1), "1003")
    universe(desk, PAST_D, "1006")
    opened = open_desk(desk, now=NOW)
    easy = replace(opened.groups[0], entry=replace(opened.groups[0].entry, buy_threshold=1.0))
    universes = UniverseHistory.read(opened.workspace, opened.monitored)
    done = backtest(
        opened.panel(),
        (easy,),
        Conditions(opened.monitored),
        date(2025, 10, 1),
        T,
        monitored=universes.codes_on,
    )
    buys = {(order.code, order.evaluated >= PAST_D) for order in done.orders if order.side == "BUY"}
    assert buys == {("1003", False), ("1006", True)}
    assert run_backtest(opened, "2025-10-01", str(T), group=easy.id).records


# The command


def test_the_command_shows_and_writes(desk: Path, capsys: pytest.CaptureFixture[str]):
    options = ["-w", str(desk), "--now", NOW, "--top", "4"]
    assert run(["universe", *options]) == ExitStatus.OK
    shown = capsys.readouterr().out
    assert "SIMULATED MARKET" in shown
    assert "the 4 best" in shown
    assert "nothing written" in shown
    assert run(["universe", *options, "--json", "--write"]) == ExitStatus.OK
    data = json.loads(capsys.readouterr().out)
    assert [ticker["code"] for ticker in data["tickers"]] == list(read_monitor_list(monitor_list(desk)))
    assert data["simulated"] is True
    assert len(data["ranked"]) == data["stocks"]["passed"]
    assert run(["universe", *options[:-1], "0"]) == ExitStatus.USAGE
    assert "--top 1 or more" in capsys.readouterr().err
