from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import nbformat
import pytest

from jstock_core.base.errors import DataError
from jstock_core.runs.manifest import RunManifest, RunStatus, read_manifest, write_manifest
from jstock_core.runs.provenance import (
    code_version,
    hash_notebook,
    hash_parameters,
    package_versions,
    python_version,
    remove_folders,
)
from jstock_core.runs.publish import RunFolder

from .conftest import TRADE_DATE, write_notebook


def test_a_manifest_comes_back_as_it_was(tmp_path, make_manifest):
    manifest = make_manifest(status=RunStatus.DEGRADED, headline={"equity": 1, "name": "東海", "none": None})
    write_manifest(tmp_path, manifest)
    assert read_manifest(tmp_path) == manifest


def test_times_are_written_in_both_clocks(make_manifest):
    written = json.loads(make_manifest().to_json())
    assert written["started"] == {"utc": "2026-01-20T22:00:03+00:00", "jst": "2026-01-21T07:00:03+09:00"}
    assert "東海" in make_manifest().to_json()


def checked(said: dict) -> str:
    """What a version with these keys would write: each vouches for all that it says."""
    canonical = json.dumps(said, sort_keys=True, ensure_ascii=False)
    return json.dumps({**said, "check": hashlib.sha256(canonical.encode()).hexdigest()})


def said(manifest: RunManifest) -> dict:
    written = json.loads(manifest.to_json())
    del written["check"]
    return written


def test_keys_of_a_later_version_are_ignored(make_manifest):
    text = checked({**said(make_manifest()), "from_the_future": 1})
    assert RunManifest.from_json(text, where="x") == make_manifest()


def test_runs_of_the_first_version_have_no_check(make_manifest):
    text = json.dumps({**said(make_manifest()), "schema_version": 1})
    assert RunManifest.from_json(text, where="x").schema_version == 1


def test_a_flipped_bit_is_not_believed(make_manifest):
    text = make_manifest().to_json()
    for at in range(len(text)):
        flipped = text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :]
        if json_or_none(flipped) != json.loads(text):
            with pytest.raises(DataError, match="manifest damaged"):
                RunManifest.from_json(flipped, where="x")


def json_or_none(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-20],
        lambda text: "",
        lambda text: "[]",
        lambda text: text.replace('"ok"', '"fine"'),
        lambda text: text.replace('"status"', '"state"'),
        lambda text: text.replace("2026-01-21", "2026-02-30", 1),
        lambda text: text.replace("2026-01-21", "2026-01-22", 1),
        lambda text: text.replace('"check"', '"chekc"'),
    ],
)
def test_a_damaged_manifest_is_an_error_that_names_it(make_manifest, damage):
    with pytest.raises(DataError, match="manifest damaged") as caught:
        RunManifest.from_json(damage(make_manifest().to_json()), where="2026-01-21/x/manifest.json")
    assert caught.value.where == "2026-01-21/x/manifest.json"


def test_a_missing_manifest_is_an_error(tmp_path):
    with pytest.raises(DataError, match="cannot read the manifest"):
        read_manifest(tmp_path)


def test_a_published_manifest_names_no_folder_of_the_machine(tmp_path, make_manifest, clock):
    root = tmp_path / "runs"
    folder = RunFolder.begin(root, TRADE_DATE, clock)
    manifest = make_manifest(
        error=f"{tmp_path}/params/desk.yaml is wrong; see {sys.prefix}/lib and {Path.home()}/x",
        parameters={"workspace": str(tmp_path), "some": ["data/x", str(tmp_path / "data")]},
    )
    published = read_manifest(folder.publish(manifest))
    assert published.error == "./params/desk.yaml is wrong; see <python>/lib and ~/x"
    assert published.parameters == {"workspace": ".", "some": ["data/x", "./data"]}
    assert published.parameters_sha256 == hash_parameters({"workspace": ".", "some": ["data/x", "./data"]})
    assert str(tmp_path) not in published.to_json()


def test_only_whole_paths_are_replaced():
    assert remove_folders("some/data and /data/x, /database", Path("/data")) == "some/data and ./x, /database"


def test_the_hash_of_parameters_ignores_their_order():
    assert hash_parameters({"a": 1, "b": "東"}) == hash_parameters({"b": "東", "a": 1})
    assert hash_parameters({"a": 1}) != hash_parameters({"a": "1"})


def test_the_hash_of_parameters_leaves_out_the_folder_of_the_run():
    runs = [{"trade_date": "2026-01-21", "output": f"runs/2026-01-21/{n}"} for n in (1, 2)]
    assert (
        hash_parameters(runs[0]) == hash_parameters(runs[1]) == hash_parameters({"trade_date": "2026-01-21"})
    )


def test_the_hash_of_a_notebook_ignores_what_running_it_leaves(tmp_path):
    notebook = write_notebook(tmp_path / "day.ipynb", "1 + 1")
    before = hash_notebook(notebook)
    content = nbformat.read(notebook, as_version=4)
    content.cells[-1].execution_count = 3
    content.metadata["papermill"] = {"start_time": "now"}
    nbformat.write(content, notebook)
    assert hash_notebook(notebook) == before
    content.cells[-1].source = "1 + 2"
    nbformat.write(content, notebook)
    assert hash_notebook(notebook) != before


def test_the_code_and_its_surroundings_are_known():
    code = code_version()
    assert code.version
    assert code.git_sha is None or len(code.git_sha) == 40
    assert {"numpy", "papermill", "pydantic"} <= package_versions().keys()
    assert python_version().split()[1] == ".".join(map(str, sys.version_info[:3]))


def test_without_git_there_is_still_a_version(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert (code_version().git_sha, code_version().dirty) == (None, None)
