"""Tables in the terminal: what is too wide loses what is spare, then is cut; full-width names line up."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from jstock_core.cli.terminal.show import show_table

COLUMNS = {"code": "left", "name": "cut", "paid": "spare right", "close": "right"}
ROWS = [["7203", "豊かな自動車の会社", "¥1,234.5", "¥1,300"], ["167A", "A", "¥9", "¥10"]]


def shown(capsys, monkeypatch, width: int) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(width))
    show_table("positions", COLUMNS, ROWS)
    return [line.rstrip() for line in capsys.readouterr().out.splitlines() if line.strip()]


def test_a_wide_terminal_shows_all(capsys, monkeypatch):
    lines = shown(capsys, monkeypatch, 80)
    assert lines[1].split() == ["code", "name", "paid", "close"]
    assert "豊かな自動車の会社" in lines[3]


@pytest.mark.parametrize("width", [32, 30])
def test_a_narrow_one_leaves_out_what_is_spare_before_it_cuts_a_number(capsys, monkeypatch, width):
    lines = shown(capsys, monkeypatch, width)
    assert lines[1].split() == ["code", "name", "close"]
    assert "1,234.5" not in "".join(lines)
    assert all(cell_len(line) <= width for line in lines)
    assert [line.split()[-1] for line in lines[3:]] == ["¥1,300", "¥10"]


FIGURES = [f"−¥{n},234,567.25" for n in range(1, 7)]


@pytest.mark.parametrize("width", [20, 40, 60, 80])
def test_a_number_is_never_cut_however_narrow_the_terminal_is(capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    headings = [f"sum {n}" for n in range(6)]
    columns = {"code": "left", "name": "cut", "why": "wrap"} | dict.fromkeys(headings, "right")
    show_table("figures", columns, [["7203", "豊かな自動車の会社", "as it was said", *FIGURES]] * 2)
    title, heads, _, *lines = [line.strip() for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert (title, heads.split()[0]) == ("figures", "code")
    assert [line.split()[-6:] for line in lines if line.startswith("7203")] == [FIGURES] * 2
    assert "豊" in lines[0]
    assert "…" in lines[0]


def test_columns_line_up_under_full_width_names(capsys, monkeypatch):
    lines = shown(capsys, monkeypatch, 80)
    assert len({cell_len(line) for line in lines[3:]}) == 1


def test_spare_columns_are_left_out_from_the_last_on(capsys, monkeypatch):
    columns = {"code": "left", "a": "spare right", "b": "spare cut", "c": "spare left", "d": "right"}
    for width, left in ((60, "code a b c d"), (40, "code a b d"), (30, "code a d"), (20, "code d")):
        monkeypatch.setenv("COLUMNS", str(width))
        show_table("figures", columns, [["7203", "123,456,789", "text " * 3, "an id" * 3, "1,234"]])
        heads = [line for line in capsys.readouterr().out.splitlines() if line.strip().startswith("code")]
        assert heads[0].split() == left.split(), width


def test_a_column_that_wraps_breaks_no_word(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    show_table("fills", {"group": "wrap", "price": "right"}, [["aggressive, conservative", "¥1,234.5"]])
    assert "conservative" in capsys.readouterr().out


def test_long_headings_and_texts_take_several_lines_before_a_table_is_too_wide(capsys, monkeypatch):
    keys = ["entry.buy_threshold", "exit.take_profit_pct", "sizing.max_position_pct", "exit.stop_loss_pct"]
    columns = {"set": "left", "why": "left"} | dict.fromkeys(keys, "right") | {"more": "spare right"}
    row = ["7", "a text of several words", "65", "10", "30", "1,234,567.25", "1"]
    for width, more in ((84, True), (76, False), (66, False)):
        monkeypatch.setenv("COLUMNS", str(width))
        show_table("sets", columns, [row] * 2)
        lines = [line.rstrip() for line in capsys.readouterr().out.splitlines() if line.strip()]
        assert max(map(cell_len, lines)) <= width
        said = " ".join("".join(lines).split())
        assert "1,234,567.25" in said
        assert all(part in said for part in ("entry.", "threshold", "sizing.", "position_", "several"))
        assert ("more" in said) is more


@pytest.mark.parametrize("width", [30, 40, 80])
def test_a_column_that_wraps_folds_a_long_word_and_cuts_none(capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    value = "[confidence, turnover_median_of_twenty_sessions_before_it] (default)"
    show_table(
        "params", {"key": "left", "value": "wrap", "meaning": "wrap"}, [["a.b", value, "of ties " * 9]]
    )
    lines = capsys.readouterr().out.splitlines()
    assert max(map(cell_len, lines)) <= width
    head = next(line for line in lines if line.lstrip().startswith("key"))
    first, last = head.index("value"), head.index("meaning")
    assert "".join(line[first:last] for line in lines[4:]).replace(" ", "") == value.replace(" ", "")


def test_headings_that_cannot_be_broken_end_on_one_line(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    heads = ["conservative", "aggressive", "whole"]
    interval = "−12.3 % to +145.6 %"
    show_table(
        "chance", {"what may explain it": "left"} | dict.fromkeys(heads, "right"), [["a", *[interval] * 3]]
    )
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[-3:] for line in lines if "whole" in line] == [heads]


def test_a_date_in_a_column_that_is_cut_stays_whole(capsys, monkeypatch):
    """The lots of a position stand under its name, by the date of their purchase."""
    monkeypatch.setenv("COLUMNS", "34")
    rows = [["7203", "豊かな自動車の会社", "¥1,300,000"], ["", "2026-12-01", "¥10"]]
    show_table("lots", {"code": "left", "name": "cut", "value": "right"}, rows)
    printed = capsys.readouterr().out
    assert "2026-12-01" in printed
    monkeypatch.setenv("COLUMNS", "26")
    show_table("lots", {"code": "left", "name": "cut", "value": "right"}, rows)
    assert "2026-12-01" in capsys.readouterr().out
