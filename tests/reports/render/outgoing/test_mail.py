"""The mail says what to do first, holds in any client, and carries the page."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace

from jstock_core.base.alerts import Alert, Severity
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.outgoing.mail import (
    MOST_ALERTS,
    MOST_BYTES,
    MOST_POSITIONS,
    PHONE_CHARACTERS,
    mail_body,
    mail_subject,
    phone_text,
)
from jstock_core.reports.render.parts.words import ENGLISH, Words
from tests.reports import mornings

PNG = b"\x89PNG\r\n\x1a\n"


def alarmed(amount: int = 1) -> Report:
    alert = Alert("k", Severity.ALERT, "7203", "7203 is <b>blocked</b>", "run `jstock data check`")
    return mornings.report(alerts=[alert] * amount)


def crowded() -> Report:
    report = alarmed(30)
    held = replace(report.portfolio, held=report.portfolio.held * 40)
    return replace(report, portfolio=held, buys=report.buys * 60)


def test_the_subject_says_the_day_the_orders_the_equity_and_the_alerts() -> None:
    assert mail_subject(alarmed(), ENGLISH) == (
        "[SIMULATED] Wed 2026-01-21: 2 orders (1 sell, 1 buy), ¥8,010,000, 1 alert"
    )
    assert mail_subject(mornings.quiet(), ENGLISH) == "[SIMULATED] Wed 2026-01-21: no orders, ¥5,000,000"


def test_text_and_html_say_the_same() -> None:
    body = mail_body(alarmed(), ENGLISH)
    for fact in ("9984", "ソニーグループ", "300", "+¥24,000", "run `jstock data check`", "on paper"):
        assert fact in body.text
        assert fact in body.html


def test_what_comes_from_outside_is_text_in_both() -> None:
    body = mail_body(alarmed(), ENGLISH)
    assert "<script" not in body.html
    assert "<b>" not in body.html
    assert all(line == "" or line.strip() for line in body.text.splitlines())
    assert "# e" not in body.text.splitlines(), "a name with a line break stays on its line"


def test_styles_are_inlined_and_nothing_is_asked_for() -> None:
    html = mail_body(mornings.report(), ENGLISH, {"equity": PNG}).html
    assert "<style" not in html
    assert 'style="' in html
    assert "http" not in html
    assert 'src="cid:equity"' in html
    assert 'alt="Equity against TOPIX"' in html


def test_the_curve_of_the_desk_goes_along_as_a_picture() -> None:
    body = mail_body(mornings.report(), ENGLISH)
    assert list(body.images) == ["equity"]
    assert body.images["equity"].startswith(PNG)
    assert len(body.images["equity"]) < 25_000
    assert 'src="cid:equity"' in body.html
    assert mail_body(mornings.quiet(), ENGLISH).images == {}


def test_a_full_desk_stays_under_the_size_at_which_clients_cut() -> None:
    body = mail_body(crowded(), ENGLISH)
    assert len(body.html.encode()) < MOST_BYTES
    assert body.html.count("is &lt;b&gt;blocked") == MOST_ALERTS
    assert "and 22 more in the report" in body.text
    assert f"and {80 - MOST_POSITIONS} more in the report" in body.text


def test_gains_have_the_colour_of_the_desk() -> None:
    report = mornings.report()
    green, red = (mail_body(report, Words(gain_colour=colour)).html for colour in ("green", "red"))
    assert green != red
    cell = green[: green.index("+¥24,000 (+4.0 %)")].rpartition("<td")[2]
    assert "color: #00694f" in cell


def test_a_message_is_read_back_with_its_alternatives_pictures_and_files() -> None:
    body = mail_body(mornings.report(), ENGLISH, {"equity": PNG})
    sent = body.message({"report.html": b"<p>page</p>", "trade_report_2026-01-21.md": b"# page"})
    read = email.message_from_bytes(sent.as_bytes(), policy=email.policy.default)
    assert read["Subject"] == body.subject
    assert read.get_body(("plain",)).get_content() == body.text
    assert read.get_body(("html",)).get_content().strip() == body.html.strip()
    pictures = [part for part in read.walk() if part.get_content_type() == "image/png"]
    assert [(part["Content-ID"], part.get_content()) for part in pictures] == [("<equity>", PNG)]
    files = {
        part.get_filename(): part.get_content() for part in read.iter_attachments() if part.get_filename()
    }
    assert files.keys() == {"report.html", "trade_report_2026-01-21.md"}


def test_a_push_message_is_short_and_begins_with_the_orders() -> None:
    text = phone_text(alarmed(), ENGLISH)
    assert text.splitlines()[1:] == ["SELL 9984 100", "BUY 6758 300", "7203 is <b>blocked</b>"]
    long = phone_text(alarmed(40), ENGLISH)
    assert len(long) <= PHONE_CHARACTERS
    assert long.splitlines()[-1].startswith("and ")
    assert long.splitlines()[-1].endswith(" more")
