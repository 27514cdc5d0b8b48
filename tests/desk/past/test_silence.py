"""A group whose mornings are all in order and that has stopped ordering is found beside its backtest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jstock_core.desk.past import silence
from jstock_core.desk.past.silence import find_silent_groups
from jstock_core.desk.settings.edit import edit_yaml
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.research.silence import Silence, SilenceKind
from jstock_core.testing import MORNING, copy_desk

DEAD = {"aggressive.entry.buy_threshold": 100}


def change(desk: Desk, group: str, **values: Any) -> Desk:
    """The desk with a group's entry or keys changed."""

    def edit(content: Any) -> None:
        for key, value in values.items():
            (content["entry"] if key == "buy_threshold" else content)[key] = value

    edit_yaml(desk.workspace.groups / f"{group}.yaml", edit)
    return open_desk(desk.workspace.root, now=MORNING)


@pytest.fixture
def dead(shared_desk: Callable[..., Desk], tmp_path: Path) -> Desk:
    """A desk whose aggressive group could buy nothing for a hundred sessions, as with a dead rule."""
    made = shared_desk(history_sessions=100, changes={"aggressive": {"entry.buy_threshold": 100}})
    return change(copy_desk(made, tmp_path / "ws"), "aggressive", buy_threshold=65)


def test_a_desk_that_does_as_its_backtest_is_not_silent(shared_desk: Callable[..., Desk]) -> None:
    assert find_silent_groups(shared_desk(history_sessions=100)) == ()


def test_a_group_that_never_buys_where_its_backtest_does(dead: Desk) -> None:
    (found,) = find_silent_groups(dead)
    assert (found.group, found.about) == ("aggressive", "orders")
    assert found.found.kind is SilenceKind.UNLIKE_BACKTEST
    assert found.text.startswith("aggressive: no order since 20")
    assert found.text.endswith("while its backtest on the same data has some")
    assert f"{found.found.sessions} sessions, in {found.found.expected} of them" in found.numbers
    assert "jstock backtest --group aggressive" in found.remedy


def test_a_group_that_is_wound_down_is_silent_on_purpose(dead: Desk) -> None:
    assert find_silent_groups(change(dead, "aggressive", wind_down=True)) == ()


def test_so_is_one_that_is_halted(dead: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "halted_groups", lambda _: {"aggressive": "halted"})
    assert find_silent_groups(dead) == ()


def test_a_new_desk_and_a_short_one_are_not_judged(shared_desk: Callable[..., Desk], tmp_path: Path) -> None:
    new = copy_desk(shared_desk(ready="new"), tmp_path / "new")
    assert find_silent_groups(new) == ()
    assert not new.workspace.journal.exists()


def test_a_text_stays_the_same_from_day_to_day(dead: Desk) -> None:
    """So that people are told of it once."""
    (found,) = find_silent_groups(dead)
    one, other = (
        silence.GroupSilence("g", "orders", found.since, Silence(kind, days, 0, 4, 0.001))
        for kind, days in ((SilenceKind.UNLIKE_PAST, 60), (SilenceKind.UNLIKE_PAST, 61))
    )
    assert one.text == other.text
    assert one.text == f"g: no order since {found.since}, much longer than ever in its backtest"
    assert one.numbers != other.numbers


def test_a_rule_is_told_only_where_its_backtest_fires_it(dead: Desk) -> None:
    group, dates = dead.groups[0], silence._dates(dead, dead.journal().events())
    usual = {"orders": set(), "stop_loss": set(dates[::5])}
    told = list(silence._silences(group, dates, dead.journal().events(), usual))
    assert [(each.about, each.found.kind) for each in told] == [("stop_loss", SilenceKind.UNLIKE_BACKTEST)]
    assert 'nothing of "stop_loss" since' in told[0].text
    alive = {"orders": set(), "stop_loss": set(dates[:-110:3])}
    assert list(silence._silences(group, dates, dead.journal().events(), alive)) == []
