"""Pushes through Apprise, to a server of this machine."""

from __future__ import annotations

import importlib.util
import json
import logging

import pytest

from jstock_core.base.errors import ParamsError
from jstock_core.ops.notify.message import Kind
from jstock_core.ops.notify.registry import make_notifier
from jstock_core.ops.notify.ways import push
from jstock_core.ops.notify.ways.notifier import Notifier, NotSentError
from tests.ops.notify.http_server import serve_web
from tests.ops.notify.messages import ID, message

NAME = "JSTOCK_PUSH_URL"
TOKEN = "tk_a1b2c3d4e5f6"
WHERE = "params/desk.yaml, notify, ways, phone"
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")
"""Apprise loads a plug-in that uses it."""


def way(**changes) -> Notifier:
    return make_notifier({"use": "push", "to": [NAME], **changes}, where=WHERE)


def send(made: Notifier, kind: Kind = Kind.ACTION) -> None:
    made.send(made.pack(message(kind=kind), NAME, ID), NAME)


def failure(made: Notifier) -> tuple[str, bool]:
    with pytest.raises(NotSentError) as caught:
        send(made)
    assert TOKEN not in str(caught.value)
    assert NAME in str(caught.value)
    return str(caught.value), caught.value.again


@pytest.mark.parametrize(
    ("kind", "shown"), [(Kind.REPORT, "info"), (Kind.ACTION, "warning"), (Kind.FAILURE, "failure")]
)
def test_the_short_text_and_its_kind_arrive(monkeypatch, kind, shown):
    with serve_web() as server:
        monkeypatch.setenv(NAME, f"{server.url.replace('http', 'json')}/{TOKEN}")
        send(way(), kind)
    [posted] = server.posted
    content = json.loads(posted.body)
    assert (content["message"], content["type"]) == ("BUY 7203 100 (買い) *1*", shown)


def test_ntfy_gets_it(monkeypatch):
    with serve_web(headers={"Content-Type": "application/json"}) as server:
        host = server.url.removeprefix("http://")
        monkeypatch.setenv(NAME, f"ntfy://{TOKEN}@{host}/morning")
        send(way())
    [posted] = server.posted
    assert json.loads(posted.body)["message"] == "BUY 7203 100 (買い) *1*"
    assert posted.headers["authorization"] == f"Bearer {TOKEN}"


def test_what_the_service_refuses_is_said_without_the_token(monkeypatch, caplog):
    with serve_web(status=500) as server, caplog.at_level(logging.DEBUG):
        monkeypatch.setenv(NAME, f"{server.url.replace('http', 'json')}/{TOKEN}")
        reason, again = failure(way())
    assert again
    assert "500" in reason
    assert TOKEN not in caplog.text
    assert logging.getLogger("apprise").propagate


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"nothing-known://{TOKEN}", "no URL that Apprise knows"),
        (f"jsons://example.com/{TOKEN}?verify=no", "take `verify=no` out"),
        (f"linenotify://{TOKEN}", "LINE Notify has ended"),
        (f"jsons://notify-api.line.me/api/notify?+Authorization={TOKEN}", "LINE Notify has ended"),
    ],
)
def test_what_cannot_be_pushed_to_is_said_without_the_token(monkeypatch, url, said):
    monkeypatch.setenv(NAME, url)
    reason, again = failure(way())
    assert said in reason
    assert not again


def test_line_messaging_is_known(monkeypatch):
    assert push._service(NAME, f"line://{TOKEN}/Uabcdef")[0].service_name == "Line"


def test_a_url_that_is_not_set_is_named(monkeypatch):
    monkeypatch.delenv(NAME, raising=False)
    assert failure(way())[1]


def test_without_apprise_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(push, "find_spec", lambda _: None)
    with pytest.raises(NotSentError, match=r"not installed; pip install jstock\[notify\]") as caught:
        way().send(b"", NAME)
    assert caught.value.again


def test_a_url_in_the_declaration_is_refused_and_not_repeated():
    with pytest.raises(ParamsError, match=r"to\.0: expected the name of a secret") as caught:
        way(to=[f"slack://{TOKEN}"])
    assert TOKEN not in str(caught.value)


def test_apprise_is_installed_for_the_tests():
    assert importlib.util.find_spec("apprise")
