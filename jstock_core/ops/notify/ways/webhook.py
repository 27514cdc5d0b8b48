"""Messages as JSON to an address of HTTP, for programs.

Each is a POST with the message's id as `Idempotency-Key`, the same whenever it is sent again. Where a secret
is named for it, `X-Jstock-Signature` is `sha256=` and the HMAC-SHA256 of the body with that secret, in hex.
"""

from __future__ import annotations

import hmac
import json
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import Field

from jstock_core.base.errors import JstockError
from jstock_core.base.params import declare
from jstock_core.base.secrets.loopback import is_loopback
from jstock_core.base.secrets.secret import SecretName, SecretNameOrNone, find_secret
from jstock_core.ops.notify.message import Message
from jstock_core.ops.notify.ways.hush import hush
from jstock_core.ops.notify.ways.notifier import NotSentError

if TYPE_CHECKING:
    from httpx import Response

SIGNATURE = "X-Jstock-Signature"
IDEMPOTENCY = "Idempotency-Key"
_LATER = (408, 425, 429)
"""Answers of a client's fault that say to come again."""
_LONGEST_WAIT_S = 86_400.0


@declare
class Webhook:
    """A webhook. `to` are the names of secrets, each a URL (https, or http on this machine).

    `signed_with` names the secret of the signature, "" for none.
    """

    to: list[SecretName] = Field(min_length=1)
    signed_with: SecretNameOrNone = ""
    timeout_s: float = Field(default=10.0, gt=0, le=120)

    @property
    def recipients(self) -> tuple[str, ...]:
        """The names of the secrets, each once."""
        return tuple(dict.fromkeys(self.to))

    def pack(self, message: Message, recipient: str, message_id: str) -> bytes:  # noqa: ARG002
        """The message as JSON."""
        content = {
            "id": message_id,
            "kind": str(message.kind),
            "trade_date": str(message.trade_date),
            "made": message.made.isoformat(timespec="seconds"),
            "subject": message.subject,
            "text": message.text,
            "short": message.short,
        }
        return json.dumps(content, ensure_ascii=False).encode()

    def send(self, packed: bytes, recipient: str) -> None:
        """Post what was packed; another address that the server names is not followed.

        Raises:
            NotSentError: it was not accepted, or nobody can know.

        """
        import httpx

        url, key = _secret(recipient), _secret(self.signed_with) if self.signed_with else ""
        _check(recipient, url)
        headers = {"Content-Type": "application/json", IDEMPOTENCY: json.loads(packed)["id"]}
        if key:
            headers[SIGNATURE] = f"sha256={hmac.new(key.encode(), packed, sha256).hexdigest()}"
        try:
            with hush("httpx", "httpcore"):
                answer = httpx.post(
                    url, content=packed, headers=headers, timeout=self.timeout_s, follow_redirects=False
                )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            raise _failure(recipient, error, again="CERTIFICATE_VERIFY" not in str(error)) from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise NotSentError(f"{recipient}: its content is no URL", again=False) from error
        except httpx.HTTPError as error:
            raise _failure(recipient, error, again=True, unsure=True) from error
        _judge(recipient, answer)


def _secret(name: str) -> str:
    try:
        return find_secret(name).reveal()
    except JstockError as error:
        raise NotSentError(f"{error.what}; {error.do}", again=True) from error


def _check(recipient: str, url: str) -> None:
    """Make sure that nobody on the way reads a message."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise NotSentError(f"{recipient}: its content is no URL", again=False) from None
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)):
        return
    what = "its content must be a URL that begins with https:// (http:// for this machine alone)"
    raise NotSentError(f"{recipient}: {what}", again=False)


def _failure(recipient: str, error: Exception, *, again: bool, unsure: bool = False) -> NotSentError:
    """What httpx says names host and cause, and no path."""
    return NotSentError(
        f"{recipient}: {type(error).__name__}: {error}".rstrip(": "), again=again, unsure=unsure
    )


def _judge(recipient: str, answer: Response) -> None:
    code = answer.status_code
    if answer.is_success:
        return
    what = f"{recipient}: it answered {code} {answer.reason_phrase}".rstrip()
    if answer.is_redirect:
        raise NotSentError(f"{what}: give the address that it names as the URL", again=False)
    again = code >= 500 or code in _LATER
    raise NotSentError(what, again=again, after_s=_wait_s(answer) if again else 0)


def _wait_s(answer: Response) -> float:
    """Seconds of Retry-After; of a date there, or of what is none, nothing."""
    said = answer.headers.get("Retry-After", "").strip()
    return min(float(said), _LONGEST_WAIT_S) if said.isascii() and said.isdigit() else 0.0
