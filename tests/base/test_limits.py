"""What is too large, too deep or no file is refused at once, and a message repeats little of it."""

from __future__ import annotations

import os
import socket
import stat
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.base import limits
from jstock_core.base.errors import ParamsError
from jstock_core.base.limits import (
    MOST_DEPTH,
    MOST_YAML_BYTES,
    cut_text,
    cut_word,
    decode_table,
    parse_decimal,
    parse_json,
    quote,
    read_file,
    read_utf8,
    visible_files,
)
from jstock_core.base.params import parse_yaml, read_yaml

posix = pytest.mark.skipif(os.name != "posix", reason="Windows has no pipes among its files")


class TestFiles:
    @posix
    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(OSError, match="a pipe, not a regular file"):
            read_file(tmp_path / "pipe")

    @posix
    def test_devices_sockets_and_folders_are_no_files(self, tmp_path: Path, monkeypatch) -> None:
        monkeypatch.chdir(tmp_path)
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("socket")
            with pytest.raises(OSError, match=r"socket|No such device"):
                read_file(Path("socket"))
        for path, kind in (("/dev/zero", "a device"), (".", "a folder")):
            with pytest.raises(OSError, match=f"{kind}, not a regular file"):
                read_file(Path(path))

    @posix
    def test_nothing_stays_open_where_it_is_refused(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(OSError, match="pipe"):
            read_file(tmp_path / "pipe")
        free = os.open(tmp_path, os.O_RDONLY)
        os.close(free)
        with pytest.raises(OSError, match="pipe"):
            read_file(tmp_path / "pipe")
        again = os.open(tmp_path, os.O_RDONLY)
        os.close(again)
        assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
        assert again == free

    def test_no_more_than_a_bound_is_read(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        path.write_bytes(b"x" * 2048)
        assert read_file(path, 2048) == path.read_bytes() == read_file(path)
        with pytest.raises(OSError, match="larger than 1 KB"):
            read_file(path, 2047)

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            ("a: 日本".encode("utf-16"), "UTF-16"),
            ("x: 1\na: 日本".encode("cp932"), "line 2 .* Shift_JIS"),
            (b"\x89\xff\x00", "no text"),
        ],
    )
    def test_another_encoding_is_named(self, tmp_path: Path, content: bytes, why: str) -> None:
        path = tmp_path / "file"
        path.write_bytes(content)
        with pytest.raises(ValueError, match=why):
            read_utf8(path)

    def test_a_byte_order_mark_is_no_content(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        path.write_bytes("\ufeffa: 1".encode())
        assert read_utf8(path) == "a: 1"

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932"])
    def test_tables_come_in_the_encodings_of_spreadsheets(self, encoding: str) -> None:
        assert decode_table("約定日,数量".encode(encoding)) == "約定日,数量"

    def test_what_editors_put_beside_a_file_is_no_file_of_the_desk(self, tmp_path: Path) -> None:
        (tmp_path / ".#x.yaml").symlink_to("somebody@machine.1234")
        for name in ("x.yaml", "y.YML", "x.yaml~", ".x.yaml.swp", ".x.yaml", "._x.yaml", "#x.yaml#", "n.txt"):
            (tmp_path / name).touch()
        assert [path.name for path in visible_files(tmp_path, (".yaml", ".yml"))] == ["x.yaml", "y.YML"]
        assert visible_files(tmp_path / "absent", (".yaml",)) == []


class TestNumbers:
    @pytest.mark.parametrize(
        "text",
        ["1e999999999", "-1e999999999", "1e-999999999", "9" * 5_000, "1e15", "nan", "inf", "0e99", "x", ""],
    )
    def test_without_bounds_they_are_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"number"):
            parse_decimal(text)

    @given(st.decimals(min_value=-(10**14), max_value=10**14, places=4, allow_nan=False))
    def test_what_can_be_money_or_shares_is_exact(self, number: Decimal) -> None:
        assert parse_decimal(str(number)) == number

    @given(st.floats(min_value=1e-9, max_value=1e14))
    def test_every_float_of_a_price_is_read(self, number: float) -> None:
        assert parse_decimal(str(number)) == Decimal(str(number))


class TestDepth:
    @pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000])
    def test_deep_json_is_no_json(self, text: str) -> None:
        with pytest.raises(ValueError, match="nested too deeply"):
            parse_json(text)

    @pytest.mark.parametrize("text", ["[" * 60_000, "- " * 60_000, "? " * 60_000, "{a: " * 30_000])
    def test_deep_yaml_is_no_yaml(self, text: str) -> None:
        with pytest.raises(ValueError, match="nested"):
            parse_yaml(text)

    def test_a_level_below_the_bound_is_read(self) -> None:
        value = parse_yaml("[" * (MOST_DEPTH - 1) + "]" * (MOST_DEPTH - 1))
        for _ in range(MOST_DEPTH - 2):
            (value,) = value
        assert value == []

    def test_brackets_in_a_comment_have_no_depth(self) -> None:
        assert parse_yaml("a: 1 # " + "[" * 1_000) == {"a": 1}


