"""Compare the dividends in the journal with the announcements known now.

A dividend is booked by what was known in its session. A corrected or late announcement, or a purchase that is
recorded late, changes what should have been booked. A person settles such a difference, by a command.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from jstock_core.execution.dividends import (
    DESK,
    DividendClaim,
    dividend_claims,
    is_at_broker,
    is_booked,
    recorded_dividends,
)
from jstock_core.market.dividends import CashDividend, known_dividends
from jstock_core.market.panel import Panel
from jstock_core.state.book.book import Book
from jstock_core.state.book.holders import facts_of
from jstock_core.state.facts.events import Dividend

WATCHED = 20
"""Sessions after the payment, or its announcement, in which a dividend that nobody recorded is an alert."""
CORRECTED_WITHIN = 250
"""Sessions after the payment in which a dividend is compared with the announcements."""
ROUNDING = 2
"""Yen for each group by which a broker's payment may differ without being reported."""


@dataclass(frozen=True)
class DividendDifference:
    """A dividend on which journal and market data disagree.

    `due` is what should have been paid, in yen after tax, None if `doubt` says why that is unknown. `facts`
    are the journal's entries: what the desk booked (`is_booked`) or what people recorded, empty where the
    dividend is missing. `is_old`: nobody recorded it, and it was paid and announced more than `WATCHED`
    sessions ago.
    """

    group: str
    code: str
    ex_date: date
    paid_in: date
    due: int | None
    doubt: str
    facts: tuple[Dividend, ...] = ()
    is_booked: bool = False
    is_old: bool = False

    @property
    def amount(self) -> int:
        """Yen that the journal has for it."""
        return sum(fact.amount for fact in self.facts)


def dividend_differences(
    book: Book, panel: Panel, row: int, taken_back: Collection[str] = ()
) -> tuple[DividendDifference, ...]:
    """The differences at the close of the panel's row `row`, by all announcements in the panel.

    `taken_back` are the ids of facts that a person reversed: such a dividend does not count as missing.
    """
    if not len(panel.dividends):
        return ()
    return (*_changed(book, panel, row), *_unsettled(book, panel, row, taken_back))


def _changed(book: Book, panel: Panel, row: int) -> Iterator[DividendDifference]:
    """Dividends that the desk would now book differently; those that a person corrected are left alone."""
    since = panel.session(max(0, row - CORRECTED_WITHIN))
    for group in book.groups.values():
        for event in group.received:
            if event.ex_date is None or event.source != DESK or event.session < since:
                continue
            dividend = _announced(panel, event.code, event.ex_date)
            claims = () if dividend is None else dividend_claims(book, dividend)
            own = [claim for claim in claims if claim.group == group.id]
            due, doubt = _due(own)
            parts = {
                due,
                *(claim.amount for claim in own),
            }  # one place may be recorded by hand, the other booked
            if event.amount not in parts:
                yield DividendDifference(
                    group.id, event.code, event.ex_date, event.session, due, doubt, (event,), is_booked=True
                )


def _announced(panel: Panel, code: str, ex_date: date) -> CashDividend | None:
    found = known_dividends(panel.dividends, code)
    return next((dividend for dividend in found if dividend.ex_date == ex_date), None)


def _due(claims: Sequence[DividendClaim]) -> tuple[int | None, str]:
    """The yen of all claims together; or None, and why that is unknown."""
    doubt = next((claim.doubt for claim in claims if claim.amount is None), "")
    return (None if doubt else sum(claim.amount or 0 for claim in claims)), doubt


def _unsettled(
    book: Book, panel: Panel, row: int, taken_back: Collection[str]
) -> Iterator[DividendDifference]:
    """Dividends of the last `WATCHED` sessions that nobody recorded, or that people recorded differently.

    Of older ones, those that nobody recorded and whose amount is known.
    """
    sessions = panel.dates[max(0, row - CORRECTED_WITHIN + 1) : row + 1]
    lately = sessions[-WATCHED:][0]
    paid_now = {code for day in sessions for code in panel.dividends.paid_in.get(day, ())}
    for code in sorted(code for code in paid_now if facts_of(book, code)):
        for dividend in known_dividends(panel.dividends, code):
            paid_in = dividend.pay_session
            if paid_in is None or not sessions[0] <= paid_in <= sessions[-1]:
                continue
            claims = dividend_claims(book, dividend)
            found = _of_dividend(book, dividend, claims, taken_back)
            if max(paid_in, dividend.announced or paid_in) >= lately:
                yield from found
            else:
                yield from (replace(d, is_old=True) for d in found if not d.facts and not d.doubt)


def _of_dividend(
    book: Book, dividend: CashDividend, claims: Sequence[DividendClaim], taken_back: Collection[str]
) -> Iterator[DividendDifference]:
    paid_in = dividend.pay_session
    assert paid_in is not None
    recorded = recorded_dividends(book, dividend)
    by_place = {place: [e for e in recorded if is_at_broker(e, claims) == place] for place in (True, False)}
    for claim in claims:
        missing = not by_place[claim.at_broker] and not is_booked(book, claim) and claim.amount != 0
        if missing and _booked_id(claim) not in taken_back:
            doubt = claim.doubt or ("" if dividend.is_decided else "it is still a forecast")
            due = None if doubt else claim.amount
            yield DividendDifference(claim.group, claim.code, dividend.ex_date, paid_in, due, doubt)
    for place, facts in by_place.items():
        own = [claim for claim in claims if claim.at_broker == place]
        due, doubt = _due(own)
        off = due is not None and abs(sum(e.amount for e in facts) - due) > ROUNDING * len(own)
        if facts and own and off and not any(is_booked(book, claim) for claim in own):
            groups = ", ".join(sorted({claim.group for claim in own}))
            yield DividendDifference(
                groups, dividend.code, dividend.ex_date, paid_in, due, doubt, tuple(facts)
            )


def _booked_id(claim: DividendClaim) -> str:
    """The id under which the desk would have booked the claim."""
    return f"dividend:{claim.group}:{claim.code}:ex:{claim.dividend.ex_date}"


def describe_dividend(difference: DividendDifference) -> str:
    """The difference in a sentence."""
    about = f"the dividend of {difference.code}, ex {difference.ex_date}, paid {difference.paid_in}"
    due = f"is ¥{difference.due:,} after tax" if difference.due is not None else "is not known"
    why = f" ({difference.doubt})" if difference.doubt else ""
    if difference.is_booked:
        now = f"now {due}" if difference.due != 0 else "is none any more"
        return f"{difference.group}: {about}, was booked as ¥{difference.amount:,} and {now}{why}"
    if difference.facts:
        own = f"and ¥{difference.amount:,} is recorded"
        return f"{difference.group}: {about}, {due} by the market data, {own}"
    return f"{difference.group}: {about}, {due}{why} and is not recorded"


def dividend_command(difference: DividendDifference) -> str:
    """The command that settles the difference if the market data is right."""
    fact = difference.facts[0].id if difference.facts else ""
    amount = "YEN" if difference.due is None else str(difference.due)
    if difference.is_booked and difference.due == 0:
        return f"if nothing was paid run `jstock state correct {fact} --reverse --reason TEXT`"
    if difference.facts:
        return (
            "compare with what was credited; to record another amount run "
            f"`jstock state correct {fact} --amount {amount} --reason TEXT`"
        )
    return (
        "compare with what was credited, then run `jstock trade cash dividend "
        f"{difference.group} {difference.code} {amount} --date {difference.paid_in}`"
    )
