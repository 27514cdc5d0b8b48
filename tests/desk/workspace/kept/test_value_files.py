"""Values of a file enter as they became known, and a file that is wrong stops the desk with its row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from jstock_core.base.errors import DataError, ParamsError
from jstock_core.desk.day.provenance import decision_provenance
from jstock_core.desk.lab.lab import open_lab
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.desk.workspace.kept.value_files import read_value_files
from jstock_core.market.given import GivenValues
from tests.desk.days import MORNING, T

HEAD = "code,known_at,value\n"
FEATURE = """
from jstock_core.rules import feature

@feature("ml_score", unit="fraction", needs=1)
def ml_score(bars):
    '''What a model thinks.'''
    return bars.given("ml_score", within=2)
"""


def read(folder: Path, text: str) -> GivenValues:
    (folder / "scores.csv").write_text(text, encoding="utf-8")
    return read_value_files(folder, {"scores": "scores.csv"})["scores"]


def test_rows_are_ordered_by_when_they_became_known(tmp_path: Path) -> None:
    found = read(
        tmp_path, HEAD + "7203,2026-01-20T06:30:10,0.5\n167A,2026-01-19 06:30,\n7203.T,2026-01-19T06:30,1\n"
    )
    assert found.code.tolist() == ["167A", "7203", "7203"]
    assert found.known_at.astype(str).tolist() == ["2026-01-19T06:30", "2026-01-19T06:30", "2026-01-20T06:31"]
    np.testing.assert_array_equal(found.value, [np.nan, 1, 0.5])
    table = pa.table({"value": [1.0, 0.5], "code": ["7203", "7203"], "known_at": [
        np.datetime64("2026-01-19T06:30:00", "us"), np.datetime64("2026-01-20T06:31:00", "us"),
    ]})  # fmt: skip
    parquet.write_table(table, tmp_path / "same.parquet")
    same = read_value_files(tmp_path, {"a": "same.parquet"})["a"]
    assert same.digest() == found.take(found.code == "7203").digest()
    assert same.digest() != found.digest()


@pytest.mark.parametrize(("text", "said"), [
    ("code,value\n7203,1\n", "no column known_at"),
    (HEAD + "7203,yesterday,1\n", "yesterday"),
    (HEAD + "7203,2026-01-19T06:30+09:00,1\n", "zone"),
    (HEAD + "7203,2026-01-19T06:30,high\n", "high"),
    (HEAD + "720,2026-01-19T06:30,1\n", '"720" is not a TSE stock code'),
    (HEAD + ",2026-01-19T06:30,1\n", "without a code"),
    (HEAD + 2 * "7203,2026-01-19T06:30,1\n", "7203 has two values known at 2026-01-19T06:30"),
    ("", "not readable"),
])  # fmt: skip
def test_a_file_that_is_wrong_is_named_with_what_is(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DataError, match=f"the values scores.*{said}") as caught:
        read(tmp_path, text)
    assert caught.value.where.endswith("scores.csv")
    assert caught.value.do


def test_a_file_that_is_not_there_or_outside_stops_the_desk(new: Path) -> None:
    with (new / "params" / "desk.yaml").open("a", encoding="utf-8") as file:
        file.write("\nvalues: {ml_score: data/scores.csv}\n")
    with pytest.raises(DataError, match="the values ml_score cannot be read"):
        open_desk(new, now=MORNING).panel()
    text = (new / "params" / "desk.yaml").read_text(encoding="utf-8")
    (new / "params" / "desk.yaml").write_text(text.replace("data/scores", "../scores"), encoding="utf-8")
    with pytest.raises(ParamsError, match="points outside the workspace"):
        open_desk(new, now=MORNING).panel()


def test_scores_of_a_model_are_a_feature_from_the_morning_they_are_known(desk: Path) -> None:
    code = open_desk(desk, now=MORNING).monitored[0]
    rows = f"{code},2026-01-16T06:30,0.25\n{code},2026-01-20T07:01,0.75\n9999,2026-01-16T06:30,1\n"
    (desk / "data" / "scores.csv").write_text(HEAD + rows, encoding="utf-8")
    with (desk / "params" / "desk.yaml").open("a", encoding="utf-8") as file:
        file.write("\nvalues: {ml_score: data/scores.csv}\n")
    lab = open_lab(desk, now=MORNING).with_rules(FEATURE)
    shown = lab.features("ml_score", code).set_index("session")["ml_score"].iloc[-6:]
    dates = shown.index.strftime("%m-%d").tolist()
    assert dict(zip(dates, shown.fillna(-1), strict=True)) == {
        # Known on Friday the 16th before seven, with the close of Thursday; Tuesday's came a minute too late.
        "01-13": -1, "01-14": -1, "01-15": 0.25, "01-16": 0.25, "01-19": -1, "01-20": 0.75,
    }  # fmt: skip
    at = open_desk(desk, now=MORNING)
    panel = at.panel()
    assert decision_provenance(at, panel, T)["values"] == {"ml_score": panel.given["ml_score"].digest()}
