"""What can go wrong with an answer, on script: which request it befalls, and what becomes of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

Manner = Literal["", "hang", "reset", "drip"]


@dataclass(frozen=True)
class Reply:
    """An answer: status, body, how it is sent, and by how much the server's clock is ahead (seconds)."""

    status: int
    body: bytes
    kind: str = "application/json"
    manner: Manner = ""
    skew: float = 0.0

    @classmethod
    def of(cls, content: Mapping[str, Any], status: int = 200) -> Reply:
        """An answer in JSON."""
        return cls(status, json.dumps(content, ensure_ascii=False).encode())

    @property
    def content(self) -> dict[str, Any]:
        """The JSON of the body."""
        found: dict[str, Any] = json.loads(self.body)
        return found


Change = Callable[[Reply], Reply]


@dataclass
class Fault:
    """A change to the answers of requests whose path ends with `path`: to number `nth` and `times` in all."""

    path: str
    change: Change
    nth: int = 1
    times: int = 1
    seen: int = 0

    def apply(self, path: str, reply: Reply) -> Reply:
        """The answer after the fault, where it befalls this request."""
        if not path.endswith(self.path):
            return reply
        self.seen += 1
        return self.change(reply) if self.nth <= self.seen < self.nth + self.times else reply


def status(code: int, message: str = "") -> Change:
    """Answer with another status, and a message where one is given."""
    content = {"message": message} if message else {}
    return lambda _reply: Reply.of(content, code)


def body(content: bytes) -> Change:
    """Answer with other bytes, as a proxy's page."""
    return lambda reply: replace(reply, body=content)


def cut(reply: Reply) -> Reply:
    """Send half of the body as if it were the whole."""
    return replace(reply, body=reply.body[: len(reply.body) // 2])


def flip(reply: Reply) -> Reply:
    """Change one byte in the midst of the body."""
    middle = len(reply.body) // 2
    changed = bytes([reply.body[middle] ^ 0xFF])
    return replace(reply, body=reply.body[:middle] + changed + reply.body[middle + 1 :])


def sent(manner: Manner) -> Change:
    """Hang without an answer, reset the connection in the midst of it, or let it drip."""
    return lambda reply: replace(reply, manner=manner)


def skewed(seconds: float) -> Change:
    """Let the server's clock be ahead (behind below 0)."""
    return lambda reply: replace(reply, skew=seconds)


def rows(change: Callable[[list[dict[str, Any]]], list[Any]]) -> Change:
    """Change the rows of an answer."""

    def changed(reply: Reply) -> Reply:
        content = reply.content
        return Reply.of({**content, "data": change(content["data"])})

    return changed


def value(column: str, given: Any, *, row: int = 0) -> Change:
    """Put another value into one row."""
    return rows(lambda data: [{**r, column: given} if n == row else r for n, r in enumerate(data)])


def without(column: str, *, row: int | None = None) -> Change:
    """Take a column out of one row, by default of every one."""

    def taken(data: list[dict[str, Any]]) -> list[Any]:
        return [
            {k: v for k, v in r.items() if k != column} if row is None or n == row else r
            for n, r in enumerate(data)
        ]

    return rows(taken)


def field(name: str, given: Any) -> Change:
    """Put another value beside the rows, as a pagination key."""
    return lambda reply: Reply.of({**reply.content, name: given})
