"""Whether a correction may be: what later facts stand on, and would no longer.

A correction that changes which lots later facts took, or leaves one of them without what it stands on, is
refused with the list of those. Prices, amounts and reasons of the past may change, and gains follow them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from jstock_core.base.errors import StateError
from jstock_core.state.book.book import EMPTY
from jstock_core.state.book.fold import Fold, OnMatch
from jstock_core.state.book.lots import Match
from jstock_core.state.facts.amendments import CashAdjusted, Correction, PositionAdjusted
from jstock_core.state.facts.events import (
    Deposit,
    Dividend,
    Event,
    Fee,
    Filled,
    Note,
    OrderCancelled,
    OrderExpired,
    SplitApplied,
    Withdrawal,
)
from jstock_core.state.journal.corrections import (
    effective_events,
    effective_id,
    make_correction,
    newest_corrections,
    read_replacement,
)

CORRECTABLE = (
    Deposit, Withdrawal, Dividend, Fee, Filled, OrderExpired, OrderCancelled, SplitApplied, CashAdjusted,
    PositionAdjusted, Note,
)  # fmt: skip


class DependsError(StateError):
    """A correction that later facts stand in the way of: `depends` are their ids, oldest first."""

    def __init__(self, target: str, depends: Sequence[str]) -> None:
        self.depends = tuple(depends)
        super().__init__(
            f"correction refused: {len(self.depends)} later facts depend on {target}",
            where="\n".join(self.depends),
            do="correct those first, the last one first, or take them all back with --with-dependents; "
            "nothing was recorded",
        )


def apply_corrections(history: Sequence[Event], added: Sequence[Event]) -> tuple[Event, ...]:
    """The facts in force after `added` events, some of them corrections, on a history.

    Raises:
        DependsError: later facts stand in the way.
        StateError: a correction is not possible, or its replacement contradicts the book.

    """
    known = {event.id: event for event in history}
    count = Counter(event.target for event in history if isinstance(event, Correction))
    for event in added:
        if isinstance(event, Correction):
            _check(event, known, count[event.target])
            count[event.target] += 1
        known[event.id] = event
    after = effective_events([*history, *added])
    _check_unique(after)
    depends = dependents(effective_events(history), after, _new_names(history, added))
    if depends:
        target = next(event.target for event in reversed(added) if isinstance(event, Correction))
        raise DependsError(target, [event.id for event in depends])
    return after


def _check(correction: Correction, known: Mapping[str, Event], count: int) -> None:
    """A correction on its own: its target, its number and its replacement."""
    target = known.get(correction.target)
    if target is None:
        raise _refusal(correction, "there is no such fact to correct", "name a recorded fact")
    if not isinstance(target, CORRECTABLE):
        kinds = ", ".join(kind.name for kind in CORRECTABLE)
        raise _refusal(
            correction, f'"{target.name}" is a kind that is never corrected', f"these are: {kinds}"
        )
    if correction.revision != count:
        raise _refusal(
            correction,
            f"this fact was corrected {count} times already",
            "look at it as it is now, then correct that",
        )
    if correction.replacement is None:
        return
    event = read_replacement(correction.replacement)
    if event.name != target.name:
        raise _refusal(
            correction, f"a {target.name} cannot become a {event.name}", "reverse one, record the other"
        )
    if event.id != target.id and event.id in known:
        raise _refusal(
            correction,
            f"{event.id} is recorded already",
            "reverse this one; equal facts differ in their ordinal",
        )


def _check_unique(events: Iterable[Event]) -> None:
    for name, count in Counter(event.id for event in events).items():
        if count > 1:
            raise StateError(f"{name} would count {count} times", do="reverse one; nothing was recorded")


def _refusal(correction: Correction, why: str, do: str) -> StateError:
    return StateError(f"correction refused: {why}", where=correction.target, do=f"{do}; nothing was recorded")


def reversals(
    history: Sequence[Event], target: str, *, session: date, reason: str, source: str = "manual"
) -> tuple[Correction, ...]:
    """The reversal of a fact and of everything that depends on it, the last one first.

    Raises:
        StateError: something that depends on it cannot be reversed, like a decision.

    """
    targets = [target]
    while True:
        made: list[Event] = []
        for name in reversed(targets):
            made.append(
                make_correction([*history, *made], name, None, session=session, reason=reason, source=source)
            )
        try:
            apply_corrections(history, made)
        except DependsError as error:
            targets += error.depends
        else:
            return tuple(event for event in made if isinstance(event, Correction))


def _new_names(history: Sequence[Event], added: Sequence[Event]) -> dict[str, str | None]:
    """Id in force -> id after the corrections, None for what is reversed; new facts by their own id."""
    before, after = newest_corrections(history), newest_corrections([*history, *added])
    names: dict[str, str | None] = {}
    for event in added:
        if isinstance(event, Correction):
            old = effective_id(event.target, before)
            names[event.target] = names[old or event.target] = effective_id(event.target, after)
        else:
            names[event.id] = event.id
    return names


# --- what depends on what -------------------------------------------------------------------------------


class _Taken(NamedTuple):
    """Shares that a fact took from a lot, known by the fact that brought it and the splits since."""

    origin: str | None
    shares: int
    ratio: Fraction


_Matches = dict[str, list[_Taken]]


def dependents(
    before: Sequence[Event], after: Sequence[Event], names: Mapping[str, str | None]
) -> tuple[Event, ...]:
    """The facts that could not stand as they are in `after`: refused, or taking other lots than before.

    `names` maps the ids that were changed to their new ones. An error of the fold about one of the new facts
    themselves is not a matter of dependents, and raised.
    """
    expected = _rename_matches(_fold_matches(before), names)
    changed = {*names, *names.values()}
    reversed_ids = {name for name, new in names.items() if new is None}
    after_matches, refused_ids = _fold_matches_as_far(after, changed)
    return tuple(
        event
        for event in after
        if event.id in refused_ids
        or (isinstance(event, Fee) and event.fill_id in reversed_ids)
        or (
            event.id not in changed
            and event.id in expected
            and expected[event.id] != after_matches.get(event.id)
        )
    )


def _rename_matches(matches: _Matches, names: Mapping[str, str | None]) -> _Matches:
    return {
        key: [taken._replace(origin=names.get(taken.origin or "", taken.origin)) for taken in found]
        for key, found in matches.items()
    }


def _fold_matches(events: Iterable[Event]) -> _Matches:
    """What each fact took from which lots."""
    matches: _Matches = {}
    fold = Fold(EMPTY, on_match=_note_matches(matches))
    for event in events:
        fold.add(event)
    return matches


def _fold_matches_as_far(events: Sequence[Event], own: AbstractSet[str | None]) -> tuple[_Matches, set[str]]:
    """The same where some facts contradict what is left: they are passed over and named."""
    try:
        return _fold_matches(events), set()
    except StateError:
        pass
    matches: _Matches = {}
    book, against = EMPTY, set()
    for event in events:
        fold = Fold(book, on_match=_note_matches(matches))
        try:
            fold.add(event)
        except StateError:
            if event.id in own:
                raise
            against.add(event.id)
        else:
            book = fold.book()
    return matches, against


def _note_matches(matches: _Matches) -> OnMatch:
    def note(event: Event, found: Iterable[Match]) -> None:
        taken = [_Taken(match.lot.origin, match.shares, match.lot.ratio) for match in found]
        matches.setdefault(event.id, []).extend(taken)

    return note
