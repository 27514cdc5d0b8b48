"""A local J-Quants with half a year of the simulated market, and clients of it that never sleep."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from jstock_core.base.clock import JST
from jstock_core.data.providers.jquants.client import JQuantsClient, open_client
from jstock_core.data.providers.jquants.keys import ApiKey
from jstock_core.data.providers.jquants.plans import STANDARD, DataPlan
from jstock_core.data.providers.jquants.transport import URL_VARIABLE
from jstock_core.testing.jquants.clock import ManualClock
from jstock_core.testing.jquants.exchange import Exchange, simulated_exchange
from jstock_core.testing.jquants.server import KEY, LocalJQuants, serve_jquants

NOW = datetime(2026, 1, 21, 7, 0, tzinfo=JST)
SINCE = date(2025, 7, 1)

Serve = Callable[..., LocalJQuants]
Connect = Callable[..., JQuantsClient]


@pytest.fixture(scope="session")
def exchange() -> Exchange:
    return simulated_exchange(datetime(2026, 1, 31, tzinfo=JST), since=SINCE)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as closing:
        yield closing


@pytest.fixture
def serve(exchange: Exchange, stack: ExitStack, monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Start a server for the test; clients find it by the environment."""

    def started(*faults: Any, plan: DataPlan = STANDARD, **options: Any) -> LocalJQuants:
        market = options.pop("market", exchange)
        clock = options.pop("clock", None) or ManualClock.at(NOW)
        local = stack.enter_context(serve_jquants(market, clock, plan=plan, faults=faults, **options))
        monkeypatch.setenv(URL_VARIABLE, local.url)
        return local

    return started


@pytest.fixture
def connect(stack: ExitStack, tmp_path: Path) -> Connect:
    """A client of a server, on the server's plan unless told otherwise."""

    def connected(
        local: LocalJQuants, *, plan: DataPlan | None = None, key: str = KEY, **options: Any
    ) -> Any:
        clock = local.clock.for_requests
        return stack.enter_context(
            open_client(
                ApiKey(key, "test"),
                plan or local.terms.plan,
                folder=tmp_path / "limits",
                clock=clock,
                **options,
            )
        )

    return connected


@contextmanager
def hidden(*texts: str) -> Iterator[list[str]]:
    """Collect what is shown inside, and make sure that it holds none of the secrets."""
    shown: list[str] = []
    yield shown
    assert not [text for text in texts for said in shown if text in said]
