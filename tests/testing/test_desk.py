"""The builder of desks: on the simulated market, on a made-up one, on files, new, fetched or run."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from jstock_core.base.errors import ParamsError, UsageError
from jstock_core.testing import (
    MORNING,
    Disclosure,
    EarningsDate,
    InvestorWeek,
    SplitNotice,
    Stock,
    copy_desk,
    desk,
    panel,
    write_market,
)

NAN = float("nan")
FACTS = (
    InvestorWeek("2026-01-09", "2026-01-15", {"Frgn": 5_000}),
    Disclosure("7203", "2025-11-05T15:00", "2Q", "2025-09-30", "2026-03-31", {"OP": 1e9}),
    EarningsDate("7203", "2026-02-05", "2026-01-13T10:05"),
    SplitNotice("7203", "2026-01-21", 0.5, "2026-01-09T16:30"),
)
MARKET = panel(
    {
        "7203": Stock([3000, NAN, 3120], name="甲", scale="TOPIX Core30"),
        "1306": Stock(2500, kind="etf", unit=10),
    },
    topix=[2000, 2010, 2020],
    facts=FACTS,
)
CORE = {
    "name": "Core", "initial_capital": 1_000_000, "entry": {"use": "SimpleScorer"},
    "exit": [{"layer": "stop_loss", "loss_pct": 8}], "sizing": {"use": "equal_weight"},
}  # fmt: skip


def test_a_desk_runs_its_first_morning(tmp_path):
    made = desk(tmp_path / "desk", history_sessions=2)
    assert made.now().isoformat(timespec="minutes").startswith(MORNING)
    assert made.settings.history_sessions == 2
    assert [group.id for group in made.groups] == ["aggressive", "conservative"]
    assert {event.session for event in made.journal().events()} >= {date(2026, 1, 21)}


def test_parameters_are_changed_and_their_comments_stay(tmp_path):
    changes = {"desk": {"margin": True}, "conservative": {"entry.buy_threshold": 55, "fills": "manual"}}
    made = desk(tmp_path / "desk", ready="new", changes=changes)
    assert made.settings.margin
    group = next(group for group in made.groups if group.id == "conservative")
    assert (group.entry.buy_threshold, group.fills) == (55, "manual")
    text = (made.workspace.groups / "conservative.yaml").read_text(encoding="utf-8")
    assert "initial_capital: 5_000_000 # yen" in text
    assert "buy_threshold: 55 # composite score, 0-100" in text
    with pytest.raises(ParamsError, match="margins: unknown key"):
        desk(tmp_path / "other", ready="new", changes={"desk": {"margins": True}})


def test_groups_replace_those_that_ship(tmp_path):
    made = desk(tmp_path / "desk", ready="new", groups={"core": CORE})
    assert [(g.id, g.initial_capital) for g in made.groups] == [("core", 1_000_000)]


def test_a_copy_is_a_desk_of_its_own(tmp_path):
    made = desk(tmp_path / "desk", ready="fetched")
    copy = copy_desk(made, tmp_path / "copy")
    assert copy.now() == made.now()
    assert copy.panel().close.tobytes() == made.panel().close.tobytes()
    (copy.workspace.groups / "aggressive.yaml").unlink()
    assert len(made.groups) == 2
    assert (made.workspace.groups / "aggressive.yaml").exists()


def test_a_made_up_market_is_what_the_desk_sees(tmp_path):
    made = desk(tmp_path / "desk", market=MARKET, groups={"core": CORE}, history_sessions=0)
    assert f"{made.now():%Y-%m-%dT%H:%M}" == MORNING
    assert made.monitored == ("1306", "7203")
    found = made.panel()
    at = [found.column[code] for code in MARKET.codes]
    for name in ("open", "high", "low", "close", "volume", "adj_factor"):
        np.testing.assert_array_equal(getattr(found, name)[:, at], getattr(MARKET, name), err_msg=name)
    assert tuple(found.listings[n] for n in at) == MARKET.listings
    assert found.topix.tolist() == MARKET.topix.tolist()
    for table in ("flows", "statements", "announcements", "actions"):
        for name, values in vars(getattr(MARKET, table)).items():
            loaded = getattr(getattr(found, table), name)
            if name != "number":
                np.testing.assert_equal(loaded, values, err_msg=f"{table}.{name}")


def test_files_need_a_time(tmp_path):
    folder = write_market(MARKET, tmp_path / "files")
    with pytest.raises(UsageError, match="needs a time"):
        desk(tmp_path / "desk", market=folder)
    made = desk(tmp_path / "other", market=folder, now="2026-01-20T07:00", ready="fetched")
    assert made.panel().dates[-1] == date(2026, 1, 19)
