"""A web server of this machine that keeps what it is sent and answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Posted:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class WebServer:
    """What came, and what is answered: a status with its headers."""

    url: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    """Hang up when a request has come, without an answer."""
    posted: list[Posted] = field(default_factory=list)


@contextmanager
def serve_web(**answer: Any) -> Iterator[WebServer]:
    """A running server."""
    shown = WebServer(**answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            shown.posted.append(Posted(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            if shown.drop:
                self.close_connection = True
                return
            self.send_response(shown.status)
            for name, value in {"Content-Length": "0", **shown.headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    shown.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield shown
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
