"""What J-Quants is asked for, as whole tables: pages put together, files unpacked, answers checked.

An answer that does not fit its question (another day, another stock, a page twice) is an error, never rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jstock_core.base.clock import JST
from jstock_core.base.errors import DataError
from jstock_core.data.providers.jquants.answers import (
    DamagedFileError,
    check_repeats,
    describe,
    empty_table,
    table_of_file,
    table_of_rows,
    unpack,
)
from jstock_core.data.providers.jquants.endpoints import CALENDAR, ENDPOINTS, Endpoint
from jstock_core.data.providers.jquants.keys import ApiKey
from jstock_core.data.providers.jquants.limits import RequestClock, RequestGate
from jstock_core.data.providers.jquants.planning import BulkFile, file_span
from jstock_core.data.providers.jquants.plans import DataPlan
from jstock_core.data.providers.jquants.transport import Connection, ExpiredAddressError

if TYPE_CHECKING:
    import pyarrow as pa

_PAGE = "pagination_key"
_AGAIN = "run the command again; if it says the same, report it to J-Quants"


@contextmanager
def open_client(
    key: ApiKey, plan: DataPlan, *, folder: Path | None = None, clock: RequestClock | None = None,
    read_timeout: float = 30,
) -> Iterator[JQuantsClient]:  # fmt: skip
    """A client for one key and plan; its connections are closed at the end of the block.

    `folder` is where requests are counted, by default the user's.
    """
    ticking = clock or RequestClock()
    with (
        closing(RequestGate(plan, key.digest, folder=folder, clock=ticking)) as gate,
        closing(Connection(key, gate, ticking, read_timeout)) as connection,
    ):
        yield JQuantsClient(connection)


class JQuantsClient:
    """The questions. Every method raises `DataError` where no sound answer came (see `Connection.ask`)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return self._connection.requests

    @property
    def today(self) -> date:
        """The day in Japan."""
        return datetime.fromtimestamp(self._connection.now(), JST).date()

    def rows(self, endpoint: Endpoint, **asked: str) -> pa.Table:
        """All pages of an answer. `asked` are the parameters: `date`, `code`, `first` and `last` (a span)."""
        import pyarrow as pa

        params = {{"first": "from", "last": "to"}.get(name, name): value for name, value in asked.items()}
        where = describe(endpoint.path, params)
        tables = [table_of_rows(endpoint, page, where) for page in self._pages(endpoint, params, where)]
        filled = [table for table in tables if len(table)] or [empty_table(endpoint)]
        whole = pa.concat_tables(filled, promote_options="default").combine_chunks()
        check_answer(endpoint, whole, params, where)
        return whole

    def list_stocks(self) -> pa.Table:
        """The list of stocks of the next session: master.

        Raises:
            DataError: it is empty.

        """
        endpoint = ENDPOINTS["master"]
        found = self.rows(endpoint)
        if not len(found):
            raise DataError("the list of stocks is empty", where=describe(endpoint.path, {}), do=_AGAIN)
        return found

    def bulk_files(self, endpoint: Endpoint, first: date, last: date) -> tuple[BulkFile, ...]:
        """The files of history of an endpoint that cover days of a span."""
        params = {"endpoint": endpoint.path, "from": f"{first:%Y-%m}", "to": f"{last:%Y-%m}"}
        where = describe("/bulk/list", params)
        listed = _data(self._connection.ask("/bulk/list", params), where)
        files = (_bulk_file(entry, where) for entry in listed)
        return tuple(f for f in files if f is not None and f.first <= last and f.last >= first)

    def bulk_table(self, endpoint: Endpoint, file: BulkFile) -> pa.Table:
        """The rows of a file."""
        where = f"J-Quants file {file.key}"
        table = table_of_file(endpoint, self._unpacked(file, where), where)
        if endpoint.dated_by:
            span = {"from": file.first.isoformat(), "to": file.last.isoformat()}
            check_answer(endpoint, table, span, where)
        return table

    def calendar(self, first: date, last: date) -> pa.Table:
        """The trading calendar of a span: Date and HolDiv ("1" and "2" are sessions)."""
        return self.rows(CALENDAR, first=first.isoformat(), last=last.isoformat())

    def _pages(self, endpoint: Endpoint, params: Mapping[str, str], where: str) -> Iterator[list[Any]]:
        """The rows of each page. One that repeats is an error: following it would never end."""
        seen: set[str] = set()
        before: list[Any] = []
        asked = dict(params)
        while True:
            answer = self._connection.ask(endpoint.path, asked, endpoint)
            rows = _data(answer, where) if answer else []
            following = answer.get(_PAGE) or ""
            if not isinstance(following, str):
                raise DataError(f"{_PAGE} is {following!r}, expected text", where=where, do=_AGAIN)
            if following in seen or (rows and rows == before):
                raise DataError("a page was delivered twice", where=where, do=_AGAIN)
            yield rows
            if not following:
                return
            seen.add(following)
            before = rows
            asked = {**params, _PAGE: following}

    def _unpacked(self, file: BulkFile, where: str) -> bytes:
        """The plain content of a file; one that arrives damaged is asked for once more."""
        try:
            return unpack(self._download(file, where), where)
        except DamagedFileError:
            return unpack(self._download(file, where), where)

    def _download(self, file: BulkFile, where: str) -> bytes:
        """The content of a file; its address holds for five minutes, so a new one is asked for once."""
        try:
            return self._connection.download(self._address(file, where), where)
        except ExpiredAddressError:
            return self._connection.download(self._address(file, where), where)

    def _address(self, file: BulkFile, where: str) -> str:
        address = self._connection.ask("/bulk/get", {"key": file.key}).get("url")
        if isinstance(address, str) and address:
            return address
        raise DataError("no address of the file was given", where=where, do=_AGAIN)


