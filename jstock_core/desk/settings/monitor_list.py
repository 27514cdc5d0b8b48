"""The monitor list: the codes that are evaluated, read and checked."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from jstock_core.base.durable import make_private_folder, os_reason, write_atomically
from jstock_core.base.errors import JstockError, ParamsError
from jstock_core.base.limits import MEGABYTE, parse_json, quote, read_utf8
from jstock_core.desk.settings.edit import SHARED
from jstock_core.market.codes import parse_code

_MOST_LIST = 4 * MEGABYTE
_MOST_CODES = 10_000
_SHOWN_CODES = 20


def read_monitor_list(path: Path) -> tuple[str, ...]:
    """The codes to evaluate, in the file's order: JSON in either shape, or text with one code a line.

    Raises:
        ParamsError: no file, no JSON in a known shape, a malformed code, a code listed twice, or no code.

    """
    try:
        text = read_utf8(path, _MOST_LIST)
    except FileNotFoundError:
        raise ParamsError(
            "no monitor list", where=str(path), do="write one code a line, or name another file"
        ) from None
    except (OSError, ValueError) as error:
        raise ParamsError(
            f"the monitor list cannot be read: {os_reason(error)}",
            where=str(path),
            do="save it as a UTF-8 text file",
        ) from None
    words = _from_json(text, path) if text.lstrip().startswith(("{", "[")) else _from_lines(text)
    codes = tuple(checked_code(word, where=str(path)) for word in words)
    twice = sorted(code for code, times in Counter(codes).items() if times > 1)
    if twice or not codes:
        more = f" and {len(twice) - _SHOWN_CODES:,} more" if len(twice) > _SHOWN_CODES else ""
        what = f"listed twice: {', '.join(twice[:_SHOWN_CODES])}{more}" if twice else "no code is listed"
        raise ParamsError(what, where=str(path), do="list each code once")
    if len(codes) > _MOST_CODES:
        raise ParamsError(
            f"{len(codes):,} codes are listed, and the exchange has not half of {_MOST_CODES:,}",
            where=str(path),
            do="list the codes to evaluate, or choose them with `jstock universe --write`",
        )
    return codes


def write_monitor_list(path: Path, codes: Sequence[str]) -> None:
    """Write codes to begin with, unless there is a list."""
    if not os.path.lexists(path):
        make_private_folder(path.parent)
        text = json.dumps({"tickers": list(codes)}, ensure_ascii=False, indent=2)
        write_atomically(path, f"{text}\n".encode(), SHARED)


def _from_json(text: str, path: Path) -> list[str]:
    try:
        tickers = parse_json(text)["tickers"]
        return [_word(t["code"] if isinstance(t, dict) else t) for t in tickers]
    except (ValueError, KeyError, TypeError) as error:
        shape = 'expected {"tickers": ["6501", ...]} or {"tickers": [{"code": "6501", ...}]}'
        what = f"not readable as a monitor list: {quote(error)}"
        raise ParamsError(what, where=str(path), do=shape) from None


def _word(ticker: object) -> str:
    if not isinstance(ticker, str | int):
        raise TypeError(f"no code: {quote(ticker)}")
    return str(ticker)


def _from_lines(text: str) -> list[str]:
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]


def checked_code(word: str, *, where: str) -> str:
    """A code of a file.

    Raises:
        ParamsError: it is malformed; `where` names the place.

    """
    try:
        return parse_code(word)
    except JstockError as error:
        raise ParamsError(error.what, where=where, do=error.do) from None
