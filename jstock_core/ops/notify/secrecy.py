"""No secret goes out in a message: what stands in one is replaced, and the message goes all the same.

What fails must reach people, so a message is not held back as a run is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from jstock_core.base.secrets.leaks import find_leaks, redact
from jstock_core.base.secrets.secret import Secret
from jstock_core.ops.notify.message import Message


def redact_message(message: Message, known: Mapping[str, Secret]) -> Message:
    """A message without the desk's secrets, given by name, and without what looks like a key."""
    texts = {called: secret.reveal() for called, secret in known.items()}

    def clean(content: bytes) -> bytes:
        leaks = find_leaks(content, texts)
        return redact(content, leaks) if leaks else content

    def text(shown: str) -> str:
        return clean(shown.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    body = message.body
    if body is not None:
        body = replace(body, subject=text(body.subject), html=text(body.html), text=text(body.text))
    return replace(
        message,
        subject=text(message.subject),
        text=text(message.text),
        short=text(message.short),
        body=body,
        attachments={name: clean(content) for name, content in message.attachments.items()},
    )
