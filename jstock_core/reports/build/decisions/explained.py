"""The explanations of a morning: each stock it is about, asked again once for all, with its candles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import get_args

from jstock_core.base.errors import JstockError
from jstock_core.decide import Conditions
from jstock_core.explain.explain import Explanation, Inquiry
from jstock_core.reports.build.decisions.histories import HISTORY, find_histories, find_marks
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.model.decisions.evaluation import NearMiss
from jstock_core.reports.model.decisions.explained import ExplainedStock, Explanations, Role

MOST = 45
"""Stocks that are explained: a page of more would be heavy, and nobody reads so many."""

Concerned = Mapping[str, Mapping[Role, frozenset[str]]]
"""Of each code the groups that it concerns, by the reason why."""


def build_explanations(
    facts: Facts, conditions: Conditions, near_misses: tuple[NearMiss, ...], most: int = MOST
) -> Explanations:
    """Explain what is ordered, held, signalled or nearly bought, the first `most` of them."""
    concerned = _concerned(facts, near_misses)
    ordered = sorted(concerned, key=lambda code: _urgency(code, concerned[code]))
    chosen = [code for code in ordered if code in facts.panel.column][:most]
    inquiry = Inquiry(facts.view, facts.row, tuple(facts.cases.values()), conditions, facts.intent)
    explained = {code: _explain(inquiry, code, concerned[code]) for code in chosen}
    averages = {code: _averages(explanation) for code, (explanation, _) in explained.items()}
    histories = find_histories(facts, averages, find_marks(facts, chosen))
    return Explanations(
        sessions=facts.panel.dates[max(0, facts.panel_row + 1 - HISTORY) : facts.panel_row + 1],
        stocks=tuple(
            ExplainedStock(
                explanation=explained[code][0],
                roles=tuple(concerned[code]),
                change_pct=facts.change_pct(code),
                history=histories[code],
                unknown=explained[code][1],
            )
            for code in chosen
        ),
        left_out=tuple(code for code in ordered if code not in explained),
    )


def _concerned(facts: Facts, near_misses: tuple[NearMiss, ...]) -> Concerned:
    found: dict[str, dict[Role, set[str]]] = {}
    for code, group, role in sorted(_roles(facts, near_misses), key=lambda each: _RANK[each[2]]):
        found.setdefault(code, {}).setdefault(role, set()).add(group)
    return {
        code: {role: frozenset(groups) for role, groups in roles.items()} for code, roles in found.items()
    }


def _roles(facts: Facts, near_misses: tuple[NearMiss, ...]) -> Iterator[tuple[str, str, Role]]:
    """Code, group and reason of everything that is explained."""
    for group, code, _ in facts.orders:
        yield code, group, "order"
    for book in facts.book.groups.values():
        yield from ((code, book.id, "held") for code in book.held)
    for group, signals in facts.signals.items():
        for signal in signals:
            yield signal.code, group, "buy" if signal.is_buy else "sell"
    for miss in near_misses:
        yield from ((miss.code, missed.group, "near") for missed in miss.groups)


_RANK: Mapping[Role, int] = {role: rank for rank, role in enumerate(get_args(Role))}


def _urgency(code: str, roles: Mapping[Role, frozenset[str]]) -> tuple[int, str]:
    return min(_RANK[role] for role in roles), code


def _explain(inquiry: Inquiry, code: str, roles: Mapping[Role, frozenset[str]]) -> tuple[Explanation, str]:
    """The explanation in the groups that the stock concerns; where a rule fails none, and why."""
    groups = frozenset[str]().union(*roles.values())
    try:
        return inquiry.explain(code, groups), ""
    except JstockError as error:  # orders are decided already, and the report must appear
        return inquiry.explain(code, ()), error.what


def _averages(explanation: Explanation) -> tuple[str, ...]:
    """The EMAs that the rules read, the fastest first."""
    read = {
        given.name
        for group in explanation.groups
        for inputs in (group.entry.inputs, *(layer.inputs for layer in group.layers))
        for given in inputs
    }
    return tuple(name for name in ("ema_20", "ema_50", "ema_200") if name in read)
