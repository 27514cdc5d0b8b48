"""Fills as people and brokers write them: one line each, parsed once and checked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from jstock_core.base.errors import UsageError
from jstock_core.base.limits import SIGN_ADVICE, cut_word, parse_plain_decimal
from jstock_core.desk.recording.terms import AMENDMENTS, NOTHING, OFF_EXCHANGE, Kind, normalize_text
from jstock_core.state.facts.events import Side

_PARTED = r"[/.年-](?P<month>\d{1,2})[/.月-](?P<day>\d{1,2})日?"
_AFTER = r"(?:\([月火水木金土日]\))?(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?"
_DATES = tuple(
    re.compile(form + _AFTER)
    for form in (
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
        r"(?P<year>\d{4})" + _PARTED,
        r"(?:令和|R)(?P<reiwa>\d{1,2}|元)" + _PARTED,
    )
)
_BEFORE_REIWA = 2018  # the year before its first
_ORNAMENTS = re.compile(r"[,\s円株¥\\]")
"""A backslash is the yen sign of Shift_JIS."""
MOST_FILLS = 1_000
"""Lines of one session, code and side: every one of them may be any other."""


@dataclass(frozen=True)
class FillLine:
    """One fill as typed; `shares` 0: the order was not filled; `group` "": the broker's, of no one group.

    `number` is its place in the file or the dialogue; `fee` whole yen, taxes on it included. `placed` is the
    source of the orders it is about, where that is known: a person's and paper orders may be for one code.
    `kind` is what the broker calls it, and `account` the type of its account, "" where that is not said.
    """

    number: int
    group: str
    code: str
    side: Side
    shares: int
    price: Decimal
    session: date
    fee: int = 0
    placed: str = ""
    kind: Kind = "trade"
    account: str = ""

    @property
    def where(self) -> str:
        """How errors name it."""
        return f"line {self.number}"

    @property
    def amount(self) -> int:
        """Whole yen traded, as a fill of it has."""
        return int(self.shares * self.price)

    @property
    def is_off_exchange(self) -> bool:
        """Whether it is a trade outside the exchange, which no order of the desk stands behind."""
        return self.kind in OFF_EXCHANGE

    @property
    def is_amendment(self) -> bool:
        """Whether it cancels or corrects another execution."""
        return self.kind in AMENDMENTS


FillKey = tuple[date, str, Side]


def fill_key(line: FillLine) -> FillKey:
    """The key that the fills of one order share: session, code and side."""
    return line.session, line.code, line.side


def refuse_too_many(lines: Sequence[FillLine]) -> None:
    """Make sure that the lines of each session, code and side can be compared with each other.

    Raises:
        UsageError: there are too many.

    """
    for (session, code, side), count in Counter(map(fill_key, lines)).items():
        if count > MOST_FILLS:
            raise UsageError(
                f"{count:,} lines are {side} {code} on {session}; at most {MOST_FILLS:,} can be compared",
                do="write equal executions as one line; nothing was recorded",
            )


def order_lines(lines: Sequence[FillLine], held: Callable[[str], int]) -> list[FillLine]:
    """Lines by session, sells first; but of a stock that is sold beyond the shares held, the purchases."""
    sold = Counter[str]()
    for line in lines:
        if line.side == "SELL":
            sold[line.code] += line.shares
    short = {code for code, shares in sold.items() if shares > held(code)}

    def place(line: FillLine) -> tuple[date, int, int]:
        rank = 0 if line.code in short else 2
        return line.session, rank if line.side == "BUY" else 1, line.number

    return sorted(lines, key=place)


def parse_number(text: str) -> Decimal:
    """A number as people and brokers write it: full-width, with commas, with 円 or 株.

    Raises:
        UsageError: it is something else.

    """
    try:
        return parse_plain_decimal(_ORNAMENTS.sub("", normalize_text(text)))
    except ValueError as error:
        raise UsageError(f'"{cut_word(text)}" is {error}') from None


def parse_amount(text: str) -> Decimal:
    """A number as in `parse_number`; an empty text and a dash are 0.

    Raises:
        UsageError: it is something else.

    """
    return Decimal(0) if normalize_text(text) in NOTHING else parse_number(text)


def parse_whole(text: str, what: str) -> int:
    """A whole number, 0 or more; `what` names it in the error.

    Raises:
        UsageError: it is something else.

    """
    number = parse_number(text)
    if number != number.to_integral_value() or number < 0:
        do = f"write {abs(number):f} {SIGN_ADVICE}" if number < 0 else ""
        raise UsageError(f'{what} "{cut_word(text)}" must be a whole number, 0 or more', do=do)
    return int(number)


def parse_day(text: str) -> date:
    """A day as 2026-01-21, 2026/1/21, 20260121, 2026年1月21日 or 令和8年1月21日, perhaps with its time.

    Raises:
        UsageError: it is something else.

    """
    found = next((match for form in _DATES if (match := form.fullmatch(normalize_text(text)))), None)
    try:
        if found:
            return date(_year(found), int(found["month"]), int(found["day"]))
    except ValueError:
        pass
    raise UsageError(f'"{cut_word(text)}" is not a date', do="write it as 2026-01-21")


def _year(found: re.Match[str]) -> int:
    parts = found.groupdict()
    if "year" in parts:
        return int(parts["year"])
    return _BEFORE_REIWA + (1 if parts["reiwa"] == "元" else int(parts["reiwa"]))
