"""Parameters are edited by program without loss: comments and order stay, a broken file is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from jstock_core.base.errors import ParamsError
from jstock_core.desk.settings.edit import edit_yaml

PARAMS = Path(__file__).parents[3] / "params"


@pytest.mark.parametrize("path", sorted(PARAMS.rglob("*.yaml")), ids=lambda path: path.name)
def test_an_edit_that_changes_nothing_keeps_every_byte(tmp_path, path):
    edit_yaml(path, lambda content: None, to=tmp_path / "copy.yaml")
    assert (tmp_path / "copy.yaml").read_bytes() == path.read_bytes()


def test_a_value_is_changed_and_comments_stay(tmp_path):
    path = tmp_path / "desk.yaml"
    path.write_text("# the desk\nmargin: false # of the broker\nplugins: ['a.py'] # ours\n", encoding="utf-8")
    edit_yaml(path, lambda content: content.update(margin=True))
    edit_yaml(path, lambda content: content["plugins"].append("b.py"))
    assert path.read_text(encoding="utf-8") == (
        "# the desk\nmargin: true  # of the broker\nplugins: ['a.py', b.py] # ours\n"
    )


@pytest.mark.parametrize("text", ["a: [1", "- 1\n- 2\n", "", "a: 1\na: 2\n", "\xff: 1"])
def test_a_file_that_is_no_mapping_is_an_error_and_stays_as_it_is(tmp_path, text):
    path = tmp_path / "desk.yaml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ParamsError, match=r"desk\.yaml"):
        edit_yaml(path, lambda content: content.clear())
    assert path.read_bytes() == text.encode("latin-1")


def test_an_edit_that_fails_writes_nothing(tmp_path):
    path = tmp_path / "desk.yaml"
    path.write_text("plugins: 5\n", encoding="utf-8")
    with pytest.raises(AttributeError):
        edit_yaml(path, lambda content: content["plugins"].append("a.py"))
    assert path.read_text(encoding="utf-8") == "plugins: 5\n"


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ParamsError, match=r"none\.yaml"):
        edit_yaml(tmp_path / "none.yaml", lambda content: None)
