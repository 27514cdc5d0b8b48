"""The list of all mornings: what its rows show and link to, with its script and without."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from jstock_core.runs.catalogue.page import write_index
from jstock_core.runs.manifest import RunStatus
from jstock_core.runs.publish import RunFolder

from .conftest import Publish, headline_of, write_runs

NEXT = date(2026, 1, 22)


class Page(HTMLParser):
    """Tags, links, texts and rows of a page, as a browser would see them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.texts: list[str] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for key, value in attrs if key == "href"]
        self.ids += [value or "" for key, value in attrs if key == "id" and tag == "tbody"]

    def handle_data(self, data: str) -> None:
        self.texts += [" ".join(data.split())] if data.strip() else []


def index(root: Path) -> Page:
    return Page(write_index(root).read_text(encoding="utf-8"))


def test_each_trade_date_is_one_row_newest_first(root: Path, publish: Publish) -> None:
    publish()
    publish(NEXT)
    publish()
    assert index(root).ids == ["2026-01-22", "2026-01-21"]


def test_every_link_leads_to_a_file(root: Path, publish: Publish) -> None:
    publish(), publish(NEXT), publish(NEXT)
    links = [link for link in index(root).links if not link.startswith("#")]
    assert {link.rpartition("/")[2] for link in links} == {"report.html", "orders.csv"}
    assert [link for link in links if not (root / link).exists()] == []


def test_a_row_leads_to_the_run_that_latest_names_and_folds_the_others(root: Path, publish: Publish) -> None:
    first, second = publish(), publish()
    failed = publish(status=RunStatus.FAILED, error="cell 5", headline={})
    page = index(root)
    assert page.texts.count("2 more runs") == 1
    assert page.links[0] == f"2026-01-21/{second.name}/report.html"
    assert {first.name, failed.name} <= set(page.texts)
    assert "cell 5" in page.texts


def test_the_numbers_of_a_morning_are_shown_for_people(root: Path, publish: Publish) -> None:
    publish()
    texts = index(root).texts
    assert {"+¥12,300", "¥8,412,300", "+1.2", "2", "5", "P&L of 2026-01-20", "+0.15 %"} <= set(texts)


def test_a_morning_that_lost_is_shown_in_the_colour_of_a_loss(root: Path, publish: Publish) -> None:
    publish(headline=headline_of(day_pnl=-500, total_return_pct=-1.0, topix_return_pct=2.0))
    text = write_index(root).read_text(encoding="utf-8")
    assert re.search(r'class="num pnl loss">−¥500<', text)
    assert re.search(r'class="num excess loss"[^>]*>−3\.0<', text)


def test_alerts_are_counted_and_named(root: Path, publish: Publish) -> None:
    alerts = [f"7203 豊かな自動車: alert {n}" for n in range(5)]
    publish(headline=headline_of(alerts=alerts))
    texts = index(root).texts
    assert {*alerts[:3], "and 2 more in the report", "5"} <= set(texts)
    assert alerts[3] not in texts


def test_text_from_outside_is_escaped(root: Path, publish: Publish) -> None:
    evil = "<script>alert(1)</script>"
    publish(headline=headline_of(alerts=[evil], intent=evil))
    publish(NEXT, status=RunStatus.FAILED, error=f"{evil} & so on", headline={})
    page = index(root)
    assert page.tags.count("script") == 1
    assert evil in page.texts
    assert f"{evil} & so on" in page.texts


def test_a_failed_morning_says_why(root: Path, publish: Publish) -> None:
    publish(status=RunStatus.FAILED, error='cell 5 ("Signals"): ValueError', headline={})
    assert {"failed", 'cell 5 ("Signals"): ValueError'} <= set(index(root).texts)


def test_after_a_failed_morning_the_numbers_are_those_of_the_last_good_report(
    root: Path, publish: Publish
) -> None:
    good = publish()
    publish(NEXT, status=RunStatus.FAILED, error="cell 5", headline={})
    page = index(root)
    assert "The last good report" in " ".join(page.texts)
    assert page.links[1] == f"2026-01-21/{good.name}/report.html"
    assert page.texts.count("¥8,412,300") == 2


