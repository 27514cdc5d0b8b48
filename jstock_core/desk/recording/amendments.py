"""Lines that cancel (取消) or correct (訂正) an execution: found with it in the file, or refused by name.

What is in the journal is never changed by a line of a file: the line is refused with the command that
corrects the journal, and is known once that was done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from jstock_core.base.errors import UsageError
from jstock_core.desk.recording.ledger import Ledger, RecordedFill, is_same_fill
from jstock_core.desk.recording.lines import FillKey, FillLine, fill_key
from jstock_core.state.facts.codec import decimal_text

Amended = Literal["cancelled", "corrected", "known"]


@dataclass(frozen=True)
class AmendedLines:
    """The lines still to be recorded, and the outcome of each of the others by its number."""

    lines: tuple[FillLine, ...]
    outcomes: Mapping[int, Amended]


def settle_amendments(lines: Sequence[FillLine], ledger: Ledger) -> AmendedLines:
    """Remove cancelled executions, and replace corrected ones by their corrections.

    Raises:
        UsageError: a line changes an execution that is in the journal, or one that is not found.

    """
    if not any(line.is_amendment for line in lines):
        return AmendedLines(tuple(lines), {})
    work = _Work.of(ledger, (line for line in lines if not line.is_amendment))
    for line in lines:
        if line.is_amendment:
            try:
                work.cancel(line) if line.kind == "cancellation" else work.correct(line)
            except UsageError as error:
                raise UsageError(error.what, where=line.where, do=error.do) from None
    standing = (line for same in work.standing.values() for line in same)
    return AmendedLines(tuple(sorted(standing, key=lambda line: line.number)), work.amended)


@dataclass
class _Work:
    """The lines that still stand by session, code and side, and what became of the others."""

    ledger: Ledger
    standing: dict[FillKey, list[FillLine]]
    amended: dict[int, Amended] = field(default_factory=dict)

    @classmethod
    def of(cls, ledger: Ledger, lines: Iterable[FillLine]) -> _Work:
        """All lines stand."""
        standing: dict[FillKey, list[FillLine]] = {}
        for line in lines:
            standing.setdefault(fill_key(line), []).append(line)
        return cls(ledger, standing)

    def _beside(self, line: FillLine) -> list[FillLine]:
        """The standing lines of the session, code and side of a line."""
        return self.standing.setdefault(fill_key(line), [])

    def cancel(self, line: FillLine) -> None:
        """Take out the execution that a line cancels.

        Raises:
            UsageError: it is in the journal, or not found.

        """
        same = next((other for other in self._beside(line) if _is_same_execution(other, line)), None)
        if same is not None:
            self._take_out(same, "cancelled")
        recorded = self._too_many(line)
        if recorded is not None:
            raise UsageError(
                f"it cancels {recorded.id}, which is recorded",
                do=f'`jstock state correct {recorded.id} --reverse --reason "cancelled by the broker"`, then '
                "record the file again; nothing was recorded",
            )
        reversed_before = any(
            fill.is_reversed and fill.is_reported_by(line) for fill in self.ledger.recorded_fills(line)
        )
        if same is None and not reversed_before:
            raise UsageError(
                "it cancels an execution that is neither in the file nor recorded",
                do="leave the line out, or give the execution too; nothing was recorded",
            )
        if same is not None and self._recorded_shares(line) > self._standing_shares(line):
            raise self._recorded_in_parts(line)
        self.amended[line.number] = "known" if same is None else "cancelled"

    def correct(self, line: FillLine) -> None:
        """Put a corrected execution in the place of the one it was.

        Raises:
            UsageError: that one is in the journal, or it is not clear which it is.

        """
        right = replace(line, kind="trade")
        others = [
            other
            for other in self._beside(line)
            if _is_same_order(other, line) and not _is_equal(other, line)
        ]
        if len(others) == 1:
            self._take_out(others[0], "corrected")
            recorded = self._too_many(others[0])
            if recorded is not None:
                raise _correction_needed(recorded, line)
            beyond = self._recorded_shares(line) - self._standing_shares(line)
            if beyond > 0 and not self._is_recorded_as_corrected(line):
                raise self._recorded_in_parts(line)
        elif not any(is_same_fill(fill.current, line) for fill in self._in_force(line)):
            raise self._unclear(line, len(others))
        self._beside(right).append(right)

    def _take_out(self, line: FillLine, outcome: Amended) -> None:
        self._beside(line).remove(line)
        self.amended[line.number] = outcome

    def _in_force(self, line: FillLine) -> list[RecordedFill]:
        return [fill for fill in self.ledger.recorded_fills(line) if not fill.is_reversed]

    def _too_many(self, line: FillLine) -> RecordedFill | None:
        """A fill of the journal with the values of a line, where it has more of them than still stand."""
        recorded = [fill for fill in self._in_force(line) if is_same_fill(fill.current, line)]
        standing = sum(_is_same_execution(other, line) for other in self._beside(line))
        return recorded[-1] if len(recorded) > standing else None

    def _recorded_shares(self, line: FillLine) -> int:
        return sum(fill.current.shares for fill in self._in_force(line))

    def _standing_shares(self, line: FillLine) -> int:
        return sum(other.shares for other in self._beside(line) if _is_same_order(other, line))

    def _is_recorded_as_corrected(self, line: FillLine) -> bool:
        """Whether the journal has the shares and yen of the lines that stand, with the corrected one."""
        lines = [*(other for other in self._beside(line) if _is_same_order(other, line)), line]
        fills = [fill.current for fill in self._in_force(line)]
        yen = sum(fill.amount for fill in fills) - sum(other.amount for other in lines)
        shares = sum(fill.shares for fill in fills) - sum(other.shares for other in lines)
        return shares == 0 and abs(yen) <= len(fills) + len(lines)

    def _recorded_in_parts(self, line: FillLine) -> UsageError:
        """The error for an execution that the journal has in another grouping, as of several groups."""
        ids = ", ".join(fill.id for fill in self._in_force(line))
        return UsageError(
            f"it changes an execution that may be recorded in parts: {ids}",
            do="correct those with `jstock state correct ID --reason TEXT`, then record the file again, or "
            "leave both lines out; nothing was recorded",
        )

    def _unclear(self, line: FillLine, found: int) -> UsageError:
        recorded = self._in_force(line)
        if not found and len(recorded) == 1:
            return _correction_needed(recorded[0], line)
        return UsageError(
            f"it is not clear which execution it corrects: {found} in the file, {len(recorded)} recorded",
            do="correct the right one with `jstock state correct`, and leave the line out",
        )


def _correction_needed(recorded: RecordedFill, line: FillLine) -> UsageError:
    values = f"--shares {line.shares} --price {decimal_text(line.price)}"
    return UsageError(
        f"it corrects {recorded.id}, which is recorded",
        do=f'`jstock state correct {recorded.id} {values} --reason "corrected by the broker"`, then record '
        "the file again; nothing was recorded",
    )


def _is_same_order(one: FillLine, other: FillLine) -> bool:
    """Whether two lines are of one session, code and side, and of no different group or account."""
    return (
        (one.session, one.code, one.side) == (other.session, other.code, other.side)
        and (not one.group or not other.group or one.group == other.group)
        and (not one.account or not other.account or one.account == other.account)
    )


def _is_equal(one: FillLine, other: FillLine) -> bool:
    return (one.price, one.shares) == (other.price, other.shares)


def _is_same_execution(one: FillLine, other: FillLine) -> bool:
    return _is_same_order(one, other) and _is_equal(one, other)
