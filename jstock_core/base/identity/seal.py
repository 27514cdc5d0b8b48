"""One line of JSON that ends with a hash of itself, so that a changed byte in it is detected."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from jstock_core.base.limits import parse_json


def seal(fields: Mapping[str, Any]) -> bytes:
    """Return the sealed line of those fields."""
    check = sha256(json.dumps(fields).encode()).hexdigest()
    return (json.dumps({**fields, "check": check}) + "\n").encode()


def unseal(data: bytes) -> dict[str, Any] | None:
    """Return the fields of a line; None if it is not byte for byte as it was sealed."""
    try:
        fields = parse_json(data)
        del fields["check"]
    except (ValueError, TypeError, KeyError):
        return None
    return fields if seal(fields) == data else None
