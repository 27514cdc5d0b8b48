"""Notifiers by name, and those of other packages contained."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint, EntryPoints

import pytest

from jstock_core.base import choice
from jstock_core.base.contain import PlugInError
from jstock_core.base.errors import ParamsError
from jstock_core.base.params import declare, parse_yaml
from jstock_core.base.secrets.secret import SecretName
from jstock_core.ops.notify.message import Message
from jstock_core.ops.notify.registry import NOTIFIERS, make_notifier
from jstock_core.ops.notify.ways.notifier import NotSentError
from tests.architecture import ROOT
from tests.ops.notify.messages import message

WHERE = "params/desk.yaml, notify, ways, pager"
MESSAGE = message(subject="s", text="t", short="p")


def intrude(how: str) -> None:
    match how:
        case "raise":
            raise ValueError("no line")
        case "refuse":
            raise NotSentError("busy", again=True, after_s=30)
        case "exit":
            os._exit(0)
        case "leave":
            sys.exit(0)
        case "print":
            print("sent")  # noqa: T201


@declare
class Pager:
    """A notifier of another package."""

    number: str
    token: SecretName = "JSTOCK_PAGER_TOKEN"
    packing: str = ""
    sending: str = ""
    naming: str = ""

    @property
    def recipients(self) -> tuple[str, ...]:
        intrude(self.naming)
        return (self.number,)

    def pack(self, message: Message, recipient: str, message_id: str) -> bytes:
        intrude(self.packing)
        return f"{recipient}: {message.short} {message_id}".encode()

    def send(self, packed: bytes, recipient: str) -> None:
        intrude(self.sending)


@declare
class Mute:
    """It has no `send`."""

    recipients: str = ""


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def offered(value: str) -> None:
        points = EntryPoints([EntryPoint("pager", f"{__name__}:{value}", NOTIFIERS.group)])
        monkeypatch.setattr(choice, "entry_points", points.select)

    return offered


def pager(**given: str):
    return make_notifier({"use": "pager", "number": "81", **given}, where=WHERE)


def test_a_notifier_of_another_package_is_found_by_its_entry_point(offer):
    offer("Pager")
    assert NOTIFIERS.group == "jstock.notifiers"
    made = pager()
    assert made.recipients == ("81",)
    packed = made.pack(MESSAGE, "81", "<1@desk>")
    assert packed == b"81: p <1@desk>"
    made.send(packed, "81")


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"use": "pagr"}, 'unknown notifier "pagr"; did you mean "pager"?'),
        ({}, 'cannot read "use": expected a name, got nothing'),
        ({"use": "pager"}, "number: required, but missing"),
        ({"use": "pager", "number": "81", "token": "hunter2"}, "token: holds a secret"),
        ({"use": "pager", "number": "81", "to": "https://u:hunter2@example.com"}, "to: holds a secret"),
    ],
)
def test_a_mistake_is_an_error_that_names_key_and_place(offer, declared, message):
    offer("Pager")
    with pytest.raises(ParamsError) as caught:
        make_notifier(declared, where=WHERE)
    assert message in caught.value.what
    assert caught.value.where == WHERE
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("value", ["Mute", "intrude"])
def test_an_entry_point_that_is_no_notifier_is_named(offer, value):
    offer(value)
    with pytest.raises(ParamsError, match='the notifier "pager" is not a class made with `declare` that has'):
        pager()


@pytest.mark.parametrize(
    ("how", "reason", "again", "unsure"),
    [
        ("raise", 'the notifier "pager" failed: ValueError: no line', True, True),
        ("refuse", "busy", True, False),
        ("exit", "ends the process", False, True),
        ("leave", "ends the process", False, True),
        ("print", "prints 'sent'", False, True),
    ],
)
def test_what_a_plug_in_does_besides_is_contained(offer, how, reason, again, unsure, capsys):
    offer("Pager")
    with pytest.raises(NotSentError) as caught:
        pager(sending=how).send(b"", "81")
    assert reason in str(caught.value)
    assert (caught.value.again, caught.value.unsure) == (again, unsure)
    assert capsys.readouterr().out == ""


def test_what_cannot_be_packed_was_not_sent(offer):
    offer("Pager")
    with pytest.raises(NotSentError, match="no line") as caught:
        pager(packing="raise").pack(MESSAGE, "81", "<1@desk>")
    assert not caught.value.unsure
    assert not caught.value.again


def test_a_plug_in_that_fails_to_name_its_recipients_is_a_fault_of_the_declaration(offer):
    offer("Pager")
    with pytest.raises(ParamsError, match="names no recipients: ValueError: no line"):
        pager(naming="raise")
    with pytest.raises(PlugInError, match="ends the process"):
        pager(naming="exit")
    with pytest.raises(ParamsError, match="a tuple of names is expected"):
        pager(number="")


def test_every_way_of_the_documents_can_be_made() -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    blocks = [
        parse_yaml(block) for block in re.findall(r"^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    ]
    ways = [way for block in blocks for way in block.get("notify", {}).get("ways", {}).values()]
    assert {way["use"] for way in ways} == set(NOTIFIERS.built_in)
    for way in ways:
        assert make_notifier(way, where="docs/operations.md").recipients
