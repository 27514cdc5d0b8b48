"""What still needs a person in a year: chores that the desk cannot do, with the days that are known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from jstock_core.base.clock import JST
from jstock_core.data.providers.protocol import Subscribes
from jstock_core.decide.groups import manual_groups
from jstock_core.market.calendar import tse
from jstock_core.ops.health.check import Examined, HealthCheck, State

SOON = timedelta(days=30)
_DECLARE = 'declare the day: `health: {chores: {"renew the plan": 2027-03-31}}` in params/desk.yaml'


def examine_chores(examined: Examined) -> Iterator[HealthCheck]:
    """The chores of a year: those that the parameters date, and those that every desk has."""
    today = examined.clock().astimezone(JST).date()
    declared = {} if examined.settings is None else examined.settings.health.chores
    for what, due in sorted(declared.items(), key=lambda each: each[1]):
        yield _dated(what, due, today)
    yield from _vendor(examined)
    yield from _broker(examined)
    yield _tax(today)
    yield HealthCheck(
        "chores",
        State.NOTE,
        f"the calendar of sessions ends with {tse().last} and grows with jstock",
        "update jstock once a year, after February, when the holidays of the next year are official",
    )
    yield HealthCheck(
        "chores",
        State.NOTE,
        "rules are certified for the version and the parameters that they were proven with",
        "run `jstock strategies check --all` after an update, and once a year",
    )


def _dated(what: str, due: date, today: date) -> HealthCheck:
    left = (due - today).days
    done = "do it, then write its next day in params/desk.yaml, health, chores"
    if left < 0:
        return HealthCheck("chores", State.WARN, f"{what}: was due on {due}", done)
    said = f"{what}: due on {due}, in {left:,} days"
    return HealthCheck("chores", State.WARN if due - today <= SOON else State.NOTE, said, done)


def _vendor(examined: Examined) -> Iterator[HealthCheck]:
    settings = examined.settings
    if settings is not None and isinstance(settings.provider, Subscribes):
        what = "the plan of the data vendor is renewed, and the card behind it"
        yield HealthCheck("chores", State.NOTE, what, _DECLARE)


def _broker(examined: Examined) -> Iterator[HealthCheck]:
    groups = () if examined.opened is None else manual_groups(examined.desk.groups)
    if groups:
        what = f"orders of {', '.join(sorted(groups))} are placed by a person, with a login at the broker"
        do = "log in before passwords, passkeys and devices expire; compare with `jstock trade reconcile`"
        yield HealthCheck("chores", State.NOTE, what, do)


def _tax(today: date) -> HealthCheck:
    """The return of a year is filed from 16 February to 15 March of the next."""
    year = today.year - 1 if today <= date(today.year, 3, 15) else today.year
    what = f"the tax of {year} is reported from {year + 1}-02-16 to {year + 1}-03-15, where a report is due"
    return HealthCheck("chores", State.NOTE, what, f"`jstock tax --year {year}` estimates it")
