"""The secrets that a desk knows: those that its parameters name, its provider's, its journal's password."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jstock_core.base.secret import Secret, secret_names, seek_secret
from jstock_core.data.providers.protocol import HoldsSecrets
from jstock_core.desk.settings.settings import Settings
from jstock_core.state.journal.place import VARIABLE as JOURNAL_URL
from jstock_core.state.journal.place import url_password

_LONG = 16
"""Characters of a part of a URL that is a secret by itself."""


def known_secrets(settings: Settings, journal_url: str) -> dict[str, Secret]:
    """Every secret of a desk by what it is called. What is not set is left out."""
    found = named_secrets(settings.declared)
    if isinstance(settings.provider, HoldsSecrets):
        found |= settings.provider.secrets()
    password = url_password(journal_url)
    if password:
        found[f"the password in {JOURNAL_URL}"] = Secret(password, f"the variable {JOURNAL_URL}")
    return found


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
