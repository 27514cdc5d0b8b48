"""A published report is shown again as it was, in another language, without market and journal."""

from __future__ import annotations

import email
import email.policy
import json
import re
import shutil
from pathlib import Path

import pytest

from jstock_core.base.errors import DataError, UsageError
from jstock_core.desk.day.publishing.daily import publish_day
from jstock_core.desk.lookback.kept import show_kept, write_replay
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.reports.model.codec import REPORT_FILE
from jstock_core.testing import desk as make_desk


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    made = make_desk(tmp_path_factory.mktemp("kept") / "desk", ready="fetched")
    publish_day(made)
    return made


def copied(published: Desk, folder: Path) -> Desk:
    shutil.copytree(published.workspace.root, folder, symlinks=True)
    return open_desk(folder, now=published.fixed_now)


def test_the_same_language_gives_the_same_page(published: Desk, tmp_path: Path) -> None:
    """But for the links to other mornings, which are not beside it."""
    done = show_kept(published, into=str(tmp_path))
    page = next(path for path in done.files if path.suffix == ".html")
    published_page = (done.run / "report.html").read_text(encoding="utf-8")
    links = re.search(r"<nav .*?</nav>\n", published_page, re.DOTALL).group()
    assert page.read_text(encoding="utf-8") == published_page.replace(links, "")
    text = next(path for path in done.files if path.suffix == ".md")
    assert text.read_text(encoding="utf-8") == (done.run / text.name).read_text(encoding="utf-8")


def test_another_language_shows_the_same_numbers(published: Desk, tmp_path: Path) -> None:
    done = show_kept(published, into=str(tmp_path), lang="ja")
    page = next(path for path in done.files if path.suffix == ".html").read_text(encoding="utf-8")
    values = json.loads((done.run / REPORT_FILE).read_text(encoding="utf-8"))
    assert 'lang="ja"' in page
    assert "市場" in page
    assert all(order["code"] in page for order in values["execution"]["tickets"])


def test_neither_market_nor_journal_is_needed(published: Desk, tmp_path: Path) -> None:
    bare = copied(published, tmp_path / "desk")
    for name in ("data",):
        kept = bare.workspace.root / name / "monitor_list.json"
        text = kept.read_text(encoding="utf-8")
        shutil.rmtree(bare.workspace.root / name)
        kept.parent.mkdir()
        kept.write_text(text, encoding="utf-8")
    assert show_kept(bare, "2026-01-21", into=str(tmp_path / "again")).files


def test_the_mail_is_read_back_with_the_page(published: Desk, tmp_path: Path) -> None:
    done = show_kept(published, into=str(tmp_path))
    mail = next(path for path in done.files if path.suffix == ".eml")
    read = email.message_from_bytes(mail.read_bytes(), policy=email.policy.default)
    assert "2026-01-21" in read["Subject"]
    assert [part.get_filename() for part in read.iter_attachments() if part.get_filename()]


def test_what_cannot_be_shown_is_said(published: Desk, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="2026-01-20 has no report"):
        show_kept(published, "2026-01-20", into=str(tmp_path))
    bare = copied(published, tmp_path / "desk")
    run = show_kept(bare, "2026-01-21", into=str(tmp_path / "again")).run
    (run / REPORT_FILE).unlink()
    with pytest.raises(DataError, match="kept no values") as caught:
        show_kept(bare, "2026-01-21", into=str(tmp_path / "again"))
    assert "jstock trade report --date 2026-01-21" in caught.value.do


def test_many_mornings_become_one_page(published: Desk, tmp_path: Path) -> None:
    done = write_replay(published, into=str(tmp_path / "replay.html"))
    assert "2026-01-21" in done.files[0].read_text(encoding="utf-8")
    with pytest.raises(UsageError, match="no morning of these dates"):
        write_replay(published, "2026-01-22", into=str(tmp_path / "none.html"))
    assert not (tmp_path / "none.html").exists()
