"""The language of stories: one line of a ledger to the event that it records."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from jstock_core.base.errors import UsageError
from jstock_core.state.facts.events import (
    Approved,
    CashAdjusted,
    Deposit,
    Dividend,
    Event,
    Fee,
    Filled,
    Halted,
    OrderExpired,
    OrderPlaced,
    PositionAdjusted,
    Resumed,
    SplitApplied,
    Withdrawal,
)
from jstock_core.state.journal.in_force.corrections import make_correction

Words = Mapping[str, str]
"""What a line says, by the names of its parts; "" where a part is left out."""

EVERY = "all"
"""The word for all groups."""
_YEN = r"(?P<amount>-?[\d,]+)"
_WHY = r'"(?P<reason>.*)"'
_GROUP = r"(?P<group>[\w-]+) +"
_FILL = (
    r"(?P<code>\w+) +(?P<shares>\d+) @ (?P<price>[\d,.]+)( +(on|of) (?P<day>[\d-]+))?( +in (?P<account>\w+))?"
)
_CASH = _GROUP + _YEN
_RATE = r"(?P<amount>-?[\d.]+) %"
BALANCES = ("cash", "realized", "invested", "reserved", "adjusted")
"""What a group's book says at that point of the story."""
EVENING = ("pnl", "equity", "unrealized", "return")
"""What a group won in the session, was worth at its close, and has not booked; its return."""
PERMISSIONS = ("buys", "waits")
"""Whether a group may buy, and the codes of its buys that wait for approval."""
DIVIDENDS = ("announce", "settle", "expected", "differs")
"""What a company announces, what the desk books of it and expects, and what the announcement is worth now."""
CORRECTIONS = ("correct", "reverse", "restore")
GRAMMAR = {
    "deposit": f"{_CASH} +{_WHY}",
    "withdraw": f"{_CASH} +{_WHY}",
    "fee": _CASH,
    "dividend": rf"{_GROUP}(?P<code>\w+) +{_YEN}",
    "buy": _GROUP + _FILL,
    "sell": _GROUP + _FILL,
    "split": r"(?P<code>\w+) +(?P<before>\d+) -> (?P<after>\d+)( +in lieu @ (?P<price>[\d,.]+))?",
    "order": rf"{_GROUP}(?P<side>buy|sell) (?P<code>\w+) (?P<shares>\d+) +reserve {_YEN}"
    r"( +until (?P<until>\d\d:\d\d))?",
    "approve": rf"{_GROUP}(?P<side>buy) (?P<code>\w+)",
    **dict.fromkeys(("halt", "resume"), f"{_GROUP}{_WHY}"),
    "fill": rf"{_GROUP}(?P<side>buy|sell) {_FILL}",
    "expired": rf"{_GROUP}(?P<side>buy|sell) (?P<code>\w+) +of (?P<day>[\d-]+)",
    "found": rf"{_GROUP}(cash {_YEN}|(?P<code>\w+) (?P<shares>\d+) @ (?P<price>[\d,.]+)) +{_WHY}",
    "missing": rf"{_GROUP}(cash {_YEN}|(?P<code>\w+) (?P<shares>\d+)) +{_WHY}",
    "correct": rf"(?P<was>.+) -> (?P<right>.+) +{_WHY}",
    "reverse": rf"(?P<was>.+?) +{_WHY}",
    "restore": rf"(?P<was>.+?) +{_WHY}",
    "holds": rf"{_GROUP}(?P<code>\w+) +(?P<lots>.+)",
    "close": r"(?P<code>\w+) +(?P<price>[\d,.]+)",
    "lot": rf"{_GROUP}(?P<code>\w+) +(?P<how>[a-z ]+) (?P<shares>\d+) +{_YEN}",
    **dict.fromkeys((*BALANCES, *EVENING), _CASH),
    "return": _GROUP + _RATE,
    "announce": r"(?P<code>\w+) +(?P<rate>[\d,.]+) +ex (?P<ex>[\d-]+) +on (?P<day>[\d-]+)",
    "settle": r"(?P<what>dividends)",
    "expected": _CASH,
    "differs": rf"{_GROUP}(?P<code>\w+) +{_YEN}",
    "buys": rf"{_GROUP}(?P<what>yes|no)",
    "waits": rf"{_GROUP}(?P<what>.+)",
}
_LINE = re.compile(r"(?P<day>\d{4}-\d\d-\d\d) +(?P<refused>refused )?(?P<word>\w+) +(?P<rest>.*)")


def parse_line(line: str) -> tuple[date, str, Words, bool]:
    """Read a line: its session, its word, its parts, and whether what it records must be refused.

    Raises:
        UsageError: it is not in the language of stories.

    """
    found = _LINE.fullmatch(line.strip())
    pattern = GRAMMAR.get(found["word"]) if found else None
    parts = re.fullmatch(pattern, found["rest"].strip()) if found and pattern else None
    if found is None or parts is None:
        raise UsageError(
            f"not a line of a story: {line.strip()}",
            do=f"write DATE WORD ..., where WORD is one of {', '.join(GRAMMAR)}",
        )
    words = {key: value or "" for key, value in parts.groupdict().items()}
    return date.fromisoformat(found["day"]), found["word"], words, bool(found["refused"])


def read_amount(text: str) -> Decimal:
    """A number with or without commas."""
    return Decimal(text.replace(",", ""))


