"""What the morning was decided on: how new the data is, what the checks found, what vendors corrected."""

from __future__ import annotations

from collections.abc import Iterator

from jstock_core.base.words import UNKNOWN
from jstock_core.reports.model.market.data import DataFinding, DataSetState, DataSummary, RevisedRow
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.parts.cells import headings
from jstock_core.reports.render.parts.table import Cell, Display, Heading, Table, section, text_line
from jstock_core.reports.render.parts.words import Words

_TONES = {"stop": "loss", "block": "loss", "warn": "", "info": "muted"}


def data_section(report: Report, words: Words) -> Display:
    """How new each data set is, what the checks found in it, and what the vendor corrected."""
    return section("data", words("Data quality and revisions"), tuple(data_parts(report.data, words)))


def data_parts(data: DataSummary, words: Words) -> Iterator[Display | Table]:
    """The parts of the section: data sets, findings, corrections."""
    yield _sets_table(data, words)
    if data.findings:
        yield text_line(
            words.plural(
                data.findings_in_all, "{n} finding of the data checks", "{n} findings of the data checks"
            )
        )
        yield _findings_table(data, words)
        if data.findings_in_all > len(data.findings):
            yield text_line(words("`jstock data check` lists all of them."))
    else:
        yield text_line(words("The data checks found nothing that matters."))
    if data.infos:
        yield text_line(
            words.plural(
                data.infos,
                "{n} thing is only good to know: `jstock data check --all`",
                "{n} things are only good to know: `jstock data check --all`",
            )
        )
    if data.revised:
        yield text_line(
            words.plural(
                data.revised,
                "The vendor corrected {n} value since the last decision.",
                "The vendor corrected {n} values since the last decision.",
            ),
        )
        yield _revisions_table(data, words)
        yield text_line(words.sentence(data.effect))
        if data.revised > len(data.revisions):
            yield text_line(words("`jstock data revisions` lists all of them."))


def _sets_table(data: DataSummary, words: Words) -> Table:
    heads = headings(words("Data"), Heading(words("Newest"), "day"), words("State"))
    return Table(heads, tuple(_set_row(state, words) for state in data.sets), words("No market data"))


def _set_row(state: DataSetState, words: Words) -> tuple[Cell, ...]:
    if state.is_absent:
        verdict, tone = words("not in the data"), "muted"
    elif state.is_late:
        verdict, tone = words("late"), "loss"
    else:
        verdict, tone = words("up to date"), ""
    newest = words.day(state.newest) if state.newest else UNKNOWN
    return Cell(words(state.title)), Cell(newest), Cell(verdict, tone, note=words.sentence(state.note))


def _findings_table(data: DataSummary, words: Words) -> Table:
    heads = headings(words("Severity"), words("Stock"), Heading(words("Session"), "day"), words("Finding"))
    return Table(heads, tuple(_finding_row(found, words) for found in data.findings), "")


def _finding_row(found: DataFinding, words: Words) -> tuple[Cell, ...]:
    return (
        Cell(words(found.severity), _TONES[found.severity]),
        Cell(found.code or words("market"), note=found.name),
        Cell(words.day(found.session)),
        Cell(words.sentence(found.what), note=words.sentence(found.do)),
    )


def _revisions_table(data: DataSummary, words: Words) -> Table:
    heads = headings(words("Corrected"), words("Stock"), Heading(words("Day"), "day"), words("Change"))
    return Table(heads, tuple(_revision_row(row, words) for row in data.revisions), "")


def _revision_row(row: RevisedRow, words: Words) -> tuple[Cell, ...]:
    return (
        Cell(words(row.dataset), note=row.row),
        Cell(row.code or UNKNOWN, note=row.name),
        Cell(words.day(row.day)),
        Cell(row.change),
    )
