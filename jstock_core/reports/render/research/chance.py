"""What chance may explain of track records and of the best set of a sweep, as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from jstock_core.base.words import UNKNOWN, confidence_words, number, pct, plural
from jstock_core.reports.render.parts.cells import headings, numeric
from jstock_core.reports.render.parts.figures import marked
from jstock_core.reports.render.parts.table import Bundle, Cell, Table
from jstock_core.research.statistics.bootstrap import AlphaInterval
from jstock_core.research.statistics.chance import ChanceMeasure
from jstock_core.research.statistics.deflated import DeflatedSharpe
from jstock_core.research.sweep.luck import SweepLuck


@dataclass(frozen=True, kw_only=True, repr=False)
class SweepLuckCard(SweepLuck):
    """`SweepLuck` that a notebook shows as a card; `marks` are the words of its market."""

    marks: tuple[str, ...] = ()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        shown = marked(f"Luck of set {self.best}", self.marks, [sweep_luck_table(self)])
        return shown._repr_mimebundle_(include, exclude)

    def __repr__(self) -> str:
        """Say in a line what speaks against the best set."""
        return f"<Luck of set {self.best}: {'; '.join(self.warnings) or 'no warning'}>"


def chance_table(chance: Mapping[str, ChanceMeasure]) -> Table:
    """A column a record: its Sharpe ratio against that which luck gives the best of all trials, and alpha."""
    return Table(headings("What chance may explain", *numeric(*chance)), tuple(_chance_rows(chance)), "")


def sweep_luck_table(found: SweepLuck) -> Table:
    """The best set's own rows, how often such a choice failed, and all sets against TOPIX."""
    rows = [*_chance_rows({"": found.own}), *_choice_rows(found), *_superior_rows(found)]
    rows += [(Cell(reason), Cell(UNKNOWN)) for reason in found.unknown]
    return Table(headings("What chance may explain", *numeric(f"Set {found.best}")), tuple(rows), "")


def _chance_rows(chance: Mapping[str, ChanceMeasure]) -> Iterator[tuple[Cell, ...]]:
    """What is known of one record at least, then what is not known of some, with the reason."""
    found = list(chance.values())
    if any(each.deflated for each in found):
        for label, form in _DEFLATED:
            yield Cell(label), *(Cell(form(each.deflated) if each.deflated else UNKNOWN) for each in found)
    if any(each.alpha for each in found):
        yield Cell("alpha a year, 95 % interval"), *(Cell(alpha_words(each.alpha)) for each in found)
    for reason in dict.fromkeys(reason for each in found for reason in each.unknown):
        yield Cell(reason), *(Cell(UNKNOWN if reason in each.unknown else "") for each in found)


def _choice_rows(found: SweepLuck) -> Iterator[tuple[Cell, ...]]:
    choice = found.overfitting
    if choice is not None:
        what = f"in {choice.choices:,} halves of {choice.blocks} blocks"
        yield Cell("choices no better than the median elsewhere", note=what), Cell(_share(choice.probability))
        yield Cell("choices that lost money elsewhere", note=what), Cell(_share(choice.loss))


def _superior_rows(found: SweepLuck) -> Iterator[tuple[Cell, ...]]:
    if found.superior is not None:
        sets = plural(found.superior.sets, "set")
        p_value = Cell(f"{found.superior.p_value:.3f}")
        yield Cell("p-value that no set is better than TOPIX", note=sets), p_value
        yield Cell("sets better than TOPIX beyond chance", note=sets), Cell(f"{len(found.better):,}")


def alpha_words(found: AlphaInterval | None) -> str:
    """The interval of alpha in percent a year."""
    return UNKNOWN if found is None else f"{pct(100 * found.low)} to {pct(100 * found.high)}"


def _share(fraction: float) -> str:
    return f"{100 * fraction:.0f} %"


_DEFLATED: tuple[tuple[str, Callable[[DeflatedSharpe], str]], ...] = (
    ("trials of this workspace", lambda found: f"{found.trials:,}"),
    ("Sharpe", lambda found: number(found.sharpe)),
    ("Sharpe of the best trial by chance alone", lambda found: number(found.luck)),
    (
        "confidence in a Sharpe above 0, as only trial",
        lambda found: confidence_words(found.probabilistic),
    ),
    ("confidence in more than chance (deflated)", lambda found: confidence_words(found.deflated)),
)
"""Label, and how it is shown."""
