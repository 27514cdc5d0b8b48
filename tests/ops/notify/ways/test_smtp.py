"""Mail through real SMTP servers: what arrives, and what becomes of every failure."""

from __future__ import annotations

import ssl
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
import trustme

from jstock_core.base.clock import JST
from jstock_core.base.errors import ParamsError
from jstock_core.ops.notify.message import Message
from jstock_core.ops.notify.registry import make_notifier
from jstock_core.ops.notify.ways.notifier import Notifier, NotSentError
from jstock_core.reports.render.outgoing.mail import MailBody
from tests.ops.notify.mail_server import PASSWORD, USER, Inbox, serve_mail, serve_script
from tests.ops.notify.messages import ID, MADE, message

WHERE = "params/desk.yaml, notify, ways, mail"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
BODY = MailBody(
    "[SIMULATED] 2026-01-21（水）: 注文 2", '<p>買い<img src="cid:equity"></p>', "買い 7203\n.\n.. ends\n",
    {"equity": PNG},
)  # fmt: skip


def way(port: int, **changes) -> Notifier:
    given = {
        "use": "smtp", "host": "127.0.0.1", "port": port, "sender": "jstock 机 <desk@example.com>",
        "to": ["me@example.com"], "security": "none", "timeout_s": 20.0,
    }  # fmt: skip
    return make_notifier({**given, **changes}, where=WHERE)


def send(made: Notifier, message_: Message | None = None) -> None:
    recipient = made.recipients[0]
    made.send(made.pack(message_ or message(), recipient, ID), recipient)


pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The authority's certificate as one that this machine trusts."""
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


def server_context(authority: trustme.CA, *names: str, **options) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*names, **options).configure_cert(context)
    return context


@pytest.fixture
def context(authority: trustme.CA) -> ssl.SSLContext:
    return server_context(authority, "127.0.0.1")


# What arrives


def test_a_mail_arrives_whole(trusted, context):
    inbox = Inbox()
    with serve_mail(inbox, "starttls", context) as port:
        send(way(port, security="starttls"), message(body=BODY, attachments={"report.html": b"<p>all</p>"}))
    [envelope], [mail] = inbox.received, inbox.mails
    assert (envelope.mail_from, envelope.rcpt_tos) == ("desk@example.com", ["me@example.com"])
    assert mail["Subject"] == BODY.subject
    assert mail["From"] == "jstock 机 <desk@example.com>"
    assert mail["To"] == "me@example.com"
    assert mail["Date"].datetime == MADE
    assert mail["Message-ID"] == ID
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "multipart/mixed"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text.get_content().splitlines() == BODY.text.splitlines()
    assert html.get_content().strip() == BODY.html
    pictures = {p["Content-ID"]: p.get_content() for p in mail.walk() if p.get_content_maintype() == "image"}
    assert pictures == {"<equity>": PNG}
    assert [(a.get_filename(), a.get_content()) for a in mail.iter_attachments()] == [
        ("report.html", "<p>all</p>")
    ]
    assert max(map(len, envelope.content.splitlines())) <= 998


def test_without_a_body_it_is_text_alone():
    mail = message_from_bytes(
        way(25).pack(message(subject="two\nlines"), "me@example.com", ID), policy=default
    )
    assert mail.get_content_type() == "text/plain"
    assert (mail["Subject"], mail.get_content().rstrip()) == ("two lines", "text")


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_every_kind_of_security_logs_in(trusted, context, security, monkeypatch):
    monkeypatch.setenv("JSTOCK_SMTP_PASSWORD", PASSWORD)
    inbox = Inbox()
    options = {"auth_required": True, "auth_require_tls": security == "starttls"}
    with serve_mail(inbox, security, context, **options) as port:
        send(way(port, security=security, user=USER, password="JSTOCK_SMTP_PASSWORD"))
    assert len(inbox.mails) == 1


def test_addresses_may_have_any_characters(trusted, context):
    inbox = Inbox()
    with serve_mail(inbox, "none") as port:
        send(way(port, to=["受信者 <机@例え.jp>"]))
    assert inbox.received[0].rcpt_tos == ["机@xn--r8jz45g.jp"]
    assert "To: 受信者 <机@xn--r8jz45g.jp>".encode() in inbox.received[0].content


def test_a_server_that_cannot_carry_an_address_is_told_apart():
    serve = serve_mail(Inbox(), "none", enable_SMTPUTF8=False)
    with serve as port, pytest.raises(NotSentError, match="SMTPUTF8") as caught:
        send(way(port, to=["机@example.com"]))
    assert not caught.value.again


def test_each_recipient_has_a_mail_of_its_own():
    made = way(25, to=["a@example.com", "b@example.com", "a@example.com"])
    assert made.recipients == ("a@example.com", "b@example.com")
    mail = message_from_bytes(made.pack(message(), "b@example.com", ID), policy=default)
    assert mail["To"] == "b@example.com"


# What goes wrong


