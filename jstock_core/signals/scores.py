"""The four scores and their composite (STRATEGY section 2), each (R, N) with its breakdown.

Scores are computed once a view and kept in its memo: an entry, an exit layer and a report that ask for the
same score share one array.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from jstock_core.errors import ParamsError
from jstock_core.market.panel import Bools, Floats, Ints
from jstock_core.params import build, declare
from jstock_core.signals import flows
from jstock_core.signals.compare import rounded
from jstock_core.signals.flows import Variant
from jstock_core.signals.fundamentals import fundamental as _fundamental
from jstock_core.signals.points import Points, Score, choose, scored
from jstock_core.signals.view import View

_WINDOW = 36
"""Weeks with D-35 <= EnDate <= D, that is EnDate after D-36."""


@declare
class Weights:
    """Weights of the four scores in the composite; they sum to 1."""

    technical: float = Field(ge=0, le=1)
    institutional: float = Field(ge=0, le=1)
    fundamental: float = Field(ge=0, le=1)
    volatility: float = Field(ge=0, le=1)

    def __post_init__(self) -> None:
        """Refuse weights that do not sum to 1.

        Raises:
            ParamsError: they sum to something else.

        """
        total = self.technical + self.institutional + self.fundamental + self.volatility
        if abs(total - 1) > 1e-9:
            raise ParamsError(f"the weights must sum to 1, they sum to {total:g}", where="weights")


def _weights(value: Any) -> Any:
    """Read weights from the keys and values of a params file."""
    if not isinstance(value, Mapping):
        return value
    try:
        return build(Weights, value, where="weights")
    except ParamsError as error:
        faults = error.what.replace("\n", "; ")
        raise PydanticCustomError("weights", "{faults}", {"faults": faults}) from None


WeightsField = Annotated[Weights, BeforeValidator(_weights)]
"""The type of a rule's `weights` parameter: `Weights`, or a mapping with their four keys."""

SIMPLE = Weights(technical=0.40, institutional=0.30, fundamental=0.20, volatility=0.10)
ENHANCED = Weights(technical=0.35, institutional=0.35, fundamental=0.20, volatility=0.10)


@dataclass(frozen=True, eq=False)
class Composite:
    """The weighted sum of the four scores, (R, N), and the scores by name."""

    value: Floats
    scores: Mapping[str, Score]


def technical(view: View) -> Score:
    """Trend, RSI and MACD at the stock's last bar; neutral while none of them exists."""
    return view.memo("technical", lambda: _technical(view))


def institutional(view: View, variant: Variant = "simple") -> Score:
    """What foreigners (or the smart money) did over the last five weeks; the same for every stock.

    Raises:
        DataError: the flows lack a column or a figure.

    """
    return view.memo(("institutional", variant), lambda: _institutional(view, variant))


def fundamental(view: View) -> Score:
    """Growth and progress in the statements known; neutral without a base of comparison."""
    return view.memo("fundamental", lambda: _fundamental(view))


def volatility(view: View) -> Score:
    """Whether the range is narrow or wide against its last 60; neutral under 20, or when all are equal."""
    return view.memo("volatility", lambda: _volatility(view))


def composite(view: View, weights: Weights, variant: Variant = "simple") -> Composite:
    """Weigh the four scores, rounded to 9 decimals; before any earnings penalty."""
    return view.memo(("composite", weights, variant), lambda: _composite(view, weights, variant))


def _composite(view: View, weights: Weights, variant: Variant) -> Composite:
    scores = {
        "technical": technical(view),
        "institutional": institutional(view, variant),
        "fundamental": fundamental(view),
        "volatility": volatility(view),
    }
    value = weights.technical * scores["technical"].value
    for name in ("institutional", "fundamental", "volatility"):
        value = value + getattr(weights, name) * scores[name].value
    return Composite(rounded(value), scores)


def _technical(view: View) -> Score:
    close, ema_200 = view.value("close"), view.value("ema_200")
    rsi, hist = view.value("rsi"), view.value("macd_hist")
    known = ~np.isnan(ema_200) | ~np.isnan(rsi) | ~np.isnan(hist)
    rising = (close > view.value("ema_20")) & (view.value("ema_20") > view.value("ema_50"))
    parts = {
        "trend": choose(
            (rising & (view.value("ema_50") > ema_200), 20), (close > ema_200, 10), (close < ema_200, -20)
        ),
        "rsi": choose(((rsi >= 40) & (rsi <= 65), 10), (rsi > 75, -10), (rsi < 30, 5)),
        "macd": choose(((hist > 0) & (view.value("macd") > 0), 15), (hist > 0, 10)),
    }
    return scored(parts, ~known)


def _volatility(view: View) -> Score:
    z = view.value("atr_z")
    return scored({"range": choose((z < -0.5, 20), (z > 1, -20))}, np.isnan(z))


def _institutional(view: View, variant: Variant) -> Score:
    judge = _JUDGES[variant]
    found = [flows.weeks(view, *when, _WINDOW) for when in zip(view.sessions, view.decided_at, strict=True)]
    judged = [judge(view, rows) if len(rows) else {} for rows in found]
    parts = {name: _market_wide(view, [points.get(name, 0) for points in judged]) for name in _PARTS[variant]}
    neutral = np.array([not len(rows) for rows in found])
    return scored(parts, _spread(view, neutral))


def _market_wide(view: View, points: list[int]) -> Points:
    wide: Points = np.broadcast_to(np.array(points, dtype=np.int8)[:, None], view.shape)
    return wide


def _spread(view: View, rows: Bools) -> Bools:
    wide: Bools = np.broadcast_to(rows[:, None], view.shape)
    return wide


def _foreigners(view: View, rows: Ints) -> dict[str, int]:
    net = flows.balance(view, rows, "Frgn")
    bought = flows.plain_sum(net)
    if bought <= 0:
        return {"foreigners": -15 if bought < 0 else 0}
    return {"foreigners": 20, "rising": 10 if net[-1] > bought / len(net) else 0}


def _smart_money(view: View, rows: Ints) -> dict[str, int]:
    smart = flows.balance(view, rows, *flows.SMART)
    dumb = flows.plain_sum(flows.balance(view, rows, *flows.DUMB))
    bought, half = flows.plain_sum(smart), len(smart) // 2
    turning = half > 0 and flows.plain_sum(smart[-half:]) > flows.plain_sum(smart[:half])
    return {
        "smart": 25 if bought > 0 else -15 if bought < 0 else 0,
        "against_dumb": 15 if bought > 0 and dumb < 0 else 0,
        "turning": 10 if turning else 0,
    }


_PARTS: Mapping[Variant, tuple[str, ...]] = {
    "simple": ("foreigners", "rising"),
    "smart_money": ("smart", "against_dumb", "turning"),
}
_JUDGES: Mapping[Variant, Callable[[View, Ints], dict[str, int]]] = {
    "simple": _foreigners,
    "smart_money": _smart_money,
}
