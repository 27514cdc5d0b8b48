"""What is not as it was when a morning was decided: data, parameters, plug-ins, code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from jstock_core.base.errors import JstockError
from jstock_core.base.identity.source import hash_code
from jstock_core.desk.day.market import panel_as_decided
from jstock_core.desk.day.publishing.declarations import desk_declarations
from jstock_core.desk.day.values_seen import find_changed_values
from jstock_core.desk.lookback.differences import ValueChange, value_changes
from jstock_core.desk.lookback.record import MorningRecord
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.kept.value_files import read_desk_values
from jstock_core.runs.catalogue.reading import DamagedRun, read_run, run_folders
from jstock_core.runs.provenance import package_versions
from jstock_core.signals.language.plugins import plugin_sources


class Cause(StrEnum):
    """Why a morning may come out otherwise when it is decided again."""

    DAMAGED = "damaged"
    """The store, or a file of the run, is not what was written."""
    DATA = "data"
    """The store has not the edition that the decision saw, or shows other rows for it."""
    PARAMETERS = "parameters"
    """Parameters that the decision did not record were edited since."""
    PLUG_IN = "plug-in"
    """A plug-in's source, or the version of its package, is another."""
    CODE = "code"
    """jstock itself, or a package it computes with, is another."""
    UNEXPLAINED = "unexplained"
    """Nothing of all this is another: a defect."""


@dataclass(frozen=True)
class Evidence:
    """Something that is not as it was when the morning was decided."""

    cause: Cause
    text: str


def find_evidence(desk: Desk, record: MorningRecord) -> Iterator[Evidence]:
    """What is not as it was, the likeliest cause of a difference first."""
    yield from _data_evidence(desk, record)
    yield from _parameter_evidence(desk, record)
    run = record.run
    if run is None:
        yield from _lost_runs(desk, record)
        return
    for change in value_changes(run.plugins, plugin_sources(desk.rules)):
        yield Evidence(Cause.PLUG_IN, f"{change.name} is not what it was then")
    if run.code.sha256 is not None and run.code.sha256 != hash_code():
        commit = f", commit {run.code.git_sha[:12]}" if run.code.git_sha else ""
        yield Evidence(Cause.CODE, f"jstock was {run.code.version}{commit}, {run.code.sha256[:12]} then")
    now = package_versions()
    for change in value_changes(run.packages, {name: now[name] for name in run.packages if name in now}):
        yield Evidence(Cause.CODE, f"{change.name} was {change.first}, and is {change.second or 'not there'}")


def _lost_runs(desk: Desk, record: MorningRecord) -> Iterator[Evidence]:
    """Runs of the morning that cannot be read, and what they alone recorded."""
    for folder in run_folders(desk.workspace.runs / str(record.trade_date)):
        entry = read_run(folder)
        if isinstance(entry, DamagedRun):
            what = f"what the run {folder.name} recorded of parameters, plug-ins and code is lost"
            yield Evidence(Cause.DAMAGED, f"{what}: {entry.reason}")


def _data_evidence(desk: Desk, record: MorningRecord) -> Iterator[Evidence]:
    if record.edition and desk.store.edition_number(record.edition) is None:
        what = f"the store has not the edition {record.edition}: it was purged or made anew"
        yield Evidence(Cause.DATA, what)
    try:
        snapshot = panel_as_decided(desk, record.decided[0]).source.snapshot
    except JstockError as error:
        yield Evidence(Cause.DAMAGED, error.what)
        return
    for change in value_changes(record.data, snapshot):
        yield Evidence(Cause.DATA, f"{change.name} has other rows than the decision saw")
    given = read_desk_values(desk.workspace, desk.settings.values)
    yield from (Evidence(Cause.DATA, each.text) for each in find_changed_values(given, record.decided))


def _parameter_evidence(desk: Desk, record: MorningRecord) -> Iterator[Evidence]:
    """Parameters of the desk, which only the run recorded; groups are taken as the decision has them."""
    now = desk_declarations(desk.with_universe_of(record.trade_date))
    for id_ in sorted({each.group for each in record.decided} - record.groups.keys()):
        yield Evidence(Cause.PARAMETERS, f"the parameters of {id_} were not recorded; today's are used")
    for name in ("provider", "settings", "monitored"):
        if name in record.parameters:
            for change in value_changes({name: record.parameters[name]}, {name: now[name]}):
                yield Evidence(Cause.PARAMETERS, describe_change(change))


def describe_change(change: ValueChange) -> str:
    """A value that changed in one line: "settings.margin: false -> true"."""
    return f"{change.name}: {shown_value(change.first)} -> {shown_value(change.second)}"


def shown_value(value: Any) -> str:
    """A value in words: none for None."""
    return "none" if value is None else str(value)
