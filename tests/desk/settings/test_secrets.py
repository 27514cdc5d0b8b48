"""The secrets of a desk: named in its parameters, its provider's, and its journal's password."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jstock_core.base.secrets.secret import seek_secret
from jstock_core.desk.settings.secrets import environment_secrets, known_secrets
from jstock_core.desk.settings.settings import read_settings

URL = "postgresql://desk:p%40ss-word@db.example.com/desk"
TOKEN = "a1b2c3d4e5f6a7b8c9"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """No secret of the machine that the tests run on."""
    for name in environment_secrets():
        monkeypatch.delenv(name)


@pytest.fixture
def desk_yaml(tmp_path: Path) -> Path:
    path = tmp_path / "desk.yaml"
    path.write_text(
        "provider: {use: jquants, plan: light}\n"
        "notify: {ways: {mail: {use: smtp, password: JSTOCK_SMTP_PASSWORD}, "
        "phone: {use: push, to: [JSTOCK_PUSH_URL, JSTOCK_NOT_SET]}}}\n",
        encoding="utf-8",
    )
    return path


def test_every_secret_of_a_desk_is_known(desk_yaml, monkeypatch):
    monkeypatch.setenv("JQUANTS_API_KEY", "the-key-of-the-vendor")
    monkeypatch.setenv("JSTOCK_SMTP_PASSWORD", "correct-horse")
    monkeypatch.setenv("JSTOCK_PUSH_URL", f"slack://{TOKEN}/channel")
    monkeypatch.delenv("JSTOCK_NOT_SET", raising=False)
    assert seek_secret("JSTOCK_NOT_SET") is None
    found = known_secrets(read_settings(desk_yaml), URL)
    assert {name: secret.reveal() for name, secret in found.items()} == {
        "JSTOCK_SMTP_PASSWORD": "correct-horse",
        "JSTOCK_PUSH_URL": f"slack://{TOKEN}/channel",
        "a part of JSTOCK_PUSH_URL (1)": TOKEN,
        "the J-Quants API key": "the-key-of-the-vendor",
        "the password in JSTOCK_JOURNAL_URL": "p@ss-word",
    }
    assert "correct-horse" not in repr(found)


def test_variables_of_other_programs_are_secret_where_they_look_so(desk_yaml, monkeypatch):
    monkeypatch.setattr(os, "environ", {
        "CLOUD_SECRET": "a1b2c3d4e5f6a7b8", "JSTOCK_PAGER_TOKEN": "plain words", "MODE_KEY": "simulated-data",
        "SSL_KEY": "/etc/ssl/private/key1.pem", "PATH": "/usr/bin1/a1b2c3d4e5f6", "JSTOCK_JOURNAL_URL": URL,
        "JSTOCK_BROWSER": "/usr/bin/chromium-browser1", "HOME": str(desk_yaml.parent),
    })  # fmt: skip
    assert known_secrets(read_settings(desk_yaml), "").keys() == {"CLOUD_SECRET", "JSTOCK_PAGER_TOKEN"}


@pytest.mark.parametrize(
    "url", ["", "sqlite:////tmp/x.sqlite", "postgresql://desk@db/desk", "postgresql://a:b@c:x/d"]
)
def test_a_url_without_a_password_has_none(desk_yaml, monkeypatch, url):
    monkeypatch.setattr(Path, "home", lambda: desk_yaml.parent)
    for name in (
        "JQUANTS_API_KEY",
        "JQUANTS_API_CLIENT_CONFIG_FILE",
        "JSTOCK_SMTP_PASSWORD",
        "JSTOCK_PUSH_URL",
    ):
        monkeypatch.delenv(name, raising=False)
    assert known_secrets(read_settings(desk_yaml), url) == {}
