"""The proof of a backtest's mornings, as a card."""

from __future__ import annotations

from dataclasses import dataclass

from jstock_core.base.words import count
from jstock_core.reports.render.parts.cells import headings, numeric
from jstock_core.reports.render.parts.figures import marked
from jstock_core.reports.render.parts.table import Bundle, Cell, Display, Table, message_box, text_line
from jstock_core.research.proof import MorningsProof


@dataclass(frozen=True, kw_only=True, repr=False)
class ProofCard(MorningsProof):
    """`MorningsProof` that a notebook shows as a card; `marks` are the words of its market."""

    marks: tuple[str, ...] = ()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """Show the card in a notebook."""
        return proof_card(self)._repr_mimebundle_(include, exclude)


def proof_card(proof: ProofCard) -> Display:
    """The verdict, and each morning that came out otherwise."""
    good, bad = ("good", "PROVEN", _PROVEN), ("alert", "NOT PROVEN", _NOT)
    verdict = message_box(*(good if proof.passed else bad))
    numbers = Table(
        headings("Mornings", *numeric("Number")),
        (
            (Cell("decided again"), Cell(count(proof.sampled))),
            (Cell("with the same orders"), Cell(count(proof.proven))),
            (Cell("with other orders"), Cell(count(len(proof.differences)))),
        ),
        "",
        compact=True,
    )
    others = (text_line(difference) for difference in proof.differences)
    return marked("Proof of mornings", proof.marks, [verdict, numbers, *others])


_PROVEN = "each morning was decided again from what was known then, in another process, and ordered the same"
_NOT = "a morning that knew no more than was known then ordered something else, or none was decided again"
