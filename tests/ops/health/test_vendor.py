"""`jstock doctor --online` against a local J-Quants: the plan that a key has, and a key that is not known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from jstock_core.base.clock import JST
from jstock_core.base.errors import ExitStatus
from jstock_core.data.providers.jquants.plans import PLANS
from jstock_core.desk.settings.edit import edit_yaml
from jstock_core.desk.workspace.desk import Desk
from jstock_core.ops.health.check import Examined, State, look_at
from jstock_core.ops.health.market_data import examine_online, examine_subscription
from jstock_core.testing import copy_desk
from jstock_core.testing.jquants.clock import ManualClock
from jstock_core.testing.jquants.exchange import Exchange, simulated_exchange
from jstock_core.testing.jquants.server import KEY, LocalJQuants, serve_jquants
from tests.ops.health.conftest import NOW, look, one
from tests.stories.vendor_year import client_of

AT = datetime(2026, 1, 21, 7, 10, tzinfo=JST)


@pytest.fixture(scope="module")
def exchange() -> Exchange:
    return simulated_exchange(
        datetime(2026, 1, 31, tzinfo=JST), since=datetime(2025, 7, 1, tzinfo=JST).date()
    )


@pytest.fixture
def server(exchange: Exchange, tmp_path: Path) -> Iterator[LocalJQuants]:
    with (
        serve_jquants(exchange, ManualClock.at(AT), plan=PLANS["light"]) as local,
        client_of(local, tmp_path),
    ):
        yield local


@pytest.fixture
def ask(shared_desk: Callable[..., Desk], tmp_path: Path) -> Callable[..., Examined]:
    def asked(plan: str, *, online: bool = True) -> Examined:
        desk = copy_desk(shared_desk(ready="new"), tmp_path / "ws")

        def change(content: dict[str, object]) -> None:
            content["provider"] = {"use": "jquants", "plan": plan}

        edit_yaml(desk.workspace.desk_yaml, change)
        return look_at(str(desk.workspace.root), now=NOW, online=online)

    return asked


def test_a_key_with_the_plan_that_is_declared(server: LocalJQuants, ask: Callable[..., Examined]) -> None:
    check = one(examine_online, ask("light"))
    assert (check.state, check.what) == (State.OK, "it answers, and the key has the plan light")


def test_a_plan_that_has_ended_or_was_changed(server: LocalJQuants, ask: Callable[..., Examined]) -> None:
    check = one(examine_online, ask("standard"))
    assert (check.state, check.exit) == (State.FAIL, ExitStatus.PARAMS)
    assert check.what == "the key has the plan light, and params/desk.yaml says standard"


def test_a_key_that_is_not_known_is_not_shown(
    server: LocalJQuants, ask: Callable[..., Examined], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JQUANTS_API_KEY", "another-key-of-somebody")
    check = one(examine_online, ask("light"))
    assert (check.state, check.exit) == (State.FAIL, ExitStatus.DATA)
    assert "another-key" not in f"{check.what} {check.remedy}"


def test_without_online_nobody_is_asked(server: LocalJQuants, ask: Callable[..., Examined]) -> None:
    examined = ask("light", online=False)
    assert one(examine_online, examined).state is State.NOTE
    plan, note = look(examine_subscription, examined)
    assert plan.what == "plan light, key from JQUANTS_API_KEY"
    assert note.state is State.NOTE
    assert server.asked == []
    assert KEY not in f"{plan.what} {note.what}"
