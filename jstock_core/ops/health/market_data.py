"""Checks of market data: whether it is new enough and sound, and whether the vendor still sells it."""

from __future__ import annotations

from collections.abc import Iterator

from jstock_core.base.errors import ExitStatus
from jstock_core.base.words import plural
from jstock_core.data.providers.protocol import Discovers, Subscribes
from jstock_core.desk.care.imports import StoreStatus, store_status
from jstock_core.desk.workspace.desk import Desk
from jstock_core.ops.health.check import Examined, HealthCheck, State

_SHOWN = 3
_LOOK = "see `jstock data status`"


def examine_freshness(examined: Examined) -> Iterator[HealthCheck]:
    """The newest bars against those that must be there."""
    desk = examined.desk
    newest = desk.store.read().last("bars")
    fetches = desk.provider.capabilities.fetches
    again = "`jstock data fetch`" if fetches else "`jstock data import FOLDER` with newer files"
    if newest is None:
        yield HealthCheck("freshness", State.WARN, "there is no market data yet", f"run {again}")
        return
    due = desk.calendar.last_closed(desk.now())
    late = len(desk.calendar.between(newest, due)) - 1 if newest < due else 0
    said = f"the newest bars are of {newest}"
    if late == 0:
        yield HealthCheck("freshness", State.OK, f"{said}, the last session")
    elif fetches and late == 1:
        yield HealthCheck("freshness", State.OK, f"{said}; the next morning fetches those of {due}")
    else:
        behind = f"{said}, {plural(late, 'session')} behind {due}"
        yield HealthCheck("freshness", State.WARN, behind, f"run {again}, and see why the mornings did not")


def examine_findings(examined: Examined) -> Iterator[HealthCheck]:
    """What the checks of the data find, and what of it is late."""
    status = store_status(examined.desk)
    late = [each for each in status.readiness if each.late and each.dataset != "bars"]
    for each in late:
        yield HealthCheck("late data", State.NOTE, f"{each.title}: {each.reason}", _LOOK)
    severities = [finding.severity for finding in status.findings]
    if "stop" in severities:
        what = next(finding.what for finding in status.findings if finding.severity == "stop")
        do = next(finding.do for finding in status.findings if finding.severity == "stop")
        yield HealthCheck("data", State.FAIL, what, do, ExitStatus.DATA)
    elif "block" in severities:
        yield HealthCheck("data", State.WARN, _blocked(status), _LOOK)
    else:
        yield HealthCheck("data", State.OK, f"sound, with {plural(severities.count('warn'), 'warning')}")


def _blocked(status: StoreStatus) -> str:
    codes = [finding.code or "market" for finding in status.findings if finding.severity == "block"]
    more = f" and {len(codes) - _SHOWN} more" if codes[_SHOWN:] else ""
    return f"no decision about {', '.join(codes[:_SHOWN])}{more}: their bars cannot be trusted"


def examine_subscription(examined: Examined) -> Iterator[HealthCheck]:
    """The plan and the key of the vendor, as far as the desk knows them by itself."""
    provider = examined.desk.provider
    if not isinstance(provider, Subscribes):
        what = f'the provider "{provider.id}" needs neither plan nor key'
        yield HealthCheck("provider", State.OK, what)
        return
    found = provider.subscription()
    yield HealthCheck("provider", State.OK, f"plan {found.plan}, key from {found.key_from}")
    if found.note:
        yield HealthCheck("provider", State.NOTE, found.note, "write the day under `health: {chores: ...}`")


def examine_online(examined: Examined) -> Iterator[HealthCheck]:
    """Whether the vendor answers, and sells what the parameters say; asked with `--online` only."""
    desk = examined.desk
    if not isinstance(desk.provider, Subscribes) or not isinstance(desk.provider, Discovers):
        return
    if not examined.online:
        yield HealthCheck(
            "vendor", State.NOTE, "not asked", "run `jstock doctor --online`: it takes a few requests"
        )
        return
    yield _compare_plan(desk, str(desk.provider.discover(desk.clock()).settings.get("plan", "")))


def _compare_plan(desk: Desk, found: str) -> HealthCheck:
    declared = str(desk.settings.declared_provider.get("plan", ""))
    if found == declared:
        return HealthCheck("vendor", State.OK, f"it answers, and the key has the plan {found}")
    what = f"the key has the plan {found}, and params/desk.yaml says {declared}"
    do = "renew the plan, or write the one that the key has"
    return HealthCheck("vendor", State.FAIL, what, do, ExitStatus.PARAMS)