def test_a_run_without_a_headline_is_a_row_of_dashes(root: Path, publish: Publish) -> None:
    publish(headline={"equity": "much", "orders": True, "alerts": 3, "evaluated": "soon"})
    assert index(root).ids == ["2026-01-21"]


def test_a_damaged_manifest_is_a_row_and_hides_nothing(root: Path, publish: Publish) -> None:
    good, bad, gone = publish(), publish(), publish(NEXT)
    (bad / "manifest.json").write_text("{")
    (gone / "manifest.json").unlink()
    page = index(root)
    assert page.ids == ["2026-01-22", "2026-01-21"]
    assert page.texts.count("damaged") >= 2
    assert {good.name, bad.name} & set(page.texts)
    assert "cannot read the manifest: FileNotFoundError" in page.texts


def test_a_rehearsal_is_marked_and_its_numbers_are_not_the_desks(root: Path, publish: Publish) -> None:
    publish(rehearsal=True)
    publish(NEXT, rehearsal=True)
    page = index(root)
    assert page.texts.count("rehearsal") == 3
    assert "svg" not in page.tags


def test_the_calendar_shows_a_session_by_the_report_of_the_next_morning(root: Path, publish: Publish) -> None:
    run, other = publish(), publish(NEXT)
    text = write_index(root).read_text(encoding="utf-8")
    for link, day in ((run, "2026-01-20"), (other, "2026-01-21")):
        assert re.search(rf'<a href="[\d-]+/{link.name}/report\.html"><title>{day}: \+¥12,300 ', text)


def test_the_curve_is_of_the_equity_of_the_mornings_that_count(root: Path, publish: Publish) -> None:
    publish(), publish(NEXT, headline=headline_of(NEXT, equity=8_500_000))
    assert "Equity over 2 mornings: ¥8,412,300 to ¥8,500,000" in index(root).texts


def test_a_month_is_headed_by_its_sum(root: Path, publish: Publish) -> None:
    publish(), publish(NEXT), publish(date(2025, 12, 30))
    texts = index(root).texts
    assert {"2026-01", "2 mornings", "+¥24,600", "2025-12", "1 morning"} <= set(texts)


def test_what_is_being_built_is_not_listed(root: Path, publish: Publish, clock) -> None:
    publish()
    RunFolder.begin(root, NEXT, clock)
    (root / "notes").mkdir()
    assert index(root).ids == ["2026-01-21"]


def test_an_index_of_nothing(root: Path) -> None:
    root.mkdir()
    assert "No run yet." in index(root).texts


def test_the_page_asks_for_nothing_and_runs_its_own_script_only(root: Path, publish: Publish) -> None:
    publish()
    text = write_index(root).read_text(encoding="utf-8")
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    (sheet,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    assert html.unescape(policy) == (
        f"default-src 'none'; img-src data:; style-src '{digest(sheet)}'; script-src '{digest(script)}'"
    )
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)", text) == []


def digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def test_without_a_script_everything_is_there_but_the_search(root: Path, publish: Publish) -> None:
    publish()
    text = write_index(root).read_text(encoding="utf-8")
    assert re.search(r'<p class="find" id="find" hidden>', text)
    assert not re.search(r"<(tbody|details)[^>]* hidden", text)


def test_the_newest_months_are_open_so_that_a_few_mornings_are_seen(root: Path) -> None:
    write_runs(root, 30, date(2026, 1, 7))
    text = write_index(root).read_text(encoding="utf-8")
    opened = re.findall(r'<details class="month"( open)?>\n<summary><span class="name">([\d-]+)', text)
    assert opened == [(" open", "2026-01"), (" open", "2025-12"), ("", "2025-11")]


def test_a_page_for_each_trade_date_is_written_where_an_earlier_version_left_none(
    root: Path, publish: Publish
) -> None:
    run = publish()
    page = root / "2026-01-21" / "index.html"
    page.unlink()
    write_index(root)
    assert f'url={run.name}/report.html"' in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["index.html", "summaries.json"])
def test_the_list_is_for_its_owner_alone(root: Path, publish: Publish, name: str) -> None:
    publish()
    write_index(root)
    assert (root / name).stat().st_mode & 0o777 == 0o600
