"""A secret in any file of a run is found, named by its place, and redacted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jstock_core.base.secrets.secret import Secret
from jstock_core.runs.manifest import RunManifest, RunStatus
from jstock_core.runs.secrecy import FoundSecret, withhold_secrets
from tests.runs.conftest import manifest_of

NAME, SECRET = "JSTOCK_SMTP_PASSWORD", 'pa"ss<w>örd & more'
KNOWN = {NAME: Secret(SECRET, "test")}
CELL = {"cell_type": "code", "source": "x", "metadata": {}, "outputs": []}


def notebook(**changes: object) -> str:
    return json.dumps({"cells": [CELL, {**CELL, **changes}]}, indent=1, ensure_ascii=False)


FILES = {
    "source of a cell": ("daily.ipynb", notebook(source=f"login('{SECRET}')")),
    "output of a cell": ("daily.ipynb", notebook(outputs=[{"data": {"text/html": [f"<b>{SECRET}</b>"]}}])),
    "metadata of a cell": ("daily.ipynb", notebook(metadata={"papermill": {"x": SECRET}})),
    "page": ("report.html", "<p>\n\npa&quot;ss&lt;w&gt;örd &amp; more</p>"),
    "Markdown": ("trade_report_2026-01-21.md", f"# a\n{SECRET}\n"),
    "values": ("report.json", json.dumps({"a": SECRET})),
    "signals": ("signals_2026-01-21.json", json.dumps({"reason": SECRET}, ensure_ascii=False)),
    "tickets": ("orders.csv", f"\ufeffid,reason\n1,{SECRET}\n"),
    "chart": ("charts/topix.svg", "<svg><text>pa&quot;ss&lt;w&gt;örd &amp; more</text></svg>"),
    "log": ("log.txt", f"GET https://u:{SECRET}@x"),
    "binary": ("charts/a.png", f"\x00\x01{SECRET}\x02"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "charts").mkdir()
    (tmp_path / "clean.html").write_text("<p>nothing</p>", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("place", FILES)
def test_a_secret_in_a_file_is_named_and_redacted(folder, place):
    name, content = FILES[place]
    (folder / name).write_text(content, encoding="utf-8")
    manifest, found = withhold_secrets(folder, manifest_of(), KNOWN)
    assert {(each.file, each.called) for each in found} == {(name, NAME)}
    assert manifest.status is RunStatus.FAILED
    assert str(found[0]) in (manifest.error or "")
    kept = (folder / name).read_text(encoding="utf-8")
    assert "[secret]" in kept
    assert "ss<w>" not in kept + manifest.to_json() + repr(found)
    if name.endswith(("json", "ipynb")):
        json.loads(kept)
    assert withhold_secrets(folder, manifest_of(), KNOWN)[1] == ()
    assert (folder / "clean.html").read_text(encoding="utf-8") == "<p>nothing</p>"


def test_a_page_that_shows_it_in_pieces_is_not_kept(folder):
    (folder / "daily.ipynb").write_text(notebook(source=f"x = {SECRET!r}"), encoding="utf-8")
    pieces = "<pre><i>pa</i><i>&quot;ss&lt;</i>w<b>&gt;örd</b> &amp; more</pre>"
    (folder / "report.html").write_text(pieces, encoding="utf-8")
    manifest, found = withhold_secrets(folder, manifest_of(), KNOWN)
    assert {each.file for each in found} == {"daily.ipynb"}
    assert (folder / "report.html").read_text(encoding="utf-8").endswith("This page held a secret.\n")
    assert manifest.status is RunStatus.FAILED


def test_the_line_is_named(folder):
    (folder / "report.html").write_text("<p>\n<b>\nAPI_KEY = 'a1b2c3d4e5f6a7b8c9d0e1'\n", encoding="utf-8")
    [found] = withhold_secrets(folder, manifest_of(), {})[1]
    assert found == FoundSecret("report.html", 3, "a key or password beside its name")


@pytest.mark.parametrize(
    "changes",
    [
        {"parameters": {"desk": {"params": {"note": SECRET}}}},
        {"headline": {"why": f"x {SECRET}"}},
        {"error": f"cell 4: {SECRET}"},
    ],
)
def test_a_secret_in_the_manifest_is_redacted(folder, changes):
    manifest, found = withhold_secrets(folder, manifest_of(**changes), KNOWN)
    assert [(each.file, each.called) for each in found] == [("manifest.json", NAME)]
    assert "ss<w>" not in manifest.to_json()
    assert RunManifest.from_json(manifest.to_json(), where="x").status is RunStatus.FAILED


def test_a_run_without_secrets_stays_as_it_is(folder):
    before = manifest_of()
    assert withhold_secrets(folder, before, KNOWN) == (before, ())


def test_many_places_are_counted(folder):
    (folder / "report.html").write_text("\n".join([SECRET] * 9), encoding="utf-8")
    manifest, found = withhold_secrets(folder, manifest_of(), KNOWN)
    assert len(found) == 9
    assert (manifest.error or "").endswith("report.html, line 5: JSTOCK_SMTP_PASSWORD; and 4 more")
