"""Group files that no longer fit the journal: refused, with the commands that mend it."""

from __future__ import annotations

import shutil

import pytest

from jstock_core.base.errors import ExitStatus, ParamsError, StateError, UsageError
from jstock_core.base.intent import Intent
from jstock_core.desk.care.correct import correct_fact
from jstock_core.desk.day.day import run_day
from jstock_core.desk.past.replays import run_replay
from jstock_core.desk.trading.cash import withdraw
from jstock_core.desk.trading.groups import adopt_group, rename_group, wind_down_group
from jstock_core.desk.trading.portfolio.status import portfolio_status
from jstock_core.desk.trading.preparation import preview_morning
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.state.book.book import replay
from jstock_core.state.facts.events import Deposit, OrderPlaced
from tests.desk.days import MORNING, NEXT, NEXT_MORNING, T, edited, journaled

FOLDER = ("params", "groups")


def file(root, name="aggressive.yaml"):
    return root.joinpath(*FOLDER, name)


def run(root, now=NEXT_MORNING, **more):
    return run_day(open_desk(root, now=now), **more)


def refusal(call, *given, **more):
    with pytest.raises(ParamsError) as caught:
        call(*given, **more)
    assert caught.value.exit == ExitStatus.PARAMS
    return caught.value


# Files that go


@pytest.mark.parametrize("now", [MORNING, NEXT_MORNING])
@pytest.mark.parametrize("intent", [Intent.JOURNAL, Intent.PREVIEW, Intent.REHEARSE])
def test_a_removed_file_of_a_group_with_money_is_refused(desk, intent, now):
    file(desk).unlink()
    before = journaled(desk)
    error = refusal(run, desk, now=now, intent=intent)
    assert "no file declares the group aggressive, which has ¥" in error.what
    for command in ("rename aggressive NEW", "adopt aggressive", "wind-down aggressive"):
        assert f"`jstock trade group {command}`" in error.do
    assert journaled(desk) == before


def test_a_renamed_file_is_refused_and_nobody_is_funded_twice(desk):
    """The only new name is proposed."""
    file(desk).rename(file(desk, "bold.yaml"))
    before = journaled(desk)
    assert "rename aggressive bold`" in refusal(run, desk).do
    assert "rename aggressive bold`" in refusal(preview_morning, open_desk(desk, now=NEXT_MORNING)).do
    assert journaled(desk) == before


def test_a_replay_into_the_desks_own_journal_is_refused_too(desk):
    file(desk).rename(file(desk, "bold.yaml"))
    refusal(run_replay, open_desk(desk, now="2026-02-02T07:00"), "2026-01-22", "2026-01-23")


def test_a_group_of_which_only_cash_is_left_is_refused_too(new):
    edited(new, "params/desk.yaml", "history_sessions: 20", "history_sessions: 0")
    edited(new, "params/groups/aggressive.yaml", "max_positions: 4", "max_positions: 1")
    run(new, now=MORNING)
    account = replay(journaled(new)).group("aggressive")
    assert account.cash
    file(new).unlink()
    refusal(run, new)


def test_an_empty_group_goes_without_a_word(desk):
    """Whoever wound it down and took its cash out removes the file."""
    wind_down_group(open_desk(desk, now=MORNING), "aggressive")
    done = run(desk)
    wound = [
        o for o in done.events if isinstance(o, OrderPlaced) and (o.session, o.group) == (NEXT, "aggressive")
    ]
    assert {(o.side, o.fraction_pct, o.layer) for o in wound} == {("SELL", 100, "wind_down")}
    after = run(desk, now="2026-01-23T07:00")
    account = replay(after.events).group("aggressive")
    assert not account.lots
    assert not account.orders
    [alert] = [alert for alert in after.alerts if alert.kind == "wound_down"]
    assert f"`jstock trade cash withdraw aggressive {account.cash}`, then remove its file" in alert.message
    withdraw(open_desk(desk, now="2026-01-23T07:30"), "aggressive", str(account.cash), reason="the end")
    file(desk).unlink()
    assert {event.group for event in run(desk, now="2026-01-26T07:00").decided} == {"conservative"}


