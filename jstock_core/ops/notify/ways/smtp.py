"""Mail through an SMTP server (RFC 5321, 8314): one message a recipient, over TLS, its certificate checked.

What is known of a message that failed follows from where the conversation ended. Until its text has begun to
go out, nothing was delivered. From there on until the server's answer nobody can know: it is sent again with
the same Message-ID, by which mailboxes and people tell that it is the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.headerregistry import Address
from email.policy import SMTP as ASCII_MAIL
from email.policy import SMTPUTF8 as UNICODE_MAIL
from email.utils import format_datetime
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field

from jstock_core.base.errors import JstockError, ParamsError, error_reason
from jstock_core.base.limits import cut_text
from jstock_core.base.params import declare
from jstock_core.base.secrets.loopback import is_loopback
from jstock_core.base.secrets.secret import Secret, SecretNameOrNone, find_secret
from jstock_core.ops.notify.message import Message
from jstock_core.ops.notify.ways.notifier import NotSentError
from jstock_core.reports.render.outgoing.mail import MailBody

if TYPE_CHECKING:
    from smtplib import SMTP

Security = Literal["starttls", "tls", "none"]
PORTS: dict[Security, int] = {"starttls": 587, "tls": 465, "none": 25}
_GREETING = "[127.0.0.1]"
"""What the client calls itself: the name of this machine concerns nobody."""
_WORD = r"[^@\s<>\"(),:;\\\x00-\x20\x7f]+"
_MAILBOX = re.compile(
    rf"(?:(?P<name>[^@<>\"(),:;\\]*)<(?P<inner>{_WORD}@{_WORD})>|(?P<bare>{_WORD}@{_WORD}))"
)


def _parse(text: str) -> Address:
    """An address, perhaps after a name: `jstock <desk@example.com>`; its domain as DNS has it.

    Raises:
        ValueError: the text is none.

    """
    found = _MAILBOX.fullmatch(text.strip())
    if found is None or not text.isprintable():
        raise ValueError("expected a mail address, as desk@example.com or jstock <desk@example.com>")
    local, _, domain = (found["inner"] or found["bare"]).rpartition("@")
    return Address((found["name"] or "").strip(), local, domain.encode("idna").decode("ascii"))


def _check(text: str) -> str:
    _parse(text)
    return text


Mailbox = Annotated[str, AfterValidator(_check)]


@declare
class SmtpMail:
    """Mail. `security` is "starttls", "tls" from the first byte, or "none" for a server on this machine.

    `port` 0 is the usual one: 587, 465, 25. With a `user` the client logs in, by the secret that `password`
    names. `sender` and `to` are addresses, which may have a name before them. `timeout_s` is how long one
    answer of the server is waited for.
    """

    host: str = Field(min_length=1)
    sender: Mailbox
    to: list[Mailbox] = Field(min_length=1)
    security: Security = "starttls"
    port: int = Field(default=0, ge=0, le=65535)
    user: str = ""
    password: SecretNameOrNone = ""
    timeout_s: float = Field(default=20.0, gt=0, le=120)

    def __post_init__(self) -> None:
        if self.security == "none" and not is_loopback(self.host):
            raise ParamsError(
                f"security: none would send mail to {self.host} readable by everybody on the way",
                do='choose "starttls" or "tls"; "none" is for a server on this machine',
            )
        if self.user and not self.password:
            raise ParamsError(
                "password: required with a user, but missing",
                do="name the secret, as JSTOCK_SMTP_PASSWORD, and put it into the variable of that name",
            )

    @property
    def recipients(self) -> tuple[str, ...]:
        """The addresses, each once."""
        return tuple(dict.fromkeys(self.to))

    def pack(self, message: Message, recipient: str, message_id: str) -> bytes:
        """The mail as it goes out: text and HTML as alternatives, pictures by their content id, attachments.

        Raises:
            NotSentError: it cannot be written as mail.

        """
        body = message.body or MailBody(" ".join(message.subject.split()), "", message.text)
        try:
            sender, to = _parse(self.sender), _parse(recipient)
            mail = body.message(message.attachments)
            mail["From"], mail["To"] = sender, to
            mail["Date"] = format_datetime(message.made)
            mail["Message-ID"] = message_id
            mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence notice answers it
            ascii_only = (sender.username + to.username).isascii()
            return mail.as_bytes(policy=ASCII_MAIL if ascii_only else UNICODE_MAIL)
        except (ValueError, LookupError) as error:
            raise NotSentError(f"the message cannot be written as mail: {error}", again=False) from error

    def send(self, packed: bytes, recipient: str) -> None:
        """Send a mail in a conversation of its own.

        Raises:
            NotSentError: it was not sent, or nobody can know.

        """
        secret = self._secret()
        with _reasons(self.host, secret), self._connected() as server:
            if secret is not None:
                server.login(self.user, secret.reveal())
            _deliver(server, _parse(self.sender).addr_spec, _parse(recipient).addr_spec, packed)

    def _secret(self) -> Secret | None:
        try:
            return find_secret(self.password) if self.user else None
        except JstockError as error:
            raise NotSentError(f"{error.what}; {error.do}", again=True) from error

    @contextmanager
    def _connected(self) -> Iterator[SMTP]:
        """A conversation with the server, encrypted; what goes wrong at its end is no fault any more."""
        import smtplib
        import ssl

        port = self.port or PORTS[self.security]
        context = ssl.create_default_context()
        if self.security == "tls":
            server: SMTP = smtplib.SMTP_SSL(
                self.host, port, _GREETING, timeout=self.timeout_s, context=context
            )
        else:
            server = smtplib.SMTP(self.host, port, _GREETING, timeout=self.timeout_s)
        try:
            if self.security == "starttls":
                server.starttls(context=context)
            server.ehlo_or_helo_if_needed()
            yield server
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
        finally:
            server.close()


def _deliver(server: SMTP, sender: str, recipient: str, mail: bytes) -> None:
    """Hand one mail over; the answer after its text is what makes it the server's."""
    from smtplib import SMTPException

    options = [f"SIZE={len(mail)}"] if server.has_extn("size") else []
    if not (sender + recipient).isascii():
        if not server.has_extn("smtputf8"):
            raise NotSentError(f"the server carries no address such as {recipient} (SMTPUTF8)", again=False)
        options += ["SMTPUTF8", "BODY=8BITMIME"]
    _require(server.mail(sender, options), "2")
    _require(server.rcpt(recipient), "2")
    _require(server.docmd("DATA"), "3")
    try:
        server.send(re.sub(rb"(?m)^\.", b"..", mail).removesuffix(b"\r\n") + b"\r\n.\r\n")
        answer = server.getreply()
    except (OSError, SMTPException) as error:
        raise NotSentError(
            f"the connection ended before the server had answered to the text: {error}",
            again=True,
            unsure=True,
        ) from error
    _require(answer, "2")


