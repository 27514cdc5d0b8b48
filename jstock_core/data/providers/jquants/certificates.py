"""Whom a connection trusts: read once a process, for it takes longer than many a request."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssl import SSLContext


def trusted_certificates() -> SSLContext:
    """The certificates that httpx trusts, as the environment names them."""
    return _read(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@cache
def _read(*_named: str | None) -> SSLContext:
    import httpx

    return httpx.create_ssl_context()