def test_a_removed_group_is_wound_down_from_what_it_last_decided(desk):
    text = file(desk).read_text(encoding="utf-8")
    file(desk).unlink()
    change = wind_down_group(open_desk(desk, now=MORNING), "aggressive")
    assert change.file == file(desk)
    assert "wind_down: true" in file(desk).read_text(encoding="utf-8")
    assert "Aggressive" in text
    assert run(desk).trade_date == NEXT


def test_adopting_writes_the_file_again_as_it_was(desk):
    declared = next(g for g in open_desk(desk).groups if g.id == "aggressive").declared
    file(desk).unlink()
    adopt_group(open_desk(desk, now=MORNING), "aggressive")
    again = next(g for g in open_desk(desk).groups if g.id == "aggressive")
    assert again.declared == declared
    assert not [alert for alert in run(desk).alerts if alert.kind == "edited_group"]


def test_what_cannot_be_adopted(desk):
    assert "has a file already" in refusal(adopt_group, open_desk(desk, now=MORNING), "aggressive").what
    with pytest.raises(UsageError, match='no group "bold"'):
        adopt_group(open_desk(desk, now=MORNING), "bold")


def test_a_group_that_decided_nothing_has_no_file_to_write_again(new):
    opened = open_desk(new, now=MORNING)
    fact = Deposit(session=T, source="desk", group="bold", amount=1_000, reason="initial capital")
    with opened.writing("a test") as journal:
        journal.append([fact])
    with pytest.raises(StateError, match="no decision recorded the parameters of the group bold"):
        adopt_group(opened, "bold")


# Capital


@pytest.mark.parametrize(
    ("capital", "verb", "amount"), [("4_000_000", "deposit", 1_000_000), ("2_500_000", "withdraw", 500_000)]
)
def test_a_changed_initial_capital_of_a_running_group_is_refused(desk, capital, verb, amount):
    edited(desk, "params/groups/aggressive.yaml", "initial_capital: 3_000_000", f"initial_capital: {capital}")
    error = refusal(run, desk)
    assert f"aggressive: initial_capital is {capital}, and the group was opened with 3_000_000" in error.what
    assert f"`jstock trade cash {verb} aggressive {amount}`" in error.do


def test_the_capital_of_a_group_that_is_not_open_yet_is_free(new):
    edited(new, "params/groups/aggressive.yaml", "initial_capital: 3_000_000", "initial_capital: 4_000_000")
    assert replay(run(new, now=MORNING).events).group("aggressive").deposited == 4_000_000


# Edited files


def edits(day):
    return [alert.message for alert in day.alerts if alert.kind == "edited_group"]


def test_an_edited_file_is_said_once(desk):
    edited(desk, "params/groups/aggressive.yaml", "max_positions: 4", "max_positions: 3")
    said = ["aggressive: its file was edited since the decision of 2026-01-21: sizing.max_positions 4 -> 3"]
    assert edits(preview_morning(open_desk(desk, now=NEXT_MORNING)).day) == said
    assert edits(run(desk)) == said
    assert edits(run(desk)) == said  # shown again
    assert edits(run(desk, now="2026-01-23T07:00")) == []


def test_an_edit_after_the_morning_counts_from_the_next(desk):
    assert edits(run(desk, now=MORNING)) == []
    edited(desk, "params/groups/aggressive.yaml", "max_positions: 4", "max_positions: 3")
    [said] = edits(run(desk, now=MORNING))
    assert "sizing.max_positions 4 -> 3; it counts from the next morning" in said


