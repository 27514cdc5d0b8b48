"""A real PostgreSQL server for the tests that need one: started unprivileged, gone at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

NOBODY = ("postgres", "nobody")


@dataclass(frozen=True)
class Server:
    """A server on a socket in a folder, with trust for its one user, "desk"."""

    place: Path
    programs: Path
    prefix: tuple[str, ...]

    def run(self, program: str, *arguments: object) -> None:
        """Run one of its programs as its user."""
        subprocess.run(
            [*self.prefix, self.programs / program, *map(str, arguments)], check=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.place, timeout=120,
        )  # fmt: skip

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories={self.place} -c max_connections=60"
        data, log = self.place / "data", self.place / "log"
        self.run("pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start")

    def stop(self) -> None:
        """Stop at once, as a machine does that loses its power."""
        self.run(*self.stop_words())

    def stop_words(self) -> tuple[str, ...]:
        return ("pg_ctl", "-D", str(self.place / "data"), "-m", "immediate", "-w", "stop")

    def new_database(self, name: str) -> str:
        """The URL of an empty database."""
        psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")
        with psycopg.connect(
            host=str(self.place), user="desk", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
            connection.execute(f'CREATE DATABASE "{name}"')
        return f"postgresql://desk@/{name}?host={self.place}"


@contextmanager
def running_server() -> Iterator[Server]:
    """A server in a folder of its own; the test is skipped where there can be none."""
    programs = _programs()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    place = Path(tempfile.mkdtemp(prefix="jstock-pg-"))
    place.chmod(0o755)
    server = Server(place, programs, _as_nobody(place))
    try:
        server.run(
            "initdb", "-D", place / "data", "-U", "desk", "--auth=trust", "--no-sync", "--encoding=UTF8"
        )
        server.start()
        try:
            yield server
        finally:
            if (place / "data" / "postmaster.pid").exists():
                server.stop()
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _programs() -> Path | None:
    """Where initdb and pg_ctl are: Debian keeps them out of the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    named = shutil.which("initdb")
    return found[-1].parent if found else Path(named).parent if named else None


def _as_nobody(place: Path) -> tuple[str, ...]:
    """The words to put before a command so that it does not run as root, which the server refuses."""
    if os.geteuid() != 0:
        return ()
    users = [name for name in NOBODY if name in {user.pw_name for user in pwd.getpwall()}]
    if not users or shutil.which("runuser") is None:
        pytest.skip("the tests run as root, and there is no other user to start PostgreSQL as")
    shutil.chown(place, users[0])
    return ("runuser", "-u", users[0], "--")
