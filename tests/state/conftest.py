"""A real PostgreSQL server for the tests that need one: started unprivileged, gone at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

NOBODY = ("postgres", "nobody")


def _programs():
    """Where initdb and pg_ctl are: Debian keeps them out of the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    named = shutil.which("initdb")
    return found[-1].parent if found else Path(named).parent if named else None


def _as_nobody(place):
    """The words to put before a command so that it does not run as root, which the server refuses."""
    if os.geteuid() != 0:
        return []
    users = [name for name in NOBODY if name in {user.pw_name for user in pwd.getpwall()}]
    if not users or shutil.which("runuser") is None:
        pytest.skip("the tests run as root, and there is no other user to start PostgreSQL as")
    shutil.chown(place, users[0])
    return ["runuser", "-u", users[0], "--"]


@pytest.fixture(scope="session")
def postgres():
    """The socket folder of a running server with trust for its one user."""
    programs = _programs()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    place = Path(tempfile.mkdtemp(prefix="jstock-pg-"))
    place.chmod(0o755)
    prefix = _as_nobody(place)
    data, log = place / "data", place / "log"

    def run(program, *arguments):
        subprocess.run(
            [*prefix, programs / program, *arguments], check=True, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, cwd=place, timeout=120,
        )  # fmt: skip

    try:
        run("initdb", "-D", data, "-U", "desk", "--auth=trust", "--no-sync", "--encoding=UTF8")
        options = f"-c listen_addresses='' -c unix_socket_directories={place} -c max_connections=60"
        run("pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start")
        try:
            yield place
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def database(postgres, request):
    """The URL of an empty database."""
    psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")

    name = f"desk_{abs(hash(request.node.nodeid)) % 10**12}"
    with psycopg.connect(host=str(postgres), user="desk", dbname="postgres", autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}"')
        server.execute(f'CREATE DATABASE "{name}"')
    return f"postgresql://desk@/{name}?host={postgres}"
