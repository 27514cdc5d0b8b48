"""A report that would show a secret is not shown: its tickets are printed, and the run is redacted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jstock_core.base.errors import DataError, ExitStatus
from jstock_core.cli import run as jstock
from jstock_core.desk.day.publishing import daily, executed
from jstock_core.desk.settings.edit import edit_yaml
from jstock_core.ops.notify import delivery
from jstock_core.runs.latest import latest_run
from jstock_core.runs.manifest import RunStatus, read_manifest
from tests.architecture import ROOT
from tests.desk.days import MORNING, T, edited, journaled
from tests.storms.forks import execute_here

NAME, SECRET = "JSTOCK_SMTP_PASSWORD", "correct-horse-9"


@pytest.fixture
def root(new: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desk that sends mail, to nobody and at once; its notebook's steps run in this process."""
    monkeypatch.setattr(delivery, "QUICK", ())
    monkeypatch.setenv(NAME, SECRET)
    monkeypatch.setattr(executed, "execute", execute_here)
    mail = {
        "use": "smtp", "host": "127.0.0.1", "port": 9, "sender": "desk@mail.example",
        "to": ["me@mail.example"], "user": "desk", "password": NAME,
    }  # fmt: skip
    edit_yaml(new / "params" / "desk.yaml", lambda content: content.update(notify={"ways": {"mail": mail}}))
    return new


def run_with_leak(root: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> int:
    whole = daily.notebook_to_html
    with monkeypatch.context() as patch:
        patch.setattr(daily, "notebook_to_html", lambda *a, **k: f"{whole(*a, **k)}\n<p>{what}</p>")
        return jstock(["daily", "-w", str(root), "--now", MORNING])


@pytest.mark.parametrize("what", [SECRET, "postgresql://desk:another-one@db.example.com/desk"])
def test_a_report_that_holds_a_secret_is_not_shown(root, monkeypatch, capsys, what):
    assert run_with_leak(root, monkeypatch, what) == ExitStatus.PUBLISH
    said = capsys.readouterr()
    assert f"the tickets of {T}:" in said.out
    assert "the run holds a secret and is not shown: report.html, line" in " ".join(said.err.split())
    [folder] = [path for path in (root / "runs" / str(T)).iterdir() if path.is_dir()]
    assert read_manifest(folder).status is RunStatus.FAILED
    assert latest_run(root / "runs", T) is None
    for text in (
        said.out,
        said.err,
        *(p.read_text("utf-8") for p in (root / "runs").rglob("*") if p.is_file()),
    ):
        assert SECRET not in text
        assert "another-one" not in text
    recorded = journaled(root)
    assert jstock(["daily", "-w", str(root), "--now", MORNING]) in (ExitStatus.OK, ExitStatus.DEGRADED)
    assert journaled(root) == recorded
    assert latest_run(root / "runs", T)


def test_a_name_is_no_secret(root, capsys):
    edited(root, "params/desk.yaml", "language: en", f"language: en # {NAME}")
    assert jstock(["daily", "-w", str(root), "--now", MORNING]) in (ExitStatus.OK, ExitStatus.DEGRADED)


def test_a_page_marked_stale_is_searched_too(root, monkeypatch):
    """Why there is no decision is what a provider says, and it may say too much."""

    def refuse(*_: object, **__: object) -> None:
        raise DataError("the vendor answered 401", where=f"https://desk:{SECRET}@data.example.com/")

    monkeypatch.setattr(daily, "prepare_day", refuse)
    assert jstock(["daily", "-w", str(root), "--now", MORNING]) == ExitStatus.DATA
    [folder] = [path for path in (root / "runs" / str(T)).iterdir() if path.is_dir()]
    assert read_manifest(folder).status is RunStatus.FAILED
    assert "[secret]" in (folder / "report.html").read_text(encoding="utf-8")
    assert latest_run(root / "runs", T) is None
    for path in (root / "runs").rglob("*"):
        assert not path.is_file() or SECRET not in path.read_text(encoding="utf-8")


def test_a_notebook_that_prints_a_secret_is_redacted(new, monkeypatch, capsys):
    """In a kernel, which has the environment of the command: in source, output, page and Markdown."""
    monkeypatch.setenv(NAME, SECRET)
    cell = f"import os; print(os.environ['{NAME}'])"
    notebook = json.loads((ROOT / "notebooks" / "daily.ipynb").read_text(encoding="utf-8"))
    notebook["cells"][-1]["source"] = [*notebook["cells"][-1]["source"], f"\n{cell}"]
    (new / "notebooks").mkdir(exist_ok=True)
    (new / "notebooks" / "daily.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    assert jstock(["daily", "-w", str(new), "--now", MORNING]) == ExitStatus.PUBLISH
    said = " ".join(capsys.readouterr().err.split())
    assert all(f"{name}, line" in said for name in ("daily.ipynb", "report.html", f"trade_report_{T}.md"))
    [folder] = [path for path in (new / "runs" / str(T)).iterdir() if path.is_dir()]
    kept = json.loads((folder / "daily.ipynb").read_text(encoding="utf-8"))
    assert "[secret]" in json.dumps(kept["cells"][-1]["outputs"])
    for path in new.rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes()
