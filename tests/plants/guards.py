"""Planted faults in filters, protections and sizings, one a rule: foresight, chance, memory, deafness."""

from __future__ import annotations

import numpy as np

from jstock_core.rules import Filter, Protection, filter_, protection, sizing


@filter_("falls_tomorrow")
class FallsTomorrow(Filter):
    """Refuse what falls tomorrow."""

    def refusal(self, n, group):
        close = group.view.panel.close[:, n]
        tomorrow = group.view.first_row + group.row + 1
        return "it will fall" if tomorrow < len(close) and close[tomorrow] < close[tomorrow - 1] else ""


@filter_("by_lot")
class ByLot(Filter):
    """Refuse one stock in two."""

    def refusal(self, n, group):
        return "unlucky" if np.random.default_rng().random() < 0.5 else ""


@filter_("every_third")
class EveryThird(Filter):
    """Refuse every third stock it is asked about."""

    def refusal(self, n, group):
        object.__setattr__(self, "_asked", getattr(self, "_asked", 0) + 1)
        return "the third" if self._asked % 3 == 0 else ""


@filter_("not_the_dearest")
class NotTheDearest(Filter):
    """Refuse the five dearest of the stocks shown."""

    def refusal(self, n, group):
        closes = group.view.value("close")[group.row]
        return "too dear" if (closes > closes[n]).sum() < 5 else ""


@filter_("nothing_will_do")
class NothingWillDo(Filter):
    """Refuse everything."""

    def refusal(self, n, group):
        return "no"


@filter_("divides")
class Divides(Filter):
    """Refuse by a number that is not there."""

    def refusal(self, n, group):
        return str(1 / 0)


@filter_("yes_or_no")
class YesOrNo(Filter):
    """Answer with a verdict instead of a reason."""

    def refusal(self, n, group):
        return True


@protection("crash_ahead")
class CrashAhead(Protection):
    """Pause before TOPIX falls."""

    def reason(self, group):
        topix, tomorrow = group.view.panel.topix, group.view.first_row + group.row + 1
        return "a fall is coming" if tomorrow < len(topix) and topix[tomorrow] < topix[tomorrow - 1] else ""


@protection("coin")
class Coin(Protection):
    """Pause by the toss of a coin."""

    def reason(self, group):
        return "heads" if np.random.default_rng().random() < 0.5 else ""


@protection("every_other")
class EveryOther(Protection):
    """Pause every other time it is asked."""

    def reason(self, group):
        object.__setattr__(self, "_asked", not getattr(self, "_asked", True))
        return "" if self._asked else "not again"


@protection("index_of_none")
class IndexOfNone(Protection):
    """Pause by a fact that nobody keeps."""

    def reason(self, group):
        return {}["mood"]


class Sized:
    """What the sizings below have in common."""

    max_positions = 5
    max_position_pct = 30.0

    def shortfall(self, candidate, room):
        return "too little"


@sizing("dice")
class Dice(Sized):
    """Give as many units as a die shows."""

    def size(self, candidate, room):
        return 100 * int(np.random.default_rng().integers(1, 7))


@sizing("doubles")
class Doubles(Sized):
    """Double after every candidate."""

    def size(self, candidate, room):
        object.__setattr__(self, "_last", min(2 * getattr(self, "_last", 50), 10**6))
        return self._last


@sizing("stingy")
class Stingy(Sized):
    """Give nothing."""

    def size(self, candidate, room):
        return 0


@sizing("halves")
class Halves(Sized):
    """Give half a share."""

    def size(self, candidate, room):
        return 0.5
