from __future__ import annotations

from datetime import date, timedelta
from html.parser import HTMLParser

import pytest

from jstock_core.runs.catalogue import DamagedRun, list_runs, write_index
from jstock_core.runs.manifest import RunManifest, RunStatus
from jstock_core.runs.publish import RunFolder

from .conftest import NOW, TRADE_DATE


class Page(HTMLParser):
    """Tags, links and texts of a page, as a browser would see them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for key, value in attrs if key == "href"]

    def handle_data(self, data):
        self.texts.append(data.strip())


@pytest.fixture
def root(tmp_path):
    return tmp_path / "runs"


@pytest.fixture
def publish(root, make_manifest):
    started = iter(range(100))

    def one(trade_date: date = TRADE_DATE, **changes: object):
        moment = NOW + timedelta(seconds=next(started))
        folder = RunFolder.begin(root, trade_date, lambda: moment)
        (folder.path / "report.html").write_text("a report")
        return folder.publish(make_manifest(**changes))

    return one


def index(root) -> Page:
    return Page(write_index(root).read_text(encoding="utf-8"))


def manifests(root) -> list[str]:
    return [entry.run_id for entry in list_runs(root) if isinstance(entry, RunManifest)]


def test_runs_are_listed_newest_first(root, publish):
    first = publish()
    other_day = publish(date(2026, 1, 22))
    second = publish()
    assert manifests(root) == [other_day.name, second.name, first.name]


def test_links_lead_from_the_index_to_the_reports(root, publish):
    target = publish()
    assert index(root).links == [f"2026-01-21/{target.name}/report.html"]
    assert (root / index(root).links[0]).exists()


def test_headline_numbers_are_shown_for_people(root, publish):
    publish(headline={"equity": 8_412_300, "day_pct": -1.25, "sharpe": 1.5, "positions": {"7203": 1}})
    texts = index(root).texts
    assert {"8,412,300", "-1.25 %", "1.50", "Day %", "01-21 07:00"} <= set(texts)
    assert "Positions" not in texts


def test_text_from_outside_is_escaped(root, publish):
    evil = "<script>alert(1)</script>"
    publish(headline={"best": evil, evil: 1})
    publish(status=RunStatus.FAILED, error=f"{evil} & so on")
    page = index(root)
    assert "script" not in page.tags
    assert evil in page.texts
    assert f"{evil} & so on" in page.texts


def test_a_failed_run_says_why(root, publish):
    publish(status=RunStatus.FAILED, error='cell 5 ("Signals"): ValueError')
    assert {"failed", 'cell 5 ("Signals"): ValueError'} <= set(index(root).texts)


def test_a_damaged_manifest_is_listed_and_hides_nothing(root, publish):
    good, bad, gone = publish(), publish(), publish()
    (bad / "manifest.json").write_text("{")
    (gone / "manifest.json").unlink()
    assert manifests(root) == [good.name]
    assert [entry.folder for entry in list_runs(root) if isinstance(entry, DamagedRun)] == [gone, bad]
    texts = index(root).texts
    assert texts.count("damaged") == 2
    assert {good.name, bad.name, gone.name} <= set(texts)


def test_what_is_being_built_is_not_listed(root, publish, clock):
    publish()
    RunFolder.begin(root, TRADE_DATE, clock)
    (root / "notes").mkdir()
    assert len(list_runs(root)) == 1


def test_an_index_of_nothing(root):
    root.mkdir()
    assert "No run yet." in index(root).texts


def test_the_index_asks_for_nothing_from_the_network(root, publish):
    publish()
    text = write_index(root).read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert "http://" not in text
    assert "https://" not in text
