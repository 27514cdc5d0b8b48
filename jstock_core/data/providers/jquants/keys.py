"""The API key: where it is found, and how it is kept out of everything that is shown.

It is never a parameter: files of parameters are copied, compared, printed and committed.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from jstock_core.base.errors import ParamsError
from jstock_core.base.limits import parse_json, read_utf8
from jstock_core.base.secrets.secret import SERVICE, Secret, ask_keyring

VARIABLE = "JQUANTS_API_KEY"
CONFIG_VARIABLE = "JQUANTS_API_CLIENT_CONFIG_FILE"
ACCOUNT = "jquants"
"""The account of the keyring."""
_MOST_BYTES = 65_536


class ApiKey(Secret):
    """A key and the place that it comes from."""

    @property
    def header(self) -> dict[str, str]:
        """What a request carries."""
        return {"x-api-key": self.reveal()}

    @property
    def digest(self) -> str:
        """A name for files that belong to this key; the key cannot be had from it."""
        return sha256(b"jstock request limits " + self.reveal().encode()).hexdigest()[:16]


def find_key() -> ApiKey:
    """The key from the environment, else from a credentials file, else from the keyring.

    Raises:
        ParamsError: there is none, a credentials file is unreadable, or what was found cannot be a key.

    """
    for source, text in _candidates():
        if text:
            return _checked(text.strip(), source)
    raise ParamsError(
        "no J-Quants API key was found",
        where=f"the variable {VARIABLE}; {', '.join(str(path) for path in credential_files())}; the keyring",
        do="take your key from the dashboard (jpx-jquants.com/dashboard/api-keys) and give it in one of the "
        f"three: `export {VARIABLE}=...`; the file ~/.jquants-api/jquants-api.toml, with a section "
        '[jquants-api-client] and api_key = "..." (or `jquants login` of the official command line); the '
        f"keyring (`keyring set {SERVICE} {ACCOUNT}`). It does not belong in params/",
    )


def credential_files() -> tuple[Path, ...]:
    """The files that the official Python client and the official command line keep a key in."""
    named = os.environ.get(CONFIG_VARIABLE, "")
    home = Path.home()
    usual = (
        home / ".jquants-api" / "jquants-api.toml",
        home / ".config" / "jquants" / "credentials.json",
    )
    return (Path(named).expanduser(), *usual) if named else usual


def _candidates() -> Iterator[tuple[str, str]]:
    yield VARIABLE, os.environ.get(VARIABLE, "")
    for path in credential_files():
        yield str(path), _read(path)
    yield "the keyring", ask_keyring(ACCOUNT)[0]


def _read(path: Path) -> str:
    """The key in a file; "" where there is no file or no key in it. No error shows the content."""
    try:
        text = read_utf8(path, _MOST_BYTES)
        content: Any = parse_json(text) if path.suffix == ".json" else tomllib.loads(text)
        section = content if path.suffix == ".json" else content.get("jquants-api-client", {})
        found = section.get("api_key", "")
    except FileNotFoundError:
        return ""
    except (OSError, ValueError, AttributeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its content is malformed"
        raise ParamsError(
            f"the file with the J-Quants key cannot be read: {reason}",
            where=str(path),
            do=f"correct or remove it, or set {VARIABLE}",
        ) from None
    return found if isinstance(found, str) else ""


def _checked(text: str, source: str) -> ApiKey:
    if text.isascii() and text.isprintable() and " " not in text and len(text) >= 8:
        return ApiKey(text, source)
    raise ParamsError(
        "what was found cannot be an API key: it is too short, or has blanks or characters that no key has",
        where=source,
        do="copy the key again from the dashboard (jpx-jquants.com/dashboard/api-keys)",
    )
