"""Which lines report fills that are recorded already. Pure.

Fills of one session, code, side and group are compared as multisets: their order in a file says nothing, and
the fees of equal fills count as a total. A broker may list the fills of one order otherwise the next day
(300 + 200 as 500). Where lines and recorded fills that do not match come to the same shares and yen, whether
it is another fill or the same one is a question that only a person answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from jstock_core.base.errors import UsageError
from jstock_core.desk.recording.ledger import RecordedFill
from jstock_core.desk.recording.lines import FillLine
from jstock_core.state.facts.codec import decimal_text

Answer = Literal["same", "another"]
Answers = Mapping[int, Answer]
"""What a person said of lines that were asked about, by their numbers."""
_MOST_TOTALS = 5_000


@dataclass(frozen=True)
class FillQuestion:
    """Lines, by number, that may report again what is recorded; `text` says what stands against what."""

    lines: tuple[int, ...]
    text: str

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {"lines": list(self.lines), "text": self.text}


@dataclass(frozen=True)
class AddedFee:
    """Yen of a fee that a file adds to a recorded fill."""

    fill: RecordedFill
    amount: int


@dataclass
class Matching:
    """The result of matching lines with the journal, by line number.

    `reported` are the recorded fills that lines report, `same` the lines that report recorded fills in
    another grouping, `another` those that a person called other fills. `fees` are the yen of new fills where
    they are not those of their lines, `added` what lines add to the fees of recorded fills.
    """

    reported: dict[int, RecordedFill] = field(default_factory=dict)
    same: set[int] = field(default_factory=set)
    another: set[int] = field(default_factory=set)
    fees: dict[int, int] = field(default_factory=dict)
    added: dict[int, tuple[AddedFee, ...]] = field(default_factory=dict)
    questions: list[FillQuestion] = field(default_factory=list)

    @property
    def asked(self) -> frozenset[int]:
        """The lines of open questions."""
        return frozenset(number for question in self.questions for number in question.lines)

    def fee_of(self, line: FillLine) -> int:
        """The fee in yen of a line that is a new fill."""
        return self.fees.get(line.number, line.fee)


def match_fills(
    lines: Sequence[FillLine],
    recorded: Sequence[RecordedFill],
    answers: Answers,
    into: Matching,
    *,
    is_filled: bool,
) -> None:
    """Match the lines of one session, code, side and group with the fills recorded of it.

    `is_filled` says that the order behind them has no shares left to be filled.

    Raises:
        UsageError: fees contradict those recorded.

    """
    pairs = _pair(lines, recorded)
    into.reported.update((line.number, fill) for line, fill in pairs)
    for key in sorted({_values(line) for line, _ in pairs}):
        unequal = [(o, fill) for o, fill in pairs if _values(o) == key and o.fee != fill.fee]
        new = [line for line in lines if _values(line) == key and line.number not in into.reported]
        _settle_pairs([pair for pair in unequal if not pair[1].is_reversed], new, into)
    matched = {fill.id for _, fill in pairs}
    left = [fill for fill in recorded if fill.id not in matched and not fill.is_reversed]
    new = [line for line in lines if line.number not in into.reported]
    same = ask_about(new, left, answers, into, is_filled=is_filled)
    add_fees(same, left, (), into)


def _values(line: FillLine) -> tuple[Decimal, int]:
    return line.price, line.shares


def _pair(lines: Iterable[FillLine], recorded: Iterable[RecordedFill]) -> list[tuple[FillLine, RecordedFill]]:
    """Lines with the fills that they report: those of equal fees first, those taken back last."""
    open_lines = sorted(lines, key=lambda line: (-line.fee, line.number))
    free = sorted(recorded, key=lambda fill: fill.id)
    pairs = []
    for fits in _FITS:
        for line in tuple(open_lines):
            fill = next((fill for fill in free if fill.is_reported_by(line) and fits(line, fill)), None)
            if fill is not None:
                pairs.append((line, fill))
                open_lines.remove(line)
                free.remove(fill)
    return pairs


_FITS: tuple[Callable[[FillLine, RecordedFill], bool], ...] = (
    lambda line, fill: not fill.is_reversed and (line.fee, line.account) == (fill.fee, fill.current.account),
    lambda line, fill: not fill.is_reversed and line.account == fill.current.account,
    lambda line, fill: not fill.is_reversed and line.fee == fill.fee,
    lambda _line, fill: not fill.is_reversed,
    lambda _line, _fill: True,
)


def _settle_pairs(
    pairs: Sequence[tuple[FillLine, RecordedFill]], new: Sequence[FillLine], into: Matching
) -> None:
    """Compare the fees of equal fills as a total.

    Raises:
        UsageError: the file's differ from those recorded.

    """
    fills = [fill for _, fill in pairs]
    if _settle_fees([line for line, _ in pairs], fills, new, into):
        for line, fill in pairs:
            if line.fee:
                into.added[line.number] = (AddedFee(fill, line.fee),)


def _settle_fees(
    known: Sequence[FillLine], fills: Sequence[RecordedFill], new: Sequence[FillLine], into: Matching
) -> int:
    """The yen that lines add to the fees of the fills they report; what new fills cost goes `into` it.

    Raises:
        UsageError: the file's fees differ from those recorded.

    """
    said, paid, fresh = _fee(known), sum(fill.fee for fill in fills), _fee(new)
    if said in (0, paid):
        return 0
    if not paid:
        return said
    if not new or said + fresh < paid:
        which = "this fill is recorded" if len(fills) == 1 else f"these {len(fills)} fills are recorded"
        raise UsageError(
            f"{which} with a fee of ¥{paid:,}, not ¥{said:,}",
            do=f"`jstock state correct {fills[0].id} --fee YEN --reason TEXT`; nothing was recorded",
        )
    into.fees.update({line.number: 0 for line in new} | {new[0].number: said + fresh - paid})
    return 0


def _fee(lines: Iterable[FillLine]) -> int:
    return sum(line.fee for line in lines)


# --- the same fills, grouped otherwise -------------------------------------------------------------------


def ask_about(
    lines: Sequence[FillLine],
    left: Sequence[RecordedFill],
    answers: Answers,
    into: Matching,
    *,
    is_filled: bool,
) -> list[FillLine]:
    """Ask about lines that may be recorded fills in another grouping; those that are said to be."""
    if not left or not lines:
        return []
    doubtful = {line.number for line in lines} if is_filled else _regrouped(lines, left)
    same = [line for line in lines if answers.get(line.number) == "same" and line.number in doubtful]
    into.same.update(line.number for line in same)
    into.another.update(number for number in doubtful if answers.get(number) == "another")
    open_ = [line for line in lines if line.number in doubtful and line.number not in answers]
    if open_:
        into.questions.append(FillQuestion(tuple(line.number for line in open_), _text(open_, left)))
    return same


def add_fees(
    lines: Sequence[FillLine], fills: Sequence[RecordedFill], new: Sequence[FillLine], into: Matching
) -> None:
    """Compare the fees of lines and the fills they report as totals; what is more is shared out by shares.

    Raises:
        UsageError: the file's fees differ from those recorded.

    """
    if lines:
        into.added[lines[0].number] = _share_by_size(_settle_fees(lines, fills, new, into), fills)


def _share_by_size(amount: int, fills: Sequence[RecordedFill]) -> tuple[AddedFee, ...]:
    """Yen of a fee by shares: the floor each, the last the rest."""
    made, shares = [], sum(fill.current.shares for fill in fills)
    for fill in fills:
        part = amount * fill.current.shares // shares
        amount, shares = amount - part, shares - fill.current.shares
        made += [AddedFee(fill, part)] if part else []
    return tuple(made)


def _text(lines: Sequence[FillLine], left: Sequence[RecordedFill]) -> str:
    line = lines[0]
    recorded = _list((fill.current.shares, fill.current.price) for fill in left)
    said = _list((line.shares, line.price) for line in lines)
    return (
        f"{line.side} {line.code} on {line.session}: recorded are {recorded}, and now there is {said}: "
        "another fill, or the same one reported otherwise?"
    )


def _list(fills: Iterable[tuple[int, Decimal]]) -> str:
    return " + ".join(f"{shares:,} @ {Decimal(decimal_text(price)):,}" for shares, price in fills)


Total = tuple[int, int]
"""Shares and whole yen."""


def _regrouped(lines: Sequence[FillLine], left: Sequence[RecordedFill]) -> frozenset[int]:
    """The lines that, some of them together, come to the shares and yen of some recorded fills."""
    recorded = _totals([(fill.current.shares, fill.current.amount, 0) for fill in left])
    prices = {fill.current.price for fill in left}, {line.price for line in lines}
    slack = max((_rounding(side) for side, other in (prices, prices[::-1]) if len(other) > 1), default=0)
    by_shares: dict[int, list[int]] = {}
    for shares, yen in recorded:
        by_shares.setdefault(shares, []).append(yen)
    found: frozenset[int] = frozenset()
    for (shares, yen), numbers in _totals([(o.shares, o.amount, o.number) for o in lines]).items():
        reach = shares * slack + len(lines) + len(left)
        if any(abs(yen - other) <= reach for other in by_shares.get(shares, ())):
            found |= numbers
    return found


def leave_out(fills: Sequence[RecordedFill], lines: Sequence[FillLine]) -> list[RecordedFill]:
    """The fills but some that come to the shares and yen of lines; none where no fills come to those."""
    shares, yen = sum(line.shares for line in lines), sum(line.amount for line in lines)
    chosen: dict[Total, tuple[int, ...]] = {(0, 0): ()}
    for at, fill in enumerate(fills):
        more = {(s + fill.current.shares, y + fill.current.amount): (*c, at) for (s, y), c in chosen.items()}
        chosen = {**more, **chosen} if len(chosen) < _MOST_TOTALS else chosen
    near = [c for (s, y), c in chosen.items() if s == shares and abs(y - yen) <= len(fills)]
    return [fill for at, fill in enumerate(fills) if at not in near[0]] if near else []


def _rounding(prices: Iterable[Decimal]) -> Decimal:
    """The rounding error of an average price: half a unit of its last decimal place."""
    return max(Decimal(1).scaleb(min(0, int(price.as_tuple().exponent))) / 2 for price in prices)


def _totals(fills: Sequence[tuple[int, int, int]]) -> dict[Total, frozenset[int]]:
    """What some of the fills come to together, with the numbers of those; of very many only all of them."""
    totals: dict[Total, frozenset[int]] = {(0, 0): frozenset()}
    for shares, yen, number in fills:
        more = {(s + shares, y + yen): numbers | {number} for (s, y), numbers in totals.items()}
        for total, numbers in more.items():
            totals[total] = totals.get(total, frozenset()) | numbers
        if len(totals) > _MOST_TOTALS:
            every = (sum(fill[0] for fill in fills), sum(fill[1] for fill in fills))
            return {every: frozenset(fill[2] for fill in fills)}
    del totals[0, 0]
    return totals
