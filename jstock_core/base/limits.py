"""Limits on input from outside, checked before it is parsed, formatted or quoted in a message.

A path that is not a regular file, or a file that is too large, raises OSError; content beyond the limits
raises ValueError. Callers that read files handle both anyway, and name the file.
"""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from io import BufferedReader
from itertools import chain
from math import inf, isfinite
from pathlib import Path
from reprlib import Repr
from typing import Any

MEGABYTE = 2**20
MOST_BYTES = 64 * MEGABYTE
"""Of a file that somebody hands over: ten times the trade history of a decade."""
MOST_YAML_BYTES = 128 * 1024
MOST_NODES = 10_000
"""Values of a YAML file, those that aliases repeat counted each time."""
MOST_DEPTH = 50
"""Collections inside each other."""
MOST_DIGITS = 40
"""Characters of a number: a float written out in full has 25."""
NUMBER_END = 15
"""Numbers lie below ten to this power: a thousand trillion yen."""

_KINDS = {
    stat.S_ISDIR: "a folder",
    stat.S_ISFIFO: "a pipe",
    stat.S_ISSOCK: "a socket",
    stat.S_ISCHR: "a device",
    stat.S_ISBLK: "a device",
}
_BRACKETS = re.compile(r"#[^\n]*|[\[\]{}]")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SCREEN_LINES, _LINE = 30, 1_000
_SHOWN = 60
_short = Repr()
_short.maxstring = _short.maxother = _short.maxlong = _SHOWN
_short.maxlist = _short.maxtuple = _short.maxdict = _short.maxset = 3
_short.maxlevel = 2


def open_file(path: Path) -> BufferedReader:
    """Open a regular file to read its bytes; a pipe is not waited for, and a device not touched.

    Raises:
        OSError: it is not a regular file or cannot be opened; `strerror` says which.

    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    mode = os.fstat(handle).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(handle, "rb")
    os.close(handle)
    kind = next((kind for test, kind in _KINDS.items() if test(mode)), "something else")
    raise OSError(errno.EINVAL, f"it is {kind}, not a regular file", str(path))


def read_file(path: Path, most: float = inf) -> bytes:
    """Return the bytes of a regular file.

    Raises:
        OSError: as `open_file`, or it has more than `most` bytes.

    """
    with open_file(path) as file:
        content = file.read(-1 if most == inf else int(most) + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it is larger than {_size(int(most))}", str(path))
    return content


def _size(most: int) -> str:
    return f"{most // MEGABYTE} MB" if most >= MEGABYTE else f"{most // 1024} KB"


def visible_files(folder: Path, endings: tuple[str, ...]) -> list[Path]:
    """Return the files of a folder with one of these endings, sorted; none if the folder is missing.

    Files that editors and systems put beside others are left out: `.#x.yaml`, `.x.yaml.swp`, `._x.yaml`,
    `x.yaml~`.
    """
    if not folder.is_dir():
        return []
    return sorted(
        path for path in folder.iterdir() if path.suffix.lower() in endings and path.name[0] not in ".#"
    )


def read_utf8(path: Path, most: float = inf) -> str:
    """Read a UTF-8 text file, with or without a byte order mark.

    Raises:
        OSError: as `read_file`.
        ValueError: it is in another encoding; the message names it if it can be detected.

    """
    content = read_file(path, most)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(f"line {line} is not UTF-8 ({_encoding(content)}): save the file as UTF-8") from None


def _encoding(content: bytes) -> str:
    if content.startswith(_UTF16):
        return "the file is UTF-16"
    try:
        content.decode("cp932")
    except UnicodeDecodeError:
        return "perhaps no text"
    return "perhaps Shift_JIS"


def decode_table(content: bytes) -> str:
    """Decode a table as spreadsheets and brokers save it: UTF-8, UTF-16 with a byte order mark, or Shift_JIS.

    Raises:
        ValueError: it is none of these.

    """
    for encoding in ("utf-16",) if content.startswith(_UTF16) else ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError("the text is neither UTF-8 nor Shift_JIS")


def parse_json(text: str | bytes) -> Any:
    """Parse JSON from an untrusted source.

    Raises:
        ValueError: it is not JSON, or nested too deeply.

    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def parse_decimal(text: str) -> Decimal:
    """Parse a number exactly as written.

    Raises:
        ValueError: it is not a number, not finite, or larger than any price, amount or number of shares.

    """
    if len(text) > MOST_DIGITS:
        raise ValueError(f"a number of {len(text):,} characters")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError("not a number") from None
    if not number.is_finite():
        raise ValueError("not a number")
    if not -MOST_DIGITS <= number.adjusted() < NUMBER_END:
        raise ValueError("a number out of all bounds")
    return number


