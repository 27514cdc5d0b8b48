"""Parameters are typed, and a mistake is named with its place and what was probably meant."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import Field

from jstock_core.base.errors import ExitStatus, ParamsError
from jstock_core.base.params import build, declare, did_you_mean, read_yaml


@declare
class Stop:
    """A model for the tests."""

    stop_loss_pct: float = Field(ge=0.5, le=50)
    cash_fraction: float = Field(default=0.5, ge=0, le=1)
    places: int = Field(default=5, ge=1)
    locked: bool = False
    name: str = ""


def refusal(**data: Any) -> str:
    with pytest.raises(ParamsError) as caught:
        build(Stop, data, where="params/groups/a.yaml")
    assert caught.value.exit == ExitStatus.PARAMS
    assert caught.value.where == "params/groups/a.yaml"
    return caught.value.what


def test_a_mapping_becomes_a_model():
    assert build(Stop, {"stop_loss_pct": 8}, where="a") == Stop(stop_loss_pct=8.0)


def test_a_model_is_frozen():
    with pytest.raises(AttributeError):
        build(Stop, {"stop_loss_pct": 8}, where="a").places = 3


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "stop_loss_pct: required, but missing"),
        ({"stop_loss_pct": 8, "stop_los_pct": 9}, 'stop_los_pct: unknown key; did you mean "stop_loss_pct"?'),
        ({"stop_loss_pct": 8, "zzz": 9}, "zzz: unknown key; known: stop_loss_pct, cash_fraction, places"),
        ({"stop_loss_pct": 0.08}, "got 0.08 (percent: did you mean 8?)"),
        ({"stop_loss_pct": 8, "cash_fraction": 30}, "got 30 (fraction: did you mean 0.3?)"),
        ({"stop_loss_pct": 80}, "stop_loss_pct: expected at most 50, got 80"),
        ({"stop_loss_pct": "8"}, "got '8'"),
        ({"stop_loss_pct": True}, "got True"),
        ({"stop_loss_pct": 8, "places": 2.5}, "places: expected a whole number, got 2.5"),
        ({"stop_loss_pct": 8, "places": True}, "places: "),
        ({"stop_loss_pct": 8, "locked": 1}, "locked: expected true or false, got 1"),
        ({"stop_loss_pct": 8, "name": 7203}, "name: expected text, got 7203"),
        ({"stop_loss_pct": None}, "stop_loss_pct: expected a number, got None"),
    ],
)
def test_a_mistake_is_named(data, said):
    assert said in refusal(**data)


def test_all_mistakes_are_listed_at_once():
    assert len(refusal(stop_loss_pct="8", places=0, zzz=1).splitlines()) == 3


def test_not_a_number_is_refused():
    assert "stop_loss_pct" in refusal(stop_loss_pct=float("nan"))


@pytest.mark.parametrize(
    ("word", "known", "said"),
    [
        ("SimpelScorer", ("SimpleScorer", "EnhancedScorer"), '; did you mean "SimpleScorer"?'),
        ("buy_treshold", ("buy_threshold", "sell_threshold"), '; did you mean "buy_threshold"?'),
        ("yne", ("yen",), '; did you mean "yen"?'),
        ("losspct", ("loss_pct",), '; did you mean "loss_pct"?'),
        ("xsharpe", ("sharpe",), '; did you mean "sharpe"?'),
        ("nope", ("open", "close"), "; known: open, close"),
        ("average", ("atr_range",), "; known: atr_range"),
        ("zzz", ("a", "b"), "; known: a, b"),
        ("zzz", (), ""),
    ],
)
def test_did_you_mean(word, known, said):
    assert did_you_mean(word, known) == said


# Files


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "a.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_yaml_1_2_is_read(tmp_path):
    """`no` and `off` are words, 0o10 is a number, an underscored number is one."""
    found = read_yaml(write(tmp_path, "a: no\nb: off\nc: 1_000\nd: '7203'\ne: 日本\n"))
    assert found == {"a": "no", "b": "off", "c": 1000, "d": "7203", "e": "日本"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1, 2", "not readable as YAML: line 1: "),
        ("a: 1\na: 2\n", 'not readable as YAML: line 2: found duplicate key "a"'),
        ("- a\n- b\n", "expected keys and values, found"),
        ("", "expected keys and values, found NoneType"),
        ("just words", "expected keys and values, found str"),
        (b"name: \x93\xfa\x96\x7b\n", "not readable as YAML"),
        ("a: !!python/object/apply:os.system ['true']\n", "not readable as YAML"),
        ("a: \x00\n", "not readable as YAML"),
    ],
)
def test_a_file_that_is_no_mapping_is_refused_by_name(tmp_path, text, said):
    path = write(tmp_path, text)
    with pytest.raises(ParamsError, match=r"YAML|keys and values") as caught:
        read_yaml(path)
    assert said in caught.value.what
    assert caught.value.where == str(path)
    assert not re.search("unicode string|ruamel|suppress", caught.value.what)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ParamsError, match="the file does not exist"):
        read_yaml(tmp_path / "none.yaml")


def test_a_folder_in_place_of_a_file_is_refused(tmp_path):
    with pytest.raises(ParamsError, match="cannot be read"):
        read_yaml(tmp_path)
