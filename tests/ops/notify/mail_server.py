"""SMTP servers of this machine: a real one with TLS and users, and one that goes wrong where it is told."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope

USER, PASSWORD = "desk", "correct-horse-9"


@dataclass
class Inbox:
    """A server's handler: it keeps what it receives. `answers` are its answers to a verb instead of 250."""

    answers: dict[str, str] = field(default_factory=dict)
    received: list[Envelope] = field(default_factory=list)

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(each.content, policy=default) for each in self.received]

    async def handle_MAIL(
        self, server: Any, session: Any, envelope: Envelope, address: str, options: list
    ) -> str:
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Envelope, address: str, options: list
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT", "250 OK")

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        if "DATA" not in self.answers:
            self.received.append(envelope)
        return self.answers.get("DATA", "250 OK")


def _authenticate(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
    known = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)


@contextmanager
def serve_mail(
    inbox: Inbox, security: str, context: ssl.SSLContext | None = None, **options: Any
) -> Iterator[int]:
    """A running server's port; with `auth_required=True` among the options it has one user."""
    given = {"tls": {"ssl_context": context}, "starttls": {"tls_context": context, "require_starttls": True}}
    controller = Controller(
        inbox, "127.0.0.1", _free_port(), authenticator=_authenticate, **given.get(security, {}), **options
    )  # fmt: skip
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@contextmanager
def serve_script(*answers: str) -> Iterator[int]:
    """A port whose server gives one answer a line that it reads, the first at once, and then hangs up.

    After an answer 354 it reads the whole text before the next. Without answers nobody even looks.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_play, args=(listening, answers))
        if answers:
            thread.start()
        yield listening.getsockname()[1]
        if answers:
            thread.join(10)


def _play(listening: socket.socket, answers: tuple[str, ...]) -> None:
    with contextlib.suppress(OSError):
        connection, _ = listening.accept()
        with connection, connection.makefile("rb") as lines:
            for answer in answers:
                connection.sendall(f"{answer}\r\n".encode())
                line = lines.readline()
                while answer.startswith("354") and line not in (b"", b".\r\n"):
                    line = lines.readline()
