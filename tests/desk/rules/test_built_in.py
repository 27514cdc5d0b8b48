"""The certificates that come with the package are those of its rules as they stand."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jstock_core.base.errors import UsageError
from jstock_core.desk.day.certificates import group_certificates, unproven_rules
from jstock_core.desk.rules.built_in import CERTIFICATES, update_certificates
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.desk.workspace.workspace import create_workspace
from tests.architecture import PACKAGE


def test_every_rule_of_a_new_desk_is_certified(tmp_path: Path) -> None:
    """Where a rule was changed, `jstock golden update` certifies the built-in rules again."""
    desk = open_desk(create_workspace(tmp_path / "desk", "simulated").root, now="2026-01-21T07:00")
    assert unproven_rules(desk.workspace.certificates, desk.groups) == ()
    proofs = group_certificates(desk.workspace.certificates, desk.groups)
    assert all(isinstance(proof, str) for parts in proofs.values() for proof in parts.values())


def test_a_parameter_that_was_edited_is_not_certified_by_what_came_with_the_package(tmp_path: Path) -> None:
    desk = open_desk(create_workspace(tmp_path / "desk", "simulated").root, now="2026-01-21T07:00")
    file = desk.workspace.root / "params" / "groups" / "conservative.yaml"
    text = file.read_text(encoding="utf-8")
    assert "stop_loss_pct: 8" in text
    file.write_text(text.replace("stop_loss_pct: 8", "stop_loss_pct: 7"), encoding="utf-8")
    edited = open_desk(desk.workspace.root, now="2026-01-21T07:00")
    unproven = unproven_rules(edited.workspace.certificates, edited.groups)
    assert [(rule.group, rule.kind, rule.failed) for rule in unproven] == [("conservative", "exit", ())]


def test_words_that_differ_are_renewed_and_others_are_left(tmp_path: Path) -> None:
    """The rules are as they were; one file says another thing of them, one is of a rule that is gone."""
    shipped = PACKAGE.parent / CERTIFICATES
    folder = Path(shutil.copytree(shipped, tmp_path / CERTIFICATES))
    changed, gone = folder / "stop_loss.json", folder / "of_old.json"
    changed.write_text(changed.read_text(encoding="utf-8").replace('"measured": "', '"measured": "once '))
    shutil.copyfile(folder / "weakness.json", gone)
    assert update_certificates(tmp_path) == (changed,)
    assert not gone.exists()
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == {
        p.name: p.read_bytes() for p in shipped.iterdir()
    }


def test_they_are_made_in_a_checkout_only(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder of certificates"):
        update_certificates(tmp_path)
