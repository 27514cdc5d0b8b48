"""`jstock doctor`: every check, by family, whatever state the desk is in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any

from jstock_core.base.errors import ExitStatus, JstockError, error_reason
from jstock_core.base.progress import Say, silent
from jstock_core.base.words import plural
from jstock_core.ops.health import (
    chores,
    context,
    environment,
    machine,
    market_data,
    records,
    running,
    secrets_named,
    times,
)
from jstock_core.ops.health.check import Examined, HealthCheck, Look, State, contain
from jstock_core.ops.parameters.check import check_params

FAMILIES: Mapping[str, Mapping[str, Look]] = {
    "environment": {
        "python": environment.examine_python,
        "packages": environment.examine_packages,
        "extras": environment.examine_extras,
        "font": environment.examine_font,
        "kernel": environment.examine_kernel,
    },
    "machine": {
        "writing": machine.examine_writing,
        "privacy": machine.examine_privacy,
        "disk": machine.examine_disk,
        "lock": machine.examine_lock,
    },
    "time": {
        "clock": times.examine_clock,
        "zone": times.examine_zone,
        "calendar": times.examine_calendar,
    },
    "market data": {
        "freshness": market_data.examine_freshness,
        "data": market_data.examine_findings,
        "provider": market_data.examine_subscription,
        "vendor": market_data.examine_online,
    },
    "records": {
        "journal": records.examine_journal,
        "backup": records.examine_backups,
        "values": records.examine_values,
        "trials": records.examine_trials,
        "halts": records.examine_halts,
    },
    "runs": {
        "schedule": running.examine_schedule,
        "last jobs": running.examine_last_jobs,
        "failures": running.examine_failures,
        "silence": running.examine_silence,
    },
    "people": {
        "notify": secrets_named.examine_ways,
        "outbox": secrets_named.examine_outbox,
        "secrets": secrets_named.examine_secrets,
        "secrets file": secrets_named.examine_secrets_file,
    },
    "chores": {"chores": chores.examine_chores},
}
"""The checks by family, in the order in which they are made and shown."""


@dataclass(frozen=True)
class Examination:
    """What the doctor found: at what time (JST), in which workspace ("" for none), and all checks."""

    at: datetime
    workspace: str
    families: Mapping[str, tuple[HealthCheck, ...]]

    @property
    def checks(self) -> Iterator[HealthCheck]:
        """Every check."""
        return (check for checks in self.families.values() for check in checks)

    @property
    def state(self) -> State:
        """The worst state."""
        order = list(State)
        return max((check.state for check in self.checks), key=order.index, default=State.OK)

    @property
    def exit(self) -> ExitStatus:
        """0 where nothing is to be done, else that of the first failure; 8 where there are warnings only."""
        failed = next((check for check in self.checks if check.state is State.FAIL), None)
        if failed is not None:
            return failed.exit
        return ExitStatus.DEGRADED if self.state is State.WARN else ExitStatus.OK

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "state": str(self.state),
            "at": self.at.isoformat(timespec="seconds"),
            "workspace": self.workspace,
            "checks": [
                {"family": family, **asdict(check), "state": str(check.state), "exit": int(check.exit)}
                for family, checks in self.families.items()
                for check in checks
            ],
        }


def examine_desk(examined: Examined, *, scheduled: bool = False, say: Say = silent) -> Examination:
    """Make every check, and keep what this run was given for the other kind of run to compare with.

    `scheduled` says that a scheduler started it, and not a person at a terminal.
    """
    how: context.How = "scheduled" if scheduled else "by hand"
    families: dict[str, tuple[HealthCheck, ...]] = {"workspace": (_workspace(examined),)}
    for family, looks in FAMILIES.items():
        say(family)
        families[family] = tuple(_checks(looks, examined))
    compare = {"context": partial(context.compare_contexts, how=how)}
    families["context"] = tuple(_checks(compare, examined))
    if examined.workspace is not None:
        with suppress(OSError):  # that the folder cannot be written is a finding already
            own = context.present_context(examined.clock, examined.settings)
            context.record_context(examined.workspace, how, own)
    place = "" if examined.workspace is None else str(examined.workspace.root)
    return Examination(examined.clock(), place, families)


def _checks(looks: Mapping[str, Look], examined: Examined) -> Iterator[HealthCheck]:
    for name, look in looks.items():
        yield from contain(name, look, examined)


def _others(examined: Examined) -> str:
    """How many faults the parameters have, where they have more than the one that is told."""
    faults = () if examined.workspace is None else check_params(examined.workspace).faults
    return f"; `jstock params check` shows all {len(faults)} faults" if len(faults) > 1 else ""


def _workspace(examined: Examined) -> HealthCheck:
    """Whether the desk can be opened: its parameters, groups and lists."""
    error = examined.error
    if error is None:
        desk = examined.desk
        names = ", ".join(group.id for group in desk.groups) or "none"
        stocks = plural(len(desk.monitored), "stock")
        what = f"{desk.workspace.root}: {stocks} monitored, groups {names}"
        return HealthCheck("workspace", State.OK, what)
    if isinstance(error, JstockError):
        where = f" ({error.where})" if error.where else ""
        return HealthCheck(
            "workspace", State.FAIL, f"{error.what}{where}{_others(examined)}", error.do, error.exit
        )
    do = "see that the files of the workspace can be read, and put back what is damaged"
    return HealthCheck("workspace", State.FAIL, error_reason(error), do, ExitStatus.PARAMS)
