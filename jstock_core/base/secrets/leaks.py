"""Detection of secrets in bytes about to be shown: known secrets, and text that looks like a key.

The patterns are of keys that their issuers made recognisable (a fixed beginning and length), of private keys,
of URLs with a password, and of words such as `api_key` with a long value beside them. A file of market data,
a chart or a hash matches none of them.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote as quote_url
from urllib.parse import quote_plus

SHORTEST = 8
"""Fewest characters of a secret that is searched for: shorter ones occur in files by chance."""
HIDDEN = b"[secret]"


@dataclass(frozen=True)
class Leak:
    """A secret found in a file: a description and its byte range. It holds no part of the secret."""

    called: str
    start: int
    end: int


@dataclass(frozen=True)
class _Kind:
    """Keys of one issuer: `pattern`, or its group "key". A file without one of `signs` is not searched."""

    called: str
    signs: tuple[bytes, ...]
    pattern: re.Pattern[bytes]
    any_case: bool = False
    """Whether `signs`, in small letters, stand there in any."""


_START, _END = rb"(?<![\w+/=.-])", rb"(?![\w+/=-])"
"""What a key stands between: in the middle of base64, as of a picture, none is looked for."""
_QUOTE = rb"(?:\\?[\"']|&quot;|&#39;|&#34;)"

_KINDS = (
    _Kind(
        "a private key",
        (b"PRIVATE KEY-----",),
        re.compile(
            rb"-----BEGIN ((?:[A-Z]+ )*)PRIVATE KEY-----(?:[\s\S]{1,20000}?-----END \1PRIVATE KEY-----)?"
        ),
    ),
    _Kind(
        "a URL with a password",
        (b"://",),
        re.compile(
            rb"://[^\s/:@\"'<>\\&;]{1,64}:(?!(?:PASSWORD|\*+|\[secret\])@)(?P<key>[^\s/@\"'<>\\]{3,128})@[\w\[]"
        ),
    ),
    _Kind("a key of AWS", (b"AKIA",), re.compile(_START + rb"AKIA[0-9A-Z]{16}" + _END)),
    _Kind("a key of Google", (b"AIza",), re.compile(_START + rb"AIza[0-9A-Za-z_-]{35}" + _END)),
    _Kind(
        "a token of GitHub",
        (b"ghp_", b"github_pat_"),
        re.compile(_START + rb"(?:ghp_[0-9A-Za-z]{36,}|github_pat_[0-9A-Za-z_]{40,})"),
    ),
    _Kind("a token of Slack", (b"xox",), re.compile(rb"xox[abeoprs]-[0-9A-Za-z-]{20,}")),
    _Kind(
        "a webhook of Slack",
        (b"hooks.slack.com/",),
        re.compile(rb"hooks\.slack\.com/(?:services|workflows|triggers)/[\w/-]{20,}"),
    ),
    _Kind(
        "a webhook of Discord",
        (b"/api/webhooks/",),
        re.compile(rb"discord(?:app)?\.com/api/webhooks/\d{15,}/[\w-]{40,}"),
    ),
    _Kind("a token of Telegram", (b":AA",), re.compile(rb"\b\d{8,11}:AA[\w-]{32,34}" + _END)),
    _Kind("a key of Stripe", (b"k_live_",), re.compile(_START + rb"[rs]k_live_[0-9A-Za-z]{20,}")),
    _Kind("a signed token (JWT)", (b".eyJ",), re.compile(rb"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}")),
    _Kind(
        "a key or password beside its name",
        (b"api_key", b"api-key", b"apikey", b"password", b"client_secret", b"access_token"),
        re.compile(
            rb"(?i)(?:api[_-]?key|password|client_secret|access_token)"
            + _QUOTE
            + rb"?\s*[:=]\s*"
            + _QUOTE
            + rb"(?=[a-z+/_.~-]*\d)(?=[\d+/_.~-]*[a-z])(?P<key>[0-9a-z+/_.~=-]{20,200})"
            + _QUOTE
        ),
        any_case=True,
    ),
)


def find_key_like(content: bytes) -> tuple[Leak, ...]:
    """Find what looks like a key in a file, in file order."""
    lowered = content.lower()
    found = [
        Leak(kind.called, *match.span("key" if "key" in kind.pattern.groupindex else 0))
        for kind in _KINDS
        if any(sign in (lowered if kind.any_case else content) for sign in kind.signs)
        for match in kind.pattern.finditer(content)
    ]
    return tuple(sorted(found, key=lambda leak: leak.start))


def find_known(content: bytes, known: Mapping[str, str]) -> tuple[Leak, ...]:
    """Find known secrets (by name) in a file, also as escaped in JSON, HTML and URLs or in base64."""
    found = [
        Leak(called, start, start + len(form))
        for called, secret in known.items()
        for form in written_forms(secret)
        for start in _places(content, form)
    ]
    return tuple(sorted(found, key=lambda leak: leak.start))


def find_leaks(content: bytes, known: Mapping[str, str]) -> tuple[Leak, ...]:
    """Every leak in a file: known secrets, and elsewhere what looks like a key."""
    ours = find_known(content, known)
    others = (
        leak for leak in find_key_like(content)
        if not any(leak.start < one.end and one.start < leak.end for one in ours)
    )  # fmt: skip
    return tuple(sorted((*ours, *others), key=lambda leak: leak.start))


def written_forms(secret: str) -> tuple[bytes, ...]:
    """The forms in which files write a secret: plain, HTML, URL, Python, base64; none if it is too short.

    Each of them also escaped as inside JSON, as in a notebook.
    """
    if len(secret) < SHORTEST:
        return ()
    texts = (secret, repr(secret)[1:-1], json.dumps(secret)[1:-1])
    pages = [html.escape(text) for text in texts]
    plain = (
        *texts,
        *(html.escape(text, quote=False) for text in texts),
        *pages,
        *(page.replace("&quot;", "&#34;").replace("&#x27;", "&#39;") for page in pages),  # as templates do
        quote_url(secret, safe=""),
        quote_plus(secret),
        base64.b64encode(secret.encode()).decode().rstrip("="),
    )
    in_json = (json.dumps(form, ensure_ascii=ascii_)[1:-1] for form in plain for ascii_ in (False, True))
    return tuple(dict.fromkeys(form.encode() for form in (*plain, *in_json)))


def _places(content: bytes, form: bytes) -> Iterator[int]:
    start = content.find(form)
    while start >= 0:
        yield start
        start = content.find(form, start + len(form))


def redact(content: bytes, leaks: Iterable[Leak]) -> bytes:
    """The file with every leak replaced by a word."""
    parts, at = [], 0
    for leak in sorted(leaks, key=lambda leak: (leak.start, -leak.end)):
        if leak.end > at:
            parts += [content[at : max(at, leak.start)], HIDDEN if leak.start >= at else b""]
            at = leak.end
    return b"".join((*parts, content[at:]))
