"""What the market data says of the stocks that a desk holds: rights, splits and dividends."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date

import numpy as np

from jstock_core.base.alerts import Alert, Severity
from jstock_core.desk.workspace.checks.splits import MARKET_DATA
from jstock_core.execution.dividend_checks import (
    describe_dividend,
    dividend_command,
    dividend_differences,
)
from jstock_core.execution.splits import describe_difference, mending_command, split_differences
from jstock_core.market.adjustments import RIGHTS, SPLIT, PriceAdjustment, share_ratio
from jstock_core.reports.model.morning import Morning
from jstock_core.state.book.book import Book
from jstock_core.state.facts.events import Decided, Event, SplitApplied
from jstock_core.state.journal.in_force.corrections import read_replacement


def find_price_only(morning: Morning, book: Book) -> Iterator[Alert]:
    """Factors that are no split, of ex-dates since the decision before: the value of a right is unknown."""
    panel, last = morning.view.panel, morning.view.first_row
    since = bisect_right(panel.dates, _evaluated_before(morning), hi=last)
    rows, columns = np.nonzero(panel.adj_factor[since : last + 1] != 1.0)
    for row, column in zip((since + rows).tolist(), columns.tolist(), strict=True):
        adjustment, code = panel.adjustment(row, column), panel.codes[column]
        if adjustment.is_price_only:
            holders = holders_of(book, code, panel.session(row))
            if holders or code in morning.conditions.monitored:
                yield _price_only_alert(code, panel.session(row), adjustment, holders)


def _evaluated_before(morning: Morning) -> date:
    """D of the newest decision before T; the session before D where there is none."""
    for event in reversed(morning.events):
        if isinstance(event, Decided) and event.session < morning.trade_date and event.evaluated:
            return event.evaluated
    return morning.view.panel.session(max(0, morning.view.first_row - 1))


def holders_of(book: Book, code: str, ex_date: date) -> tuple[str, ...]:
    """The groups with shares of a code bought before an ex-date."""
    return tuple(
        key
        for key, group in sorted(book.groups.items())
        if any(lot.session < ex_date for lot in group.lots.get(code, ()))
    )


def _price_only_alert(code: str, ex_date: date, found: PriceAdjustment, holders: tuple[str, ...]) -> Alert:
    kind = "a rights issue" if found.ex_right == RIGHTS else "no split or consolidation that is known"
    what = f"{code} went ex on {ex_date} with an AdjFactor of {found.factor:g}, {kind}"
    if not holders:
        return Alert("price_only_factor", Severity.WARNING, code, f"{what}: it is not bought in that session")
    ratio = _as_ratio(found.factor)
    return Alert(
        "price_only_factor",
        Severity.ALERT,
        code,
        f"{what}: its price is adjusted, the shares of {', '.join(holders)} stay as they are, "
        "and it is not bought in that session",
        f"record what the rights were worth, as `jstock trade cash dividend {holders[0]} {code} YEN "
        f'--date {ex_date} --reason "rights"`; if it was a split after all: '
        f"`jstock state split {code} {ratio} --date {ex_date}`",
    )


def _as_ratio(factor: float) -> str:
    """Shares after to shares before, as a command takes it."""
    ratio = share_ratio(factor, SPLIT)
    return f"{ratio.numerator}:{ratio.denominator}"


def find_reconciled(morning: Morning, book: Book) -> Iterator[Alert]:
    """Splits that the market data got later and that were applied since the decision before."""
    for event in _since_last_decision(morning):
        if isinstance(event, SplitApplied) and event.source == MARKET_DATA:
            yield _reconciled_alert(
                event.code, f"it is applied {_split_in_words(event)}", book, event.session
            )
    for correction in morning.corrections:
        if correction.source == MARKET_DATA:
            right = correction.replacement and read_replacement(correction.replacement)
            code = correction.target.rsplit(":", 1)[-1]
            if isinstance(right, SplitApplied):
                what = f"{correction.target} now counts {_split_in_words(right)}"
                yield _reconciled_alert(code, what, book, right.session)
            else:
                yield _reconciled_alert(code, f"{correction.target} does not count any more", book, date.max)


def _since_last_decision(morning: Morning) -> tuple[Event, ...]:
    """What was recorded after the morning before."""
    events = morning.events
    last = (
        n for n in range(len(events) - 1, -1, -1)
        if isinstance(events[n], Decided) and events[n].session < morning.trade_date
    )  # fmt: skip
    return events[next(last, -1) + 1 :]


def _split_in_words(event: SplitApplied) -> str:
    return f"as a split of {event.numerator}:{event.denominator} on {event.session}"


def _reconciled_alert(code: str, what: str, book: Book, ex_date: date) -> Alert:
    lots = [
        f"{key} {lot.shares:,} shares bought {lot.session} at ¥{lot.cost:,}"
        for key, group in sorted(book.groups.items())
        for lot in group.lots.get(code, ())
        if lot.session < ex_date
    ]
    held = f": now {'; '.join(lots)}" if lots else ""
    return Alert(
        "split_reconciled",
        Severity.ALERT,
        code,
        f"{code}: the market data was changed after the session, and {what}{held}",
        "compare with the shares at the broker (`jstock trade reconcile`)",
    )


def find_split_differences(morning: Morning, book: Book) -> Iterator[Alert]:
    """Held lots whose splits are not those of the market data, where a person must say what is right."""
    for difference in split_differences(book, morning.view.panel, morning.view.first_row):
        by_hand = difference.is_known_by_hand
        yield Alert(
            "split_difference",
            Severity.INFO if by_hand else Severity.ALERT,
            difference.code,
            describe_difference(difference),
            "" if by_hand else mending_command(difference),
        )


def find_dividend_differences(morning: Morning, book: Book) -> Iterator[Alert]:
    """Dividends that the journal has otherwise than the announcements: a person must say what was paid."""
    found = dividend_differences(book, morning.view.panel, morning.view.first_row, morning.taken_back)
    for difference in found:
        by_hand = bool(difference.facts) and not difference.is_booked
        yield Alert(
            "dividend_difference",
            Severity.WARNING if by_hand or difference.is_old else Severity.ALERT,
            difference.code,
            describe_dividend(difference),
            dividend_command(difference),
        )
