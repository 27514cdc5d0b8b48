from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from jstock_core.base.errors import WriteError
from jstock_core.base.intent import Intent
from jstock_core.reports.model.codec import report_from_json
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.headlines import headline_tiles
from jstock_core.reports.render.outgoing.files import orders_csv, write_files
from jstock_core.reports.render.outgoing.signals_file import broker_json, signals_json
from tests.reports.mornings import T, decided, order, panel, quiet, report, unknown_signal


def rows(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(text[1:].splitlines()))


def test_tickets_are_a_file_for_a_spreadsheet() -> None:
    sell, buy = rows(orders_csv(report()))
    assert buy == {
        "id": "order:2026-01-21:core:6758:BUY",
        "trade_date": "2026-01-21",
        "group": "core",
        "code": "6758",
        "name": "ソニーグループ",
        "side": "BUY",
        "shares": "300",
        "kind": "opening market",
        "limit": "",
        "lower": "840",
        "upper": "1140",
        "estimate": "297000",
        "reason": "because",
        "mark": "SIMULATED",
        "filled_by": "paper",
        "broker_ticket": "order:2026-01-21:core:6758:BUY",
        "broker_side": "BUY",
        "broker_shares": "300",
        "crossed": "0",
        "broker_orders": "order:2026-01-21:core:6758:BUY",
        "outcome": "",
        "filled": "0",
        "order_type": "寄成",
        "code_text": '="6758"',
        "ticket": "20260121-ce2e50149a4c",
    }
    assert (sell["code"], sell["side"], sell["shares"]) == ("9984", "SELL", "100")


def crossing() -> Report:
    """core sells 200 of 7203, alpha buys 100."""
    return report([
        decided("core", T), decided("alpha", T),
        order("core", "7203", "SELL", 200), order("alpha", "7203", "BUY", 100),
    ])  # fmt: skip


def test_orders_for_one_code_say_what_is_placed_for_them_together() -> None:
    made = rows(orders_csv(crossing()))
    assert [(row["group"], row["side"], row["shares"]) for row in made] == [
        ("core", "SELL", "200"),
        ("alpha", "BUY", "100"),
    ]
    ids = "order:2026-01-21:core:7203:SELL order:2026-01-21:alpha:7203:BUY"
    for row in made:
        assert (row["broker_ticket"], row["broker_orders"]) == ("ticket:2026-01-21:7203:paper", ids)
        assert (row["broker_side"], row["broker_shares"], row["crossed"]) == ("SELL", "100", "100")
    (placed,) = broker_json(crossing())
    assert (placed["side"], placed["shares"], placed["orders"]) == ("SELL", 100, ids.split())


def mixed() -> Report:
    """core sells 200 of 7203 by hand, alpha buys 100 on paper."""
    return report([
        decided("core", T), decided("alpha", T),
        order("core", "7203", "SELL", 200, source="manual"), order("alpha", "7203", "BUY", 100),
    ])  # fmt: skip


def test_paper_and_manual_orders_are_marked_apart_and_never_netted() -> None:
    made = rows(orders_csv(mixed()))
    assert [(row["filled_by"], row["broker_side"], row["broker_shares"], row["crossed"]) for row in made] == [
        ("you", "SELL", "200", "0"),
        ("paper", "BUY", "100", "0"),
    ]
    assert [(placed["filled_by"], placed["shares"]) for placed in broker_json(mixed())] == [
        ("you", 200),
        ("paper", 100),
    ]
    assert mixed().headline.orders_by_you == 1
    assert "1 sell, 1 buy; 1 by you, 1 on paper" in headline_tiles(mixed()).markdown


def test_an_order_that_is_late_is_not_placed() -> None:
    late = report([decided("core", T), decided("alpha", T), order("core", "6758", "BUY", 100, source="late")])
    (row,) = rows(orders_csv(late))
    assert (row["broker_ticket"], row["broker_shares"]) == ("", "")


def test_codes_are_text() -> None:
    assert ',"6758",' in orders_csv(report())


@pytest.mark.parametrize("reason", ["=HYPERLINK(1)", "+1", "-1", "@x", "\t=1", " =1", "\r\n=1"])
def test_no_text_is_a_formula(reason: str) -> None:
    made = report([decided("core", T), decided("alpha", T), order("core", "6758", "BUY", 100, reason=reason)])
    (row,) = csv.DictReader(orders_csv(made)[1:].splitlines(keepends=True))
    assert row["reason"].startswith("'")
    assert row["reason"].lstrip("'").strip() == reason.strip()


def test_a_rehearsal_is_marked_on_every_ticket() -> None:
    made = report(intent=Intent.REHEARSE, market=panel(simulated=False))
    assert {row["mark"] for row in rows(orders_csv(made))} == {"REHEARSAL"}


def test_without_tickets_the_file_still_has_its_head() -> None:
    assert rows(orders_csv(quiet())) == []
    assert orders_csv(quiet()).startswith('\ufeff"id","trade_date"')


def test_files_are_written_and_read_back(tmp_path: Path) -> None:
    orders, values, signals = write_files(report(), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "orders.csv",
        "report.json",
        "signals_2026-01-21.json",
    ]
    assert report_from_json(values.read_text(encoding="utf-8")) == report()
    assert orders.read_bytes().decode() == orders_csv(report())
    assert json.loads(signals.read_text(encoding="utf-8")) == signals_json(report())
    assert "トヨタ" not in signals.read_text(encoding="utf-8")
    assert "ソニーグループ" in signals.read_text(encoding="utf-8")
    assert len(json.loads(signals.read_text(encoding="utf-8"))["signals"]) == 3


def test_without_a_folder_nothing_is_written() -> None:
    assert write_files(report(), "") == ()


def test_a_missing_number_is_null_and_not_nan(tmp_path: Path) -> None:
    made = report(
        [decided("alpha", T, unknown_signal("9984")._replace(price=float("nan"))), decided("core", T)]
    )
    *_, signals = write_files(made, tmp_path)
    assert json.loads(signals.read_text(encoding="utf-8"))["signals"][0]["current_price"] is None


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WriteError, match="cannot be written"):
        write_files(report(), tmp_path / "file" / "folder")
