"""What every way of telling people can do; the entry point `jstock.notifiers` adds others."""

from __future__ import annotations

from typing import Protocol

from jstock_core.ops.notify.message import Message


class NotSentError(Exception):
    """A message did not go out. `again` says whether it may go later; `unsure` whether it may have gone."""

    def __init__(self, reason: str, *, again: bool, unsure: bool = False) -> None:
        super().__init__(reason)
        self.again, self.unsure = again, unsure


class Notifier(Protocol):
    """A way to people: mail, a push service, a webhook."""

    @property
    def recipients(self) -> tuple[str, ...]:
        """Whom it reaches; each gets every message once. Shown, so nothing in it is secret."""

    def pack(self, message: Message, recipient: str, message_id: str) -> bytes:
        """The message as this way carries it; it is kept until it is sent, and holds no secret."""

    def send(self, packed: bytes, recipient: str) -> None:
        """Send what was packed.

        Raises:
            NotSentError: it did not go out, or nobody can know whether it did.

        """