def bomb(merge: bool) -> str:
    """Nine lines that stand for a billion values."""
    lines = ["l0: &l0 {x: 1}" if merge else "l0: &l0 [x, x, x, x, x, x, x, x, x, x]"]
    for n in range(1, 10):
        many = ", ".join([f"*l{n - 1}"] * 10)
        lines.append(f"l{n}: &l{n} " + (f"{{<<: [{many}], y{n}: 1}}" if merge else f"[{many}]"))
    return "\n".join(lines)


class TestAliases:
    @pytest.mark.parametrize("merge", [False, True], ids=["lists", "merges"])
    def test_those_that_multiply_are_counted_before_anything_is_built(self, merge: bool) -> None:
        with pytest.raises(ValueError, match="more than 10,000 values"):
            parse_yaml(bomb(merge))

    @pytest.mark.parametrize("text", ["a: &a [*a]", "a: &a {b: *a}"])
    def test_one_that_holds_itself_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="nested more than"):
            parse_yaml(text)

    def test_a_few_are_what_they_are_for(self) -> None:
        text = "base: &base {stop: 8}\none: {<<: *base, trail: 2}\ntwo: *base"
        assert parse_yaml(text) == {
            "base": {"stop": 8}, "one": {"stop": 8, "trail": 2}, "two": {"stop": 8}
        }  # fmt: skip


class TestYamlDates:
    @pytest.mark.parametrize("text", ["2027-13-01", "2027-02-29", "2027-04-31T07:00:00"])
    def test_one_that_no_calendar_has_is_refused_with_its_line(self, text: str) -> None:
        with pytest.raises(ValueError, match=f'line 2: "{text[:10]}" is not a date; write it as 2026-01-21'):
            parse_yaml(f"a: 1\nb: {{c: {text}}}")

    def test_others_are_read(self) -> None:
        assert parse_yaml("[2028-02-29, '2027-13-01']") == [
            date(2028, 2, 29), "2027-13-01",
        ]  # fmt: skip


class TestYamlNumbers:
    @pytest.mark.parametrize(
        "text", ["1e999999999", ".inf", "-.INF", ".nan", "9" * 5_000, "0x" + "f" * 5_000, "0b" + "1" * 50]
    )
    def test_those_without_bounds_are_refused_with_their_line(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"line 2: .*number"):
            parse_yaml(f"a: 1\nb: {text}")

    def test_others_are_read(self) -> None:
        assert parse_yaml("[1_000_000, 0x1f, 1.5e3, -2, 'x' ]") == [1_000_000, 31, 1500.0, -2, "x"]


class TestParameters:
    def test_a_file_without_bounds_is_an_error_that_names_it(self, tmp_path: Path) -> None:
        path = tmp_path / "desk.yaml"
        for content in (bomb(False), "a: 1e999", "- " * 60_000, "# " + "x" * MOST_YAML_BYTES):
            path.write_text(content, encoding="utf-8")
            with pytest.raises(ParamsError) as raised:
                read_yaml(path)
            assert raised.value.where == str(path)
            assert len(str(raised.value).splitlines()) < 12

    @posix
    def test_a_pipe_is_none(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "desk.yaml")
        with pytest.raises(ParamsError, match="a pipe"):
            read_yaml(tmp_path / "desk.yaml")

    def test_a_byte_order_mark_is_taken_off(self, tmp_path: Path) -> None:
        path = tmp_path / "desk.yaml"
        path.write_text("\ufeffa: 1\n", encoding="utf-8")
        assert read_yaml(path) == {"a": 1}


class TestMessages:
    def test_they_fit_on_a_screen_whatever_they_repeat(self) -> None:
        error = ParamsError("\n".join(["x" * 10_000] * 10_000), where="y" * 10_000, do="z")
        lines = str(error).splitlines()
        assert len(lines) < 40
        assert max(map(len, lines)) < 1_100
        assert "and 9,970 lines more" in error.what
        assert cut_text("as it is\nwith two lines") == "as it is\nwith two lines"
        assert len(cut_word("x" * 10**6)) < 100

    def test_a_value_is_quoted_in_few_characters(self) -> None:
        deep: list[object] = []
        for _ in range(10_000):
            deep = [deep]
        shared: list[object] = [1]
        for _ in range(100):
            shared = [shared] * 10
        for value in (deep, shared, "x" * 10**6, {n: n for n in range(10**5)}, 10**5_000):
            assert len(quote(value)) < 200
        assert quote(8) == "8"
        assert quote("text") == "'text'"

    def test_the_bounds_are_small_enough_for_a_screen_and_a_second(self) -> None:
        assert limits.MOST_NODES <= 10_000
        assert limits.MOST_YAML_BYTES <= 2**17
