"""Every command that reads shows tables that fit into 80 columns, whatever the names of keys and groups."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from rich.cells import cell_len

from jstock_core.base.alerts import Alert, Severity
from jstock_core.base.errors import ExitStatus
from jstock_core.cli import run as jstock
from jstock_core.cli.program.commands import TREE
from jstock_core.cli.program.tree import Branch, Leaf
from jstock_core.cli.recording.record_show import show_plan
from jstock_core.cli.terminal.report_table import show_report_table
from jstock_core.cli.terminal.show import show_alerts, show_note
from jstock_core.cli.trade.history import show_history
from jstock_core.desk.recording.lines import FillLine
from jstock_core.desk.recording.plan import Plan, PlannedLine
from jstock_core.desk.trading.portfolio.history import LedgerEntry, LedgerHistory
from jstock_core.desk.workspace.desk import Desk
from jstock_core.reports.render.research.chance import chance_table
from jstock_core.research.statistics.bootstrap import AlphaInterval
from jstock_core.research.statistics.chance import ChanceMeasure
from jstock_core.research.statistics.deflated import DeflatedSharpe
from tests.desk.days import BUSY, MORNING, T

SPAN = ["--from", "2025-12-01", "--to", "2025-12-10"]
KEYS = """group: conservative
first: 2025-11-04
last: 2025-12-30
sets:
  entry.buy_threshold: [60, 65]
  exit.take_profit_pct: [15]
  sizing.max_position_pct: [20, 30]
  exit.stop_loss_pct: [8]
"""
SEVERAL = """name: Several
initial_capital: 5_000_000
entry:
  use: Vote
  of:
    - use: All
      of:
        - {use: SimpleScorer, buy_threshold: 65}
        - {use: MACDCrossover, min_confidence: 0.5}
      weight: 0.6
    - {use: EnhancedScorer, weight: 0.4}
  threshold: 0.5
