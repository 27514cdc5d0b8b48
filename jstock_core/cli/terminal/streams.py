"""The streams of the command line: no character and no full disk behind them ends a command.

What a terminal's encoding has not got is replaced; what would steer a terminal is shown as an escape.
"""

from __future__ import annotations

import codecs
import io
import os
import re
import sys
import unicodedata
from contextlib import suppress
from pathlib import Path

_REPLACEMENT = "jstock"
_LIKE = {
    "¥": ("￥", "JPY "),
    "…": ("...",),
    "→": ("->",),
    "\N{MINUS SIGN}": ("-",),
    "\N{EN DASH}": ("-",),
    "\N{EM DASH}": ("-",),
    "·": ("-",),
}
"""Characters of our own texts, each with what may stand for it, the best first."""

_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Control characters but for tab and newline, and those that turn the direction of writing."""


def prepare_streams() -> None:
    """Let the standard streams replace what their encoding has not got, as ASCII has no yen sign.

    Where there is no stdout (`>&-`), what belongs there goes to stderr, and where there is neither, nowhere.
    """
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as long as the process
    if sys.stdout is None:
        sys.stdout = sys.stderr
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_REPLACEMENT)


def show_controls(text: str) -> str:
    r"""Text with its control characters visible, such as \x1b: a name must not steer a terminal."""
    return _STEERING.sub(lambda found: _escape(found.group()), text)


def escape_json_controls(text: str) -> str:
    """JSON with the control characters that its strings may hold as they are escaped too."""
    return _STEERING.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def is_encodable(text: str) -> bool:
    """Whether the output has every character of a text."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def drop_unwritable() -> None:
    """Drop what is buffered for a stream that cannot be written: Python would fail on it at exit."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, stream.fileno())
                os.close(nowhere)


def _escape(character: str) -> str:
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"


def _replace(error: UnicodeError) -> tuple[str, int]:
    """What is printed in the place of characters that an encoding has not got."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    wanted = error.object[error.start : error.end]
    return "".join(_substitute(character, error.encoding) for character in wanted), error.end


def _substitute(character: str, encoding: str) -> str:
    if "\udc80" <= character <= "\udcff":  # a byte of a path that is no UTF-8
        return f"\\x{ord(character) - 0xDC00:02x}"
    plain = unicodedata.normalize("NFKD", character)
    for candidate in (*_LIKE.get(character, ()), plain):
        with suppress(UnicodeEncodeError):
            candidate.encode(encoding)
            return candidate
    return "??" if unicodedata.east_asian_width(character) in "WF" else "?"


codecs.register_error(_REPLACEMENT, _replace)
