"""Little ledgers that an accountant can read, run through the real fold.

One fact or one statement a line: a date, a word, a group (but for splits), and the rest as in the stories.
`cash`, `realized`, `invested`, `reserved` and `holds` state what must be true at that point of the story,
`refused` that the fact after it must not be taken, and that the attempt changes nothing. Nothing is edited:
`correct` says what a recorded fact should have been, `reverse` that it was not, `restore` that it was after
all (after what came in between), `found` and `missing` what a count showed and nothing explains.

`close` is the price a session ended at. `pnl`, `equity` and `unrealized` state what a group won in a session,
was worth at its close and has not yet booked; `lot` what the shares of one lot won.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from jstock_core.base.errors import StateError
from jstock_core.market.panel import Listing
from jstock_core.state.accounts.balance import balances
from jstock_core.state.facts.events import (
    CashAdjusted,
    Deposit,
    Dividend,
    Fee,
    Filled,
    OrderExpired,
    OrderPlaced,
    PositionAdjusted,
    SplitApplied,
    Withdrawal,
)
from jstock_core.state.journal.corrections import correction
from jstock_core.state.journal.journal import Journal
from tests.state.test_valuation import panel

STORIES = sorted(Path(__file__).parent.glob("*.ledger"))
STATEMENTS = ("cash", "realized", "invested", "reserved", "adjusted")
EVENING = ("pnl", "equity", "unrealized")
YEN = r"(?P<amount>-?[\d,]+)"
WHY = r'"(?P<reason>.*)"'
FILL = r"(?P<code>\w+) +(?P<shares>\d+) @ (?P<price>[\d,.]+)( +(on|of) (?P<day>[\d-]+))?"
GRAMMAR = {
    "deposit": rf'(?P<group>\w+) +{YEN} +"(?P<reason>.*)"',
    "withdraw": rf'(?P<group>\w+) +{YEN} +"(?P<reason>.*)"',
    "fee": rf"(?P<group>\w+) +{YEN}",
    "dividend": rf"(?P<group>\w+) +(?P<code>\w+) +{YEN}",
    "buy": rf"(?P<group>\w+) +{FILL}",
    "sell": rf"(?P<group>\w+) +{FILL}",
    "split": r"(?P<code>\w+) +(?P<before>\d+) -> (?P<after>\d+)( +in lieu @ (?P<price>[\d,.]+))?",
    "order": rf"(?P<group>\w+) +(?P<side>buy|sell) (?P<code>\w+) (?P<shares>\d+) +reserve {YEN}",
    "fill": rf"(?P<group>\w+) +(?P<side>buy|sell) {FILL}",
    "expired": r"(?P<group>\w+) +(?P<side>buy|sell) (?P<code>\w+) +of (?P<day>[\d-]+)",
    "found": rf"(?P<group>\w+) +(cash {YEN}|(?P<code>\w+) (?P<shares>\d+) @ (?P<price>[\d,.]+)) +{WHY}",
    "missing": rf"(?P<group>\w+) +(cash {YEN}|(?P<code>\w+) (?P<shares>\d+)) +{WHY}",
    "correct": rf"(?P<was>.+) -> (?P<right>.+) +{WHY}",
    "reverse": rf"(?P<was>.+?) +{WHY}",
    "restore": rf"(?P<was>.+?) +{WHY}",
    "holds": r"(?P<group>\w+) +(?P<code>\w+) +(?P<lots>.+)",
    "close": r"(?P<code>\w+) +(?P<price>[\d,.]+)",
    "lot": rf"(?P<group>\w+) +(?P<code>\w+) +(?P<how>[a-z ]+) (?P<shares>\d+) +{YEN}",
    **dict.fromkeys((*STATEMENTS, *EVENING), rf"(?P<group>\w+) +{YEN}"),
}


def number(text):
    return Decimal(text.replace(",", ""))


def order_id(session, found):
    return f"order:{session}:{found['group']}:{found['code']}:{found['side'].upper()}"


def said(text):
    """The event that a whole line tells of, or the part of a correction that names one."""
    day, word, rest = re.fullmatch(r"([\d-]+) +(\w+) +(.*)", text).groups()
    found = re.fullmatch(GRAMMAR[word], rest.strip())
    assert found, f"not understood: {text}"
    return fact(date.fromisoformat(day), word, found.groupdict())


def amendment(session, word, found, journal):
    """The correction a line tells of."""
    was = said(found["was"])
    right = {"correct": lambda: said(found["right"]), "restore": lambda: was, "reverse": lambda: None}[word]()
    return correction(
        journal.history(), was.id, right, session=session, reason=found["reason"],
        place="here" if word == "restore" else "there",
    )  # fmt: skip


def difference(base, word, found):
    """What a count showed."""
    sign = 1 if word == "found" else -1
    base |= {"group": found["group"], "reason": found["reason"]}
    if found["amount"]:
        return CashAdjusted(**base, difference=sign * int(number(found["amount"])))
    price = number(found["price"]) if word == "found" else None
    return PositionAdjusted(**base, code=found["code"], difference=sign * int(found["shares"]), price=price)


def fact(session, word, found):
    """The event a line tells of."""
    base = {"session": session, "source": "manual"}
    if word in ("found", "missing"):
        return difference(base, word, found)
    if word == "split":
        lieu = number(found["price"]) if found["price"] else None
        ratio = {"numerator": int(found["after"]), "denominator": int(found["before"])}
        return SplitApplied(**base, code=found["code"], **ratio, cash_in_lieu_price=lieu)
    base["group"] = found["group"]
    make = order_fact if word in ("order", "expired", "fill", "buy", "sell") else cash_fact
    return make(base, word, found)


def cash_fact(base, word, found):
    base |= {"amount": int(number(found["amount"])), "reason": found.get("reason") or ""}
    match word:
        case "deposit":
            return Deposit(**base)
        case "withdraw":
            return Withdrawal(**base)
        case "dividend":
            return Dividend(**base, code=found["code"])
        case "fee":
            return Fee(**base, fill_id=None)


def order_fact(base, word, found):
    session = date.fromisoformat(found["day"]) if found.get("day") else base["session"]
    base |= {"code": found["code"], "side": found.get("side", word).upper()}
    match word:
        case "order":
            return OrderPlaced(
                **base, shares=int(found["shares"]), reserve=int(number(found["amount"])), fraction_pct=None,
                score=None, layer="", reason="", evaluated=session - timedelta(days=1),
            )  # fmt: skip
        case "expired":
            return OrderExpired(**base, order_id=order_id(session, found), reason="no seller")
        case _:
            order = order_id(session, found) if word == "fill" else None
            price, shares = number(found["price"]), int(found["shares"])
            return Filled(**base | {"session": session}, shares=shares, price=price, order_id=order)


def check(book, word, found):
    """A statement of the story against the book."""
    group = book.group(found["group"])
    if word == "holds":
        lots = group.lots.get(found["code"], ())
        assert ", ".join(f"{lot.shares} @ {lot.price:,}" for lot in lots) == found["lots"].strip()
    else:
        assert getattr(group, word) == number(found["amount"])


def market(closes, facts):
    """The bars of a story: its closes, and the factors of its splits."""
    days, codes = sorted({day for day, _ in closes}), sorted({code for _, code in closes})
    close, factor = np.full((len(days), len(codes)), np.nan), np.ones((len(days), len(codes)))
    for (day, code), price in closes.items():
        close[days.index(day), codes.index(code)] = float(price)
    for event in facts:
        if isinstance(event, SplitApplied):
            factor[days.index(event.session), codes.index(event.code)] = event.denominator / event.numerator
    bars = dict.fromkeys(("open", "high", "low", "close", "volume"), close)
    return replace(
        panel({}),
        sessions=np.array(days, dtype="datetime64[D]"),
        listings=tuple(Listing(code, code, "") for code in codes),
        adj_factor=factor,
        topix=np.ones(len(days)),
        **bars,
    )


def check_evening(facts, closes, session, word, found):
    """A statement of the story against the session's close."""
    day = next(balances(facts, market(closes, facts), session))[found["group"]]
    assert day.session == session
    if word == "lot":
        told = [(lot.code, lot.how, lot.shares, round(lot.pnl, 6)) for lot in day.pnl.lots]
        assert (found["code"], found["how"], int(found["shares"]), number(found["amount"])) in told
    else:
        value = {"pnl": day.pnl.day, "equity": day.after, "unrealized": day.pnl.unrealized}[word]
        assert round(value, 6) == number(found["amount"])


