"""A published page leads to the mornings beside it, also where no symbolic link can be made."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from jstock_core.market.calendar import tse
from jstock_core.runs.catalogue.page import write_index
from jstock_core.runs.links import PageLink, page_links
from jstock_core.runs.manifest import RunStatus
from jstock_core.runs.publish import RunFolder

from .conftest import NOW, TRADE_DATE, manifest_of

BEFORE, NEXT = date(2026, 1, 20), date(2026, 1, 22)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def publish(root: Path, trade_date: date, seconds: int = 0, **changes: object) -> Path:
    folder = RunFolder.begin(root, trade_date, lambda: NOW + timedelta(seconds=seconds))
    (folder.path / "report.html").write_text("a report")
    return folder.publish(manifest_of(trade_date=trade_date, **changes))


def follow(page: Path, href: str) -> Path:
    """Where a link leads: a page that only leads on is followed."""
    target = (page.parent / href.partition("#")[0]).resolve()
    text = target.read_text(encoding="utf-8")
    return (
        follow(target, text.partition("url=")[2].partition('"')[0])
        if 'http-equiv="refresh' in text
        else target
    )


def test_the_first_page_leads_to_the_list_and_the_next_morning_only(root: Path) -> None:
    run = publish(root, TRADE_DATE)
    links = page_links(root, TRADE_DATE, run)
    assert links.before is None
    assert links.orders is None
    assert links.index == PageLink("../../index.html")
    assert links.after == PageLink("../../index.html#2026-01-22", NEXT)


@pytest.mark.parametrize("symbolic", [True, False])
def test_the_morning_before_is_its_newest_good_run_even_if_that_comes_later(
    root: Path, symbolic: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not symbolic:
        monkeypatch.setattr(Path, "symlink_to", not_here)
    first = publish(root, BEFORE)
    run = publish(root, TRADE_DATE)
    links = page_links(root, TRADE_DATE, run)
    assert links.before is not None
    assert links.before.day == BEFORE
    assert follow(run / "report.html", links.before.href) == first / "report.html"
    later = publish(root, BEFORE, seconds=9)
    assert follow(run / "report.html", links.before.href) == later / "report.html"


def not_here(*_: object, **__: object) -> None:
    raise OSError


def test_a_morning_that_only_failed_is_passed_over(root: Path) -> None:
    publish(root, date(2026, 1, 19))
    publish(root, BEFORE, status=RunStatus.FAILED, error="x")
    links = page_links(root, TRADE_DATE, root)
    assert links.before is not None
    assert links.before.day == date(2026, 1, 19)


def test_the_next_morning_is_the_next_session_and_its_row_in_the_list(root: Path) -> None:
    friday = date(2026, 1, 23)
    run = publish(root, friday)
    links = page_links(root, friday, run)
    assert links.after == PageLink("../../index.html#2026-01-26", date(2026, 1, 26))
    publish(root, date(2026, 1, 26))
    assert 'id="2026-01-26"' in write_index(root).read_text(encoding="utf-8")


def test_orders_are_linked_where_there_are_some(root: Path, tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("id\n")
    assert page_links(root, TRADE_DATE, tmp_path).orders == PageLink("orders.csv")


def test_the_last_session_of_the_calendar_has_no_next_one(root: Path) -> None:
    assert page_links(root, tse().last, root).after is None
