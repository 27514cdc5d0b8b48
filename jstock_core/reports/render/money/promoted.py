"""Promoted sets, and whether they do as their backtests did."""

from __future__ import annotations

from collections.abc import Sequence

from jstock_core.base.words import UNKNOWN, signed_number, tone
from jstock_core.reports.model.money.promoted import PromotedGroup
from jstock_core.reports.render.parts.cells import headings, numeric, toned_cell
from jstock_core.reports.render.parts.figures import small_line, titled
from jstock_core.reports.render.parts.table import Cell, Display, Table, stack
from jstock_core.reports.render.parts.words import Words


def promoted_part(promoted: Sequence[PromotedGroup], words: Words) -> Display:
    """A row a promoted set: what it did since, and what its backtest expects of as many sessions."""
    heads = headings(
        words("Group"),
        words("Promoted set"),
        *numeric(
            words("Sessions"),
            words("Return"),
            words("By its backtest"),
            words("Drift"),
            words("Max drawdown"),
        ),
    )
    table = Table(heads, tuple(_row(each, words) for each in promoted), "")
    parts: list[Display | Table] = [table]
    if any(each.is_far for each in promoted):
        said = words(
            "beyond 2 standard deviations of its backtest, or deeper than its deepest drawdown: look at it."
        )
        parts.append(small_line(said, words("Drift:")))
    return titled(words("Promoted sets"), stack(parts))


def drift_text(each: PromotedGroup, words: Words) -> str:
    """What its backtest expects, with one standard deviation."""
    if each.expected_pct is None:
        return UNKNOWN
    expected = words.pct(each.expected_pct)
    spread = "" if each.spread_pct is None else words.pct(each.spread_pct).removeprefix("+")
    return f"{expected} ± {spread}" if spread else expected


def _row(each: PromotedGroup, words: Words) -> tuple[Cell, ...]:
    day = words.day(each.since)
    note = words("since {day}, edited since", day=day) if each.edited else words("since {day}", day=day)
    mark = "loss" if each.is_far else ""
    tested = words("backtest {pct}", pct=words.pct(each.tested_drawdown_pct))
    return (
        Cell(each.group),
        Cell(each.candidate, note=note),
        Cell(words.count(each.sessions)),
        toned_cell(words.pct(each.return_pct), each.return_pct),
        Cell(drift_text(each, words)),
        Cell(signed_number(each.drift, 1), mark),
        Cell(words.pct(each.drawdown_pct), tone(each.drawdown_pct), note=tested),
    )
