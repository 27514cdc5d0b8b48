"""Checks of secrets: which are named, and from where each comes. None is ever shown."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from jstock_core.base.errors import ExitStatus, JstockError
from jstock_core.base.secrets.secret import refuse_written_secrets, secret_names, seek_secret
from jstock_core.base.words import plural
from jstock_core.desk.workspace.author import AUTHOR
from jstock_core.desk.workspace.workspace import VARIABLE
from jstock_core.ops.health.check import Examined, HealthCheck, State
from jstock_core.ops.notify.inspection import list_outbox
from jstock_core.ops.notify.registry import make_notifier
from jstock_core.ops.schedule.declaration import declare_schedule
from jstock_core.state.journal.stores.place import VARIABLE as JOURNAL_URL

_NO_SECRETS = {VARIABLE, AUTHOR, "JSTOCK_CHROMIUM", "JSTOCK_JQUANTS_URL"}
"""Variables of jstock that are none."""


def examine_secrets(examined: Examined) -> Iterator[HealthCheck]:
    """The secrets that parameters name: found or not, and where."""
    settings = examined.settings
    if settings is None:
        yield HealthCheck("secrets", State.NOTE, "not checked: the parameters cannot be read")
        return
    try:
        refuse_written_secrets(settings.declared, where=str(examined.place.desk_yaml))
    except JstockError as error:
        yield HealthCheck("secrets", State.FAIL, f"{error.what} ({error.where})", error.do, ExitStatus.PARAMS)
    named = secret_names(settings.declared)
    for name in named:
        yield _found(name)
    if not named:
        yield HealthCheck("secrets", State.OK, "the parameters name none")
    yield from _others(named)


def _found(name: str) -> HealthCheck:
    secret = seek_secret(name)
    if secret is not None:
        return HealthCheck("secrets", State.OK, f"{name} comes from {secret.source}")
    do = f"set the variable {name} where jobs run, or run `keyring set jstock {name}`"
    return HealthCheck("secrets", State.WARN, f"{name} is named in params/desk.yaml and was not found", do)


def _others(named: tuple[str, ...]) -> Iterator[HealthCheck]:
    """Variables of jstock that are set and that no parameter names."""
    names = sorted(name for name in os.environ if name.startswith("JSTOCK_"))
    for name in names:
        if name == JOURNAL_URL:
            yield HealthCheck("secrets", State.OK, f"{name} is set: the journal lies elsewhere")
        elif name not in named and name not in _NO_SECRETS:
            yield HealthCheck("secrets", State.NOTE, f"{name} is set, and no parameter names it")


def examine_ways(examined: Examined) -> Iterator[HealthCheck]:
    """Whether each way of telling people can be made: its settings, its packages."""
    settings = examined.settings
    if settings is None:
        return
    if not settings.notify.ways:
        do = "declare `notify` in params/desk.yaml, then try it with `jstock notify test`"
        yield HealthCheck("notify", State.NOTE, "nobody is told of anything: no way is declared", do)
    for name, declared in settings.notify.ways.items():
        try:
            way = make_notifier(declared, where=f"{examined.place.desk_yaml}, notify, ways, {name}")
        except JstockError as error:
            yield HealthCheck("notify", State.FAIL, f"{name}: {error.what}", error.do, ExitStatus.PARAMS)
        else:
            yield HealthCheck("notify", State.OK, f"{name} reaches {', '.join(way.recipients)}")


def examine_outbox(examined: Examined) -> Iterator[HealthCheck]:
    """Messages that were tried and did not surely go out."""
    found = list_outbox(examined.desk, most=0)
    if found.undelivered:
        left = [entry for entry in found.entries if entry.is_undelivered(examined.desk.clock())]
        oldest = min(left, key=lambda entry: entry.created)
        what = f"{plural(found.undelivered, 'message')} not delivered, the oldest by {oldest.way}"
        about = f"{what}: {oldest.subject} ({oldest.error})" if oldest.error else f"{what}: {oldest.subject}"
        do = "see `jstock notify outbox`, mend what it names, then `jstock notify retry`"
        yield HealthCheck("outbox", State.WARN, about, do)
    elif found.place:
        sent = plural(len(found.entries), "message")
        yield HealthCheck("outbox", State.OK, f"{sent} kept, none undelivered")


def examine_secrets_file(examined: Examined) -> Iterator[HealthCheck]:
    """The file of variables that scheduled jobs are given: for its owner alone."""
    if examined.opened is None or examined.desk.historical:
        return
    path = declare_schedule(examined.desk).secrets
    if path.exists():
        yield _private_file(path)


def _private_file(path: Path) -> HealthCheck:
    if os.name == "posix" and path.stat().st_mode & 0o077:
        return HealthCheck("secrets file", State.WARN, f"others can read {path}", f"chmod 600 {path}")
    return HealthCheck("secrets file", State.OK, f"{path} is for its owner alone")