exit: [{layer: stop_loss, loss_pct: 8}]
sizing: {use: equal_weight, max_positions: 5, max_position_pct: 30}
ranking: {by: simple_score, ties: [confidence, momentum_20, turnover_median_20]}
filters: [{use: blocked_codes, codes: ["7203", "6758", "6501", "1301", "1332", "1333", "1605", "1925"]}]
"""
READ: Mapping[str, list[str]] = {
    "trade prepare": [],
    "trade status": [],
    "trade pnl": ["--from", "2026-01-05"],
    "trade history": [],
    "trade reconcile": ["--date", "2026-01-14"],
    "trade orders list": ["--all"],
    "explain": ["1003"],
    "backtest": ["-g", "conservative", "-g", "aggressive", *SPAN, "--no-luck"],
    "sweep": ["sweep.yaml", "--workers", "1"],
    "walk": ["walk.yaml", "--workers", "1"],
    "parity": ["--from", str(T), "--to", str(T)],
    "holdout show": [],
    "strategies list": [],
    "strategies check": ["equal_weight"],
    "params check": [],
    "params show": ["candidates/several"],
    "params diff": ["conservative", "aggressive"],
    "params history": [],
    "runs list": [],
    "tax": ["--year", "2026"],
    "data status": [],
    "data check": [],
    "data revisions": [],
    "state verify": [],
    "evening": [],
    "schedule show": [],
    "notify outbox": [],
    "doctor": [],
    "health": [],
}
PROSE = {"backtest", "sweep", "walk", "strategies check", "params show", "doctor"}
"""Of which every line fits but those with a path, their notes too."""
OTHERS: Mapping[str, str] = {
    "": "daily halt resume universe replay init lab app",
    "golden": "update",
    "trade": "record approve report",
    "trade orders": "cancel export",
    "trade cash": "deposit withdraw dividend fee set",
    "trade position": "set",
    "trade group": "rename adopt wind-down",
    "holdout": "declare open",
    "strategies": "docs",
    "params": "schema promote",
    "runs": "show diff verify render replay prune",
    "data": "import fetch backfill confirm export sample purge rebuild",
    "state": "backup restore relocate export import split move correct",
    "schedule": "install remove status failed",
    "notify": "test preview retry remind",
}
"""What writes, asks, serves, or is of one run."""


def commands(tree: Mapping[str, Leaf | Branch], path: str = "") -> Iterator[str]:
    for name, found in tree.items():
        if isinstance(found, Branch):
            yield from commands(found.tree, f"{path}{name} ")
        else:
            yield path + name


def test_every_command_is_asked_or_left_out_on_purpose() -> None:
    others = {f"{branch} {name}".strip() for branch, names in OTHERS.items() for name in names.split()}
    assert {*commands(TREE)} == READ.keys() | others


@pytest.fixture(scope="module")
def desk(shared_desk: Callable[..., Desk], tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = shared_desk(changes=BUSY).workspace.root
    root = Path(shutil.copytree(made, tmp_path_factory.mktemp("width") / "desk"))
    (root / "params" / "candidates").mkdir()
    (root / "params" / "candidates" / "several.yaml").write_text(SEVERAL, encoding="utf-8")
    (root / "sweep.yaml").write_text(KEYS, encoding="utf-8")
    (root / "walk.yaml").write_text(f"{KEYS}train: 20\ntest: 10\n", encoding="utf-8")
    return root


@pytest.mark.parametrize("name", READ)
def test_its_tables_fit_into_80_columns(
    desk: Path, name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(desk)  # where folders of the desk are named by their last parts
    now = [] if name == "params check" else ["--now", MORNING]
    status = jstock([*name.split(), *READ[name], "--workspace", str(desk), *now])
    printed = capsys.readouterr()
    assert status not in (ExitStatus.USAGE, ExitStatus.INTERNAL), printed.err
    lines = printed.out.splitlines()
    rules = [line.rstrip() for line in lines if re.fullmatch(r"[─ ]*─[─ ]*", line)]
    assert [rule for rule in rules if cell_len(rule) > 80] == []
    if name in PROSE:
        assert [line for line in lines if cell_len(line) > 80 and "kept in" not in line] == []


NAMES = ("トヨタ自動車", "三菱ＵＦＪフィナンシャル・グループ", "ＮＥＸＴ　ＦＵＮＤＳ　日経平均レバレッジ")
GROUPS = ("conservative", "momentum_quality")


def torn(lines: list[str], words: Iterable[str]) -> list[str]:
    """The words that are not printed whole."""
    printed = " ".join(lines)
    return [word for word in words if word not in printed]


def test_history_with_accounts_and_several_people_fits(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    facts = [
        LedgerEntry(
            session=T, kind=kind, group=group, code="7203", side=side, shares=12_300, price=13_070.5,
            amount=-160_767_150, fee=1_070, gain=-12_345_678, account=account,
            text="as the broker says " * 3, source="manual", id=f"fill:{T}:{group}:7203:{n}", by=by,
        )
        for n, (kind, side, group, account, by) in enumerate([
            ("fill", "SELL", GROUPS[0], "特定", "tanaka"), ("adjustment", "", GROUPS[0], "NISA", "suzuki"),
        ])
    ]  # fmt: skip
    show_history(LedgerHistory(tuple(facts)))
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines[:6] if cell_len(line.rstrip()) > 80] == []
    assert torn(lines, ["adjustment", GROUPS[0], str(T), "−¥160,767,150", "−¥12,345,678"]) == []


def test_what_recording_would_do_fits_with_accounts_fees_and_several_sessions(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    planned = [
        PlannedLine(
            FillLine(n, "", "1570", "SELL", 12_300, Decimal("13070.5"), T - timedelta(days=n), 1_070, "特定"),
            name, "more than ordered", 1_200, (GROUPS[0],), Decimal("13080.5"),
        )
        for n, name in enumerate(NAMES)
    ]  # fmt: skip
    show_plan(Plan("fills.csv", tuple(planned), (), (), (), (), (), ()))
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if cell_len(line.rstrip()) > 80] == []
    assert torn(lines, [GROUPS[0], str(T), "12,300", "¥13,070.5"]) == []


@pytest.mark.parametrize("groups", [1, 2, 3, 5])
def test_what_chance_may_explain_fits_with_many_groups_and_intervals(
    groups: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    sharpe = DeflatedSharpe(sharpe=1.2, luck=0.4, probabilistic=0.9, deflated=0.8, trials=1_234, sessions=300)
    alpha = AlphaInterval(low=-0.123, high=1.456, level_pct=95, draws=1000, block=5)
    known = ChanceMeasure(deflated=sharpe, alpha=alpha)
    reasons = (
        "Sharpe against chance: needs 20 sessions, has 7",
        "interval of alpha: needs 60 sessions, has 7",
    )
    unknown = ChanceMeasure(deflated=None, alpha=None, unknown=reasons)
    for each in (known, unknown):
        table = chance_table({f"momentum_quality_{n}": each for n in range(groups)})
        show_report_table("", table)
        lines = capsys.readouterr().out.splitlines()
        assert [line for line in lines if cell_len(line) > 80] == []
        words = " ".join(lines).split()
        assert words.count("+145.6") == (groups if each is known else 0)  # wrapped, and not cut


def test_a_long_value_leaves_room_for_its_meaning(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a pipe that says nothing of its width, too."""
    monkeypatch.delenv("COLUMNS", raising=False)
    assert jstock(["params", "show", "conservative", "--workspace", str(desk), "--now", MORNING]) == 0
    head = next(line for line in capsys.readouterr().out.splitlines() if line.startswith(" key"))
    value, range_, meaning = (head.index(name) for name in ("value", "range", "meaning"))
    assert range_ - value < len(head) - meaning + 5


@pytest.mark.parametrize(
    "show", [show_note, lambda text: show_alerts([Alert("x", Severity.WARNING, "", text)])]
)
def test_a_pipe_that_says_nothing_of_its_width_gets_each_note_as_a_line(
    show: Callable[[str], None], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    note = "word " * 100 + "end"
    monkeypatch.delenv("COLUMNS", raising=False)
    show(note)
    assert capsys.readouterr().out.removeprefix("warning ") == f"{note}\n"
    monkeypatch.setenv("COLUMNS", "80")
    show(note)
    printed = capsys.readouterr().out.removeprefix("warning ")
    assert max(map(cell_len, printed.splitlines())) <= 80
    assert printed.split() == note.split()
