"""What rules saved or cost, as a table: of the whole past in a review, of a month in a report."""

from __future__ import annotations

from collections.abc import Sequence

from jstock_core.base.words import join_parts
from jstock_core.reports.model.money.curves import JudgedMonth
from jstock_core.reports.model.money.review import Counterfactual
from jstock_core.reports.render.parts.cells import headings, numeric, toned_cell
from jstock_core.reports.render.parts.figures import titled
from jstock_core.reports.render.parts.table import Cell, Display, Table, stack, text_line
from jstock_core.reports.render.parts.words import Words


def judged_month(judged: JudgedMonth, words: Words) -> Display:
    """What came to be judged in a month, with what that means."""
    month = f"{judged.year}-{judged.month:02}"
    about = words(
        "How stocks went on in the 20 sessions after a rule sold or refused them, where these ended in "
        "{month}: what fell was saved.",
        month=month,
    )
    table = counterfactuals_table(judged.rules, words, words("No rule came to be judged"))
    return titled(words("What rules saved or cost"), stack((text_line(about), table)))


def counterfactuals_table(rules: Sequence[Counterfactual], words: Words, none: str) -> Table:
    """A row for each rule; `none` is shown where there is none."""
    heads = headings(
        words("Rule"),
        *numeric(words("Cases"), words("Judged"), words("Afterwards"), words("Less TOPIX"), words("Saved")),
    )
    return Table(heads, tuple(_row(each, words) for each in rules), none)


def _row(each: Counterfactual, words: Words) -> tuple[Cell, ...]:
    shadow = words("not applied") if each.mode == "shadow" else ""
    about = join_parts((words(each.kind), shadow))
    return (
        Cell(words.layer(each.rule), note=about),
        Cell(words.count(each.cases)),
        Cell(words.count(each.judged)),
        toned_cell(words.pct(each.change_pct), each.change_pct),
        toned_cell(words.pct(each.excess_pct), each.excess_pct),
        Cell("" if each.saved is None else words.signed_yen(each.saved), words.tone(each.saved)),
    )
