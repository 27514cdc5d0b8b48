"""The opinion of each group's entry on every monitored stock, and which came closest to a BUY.

Computed again from the view of the morning: the journal keeps signals, not opinions that led to none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jstock_core.base.errors import JstockError
from jstock_core.base.words import join_parts
from jstock_core.decide import shared_opinions
from jstock_core.decide.groups import Group
from jstock_core.explain.parts import describe_missing, missing_points, parts_of, threshold
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.model.decisions.evaluation import GroupMiss, GroupOpinion, NearMiss, StockEvaluation
from jstock_core.signals.language.entry import EntryOpinions

NEAR_POINTS = 15.0
"""A miss is near within so many points of the shown score (100 x confidence where a rule has none)."""
NEAREST = 5
"""Near misses shown of each group."""


@dataclass(frozen=True)
class _Near:
    """A stock that a group nearly bought, with its distance; what was missing is worked out where needed."""

    group: Group
    code: str
    short: float
    score: float

    @property
    def rank(self) -> tuple[float, float, str, str]:
        """The key that sorts the nearest first."""
        return self.short, -self.score, self.code, self.group.id


def build_near_misses(facts: Facts, monitored: Sequence[str]) -> tuple[NearMiss, ...]:
    """The nearest misses of each group, once a stock, closest first: monitored, not held, no BUY today."""
    near: dict[str, list[_Near]] = {}
    chosen: set[str] = set()
    for group in _groups(facts):
        found = sorted(_near(facts, group, monitored), key=lambda each: each.rank)
        chosen.update(each.code for each in found[:NEAREST])
        for each in found:
            near.setdefault(each.code, []).append(each)
    nearest_first = (sorted(near[code], key=lambda each: each.rank) for code in chosen)
    return tuple(
        NearMiss(
            code=groups[0].code,
            name=facts.listing(groups[0].code).name,
            price=facts.close(groups[0].code),
            groups=tuple(_miss(facts, each) for each in groups),
        )
        for groups in sorted(nearest_first, key=lambda groups: groups[0].rank)
    )


def _near(facts: Facts, group: Group, monitored: Sequence[str]) -> Iterator[_Near]:
    """The stocks that a group nearly bought: within reach of its threshold, or on it and without a trade."""
    opinions = _opinions(facts, group)
    if isinstance(opinions, str):
        return
    signals, held = _signals(facts, group), facts.book.groups[group.id].lots
    for code in monitored:
        if code not in facts.panel.column or code in held or code in signals:
            continue
        row, n = facts.row, facts.panel.column[code]
        short, traded = missing_points(group.entry, opinions, row, n), bool(facts.view.has_bar[row, n])
        if short is not None and short <= NEAR_POINTS and (short or not traded):
            yield _Near(group, code, short, float(opinions.display[row, n]))


def _miss(facts: Facts, near: _Near) -> GroupMiss:
    """What the group missed in a stock."""
    entry, row, n = near.group.entry, facts.row, facts.panel.column[near.code]
    opinions = shared_opinions(facts.view, near.group)
    words = describe_missing(entry, opinions, facts.view, row, n) if near.short else ""
    untraded = "" if facts.view.has_bar[row, n] else "no trade in D"
    return GroupMiss(
        group=near.group.id,
        score=near.score,
        short=near.short,
        threshold=threshold(entry),
        missing=join_parts((words, untraded)),
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