def failure(made: Notifier) -> tuple[str, bool, bool]:
    with pytest.raises(NotSentError) as caught:
        send(made)
    assert PASSWORD not in str(caught.value)
    return str(caught.value), caught.value.again, caught.value.unsure


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(("answer", "again"), [("451 come back later", True), ("554 never", False)])
def test_an_answer_that_refuses_says_whether_to_try_again(verb, answer, again):
    inbox = Inbox({verb: answer})
    with serve_mail(inbox, "none") as port:
        reason, later, unsure = failure(way(port))
    assert (later, unsure) == (again, False)
    assert f"127.0.0.1: it answered {answer}" in reason
    assert inbox.received == []


READY = ("220 ready", "250 hello", "250 sender", "250 recipient", "354 go on")


@pytest.mark.parametrize("answers", range(1, 5))
def test_a_disconnect_before_the_text_is_tried_again(answers):
    with serve_script(*READY[:answers]) as port:
        reason, again, unsure = failure(way(port))
    assert (again, unsure) == (True, False)
    assert "the connection ended" in reason


def test_after_the_text_nobody_knows():
    with serve_script(*READY) as port:
        reason, again, unsure = failure(way(port))
    assert (again, unsure) == (True, True)
    assert "before the server had answered to the text" in reason


def test_a_goodbye_that_fails_is_no_failure():
    with serve_script(*READY, "250 kept") as port:
        send(way(port))


def test_a_server_that_never_answers_is_left():
    with serve_script() as port:
        reason, again, unsure = failure(way(port, timeout_s=0.05))
    assert (again, unsure) == (True, False)
    assert "timed out" in reason


def test_nobody_there_is_tried_again():
    with serve_script() as port:
        pass
    reason, again, _ = failure(way(port))
    assert again
    assert "cannot be reached: Connection refused" in reason


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_nobody_known_is_refused(context, security):
    inbox = Inbox()
    with serve_mail(inbox, security, context) as port:
        reason, again, unsure = failure(way(port, security=security))
    assert (again, unsure) == (False, False)
    assert "its certificate is refused" in reason
    assert "SSL_CERT_FILE" in reason
    assert inbox.received == []


def test_a_certificate_of_another_host_is_refused(trusted, authority):
    with serve_mail(Inbox(), "starttls", server_context(authority, "mail.example.com")) as port:
        reason, again, _ = failure(way(port, security="starttls"))
    assert not again
    assert "certificate is not valid for '127.0.0.1'" in reason


def test_an_expired_certificate_is_refused(trusted, authority):
    past = datetime(2020, 1, 1, tzinfo=JST)
    with serve_mail(Inbox(), "tls", server_context(authority, "127.0.0.1", not_after=past)) as port:
        reason, again, _ = failure(way(port, security="tls"))
    assert not again
    assert "expired" in reason


def test_a_server_without_starttls_gets_nothing_in_the_clear(monkeypatch):
    monkeypatch.setenv("JSTOCK_SMTP_PASSWORD", PASSWORD)
    inbox = Inbox()
    with serve_mail(inbox, "none") as port:
        reason, again, _ = failure(way(port, security="starttls", user=USER, password="JSTOCK_SMTP_PASSWORD"))
    assert not again
    assert "STARTTLS" in reason
    assert inbox.received == []


def test_the_wrong_port_for_tls_is_explained():
    with serve_mail(Inbox(), "none") as port:
        reason, again, _ = failure(way(port, security="tls"))
    assert not again
    assert "change `security`" in reason


def test_a_wrong_password_is_not_tried_again(trusted, context, monkeypatch):
    monkeypatch.setenv("JSTOCK_SMTP_PASSWORD", "another-password")
    with serve_mail(Inbox(), "tls", context, auth_required=True, auth_require_tls=False) as port:
        reason, again, _ = failure(way(port, security="tls", user=USER, password="JSTOCK_SMTP_PASSWORD"))
    assert not again
    assert "535" in reason
    assert "another-password" not in reason


def test_a_password_that_is_not_set_is_named(monkeypatch):
    monkeypatch.delenv("JSTOCK_SMTP_PASSWORD", raising=False)
    reason, again, _ = failure(way(25, user=USER, password="JSTOCK_SMTP_PASSWORD"))
    assert again, "it goes out once the secret is there"
    assert "JSTOCK_SMTP_PASSWORD" in reason


# What may be declared


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"to": []}, "to: "),
        ({"to": ["nobody"]}, "to.0: "),
        ({"to": ["a@b\nBcc: c@d"]}, "to.0: "),
        ({"sender": "x <a@b.jp>, c@d.jp"}, "sender: "),
        ({"security": "ssl"}, "security: "),
        ({"password": "hunter2"}, "password: holds a secret"),
        ({"user": "desk"}, "password: required with a user, but missing"),
        ({"host": "mail.example.com"}, "security: none would send mail to mail.example.com readable"),
        ({"timeout_s": 0.0}, "timeout_s: "),
    ],
)
def test_a_mistake_is_an_error_that_names_key_and_place(changes, said):
    with pytest.raises(ParamsError) as caught:
        way(25, **changes)
    assert said in caught.value.what
    assert "hunter2" not in str(caught.value)


def test_nothing_of_it_shows_the_password(monkeypatch):
    monkeypatch.setenv("JSTOCK_SMTP_PASSWORD", PASSWORD)
    made = way(25, user=USER, password="JSTOCK_SMTP_PASSWORD")
    assert PASSWORD not in repr(made)
    assert PASSWORD.encode() not in made.pack(message(), "me@example.com", ID)
