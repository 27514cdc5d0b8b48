"""No message holds a secret, and a message is never held back for one."""

from __future__ import annotations

from dataclasses import replace

from jstock_core.base.secrets.secret import Secret
from jstock_core.ops.notify.secrecy import redact_message
from jstock_core.reports.render.outgoing.mail import MailBody
from tests.ops.notify.messages import message
from tests.ops.notify.people import Clock, FakeWay, sender

NAME, SECRET = "JSTOCK_SMTP_PASSWORD", "correct&horse-9"
KNOWN = {NAME: Secret(SECRET, "test")}
HOLDING = message(
    subject=f"failed: {SECRET}", text=f"cell 4: {SECRET}\n", short=f"! {SECRET}",
    body=MailBody(f"s {SECRET}", "<p>correct&amp;horse-9</p>", f"t {SECRET}", {"equity": b"\x89PNG"}),
    attachments={"report.html": b"<p>\xff correct&amp;horse-9</p>", "a.md": b"nothing"},
)  # fmt: skip


def test_every_part_of_a_message_is_searched() -> None:
    clean = redact_message(HOLDING, KNOWN)
    assert (clean.subject, clean.text, clean.short) == (
        "failed: [secret]",
        "cell 4: [secret]\n",
        "! [secret]",
    )
    assert clean.body == MailBody("s [secret]", "<p>[secret]</p>", "t [secret]", {"equity": b"\x89PNG"})
    assert clean.attachments == {"report.html": b"<p>\xff [secret]</p>", "a.md": b"nothing"}
    assert clean.key == HOLDING.key


def test_what_looks_like_a_key_is_replaced_without_being_known() -> None:
    given = message(text="connect to postgresql://desk:s3cret@db.example.com/desk failed")
    assert (
        redact_message(given, {}).text == "connect to postgresql://desk:[secret]@db.example.com/desk failed"
    )


def test_a_message_without_secrets_stays_as_it_is() -> None:
    assert redact_message(message(), KNOWN) == message()


def test_a_sender_packs_and_keeps_no_secret() -> None:
    by = replace(sender({"mail": FakeWay()}, Clock(), routes={"report": "mail"}), secrets=lambda: KNOWN)
    [entry] = by.entries(HOLDING, by.clock())
    assert entry.subject == "failed: [secret]"
    assert b"horse" not in entry.packed
