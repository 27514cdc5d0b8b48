"""Where the key is found, and that nothing shows it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from jstock_core.base.errors import ParamsError
from jstock_core.data.providers.jquants.keys import CONFIG_VARIABLE, VARIABLE, ApiKey, find_key

SECRET = "a-secret-of-the-user-42"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without any key, and a keyring without one."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    for name in (VARIABLE, CONFIG_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    put_keyring(monkeypatch, None)
    return tmp_path


def put_keyring(monkeypatch: pytest.MonkeyPatch, secret: str | None) -> None:
    ring, errors = ModuleType("keyring"), ModuleType("keyring.errors")
    ring.get_password = lambda _service, _name: secret  # type: ignore[attr-defined]
    errors.KeyringError = RuntimeError  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", ring)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)


def put_file(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def toml(secret: str) -> str:
    return f'[jquants-api-client]\napi_key = "{secret}"\n'


def found() -> str:
    return find_key().header["x-api-key"]


def test_the_environment_wins(home, monkeypatch):
    put_file(home / ".jquants-api" / "jquants-api.toml", toml("another-key-of-a-file"))
    monkeypatch.setenv(VARIABLE, f" {SECRET}\n")
    assert found() == SECRET
    assert find_key().source == VARIABLE


def test_the_file_of_the_official_client(home):
    path = put_file(home / ".jquants-api" / "jquants-api.toml", toml(SECRET))
    assert (found(), find_key().source) == (SECRET, str(path))


def test_the_file_that_the_official_client_is_told(home, monkeypatch):
    path = put_file(home / "elsewhere.toml", toml(SECRET))
    monkeypatch.setenv(CONFIG_VARIABLE, str(path))
    assert found() == SECRET


def test_the_file_of_the_official_command_line(home):
    put_file(
        home / ".config" / "jquants" / "credentials.json", json.dumps({"api_key": SECRET, "saved_at": 1})
    )
    assert found() == SECRET


def test_the_keyring(monkeypatch):
    put_keyring(monkeypatch, SECRET)
    assert (found(), find_key().source) == (SECRET, "the keyring")


def test_no_keyring_is_no_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ParamsError, match="no J-Quants API key"):
        find_key()


def test_without_a_key_the_three_places_are_named():
    with pytest.raises(ParamsError) as caught:
        find_key()
    said = str(caught.value)
    assert all(place in said for place in (VARIABLE, "jquants-api.toml", "keyring set jstock jquants"))


@pytest.mark.parametrize("content", ["[jquants-api-client", f"api_key: {SECRET}", f'{{"{SECRET}"'])
def test_a_malformed_file_is_named_and_not_shown(home, content):
    path = put_file(home / ".jquants-api" / "jquants-api.toml", content)
    with pytest.raises(ParamsError, match="malformed") as caught:
        find_key()
    assert caught.value.where == str(path)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("text", ["a2c4", "鍵鍵鍵鍵鍵鍵鍵鍵", "two words of it", "line\nInjected: header"])
def test_what_cannot_be_a_key_is_refused_and_not_shown(monkeypatch, text):
    monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(ParamsError, match="cannot be an API key") as caught:
        find_key()
    assert text not in str(caught.value)


def test_a_key_is_in_no_text_of_itself():
    key = ApiKey(SECRET, "test")
    shown = (
        repr(key),
        str(key),
        f"{key}",
        key.digest,
        repr(SimpleNamespace(key=key)),
        key.hide(f"at {SECRET}!"),
    )
    assert not [text for text in shown if SECRET in text]
