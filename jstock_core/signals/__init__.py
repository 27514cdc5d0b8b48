"""Signals: features, scores, entries and exits (STRATEGY sections 1 to 4).

What may enter: the panel (`market`), parameters and errors. No cash, no journal, no orders: a rule sees
a `View` and says what it thinks. Features are computed once, in bar space, for all stocks; a rule is a
frozen declaration of parameters whose conditions are elementwise over (rows, stocks), so that one morning
and a whole backtest run the same code and agree bit for bit.
"""

from __future__ import annotations
