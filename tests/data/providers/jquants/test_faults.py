"""Forty things that can go wrong with an answer: the rows are right, or an error says what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pytest

from jstock_core.base.errors import DataError
from jstock_core.data.providers.jquants.fetching import Wanted, fetch_dataset
from jstock_core.data.providers.jquants.plans import STANDARD
from jstock_core.data.providers.simulated.companies import companies
from jstock_core.market.codes import to_jquants
from jstock_core.testing.jquants import faults
from jstock_core.testing.jquants.faults import Change, Fault, Reply
from jstock_core.testing.jquants.server import KEY
from tests.data.providers.jquants.conftest import NOW, SINCE, Connect, Serve

BARS, STATEMENTS = "/equities/bars/daily", "/fins/summary"
TOPIX = "/indices/bars/daily/topix"
LIST, GET, FILE = "/bulk/list", "/bulk/get", "202510.csv.gz"
WEEK, NEWEST = date(2026, 1, 13), date(2026, 1, 19)
TWO_CODES = tuple(to_jquants(company.listing.code) for company in companies()[:2])
TWO_DAYS = date(2026, 1, 16)
"""After this day come two sessions, asked for one by one."""


@dataclass(frozen=True)
class Case:
    """A fault: what befalls which requests of which fetch. `error` is what is said, "" for right rows."""

    name: str
    path: str
    change: Change
    error: str = ""
    nth: int = 1
    times: int = 1
    dataset: str = "bars"
    after: date | None = TWO_DAYS
    waited: float = 0.0
    page_rows: int = 10_000
    read_timeout: float = 30
    codes: tuple[str, ...] = ()

    def faults(self) -> Sequence[Fault]:
        return [Fault(self.path, self.change, self.nth, self.times)]


def bulk(name: str, path: str, change: Change, error: str = "", **more: object) -> Case:
    return Case(name, path, change, error, after=None, **more)  # type: ignore[arg-type]


def stocks(name: str, change: Change, error: str = "", **more: object) -> Case:
    return Case(name, BARS, change, error, after=WEEK, codes=TWO_CODES, **more)  # type: ignore[arg-type]


def then(*changes: Change) -> Change:
    """One change after another, a request each."""
    following = iter(changes)

    def change(reply: Reply) -> Reply:
        return next(following)(reply)

    return change


def as_text(data: list[dict[str, object]]) -> list[object]:
    return [{k: str(v) if isinstance(v, float) else v for k, v in row.items()} for row in data]


blocked = faults.status(403, "Forbidden")


def repeat_rows(data: list[dict[str, object]]) -> list[object]:
    return [*data, {**data[0], "C": 1.0}]


CASES = [
    # Busy or broken for a while: asked again, and right
    Case("a 429", BARS, faults.status(429), waited=60),
    Case("a burst of 429", BARS, faults.status(429), times=4, waited=60 + 3 * 300),
    Case("429 for good", BARS, faults.status(429), "too many requests", times=99),
    Case("blocked by 403 after a 429", BARS, then(faults.status(429), blocked), times=2, waited=360),
    Case("a 500", BARS, faults.status(500), waited=5),
    Case("a 502 with a page of a proxy", BARS, faults.status(502), nth=2, waited=5),
    Case("four times 503", BARS, faults.status(503), times=4, waited=5 + 10 + 20 + 40),
    Case("503 for good", BARS, faults.status(503, "maintenance"), "status 503: maintenance", times=99),
    Case("a reset in the midst", BARS, faults.sent("reset"), waited=5),
    Case("resets for good", BARS, faults.sent("reset"), "the connection failed", times=99),
    Case("no answer in time", BARS, faults.sent("hang"), waited=5, read_timeout=0.3),
    Case("a body that drips", BARS, faults.sent("drip"), waited=5),
    Case("truncated JSON", BARS, faults.cut, waited=5),
    Case("truncated JSON for good", BARS, faults.cut, "the answer is no JSON", times=99),
    Case("a proxy's page with status 200", BARS, faults.body(b"<html>hello</html>"), waited=5),
    Case("a list instead of an object", BARS, faults.body(b"[]"), "no JSON object", times=99),
    # Wrong for good: an error that names it
    Case(
        "a wrong key",
        BARS,
        faults.status(403, "The incoming api key is invalid or expired."),
        "not know the key",
    ),
    Case(
        "not in the plan",
        BARS,
        faults.status(403, "This API is not available on your subscription."),
        "plan does not",
    ),
    Case("a wrong path", BARS, faults.status(403, "Missing Authentication Token"), "the path is unknown"),
    Case(
        "a bad request",
        BARS,
        faults.status(400, "'date' must be ..."),
        "not accepted .status 400.; the server says",
    ),
    Case(
        "outside of the window",
        BARS,
        faults.status(400, "Your subscription covers the following dates: "),
        "plan",
    ),
    Case("a redirect", BARS, faults.status(302), "unexpected answer .status 302."),
    Case("no list of rows", BARS, faults.body(b'{"message": "hello"}'), 'no list "data"'),
    # Rows that cannot be right
    Case("text in a price", BARS, faults.value("C", "n/a"), "C is 'n/a', expected a number"),
    Case("true in a price", BARS, faults.value("O", True), "O is 'True', expected a number"),
    Case("a list in a price", BARS, faults.value("H", [1]), "expected a number"),
    Case("no price in a bar", BARS, faults.value("C", None), "a figure is missing in the bar 2026-01-19"),
    Case(
        "no index", TOPIX, faults.value("C", None), "figure is missing in the bar 2026-01-19", dataset="topix"
    ),
    Case("NaN in JSON", BARS, faults.value("C", float("nan")), "NaN is no number", times=99),
    Case("every price as text", BARS, faults.rows(as_text)),
    Case("a code as a number", BARS, faults.value("Code", 13010), "Code is '13010', expected text"),
    Case("a code that is none", BARS, faults.value("Code", "ABCDE"), "is not a TSE code"),
    Case("no date in a row", BARS, faults.value("Date", None), "expected a date"),
    Case("a factor of 0", BARS, faults.value("AdjFactor", 0.0), "AdjFactor is 0.0"),
    Case(
        "a missing column", BARS, faults.without("AdjFactor"), "the column AdjFactor is missing in 60 of 60"
    ),
    Case("a column missing in a row", BARS, faults.without("C", row=3), "the column C is missing in 1 of 60"),
    Case("a new column", BARS, faults.value("Auction", {"x": 1}, row=2)),
    Case(
        "rows of another day",
        BARS,
        faults.value("Date", "2026-01-14", row=5),
        "2026-01-14, which was not asked",
    ),
    Case("a bar of the future", BARS, faults.value("Date", "2026-01-22"), "2026-01-22, which was not asked"),
    Case("two bars of a stock", BARS, faults.rows(repeat_rows), "two rows of Date .* differ"),
    Case("a row that is no object", BARS, faults.rows(lambda data: [*data, 5]), "no JSON object"),
    Case("empty where bars are due", BARS, faults.rows(lambda _: []), "no bars of 2026-01-19"),
    Case("210 where bars are due", BARS, faults.status(210), "no bars of 2026-01-19"),
    Case(
        "no list of stocks",
        "/equities/master",
        faults.rows(lambda _: []),
        "list of stocks is empty",
        dataset="master",
    ),
    Case(
        "210 where there is no statement", STATEMENTS, faults.status(210), dataset="statements", after=NEWEST
    ),
    Case(
        "a week of sessions is late", BARS, faults.rows(lambda _: []), "5 of 5 sessions", times=99, after=WEEK
    ),
    # A stock at a time
    stocks("rows of another stock", faults.value("Code", "99990"), "99990, which was not asked"),
    stocks("a day before the span", faults.value("Date", "2026-01-09"), "2026-01-09, which was not asked"),
    stocks("a reset at the second stock", faults.sent("reset"), nth=2, waited=5),
    stocks("a 429 at a stock", faults.status(429), waited=60),
    # Pages
    Case("pages", BARS, faults.status(500), page_rows=20, nth=3, waited=5),
    Case(
        "a page that repeats",
        BARS,
        faults.field("pagination_key", "page-20"),
        "delivered twice",
        page_rows=20,
        times=99,
    ),
    Case(
        "the same rows again", BARS, faults.field("pagination_key", "page-0"), "delivered twice", page_rows=70
    ),
    Case("a page key that is no text", BARS, faults.field("pagination_key", 7), "pagination_key is 7"),
    # Clocks
    Case("a server an hour ahead", BARS, faults.skewed(3600), "60 minutes behind that of J-Quants"),
    Case("a server an hour behind", BARS, faults.skewed(-3600), "60 minutes ahead of that of J-Quants"),
    Case("a server five minutes ahead", BARS, faults.skewed(300)),
    # Files
    bulk("a list that fails once", LIST, faults.status(500), waited=5),
    bulk("a list that is malformed", LIST, faults.value("Size", "x"), "a file of the list is malformed"),
    bulk("no address", GET, faults.body(b"{}"), "no address of the file"),
    bulk("an address that expired", FILE, faults.status(403), nth=1),
    bulk("an address refused for good", FILE, faults.status(403), "not valid any more", times=99),
    bulk("a file that is truncated", FILE, faults.cut),
    bulk("a file truncated for good", FILE, faults.cut, "arrived damaged", times=99),
    bulk("a flipped byte in a file", FILE, faults.flip),
    bulk("a reset in the midst of a file", FILE, faults.sent("reset"), waited=5),
    bulk("a file server that fails", FILE, faults.status(503), waited=5),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_fault_makes_a_wrong_row(serve: Serve, connect: Connect, case: Case):
    wanted = Wanted(STANDARD, SINCE, case.codes)
    right = fetch_dataset(connect(serve()), wanted, case.dataset, case.after, NOW)
    local = serve(*case.faults(), page_rows=case.page_rows)
    client = connect(local, read_timeout=case.read_timeout)
    if case.error:
        with pytest.raises(DataError, match=case.error) as caught:
            fetch_dataset(client, wanted, case.dataset, case.after, NOW)
        shown = f"{caught.value}\n{caught.value!r}"
        assert caught.value.where
        assert caught.value.do
        assert KEY not in shown
        assert "signature" not in shown
    else:
        found = fetch_dataset(client, wanted, case.dataset, case.after, NOW)
        assert found.select(right.column_names).equals(right)
        assert local.clock.slept >= case.waited
    assert local.faults[0].seen >= case.nth, "the fault did not befall"


def test_a_late_session_is_left_out(serve: Serve, connect: Connect):
    """The desk is then stale, and says so; an empty answer is no wrong row."""
    local = serve(Fault(BARS, faults.rows(lambda _: []), nth=2))
    found = fetch_dataset(connect(local), Wanted(STANDARD, SINCE), "bars", TWO_DAYS, NOW)
    assert set(found["Date"].to_pylist()) == {date(2026, 1, 19)}


def test_a_new_column_is_kept(serve: Serve, connect: Connect):
    local = serve(Fault(BARS, faults.value("Auction", {"x": 1}, row=2)))
    found = fetch_dataset(connect(local), Wanted(STANDARD, SINCE), "bars", TWO_DAYS, NOW)
    assert found["Auction"].to_pylist()[:4] == ["", "", '{"x": 1}', ""]


def test_there_are_forty():
    assert len(CASES) >= 40
    assert len({case.name for case in CASES}) == len(CASES)
