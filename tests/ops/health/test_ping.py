"""A service outside hears of each morning, and its address is a secret."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime

import pytest

from jstock_core.base.clock import JST
from jstock_core.base.errors import DataError, JstockError
from jstock_core.base.intent import Intent
from jstock_core.desk.settings.health import HealthSettings
from jstock_core.desk.workspace.desk import Desk
from jstock_core.ops.health.ping import PingError, ping_closed, ping_end, ping_start
from jstock_core.ops.jobs import morning
from jstock_core.ops.watch.ended import Ended
from tests.ops.notify.http_server import WebServer, serve_web

T = date(2026, 1, 21)
WHEN = datetime(2026, 1, 21, 7, 0, tzinfo=JST)
NAME = "JSTOCK_PING_URL"


@pytest.fixture
def service() -> Iterator[WebServer]:
    with serve_web() as server:
        yield server


@pytest.fixture
def desk(shared_desk: Callable[..., Desk], service: WebServer, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv(NAME, f"{service.url}/ping/abc-secret")
    made = shared_desk(ready="new")
    return replace(made, settings=replace(made.settings, health=HealthSettings(ping=NAME)))


def ended(desk: Desk, **changes: object) -> Ended:
    known = Ended(desk=desk, job="morning", trade_date=T, started=WHEN, finished=WHEN)
    return replace(known, **changes)  # type: ignore[arg-type]


def heard(service: WebServer) -> list[tuple[str, str]]:
    return [(posted.path.removeprefix("/ping/abc-secret"), posted.body.decode()) for posted in service.posted]


def test_begin_and_good_end(desk: Desk, service: WebServer) -> None:
    ping_start(desk, "morning")
    ping_end(ended(desk))
    assert heard(service) == [
        ("/start", "the morning begins"), ("", "morning of 2026-01-21: ok, exit status 0"),
    ]  # fmt: skip


def test_a_failure_goes_to_its_own_endpoint(desk: Desk, service: WebServer) -> None:
    ping_end(ended(desk, error=DataError("no bars")))
    assert heard(service) == [("/fail", "morning of 2026-01-21: failed, exit status 4")]


def test_a_closed_day_is_a_good_end(desk: Desk, service: WebServer) -> None:
    ping_closed(desk, "morning")
    assert heard(service) == [("", "the market is closed")]


def test_other_jobs_and_rehearsals_are_not_told(desk: Desk, service: WebServer) -> None:
    ping_start(desk, "evening")
    ping_closed(desk, "evening")
    ping_end(ended(desk, job="evening"))
    ping_end(ended(desk, intent=Intent.REHEARSE))
    assert service.posted == []


def test_a_desk_without_a_service_asks_nobody(shared_desk: Callable[..., Desk]) -> None:
    ping_end(ended(shared_desk(ready="new")))


def test_a_query_of_the_url_stays(desk: Desk, service: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, f"{service.url}/ping/abc-secret/?create=1")
    ping_start(desk, "morning")
    assert service.posted[0].path == "/ping/abc-secret/start?create=1"


@pytest.mark.parametrize("answer", [{"status": 404}, {"status": 302}, {"drop": True}])
def test_what_is_not_heard_is_said_without_the_url(
    desk: Desk, service: WebServer, answer: dict[str, object]
) -> None:
    for name, value in answer.items():
        setattr(service, name, value)
    with pytest.raises(PingError) as caught:
        ping_end(ended(desk))
    assert NAME in str(caught.value)
    assert "abc-secret" not in f"{caught.value} {caught.value.__cause__}"


@pytest.mark.parametrize(
    "url", ["http://host.example/abc-secret", "ftp://127.0.0.1/x", "abc-secret", "http://["]
)
def test_a_url_that_would_send_its_secret_readable_is_refused(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv(NAME, url)
    with pytest.raises(PingError, match="no URL with https") as caught:
        ping_end(ended(desk))
    assert "abc-secret" not in str(caught.value)


def test_a_secret_that_is_missing_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAME)
    monkeypatch.setattr("jstock_core.base.secrets.secret.ask_keyring", lambda _: ("", "there is none"))
    with pytest.raises(JstockError, match=NAME):
        ping_end(ended(desk))


def test_a_service_that_does_not_answer_fails_no_day(
    desk: Desk, service: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.status = 500
    monkeypatch.setattr(morning, "publish_day", lambda *_: None)
    monkeypatch.setattr(morning, "FOLLOWERS", (ping_end,))
    said: list[str] = []
    assert morning.run_morning(desk, "2026-01-21", say=said.append) is None
    assert said == [f"not done beside the day: {NAME} did not hear of it: status 500"] * 2