def _require(answer: tuple[int, bytes], first: str) -> None:
    """Make sure that an answer has a code that begins so."""
    from smtplib import SMTPResponseException

    if not str(answer[0]).startswith(first):
        raise SMTPResponseException(*answer)


@contextmanager
def _reasons(host: str, secret: Secret | None) -> Iterator[None]:
    """Say why a conversation failed, and whether another one may help."""
    import ssl
    from smtplib import SMTPException, SMTPResponseException, SMTPServerDisconnected

    def failure(why: str, *, again: bool) -> NotSentError:
        why = " ".join(why.split())
        return NotSentError(cut_text(f"{host}: {secret.hide(why) if secret else why}"), again=again)

    try:
        yield
    except ssl.SSLCertVerificationError as error:
        mend = (
            "give the host its certificate names; for an authority of your own set SSL_CERT_FILE to its "
            "certificate; an expired one is the server's to renew"
        )
        raise failure(f"its certificate is refused: {error.verify_message}; {mend}", again=False) from error
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError, SMTPServerDisconnected) as error:
        raise failure(f"the connection ended: {error}", again=True) from error
    except ssl.SSLError as error:
        mend = 'if it is the wrong port for it, change `security` ("starttls" is usual on 587, "tls" on 465)'
        raise failure(f"no encrypted connection: {error.reason or error}; {mend}", again=False) from error
    except SMTPResponseException as error:
        said = (
            error.smtp_error.decode(errors="replace")
            if isinstance(error.smtp_error, bytes)
            else error.smtp_error
        )
        raise failure(f"it answered {error.smtp_code} {said}", again=error.smtp_code < 500) from error
    except SMTPException as error:  # no STARTTLS, no way to log in
        raise failure(str(error), again=False) from error
    except OSError as error:
        raise failure(f"it cannot be reached: {error_reason(error)}", again=True) from error
