"""What every way of telling people can do; the entry point `jstock.notifiers` adds others."""

from __future__ import annotations

from typing import Protocol

from jstock_core.ops.notify.message import Message


class NotSentError(Exception):
    """A message did not go out. `again` says whether it may go later; `unsure` whether it may have gone.

    `after_s` are the seconds that the other side asks to wait before it is sent again, 0 where it does not.
    The reason holds no secret.
    """

    def __init__(self, reason: str, *, again: bool, unsure: bool = False, after_s: float = 0) -> None:
        super().__init__(reason)
        self.again, self.unsure, self.after_s = again, unsure, after_s


class Notifier(Protocol):
    """A way to people: mail, a push service, a webhook.

    One that `params/desk.yaml` can name is a class made with `jstock_core.base.params.declare`: its fields
    are the keys under its name in `notify.ways`, beside `use`. A field that names a secret is a `SecretName`,
    and `find_secret` gives the secret where it is needed, never before.
    """

    @property
    def recipients(self) -> tuple[str, ...]:
        """Whom it reaches; each gets every message once. Shown, so nothing in it is secret."""

    def pack(self, message: Message, recipient: str, message_id: str) -> bytes:
        """The message as this way carries it; it is kept until it is sent, and holds no secret.

        Raises:
            NotSentError: this way cannot carry it.

        """

    def send(self, packed: bytes, recipient: str) -> None:
        """Send what was packed.

        Raises:
            NotSentError: it did not go out, or nobody can know whether it did.

        """
