"""A decision is revised within the limits: they cut standing buys, and count what other groups ordered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jstock_core.base.intent import Intent
from jstock_core.desk.day.day import ReportedDay, run_day
from jstock_core.desk.settings.edit import edit_yaml
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.state.facts.events import Deposit, Withdrawal
from jstock_core.testing import desk as make_desk
from tests.desk.day.test_revisions import EARLIER, GROUP, T, files, market  # noqa: F401 (a fixture)

GROUPS = {
    name: GROUP | {"initial_capital": 1_000_000, "exit": [{"layer": "stop_loss", "loss_pct": 50}]}
    for name in ("alpha", "beta")
}


@pytest.fixture
def opened(tmp_path: Path, files: Path) -> Callable[..., Desk]:  # noqa: F811
    def one(limits: dict[str, Any]) -> Desk:
        made = make_desk(
            tmp_path / "desk", market=files, now="2026-01-21T06:30", ready="fetched", groups=GROUPS
        )
        (made.workspace.data / "monitor_list.json").write_text('{"tickers": ["6501", "7203", "9001"]}')
        limited(made, limits)
        with at(made, "2026-01-21T06:40").writing("a test") as journal:
            journal.append(
                Deposit(session=EARLIER, source="desk", group=n, amount=1_000_000, reason="initial capital")
                for n in GROUPS
            )
        return made

    return one


def limited(desk: Desk, limits: dict[str, Any]) -> None:
    edit_yaml(desk.workspace.root / "params" / "desk.yaml", lambda content: content.update(limits=limits))


def at(desk: Desk, now: str) -> Desk:
    return open_desk(desk.workspace.root, now=now)


def run(desk: Desk, now: str, intent: Intent = Intent.JOURNAL) -> ReportedDay:
    return run_day(at(desk, now), intent=intent)


def withdraw(desk: Desk, group: str, amount: int) -> None:
    with at(desk, "2026-01-21T07:30").writing("a test") as journal:
        fact = Withdrawal(session=EARLIER, source="manual", group=group, amount=amount, reason="a test")
        journal.append([fact])


def buys(desk: Desk) -> dict[str, dict[str, int]]:
    groups = at(desk, "2026-01-21T08:00").journal().book().groups
    return {
        name: {o.code: o.shares for o in group.orders.values() if o.session == T and o.side == "BUY"}
        for name, group in groups.items()
    }


def test_the_plain_morning_has_two_buys_in_each_group(opened: Callable[..., Desk]) -> None:
    desk = opened({})
    run(desk, "2026-01-21T07:00")
    assert [sorted(placed.values()) for placed in buys(desk).values()] == [[200, 200], [200, 200]]


@pytest.mark.parametrize("limits", [{"max_orders": 3}, {"max_turnover": 700_000}, {"max_position_pct": 12}])
def test_asking_again_changes_nothing(opened: Callable[..., Desk], limits: dict[str, Any]) -> None:
    desk = opened(limits)
    run(desk, "2026-01-21T07:00")
    before = buys(desk)
    assert sum(map(sum, (placed.values() for placed in before.values()))) < 800
    assert run(desk, "2026-01-21T07:40", Intent.REVISE).intent is Intent.SHOW_AGAIN
    assert buys(desk) == before


def test_a_limit_cuts_what_is_ordered_when_the_desk_is_worth_less(opened: Callable[..., Desk]) -> None:
    desk = opened({"max_position_pct": 22})
    run(desk, "2026-01-21T07:00")
    before = buys(desk)
    withdraw(desk, "beta", 200_000)
    day = run(desk, "2026-01-21T07:40")
    after = buys(desk)
    assert day.intent is Intent.JOURNAL
    assert after["alpha"] == before["alpha"], "its own account is as it was"
    assert (list(before["beta"].values()), list(after["beta"].values())) == ([200, 200], [100, 100])


def test_a_revision_counts_the_orders_of_other_groups(opened: Callable[..., Desk]) -> None:
    """The limit came after the decision: what alpha has ordered uses it up, and beta's buys are withdrawn."""
    desk = opened({})
    run(desk, "2026-01-21T07:00")
    limited(desk, {"max_orders": 2})
    withdraw(desk, "beta", 1_000)
    run(desk, "2026-01-21T07:40")
    after = buys(desk)
    assert (len(after["alpha"]), after["beta"]) == (2, {})
    day = run(desk, "2026-01-21T07:45", Intent.SHOW_AGAIN)
    text = "\n".join(alert.text for alert in day.alerts if alert.kind == "revision_cancel")
    assert "desk limit: at most 2 orders a day, 2 come before it" in text
