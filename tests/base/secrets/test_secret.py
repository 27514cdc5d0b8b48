"""Secrets are found by name, outside of parameters, and shown by nothing."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest
from pydantic import Field

from jstock_core.base.errors import ParamsError
from jstock_core.base.params import build, declare
from jstock_core.base.secrets.secret import (
    Secret,
    SecretName,
    find_secret,
    refuse_written_secrets,
    secret_names,
    seek_secret,
)

NAME = "JSTOCK_SMTP_PASSWORD"
SECRET = "correct horse battery"


@declare
class Way:
    host: str = ""
    password: SecretName = NAME
    to: list[SecretName] = Field(default_factory=list)


def put_keyring(monkeypatch: pytest.MonkeyPatch, answer: str | Exception | None) -> None:
    def get_password(service: str, account: str) -> str | None:
        assert (service, account) == ("jstock", NAME)
        if isinstance(answer, Exception):
            raise answer
        return answer

    ring = ModuleType("keyring")
    ring.get_password = get_password  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", ring)


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAME, raising=False)
    put_keyring(monkeypatch, None)


def test_the_environment_comes_before_the_keyring(monkeypatch):
    put_keyring(monkeypatch, "another of the keyring")
    assert find_secret(NAME).reveal() == "another of the keyring"
    monkeypatch.setenv(NAME, f"{SECRET}\n")
    assert find_secret(NAME).reveal() == SECRET
    assert find_secret(NAME).source == f"the variable {NAME}"


def test_the_keyring_is_not_touched_where_the_environment_has_it(monkeypatch):
    put_keyring(monkeypatch, AssertionError("asked"))
    monkeypatch.setenv(NAME, SECRET)
    assert find_secret(NAME).reveal() == SECRET


@pytest.mark.parametrize(
    "error", [RuntimeError("No recommended backend was available"), OSError(5, "no bus")]
)
def test_a_keyring_that_fails_without_a_desktop_session_names_the_variable(monkeypatch, error):
    put_keyring(monkeypatch, error)
    with pytest.raises(ParamsError, match="usual without a desktop session") as caught:
        find_secret(NAME)
    assert NAME in caught.value.do
    assert seek_secret(NAME) is None


def test_no_keyring_at_all_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ParamsError, match="no keyring is installed") as caught:
        find_secret(NAME)
    assert f"keyring set jstock {NAME}" in caught.value.do


def test_a_secret_is_in_no_text_of_itself():
    secret = Secret(SECRET, "test")
    assert SECRET not in f"{secret} {secret!r} {secret.hide(f'at {SECRET}!')}"


@pytest.mark.parametrize(
    "declared", [{"password": "hunter2"}, {"to": ["slack://a/b/hunter2"]}, {"password": "HUNTER2"}]
)
def test_a_secret_in_the_place_of_its_name_is_refused_and_not_repeated(declared):
    with pytest.raises(ParamsError, match="expected the name of a secret") as caught:
        build(Way, declared, where="desk.yaml")
    assert "hunter2" not in str(caught.value).lower()


@pytest.mark.parametrize(
    "declared",
    [
        {"api_key": "abc"},
        {"auth": {"client_secret": "abc"}},
        {"url": "https://user:hunter2@example.com/"},
        {"hooks": ["https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXX"]},
    ],
)
def test_something_like_a_secret_anywhere_is_refused_and_not_repeated(declared):
    with pytest.raises(ParamsError, match="holds a secret") as caught:
        refuse_written_secrets(declared, where="desk.yaml")
    assert "hunter2" not in str(caught.value)
    assert "XXXX" not in str(caught.value)
    assert "keyring set jstock" in caught.value.do


def test_names_and_plain_values_are_no_secrets():
    declared = {
        "use": "smtp",
        "password": NAME,
        "token": "",
        "to": ["a@example.com"],
        "port": 587,
        "x": [NAME],
    }
    refuse_written_secrets(declared, where="desk.yaml")
    assert secret_names(declared) == (NAME,)
