"""What rules are: entries, exit layers and exits, and what each of them says.

A rule is a frozen declaration (see `base.params.declare`) made by the decorators of `registry`: its
parameters are its fields, its docstring is its documentation (one line of meaning, the formula, the source).
Rules hold no state: whatever they know of a stock they read from the view, of a position from the holding.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from typing import ClassVar, Literal, NamedTuple

import numpy as np

from jstock_core.base.contain import PlugInError, ended_by, is_built_in
from jstock_core.base.errors import JstockError, ParamsError
from jstock_core.market.panel import Bools, Floats
from jstock_core.signals.features.view import View
from jstock_core.signals.language.recall import Recall

Action = Literal["HOLD", "SELL_25%", "SELL_50%", "SELL_75%", "SELL_100%", "EXIT_UNKNOWN"]
Urgency = Literal["", "EMERGENCY", "HIGH", "MEDIUM", "LOW"]
Fraction = Literal[25, 50, 75, 100]

ACTIONS: Mapping[int, Action] = {25: "SELL_25%", 50: "SELL_50%", 75: "SELL_75%", 100: "SELL_100%"}
SELL_PCT: Mapping[str, int] = {action: pct for pct, action in ACTIONS.items()}
EMERGENCIES = frozenset({"emergency", "hard_stop", "stop_loss", "trailing_stop"})
"""Layers whose sells come first, whatever they sell (STRATEGY section 4)."""

_URGENCIES: Mapping[int, Urgency] = {25: "LOW", 50: "MEDIUM", 75: "MEDIUM", 100: "HIGH"}


class UnknowableError(JstockError):
    """A layer that cannot be evaluated for want of data: the holding's exit is unknown, never "hold"."""


# Entries


@dataclass(frozen=True, eq=False)
class EntryOpinions:
    """What an entry thinks of every stock on every row of a view; all arrays (R, N).

    `score` is 0-100, NaN where the rule produces none. `opening` is the score an exit later compares with:
    before any earnings penalty, NaN where there is none. `parts` are named contributions, `neutral` says
    where a part stands at its middle for want of data; `explain` puts one place into words. `members` are
    what the entries of a combination say, by the names of its parts, and `summary` how they were combined.
    """

    buy: Bools
    score: Floats
    opening: Floats
    confidence: Floats
    parts: Mapping[str, Floats]
    explain: Callable[[int, int], str] = field(repr=False)
    neutral: Mapping[str, Bools] = field(default_factory=dict)
    members: Mapping[str, EntryOpinions] = field(default_factory=dict, repr=False)
    summary: Callable[[int, int], str] | None = field(default=None, repr=False)

    @cached_property
    def display(self) -> Floats:
        """The score shown and ranked by: 100 x confidence where the rule produces none."""
        return np.where(np.isnan(self.score), 100 * self.confidence, self.score)

    def why(self, row: int, n: int) -> str:
        """The reason in a few words, with the parts that made it."""
        return self.explain(row, n)


class Entry(ABC):
    """An entry rule.

    `needs` is how many bars a stock must have before the desk buys it. `settles`, where it is more, is how
    many it takes until a longer history no longer changes the opinion: the score by no more than
    `tolerance` points. Both are measured by `jstock strategies check`. `compares` declares that the opinion
    of a stock hangs on the other stocks of the same morning (see `rank_stocks`).
    """

    name: ClassVar[str] = ""
    needs: ClassVar[int] = 1
    settles: ClassVar[int] = 0
    compares: ClassVar[bool] = False
    tolerance: ClassVar[float] = 1e-6

    @abstractmethod
    def evaluate(self, view: View) -> EntryOpinions:
        """Judge every stock on every row; elementwise, from the view alone."""


# Exits


class Holding(NamedTuple):
    """What an exit knows of a position: the open lots of a code in a group.

    `entry_price` is the share-weighted average cost of a share in yen of D, `entry_session` the session of
    the oldest lot's fill, `evaluated` the session D of the order that opened the position. `score` is the
    `EntryOpinions.opening` of that signal, None without one. `taken` names the once-only layers that have
    sold from this position. `reviewed` is D of the group's newest complete decision before this one
    (`date.min` where there was none, None for the session before), `unsold` names the layers that wanted to
    sell then or since, and found no fill.
    """

    code: str
    column: int
    shares: int
    entry_price: float
    entry_session: date
    evaluated: date
    score: float | None = None
    taken: frozenset[str] = frozenset()
    reviewed: date | None = None
    unsold: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Verdict:
    """A layer that fires: its trigger, how much of the position to sell, and why, in yen of D."""

    layer: str
    sell_pct: Fraction
    confidence: float
    reason: str


