"""The count of requests: shared by all threads and clients of a key, never above what the server allows."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from jstock_core.base.errors import DataError, WriteError
from jstock_core.data.providers.jquants.endpoints import BARS, STATEMENTS, TOPIX
from jstock_core.data.providers.jquants.limits import LOCKOUT, PACE, PAUSE, RequestGate
from jstock_core.data.providers.jquants.plans import FREE, LIGHT, PREMIUM, STANDARD
from jstock_core.testing.jquants import faults
from jstock_core.testing.jquants.clock import ManualClock
from jstock_core.testing.jquants.faults import Fault
from jstock_core.testing.jquants.quota import Quota
from tests.data.providers.jquants.conftest import NOW, Connect, Serve


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock.at(NOW)


@pytest.fixture
def gate(stack, tmp_path, clock):
    def made(plan=LIGHT, name="key"):
        opened = RequestGate(plan, name, folder=tmp_path / "limits", clock=clock.for_requests)
        stack.callback(opened.close)
        return opened

    return made


@pytest.mark.parametrize("plan", [FREE, LIGHT, STANDARD])
def test_a_plan_s_requests_go_at_once_and_then_as_many_a_minute(gate, clock, plan):
    entering = gate(plan)
    server = Quota(plan.per_minute)
    for _ in range(3 * plan.per_minute):
        entering.enter(BARS)
        assert server.allow(clock.now())
    assert 122 <= clock.slept <= 123


def test_statements_have_a_limit_of_their_own(gate, clock):
    entering = gate(PREMIUM)
    for _ in range(100):
        entering.enter(TOPIX)
    assert clock.slept == 0
    for _ in range(61):
        entering.enter(STATEMENTS)
    assert 61 <= clock.slept <= 62


def test_two_clients_of_a_key_share_one_limit_and_two_keys_do_not(gate, clock):
    one, two, other = gate(), gate(), gate(name="other")
    for _ in range(30):
        one.enter(BARS)
        two.enter(BARS)
        other.enter(BARS)
    assert clock.slept == 0
    two.enter(BARS)
    assert clock.slept >= 60


def test_threads_and_clients_count_every_request_once(serve: Serve, connect: Connect):
    local = serve(plan=LIGHT)
    clients = [connect(local) for _ in range(4)]

    def ask(number: int) -> int:
        return len(clients[number % 4].rows(TOPIX, first="2026-01-19", last="2026-01-20"))

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask, range(60))) == {2}
    assert (len(local.asked), local.refused, local.clock.slept) == (60, 0, 0)
    ask(0)
    assert (local.refused, round(local.clock.slept)) == (0, 61)


OTHER_PROCESS = """
import sys
from pathlib import Path
from jstock_core.data.providers.jquants.endpoints import BARS
from jstock_core.data.providers.jquants.limits import RequestClock, RequestGate
from jstock_core.data.providers.jquants.plans import LIGHT
gate = RequestGate(LIGHT, "key", folder=Path(sys.argv[1]), clock=RequestClock(lambda: float(sys.argv[2])))
for _ in range(20):
    gate.enter(BARS)
gate.close()
"""


def test_processes_count_together(gate, clock, tmp_path):
    command = [sys.executable, "-c", OTHER_PROCESS, str(tmp_path / "limits"), str(clock.now())]
    others = [subprocess.Popen(command) for _ in range(2)]
    entering = gate()
    for _ in range(20):
        entering.enter(BARS)
    assert [other.wait(60) for other in others] == [0, 0]
    assert clock.slept == 0
    entering.enter(BARS)
    assert clock.slept >= 60


def test_a_refusal_waits_a_minute_and_a_second_one_a_lockout_then_requests_are_paced(gate, clock):
    entering = gate(STANDARD)
    entering.enter(BARS)
    assert entering.refused() == PAUSE
    entering.enter(BARS)
    assert clock.slept == PAUSE
    assert entering.refused() == LOCKOUT
    entering.enter(BARS)
    assert clock.slept == PAUSE + LOCKOUT
    for _ in range(10):
        entering.enter(BARS)
    assert clock.slept == pytest.approx(PAUSE + LOCKOUT + 10 * PACE)


def test_a_pause_holds_for_every_client_of_the_key(gate, clock):
    one, two = gate(), gate()
    one.enter(BARS)
    one.refused()
    assert two.refused() == PAUSE  # of a request that was on its way: no second refusal
    two.enter(BARS)
    assert clock.slept == PAUSE


def test_a_clock_that_is_set_back_does_not_forbid_requests(gate, clock):
    entering = gate(FREE)
    for _ in range(5):
        entering.enter(BARS)
    entering.refused()
    clock.seconds -= 86_400
    entering.enter(BARS)
    assert clock.slept == 0


def test_a_server_that_locks_out_is_waited_for(serve: Serve, connect: Connect):
    """Something else used the key: far too many requests, all refused for five minutes."""
    local = serve(plan=FREE)
    for _ in range(11):
        local.quota.allow(local.clock.now())
    found = connect(local).calendar(date(2026, 1, 19), date(2026, 1, 20))
    assert found["HolDiv"].to_pylist() == ["1", "1"]
    assert local.clock.slept == PAUSE + LOCKOUT


def test_a_folder_that_cannot_be_written_is_named(tmp_path, clock):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(WriteError, match="count of requests") as caught:
        RequestGate(FREE, "key", folder=tmp_path / "file" / "limits", clock=clock.for_requests)
    assert str(tmp_path) in caught.value.where


def test_a_server_that_is_never_ready_is_given_up(serve: Serve, connect: Connect):
    local = serve(Fault("/markets/calendar", faults.status(429), times=99))
    with pytest.raises(DataError, match="in 6 attempts; the last: too many requests"):
        connect(local).calendar(date(2026, 1, 19), date(2026, 1, 20))
    assert len(local.asked) == 6
