"""The server: real HTTP on this machine, answering from an exchange by a clock that the test moves."""

from __future__ import annotations

import gzip
import socket
import struct
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jstock_core.data.providers.jquants.endpoints import STATEMENTS
from jstock_core.data.providers.jquants.plans import PREMIUM, STANDARD, DataPlan
from jstock_core.testing.jquants.clock import ManualClock
from jstock_core.testing.jquants.exchange import Exchange
from jstock_core.testing.jquants.faults import Fault, Reply
from jstock_core.testing.jquants.quota import Quota
from jstock_core.testing.jquants.replies import Asked, Terms, reply_to

KEY = "key-of-a-test-1234567890"
_DRIP = 30.0  # seconds by the clock between two parts of a slow body


@dataclass
class LocalJQuants:
    """A running server: where it is, what it was asked, and what it refused."""

    exchange: Exchange
    clock: ManualClock
    terms: Terms
    faults: list[Fault] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    downloads: list[Asked] = field(default_factory=list)
    url: str = ""
    released: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.quota = Quota(self.terms.plan.per_minute)
        self.statement_quota = Quota(STATEMENTS.per_minute)

    @property
    def refused(self) -> int:
        """How many requests came too fast."""
        return self.quota.refused + self.statement_quota.refused

    def answer(self, asked: Asked) -> Reply:
        """The answer to a request, after limits and faults."""
        with self.lock:
            reply = self._usual(asked)
            for fault in self.faults:
                reply = fault.apply(asked.path, reply)
            return reply

    def _usual(self, asked: Asked) -> Reply:
        if asked.path.startswith("/files/"):
            self.downloads.append(asked)
            return reply_to(self.exchange, self.terms, asked, self.clock.local)
        self.asked.append(asked)
        allowed = self.quota.allow(self.clock.now())
        if asked.path == STATEMENTS.path:
            allowed &= self.statement_quota.allow(self.clock.now())
        if not allowed:
            return Reply.of({"message": "Rate limit exceeded."}, 429)
        return reply_to(self.exchange, self.terms, asked, self.clock.local)


@contextmanager
def serve_jquants(
    exchange: Exchange,
    clock: ManualClock,
    *,
    plan: DataPlan = STANDARD,
    faults: Sequence[Fault] = (),
    page_rows: int = 10_000,
    refuses: bool = True,
) -> Iterator[LocalJQuants]:
    """Run a server while the block runs. `refuses`: what the plan lacks is refused, else empty."""
    terms = Terms(KEY, plan, page_rows, refuses)
    shown = exchange if plan is PREMIUM else exchange.without_halves
    local = LocalJQuants(shown, clock, terms, list(faults))
    server = _Server(("127.0.0.1", 0), _handler(local))
    local.url = f"http://127.0.0.1:{server.server_address[1]}"
    local.terms = Terms(KEY, plan, page_rows, refuses, local.url)
    thread = Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True)
    thread.start()
    try:
        yield local
    finally:
        local.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Show defects of the server, and not that a client went away."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def _handler(local: LocalJQuants) -> type[BaseHTTPRequestHandler]:
    class Requests(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            params = dict(parse_qsl(parts.query, keep_blank_values=True))
            asked = Asked(parts.path, params, self.headers.get("x-api-key"))
            _send(self, local, local.answer(asked))

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as above
            """Say nothing."""

    return Requests


def _send(request: BaseHTTPRequestHandler, local: LocalJQuants, reply: Reply) -> None:
    if reply.manner == "hang":
        local.released.wait(60)
        request.close_connection = True
        return
    content = reply.body
    packed = reply.kind == "application/json" and "gzip" in request.headers.get("Accept-Encoding", "")
    if packed:
        content = gzip.compress(content, 1)
    request.send_response_only(reply.status)
    request.send_header("Date", formatdate(local.clock.now() + reply.skew, usegmt=True))
    request.send_header("Content-Type", reply.kind)
    request.send_header("Content-Length", str(len(content)))
    if packed:
        request.send_header("Content-Encoding", "gzip")
    request.end_headers()
    if reply.manner == "reset":
        request.wfile.write(content[: len(content) // 2])
        request.wfile.flush()
        request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.close_connection = True
        return
    for part in _parts(content) if reply.manner == "drip" else (content,):
        if reply.manner == "drip":
            local.clock.sleep(_DRIP)
        request.wfile.write(part)
        request.wfile.flush()


def _parts(content: bytes) -> Iterator[bytes]:
    size = max(len(content) // 8, 1)
    for start in range(0, len(content), size):
        yield content[start : start + size]
