"""The ways that `notify.ways` in `params/desk.yaml` can name: those of jstock, and those of third parties.

A package adds its own with an entry point in the group `jstock.notifiers`, whose name is what `use` says and
whose value is its class (see `notifier.Notifier`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from jstock_core.base.choice import Choice
from jstock_core.base.contain import PlugInError, call_plugin
from jstock_core.base.errors import JstockError, ParamsError, error_reason
from jstock_core.base.secrets.secret import refuse_written_secrets
from jstock_core.desk.settings.notify import NotifySettings
from jstock_core.ops.notify.delivery import Ways
from jstock_core.ops.notify.message import Message
from jstock_core.ops.notify.ways.notifier import Notifier, NotSentError

T = TypeVar("T")


def _is_notifier(found: type) -> bool:
    return all(hasattr(found, name) for name in ("recipients", "pack", "send"))


NOTIFIERS: Choice[Notifier] = Choice(
    called="notifier",
    group="jstock.notifiers",
    built_in={
        "smtp": "jstock_core.ops.notify.ways.smtp:SmtpMail",
        "push": "jstock_core.ops.notify.ways.push:Push",
        "webhook": "jstock_core.ops.notify.ways.webhook:Webhook",
    },
    fits=_is_notifier,
    must="has `recipients`, `pack` and `send`",
)


def make_notifier(declared: Mapping[str, Any], *, where: str) -> Notifier:
    """The notifier that `use` names, with the other keys as its settings.

    What a third party's does besides is contained: any failure of it is a `NotSentError`.

    Raises:
        ParamsError: no such notifier, a setting is wrong, or a secret is written where it should be named.
        PlugInError: it ended the process, or printed.

    """
    refuse_written_secrets(declared, where=where)
    made = NOTIFIERS.make(declared, where=where)
    name = declared["use"]
    if name in NOTIFIERS.built_in:
        return made
    called = f'the notifier "{name}"'
    return _PlugIn(called, made, _recipients(called, made, where))


def open_ways(settings: NotifySettings, where: str) -> Ways:
    """The notifiers that a file, `where`, declares; one that cannot be made takes no other down."""
    usable, faults = {}, {}
    for name, declared in settings.ways.items():
        try:
            usable[name] = make_notifier(declared, where=f"{where}, notify, ways, {name}")
        except JstockError as error:
            faults[name] = error
    return Ways(usable, faults)


def _recipients(called: str, made: Notifier, where: str) -> tuple[str, ...]:
    do = "repair the plug-in, or take it out"
    try:
        found: object = call_plugin(called, lambda: made.recipients)
    except PlugInError:
        raise
    except Exception as error:
        raise ParamsError(
            f"{called} names no recipients: {error_reason(error)}", where=where, do=do
        ) from error
    if not (isinstance(found, tuple) and found and all(isinstance(each, str) and each for each in found)):
        raise ParamsError(f"{called} names no recipients: a tuple of names is expected", where=where, do=do)
    return found


@dataclass(frozen=True)
class _PlugIn:
    """A third party's notifier. It is not known whether what it raises came before a message had gone."""

    called: str
    inner: Notifier
    recipients: tuple[str, ...]

    def pack(self, message: Message, recipient: str, message_id: str) -> bytes:
        """As `Notifier.pack`."""
        packed: object = self._ask(lambda: self.inner.pack(message, recipient, message_id), sending=False)
        if isinstance(packed, bytes):
            return packed
        raise NotSentError(f"{self.called} packs {type(packed).__name__} and not bytes", again=False)

    def send(self, packed: bytes, recipient: str) -> None:
        """As `Notifier.send`."""
        self._ask(lambda: self.inner.send(packed, recipient), sending=True)

    def _ask(self, ask: Callable[[], T], *, sending: bool) -> T:
        try:
            return call_plugin(self.called, ask)
        except NotSentError:
            raise
        except PlugInError as error:
            raise NotSentError(f"{error.what} ({error.where})", again=False, unsure=sending) from error
        # A third party's code may raise anything; the reason says which one it is.
        except Exception as error:
            reason = f"{self.called} failed: {error_reason(error)}"
            raise NotSentError(reason, again=sending, unsure=sending) from error
