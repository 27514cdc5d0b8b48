"""Pushes through Apprise (the extra `notify`): Slack, Discord, Telegram, Teams, LINE, ntfy and many more.

An Apprise URL holds the token of its service, so a declaration names the variable or keyring entry that has
it. Apprise says that a push failed, and not whether another try helps: every failure is tried again.
"""

from __future__ import annotations

import json
import re
from importlib.util import find_spec
from typing import Any

from pydantic import Field

from jstock_core.base.errors import JstockError
from jstock_core.base.limits import cut_text
from jstock_core.base.params import declare
from jstock_core.base.secrets.secret import SecretName, find_secret
from jstock_core.ops.notify.message import Kind, Message
from jstock_core.ops.notify.ways.hush import hush
from jstock_core.ops.notify.ways.notifier import NotSentError

_TYPES = {Kind.FAILURE: "failure", Kind.WARNING: "warning", Kind.ACTION: "warning", Kind.RECOVERY: "success"}
_LINE_NOTIFY = re.compile(r"(?i)^linenotify|notify-(?:api|bot)\.line\.me")
_LOGGERS = ("apprise", "requests", "urllib3")


@declare
class Push:
    """Pushes. `to` are the names of secrets, each an Apprise URL, as `slack://...` in `JSTOCK_PUSH_URL`."""

    to: list[SecretName] = Field(min_length=1)

    @property
    def recipients(self) -> tuple[str, ...]:
        """The names of the secrets, each once."""
        return tuple(dict.fromkeys(self.to))

    def pack(self, message: Message, recipient: str, message_id: str) -> bytes:  # noqa: ARG002
        """The message for a phone, and its kind."""
        return json.dumps({"body": message.short, "notify_type": _TYPES.get(message.kind, "info")}).encode()

    def send(self, packed: bytes, recipient: str) -> None:
        """Push to the service of a recipient's URL.

        Raises:
            NotSentError: it did not go out.

        """
        if find_spec("apprise") is None:
            do = "pip install jstock[notify]"
            raise NotSentError(f"pushes need Apprise, which is not installed; {do}", again=True)
        try:
            url = find_secret(recipient).reveal()
        except JstockError as error:
            raise NotSentError(f"{error.what}; {error.do}", again=True) from error
        if _LINE_NOTIFY.search(url):
            do = "use LINE's Messaging API: line://CHANNEL_TOKEN/USER_ID"
            raise NotSentError(f"{recipient}: LINE Notify has ended (March 2025); {do}", again=False)
        with hush(*_LOGGERS) as heard:
            sent = _service(recipient, url).notify(body_format="text", **json.loads(packed))
        if not sent:
            said = _hide_parts("; ".join(dict.fromkeys(heard)), url) or "Apprise gives no reason"
            raise NotSentError(cut_text(f"{recipient}: not pushed: {said}"), again=True)


def _service(recipient: str, url: str) -> Any:
    """Apprise with one service.

    Raises:
        NotSentError: the URL is none of Apprise, or would accept any certificate.

    """
    from apprise import Apprise, AppriseAsset

    made = Apprise(asset=AppriseAsset(app_id="jstock", async_mode=False))
    if not made.add(url) or len(made) != 1:
        raise NotSentError(f"{recipient}: its content is no URL that Apprise knows", again=False)
    if not made[0].verify_certificate:
        raise NotSentError(f"{recipient}: take `verify=no` out: anybody could read the messages", again=False)
    return made


def _hide_parts(text: str, url: str) -> str:
    """What Apprise says, without any part of the URL."""
    parts = sorted({url, *re.split(r"[/:@?&=#,]+", url)}, key=len, reverse=True)
    for part in parts:
        if len(part) >= 6:
            text = text.replace(part, "[secret]")
    return " ".join(text.split())
