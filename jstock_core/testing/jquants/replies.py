"""What the server answers: a pure function of the exchange, the plan, the request and the time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from jstock_core.data.providers.jquants.endpoints import (
    CALENDAR,
    ENDPOINTS,
    INDICES,
    Endpoint,
)
from jstock_core.data.providers.jquants.plans import FREE, DataPlan
from jstock_core.testing.jquants.exchange import Exchange, Row
from jstock_core.testing.jquants.faults import Reply

_BY_PATH: Mapping[str, Endpoint] = {
    endpoint.path: endpoint for endpoint in (*ENDPOINTS.values(), CALENDAR, INDICES)
}
_ONE_OF: Mapping[str, tuple[str, ...]] = {
    "/equities/bars/daily": ("date", "code"),
    "/fins/summary": ("date", "code"),
    "/fins/dividend": ("date", "code"),
    "/fins/earnings-date": ("date", "code"),
}
"""The parameters of which a path needs one."""

_NOT_INCLUDED = "This API is not available on your subscription."
_LIFE = 300  # seconds that an address of a file is valid


@dataclass(frozen=True)
class Asked:
    """A request: path, parameters and key."""

    path: str
    params: Mapping[str, str]
    key: str | None


@dataclass(frozen=True)
class Terms:
    """On what terms is served: the key, its plan, rows a page, and whether what it lacks is refused."""

    key: str
    plan: DataPlan
    page_rows: int
    refuses: bool
    url: str = ""


def reply_to(exchange: Exchange, terms: Terms, asked: Asked, now: datetime) -> Reply:
    """The answer to a request; limits and faults come on top of it."""
    if asked.path.startswith("/files/"):
        return _file(exchange, asked, now)
    if asked.key != terms.key:
        return Reply.of({"message": "The incoming api key is invalid or expired."}, 403)
    if asked.path in ("/bulk/list", "/bulk/get"):
        return _bulk(exchange, terms, asked, now)
    endpoint = _BY_PATH.get(asked.path)
    if endpoint is None:
        return Reply.of({"message": "Forbidden"}, 403)
    if not endpoint.of(terms.plan):
        return Reply.of({"message": _NOT_INCLUDED}, 403) if terms.refuses else Reply.of({"data": []})
    return _rows(exchange, terms, asked, now)


def _rows(exchange: Exchange, terms: Terms, asked: Asked, now: datetime) -> Reply:
    needed = _ONE_OF.get(asked.path, ())
    if needed and not set(needed) & asked.params.keys():
        told = ", ".join(needed)
        return Reply.of({"message": f"This API requires at least 1 parameter as follows; {told}"}, 400)
    try:
        first, last = _span(asked.params)
    except ValueError:
        return Reply.of({"message": "'date' must be in the format YYYY-MM-DD or YYYYMMDD."}, 400)
    oldest, newest = terms.plan.first_day(now.date()), terms.plan.last_day(now.date())
    if "date" in asked.params and not oldest <= first <= newest:
        covered = f"Your subscription covers the following dates: {oldest} ~ {newest}."
        return Reply.of({"message": covered}, 400)
    edge = newest if asked.path != CALENDAR.path else last
    rows = exchange.rows(asked.path, (max(first, oldest), min(last, edge)), asked.params.get("code", ""), now)
    return _page(rows, asked.params.get("pagination_key", ""), terms.page_rows)


def _page(rows: list[Row], key: str, size: int) -> Reply:
    start = int(key.removeprefix("page-")) if key else 0
    content: Row = {"data": rows[start : start + size]}
    if start + size < len(rows):
        content["pagination_key"] = f"page-{start + size}"
    return Reply(200, json.dumps(content, ensure_ascii=False).encode())


def _span(params: Mapping[str, str]) -> tuple[date, date]:
    day = params.get("date")
    first, last = (day, day) if day else (params.get("from", "1990-01-01"), params.get("to", "2100-12-31"))
    return date.fromisoformat(first), date.fromisoformat(last)


def _bulk(exchange: Exchange, terms: Terms, asked: Asked, now: datetime) -> Reply:
    if terms.plan is FREE:
        return Reply.of({"message": _NOT_INCLUDED}, 403)
    if asked.path == "/bulk/get":
        stamp = int(now.timestamp()) + _LIFE
        return Reply.of({"url": f"{terms.url}/files/{asked.params['key']}?until={stamp}&signature=secret"})
    span = (asked.params.get("from", "0000-00"), asked.params.get("to", "9999-99"))
    oldest = terms.plan.first_day(now.date())
    files = exchange.files(asked.params.get("endpoint", ""), now, oldest)
    return Reply.of({"data": [file for month, file in files if span[0] <= month <= span[1]]})


def _file(exchange: Exchange, asked: Asked, now: datetime) -> Reply:
    if asked.key is not None or now.timestamp() > int(asked.params["until"]):
        return Reply(403, b"<Error><Code>AccessDenied</Code></Error>", "application/xml")
    return Reply(200, exchange.file(asked.path.removeprefix("/files/"), now), "application/gzip")
