"""One command brings everything generated in a checkout up to date, and says in words what changed."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from jstock_core.base.errors import UsageError
from jstock_core.desk.rules.built_in import CERTIFICATES
from jstock_core.ops.parameters import generated
from jstock_core.ops.parameters.generated import update_all
from tests.architecture import ROOT

TODAY = date(2026, 1, 21)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout whose notebooks, certificates and golden morning take no time."""
    shutil.copytree(ROOT / "params", tmp_path / "params")
    for folder in (CERTIFICATES, Path("docs"), Path("tests") / "golden"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copyfile(ROOT / "docs" / "strategies.md", tmp_path / "docs" / "strategies.md")
    for name in ("update_certificates", "update_goldens", "update_golden_morning"):
        monkeypatch.setattr(generated, name, lambda *_: ())
    return tmp_path


def test_schemas_and_handbook_are_brought_up_to_date(checkout: Path) -> None:
    schema, handbook = checkout / "params" / "schemas" / "walk.json", checkout / "docs" / "strategies.md"
    right = schema.read_bytes()
    content = json.loads(right)
    content["title"] = "of yesterday"
    schema.write_text(json.dumps(content), encoding="utf-8")
    handbook.write_text(handbook.read_text(encoding="utf-8").replace("| rsi |", "| rsy |"), encoding="utf-8")
    done = update_all(checkout, "a key was added", TODAY)
    assert schema.read_bytes() == right
    assert "| rsi | percent |" in handbook.read_text(encoding="utf-8")
    said = {change.name: " ".join(change.sentences) for change in done.changes if change.sentences}
    assert "title of yesterday ->" in said["params/schemas/walk.json"]
    assert "docs/strategies.md" in said
    again = update_all(checkout, "a key was added", TODAY)
    assert [change for change in again.changes if change.sentences] == []


@pytest.mark.parametrize(("because", "word"), [("", "only with a reason"), ("a key", "no folder of golden")])
def test_without_a_reason_or_a_checkout_nothing_is_written(checkout: Path, because: str, word: str) -> None:
    if because:
        shutil.rmtree(checkout / "tests")
    schema = checkout / "params" / "schemas" / "walk.json"
    schema.write_text("{}", encoding="utf-8")
    with pytest.raises(UsageError, match=word):
        update_all(checkout, because, TODAY)
    assert schema.read_text(encoding="utf-8") == "{}"
