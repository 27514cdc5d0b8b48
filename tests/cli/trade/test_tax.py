"""`jstock tax`: what it prints and writes, what it refuses, and that it never mixes the two costs."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from jstock_core import testing
from jstock_core.base.errors import ExitStatus
from jstock_core.cli import run
from jstock_core.state.facts.events import Event, Fee, Settled
from tests.state.events import buy, deposit, sell

NOW = "2026-03-02T07:00"
PACKAGE = Path(__file__).parents[3] / "jstock_core"


def on(session: str, event: Event) -> Event:
    return replace(event, session=date.fromisoformat(session))


def history() -> list[Event]:
    """FIFO books 50,500 for group "=b" in January; the tax view, at 1,500 for both groups, 500."""
    sold = on("2026-01-20", sell(100, 1505, group="=b"))
    return [
        on("2025-12-01", deposit()), on("2025-12-01", deposit(group="=b")),
        on("2025-12-02", buy(100, 1000, group="=b")), on("2025-12-03", buy(100, 2000)),
        on("2025-12-02", buy(200, 500, code="6758")), on("2025-12-29", sell(200, 600, code="6758")),
        on("2025-12-02", buy(100, 900, code="8058")), on("2025-12-26", sell(100, 400, code="8058")),
        sold,
        Fee(session=sold.session, source="manual", group="=b", amount=550, reason="fee", fill_id=sold.id),
        Settled(session=date(2026, 2, 27), source="desk"),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = testing.desk(tmp_path_factory.mktemp("desk") / "ws", now=NOW, ready="new")
    made.journal().append(history())
    return made.workspace.root


def tax(desk: Path, *words: str) -> int:
    return run(["tax", "-w", str(desk), "--now", NOW, *words])


def told(desk: Path, capsys: pytest.CaptureFixture[str], *words: str) -> dict:
    assert tax(desk, "--json", *words) == ExitStatus.OK
    return json.loads(capsys.readouterr().out)


def printed(desk: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert tax(desk, *words) == ExitStatus.OK
    return " ".join(capsys.readouterr().out.split())


def test_a_year_has_what_settles_in_it_at_moving_average_cost(desk, capsys):
    """The sale of 29 December settles on 5 January 2026; that of the 26th on the 30th."""
    found = told(desk, capsys, "--year", "2026")
    lines = {line["code"]: line for line in found["codes"]}
    assert lines["6758"]["settlement_dates"] == ["2026-01-05"]
    assert lines["6758"]["gain"] == 20_000
    assert (lines["7203"]["cost"], lines["7203"]["gain"]) == (150_000, 500 - 550)
    assert found["total"] == {
        "proceeds": 269_950, "cost": 250_000, "gain": 19_950, "rate_pct": 20.315, "estimated_tax": 4_052,
    }  # fmt: skip
    assert (found["trades_from"], found["trades_to"], found["complete"]) == (
        "2025-12-29",
        "2026-12-28",
        False,
    )
    assert found["losses_before"] == {"2025": 50_000}


def test_it_is_printed_with_what_must_be_known(desk, capsys):
    text = printed(desk, capsys, "--year", "2026")
    assert "tax estimate 2026 (SIMULATED): sales of 2025-12-29 to 2026-12-28" in text
    assert "6758 200 ¥120,000 ¥100,000 +¥20,000 2026-01-05" in text
    assert "estimated tax ¥4,052 (20.315 % of the sum of all gains and losses) (SIMULATED)" in text
    assert "SIMULATED MARKET: nothing of this was ever earned or lost" in text
    assert "This is an estimate and no tax return" in text
    assert "The FIFO gains of reports and of `jstock trade status` are the strategy's view" in text
    assert "they are not taxable numbers" in text
    assert "trades are recorded through 2026-02-27" in text
    assert "Losses of earlier years (¥50,000 of 2025) are not subtracted" in text


def test_a_loss_may_be_carried_forward_three_years(desk, capsys):
    text = printed(desk, capsys, "--year", "2025")
    assert "estimated tax ¥0" in text
    assert "The loss of ¥50,000 may be carried forward 3 years, to gains up to 2028" in text
    assert "not complete" not in text


def test_a_year_without_sales_says_so(desk, capsys):
    assert "nothing was sold" in printed(desk, capsys, "--year", "2024")


def test_every_sale_is_exported_for_a_spreadsheet(desk, capsys, tmp_path):
    """UTF-8 with a mark, codes as text, one row a sale, and nothing that would be evaluated."""
    path = tmp_path / "tax.csv"
    text = printed(desk, capsys, "--year", "2026", "--csv", str(path))
    assert "2 sales written to" in text
    content = path.read_bytes().decode()
    assert content.startswith("\ufeff")
    first, second = csv.DictReader(content[1:].splitlines())
    assert '\n"6758",' in content.replace("\r", "")
    assert second == {
        "code": "7203", "name": "", "group": "'=b", "kind": "sale", "trade_date": "2026-01-20",
        "settlement_date": "2026-01-22", "shares": "100", "amount": "150500", "fees": "550",
        "proceeds": "149950", "unit_cost": "1500", "cost": "150000", "gain": "-50",
        "account": "特定",
        "basis": "moving average, estimate", "mark": "SIMULATED",
    }  # fmt: skip
    assert (first["code"], first["gain"]) == ("6758", "20000")


def test_it_only_reads(desk, capsys):
    files = {path: path.read_bytes() for path in (desk / "data" / "state").iterdir() if path.is_file()}
    printed(desk, capsys, "--year", "2026")
    assert files == {p: p.read_bytes() for p in (desk / "data" / "state").iterdir() if p.is_file()}


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["--year", "next"], '"next" is not a year'),
        (["--year", "26"], '"26" is not a year'),
        (["--year", "2013"], "rates are known for 2014 to 2037"),
        (["--year", "2030"], "2030 lies after the years whose settlement days are known"),
        (["--year", "2038"], "no tax rate is known for 2038"),
        (["--year", "2026", "--csv", "nowhere/at/all.csv"], "cannot be written"),
        ([], "--year"),
    ],
)
def test_a_mistake_is_one_screen_that_says_what_to_do(desk, capsys, words, hint):
    assert tax(desk, *words) == ExitStatus.USAGE
    text = capsys.readouterr().err
    assert "Traceback" not in text
    assert len(text.splitlines()) < 12
    assert hint in " ".join(text.split())


def test_a_desk_without_a_history_says_so(tmp_path, capsys):
    testing.desk(tmp_path / "ws", ready="new")
    assert tax(tmp_path / "ws", "--year", "2026") == ExitStatus.USAGE
    assert "nothing is recorded yet" in capsys.readouterr().err


ESTIMATES = {"measures.py", "curves.py", "tax.py", "performance.py"}
"""Where the report says what `jstock tax` would; and where dividends are those before tax."""
BEFORE_TAX = {"since.py"}


def test_no_report_calls_its_own_numbers_taxable():
    """Reports and status show FIFO gains, so the word has no place in what they say of them."""
    places = [
        *(PACKAGE / "reports").rglob("*"),
        PACKAGE / "cli" / "trade" / "status.py",
        PACKAGE / "desk" / "trading" / "portfolio" / "status.py",
    ]
    for path in places:
        if path.suffix in (".py", ".j2", ".html", ".md", ".css") and path.name not in ESTIMATES | BEFORE_TAX:
            assert not re.search(r"\btax|課税|譲渡", path.read_text(encoding="utf-8"), re.IGNORECASE), path