def test_status_says_what_was_edited_and_what_does_not_fit(desk):
    """Without reading the journal; the file it is read from is written with the views."""
    with open_desk(desk, now=MORNING).writing("a test"):
        pass

    def notes():
        return [note.message for note in portfolio_status(open_desk(desk, now=MORNING)).notes]

    assert notes() == []
    edited(desk, "params/groups/aggressive.yaml", "max_positions: 4", "max_positions: 3")
    [said] = notes()
    assert said.startswith("aggressive: its file was edited since the decision of 2026-01-21: ")
    assert said.endswith("sizing.max_positions 4 -> 3; it counts from the next morning")
    file(desk).unlink()
    [said] = notes()
    assert "no file declares the group aggressive" in said
    assert "`jstock trade group adopt aggressive`" in said


# Renames


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_renamed_group_goes_on_with_all_it_has(desk, run_again, by_hand):
    """Orders due are settled, the morning decides as it would have, and nothing is funded anew."""
    if by_hand:
        file(desk).rename(file(desk, "bold.yaml"))
    before = replay(journaled(desk)).group("aggressive")
    change = rename_group(open_desk(desk, now=MORNING), "aggressive", "bold")
    assert change.file == file(desk, "bold.yaml")
    after = replay(journaled(desk)).group("bold")
    assert (after.cash, after.held, after.moves) == (before.cash, before.held, before.moves)
    assert {order.group for order in after.orders.values()} <= {"bold"}
    assert len(after.orders) == len(before.orders)
    day = run(desk)
    assert edits(day) == []
    twin = replay(run_again.events)
    bold = replay(day.events).group("bold")
    assert (bold.cash, bold.held) == (twin.group("aggressive").cash, twin.group("aggressive").held)
    assert {event.group for event in day.decided} == {"bold", "conservative"}
    assert [o.slot.replace("bold", "aggressive") for o in bold.orders.values()] == [
        o.slot for o in twin.group("aggressive").orders.values()
    ]
    assert run(desk).intent is Intent.SHOW_AGAIN
    past = run_day(open_desk(desk, now=NEXT_MORNING), T, Intent.SHOW_AGAIN)
    assert {event.group for event in past.decided} == {"bold", "conservative"}


@pytest.fixture
def run_again(request, tmp_path_factory):
    """The same morning of a copy of the desk that was not renamed."""
    root = request.getfixturevalue("run")
    return run_day(
        open_desk(shutil.copytree(root, tmp_path_factory.mktemp("twin") / "desk"), now=NEXT_MORNING)
    )


def test_a_name_that_is_taken_or_none_is_refused(desk):
    opened = open_desk(desk, now=MORNING)
    before = journaled(desk)
    with pytest.raises(ParamsError, match="both exist"):
        rename_group(opened, "aggressive", "conservative")
    with pytest.raises(ParamsError, match="cannot be the id"):
        rename_group(opened, "aggressive", "a:b")
    with pytest.raises(UsageError, match='no group "bold"'):
        rename_group(opened, "bold", "brave")
    file(desk, "conservative.yaml").unlink()
    with pytest.raises(StateError, match="with an account of its own"):
        rename_group(opened, "aggressive", "conservative")
    assert journaled(desk) == before


def test_facts_of_a_renamed_group_can_still_be_corrected(desk):
    """By the id it is shown under, and by the one it was recorded under."""
    opened = open_desk(desk, now=MORNING)
    old = next(e for e in journaled(desk) if isinstance(e, Deposit) and e.group == "aggressive")
    rename_group(opened, "aggressive", "bold")
    new = next(e for e in journaled(desk) if isinstance(e, Deposit) and e.group == "bold")
    for name, amount in ((new.id, "4000000"), (old.id, "5000000")):
        correct_fact(open_desk(desk, now=MORNING), name, {"amount": amount}, reason="counted")
        assert replay(journaled(desk)).group("bold").deposited == int(amount)
    rename_group(open_desk(desk, now=MORNING), "bold", "brave")
    assert replay(journaled(desk)).group("brave").deposited == 5_000_000
