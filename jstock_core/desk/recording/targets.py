"""Which group or ticket each line belongs to, and which recorded fills it repeats. Pure.

A line that names its group, or whose code only one group ordered, belongs to that group. A sale that nobody
ordered, and a sale outside the exchange, belong to the only group that holds the stock. Any other line
belongs to the broker's ticket of several groups.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from jstock_core.base.errors import StateError, UsageError
from jstock_core.desk.recording.csv_file import SkippedLine
from jstock_core.desk.recording.fill_check import FillCheck, refuse_impossible
from jstock_core.desk.recording.ledger import Ledger
from jstock_core.desk.recording.lines import FillLine
from jstock_core.desk.recording.matching import (
    Answers,
    Matching,
    add_fees,
    ask_about,
    leave_out,
    match_fills,
)
from jstock_core.desk.recording.tickets import broker_ticket, is_known
from jstock_core.execution.fillers import MANUAL
from jstock_core.execution.netting import BrokerTicket
from jstock_core.state.book.book import replay
from jstock_core.state.facts.codec import decimal_text
from jstock_core.state.facts.events import Note, OrderPlaced


@dataclass(frozen=True)
class Target:
    """Where a line belongs: to one `group`, or to a broker's ticket of several groups.

    `is_holders` says that nothing but its holding makes the line the group's.
    """

    line: FillLine
    group: str
    ticket: BrokerTicket | None = None
    is_holders: bool = False

    @property
    def key(self) -> tuple[date, str, str, str]:
        """The key that lines share where they may report the same fills."""
        return self.line.session, self.line.code, self.line.side, self.group

    @property
    def is_matched(self) -> bool:
        """Whether the line may report a fill that is recorded already."""
        return self.line.shares > 0 and not self.line.placed


def find_targets(
    lines: Sequence[FillLine], ledger: Ledger, check: FillCheck, *, skip_unknown: bool
) -> tuple[list[Target], list[SkippedLine]]:
    """Where each line belongs, and the lines that belong nowhere.

    Raises:
        UsageError: a line is impossible or nobody's, and such lines are not skipped.

    """
    targets, skipped = [], []
    bought = {line.code for line in lines if line.side == "BUY"}
    for line in lines:
        if skip_unknown and line.code not in bought and _is_foreign_sale(line, ledger):
            skipped.append(
                SkippedLine(line.number, f"no group holds {line.code}: a sale of another account?")
            )
            continue
        try:
            targets.append(_find_target(line, ledger, check))
        except UsageError as error:
            if not skip_unknown:
                raise locate_error(line, error) from None
            skipped.append(SkippedLine(line.number, error.what))
    return targets, skipped


def _find_target(line: FillLine, ledger: Ledger, check: FillCheck) -> Target:
    ledger.check_group(line.group)
    refuse_impossible(line, check)
    if line.group or line.is_off_exchange:
        return Target(line, _group_of(line, None, ledger))
    ticket = broker_ticket(line, ledger)
    if ticket is not None and len(ticket.orders) > 1:
        return Target(line, "", ticket)
    order = ledger.order_of(line)
    return Target(line, _group_of(line, order, ledger), is_holders=not (order or ledger.only_group))


def _group_of(line: FillLine, order: OrderPlaced | None, ledger: Ledger) -> str:
    group = line.group or (order.group if order else ledger.only_group) or _only_seller(line, ledger)
    if not group:
        raise UsageError(f"no group ordered {line.code}", do="add a column group that says whose fill it is")
    return group


def _only_seller(line: FillLine, ledger: Ledger) -> str:
    """The only group for which a line is recorded already, else the only one that could sell; "" for none."""
    if line.side != "SELL":
        return ""
    recorded = {fill.current.group for fill in ledger.recorded_fills(line) if fill.is_reported_by(line)}
    sellers = recorded or {*ledger.holders(line.code)}
    return sellers.pop() if len(sellers) == 1 else ""


def _is_foreign_sale(line: FillLine, ledger: Ledger) -> bool:
    """Whether a line is a sale of a stock that no group holds, has sold, or ordered to sell."""
    return (
        line.side == "SELL"
        and not ledger.holders(line.code)
        and not ledger.recorded_fills(line)
        and not ledger.orders(line)
    )


def order_of_line(line: FillLine, ledger: Ledger) -> OrderPlaced | None:
    """The order that a line of one group belongs to; none for a trade outside the exchange."""
    return None if line.is_off_exchange else ledger.order_of(line)


def locate_error(line: FillLine, error: UsageError | StateError) -> UsageError | StateError:
    """The error with the place of a line."""
    return type(error)(error.what, where=line.where, do=error.do)


def first_contradiction(
    before: Ledger, after: Ledger, steps: Sequence[tuple[FillLine, int]]
) -> UsageError | StateError | None:
    """The error of the first line whose events contradict the book; None where none does.

    `steps` are the lines, each with how many events were added before it.
    """
    ends = [*(count for _, count in steps[1:]), after.added.count]

    def contradicts(n: int) -> bool:
        try:
            replay(after.added.since(0)[: ends[n]], before.book)
        except StateError:
            return True
        return False

    n = bisect_left(range(len(steps)), True, key=contradicts)
    if n == len(steps):
        return None
    line, start = steps[n]
    events = after.added.since(0)
    try:
        replay(events[start : ends[n]], replay(events[:start], before.book))
    except StateError as error:
        return locate_error(line, error)
    return None


# --- what is known --------------------------------------------------------------------------------------


def match_targets(targets: Sequence[Target], ledger: Ledger, answers: Answers) -> Matching:
    """Match lines with recorded fills: first the lines of one group, then those of tickets."""
    matching = Matching()
    answers = {**_remembered_answers(targets, ledger), **answers}
    bundles: dict[tuple[date, str, str, str], list[Target]] = {}
    for target in targets:
        if target.is_matched:
            bundles.setdefault(target.key, []).append(target)
    for bundle in sorted(bundles.values(), key=lambda bundle: bundle[0].ticket is not None):
        first = bundle[0]
        try:
            if first.ticket is None:
                _match_group(bundle, ledger, answers, matching)
            else:
                _match_ticket(bundle, first.ticket, ledger, answers, matching)
        except UsageError as error:
            raise locate_error(first.line, error) from None
    return matching


def _remembered_answers(targets: Sequence[Target], ledger: Ledger) -> Answers:
    """Lines that a person called the same as what was recorded, when they came before."""
    before = count_repeats(targets)
    notes = {
        target.line.number: note_of_same(target, before[target.line.number], MANUAL) for target in targets
    }
    return {number: "same" for number, note in notes.items() if ledger.knows(note.id)}


def count_repeats(targets: Sequence[Target]) -> Mapping[int, int]:
    """By line number, how many lines before it are equal to it."""
    seen, before = Counter[tuple[object, ...]](), {}
    for target in sorted(targets, key=lambda target: target.line.number):
        key = (target.key, target.line.shares, target.line.price)
        before[target.line.number] = seen[key]
        seen[key] += 1
    return before


def note_of_same(target: Target, before: int, source: str) -> Note:
    """The note that a line is the same as what was recorded: so it is known whenever it comes again.

    `before` is how many equal lines come before it.
    """
    line = target.line
    again = f", once more ({before + 1})" if before else ""
    what = f"{line.side} {line.shares} {line.code} at {decimal_text(line.price)}"
    whose = target.group or "several groups"
    text = f"the same, reported otherwise: {what} of {whose}{again}"
    return Note(session=line.session, source=source, text=text)


def _match_group(bundle: Sequence[Target], ledger: Ledger, answers: Answers, matching: Matching) -> None:
    group = bundle[0].group
    lines = [target.line for target in bundle]
    recorded = [f for f in ledger.recorded_fills(lines[0]) if f.current.group == group]
    order = order_of_line(replace(lines[0], group=group), ledger)
    is_filled = order is not None and not ledger.missing(order)
    match_fills(lines, recorded, answers, matching, is_filled=is_filled)


def _match_ticket(
    bundle: Sequence[Target], ticket: BrokerTicket, ledger: Ledger, answers: Answers, matching: Matching
) -> None:
    """Lines of a ticket are known by their notes; their fills were allocated, and are compared in total."""
    lines = [target.line for target in bundle]
    orders = ticket.of(lines[0].side)
    groups = {order.group for order in orders}
    reported = {fill.id for fill in matching.reported.values()}
    recorded = [
        fill
        for fill in ledger.recorded_fills(lines[0])
        if fill.current.group in groups and fill.id not in reported and not fill.is_reversed
    ]
    known = [line for line in lines if is_known(ticket, line, lines, ledger)]
    new = [line for line in lines if line not in known]
    left = leave_out(recorded, known)
    is_filled = not any(ledger.missing(order) for order in orders)
    same = ask_about(new, left, answers, matching, is_filled=is_filled)
    if not matching.asked & {line.number for line in lines}:
        add_fees([*known, *same], recorded, [line for line in new if line not in same], matching)
