"""The opinion of each group's entry on every monitored stock, and which came closest to a BUY.

Computed again from the view of the morning: the journal keeps signals, not opinions that led to none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from jstock_core.base.errors import JstockError
from jstock_core.decide import shared_opinions
from jstock_core.decide.groups import Group
from jstock_core.explain.parts import describe_missing, missing_points, parts_of, threshold
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.model.evaluation import GroupMiss, GroupOpinion, NearMiss, StockEvaluation
from jstock_core.signals.language.rules import EntryOpinions

NEAR_POINTS = 15.0
"""A miss is near within so many points of the shown score (100 x confidence where a rule has none)."""
NEAREST = 5
"""Near misses shown of each group."""


def build_near_misses(facts: Facts, monitored: Sequence[str]) -> tuple[NearMiss, ...]:
    """The nearest misses of each group, once a stock, closest first: monitored, not held, no BUY today."""
    misses: dict[str, list[GroupMiss]] = {}
    chosen: set[str] = set()
    for group in _groups(facts):
        near = _near(facts, group, monitored)
        chosen.update(code for code, _ in near[:NEAREST])
        for code, miss in near:
            misses.setdefault(code, []).append(miss)
    found = (_near_miss(facts, code, misses[code]) for code in chosen)
    return tuple(sorted(found, key=lambda miss: _by_distance((miss.code, miss.groups[0]))))


def _near_miss(facts: Facts, code: str, groups: Iterable[GroupMiss]) -> NearMiss:
    nearest_first = tuple(sorted(groups, key=lambda miss: _by_distance((code, miss))))
    return NearMiss(code=code, name=facts.listing(code).name, price=facts.close(code), groups=nearest_first)


def _by_distance(found: tuple[str, GroupMiss]) -> tuple[float, float, str, str]:
    code, miss = found
    return miss.short, -miss.score, code, miss.group


def _near(facts: Facts, group: Group, monitored: Sequence[str]) -> list[tuple[str, GroupMiss]]:
    """The near misses of a group by code, closest first."""
    opinions = _opinions(facts, group)
    if isinstance(opinions, str):
        return []
    signals, held = _signals(facts, group), facts.book.groups[group.id].lots
    wanted = (c for c in monitored if c in facts.panel.column and c not in held and c not in signals)
    found = ((code, _miss(facts, group, opinions, code)) for code in wanted)
    return sorted(((code, miss) for code, miss in found if miss is not None), key=_by_distance)


def _miss(facts: Facts, group: Group, opinions: EntryOpinions, code: str) -> GroupMiss | None:
    """What the group missed in a stock; None where it is not near, or missed nothing that can be said."""
    row, n, entry = facts.row, facts.panel.column[code], group.entry
    short, traded = missing_points(entry, opinions, row, n), bool(facts.view.has_bar[row, n])
    if short is None or short > NEAR_POINTS or (traded and not short):
        return None
    words = describe_missing(entry, opinions, facts.view, row, n) if short else ""
    return GroupMiss(
        group=group.id,
        score=float(opinions.display[row, n]),
        short=short,
        threshold=threshold(entry),
        missing=", ".join(part for part in (words, "" if traded else "no trade in D") if part),
        parts=parts_of(entry, opinions, facts.view, row, n),
    )


def build_evaluations(facts: Facts, monitored: Sequence[str]) -> tuple[StockEvaluation, ...]:
    """Every monitored stock of the market data, in the order they are monitored."""
    groups = _groups(facts)
    opinions = {group.id: _opinions(facts, group) for group in groups}
    signals = {group.id: _signals(facts, group) for group in groups}
    return tuple(
        StockEvaluation(
            code=code,
            name=facts.listing(code).name,
            price=facts.close(code),
            age=max(0, int(facts.view.age[facts.row, facts.panel.column[code]])),
            opinions=tuple(
                _opinion(facts, group, opinions[group.id], signals[group.id].get(code, ""), code)
                for group in groups
            ),
        )
        for code in monitored
        if code in facts.panel.column
    )


def _opinion(
    facts: Facts, group: Group, opinions: EntryOpinions | str, signal: str, code: str
) -> GroupOpinion:
    held = code in facts.book.groups[group.id].lots
    if isinstance(opinions, str):
        score, verdict, reason = None, "not evaluated", opinions
    else:
        row, n = facts.row, facts.panel.column[code]
        score, reason = float(opinions.display[row, n]), opinions.why(row, n)
        verdict = "held" if held else _why_no_buy(facts, group, opinions, n)
    return GroupOpinion(
        group=group.id, score=score, verdict=signal or verdict, signal=signal, held=held, reason=reason
    )


def _why_no_buy(facts: Facts, group: Group, opinions: EntryOpinions, n: int) -> str:
    """Why a stock is not bought, in a few words."""
    if not facts.view.has_bar[facts.row, n]:
        return "no trade"
    short = missing_points(group.entry, opinions, facts.row, n)
    if opinions.buy[facts.row, n]:
        return "would be a BUY now"
    return f"{short:.1f} short" if short else "no BUY"


def _groups(facts: Facts) -> tuple[Group, ...]:
    """The groups that decided and are still declared, with the parameters of their decisions."""
    return tuple(facts.cases[id_].group for id_ in facts.decided if id_ in facts.groups)


def _signals(facts: Facts, group: Group) -> Mapping[str, str]:
    """What the group decided of each code, where it was a signal."""
    return {signal.code: signal.action for signal in facts.signals[group.id]}


def _opinions(facts: Facts, group: Group) -> EntryOpinions | str:
    """The entry's opinions, or the error: orders are decided already, and the report must appear."""
    try:
        return shared_opinions(facts.view, group)
    except JstockError as error:
        return error.what
