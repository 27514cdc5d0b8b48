"""Secrets: named in parameters and kept outside them, in the environment or in the system's keyring.

Files of parameters are copied, compared, printed and committed, so they hold the name of a secret only, as
`JSTOCK_SMTP_PASSWORD`. The environment is asked first: a scheduler's run has it, and often no desktop
session, without which most keyrings do not open.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from jstock_core.base.errors import ParamsError, error_reason
from jstock_core.base.params import HUSHED_FAULT
from jstock_core.base.secrets.leaks import find_key_like

SERVICE = "jstock"
"""The service of the keyring; the account is the secret's name."""
_NAME = re.compile(r"JSTOCK_[A-Z0-9_]{1,60}")
_KEYS = re.compile(r"(?i)(?:password|passwd|secret|token|api_?key|credentials?)$")
_HIDDEN = "[secret]"


@dataclass(frozen=True, repr=False)
class Secret:
    """A secret and the place that it comes from. Only `reveal` gives it away."""

    _text: str
    source: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}(from {self.source})"

    def reveal(self) -> str:
        """The secret itself, for code that must send it."""
        return self._text

    def hide(self, text: str) -> str:
        """Replace the secret in a text from elsewhere."""
        return text.replace(self._text, _HIDDEN)


def is_secret_name(word: object) -> bool:
    """Whether a word can name a secret: `JSTOCK_` and capital letters, digits and underscores."""
    return isinstance(word, str) and _NAME.fullmatch(word) is not None


def _named(value: object) -> object:
    if is_secret_name(value):
        return value
    raise PydanticCustomError(
        HUSHED_FAULT,
        "expected the name of a secret, as JSTOCK_SMTP_PASSWORD; the secret itself belongs in the variable "
        "of that name, or in the keyring (if it stood in a file, have a new one issued)",
    )


SecretName = Annotated[
    str, BeforeValidator(_named), Field(json_schema_extra={"pattern": f"^{_NAME.pattern}$"})
]
"""A field that names a secret. Any other value is refused and not quoted in the error."""
SecretNameOrNone = Annotated[
    str,
    BeforeValidator(lambda value: value and _named(value)),
    Field(json_schema_extra={"pattern": f"^({_NAME.pattern})?$"}),
]
"""The same, or "" for none."""


def find_secret(name: str) -> Secret:
    """The secret of that name: the environment variable, else the keyring's entry.

    Raises:
        ParamsError: it is in neither.

    """
    found, why = _look_for(name)
    if found is not None:
        return found
    raise ParamsError(
        f"the secret {name} was not found: the variable is not set, and {why}",
        where=f"the environment; the keyring, service {SERVICE}",
        do=f"set the variable {name} where this runs (for a scheduler, in the file that holds the "
        f"environment of its job), or run `keyring set {SERVICE} {name}`",
    )


def seek_secret(name: str) -> Secret | None:
    """The secret of that name; None if there is none."""
    return _look_for(name)[0]


def _look_for(name: str) -> tuple[Secret | None, str]:
    text = os.environ.get(name, "").strip()
    if text:
        return Secret(text, f"the variable {name}"), ""
    text, why = ask_keyring(name)
    return (Secret(text, "the keyring"), "") if text else (None, why)


def ask_keyring(account: str) -> tuple[str, str]:
    """The system keyring's entry for an account, or "" and the reason why there is none."""
    try:
        import keyring
    except ImportError:
        return "", "no keyring is installed (`pip install jstock[keyring]`)"
    try:
        text = keyring.get_password(SERVICE, account)
    except Exception as error:  # noqa: BLE001 (each backend raises errors of its own)
        reason = error_reason(error).partition("\n")[0]
        return "", f"the keyring cannot be read, as usual without a desktop session ({reason})"
    return (text.strip(), "") if text else ("", "the keyring has no such entry")


def secret_names(declared: object) -> tuple[str, ...]:
    """The names of secrets anywhere in declared values."""
    return tuple(dict.fromkeys(value for _, value in _texts(declared) if is_secret_name(value)))


def refuse_written_secrets(declared: Mapping[str, Any], *, where: str) -> None:
    """Check that a declaration names its secrets and contains none.

    Raises:
        ParamsError: a value is a secret, or its key says so; the error does not quote it.

    """
    for key, text in _texts(declared):
        by_key = _KEYS.search(key) is not None and text != "" and not is_secret_name(text)
        if by_key or find_key_like(text.encode()):
            raise ParamsError(
                f"{key}: holds a secret, or something like one",
                where=where,
                do="write the name of a secret there, as JSTOCK_SMTP_PASSWORD, and put the secret into the "
                f"variable of that name or into the keyring (`keyring set {SERVICE} JSTOCK_SMTP_PASSWORD`); "
                "have a new secret issued if this file was ever shared",
            )


def _texts(value: object, key: str = "") -> list[tuple[str, str]]:
    """Every text in declared values, with its key."""
    if isinstance(value, Mapping):
        return [found for name, inner in value.items() for found in _texts(inner, str(name))]
    if isinstance(value, list | tuple):
        return [found for inner in value for found in _texts(inner, key)]
    return [(key, value)] if isinstance(value, str) else []
