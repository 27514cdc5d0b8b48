"""The four scores and their composite (STRATEGY section 2), each (R, N) with its breakdown.

Scores are computed once for a view and kept in its memo, so an entry, an exit layer and a report share one
array.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from jstock_core.base.errors import ParamsError
from jstock_core.base.params import build, declare
from jstock_core.market.panel import Floats
from jstock_core.market.prices import round_decimals
from jstock_core.signals.features import flows
from jstock_core.signals.features.flows import Variant, Weeks, sums_in_order
from jstock_core.signals.features.fundamentals import score_fundamentals
from jstock_core.signals.features.points import Points, Score, choose, make_score
from jstock_core.signals.features.view import View

T = TypeVar("T", np.int8, np.bool_)

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
    """Technical score: trend, RSI and MACD at the last bar; neutral while none of them has a value."""
    return view.memo("technical", lambda: _technical(view))


def institutional(view: View, variant: Variant = "simple") -> Score:
    """Institutional score: flows of foreigners, or smart money, over five weeks; equal for all stocks.

    Raises:
        DataError: the flows lack a column or a figure.

    """
    return view.memo(("institutional", variant), lambda: _institutional(view, variant))


@dataclass(frozen=True)
class FlowWindow:
    """The weeks in the institutional score: their number, and the end dates of the first and the last.

    `foreigners` is the foreigners' balance over these weeks, in thousand yen, for the whole market.
    """

    weeks: int
    first: date
    last: date
    foreigners: float


def institutional_window(view: View, row: int) -> FlowWindow | None:
    """The weeks in the institutional score of a row; None where no week is known.

    Raises:
        DataError: the flows lack a column or a figure.

    """
    found = flows.weeks_by_row(view, _WINDOW)
    if not found.count[row]:
        return None
    ends = view.flows.week_end[found.row[row][found.counted[row]]]
    net = sums_in_order(flows.flow_balances(view, found, "Frgn"))
    return FlowWindow(len(ends), ends.min().astype(object), ends.max().astype(object), float(net[row]))


def fundamental(view: View) -> Score:
    """Fundamental score: growth and progress in known statements; neutral without a base of comparison."""
    return view.memo("fundamental", lambda: score_fundamentals(view))


def volatility(view: View) -> Score:
    """Volatility score: the atr against its last 60 values; neutral under 20 values, or if all are equal."""
    return view.memo("volatility", lambda: _volatility(view))


def composite(view: View, weights: Weights, variant: Variant = "simple") -> Composite:
    """The weighted sum of the four scores, rounded to 9 decimals, without any earnings penalty."""
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
    return Composite(round_decimals(value), scores)


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
    return make_score(parts, ~known)


def _volatility(view: View) -> Score:
    z = view.value("atr_z")
    return make_score({"range": choose((z < -0.5, 20), (z > 1, -20))}, np.isnan(z))


def _institutional(view: View, variant: Variant) -> Score:
    found = flows.weeks_by_row(view, _WINDOW)
    judged = _JUDGES[variant](view, found)
    parts = {name: _market_wide(view, points) for name, points in judged.items()}
    return make_score(parts, _market_wide(view, found.count == 0))


def _market_wide(view: View, rows: NDArray[T]) -> NDArray[T]:
    wide: NDArray[T] = np.broadcast_to(rows[:, None], view.shape)
    return wide


def _foreigners(view: View, found: Weeks) -> dict[str, Points]:
    """Points for net buying over the weeks, and for more in the latest week than on average."""
    net, count = flows.flow_balances(view, found, "Frgn"), found.count
    bought, latest = sums_in_order(net), sums_in_order(net * (found.ordinal == count[:, None]))
    rising = (bought > 0) & (latest > bought / np.maximum(count, 1))
    return {"foreigners": choose((bought > 0, 20), (bought < 0, -15)), "rising": choose((rising, 10))}


def _smart_money(view: View, found: Weeks) -> dict[str, Points]:
    """Points for net buying by smart money, against the other investors, and for an increase over time."""
    smart, dumb = (flows.flow_balances(view, found, *who) for who in (flows.SMART, flows.DUMB))
    bought, half = sums_in_order(smart), (found.count // 2)[:, None]
    first, last = found.ordinal <= half, found.ordinal > found.count[:, None] - half
    turning = sums_in_order(np.where(last, smart, 0.0)) > sums_in_order(np.where(first, smart, 0.0))
    return {
        "smart": choose((bought > 0, 25), (bought < 0, -15)),
        "against_dumb": choose(((bought > 0) & (sums_in_order(dumb) < 0), 15)),
        "turning": choose((turning, 10)),
    }


_JUDGES: Mapping[Variant, Callable[[View, Weeks], dict[str, Points]]] = {
    "simple": _foreigners,
    "smart_money": _smart_money,
}
