"""Facts: what gets in, what identifies them, and that JSON gives them back exactly."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.base.errors import StateError
from jstock_core.state.facts.codec import canonical, decimal_text
from jstock_core.state.facts.events import (
    KINDS,
    Approved,
    CashAdjusted,
    CodeMoved,
    Correction,
    Decided,
    Deposit,
    Dividend,
    Fee,
    Filled,
    GroupRenamed,
    Halted,
    Missed,
    Note,
    OrderCancelled,
    OrderExpired,
    OrderPlaced,
    PositionAdjusted,
    Resumed,
    Settled,
    SplitAnnounced,
    SplitApplied,
    Withdrawal,
    content,
    decision_details,
    from_json,
    to_json,
)
from jstock_core.state.journal.in_force.corrections import as_replacement, read_replacement

DAYS = st.dates(date(2016, 1, 1), date(2030, 12, 31))
WORDS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=20)
GROUPS = st.sampled_from(["conservative", "aggressive"])
CODES = st.sampled_from(["7203", "167A", "1306"])
SIDES = st.sampled_from(["BUY", "SELL"])
YEN = st.integers(1, 10**12)
PRICES = st.decimals(Decimal("0.1"), Decimal("999999.9"), places=1).filter(lambda price: price > 0)
ORDINALS = st.integers(0, 9)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
ROWS = st.lists(st.dictionaries(WORDS, st.none() | st.booleans() | NUMBERS | WORDS), max_size=3).map(tuple)

BASE = {"session": DAYS, "source": st.sampled_from(["paper", "manual", "csv:ab12", "import", "desk"])}
CASH = BASE | {"group": GROUPS, "amount": YEN, "reason": WORDS, "ordinal": ORDINALS}
ENDED = BASE | {"group": GROUPS, "code": CODES, "side": SIDES, "order_id": WORDS, "reason": WORDS}
PERMISSION = BASE | {
    "scope": st.just("") | GROUPS, "at": WORDS, "reason": WORDS.filter(str.strip), "ordinal": ORDINALS,
}  # fmt: skip
FIELDS = {
    Deposit: CASH,
    Withdrawal: CASH,
    Dividend: CASH | {"code": CODES},
    Fee: CASH | {"fill_id": st.none() | WORDS},
    Decided: BASE | {
        "group": GROUPS, "evaluated": st.none() | DAYS, "decided_at": WORDS, "revision": ORDINALS,
        "status": st.sampled_from(["complete", "degraded"]),
        "details": st.builds(decision_details, ROWS, ROWS, st.dictionaries(WORDS, WORDS)),
    },
    OrderPlaced: BASE | {
        "group": GROUPS, "code": CODES, "side": SIDES, "shares": YEN, "limit": st.none() | PRICES,
        "reserve": st.integers(0, 10**9), "fraction_pct": st.sampled_from([None, 25, 50, 75, 100]),
        "score": st.none() | st.floats(0, 100), "layer": WORDS, "reason": WORDS, "evaluated": DAYS,
        "revision": ORDINALS,
    },
    OrderExpired: ENDED,
    OrderCancelled: ENDED,
    CodeMoved: BASE | {
        "code": CODES, "to": CODES, "numerator": YEN, "denominator": YEN,
        "cash_in_lieu_price": st.none() | PRICES, "reason": WORDS,
    },
    GroupRenamed: BASE | {"group": GROUPS, "to": GROUPS},
    Filled: BASE | {
        "group": GROUPS, "code": CODES, "side": SIDES, "shares": YEN, "price": PRICES,
        "order_id": st.none() | WORDS, "ordinal": ORDINALS,
        "account": st.sampled_from(["", "特定", "一般", "NISA"]),
    },
    SplitApplied: BASE | {
        "code": CODES, "numerator": YEN, "denominator": YEN, "cash_in_lieu_price": st.none() | PRICES,
    },
    SplitAnnounced: BASE | {
        "code": CODES, "numerator": YEN, "denominator": YEN, "announced_at": WORDS,
        "cash_in_lieu_price": st.none() | PRICES,
    },
    Missed: BASE | {"reason": WORDS},
    Settled: BASE,
    Note: BASE | {"text": WORDS},
    Halted: PERMISSION,
    Resumed: PERMISSION | {"positions": WORDS},
    Approved: BASE | {"group": GROUPS, "code": CODES, "order_id": WORDS},
}  # fmt: skip
PLAIN = [st.builds(kind, **fields) for kind, fields in FIELDS.items()]
REASONS = WORDS.filter(str.strip)
DIFFERENCES = st.integers(-(10**9), 10**9).filter(bool)
FOUND = BASE | {"group": GROUPS, "reason": REASONS, "ordinal": ORDINALS}
AMENDMENTS = {
    Correction: BASE | {
        "target": WORDS, "replacement": st.none() | st.one_of(PLAIN).map(as_replacement),
        "place": st.sampled_from(["there", "here"]), "reason": REASONS, "revision": ORDINALS,
    },
    CashAdjusted: FOUND | {"difference": DIFFERENCES},
    PositionAdjusted: FOUND | {"code": CODES, "score": st.none() | st.floats(0, 100)},
}  # fmt: skip
MOVED = st.one_of(
    st.fixed_dictionaries({"difference": YEN, "price": PRICES}),
    st.fixed_dictionaries({"difference": YEN.map(lambda shares: -shares), "price": st.none()}),
)
EVENTS = st.one_of(
    *PLAIN,
    st.builds(Correction, **AMENDMENTS[Correction]),
    st.builds(CashAdjusted, **AMENDMENTS[CashAdjusted]),
    st.tuples(MOVED, st.fixed_dictionaries(AMENDMENTS[PositionAdjusted])).map(
        lambda parts: PositionAdjusted(**parts[0], **parts[1])
    ),
)


def deposit(**changes):
    facts = {"session": date(2026, 1, 5), "source": "desk", "group": "core", "amount": 1, "reason": ""}
    return Deposit(**facts | changes)


def fill(**changes):
    facts = {
        "session": date(2026, 1, 5), "source": "paper", "group": "core", "code": "7203", "side": "BUY",
        "shares": 100, "price": Decimal(3000), "order_id": None,
    }  # fmt: skip
    return Filled(**facts | changes)


def test_every_kind_is_tried_here():
    assert {*FIELDS, *AMENDMENTS} == set(KINDS.values())


@given(EVENTS)
def test_json_gives_every_event_back(event):
    text = canonical(to_json(event))
    back = from_json(event.name, json.loads(text))
    assert back == event
    assert back.id == event.id
    assert canonical(to_json(back)) == text
    assert content(back) == content(event)


def test_ids_say_what_identifies():
    assert fill().id == "fill:2026-01-05:core:7203:BUY:3000:100:0"
    assert fill(order_id="order:x", price=Decimal("3000.50")).id == "fill:2026-01-05:order:x:3000.5:100:0"
    placed = OrderPlaced(
        session=date(2026, 1, 5), source="desk", group="core", code="7203", side="BUY", shares=100,
        reserve=350_000, fraction_pct=None, score=70, layer="", reason="", evaluated=date(2025, 12, 30),
    )  # fmt: skip
    assert placed.id == "order:2026-01-05:core:7203:BUY"
    assert replace(placed, shares=200, limit=Decimal(3000)).id == placed.id
    assert replace(placed, revision=2).id == "order:2026-01-05:core:7203:BUY:r2"
    assert deposit(ordinal=1).id != deposit().id


def test_one_price_is_one_text():
    """3000, 3000.0 and 3E+3 are one price: the same id and the same JSON."""
    prices = [Decimal(3000), Decimal("3000.0"), Decimal("3E+3")]
    assert {fill(price=price).id for price in prices} == {fill().id}
    assert {canonical(to_json(fill(price=price))) for price in prices} == {canonical(to_json(fill()))}
    assert decimal_text(Decimal("0.10")) == "0.1"


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"shares": 0}, "shares"),
        ({"shares": -100}, "shares"),
        ({"shares": 100.0}, "shares"),
        ({"shares": True}, "shares"),
        ({"price": Decimal("NaN")}, "price"),
        ({"price": Decimal(0)}, "price"),
        ({"price": 3000.0}, "price"),
        ({"side": "HOLD"}, "side"),
        ({"session": datetime(2026, 1, 5, 9, 0)}, "session"),
        ({"group": ""}, "group"),
        ({"code": "72:03"}, "code"),
        ({"ordinal": -1}, "ordinal"),
    ],
)
def test_what_cannot_be_is_refused(wrong, word):
    with pytest.raises(StateError, match=f"fill: {word}"):
        fill(**wrong)


def test_a_decision_keeps_no_thread_to_what_it_was_given():
    row = {"ticker": "7203", "score": 70.0}
    decided = Decided(
        session=date(2026, 1, 5), source="desk", group="core", evaluated=None, decided_at="",
        status="complete", details=decision_details([row], (), {}),
    )  # fmt: skip
    row["score"] = 0.0
    assert decided.signals[0]["score"] == 70.0
    with pytest.raises(StateError, match="JSON"):
        decision_details([{"score": float("nan")}], (), {})


def test_provenance_is_no_content():
    """A fill typed by hand and the same fill from a broker's file are one fact."""
    assert content(fill(source="manual")) == content(fill(source="csv:ab12"))
    assert content(fill(shares=200)) != content(fill())


