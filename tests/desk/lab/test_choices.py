"""Groups are given to every verb of the laboratory in the same ways: one or several, or their ids."""

from __future__ import annotations

from pathlib import Path

import pytest

from jstock_core.base.errors import UsageError
from jstock_core.decide import Conditions
from jstock_core.desk.lab.lab import Lab, open_lab
from jstock_core.desk.past.backtests import try_groups
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.market.calendar import tse
from jstock_core.research.combinations import evaluate_groups
from tests.desk.days import MORNING, D

FIRST = tse().previous(D)
SPAN = str(FIRST), str(D)


@pytest.fixture(scope="module")
def lab(shared_desk) -> Lab:
    return open_lab(shared_desk(ready="fetched").workspace.root, now=MORNING)


def test_groups_are_evaluated_however_they_are_given(lab):
    group = lab.group("conservative")
    wanted = [each.record for each in lab.evaluate([group], *SPAN)]
    for given in (group, "conservative", ["conservative"], ("conservative",)):
        found = lab.evaluate(given, *SPAN)
        assert [(each.group.id, each.record) for each in found] == [("conservative", wanted[0])]
    both = lab.evaluate([group, group.but(entry__buy_threshold=70)], *SPAN)
    assert [each.group.id for each in both] == ["conservative", "conservative"]


def test_one_group_is_evaluated_without_a_lab(lab):
    group, conditions = lab.group("conservative"), Conditions(lab.desk.monitored)
    [alone] = evaluate_groups(lab.panel, group, conditions, FIRST, D)
    assert alone.record == evaluate_groups(lab.panel, [group], conditions, FIRST, D)[0].record
    for given in ("conservative", ["conservative"], 5):
        with pytest.raises(UsageError, match=r"('conservative'|5) is not a group"):
            evaluate_groups(lab.panel, given, conditions, FIRST, D)


def test_a_desk_s_groups_are_tried_as_such_or_by_their_ids(lab, tmp_path: Path):
    desk = open_desk(lab.desk.workspace.root, now=MORNING)
    group = lab.group("conservative")
    for given in (group, [group], "conservative", ["conservative"]):
        assert [each.id for each in try_groups(desk, *SPAN, group=given).groups] == ["conservative"]


@pytest.mark.parametrize(
    "verb",
    [
        lambda lab, given: lab.backtest(given, *SPAN),
        lambda lab, given: lab.evaluate(given, *SPAN),
        lambda lab, given: lab.sweep(given, {"exit.stop_loss_pct": [4]}, *SPAN),
        lambda lab, given: lab.diff(given),
        lambda lab, given: lab.knobs(given),
        lambda lab, given: lab.save(given),
        lambda lab, given: lab.open_holdout(given),
        lambda lab, given: lab.group(given),
    ],
)
def test_what_is_no_group_is_refused_in_a_sentence(lab, verb):
    for given in (5, [5], None):
        with pytest.raises(UsageError, match="is not a group"):
            verb(lab, given)
    with pytest.raises(UsageError, match='there is no group "conservativ"'):
        verb(lab, "conservativ")
    with pytest.raises(UsageError, match="there is no group to try"):
        verb(lab, [])


def test_several_groups_are_refused_where_one_is_asked_for(lab):
    several = [group.id for group in lab.groups][:2]
    assert len(several) == 2
    for verb in (lab.diff, lab.knobs, lab.save, lab.open_holdout):
        with pytest.raises(UsageError, match="2 groups are given, and one is asked for"):
            verb(several)
