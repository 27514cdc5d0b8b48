"""Where a journal lies: in a file, or in a database on a PostgreSQL server."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from jstock_core.base.errors import UsageError

VARIABLE = "JSTOCK_JOURNAL_URL"
FORMS = "postgresql://USER:PASSWORD@HOST/DATABASE, sqlite:///FILE or FILE, with the whole path of the file"
_SERVER = ("postgresql://", "postgres://", "postgresql+psycopg://")
_SQLITE = "sqlite:///"


@dataclass(frozen=True, slots=True)
class JournalPlace:
    """A file, or a server's URL, which is never shown: `name` tells the place without user and password."""

    name: str
    file: Path | None
    url: str = field(default="", repr=False)


def file_place(file: Path, name: str = "") -> JournalPlace:
    """The place of a journal file; without a name, it is called by its path."""
    return JournalPlace(name or str(file), file)


def parse_place(text: str) -> JournalPlace:
    """The place that a URL or an absolute path names. Nothing of a text that cannot be read is shown.

    Raises:
        UsageError: the text is in none of the known forms.

    """
    if text.startswith(_SERVER):
        return JournalPlace(_server_name(text), None, text)
    path = Path(text.removeprefix(_SQLITE)).expanduser()
    if not path.is_absolute() or not path.name:
        relative = "a relative path" if text.startswith(_SQLITE) else "of no known form"
        raise UsageError(f"the journal's URL is {relative}", where=VARIABLE, do=f"write {FORMS}")
    if path.is_dir():
        raise UsageError(
            "the journal's URL names a folder", where=str(path), do="name a file in it, or unset " + VARIABLE
        )
    return file_place(path.resolve())


def _server_name(text: str) -> str:
    """Host, port and database of a URL; special characters of a password must not be taken for them."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(text)
        host = _only(url.query.get("host")) or url.host or "this machine"
        port = int(_only(url.query.get("port")) or url.port or 5432)
    except (ArgumentError, ValueError):
        raise _unreadable("it cannot be read; the port, if there is one, must be a number") from None
    database = _only(url.query.get("dbname")) or url.database or ""
    if not 0 < port < 65536:
        raise _unreadable("its port must be a number from 1 to 65535")
    if not database:
        raise _unreadable("it names no database")
    if any(mark in host + database for mark in "@:") or "/" in database:
        raise _unreadable("a special character is not escaped: write %40 for @, %2F for /, %3A for :")
    return f"PostgreSQL on {host}, port {port}, database {database}"


def url_password(text: str) -> str:
    """The password in a journal's URL, "" where there is none."""
    if not text.startswith(_SERVER):
        return ""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        return ""
    return str(url.password or _only(url.query.get("password")))


def _only(value: str | tuple[str, ...] | None) -> str:
    return ",".join(value) if isinstance(value, tuple) else value or ""


def _unreadable(why: str) -> UsageError:
    return UsageError(f"the journal's URL: {why}", where=VARIABLE, do=f"write {FORMS}")