ADJUSTMENTS = [
    (CashAdjusted, {"difference": 5}),
    (PositionAdjusted, {"difference": 100, "price": Decimal(3000), "code": "7203"}),
]


@pytest.mark.parametrize(("kind", "facts"), ADJUSTMENTS)
@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"reason": " "}, "a reason must be given"),
        ({"difference": 0}, "other than 0"),
        ({"difference": 5.0}, "other than 0"),
    ],
)
def test_an_adjustment_has_a_reason_and_moves_something(kind, facts, wrong, word):
    base = {"session": date(2026, 1, 5), "source": "manual", "group": "core", "reason": "counted"}
    assert kind(**base | facts).reason == "counted"
    with pytest.raises(StateError, match=word):
        kind(**base | facts | wrong)


@pytest.mark.parametrize(("difference", "price"), [(100, None), (-100, Decimal(3000))])
def test_only_shares_that_come_in_have_a_price(difference, price):
    with pytest.raises(StateError, match="come in have a price"):
        PositionAdjusted(
            session=date(2026, 1, 5), source="manual", group="core", code="7203", difference=difference,
            price=price, reason="counted",
        )  # fmt: skip


@given(st.one_of(PLAIN))
def test_a_correction_keeps_the_event_it_puts_in_place(event):
    made = Correction(
        session=event.session, source="manual", target="x", replacement=as_replacement(event), reason="typo"
    )
    back = from_json(made.name, json.loads(canonical(to_json(made))))
    assert read_replacement(back.replacement) == event


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("fill", {"colour": "red"}),
        ("fill", {"shares": "100"}),
        ("fill", {"price": 3000}),
        ("fill", {"price": "three"}),
        ("fill", {"session": "2026-13-01"}),
        ("fill", {"session": None}),
        ("gift", {}),
    ],
)
def test_json_that_is_no_event_is_refused(kind, change):
    with pytest.raises(StateError):
        from_json(kind, to_json(fill()) | change)
    with pytest.raises(StateError, match="missing or unknown fields: shares"):
        from_json("fill", {key: value for key, value in to_json(fill()).items() if key != "shares"})


def test_a_fill_stored_before_accounts_were_kept_is_read_as_of_none():
    stored = to_json(fill())
    del stored["account"]
    assert from_json("fill", stored) == fill()
    assert fill().account == ""


def test_equal_fills_of_two_kinds_of_account_are_two_facts():
    assert replace(fill(), account="NISA").id != fill().id
    with pytest.raises(StateError, match="account must be one of"):
        replace(fill(), account="IDECO")