class Layer(ABC):
    """One condition that sells. `name` is its key in a group file, `trigger` its name in signals.

    `needs` is how many bars the stock must have; under that the layer is silent. `settles`, where it is
    more, is how many it takes until a longer history no longer changes the verdict. `compares` as in `Entry`.
    """

    name: ClassVar[str] = ""
    trigger: ClassVar[str] = ""
    needs: ClassVar[int] = 1
    settles: ClassVar[int] = 0
    compares: ClassVar[bool] = False

    @property
    def once(self) -> bool:
        """Whether the layer sells only once in a position's life."""
        return False

    @abstractmethod
    def verdict(self, view: View, row: int, holding: Holding) -> Verdict | None:
        """Sell, or say nothing.

        Raises:
            UnknowableError: what the layer needs is missing, so that silence would be a guess.

        """

    def fires(self, view: View, rows: slice, holding: Holding) -> Bools | None:  # noqa: ARG002 (as below)
        """(rows,): where along some rows `verdict` would sell, or cannot be had; None where nobody knows.

        It is there for speed alone: a backtest asks for a verdict only where this is true. The holding is as
        on the first of the rows; its stock goes ex on none of the others, and every one before was reviewed.
        """
        return None

    def level(self, view: View, row: int, holding: Holding) -> float | None:  # noqa: ARG002 (subclasses use it)
        """The price in yen of D at which the layer fires; None where it does not hang on a price."""
        return None


@dataclass(frozen=True)
class ExitOpinion:
    """What an exit says of one holding. `layer` and `urgency` are "" unless it sells."""

    action: Action
    layer: str
    confidence: float
    urgency: Urgency
    reason: str

    @classmethod
    def sell(cls, verdict: Verdict) -> ExitOpinion:
        """Sell what the verdict says, as urgently as its layer is.

        Raises:
            ParamsError: it is no share of a position that can be sold.

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
        """Keep the position: every layer was evaluated and none fired."""
        return cls("HOLD", "", 0.0, "", reason)

    @classmethod
    def unknown(cls, reason: str) -> ExitOpinion:
        """Nobody can say: something needed is missing or broken."""
        return cls("EXIT_UNKNOWN", "", 0.0, "", reason)


class Exit(ABC):
    """An ordered composition of layers: the first that fires wins, and the opinion names it."""

    name: ClassVar[str] = ""
    needs: ClassVar[int] = 1
    settles: ClassVar[int] = 0

    @property
    @abstractmethod
    def layers(self) -> tuple[Layer, ...]:
        """The layers in the order they are asked."""

    def opinion(self, view: View, row: int, holding: Holding) -> ExitOpinion:
        """Judge one holding on one row; what cannot be judged is EXIT_UNKNOWN with the reason, never HOLD."""
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
        # A layer may come from a third party. Whatever it raises means that this exit could not be
        # evaluated: it must stand in the report as unknown and not pass for "hold", nor stop the other
        # holdings' exits.
        except Exception as error:  # noqa: BLE001
            return ExitOpinion.unknown(f"{asking} raised {type(error).__name__}: {error}")
        except SystemExit as ending:
            raise ended_by(ending, f"the layer {asking}") from ending
        return ExitOpinion.hold(self._silence(view, row, holding))

    def fires(self, view: View, rows: slice, holding: Holding) -> Bools | None:
        """(rows,): where along some rows `opinion` is not simply to hold; None where nobody knows.

        As `Layer.fires`, whose rows and holding these are.
        """
        found = ~(view.along("close", rows, holding.column) > 0)
        if not holding.entry_price > 0:
            return np.ones_like(found)
        if not self._looks_ahead:
            return None
        bars = view.bars[rows, holding.column]
        fewest = bars.item(0) if len(bars) else 0  # bars only ever become more
        recall = Recall.of(view)
        place = recall.place((rows.start, rows.stop, self.looks_at(holding)))
        for layer, needed in self._needed:
            fires = recall.answer("fires", layer, place, partial(layer.fires, view, rows, holding))
            if fires is None:
                return None
            found |= fires if fewest >= needed else fires & (bars >= needed)
        return found

    def looks_at(self, holding: Holding) -> tuple[object, ...]:
        """What the exit may look at of a holding: no built-in layer looks at how many shares there are."""
        return (holding.code, holding.column, *holding[3:]) if self.is_built_in else holding

    @cached_property
    def is_built_in(self) -> bool:
        """Whether nothing of it comes from a third party."""
        return all(is_built_in(each) for each in (self, *self.layers))

    @cached_property
    def _looks_ahead(self) -> bool:
        return all(_looks_ahead(layer) for layer, _ in self._needed)

    @cached_property
    def _needed(self) -> tuple[tuple[Layer, int], ...]:
        """Each layer with the bars that a stock must have for it."""
        return tuple((layer, max(layer.needs, self.needs)) for layer in self.layers)

    def _ready(self, view: View, row: int, holding: Holding) -> Sequence[Layer]:
        bars = view.bars.item(row, holding.column)
        return [layer for layer, needed in self._needed if bars >= needed]

    def _silence(self, view: View, row: int, holding: Holding) -> str:
        """Why nothing was sold, with the layers that have too few bars yet, and how old the last bar is."""
        bars, age = view.bars.item(row, holding.column), view.age.item(row, holding.column)
        young = ", ".join(layer.name for layer, needed in self._needed if bars < needed)
        reason = "no layer fired" + (f"; silent with {bars} bars: {young}" if young else "")
        return reason + (f"; the last bar is {age} sessions old" if age else "")


def _looks_ahead(layer: Layer) -> bool:
    """Whether the layer's `fires` was written for its `verdict`: not where a class changed that one alone."""
    homes = [next(c for c in type(layer).__mro__ if name in vars(c)) for name in ("verdict", "fires")]
    return homes[0] is homes[1]
