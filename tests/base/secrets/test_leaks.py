"""Secrets are found in every form that files write them in; what is no secret is left alone."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote

import markupsafe
import pytest

from jstock_core.base.secrets.leaks import HIDDEN, find_key_like, find_known, redact
from tests.architecture import PACKAGE, ROOT

SECRET = "pa\"s's<w>\\örd & co"
KNOWN = {"JSTOCK_SMTP_PASSWORD": SECRET}


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        html.escape(SECRET),
        html.escape(SECRET, quote=False),
        quote(SECRET, safe=""),
        repr(SECRET),
        json.dumps(repr(SECRET)),
        json.dumps(json.dumps(SECRET)),
        json.dumps(html.escape(SECRET), ensure_ascii=False),
        str(markupsafe.escape(SECRET)),
        base64.b64encode(SECRET.encode()).decode(),
    ],
)
def test_a_known_secret_is_found_as_files_write_it_and_redacted(written):
    content = f"before {written} after".encode()
    leaks = find_known(content, KNOWN)
    assert {leak.called for leak in leaks} == {"JSTOCK_SMTP_PASSWORD"}
    assert SECRET not in repr(leaks)
    cleaned = redact(content, leaks)
    assert cleaned.startswith(b"before ")
    assert cleaned.rstrip(b"=\"'").endswith(b" after")
    assert HIDDEN in cleaned
    assert not find_known(cleaned, KNOWN)


def test_every_place_is_found_and_the_rest_stays():
    content = f"a {SECRET} b {SECRET} c".encode()
    assert redact(content, find_known(content, KNOWN)) == b"a [secret] b [secret] c"


def test_a_secret_too_short_to_be_looked_for_is_not():
    assert not find_known(b"1234 shares", {"JSTOCK_SMTP_PASSWORD": "1234"})


KEYS = [
    ("a private key", "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----"),
    ("a private key", "-----BEGIN PRIVATE KEY-----\nMIIE"),
    ("a URL with a password", "postgresql://desk:s3cret@db.example.com/desk"),
    ("a key of AWS", "AKIA" + "ABCDEFGH" + "IJKLMNOP"),
    ("a key of Google", "AIza" + "a1B2" * 8 + "abc"),
    ("a token of GitHub", "ghp_" + "a1B2c3D4e5" * 4),
    ("a token of Slack", "xoxb-" + "1234567890-abcdefghij"),
    ("a webhook of Slack", "https://hooks.slack.com/services/" + "T00000000/B00000000/XXXXXXXXXXXX"),
    ("a webhook of Discord", "https://discord.com/api/webhooks/" + "123456789012345678/" + "a1B2" * 15),
    ("a token of Telegram", "123456789:AA" + "a1B2" * 8 + "a"),
    ("a key of Stripe", "sk_live_" + "a1B2c3D4e5" * 3),
    ("a signed token (JWT)", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0." + "a1B2" * 8),
    ("a key or password beside its name", 'api_key = "' + "a1B2c3D4e5" * 3 + '"'),
    ("a key or password beside its name", '"source": ["API_KEY=\\"' + "a1B2c3D4e5" * 3 + '\\""]'),
    ("a key or password beside its name", "{&quot;x-api-key&quot;: &quot;" + "a1B2c3D4e5" * 3 + "&quot;}"),
]


@pytest.mark.parametrize(("called", "text"), KEYS)
def test_what_looks_like_a_key_is_found_and_redacted(called, text):
    content = f"x = 1; {text} ; y".encode()
    leaks = find_key_like(content)
    assert [leak.called for leak in leaks] == [called]
    assert not find_key_like(redact(content, leaks))


@pytest.mark.parametrize(
    "text",
    [
        "sha256: 3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b",
        "postgresql://USER:PASSWORD@HOST/DATABASE is a form"[:20],
        "http://www.w3.org/2000/svg",
        "https://example.com:8443/path?x=1",
        'api_key = os.environ["JQUANTS_API_KEY"]',
        "password: JSTOCK_SMTP_PASSWORD",
        'sort_key = "the_session_of_the_order_and_more"',
        "a.eyJ.b",
    ],
)
def test_what_is_no_key_is_left_alone(text):
    assert not find_key_like(text.encode())


def test_nothing_of_the_program_and_its_goldens_looks_like_a_key():
    """What a report repeats of code, parameters and pages must not block it."""
    places = (PACKAGE, ROOT / "params", ROOT / "notebooks", ROOT / "tests" / "golden", ROOT / "data")
    found = {
        str(path): leak.called
        for place in places
        for path in place.rglob("*")
        if path.is_file()
        for leak in find_key_like(path.read_bytes())
        if path.name != "place.py"  # its form of a journal's URL, with PASSWORD written out
    }
    assert found == {}
