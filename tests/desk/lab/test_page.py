"""docs/laboratory.md cannot lie: its code runs, and what a lab offers stands in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jstock_core.desk.lab.tables import LabTables
from jstock_core.desk.past.trial import Trial
from jstock_core.desk.workspace.desk import Desk
from jstock_core.testing import copy_desk
from tests.architecture import ROOT

PAGE = (ROOT / "docs" / "laboratory.md").read_text(encoding="utf-8")
UNSAID = {
    "comparison", "conditions", "count", "desk", "done", "groups", "late_on", "market", "now", "panel",
    "proof", "sheet", "source", "universes", "view", "watch",
}  # fmt: skip
"""What is for those who write jstock."""


def test_the_code_of_the_page_runs(
    shared_desk: Callable[..., Desk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = copy_desk(shared_desk(ready="fetched"), tmp_path / "desk")
    monkeypatch.setenv("JSTOCK_WORKSPACE", str(desk.workspace.root))
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 5
    names: dict[str, Any] = {}
    exec("\n".join(blocks), names)
    assert names["proven"].proof.passed
    assert names["path"] == desk.workspace.root / "params" / "candidates" / "candidate.yaml"
    assert {"prices", "trades", "layers", "fifths", "dropped"} <= names.keys()
    assert not names["trades"].empty


@pytest.mark.parametrize(("owner", "name"), [(LabTables, "lab"), (Trial, "trial")])
def test_every_name_is_documented(owner: type[Any], name: str) -> None:
    public = {each for each in (*dir(owner), *owner.__dataclass_fields__) if not each.startswith("_")}
    assert [each for each in sorted(public - UNSAID) if f"{name}.{each}" not in PAGE] == []
