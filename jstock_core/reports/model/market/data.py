"""The Data section as plain values: how new each data set is, what the checks found, what was corrected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class DataSetState:
    """How new a data set was at the decision. `note` says what it lacks, "" where nothing.

    `newest` is the day of its newest row, `due` the day it should have reached; None where nobody can know.
    """

    dataset: str
    title: str
    newest: date | None
    due: date | None
    is_late: bool
    is_absent: bool
    note: str


@dataclass(frozen=True, kw_only=True)
class DataFinding:
    """What a check found: `severity` is stop, block, warn or info; `do` is the remedy, `code` "" for all."""

    severity: str
    rule: str
    code: str
    name: str
    session: date | None
    what: str
    do: str


@dataclass(frozen=True, kw_only=True)
class RevisedRow:
    """A value that the vendor delivered otherwise than before, both as text."""

    dataset: str
    day: date | None
    code: str
    name: str
    row: str
    change: str


@dataclass(frozen=True, kw_only=True)
class DataSummary:
    """What the morning was decided on.

    `revisions` are the first of the `revised` values that were corrected since the decision before;
    `effect` says what they would have changed. Of the findings the gravest come first; `findings_in_all`
    counts also those that are not listed, `infos` those that are only good to know and left out.
    """

    sets: tuple[DataSetState, ...]
    findings: tuple[DataFinding, ...]
    findings_in_all: int
    revisions: tuple[RevisedRow, ...]
    revised: int
    effect: str
    infos: int = 0
