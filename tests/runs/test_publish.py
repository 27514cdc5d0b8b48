from __future__ import annotations

import errno
import os
import re
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from jstock_core.base.durable import write_atomically
from jstock_core.base.errors import WriteError
from jstock_core.runs.files import hash_file
from jstock_core.runs.latest import latest_run, point_latest
from jstock_core.runs.manifest import RunStatus, read_manifest, write_manifest
from jstock_core.runs.publish import RunFolder, new_run_id, unpublished_runs

from .conftest import NOW, TRADE_DATE


@pytest.fixture
def root(tmp_path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def begin(root, clock):
    def start() -> RunFolder:
        folder = RunFolder.begin(root, TRADE_DATE, clock)
        (folder.path / "charts").mkdir()
        (folder.path / "report.html").write_text("a report")
        (folder.path / "charts" / "equity.png").write_bytes(b"png")
        return folder

    return start


def full_disk(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_run_is_built_beside_and_published_whole(root, begin, make_manifest):
    folder = begin()
    assert folder.path.parent == root
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    target = folder.publish(make_manifest())
    assert target == root / "2026-01-21" / folder.run_id
    assert sorted(path.name for path in target.iterdir()) == ["charts", "manifest.json", "report.html"]
    assert sorted(path.name for path in root.iterdir()) == [".lock", "2026-01-21"]
    assert latest_run(root, TRADE_DATE) == target


def test_the_manifest_holds_the_hash_of_every_file(begin, make_manifest):
    target = begin().publish(make_manifest())
    manifest = read_manifest(target)
    assert manifest.run_id == target.name
    assert manifest.files == {name: hash_file(target / name) for name in ("charts/equity.png", "report.html")}


def test_no_reader_sees_half_of_a_run(begin, make_manifest, monkeypatch):
    """At the moment of the one rename, everything is in the folder and nothing at its target."""
    folder = begin()
    rename, seen = Path.rename, []

    def spy(self: Path, target: Path) -> Path:
        seen.append((target.exists(), read_manifest(self).files.keys()))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", spy)
    folder.publish(make_manifest())
    assert seen == [(False, {"charts/equity.png", "report.html"})]


def test_a_failed_run_is_published_and_latest_stays(root, begin, make_manifest):
    good = begin().publish(make_manifest())
    failed = begin().publish(make_manifest(status=RunStatus.FAILED, error="cell 5"))
    assert read_manifest(failed).status is RunStatus.FAILED
    assert latest_run(root, TRADE_DATE) == good


def test_a_degraded_run_is_what_the_trader_must_see(root, begin, make_manifest):
    begin().publish(make_manifest())
    degraded = begin().publish(make_manifest(status=RunStatus.DEGRADED))
    assert latest_run(root, TRADE_DATE) == degraded


def test_a_rehearsal_does_not_displace_a_run_that_counted(root, begin, make_manifest):
    first = begin().publish(make_manifest(rehearsal=True))
    assert latest_run(root, TRADE_DATE) == first
    counted = begin().publish(make_manifest())
    begin().publish(make_manifest(rehearsal=True))
    assert latest_run(root, TRADE_DATE) == counted


def test_latest_always_names_a_whole_run_while_it_moves(root, begin, make_manifest, monkeypatch):
    old = begin().publish(make_manifest())
    replace, seen = Path.replace, []

    def spy(self: Path, target: Path) -> Path:
        if Path(target).name == "latest":
            seen.append(latest_run(root, TRADE_DATE))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", spy)
    new = begin().publish(make_manifest())
    assert seen == [old]
    assert latest_run(root, TRADE_DATE) == new
    assert (new.parent / "latest").readlink() == Path(new.name)


def test_without_symbolic_links_latest_is_a_file_naming_the_run(root, begin, make_manifest, monkeypatch):
    monkeypatch.setattr(Path, "symlink_to", full_disk)
    first = begin().publish(make_manifest())
    second = begin().publish(make_manifest())
    assert (root / "2026-01-21" / "latest").read_text() == f"{second.name}\n"
    assert latest_run(root, TRADE_DATE) == second
    point_latest(first)
    assert latest_run(root, TRADE_DATE) == first


def test_no_latest_before_the_first_good_run(root):
    assert latest_run(root, TRADE_DATE) is None


@pytest.mark.parametrize("verb", ["rename", "chmod"])
def test_a_full_disk_is_said_with_what_to_do(root, begin, make_manifest, monkeypatch, verb):
    monkeypatch.setattr(Path, verb, full_disk)
    with pytest.raises(WriteError, match="No space left on device") as caught:
        begin().publish(make_manifest())
    assert "free some space" in caught.value.do


def refused(folder, manifest, monkeypatch) -> WriteError:
    """The error of a run that the disk refuses to move into place."""
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", full_disk)
        with pytest.raises(WriteError) as caught:
            folder.publish(manifest)
    return caught.value


def test_what_could_not_be_published_is_left_named_and_kept(root, begin, make_manifest, monkeypatch):
    folder = begin()
    assert refused(folder, make_manifest(), monkeypatch).where == str(folder.path)
    assert (folder.path / "report.html").read_text() == "a report"
    assert unpublished_runs(root) == (folder.path,)


def test_what_was_finished_is_published_by_the_next_run(root, begin, make_manifest, monkeypatch):
    folder = begin()
    refused(folder, make_manifest(), monkeypatch)
    begin()
    assert unpublished_runs(root) == ()
    assert latest_run(root, TRADE_DATE) == folder.target


def test_an_older_finished_run_does_not_displace_a_newer_one(root, begin, make_manifest, monkeypatch):
    folder = begin()
    refused(folder, make_manifest(), monkeypatch)
    folder.path.rename(aside := root / "aside")
    newer = begin().publish(make_manifest())
    older = root / ".tmp-20260101T000000Z-dead"
    aside.rename(older)
    write_manifest(older, replace(read_manifest(older), run_id="20260101T000000Z-dead"))
    begin()
    assert (newer.parent / "20260101T000000Z-dead" / "report.html").exists()
    assert latest_run(root, TRADE_DATE) == newer


def test_a_run_that_was_stopped_and_wakes_later_does_not_take_latest_back(root, make_manifest):
    stopped = RunFolder.begin(root, TRADE_DATE, lambda: NOW)
    newer = RunFolder.begin(root, TRADE_DATE, lambda: NOW + timedelta(minutes=5)).publish(make_manifest())
    older = stopped.publish(make_manifest())
    assert older.is_dir()
    assert latest_run(root, TRADE_DATE) == newer


def test_a_run_that_begins_after_another_is_newer_whatever_the_clock_says(root, make_manifest):
    RunFolder.begin(root, TRADE_DATE, lambda: NOW + timedelta(hours=1)).publish(make_manifest())
    corrected = RunFolder.begin(root, TRADE_DATE, lambda: NOW).publish(make_manifest())
    assert latest_run(root, TRADE_DATE) == corrected


def test_a_finished_run_that_was_damaged_stays_for_people_to_look_at(root, begin, make_manifest, monkeypatch):
    folder = begin()
    refused(folder, make_manifest(), monkeypatch)
    (folder.path / "report.html").write_text("b report")
    begin()
    assert unpublished_runs(root) == (folder.path,)


def test_what_is_left_of_a_kill_between_two_writes_is_removed(root, begin, make_manifest):
    run = begin().publish(make_manifest())
    left = (".tmp-20260101T000000Z-dead.lock", ".index.html.12ab34cd", f"2026-01-21/.latest-{run.name}")
    for name in left:
        (root / name).write_text("")
    living = begin()
    names = {path.name for path in root.rglob(".*")}
    assert names == {".lock", living.path.name, f"{living.path.name}.lock"}


def test_a_latest_that_cannot_move_is_told_from_an_unpublished_run(begin, make_manifest, monkeypatch):
    monkeypatch.setattr("jstock_core.runs.publish.point_latest", full_disk)
    folder = begin()
    with pytest.raises(WriteError, match="is published, but `latest`") as caught:
        folder.publish(make_manifest())
    assert caught.value.where == str(folder.target)


def test_a_runs_folder_that_is_a_file(tmp_path, clock):
    (tmp_path / "runs").write_text("")
    with pytest.raises(WriteError, match="cannot write in the runs folder") as caught:
        RunFolder.begin(tmp_path / "runs", TRADE_DATE, clock)
    assert caught.value.where == str(tmp_path / "runs")


def test_what_a_dead_process_left_is_removed_and_a_living_one_is_not(root, begin):
    (root / ".tmp-20260101T000000Z-dead" / "charts").mkdir(parents=True)
    living = begin()
    other = begin()
    assert {path.name for path in root.glob(".tmp-*/")} == {living.path.name, other.path.name}


def test_closing_leaves_the_content_until_the_next_run(root, begin):
    folder = begin()
    folder.close()
    assert (folder.path / "report.html").exists()
    assert sorted(path.name for path in root.iterdir()) == [".lock", folder.path.name]


def test_run_ids_sort_by_time_and_differ():
    ids = {new_run_id(NOW) for _ in range(8)}
    assert len(ids) > 1
    assert all(re.fullmatch(r"20260120T220003Z-[0-9a-f]{4}", run_id) for run_id in ids)


def test_an_atomic_write_that_fails_leaves_the_old_file_alone(tmp_path, monkeypatch):
    path = tmp_path / "index.html"
    write_atomically(path, b"old")
    monkeypatch.setattr(Path, "replace", full_disk)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, b"new")
    assert [(item.name, item.read_text()) for item in tmp_path.iterdir()] == [("index.html", "old")]


def test_what_a_dead_process_left_half_written_is_removed_by_the_next(root, begin, make_manifest):
    begin().publish(make_manifest())
    parts = [root / ".index.html.1-ab.part", root / ".summaries.json.1-ab.part"]
    parts.append(root / str(TRADE_DATE) / ".index.html.1-ab.part")
    for part in parts:
        part.write_text("half")
    begin().close()
    assert not any(part.exists() for part in parts)
