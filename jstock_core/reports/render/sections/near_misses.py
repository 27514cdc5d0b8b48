"""The stocks that came closest to a BUY, each once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jstock_core.reports.model.decisions.evaluation import GroupMiss, NearMiss
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.parts.cells import headings, numeric
from jstock_core.reports.render.parts.markup import markup
from jstock_core.reports.render.parts.table import Cell, Display, Table, section
from jstock_core.reports.render.parts.words import Words
from jstock_core.reports.render.stock.links import stock_link
from jstock_core.reports.render.stock.scores import ScoreView, legend_parts, score_view


@dataclass(frozen=True)
class _MissedLine:
    """What groups of the same opinion missed."""

    score: ScoreView
    beside: str
    missing: str


@dataclass(frozen=True)
class _MissLine:
    miss: NearMiss
    link: str
    missed: tuple[_MissedLine, ...]


def near_misses_section(report: Report, words: Words) -> Display:
    """The near misses, the nearest first."""
    lines = [_line(report, miss, words) for miss in report.near_misses]
    plain = section("near_misses", words("Near misses"), (_table(report, words),))
    legend = legend_parts([missed.score for line in lines for missed in line.missed])
    html = markup("near_misses.html.j2", lines=lines, legend_parts=legend, words=words)
    return Display(html, plain.markdown, plain.plain)


def _line(report: Report, miss: NearMiss, words: Words) -> _MissLine:
    missed = (_missed(same, words) for same in alike_misses(miss))
    return _MissLine(miss, stock_link(report, miss.code), tuple(missed))


def alike_misses(miss: NearMiss) -> list[list[GroupMiss]]:
    """The groups of a near miss, those together that say the same, the nearest first."""
    alike: dict[tuple[object, ...], list[GroupMiss]] = {}
    for missed in miss.groups:
        key = (missed.score, missed.threshold, missed.missing, missed.parts)
        alike.setdefault(key, []).append(missed)
    return list(alike.values())


def _missed(same: Sequence[GroupMiss], words: Words) -> _MissedLine:
    first, groups = same[0], words.join(missed.group for missed in same)
    return _MissedLine(
        score=score_view(first.score, first.threshold, first.parts, words),
        beside=words("{group}, {n} short", group=groups, n=words.number(first.short, 1)),
        missing=words("Missing: {what}", what=words.sentence(first.missing)),
    )


def _table(report: Report, words: Words) -> Table:
    heads = headings(
        words("Stock"), *numeric(words("Price"), words("Short")), words("Score"), words("Missing")
    )
    rows = tuple(_row(miss, words) for miss in report.near_misses)
    return Table(heads, rows, words("Nothing came close to a BUY."))


def _row(miss: NearMiss, words: Words) -> tuple[Cell, ...]:
    """A stock with the score of each group, and what the nearest one missed."""
    scores = (f"{missed.group} {words.number(missed.score, 1)}" for missed in miss.groups)
    return (
        Cell(miss.code, note=miss.name),
        Cell(words.price(miss.price)),
        Cell(words.number(miss.short, 1)),
        Cell(words.join(scores)),
        Cell(words.sentence(miss.groups[0].missing)),
    )
