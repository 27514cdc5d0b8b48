"""Values as text: yen, percentages, dates; and text from outside escaped for HTML and Markdown.

Missing values follow one rule: an unknown or undefined value is "-" (`UNKNOWN`); the absence of a thing is
named, as "no order", and its amount is 0; a table without rows becomes a sentence.
Minus is a real minus sign, in Markdown and files too.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable
from datetime import date
from typing import Literal, TypeGuard

Align = Literal["left", "right"]

UNKNOWN = "-"
MINUS = "\N{MINUS SIGN}"
YEN = "\N{YEN SIGN}"

# Characters that Markdown may read as markup anywhere in a line: escaped by a backslash. An underscore inside
# a word and an ampersand that begins no entity need no escape.
_INLINE = re.compile(r"[\\`*\[\]<>|~$]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])|&(?=#?\w+;)")
_BLOCK = re.compile(r"^(\d+(?=[.)])|)([#+\-=>.)])")


def yen(amount: float | None) -> str:
    """Whole yen; a minus sign stands before the ¥: ¥1,234,567."""
    if not _is_known(amount):
        return UNKNOWN
    return f"{_minus(amount, 0)}{YEN}{abs(amount):,.0f}"


def signed_yen(amount: float | None) -> str:
    """Yen won or lost, with its sign: +¥1,200."""
    return _plus(amount, 0) + yen(amount)


def price(value: float | None) -> str:
    """A price per share in yen, with one decimal where it needs one: ¥3,120, ¥1,234.5."""
    if not _is_known(value):
        return UNKNOWN
    tenths = round(value, 1)
    return f"{YEN}{tenths:,.0f}" if tenths == round(tenths) else f"{YEN}{tenths:,.1f}"


def count(value: float | None) -> str:
    """A number of things: 1,200."""
    return UNKNOWN if not _is_known(value) else f"{_minus(value, 0)}{abs(value):,.0f}"


def number(value: float | None, decimals: int = 2) -> str:
    """A plain number: 2,345.67."""
    return UNKNOWN if not _is_known(value) else f"{_minus(value, decimals)}{abs(value):,.{decimals}f}"


def signed_number(value: float | None, decimals: int = 2) -> str:
    """A change with its sign: +12.34."""
    return _plus(value, decimals) + number(value, decimals)


def pct(value: float | None, decimals: int = 1) -> str:
    """A percentage with its sign: +1.2 %; zero has none: 0.0 %."""
    return UNKNOWN if not _is_known(value) else f"{signed_number(value, decimals)} %"


def confidence_words(probability: float) -> str:
    """A confidence in percent; never 0 or 100, because no measurement is that certain."""
    percent = 100 * probability
    return "under 1 %" if percent < 1 else "over 99 %" if percent > 99 else f"{percent:.0f} %"


def day(value: date | None) -> str:
    """An ISO date."""
    return UNKNOWN if value is None else value.isoformat()


def plural(amount: int, thing: str, things: str = "") -> str:
    """An amount with its noun: 1 order, 2 orders, no orders."""
    many = things or f"{thing}s"
    return f"{amount:,} {thing}" if amount == 1 else f"{amount or 'no'} {many}"


def escape_html(text: str) -> str:
    """Escape text for an HTML cell, so that nothing in it is markup."""
    return html.escape(" ".join(text.split()), quote=True)


def escape_markdown(text: str) -> str:
    """Escape text for use inside a line of Markdown, as a table cell: on one line, without markup."""
    return _INLINE.sub(r"\\\g<0>", " ".join(text.split()))


def escape_markdown_line(text: str) -> str:
    """Like `escape_markdown` for a whole line: it also starts no heading, list or quotation."""
    return _BLOCK.sub(r"\1\\\2", escape_markdown(text))


def terminal_width(text: str) -> int:
    """Columns that the text takes in a terminal: a full-width character takes two."""
    from rich.cells import cell_len

    return cell_len(text)


def pad(text: str, columns: int, align: Align) -> str:
    """Pad text with spaces to so many terminal columns."""
    space = " " * max(0, columns - terminal_width(text))
    return text + space if align == "left" else space + text


def shorten(text: str, columns: int) -> str:
    """Shorten text to at most so many columns; an ellipsis replaces what is cut."""
    from rich.cells import set_cell_size

    line = " ".join(text.split())
    return (
        line
        if terminal_width(line) <= columns
        else set_cell_size(line, columns - 1).rstrip() + "\N{HORIZONTAL ELLIPSIS}"
    )


def tone(value: float | None) -> str:
    """The class of a gain or a loss: "gain", "loss", or "" for neither."""
    if not _is_known(value) or value == 0:
        return ""
    return "gain" if value > 0 else "loss"


def join_parts(parts: Iterable[str], separator: str = ", ") -> str:
    """The parts that are not empty, joined."""
    return separator.join(part for part in parts if part)


def capitalize(text: str) -> str:
    """The text with a capital letter; its other letters are left as they are."""
    return text[:1].upper() + text[1:]


def market_marks(*, simulated: bool, historical: bool) -> tuple[str, ...]:
    """The marks shown wherever prices are simulated or historical."""
    words = {"SIMULATED": simulated, "HISTORICAL": historical}
    return tuple(word for word, holds in words.items() if holds)


def _is_known(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)


def _minus(value: float, decimals: int) -> str:
    """A minus sign, unless what is left after rounding is zero."""
    return MINUS if round(value, decimals) < 0 else ""


def _plus(value: float | None, decimals: int) -> str:
    return "+" if _is_known(value) and round(value, decimals) > 0 else ""