def event_of(session: date, word: str, words: Words, history: Iterable[Event] = ()) -> Event:
    """The event that a line records; a correction is one of what `history` holds.

    Raises:
        UsageError: the line states something and records nothing.
        StateError: what is to be corrected was not recorded, or other facts depend on it.

    """
    if word in CORRECTIONS:
        return _correction(session, word, words, history)
    make = MAKERS.get(word)
    if make is None:
        raise UsageError(f'"{word}" records nothing', do=f"use one of {', '.join((*MAKERS, *CORRECTIONS))}")
    return make({"session": session, "source": "manual"}, words)


def _whole_line(text: str) -> Event:
    session, word, words, _ = parse_line(text)
    return event_of(session, word, words)


def _correction(session: date, word: str, words: Words, history: Iterable[Event]) -> Event:
    was = _whole_line(words["was"])
    right = _whole_line(words["right"]) if word == "correct" else was if word == "restore" else None
    return make_correction(
        tuple(history), was.id, right, session=session, reason=words["reason"],
        place="here" if word == "restore" else "there",
    )  # fmt: skip


def _cash(kind: Callable[..., Event]) -> Callable[[dict[str, Any], Words], Event]:
    def make(base: dict[str, Any], words: Words) -> Event:
        amount = int(read_amount(words["amount"]))
        return kind(**base, group=words["group"], amount=amount, reason=words.get("reason", ""))

    return make


def _dividend(base: dict[str, Any], words: Words) -> Event:
    amount = int(read_amount(words["amount"]))
    return Dividend(**base, group=words["group"], code=words["code"], amount=amount, reason="")


def _fee(base: dict[str, Any], words: Words) -> Event:
    amount = int(read_amount(words["amount"]))
    return Fee(**base, group=words["group"], amount=amount, reason="", fill_id=None)


def _split(base: dict[str, Any], words: Words) -> Event:
    lieu = read_amount(words["price"]) if words["price"] else None
    after, before = int(words["after"]), int(words["before"])
    return SplitApplied(
        **base, code=words["code"], numerator=after, denominator=before, cash_in_lieu_price=lieu
    )


def _order(base: dict[str, Any], words: Words) -> Event:
    return OrderPlaced(
        **base, group=words["group"], code=words["code"], side=_side(words), shares=int(words["shares"]),
        reserve=int(read_amount(words["amount"])), fraction_pct=None, score=None, layer="", reason="",
        evaluated=base["session"] - timedelta(days=1),
        approve_until=f"{base['session']}T{words['until']}" if words["until"] else "",
    )  # fmt: skip


def _approval(base: dict[str, Any], words: Words) -> Event:
    order = _order_id(base["session"], words)
    return Approved(**base, group=words["group"], code=words["code"], order_id=order)


def _permission(kind: type[Halted | Resumed]) -> Callable[[dict[str, Any], Words], Event]:
    def make(base: dict[str, Any], words: Words) -> Event:
        scope, at = "" if words["group"] == EVERY else words["group"], f"{base['session']}T08:00"
        return kind(**base, scope=scope, at=at, reason=words["reason"])

    return make


def _expiry(base: dict[str, Any], words: Words) -> Event:
    order = _order_id(date.fromisoformat(words["day"]), words)
    code, side = words["code"], _side(words)
    return OrderExpired(
        **base, group=words["group"], code=code, side=side, order_id=order, reason="no seller"
    )


def _fill(base: dict[str, Any], words: Words, side: Any = None, order_id: str | None = None) -> Event:
    session = date.fromisoformat(words["day"]) if words["day"] else base["session"]
    price, shares = read_amount(words["price"]), int(words["shares"])
    return Filled(
        **base | {"session": session}, group=words["group"], code=words["code"], side=side, shares=shares,
        price=price, order_id=order_id, account=words["account"],
    )  # fmt: skip


def _ordered_fill(base: dict[str, Any], words: Words) -> Event:
    session = date.fromisoformat(words["day"]) if words["day"] else base["session"]
    return _fill(base, words, _side(words), _order_id(session, words))


def _count(sign: int) -> Callable[[dict[str, Any], Words], Event]:
    def make(base: dict[str, Any], words: Words) -> Event:
        base |= {"group": words["group"], "reason": words["reason"]}
        if words["amount"]:
            return CashAdjusted(**base, difference=sign * int(read_amount(words["amount"])))
        price = read_amount(words["price"]) if words.get("price") else None
        shares = sign * int(words["shares"])
        return PositionAdjusted(**base, code=words["code"], difference=shares, price=price)

    return make


def _side(words: Words) -> Any:
    return words["side"].upper()


def _order_id(session: date, words: Words) -> str:
    return f"order:{session}:{words['group']}:{words['code']}:{_side(words)}"


MAKERS: Mapping[str, Callable[[dict[str, Any], Words], Event]] = {
    "deposit": _cash(Deposit),
    "withdraw": _cash(Withdrawal),
    "fee": _fee,
    "dividend": _dividend,
    "buy": lambda base, words: _fill(base, words, "BUY"),
    "sell": lambda base, words: _fill(base, words, "SELL"),
    "split": _split,
    "order": _order,
    "approve": _approval,
    "halt": _permission(Halted),
    "resume": _permission(Resumed),
    "fill": _ordered_fill,
    "expired": _expiry,
    "found": _count(1),
    "missing": _count(-1),
}
