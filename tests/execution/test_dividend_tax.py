"""What was withheld of the dividends of a year, by type of account."""

from __future__ import annotations

from dataclasses import replace

from jstock_core.execution.dividend_tax import DividendSum, sum_dividends
from jstock_core.execution.dividends import pay_dividends
from jstock_core.state.facts.events import Event
from jstock_core.testing import DividendNotice
from tests.execution.test_dividends import CUM, EX, PAY, book, fill, market, typed

HELD = (fill("BUY", 100, CUM, account="NISA"), fill("BUY", 100, CUM), fill("BUY", 200, CUM, "bold"))


def booked(*held: Event) -> tuple[Event, ...]:
    return pay_dividends(book(*held), market(), market().row(PAY))


def test_each_type_of_account_has_what_it_was_credited_and_what_was_withheld() -> None:
    """300 taxed shares of an account: 13,500 less 2,067 and 675; 100 in a NISA account: 4,500 in full."""
    found = sum_dividends(book(*HELD, *booked(*HELD)), market(), 2026)
    assert found == (DividendSum("NISA", 1, 4_500, 0), DividendSum("特定", 2, 10_758, 2_742))


def test_of_what_a_person_recorded_or_the_data_do_not_explain_it_is_not_known() -> None:
    (first, *others) = booked(*HELD)
    corrected = replace(first, amount=1_000)
    every = book(*HELD, corrected, *others, typed(77, EX))
    unknown = sum_dividends(every, market(), 2026)[-1]
    assert unknown == DividendSum("", 2, 1_077, None)
    without = sum_dividends(book(*HELD, first, *others), None, 2026)
    assert without == (DividendSum("", 2, sum(e.amount for e in (first, *others)), None),)
    other = market(DividendNotice("7203", EX, 50, PAY, "2026-01-05T15:30"))
    assert [each.account for each in sum_dividends(book(*HELD, first, *others), other, 2026)] == [""]


def test_a_place_that_a_person_recorded_leaves_the_other_one_known() -> None:
    """The broker's dividend was typed; the desk booked what lies on paper."""
    held = (fill("BUY", 100, CUM), fill("BUY", 100, CUM, source="paper"))
    credited = typed(3_000)
    paper = pay_dividends(book(*held, credited), market(), market().row(PAY))
    assert sum_dividends(book(*held, credited, *paper), market(), 2026) == (
        DividendSum("特定", 1, 4_500 - 914, 914), DividendSum("", 1, 3_000, None),
    )  # fmt: skip


def test_other_years_do_not_count() -> None:
    assert sum_dividends(book(*HELD, *booked(*HELD)), market(), 2025) == ()
