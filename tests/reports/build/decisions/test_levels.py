"""What a layer says of a position, also where a part of it fails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from jstock_core.reports.build.decisions.stops import find_levels
from jstock_core.signals.features.view import View
from jstock_core.signals.language.exit import Exit
from jstock_core.signals.language.layer import Holding, Layer, Verdict
from tests.reports import mornings


@dataclass(frozen=True)
class Sells(Layer):
    """Sells, and cannot say at which price it would."""

    def verdict(self, view: View, row: int, holding: Holding) -> Verdict | None:
        return Verdict("sells", 100, 1.0, "it is time")

    def level(self, view: View, row: int, holding: Holding) -> float | None:
        raise ZeroDivisionError


@dataclass(frozen=True)
class OnlySells(Exit):
    """That layer alone."""

    @property
    def layers(self) -> tuple[Layer, ...]:
        return (Sells(),)


def test_a_layer_that_fires_is_told_as_firing_whatever_becomes_of_its_price() -> None:
    view = mornings.view(mornings.panel())
    held = Holding(
        code="7203", column=1, shares=200, entry_price=3000.0, entry_session=date(2026, 1, 5),
        evaluated=date(2025, 12, 30), score=70.0,
    )  # fmt: skip
    (found,) = find_levels(view, 0, OnlySells(), held)
    assert (found.stance, found.reason, found.price) == ("fires", "it is time", None)
