"""A database for the tests of the journal."""

from __future__ import annotations

import pytest

from tests.postgres import running_server


@pytest.fixture(scope="session")
def postgres():
    """A running PostgreSQL server."""
    with running_server() as server:
        yield server


@pytest.fixture
def database(postgres, request):
    """The URL of an empty database."""
    return postgres.new_database(f"desk_{abs(hash(request.node.nodeid)) % 10**12}")