def check_answer(endpoint: Endpoint, table: pa.Table, asked: Mapping[str, str], where: str) -> None:
    """Make sure that every row is of the day, the span and the stock that were asked for.

    Raises:
        DataError: a row is of another one, or two rows of a key differ.

    """
    days = table.column(endpoint.dated_by).unique().to_pylist() if endpoint.dated_by else []
    first, last = asked.get("date", asked.get("from", "")), asked.get("date", asked.get("to", "9999"))
    strangers = [day for day in days if not first <= day <= last]
    if asked.get("code"):
        codes = table.column("Code").unique().to_pylist()
        strangers += [code for code in codes if code not in (asked["code"], f"{asked['code']}0")]
    if strangers:
        raise DataError(f"the answer is of {strangers[0]}, which was not asked for", where=where, do=_AGAIN)
    key = [name for name in _KEYS.get(endpoint.path, ()) if name in table.column_names]
    if key:
        check_repeats(table, key, where)


_KEYS: Mapping[str, tuple[str, ...]] = {
    "/equities/master": ("Date", "Code"),
    "/equities/bars/daily": ("Date", "Code"),
    "/indices/bars/daily/topix": ("Date",),
    "/indices/bars/daily": ("Date", "Code"),
    "/equities/investor-types": ("PubDate", "EnDate", "Section"),
    "/fins/dividend": ("PubDate", "Code", "RefNo"),
    "/fins/summary": ("Code", "DiscDate", "DiscTime", "DocType", "DiscNo"),
}
"""What makes a row unique."""


def _data(answer: Mapping[str, Any], where: str) -> list[Any]:
    data = answer.get("data")
    if not isinstance(data, list):
        raise DataError('the answer has no list "data"', where=where, do=_AGAIN)
    return data


def _bulk_file(entry: Any, where: str) -> BulkFile | None:
    """A file of the list; None for one whose name says no month or day."""
    try:
        modified = datetime.fromisoformat(entry["LastModified"])
        key, size = str(entry["Key"]), int(entry["Size"])
    except (KeyError, TypeError, ValueError):
        raise DataError(
            f"a file of the list is malformed: {str(entry)[:120]}", where=where, do=_AGAIN
        ) from None
    span = file_span(key)
    aware = modified if modified.tzinfo else modified.replace(tzinfo=UTC)
    return None if span is None else BulkFile(key, aware, size, *span)
