"""Why an exit could not be evaluated: the exception behind an EXIT_UNKNOWN, with the line that raised it.

On a desk an exit that fails is EXIT_UNKNOWN, and the others go on. Of a check nothing would be left to
compare but that word, equal to itself everywhere: what was never evaluated has passed nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from jstock_core.base.errors import JstockError
from jstock_core.research.certificates.asking import ask
from jstock_core.research.certificates.ground import Ground
from jstock_core.research.certificates.identity import Rule, copy_rule
from jstock_core.signals.features.view import View
from jstock_core.signals.language import answers
from jstock_core.signals.language.exit import Exit, ExitOpinion
from jstock_core.signals.language.layer import Holding, Layer
from jstock_core.signals.language.plugins import line_of
from jstock_core.signals.library.exits import Layers

UNKNOWN = "EXIT_UNKNOWN"


def cause_of_silence(rule: Rule, ground: Ground) -> str:
    """Why nothing at all could be evaluated of an exit or a layer; "" where something was, or for others."""
    if not isinstance(rule, Exit | Layer):
        return ""
    said = ask(copy_rule(rule), ground.whole, ground.rows, ground)
    actions = Counter(answer["action"] for codes in said.values() for answer in codes.values())
    return cause_of_unknown(rule, ground) if set(actions) == {UNKNOWN} else ""


def cause_of_unknown(rule: Exit | Layer, ground: Ground) -> str:
    """The cause of the first EXIT_UNKNOWN on the ground, "" where there is none."""
    leave = Layers((copy_rule(rule),)) if isinstance(rule, Layer) else copy_rule(rule)
    return next(_causes(leave, ground), "")


def _causes(leave: Exit, ground: Ground) -> Iterator[str]:
    view = ground.whole.view()
    for row in ground.rows:
        at = row - view.first_row
        for holding in ground.holdings[row]:
            opinion = answers.exit_opinion(leave, view, at, holding)
            if opinion.action == UNKNOWN:
                yield next(_layer_errors(leave, view, at, holding), opinion.reason)


def _layer_errors(leave: Exit, view: View, row: int, holding: Holding) -> Iterator[str]:
    """What the exit's layers raise when they are asked one by one, as the exit asks them."""
    for layer in leave.layers:
        if view.bars.item(row, holding.column) < max(layer.needs, leave.needs):
            continue
        try:
            verdict = answers.layer_verdict(layer, view, row, holding)
            if verdict is not None:
                ExitOpinion.sell(verdict)
        except JstockError as error:
            yield f"{layer.name}: {error.what} ({error.where or line_of(error, layer)})"
        # A third party's layer may raise anything: that is what is looked for.
        except Exception as error:  # noqa: BLE001
            yield f"{layer.name} raised {type(error).__name__}: {error} ({line_of(error, layer)})"
