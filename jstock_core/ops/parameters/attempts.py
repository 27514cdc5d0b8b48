"""What a file of parameters is built into, in steps that fail apart, so that each fault is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from jstock_core.base.params import build
from jstock_core.data.providers.registry import make_provider
from jstock_core.decide.groups import GroupFile, make_group, make_limits
from jstock_core.desk.settings.approval import ApprovalSettings
from jstock_core.desk.settings.columns import column_names
from jstock_core.desk.settings.health import HealthSettings
from jstock_core.desk.settings.notify import read_notify
from jstock_core.desk.settings.schedule import ScheduleSettings
from jstock_core.desk.settings.settings import DeskFile, LateFile, read_settings
from jstock_core.desk.settings.tickets import TicketSettings
from jstock_core.execution.costs import Cost
from jstock_core.execution.ranking import Ranking
from jstock_core.execution.sizing import make_sizing
from jstock_core.ops.notify.registry import make_notifier
from jstock_core.research.universe import (
    UniverseFile,
    UniverseFilters,
    UniverseWeights,
    make_universe_rules,
)
from jstock_core.signals.language.guards import guard_mode
from jstock_core.signals.language.registry import Kind, Rules
from jstock_core.signals.library.make import make_entry, make_exit, make_rule

Attempt = Callable[[], object]
Attempts = Iterator[Attempt]
Data = Mapping[str, Any]

_SECTIONS: Mapping[str, type[Any]] = {
    "late_data": LateFile,
    "approval": ApprovalSettings,
    "schedule": ScheduleSettings,
    "health": HealthSettings,
    "tickets": TicketSettings,
}
_GUARDS: Mapping[str, Kind] = {"filters": "filter", "protections": "protection"}


def attempt_desk(data: Data, path: Path) -> Attempts:
    """The steps of `params/desk.yaml`; the last is what a desk itself does."""
    where = str(path)
    yield partial(build, DeskFile, data, where=where)
    for key, model in _SECTIONS.items():
        if isinstance(data.get(key), Mapping):
            yield partial(build, model, data[key], where=f"{where}, {key}")
    for n, row in enumerate(_listed(data.get("costs"))):
        yield partial(build, Cost, row, where=f"{where}, costs[{n}]")
    if isinstance(data.get("provider"), Mapping):
        yield partial(make_provider, data["provider"], where=f"{where}, provider")
    if isinstance(data.get("limits"), Mapping):
        yield partial(make_limits, data["limits"], f"{where}, limits")
    if isinstance(data.get("csv_columns"), Mapping):
        yield partial(column_names, data["csv_columns"], f"{where}, csv_columns")
    notify = data.get("notify")
    if isinstance(notify, Mapping):
        yield partial(read_notify, notify, f"{where}, notify")
        ways = notify.get("ways")
        for name, way in ways.items() if isinstance(ways, Mapping) else ():
            if isinstance(way, Mapping):
                yield partial(make_notifier, way, where=f"{where}, notify, ways, {name}")
    yield partial(read_settings, path)


def attempt_group(data: Data, path: Path, rules: Rules) -> Attempts:
    """The steps of a group file; the last is what a desk itself does."""
    where = str(path)
    yield partial(build, GroupFile, data, where=where)
    if isinstance(data.get("entry"), Mapping):
        yield from _attempt_entry(data["entry"], f"{where}, entry", rules)
    if isinstance(data.get("exit"), Mapping):
        yield partial(make_exit, data["exit"], f"{where}, exit", rules=rules)
    for n, layer in enumerate(_listed(data.get("exit"))):
        yield partial(make_rule, "layer", layer, f"{where}, exit[{n}]", rules)
    for key, kind in _GUARDS.items():
        for n, item in enumerate(_listed(data.get(key))):
            yield partial(guard_mode, item, f"{where}, {key}[{n}]")
            yield partial(make_rule, kind, _without(item, "mode"), f"{where}, {key}[{n}]", rules)
    if isinstance(data.get("sizing"), Mapping):
        yield partial(make_sizing, data["sizing"], f"{where}, sizing", rules)
    if isinstance(data.get("ranking"), Mapping):
        yield partial(build, Ranking, data["ranking"], where=f"{where}, ranking")
    if isinstance(data.get("limits"), Mapping):
        yield partial(make_limits, data["limits"], f"{where}, limits")
    yield partial(make_group, path.stem, data, where=where, rules=rules)


def attempt_universe(data: Data, path: Path) -> Attempts:
    """The steps of `params/research/universe.yaml`."""
    where = str(path)
    yield partial(build, UniverseFile, data, where=where)
    for key, model in (("weights", UniverseWeights), ("filters", UniverseFilters)):
        if isinstance(data.get(key), Mapping):
            yield partial(build, model, data[key], where=f"{where}, {key}")
    yield partial(make_universe_rules, data, where=where)


def _attempt_entry(data: Data, where: str, rules: Rules) -> Attempts:
    """Each member of a combination first, whatever is wrong with the others."""
    for n, member in enumerate(_listed(data.get("of"))):
        yield from _attempt_entry(_without(member, "weight"), f"{where}, {data.get('use')}, of[{n}]", rules)
    yield partial(make_entry, data, where, rules)


def _without(item: Data, name: str) -> Data:
    return {key: value for key, value in item.items() if key != name}


def _listed(value: Any) -> Sequence[Data]:
    """The mappings of a list; what is none of both is a fault of the whole file."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
