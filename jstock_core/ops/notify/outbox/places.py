"""Where the outbox lies: in the journal's database, or in a file beside the journal's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from jstock_core.base.durable import PRIVATE, make_private_folder
from jstock_core.base.errors import JstockError, error_reason
from jstock_core.desk.workspace.journal import named_place
from jstock_core.desk.workspace.workspace import Workspace
from jstock_core.ops.notify.outbox.store import Outbox, OutboxBusyError, OutboxError, OutboxForbiddenError
from jstock_core.state.journal.stores.place import JournalPlace
from jstock_core.state.journal.stores.postgres import name_server_errors, server_engine
from jstock_core.state.journal.stores.sql import sqlite_engine

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError

PATIENCE_S = 60
_SENDING = 7_203_003  # any number: the advisory lock of whoever sends
_REPAIR = (
    "see that its folder can be written and the disk has room; a damaged file of messages may be removed"
)


def open_outbox(workspace: Workspace, *, create: bool = True) -> Outbox | None:
    """The outbox of a workspace, where its journal is named to lie; None where there is none to be made.

    Raises:
        OutboxError: it cannot be used.

    """
    try:
        place = named_place(workspace)
    except JstockError as error:
        raise OutboxError(
            f"the outbox cannot be used: {error.what}", where=error.where, do=error.do
        ) from None
    if place.file is None:
        return _on_server(place)
    return outbox_in(outbox_file(place.file), create=create)


def reach_outbox(workspace: Workspace) -> Outbox:
    """The outbox to write into: where a server is away the workspace's own file, taken over later.

    Raises:
        OutboxError: neither can be used.

    """
    own = outbox_file(workspace.journal)
    try:
        outbox = open_outbox(workspace)
    except OutboxForbiddenError:
        raise
    except OutboxError as error:
        if error.where == str(own):
            raise
        return _require(outbox_in(own))
    waiting = outbox_in(own, create=False)
    if outbox is not None and waiting is not None and waiting.name != outbox.name:
        outbox.take_over(waiting)
    return _require(outbox)


def _require(outbox: Outbox | None) -> Outbox:
    assert outbox is not None, "it is made where there is none"
    return outbox


def outbox_file(journal: Path) -> Path:
    """The file of messages beside a journal's; it is none of those that are set aside with the journal."""
    return journal.with_name(f"{journal.stem}-outbox.sqlite")


def outbox_in(file: Path, *, create: bool = True) -> Outbox | None:
    """The outbox in a file, None where there is none and none is to be made.

    Raises:
        OutboxError: it cannot be used.

    """
    with _file_errors(file):
        if not create and not file.exists():
            return None
        make_private_folder(file.parent)
        file.touch(PRIVATE)
    return Outbox(str(file), sqlite_engine(file), lambda: _file_errors(file), lambda: _lock_file(file))


def _on_server(place: JournalPlace) -> Outbox:
    from sqlalchemy.exc import DBAPIError, OperationalError

    with _renamed():
        engine = server_engine(place)

    @contextmanager
    def errors() -> Iterator[None]:
        with _renamed(), name_server_errors(engine, place.name):
            try:
                yield
            except DBAPIError as error:
                raise (_forbidden_error(place.name) if _state(error) == "42501" else error) from None

    @contextmanager
    def lock() -> Iterator[None]:
        with errors(), engine.connect() as connection:
            connection.exec_driver_sql(f"SET lock_timeout = '{PATIENCE_S}s'")
            try:
                connection.exec_driver_sql(f"SELECT pg_advisory_lock({_SENDING})")
            except OperationalError as error:
                raise (_busy_error(place.name) if _state(error) == "55P03" else error) from None
            connection.commit()
            yield  # the lock is the connection's, and gone with it

    return Outbox(place.name, engine, errors, lock)


def _state(error: DBAPIError) -> str:
    """The SQLSTATE of an error of the server, "" without one."""
    return getattr(error.orig, "sqlstate", None) or ""


@contextmanager
def _renamed() -> Iterator[None]:
    """What fails on the server fails for the outbox, not for the journal."""
    try:
        yield
    except OutboxError:
        raise
    except JstockError as error:
        what = error.what.removeprefix("the journal cannot be used: ")
        raise OutboxError(f"the outbox cannot be used: {what}", where=error.where, do=error.do) from None


@contextmanager
def _file_errors(file: Path) -> Iterator[None]:
    from sqlalchemy.exc import DBAPIError

    try:
        yield
    except (DBAPIError, OSError) as error:
        cause = str(error.orig) if isinstance(error, DBAPIError) else error_reason(error)
        raise OutboxError(f"the outbox cannot be used: {cause}", where=str(file), do=_REPAIR) from error


@contextmanager
def _lock_file(file: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout

    try:
        lock = FileLock(file.with_suffix(".lock"), timeout=PATIENCE_S, mode=PRIVATE)
        lock.acquire()
    except Timeout:
        raise _busy_error(str(file)) from None
    except OSError as error:
        raise OutboxError(error_reason(error), where=str(file), do=_REPAIR) from None
    try:
        yield
    finally:
        lock.release()


def _busy_error(where: str) -> OutboxBusyError:
    return OutboxBusyError(
        f"another process has been sending messages for {PATIENCE_S} s",
        where=where,
        do="wait for it; what it does not send is sent by the next run, or by `jstock notify retry`",
    )


def _forbidden_error(where: str) -> OutboxForbiddenError:
    return OutboxForbiddenError(
        "this user of the database may not use the tables of messages: whoever owns them sends",
        where=where,
        do="nothing, where the scheduler's runs send; else grant the user the tables that begin with outbox",
    )
