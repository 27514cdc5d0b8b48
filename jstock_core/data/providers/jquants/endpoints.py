"""What J-Quants offers that jstock asks for: paths, plans, columns, and limits of their own.

Source: jpx-jquants.com/en/spec, read 2026-11. Columns that are not listed here are kept as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jstock_core.data.providers.jquants.plans import FREE, LIGHT, PREMIUM, STANDARD, DataPlan
from jstock_core.data.tables.schema import DATA_SETS
from jstock_core.market.names import INVESTORS


@dataclass(frozen=True)
class Endpoint:
    """A path of the API.

    `required` are columns that every row has, `numbers` those that hold numbers where they are delivered,
    `figures` texts that may be delivered as numbers; `dated_by` is the column that the parameter `date` asks
    for. `least` is the least plan that has it, `per_minute` a limit of its own (0: only the plan's).
    """

    path: str
    least: DataPlan
    required: tuple[str, ...]
    numbers: frozenset[str] = frozenset()
    dated_by: str = ""
    per_minute: int = 0
    figures: frozenset[str] = frozenset()

    def of(self, plan: DataPlan) -> bool:
        """Whether a plan includes it."""
        return plan.rank >= self.least.rank


_OHLC = "O H L C"
_PRICES = f"{_OHLC} Vo Va AdjO AdjH AdjL AdjC AdjVo"
_HALVES = " ".join(f"{half}{name}" for half in ("M", "A") for name in _PRICES.split())
_BARS = f"{_PRICES} AdjFactor MktCap {_HALVES}"
_FLOWS = [f"{who}{what}" for who in INVESTORS for what in ("Sell", "Buy", "Tot", "Bal")]


def _required(dataset: str) -> tuple[str, ...]:
    return tuple(column.name for column in DATA_SETS[dataset].columns if column.required)


def _figures(dataset: str) -> frozenset[str]:
    kinds = ("figure", "open_figure")
    return frozenset(column.name for column in DATA_SETS[dataset].columns if column.kind in kinds)


def _numbers(names: str) -> frozenset[str]:
    return frozenset(names.split())


BARS = Endpoint("/equities/bars/daily", FREE, _required("bars"), _numbers(_BARS), "Date")
TOPIX = Endpoint("/indices/bars/daily/topix", LIGHT, _required("topix"), _numbers(_OHLC), "Date")
STATEMENTS = Endpoint(
    "/fins/summary", FREE, _required("statements"), dated_by="DiscDate", per_minute=60,
    figures=_figures("statements"),
)  # fmt: skip
DIVIDENDS = Endpoint(
    "/fins/dividend", PREMIUM, _required("dividends"), dated_by="PubDate", figures=_figures("dividends")
)

ENDPOINTS: Mapping[str, Endpoint] = {
    "master": Endpoint("/equities/master", FREE, ("Date", *_required("master"))),
    "bars": BARS,
    "topix": TOPIX,
    "flows": Endpoint("/equities/investor-types", LIGHT, _required("flows"), frozenset(_FLOWS), "PubDate"),
    "statements": STATEMENTS,
    "earnings": Endpoint("/fins/earnings-date", LIGHT, _required("earnings"), frozenset(), "PubDate"),
    "dividends": DIVIDENDS,
}
"""The endpoint of each data set; `actions` has none."""

CALENDAR = Endpoint("/markets/calendar", FREE, ("Date", "HolDiv"))
INDICES = Endpoint("/indices/bars/daily", STANDARD, ("Date", "Code", *_OHLC.split()), _numbers(_OHLC), "Date")


def lacking(plan: DataPlan) -> tuple[str, ...]:
    """The data sets that a plan has not."""
    return tuple(name for name, endpoint in ENDPOINTS.items() if not endpoint.of(plan))