def parse_plain_decimal(text: str) -> Decimal:
    """Parse a number written without an exponent: in 1e6 a typo in one character is a factor of ten.

    Raises:
        ValueError: as `parse_decimal`, or it is written with an exponent.

    """
    number = parse_decimal(text)
    if "e" in text.lower():
        raise ValueError(f"a number with an exponent; write all its digits: {number:f}")
    return number


SIGN_ADVICE = "without its sign: deposit or withdraw, BUY or SELL say which way it goes"
"""What to do with a negative number, after "write 100 "."""


def check_brackets(text: str) -> None:
    """Check, before a YAML parser sees the text, that its brackets are not nested too deeply.

    Raises:
        ValueError: they are nested too deeply.

    """
    depth = 0
    for found in _BRACKETS.finditer(text):
        depth = max(0, depth + {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0))
        if depth > MOST_DEPTH:
            raise _too_deep()


def check_nodes(root: Any) -> None:
    """Check the size of what a YAML node expands to before it is built; each use of an alias counts.

    Raises:
        ValueError: too many values, too deep a nesting, a number out of bounds, or an invalid date.

    """
    open_, count = [iter((root,))], 0
    while open_:
        node = next(open_[-1], None)
        if node is None:
            open_.pop()
            continue
        count += 1
        if count > MOST_NODES:
            raise ValueError(f"it stands for more than {MOST_NODES:,} values: aliases that multiply?")
        if isinstance(node.value, str):
            _check_number(node)
            _check_date(node)
        elif len(open_) > MOST_DEPTH:
            raise _too_deep()
        else:
            open_.append(_parts(node.value))


def _too_deep() -> ValueError:
    return ValueError(f"it is nested more than {MOST_DEPTH} levels deep")


def _parts(content: Any) -> Iterator[Any]:
    """The nodes of a sequence, or the keys and values of a mapping."""
    return chain.from_iterable(part if isinstance(part, tuple) else (part,) for part in content)


def _check_date(node: Any) -> None:
    if not str(node.tag).endswith(":timestamp"):
        return
    text = node.value[:10]
    try:
        date(*map(int, text.rstrip("Tt ").split("-")))
    except ValueError:
        line = f"line {node.start_mark.line + 1}"
        raise ValueError(f'{line}: "{text}" is not a date; write it as 2026-01-21') from None


def _check_number(node: Any) -> None:
    kind, text = str(node.tag).rpartition(":")[2], node.value.replace("_", "").lower()
    if kind not in ("int", "float"):
        return
    line = f"line {node.start_mark.line + 1}"
    if len(text) > MOST_DIGITS:
        raise ValueError(f"{line}: a number of {len(text):,} characters")
    if kind == "float" and not isfinite(float(text.replace(".inf", "inf").replace(".nan", "nan"))):
        raise ValueError(f"{line}: {text} is not a finite number")


def cut_text(text: str) -> str:
    """Shorten a message to fit on a screen: its first lines, each cut if it is long."""
    lines = text.split("\n", _SCREEN_LINES)
    if len(lines) > _SCREEN_LINES:
        lines[-1] = f"and {lines[-1].count(chr(10)) + 1:,} lines more"
    return "\n".join(line if len(line) <= _LINE else f"{line[:_LINE]} ..." for line in lines)


def cut_word(text: str) -> str:
    """A word in a message, cut if it is too long to be a word."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def quote(value: object) -> str:
    """The `repr` of a value for a message, cut to a few characters."""
    try:
        return _short.repr(value)
    except ValueError:  # Python refuses to format an integer of more than 4,300 digits
        return "a number of thousands of digits"
