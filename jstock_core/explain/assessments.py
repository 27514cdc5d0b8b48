"""The rules' answers for one stock, evaluated again on a view that notes what they read."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Literal

from jstock_core.base.errors import JstockError
from jstock_core.decide import shared_opinions
from jstock_core.decide.groups import Group
from jstock_core.explain.inputs import Input, WatchedView
from jstock_core.explain.parts import Part, describe_missing, missing_points, parts_of, threshold
from jstock_core.market.prices import known
from jstock_core.signals.features.view import View
from jstock_core.signals.language.answers import layer_level, layer_verdict
from jstock_core.signals.language.exit import Exit
from jstock_core.signals.language.layer import Holding, Layer
from jstock_core.signals.language.position import peak, profit

State = Literal["fires", "quiet", "silent", "unknown"]


@dataclass(frozen=True, kw_only=True)
class EntryAssessment:
    """The entry's answer: the score it is ranked by, the points it is `short` of a BUY, and why.

    `threshold` is that of the score, None where the rule declares none or is a combination: its parts are
    entries, each with a threshold of its own, and `summary` is how they were combined, else "".
    """

    rule: str
    parameters: str
    buy: bool
    score: float
    threshold: float | None
    short: float | None
    confidence: float
    reason: str
    summary: str
    lacking: str
    parts: tuple[Part, ...]
    inputs: tuple[Input, ...]


@dataclass(frozen=True, kw_only=True)
class LayerAssessment:
    """The answer of one exit layer for a holding.

    `state`: it fires, stays quiet, is silent for want of bars, or is unknown. `first` marks the one that
    decides. `level` is the price at which it fires, in yen of D; the distances are from the close to it.
    """

    layer: str
    state: State
    first: bool
    reason: str
    level: float | None
    distance: float | None
    distance_pct: float | None
    distance_atr: float | None
    inputs: tuple[Input, ...]


@dataclass(frozen=True, kw_only=True)
class PositionAssessment:
    """The position as the exit saw it; prices in yen of D."""

    shares: int
    entry_price: float
    opened: date
    score: float | None
    pnl_pct: float | None
    peak: float | None
    taken: tuple[str, ...]


def assess_entry(view: View, row: int, group: Group, n: int) -> EntryAssessment:
    """The answer of the group's entry for a stock, and what it read."""
    watched, entry = WatchedView.over(view), group.entry
    opinions = shared_opinions(watched, group)
    inputs = watched.inputs(row, n)
    return EntryAssessment(
        rule=entry.name,
        parameters=_numbers(entry),
        buy=bool(opinions.buy[row, n]),
        score=float(opinions.display[row, n]),
        threshold=threshold(entry),
        short=missing_points(entry, opinions, row, n),
        confidence=float(opinions.confidence[row, n]),
        reason=opinions.why(row, n),
        summary="" if opinions.summary is None else opinions.summary(row, n),
        lacking="" if opinions.buy[row, n] else describe_missing(entry, opinions, watched, row, n),
        parts=parts_of(entry, opinions, watched, row, n),
        inputs=inputs,
    )


def _numbers(entry: Any) -> str:
    """The parameters of a rule that are numbers, in words."""
    declared = {field.name: getattr(entry, field.name) for field in fields(entry)}
    return ", ".join(f"{key} {value:g}" for key, value in declared.items() if _is_number(value))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def assess_layers(view: View, row: int, exit_: Exit, held: Holding) -> tuple[LayerAssessment, ...]:
    """The answer of each layer for a holding, in order; the first that fires decides."""
    judged: list[LayerAssessment] = []
    for layer in exit_.layers:
        decided = any(before.state in ("fires", "unknown") for before in judged)
        judged.append(_layer(view, row, exit_, layer, held, decided=decided))
    return tuple(judged)


def _layer(
    view: View, row: int, exit_: Exit, layer: Layer, held: Holding, *, decided: bool
) -> LayerAssessment:
    watched, bars = WatchedView.over(view), int(view.bars[row, held.column])
    needs = max(layer.needs, exit_.needs)
    state, reason = _ask_layer(layer, watched, row, held) if bars >= needs else _silence(bars, needs)
    inputs = watched.inputs(row, held.column)
    level = layer_price(layer, view, row, held) if bars >= needs else None
    close, n = view.last_close(row, held.column), held.column
    away = None if level is None else known(level - close)
    atr = view.at("atr", row, n) / view.k(row, n)
    return LayerAssessment(
        layer=layer.trigger,
        state=state,
        first=state in ("fires", "unknown") and not decided,
        reason=reason,
        level=level,
        distance=away,
        distance_pct=None if away is None else 100 * away / close,
        distance_atr=None if away is None or not atr > 0 else away / atr,
        inputs=inputs,
    )


def _silence(bars: int, needs: int) -> tuple[State, str]:
    return "silent", f"{bars} bars of the {needs} it needs"


def _ask_layer(layer: Layer, view: View, row: int, held: Holding) -> tuple[State, str]:
    try:
        verdict = layer_verdict(layer, view, row, held)
    except JstockError as error:
        return "unknown", error.what
    # A layer may come from a third party: what it raises belongs into the explanation, as into the decision.
    except Exception as error:  # noqa: BLE001
        return "unknown", f"it raised {type(error).__name__}: {error}"
    if verdict is not None:
        return "fires", f"sell {verdict.sell_pct} %: {verdict.reason}"
    taken = layer.once and layer.trigger in held.taken
    return "quiet", "it has sold its part already" if taken else ""


def layer_price(layer: Layer, view: View, row: int, held: Holding) -> float | None:
    """The layer's price; None where the layer fails, and its verdict gives the reason."""
    try:
        price = layer_level(layer, view, row, held)
    except Exception:  # noqa: BLE001 - also a third party's: its verdict raised as well, or needs no level
        return None
    return None if price is None else known(price)


def assess_position(view: View, row: int, held: Holding) -> PositionAssessment:
    """The position as its exit sees it."""
    return PositionAssessment(
        shares=held.shares,
        entry_price=held.entry_price,
        opened=held.entry_session,
        score=held.score,
        pnl_pct=known(profit(view, row, held)),
        peak=_peak(view, row, held),
        taken=tuple(sorted(held.taken)),
    )


def _peak(view: View, row: int, held: Holding) -> float | None:
    try:
        return known(peak(view, row, held) / view.k(row, held.column))
    except JstockError:
        return None
