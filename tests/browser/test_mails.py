"""A mail as it was received through SMTP, shown as a mail program shows it."""

from __future__ import annotations

import base64
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest

from jstock_core.ops.notify.registry import make_notifier
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.outgoing.mail import MOST_BYTES, mail_body
from jstock_core.reports.render.parts.words import Words
from tests.ops.notify.mail_server import Inbox, serve_mail
from tests.ops.notify.messages import ID, message
from tests.reports import mornings

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


def sealed() -> Report:
    """A morning with a seal, which is one long word."""
    report = mornings.report()
    return replace(report, provenance=replace(report.provenance, seal="0adf6cf45eba0065" * 4))


def received(language: str) -> tuple[EmailMessage, int]:
    """The morning's mail, and its bytes on the wire."""
    body = mail_body(sealed(), Words(language))
    inbox = Inbox()
    with serve_mail(inbox, "none") as port:
        declared = {"use": "smtp", "host": "127.0.0.1", "port": port, "security": "none"}
        way = make_notifier(
            {**declared, "sender": "desk@example.com", "to": ["me@example.com"]}, where="params/desk.yaml"
        )
        way.send(way.pack(message(body=body), "me@example.com", ID), "me@example.com")
    [mail] = inbox.mails
    return mail, len(inbox.received[0].content)


def page_of(mail: EmailMessage) -> str:
    """Its HTML, with the pictures that it brings in the places that name them."""
    html = mail.get_body(("html",)).get_content()
    for part in mail.walk():
        if part.get_content_maintype() == "image":
            data = base64.b64encode(part.get_content()).decode()
            html = html.replace(f"cid:{part['Content-ID'].strip('<>')}", f"data:image/png;base64,{data}")
    return html


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("width", [390, 800])
def test_a_received_mail_is_shown_whole(browser: Any, language: str, width: int) -> None:
    mail, size = received(language)
    html = page_of(mail)
    assert len(mail.get_body(("html",)).get_content().encode()) <= MOST_BYTES
    assert size < 400_000
    assert "cid:" not in html
    context = browser.new_context(viewport={"width": width, "height": 844}, java_script_enabled=False)
    requests: list[str] = []
    try:
        page = context.new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.set_content(html)
        assert [url for url in requests if not url.startswith("data:")] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        pictures = page.evaluate("[...document.images].map(i => [i.complete, i.naturalWidth > 300])")
        assert pictures == [[True, True]]
        assert mornings.report().execution.broker[0].code in page.inner_text("body")
    finally:
        context.close()
