"""Checks that a correction leaves no later fact without what it depends on.

A correction that would leave a sale without its shares, or a fee without its fill, is refused with the list
of such facts. Past prices, amounts, sessions and reasons may change; which lots later sales took is worked
out anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction

from jstock_core.base.errors import StateError
from jstock_core.state.book.book import EMPTY, replay
from jstock_core.state.book.closing import Closing
from jstock_core.state.book.fold import Fold
from jstock_core.state.facts.amendments import CashAdjusted, Correction, PositionAdjusted
from jstock_core.state.facts.events import (
    CodeMoved,
    Deposit,
    Dividend,
    Event,
    Fee,
    Filled,
    Note,
    OrderCancelled,
    OrderExpired,
    SplitAnnounced,
    SplitApplied,
    Withdrawal,
)
from jstock_core.state.journal.in_force.corrections import (
    effective_events,
    effective_id,
    make_correction,
    newest_corrections,
    read_replacement,
)
from jstock_core.state.journal.in_force.renames import check_renames

CORRECTABLE = (
    Deposit, Withdrawal, Dividend, Fee, Filled, OrderExpired, OrderCancelled, SplitApplied, SplitAnnounced,
    CodeMoved, CashAdjusted, PositionAdjusted, Note,
)  # fmt: skip


class DependsError(StateError):
    """A correction refused because of later facts: `depends` are their ids, oldest first."""

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
        DependsError: later facts depend on what would be changed.
        StateError: a correction is not possible, or its replacement contradicts the book.

    """
    if not any(isinstance(event, Correction) for event in added):
        check_renames(effective_events(history), added)
        return effective_events([*history, *added])
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
    """Check a correction by itself: its target, its number and its replacement."""
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
            "look at its newest version, then correct that one",
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


def dependents(
    before: Sequence[Event], after: Sequence[Event], names: Mapping[str, str | None]
) -> tuple[Event, ...]:
    """Return the facts that are no longer valid in `after`.

    These are facts that the fold refuses, fees of reversed fills, and sales of lots whose number of shares a
    split now changes otherwise than before. `names` maps changed ids to the new ones, None for a reversal.

    Raises:
        StateError: a changed fact itself contradicts the book.

    """
    changed = {*names, *names.values()}
    refused, ratios = _fold_as_far(after)
    if any(event.id in changed for event in refused):
        replay(after)  # raises what is wrong with it
    refused_ids = {event.id for event in refused}
    expected = _fold_as_far(before)[1]
    return tuple(
        event
        for event in after
        if event.id in refused_ids
        or (isinstance(event, Fee) and event.fill_id is not None and names.get(event.fill_id, "") is None)
        or (event.id not in changed and _differ(expected.get(event.id, {}), ratios.get(event.id, {})))
    )


_Ratios = dict[str, dict[str, Fraction]]
"""By fact and by the origin of the lots it took: how many shares one as bought had become."""


def _fold_as_far(events: Sequence[Event]) -> tuple[list[Event], _Ratios]:
    """The facts that contradict the others, and the split ratios of the lots that the rest took."""
    ratios: _Ratios = {}
    refused: list[Event] = []

    def note(closing: Closing) -> None:
        ratios[closing.event.id] = {match.lot.origin: match.lot.ratio for match in closing.matches}

    fold = Fold(EMPTY, note, refused=refused)
    for event in events:
        fold.add(event)
    fold.flush()
    return refused, ratios


def _differ(before: Mapping[str, Fraction], after: Mapping[str, Fraction]) -> bool:
    """Whether a lot that both took is of other shares now."""
    return any(before[origin] != after[origin] for origin in before.keys() & after.keys())
