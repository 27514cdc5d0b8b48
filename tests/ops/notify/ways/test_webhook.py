"""Webhooks: what is posted, how it is signed, and what becomes of every answer."""

from __future__ import annotations

import hmac
import json
import logging
import socket
from hashlib import sha256

import pytest

from jstock_core.base.errors import ParamsError
from jstock_core.ops.notify.registry import make_notifier
from jstock_core.ops.notify.ways.notifier import Notifier, NotSentError
from tests.ops.notify.http_server import serve_web
from tests.ops.notify.messages import ID, message

NAME, KEY = "JSTOCK_HOOK_URL", "JSTOCK_HOOK_KEY"
PATH = "/hooks/a-secret-part-of-the-path"
WHERE = "params/desk.yaml, notify, ways, hook"


def way(**changes) -> Notifier:
    return make_notifier({"use": "webhook", "to": [NAME], **changes}, where=WHERE)


def send(made: Notifier) -> None:
    made.send(made.pack(message(), NAME, ID), NAME)


def failure(made: Notifier) -> tuple[str, bool, bool]:
    with pytest.raises(NotSentError) as caught:
        send(made)
    assert "a-secret-part" not in str(caught.value)
    assert NAME in str(caught.value)
    return str(caught.value), caught.value.again, caught.value.unsure


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch):
    return lambda url: monkeypatch.setenv(NAME, url)


def test_a_message_is_posted_as_json_with_its_id(put):
    with serve_web(status=204) as server:
        put(server.url + PATH)
        send(way())
    [posted] = server.posted
    assert posted.path == PATH
    assert posted.headers["content-type"] == "application/json"
    assert posted.headers["idempotency-key"] == ID
    assert "x-jstock-signature" not in posted.headers
    assert json.loads(posted.body) == {
        "id": ID, "kind": "report", "trade_date": "2026-01-21", "made": "2026-01-21T07:00:05+09:00",
        "subject": "subject", "text": "text\n", "short": "BUY 7203 100 (買い) *1*",
    }  # fmt: skip


def test_a_signature_is_of_the_body(put, monkeypatch):
    monkeypatch.setenv(KEY, "a-key-of-the-hook")
    with serve_web() as server:
        put(server.url + PATH)
        send(way(signed_with=KEY))
    [posted] = server.posted
    expected = hmac.new(b"a-key-of-the-hook", posted.body, sha256).hexdigest()
    assert posted.headers["x-jstock-signature"] == f"sha256={expected}"


@pytest.mark.parametrize(
    ("status", "headers", "again", "after_s"),
    [
        (400, {}, False, 0),
        (404, {"Retry-After": "5"}, False, 0),
        (408, {}, True, 0),
        (429, {"Retry-After": "120"}, True, 120),
        (429, {"Retry-After": "99999999999"}, True, 86_400),
        (429, {"Retry-After": "Wed, 21 Jan 2026 07:30:00 GMT"}, True, 0),
        (500, {}, True, 0),
        (503, {"Retry-After": "30"}, True, 30),
    ],
)
def test_an_answer_says_whether_to_try_again_and_when(put, status, headers, again, after_s):
    with serve_web(status=status, headers=headers) as server:
        put(server.url + PATH)
        with pytest.raises(NotSentError) as caught:
            send(way())
    assert (caught.value.again, caught.value.after_s, caught.value.unsure) == (again, after_s, False)
    assert f"it answered {status}" in str(caught.value)


def test_another_address_is_not_followed(put):
    with serve_web() as other, serve_web(status=307, headers={"Location": other.url + PATH}) as server:
        put(server.url + PATH)
        reason, again, _ = failure(way())
    assert not again
    assert "give the address that it names" in reason
    assert other.posted == []


def test_a_server_that_hangs_up_may_have_taken_it(put):
    with serve_web(drop=True) as server:
        put(server.url + PATH)
        _, again, unsure = failure(way())
    assert (again, unsure) == (True, True)


def test_a_server_that_never_answers_is_left(put):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        put(f"http://127.0.0.1:{listening.getsockname()[1]}{PATH}")
        _, again, unsure = failure(way(timeout_s=0.05))
    assert (again, unsure) == (True, True)


def test_nobody_there_is_tried_again(put):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    put(f"http://127.0.0.1:{port}{PATH}")
    _, again, unsure = failure(way())
    assert (again, unsure) == (True, False)


@pytest.mark.parametrize("url", ["http://example.com/", "ftp://127.0.0.1/", "example.com", "https://[", "x"])
def test_what_could_be_read_on_the_way_is_refused(put, url):
    put(url + PATH)
    reason, again, _ = failure(way())
    assert not again
    assert "its content" in reason


def test_a_url_that_is_not_set_is_named(monkeypatch):
    monkeypatch.delenv(NAME, raising=False)
    _, again, _ = failure(way())
    assert again


def test_no_log_has_the_url(put, caplog):
    with serve_web() as server, caplog.at_level(logging.DEBUG):
        put(server.url + PATH)
        send(way())
    assert "a-secret-part" not in caplog.text
    assert logging.getLogger("httpx").propagate


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"to": []}, "to: "),
        ({"to": ["https://example.com/hunter2"]}, "to.0: expected the name of a secret"),
        ({"signed_with": "hunter2"}, "signed_with: expected the name of a secret"),
    ],
)
def test_a_mistake_is_an_error_that_names_key_and_place(changes, said):
    with pytest.raises(ParamsError) as caught:
        way(**changes)
    assert said in caught.value.what
    assert caught.value.where == WHERE
    assert "hunter2" not in str(caught.value)
