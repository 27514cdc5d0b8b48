"""Everything that a rule of one's own is written with.

    from jstock_core.rules import Field, Holding, Layer, Verdict, View, layer


    @layer("thin_trading")
    class ThinTrading(Layer):
        \"\"\"Sell when the volume falls under a share of its 20-bar mean.\"\"\"

        share_fraction: float = Field(default=0.3, gt=0, le=1, description="share of the usual volume")

        def verdict(self, view: View, row: int, holding: Holding) -> Verdict | None:
            volume = view.at("volume", row, holding.column)
            usual = view.at("volume_sma_20", row, holding.column)
            if volume < self.share_fraction * usual:
                return Verdict(self.trigger, 100, 0.6, f"volume is {100 * volume / usual:.0f} % of usual")
            return None

A rule is a class made a frozen declaration by its decorator: annotated fields are its parameters, and its
docstring is its documentation. Save it in the workspace and name the file under `plugins` in
`params/desk.yaml`, or name its module in an entry-point group of a package.

| decorator | base class | method | answers |
|---|---|---|---|
| `entry` | `Entry` | `evaluate(view)` | `EntryOpinions` of all stocks on all rows |
| `layer` | `Layer` | `verdict(view, row, holding)` | a `Verdict` that sells, or None |
| `exit_` | `Exit` | `layers` | the layers in their order |
| `filter_` | `Filter` | `refusal(n, group)` | why a stock may not be bought, "" where it may |
| `protection` | `Protection` | `reason(group)` | why the group may not buy today, "" where it may |
| `sizing` | none; see `Sizing` | `size(candidate, room)` | shares |

A feature of one's own is a function of a stock's `BarHistory`; rules see it by `view.value(it)`:

    @feature("high_52w_distance", unit="percent", needs=250)
    def high_52w_distance(bars: BarHistory) -> BarSeries:
        \"\"\"How far the close lies under the highest price of 250 bars.\"\"\"
        return 100 * (bars.close / bars.high.max(250) - 1)
"""

from __future__ import annotations

from pydantic import Field

from jstock_core.execution.sizing import Candidate, Room, Sizing, sizing
from jstock_core.signals.features.company import (
    company_figure,
    dividend_yield,
    market_cap,
    price_book,
    price_earnings,
    return_on_equity,
)
from jstock_core.signals.features.compare_stocks import above_sector, rank_in_sector, rank_stocks
from jstock_core.signals.features.own import BarHistory, Feature
from jstock_core.signals.features.series import BarSeries, where
from jstock_core.signals.features.view import View
from jstock_core.signals.language.entry import Entry, EntryOpinions
from jstock_core.signals.language.exit import Exit
from jstock_core.signals.language.guards import Filter, Protection, Standing, Stop, filter_, protection
from jstock_core.signals.language.layer import Holding, Layer, UnknowableError, Verdict
from jstock_core.signals.language.registry import entry, exit_, feature, layer

__all__ = [
    "BarHistory",
    "BarSeries",
    "Candidate",
    "Entry",
    "EntryOpinions",
    "Exit",
    "Feature",
    "Field",
    "Filter",
    "Holding",
    "Layer",
    "Protection",
    "Room",
    "Sizing",
    "Standing",
    "Stop",
    "UnknowableError",
    "Verdict",
    "View",
    "above_sector",
    "company_figure",
    "dividend_yield",
    "entry",
    "exit_",
    "feature",
    "filter_",
    "layer",
    "market_cap",
    "price_book",
    "price_earnings",
    "protection",
    "rank_in_sector",
    "rank_stocks",
    "return_on_equity",
    "sizing",
    "where",
]
