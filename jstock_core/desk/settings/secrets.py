"""The secrets that a desk knows: those that its parameters name, its provider's, its journal's password.

Beside them those of the environment whose names say what they are, of whatever program: a notebook that shows
its environment shows all of it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from jstock_core.base.secrets.secret import Secret, is_secret_name, secret_names, seek_secret
from jstock_core.data.providers.protocol import HoldsSecrets
from jstock_core.desk.settings.settings import Settings
from jstock_core.state.journal.stores.place import VARIABLE as JOURNAL_URL
from jstock_core.state.journal.stores.place import url_password

_NAMED_SO = ("KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD")
"""What the names of variables that hold secrets end with."""
_RANDOM = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[!-.0-~]{16,}")
"""Long, of letters and digits, and no path."""
_LONG = 16
"""Characters of a part of a URL that is a secret by itself."""


def known_secrets(settings: Settings, journal_url: str) -> dict[str, Secret]:
    """Every secret of a desk by what it is called, each once. What is not set is left out."""
    found = named_secrets(settings.declared)
    if isinstance(settings.provider, HoldsSecrets):
        found |= settings.provider.secrets()
    password = url_password(journal_url)
    if password:
        found[f"the password in {JOURNAL_URL}"] = Secret(password, f"the variable {JOURNAL_URL}")
    texts = {secret.reveal() for secret in found.values()}
    others = {name: secret for name, secret in environment_secrets().items() if secret.reveal() not in texts}
    return {**found, **others}


def environment_secrets() -> dict[str, Secret]:
    """The variables of the environment whose names say that they are secret.

    Those of other programs count where their values look so: a plain word may stand in any report.
    """
    return {
        name: Secret(text.strip(), f"the variable {name}")
        for name, text in os.environ.items()
        if (is_secret_name(name) and name != JOURNAL_URL and name.endswith((*_NAMED_SO, "_URL")))
        or (name.upper().endswith(_NAMED_SO) and _RANDOM.fullmatch(text))
    }


def named_secrets(declared: Mapping[str, Any]) -> dict[str, Secret]:
    """The secrets that declared values name, and the tokens in those that are URLs."""
    found: dict[str, Secret] = {}
    for name in secret_names(declared):
        secret = seek_secret(name)
        if secret is not None:
            found |= {name: secret, **_parts(name, secret)}
    return found


def _parts(name: str, secret: Secret) -> Mapping[str, Secret]:
    """The tokens in a URL: a message of a library may show one without the rest."""
    scheme, mark, rest = secret.reveal().partition("://")
    if not mark or not scheme:
        return {}
    words = re.split(r"[/:@?&=#,;]+", rest)
    tokens = [word for word in words if len(word) >= _LONG and "." not in word]
    return {
        f"a part of {name} ({n})": Secret(token, secret.source) for n, token in enumerate(tokens, start=1)
    }
