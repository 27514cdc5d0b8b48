"""Texts of params/desk.yaml that have a form, as times: what is expected is said in words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jstock_core.base.errors import ParamsError
from jstock_core.desk.settings.settings import read_settings
from tests.architecture import ROOT


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('approval: {until: "8:70"}', 'until: expected a time in JST from 07:00 to 09:00, as "08:50"'),
        ('approval: {until: "09:01"}', "until: expected a time in JST from 07:00 to 09:00"),
        ('revise_until: "10:00"', 'revise_until: expected a time in JST from 07:00 to 09:59, as "08:50"'),
        ('notify: {digest: "5pm"}', 'digest: expected a time in JST, as "17:30", or ""'),
        ('notify: {quiet_hours: {since: "22", until: "06:30"}}', 'since: expected a time in JST, as "22:00"'),
        ('desk: "東京"', "desk: expected at most 64 letters (a-z, A-Z), digits"),
        ('schedule: {morning: ""}', "morning: expected a time in JST before 09:00"),
    ],
)
def test_what_is_expected_is_said_in_words(tmp_path: Path, line: str, fault: str) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text(f"provider: {{use: simulated, seed: 7}}\n{line}\n", encoding="utf-8")
    with pytest.raises(ParamsError) as caught:
        read_settings(file)
    assert fault in caught.value.what
    assert str(file) in caught.value.where


@pytest.mark.parametrize(
    "line", ['approval: {until: "09:00"}', 'revise_until: "08:30"', 'notify: {digest: ""}', 'desk: ""']
)
def test_what_fits_is_read(tmp_path: Path, line: str) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text(f"provider: {{use: simulated, seed: 7}}\n{line}\n", encoding="utf-8")
    read_settings(file)


def test_no_model_of_parameters_shows_a_regular_expression() -> None:
    """Pydantic's own word for a text of the wrong form is its pattern."""
    for file in (ROOT / "jstock_core").rglob("*.py"):
        assert not re.search(r"Field\([^)]*\bpattern=", file.read_text(encoding="utf-8")), file
