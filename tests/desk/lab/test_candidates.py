"""A candidate is the group's own file with other values."""

from __future__ import annotations

from pathlib import Path

import pytest

from jstock_core.base.errors import ParamsError, UsageError, WriteError
from jstock_core.decide.groups import read_group, read_groups
from jstock_core.desk.lab.lab import Lab, open_lab
from tests.desk.days import MORNING
from tests.desk.lab.test_lab import DECLARED, RULE, contents


@pytest.fixture
def lab(new: Path) -> Lab:
    return open_lab(new, now=MORNING)


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_only_the_lines_of_the_changes_differ(lab: Lab, new: Path):
    path = lab.save(lab.group("conservative").but(entry__buy_threshold=70, exit__stop_loss_pct=6), "mine")
    assert path == new / "params" / "candidates" / "mine.yaml"
    before, after = lines(new / "params" / "groups" / "conservative.yaml"), lines(path)
    changed = [
        (a.split("#")[0].strip(), b.split("#")[0].strip())
        for a, b in zip(before, after, strict=True)
        if a != b
    ]
    assert changed == [("buy_threshold: 55", "buy_threshold: 70"), ("stop_loss_pct: 8", "stop_loss_pct: 6")]
    assert [a.partition("#")[2] for a in before] == [b.partition("#")[2] for b in after]


def test_it_reads_as_the_variant(lab: Lab):
    variant = lab.group("conservative").but(
        {
            "filters": [{"use": "min_turnover", "yen": 5}],
            "ranking.by": "composite",
            "entry.buy_threshold": 61.5,
        }
    )
    assert dict(read_group(lab.save(variant)).declared) == variant.declared
    less = variant.but(exit=[{"layer": "stop_loss", "loss_pct": 8}])
    assert dict(read_group(lab.save(less)).declared) == less.declared


def test_a_layer_of_a_list_is_changed_in_place(lab: Lab, new: Path):
    path = new / "params" / "groups" / "listed.yaml"
    text = (new / "params" / "groups" / "conservative.yaml").read_text(encoding="utf-8")
    head, _, rest = text.partition("exit:")
    tail = rest[rest.index("sizing:") :]
    path.write_text(f"{head}exit:\n  - {{layer: stop_loss, loss_pct: 8}} # mine\n{tail}", encoding="utf-8")
    fresh = open_lab(new, now=MORNING)
    saved = fresh.save(fresh.group("listed").but(exit__stop_loss__loss_pct=5), "listed")
    assert "- {layer: stop_loss, loss_pct: 5} # mine" in [" ".join(line.split()) for line in lines(saved)]


def test_no_desk_trades_a_candidate(lab: Lab, new: Path):
    before = read_groups(new / "params" / "groups", lab.desk.rules)
    lab.save(lab.group("conservative").but(entry__buy_threshold=70))
    assert read_groups(new / "params" / "groups", lab.desk.rules) == before


def test_a_group_without_a_file_is_written_whole(lab: Lab):
    mine = lab.with_rules(RULE)
    group = mine.group("all", DECLARED)
    assert dict(read_group(mine.save(group, "all"), mine.desk.rules).declared) == DECLARED


def test_an_older_candidate_is_written_over(lab: Lab):
    lab.save(lab.group("conservative").but(entry__buy_threshold=70))
    path = lab.save(lab.group("conservative").but(entry__buy_threshold=75))
    assert read_group(path).entry.buy_threshold == 75


def test_a_candidate_of_another_group_is_replaced_only_where_that_is_said(lab: Lab):
    path = lab.save(lab.group("conservative").but(entry__buy_threshold=70), "picky")
    before = path.read_bytes()
    with pytest.raises(UsageError, match='"picky" already, which differs and is of another group') as caught:
        lab.save(lab.group("aggressive"), "picky")
    assert "replace=True" in caught.value.do
    assert path.read_bytes() == before
    lab.save(lab.group("aggressive"), "picky", replace=True)
    assert read_group(path).name == lab.group("aggressive").name


def test_a_file_that_is_no_candidate_is_not_written_over(lab: Lab):
    path = lab.save(lab.group("conservative"), "picky")
    path.write_text("a: [", encoding="utf-8")
    with pytest.raises(UsageError, match="names no group"):
        lab.save(lab.group("conservative"), "picky")
    assert path.read_text(encoding="utf-8") == "a: ["


@pytest.mark.parametrize("name", ["../groups/conservative", "", "a b", "whole"])
def test_a_name_that_is_none_is_refused(lab: Lab, new: Path, name: str):
    before = contents(new)
    with pytest.raises(ParamsError, match="cannot be the id"):
        lab.save(lab.group("conservative"), name)
    assert contents(new) == before


def test_a_folder_that_cannot_be_written_is_said(lab: Lab, new: Path):
    (new / "params" / "candidates").write_text("a file", encoding="utf-8")
    with pytest.raises(WriteError, match="cannot be written"):
        lab.save(lab.group("conservative"))
