"""What a person must do in a year is listed, and told in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from jstock_core.base.clock import JST
from jstock_core.base.errors import ParamsError
from jstock_core.base.params import build
from jstock_core.data.providers.jquants.provider import JQuants
from jstock_core.desk.settings.health import HealthSettings
from jstock_core.ops.health import chores
from jstock_core.ops.health.check import Examined, HealthCheck, State
from tests.ops.health.conftest import look

DUE = date(2026, 3, 31)


def on(examined: Examined, day: date, health: HealthSettings | None = None) -> tuple[HealthCheck, ...]:
    assert examined.settings is not None
    settings = replace(examined.settings, health=health or HealthSettings())
    at = datetime(day.year, day.month, day.day, 7, tzinfo=JST)
    return look(chores.examine_chores, replace(examined, settings=settings, clock=lambda: at))


@pytest.mark.parametrize(
    ("left", "state", "words"),
    [
        (31, State.NOTE, "due on 2026-03-31, in 31 days"),
        (30, State.WARN, "due on 2026-03-31, in 30 days"),
        (0, State.WARN, "due on 2026-03-31, in 0 days"),
        (-1, State.WARN, "was due on 2026-03-31"),
    ],
)
def test_a_dated_chore_is_told_thirty_days_before(
    examined: Examined, left: int, state: State, words: str
) -> None:
    health = HealthSettings(chores={"renew the plan": DUE})
    check = on(examined, DUE - timedelta(days=left), health)[0]
    assert (check.state, check.what) == (state, f"renew the plan: {words}")


def test_every_desk_has_chores_that_warn_of_nothing(examined: Examined) -> None:
    found = on(examined, date(2026, 1, 21))
    assert {check.state for check in found} == {State.NOTE}
    text = " ".join(check.what for check in found)
    for word in ("tax", "calendar", "certified"):
        assert word in text


@pytest.mark.parametrize(
    ("day", "year"),
    [(date(2026, 1, 21), 2025), (date(2026, 3, 15), 2025), (date(2026, 3, 16), 2026)],
)
def test_the_tax_of_the_year_that_is_due_next(examined: Examined, day: date, year: int) -> None:
    assert any(f"the tax of {year} is reported from {year + 1}-02-16" in c.what for c in on(examined, day))


def test_plans_and_brokers_are_listed_where_the_desk_has_them(examined: Examined) -> None:
    assert examined.settings is not None
    group = replace(examined.desk.groups[0], fills="manual")
    desk = replace(examined.desk, groups=(group,))
    paid = replace(examined, opened=desk, settings=replace(examined.settings, provider=JQuants(plan="light")))
    text = " ".join(check.what for check in on(paid, date(2026, 1, 21)))
    assert "the plan of the data vendor is renewed" in text
    assert f"orders of {group.id} are placed by a person" in text


def test_a_chore_needs_a_day() -> None:
    with pytest.raises(ParamsError, match="chores"):
        build(HealthSettings, {"chores": {"renew": "soon"}}, where="desk.yaml")


def test_the_address_of_a_ping_is_named_and_not_written() -> None:
    with pytest.raises(ParamsError) as caught:
        build(HealthSettings, {"ping": "https://host.example/secret"}, where="desk.yaml")
    assert "host.example" not in str(caught.value)