def tell(text):
    """Run a story to its end; an assertion names the line that is not so."""
    journal, closes = Journal.memory(), {}
    for line in text.splitlines():
        if not line.strip() or line.startswith(";"):
            continue
        day, refused, word, rest = re.fullmatch(r"([\d-]+) +(refused )?(\w+) +(.*)", line).groups()
        found = re.fullmatch(GRAMMAR[word], rest)
        assert found, f"not understood: {line}"
        try:
            session = date.fromisoformat(day)
            if word == "close":
                closes[session, found["code"]] = number(found["price"])
            elif word in EVENING or word == "lot":
                check_evening(journal.events(), closes, session, word, found.groupdict())
            else:
                step(journal, session, word, found.groupdict(), refused=bool(refused))
        except (AssertionError, StateError) as error:
            raise AssertionError(f"{line}\n{error}") from error
    return journal.book()


def step(journal, session, word, found, *, refused):
    if word in STATEMENTS or word == "holds":
        check(journal.book(), word, found)
        return
    amends = word in ("correct", "reverse", "restore")
    event = amendment(session, word, found, journal) if amends else fact(session, word, found)
    if refused:
        with pytest.raises(StateError):
            journal.append([event])
    else:
        assert journal.append([event]) == (event,), "was recorded before"


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.stem)
def test_the_story_is_true(story):
    book = tell(story.read_text(encoding="utf-8"))
    for group in book.groups.values():
        sources = group.deposited + group.realized + group.dividends - group.fees + group.adjusted
        assert group.cash + group.invested == sources


def test_there_are_stories():
    assert len(STORIES) >= 6


def test_an_untrue_story_is_found_out():
    """The teller itself: a wrong balance names its line."""
    with pytest.raises(AssertionError, match=r"cash +core +11"):
        tell('2026-01-05  deposit  core  10  "x"\n2026-01-05  cash  core  11')
    with pytest.raises(AssertionError, match=r"pnl +core +1"):
        tell('2026-01-05  deposit  core  10  "x"\n2026-01-05  close  7203  9\n2026-01-05  pnl  core  1')
