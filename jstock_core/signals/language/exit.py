"""Exits: an exit asks its layers in order, and the first one that fires sells."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import ClassVar, Literal

import numpy as np

from jstock_core.base.contain import PlugInError, ended_by, is_built_in
from jstock_core.base.errors import JstockError, ParamsError
from jstock_core.market.panel import Bools
from jstock_core.signals.features.view import View
from jstock_core.signals.language.layer import Holding, Layer, Verdict
from jstock_core.signals.language.recall import Recall

Action = Literal["HOLD", "SELL_25%", "SELL_50%", "SELL_75%", "SELL_100%", "EXIT_UNKNOWN"]
Urgency = Literal["", "EMERGENCY", "HIGH", "MEDIUM", "LOW"]

ACTIONS: Mapping[int, Action] = {25: "SELL_25%", 50: "SELL_50%", 75: "SELL_75%", 100: "SELL_100%"}
SELL_PCT: Mapping[str, int] = {action: pct for pct, action in ACTIONS.items()}
EMERGENCIES = frozenset({"emergency", "hard_stop", "stop_loss", "trailing_stop"})
"""Triggers whose sells have the urgency EMERGENCY, whatever part they sell (STRATEGY section 4)."""

_URGENCIES: Mapping[int, Urgency] = {25: "LOW", 50: "MEDIUM", 75: "MEDIUM", 100: "HIGH"}


@dataclass(frozen=True)
class ExitOpinion:
    """An exit's opinion of one holding. `layer` is the trigger; it and `urgency` are "" unless it sells."""

    action: Action
    layer: str
    confidence: float
    urgency: Urgency
    reason: str

    @classmethod
    def sell(cls, verdict: Verdict) -> ExitOpinion:
        """The opinion to sell, from a layer's verdict.

        Raises:
            ParamsError: `sell_pct` is not 25, 50, 75 or 100.

        """
        if verdict.sell_pct not in ACTIONS:
            raise ParamsError(
                f"sell_pct is {verdict.sell_pct!r}, not 25, 50, 75 or 100",
                do="give the Verdict one of these percentages",
            )
        urgent = verdict.layer in EMERGENCIES
        urgency: Urgency = "EMERGENCY" if urgent else _URGENCIES[verdict.sell_pct]
        return cls(ACTIONS[verdict.sell_pct], verdict.layer, verdict.confidence, urgency, verdict.reason)

    @classmethod
    def hold(cls, reason: str) -> ExitOpinion:
        """The opinion to keep the position: all layers were evaluated and none fired."""
        return cls("HOLD", "", 0.0, "", reason)

    @classmethod
    def unknown(cls, reason: str) -> ExitOpinion:
        """The opinion that cannot be given: data are missing, or a layer failed."""
        return cls("EXIT_UNKNOWN", "", 0.0, "", reason)


class Exit(ABC):
    """Layers in an order. The first that fires decides, and the opinion names it.

    `needs` and `settles` are as in `Layer`; `needs` holds for every layer of the exit.
    """

    name: ClassVar[str] = ""
    needs: ClassVar[int] = 1
    settles: ClassVar[int] = 0

    @property
    @abstractmethod
    def layers(self) -> tuple[Layer, ...]:
        """The layers, in the order in which they are asked."""

    def opinion(self, view: View, row: int, holding: Holding) -> ExitOpinion:
        """Judge one holding on one row. Where that fails, the answer is EXIT_UNKNOWN with the reason.

        Raises:
            PlugInError: a layer ended the process, or printed.

        """
        if view.bar.item(row, holding.column) < 0 or not view.at("close", row, holding.column) > 0:
            return ExitOpinion.unknown(f"no price of {holding.code} is known up to {view.sessions[row]}")
        if not holding.entry_price > 0:
            return ExitOpinion.unknown(f"the entry price of {holding.code} is not known")
        asking = "layers"
        try:
            for layer in self._ready(view, row, holding):
                asking = layer.name
                verdict = layer.verdict(view, row, holding)
                if verdict is not None:
                    return ExitOpinion.sell(verdict)
        except PlugInError:
            raise
        except JstockError as error:
            return ExitOpinion.unknown(f"{asking}: {error.what}")
        # A layer may come from a third party. If it raises anything, this exit was not evaluated: the report
        # must say so, and the exits of other holdings must go on.
        except Exception as error:  # noqa: BLE001
            return ExitOpinion.unknown(f"{asking} raised {type(error).__name__}: {error}")
        except SystemExit as ending:
            raise ended_by(ending, f"the layer {asking}") from ending
        return ExitOpinion.hold(self._silence(view, row, holding))

    def fires(self, view: View, rows: slice, holding: Holding) -> Bools | None:
        """(rows,): on which of some rows `opinion` is not HOLD; None where a layer cannot tell.

        The rows and the holding are as for `Layer.fires`.
        """
        found = ~(view.along("close", rows, holding.column) > 0)
        if not holding.entry_price > 0:
            return np.ones_like(found)
        if not self._looks_ahead:
            return None
        bars = view.bars[rows, holding.column]
        fewest = bars.item(0) if len(bars) else 0  # the number of bars never falls from row to row
        recall = Recall.of(view)
        place = recall.place((rows.start, rows.stop, self.looks_at(holding)))
        for layer, needed in self._needed:
            fires = recall.answer("fires", layer, place, partial(layer.fires, view, rows, holding))
            if fires is None:
                return None
            found |= fires if fewest >= needed else fires & (bars >= needed)
        return found

    def looks_at(self, holding: Holding) -> tuple[object, ...]:
        """The part of a holding that answers can depend on, as a key. Built-in layers ignore the shares."""
        return (holding.code, holding.column, *holding[3:]) if self.is_built_in else holding

    @cached_property
    def is_built_in(self) -> bool:
        """Whether the exit and all its layers are jstock's own."""
        return all(is_built_in(each) for each in (self, *self.layers))

    @cached_property
    def _looks_ahead(self) -> bool:
        return all(_looks_ahead(layer) for layer, _ in self._needed)

    @cached_property
    def _needed(self) -> tuple[tuple[Layer, int], ...]:
        """Each layer, and how many bars a stock must have for it."""
        return tuple((layer, max(layer.needs, self.needs)) for layer in self.layers)

    def _ready(self, view: View, row: int, holding: Holding) -> Sequence[Layer]:
        bars = view.bars.item(row, holding.column)
        return [layer for layer, needed in self._needed if bars >= needed]

    def _silence(self, view: View, row: int, holding: Holding) -> str:
        """The reason of HOLD: which layers had too few bars, and how old the last bar is."""
        bars, age = view.bars.item(row, holding.column), view.age.item(row, holding.column)
        young = ", ".join(layer.name for layer, needed in self._needed if bars < needed)
        reason = "no layer fired" + (f"; silent with {bars} bars: {young}" if young else "")
        return reason + (f"; the last bar is {age} sessions old" if age else "")


def _looks_ahead(layer: Layer) -> bool:
    """Whether `fires` and `verdict` are of one class; a subclass may have overridden only `verdict`."""
    homes = [next(c for c in type(layer).__mro__ if name in vars(c)) for name in ("verdict", "fires")]
    return homes[0] is homes[1]
