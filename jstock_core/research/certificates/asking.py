"""Ask rules of all kinds in one form, so that their answers on different markets can be compared."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from jstock_core.base.errors import JstockError
from jstock_core.execution.sizing import Candidate, Room, Sizing, ask_shortfall, ask_sizing
from jstock_core.market.prices import as_yen
from jstock_core.research.certificates.ground import Ground, InventedPast, Sight
from jstock_core.research.certificates.identity import Rule, copy_rule
from jstock_core.signals.features.own import Feature
from jstock_core.signals.features.view import View
from jstock_core.signals.language import answers
from jstock_core.signals.language.entry import Entry, EntryOpinions
from jstock_core.signals.language.exit import Exit
from jstock_core.signals.language.guards import Filter, Protection, ask_guard
from jstock_core.signals.language.layer import Holding, Layer
from jstock_core.signals.library.exits import Layers

Answers = Mapping[str, Mapping[str, Any]]
"""A rule's answers on one row: fields by name, by code. NaN is written as None, so that it equals itself."""

Holdings = Mapping[int, tuple[Holding, ...]]

THE_GROUP = "the group"
"""The key in place of a code in the answers of a protection."""

EQUITY = 5_000_000
"""Equity in yen of the made-up group for which sizings are asked."""


def ask(
    rule: Rule,
    sight: Sight,
    rows: Sequence[int],
    ground: Ground,
    holdings: Holdings | None = None,
    *,
    anew: bool = False,
) -> dict[int, Answers]:
    """What the rule says on rows of the panel.

    Of an exit, what it says of the positions held there, `holdings`, by default the ground's; of a filter
    and a sizing, what they say of the stocks of these positions, in their order. `anew` asks a new object of
    any but an entry and a feature on every row.

    Raises:
        JstockError: a rule other than an exit could not be evaluated.

    """
    view, held = sight.view(), ground.holdings if holdings is None else holdings
    if isinstance(rule, Entry):
        opinions = answers.entry_opinions(rule, view)
        return {row: _entry(opinions, view, row - sight.first) for row in rows}
    if isinstance(rule, Feature):
        values = view.value(rule)
        return {row: _feature(values[row - sight.first].tolist(), view) for row in rows}
    asker = Layers((rule,)) if isinstance(rule, Layer) else rule
    return {
        row: _on_row(copy_rule(asker) if anew else asker, view, row, held[row], ground.pasts[row])
        for row in rows
    }


def _on_row(
    rule: Exit | Filter | Protection | Sizing,
    view: View,
    row: int,
    held: Sequence[Holding],
    past: InventedPast,
) -> Answers:
    if isinstance(rule, Exit):
        return _exit(rule, view, row - view.first_row, held)
    if isinstance(rule, Filter):
        return _filter(rule, view, held, past)
    if isinstance(rule, Protection):
        return _protection(rule, view, past)
    return _sizing(rule, view, row - view.first_row, held)


def holdings_in(sight: Sight, holdings: Holdings) -> Holdings:
    """The same positions where their stocks stand in another panel; those it does not have are left out."""
    column = sight.panel.column
    return {
        row: tuple(h._replace(column=column[h.code]) for h in held if h.code in column)
        for row, held in holdings.items()
    }


def _entry(opinions: EntryOpinions, view: View, row: int) -> Answers:
    columns: dict[str, list[Any]] = {
        name: getattr(opinions, name)[row].tolist() for name in ("buy", "score", "opening", "confidence")
    }
    columns |= {f"part {name}": part[row].tolist() for name, part in opinions.parts.items()}
    columns |= {f"neutral {name}": neutral[row].tolist() for name, neutral in opinions.neutral.items()}
    columns["why"] = [opinions.why(row, n) if buy else "" for n, buy in enumerate(columns["buy"])]
    return {
        code: {name: _plain(values[n]) for name, values in columns.items()}
        for n, code in enumerate(view.panel.codes)
    }


def _feature(values: Sequence[float], view: View) -> Answers:
    return {code: {"value": _plain(values[n])} for n, code in enumerate(view.panel.codes)}


def _exit(leave: Exit, view: View, row: int, held: Sequence[Holding]) -> Answers:
    said = {}
    for holding in held:
        opinion = answers.exit_opinion(leave, view, row, holding)
        levels = {f"level of {layer.name}": _level(layer, view, row, holding) for layer in leave.layers}
        said[holding.code] = {name: _plain(value) for name, value in vars(opinion).items()} | levels
    return said


def _filter(rule: Filter, view: View, held: Sequence[Holding], past: InventedPast) -> Answers:
    group = past.standing(view)
    reasons = {h.code: ask_guard(rule, partial(rule.refusal, h.column, group)) for h in held}
    return {code: {"refused": bool(reason), "reason": reason} for code, reason in reasons.items()}


def _protection(rule: Protection, view: View, past: InventedPast) -> Answers:
    reason = ask_guard(rule, partial(rule.reason, past.standing(view)))
    return {THE_GROUP: {"paused": bool(reason), "reason": reason}}


def _sizing(rule: Sizing, view: View, row: int, held: Sequence[Holding]) -> Answers:
    room, said = Room(EQUITY, EQUITY - 10_000 * row, rule.max_positions), {}
    for holding in held:
        candidate = _candidate(view, row, holding)
        shares = ask_sizing(rule, candidate, room)
        short = "" if shares >= candidate.unit else ask_shortfall(rule, candidate, room)
        said[holding.code] = {"shares": shares, "reason": short}
    return said


def _candidate(view: View, row: int, holding: Holding) -> Candidate:
    n = holding.column
    return Candidate(
        code=holding.code,
        score=holding.score or 0.0,
        confidence=0.7,
        momentum=view.at("momentum_20", row, n),
        turnover=view.at("turnover_median_20", row, n),
        atr=view.at("atr", row, n) / view.k(row, n),
        price=as_yen(view.last_close(row, n)),
        unit=view.panel.listings[n].unit,
    )


def _level(layer: Layer, view: View, row: int, holding: Holding) -> Any:
    try:
        return _plain(answers.layer_level(layer, view, row, holding))
    except JstockError as error:
        return error.what
    # A third party's layer may raise anything; here that is compared like a value.
    except Exception as error:  # noqa: BLE001
        return f"raised {type(error).__name__}: {error}"


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value
