"""A day in its modes: journaled, again, rehearsed, previewed; and what it leaves behind."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from jstock_core.base.alerts import DayStatus
from jstock_core.base.errors import DataError, ExitStatus, JstockError, StateError, UsageError
from jstock_core.base.intent import Intent
from jstock_core.data.store.store import MarketStore
from jstock_core.desk.day.day import run_day
from jstock_core.desk.trading.preparation import preview_morning
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.state.book.book import replay
from jstock_core.state.facts.events import (
    Decided,
    Filled,
    Missed,
    OrderExpired,
    OrderPlaced,
    Settled,
    content,
)
from tests.desk.days import MORNING, NEXT, NEXT_MORNING, D, T, edited, journaled


def day(root, trade_date="", now=MORNING, **more):
    return run_day(open_desk(root, now=now), trade_date, **more)


def orders(events, session=T):
    return [event for event in events if isinstance(event, OrderPlaced) and event.session == session]


# Modes


def test_a_first_morning_brings_a_history_and_is_journaled(run):
    """Twenty mornings before T, then T; every session settled up to D."""
    events = journaled(run)
    mornings = sorted({event.session for event in events if isinstance(event, Decided)})
    assert len(mornings) == 21
    assert mornings[-1] == T
    assert max(event.session for event in events if isinstance(event, Settled)) == D
    assert not [event for event in events if isinstance(event, Missed)]


def test_a_first_morning_cut_short_in_its_history_leaves_none(new, run, monkeypatch):
    """Half a history would make missed mornings of the other half."""
    from jstock_core.desk.day import history

    whole, made = history.morning, []

    def morning(*given, **more):
        made.append(1)
        if len(made) == 8:
            raise KeyboardInterrupt
        return whole(*given, **more)

    with monkeypatch.context() as patch:
        patch.setattr(history, "morning", morning)
        with pytest.raises(KeyboardInterrupt):
            run_day(open_desk(new, now=MORNING))
    run_day(open_desk(new, now=MORNING))
    assert journaled(new) == journaled(run)


def test_without_history_a_new_desk_starts_today(new):
    edited(new, "params/desk.yaml", "history_sessions: 20", "history_sessions: 0")
    done = day(new)
    assert {event.session for event in done.events if isinstance(event, Decided)} == {T}


def test_the_same_morning_again_says_so_and_journals_nothing(desk):
    before = journaled(desk)
    done = day(desk)
    assert done.intent is Intent.SHOW_AGAIN
    assert journaled(desk) == before
    assert done.events == before


def test_again_in_the_evening_is_still_the_mornings_report(desk):
    """Run for T after T's bars are public: what the morning decided, nothing settled."""
    before = journaled(desk)
    done = day(desk, T, now="2026-01-21T18:00")
    assert done.intent is Intent.SHOW_AGAIN
    assert journaled(desk) == before


def test_the_next_morning_settles_what_was_due_and_decides(desk):
    due = orders(journaled(desk))
    assert due
    before = len(journaled(desk))
    done = day(desk, now=NEXT_MORNING)
    added = journaled(desk)[before:]
    assert (done.intent, done.trade_date) == ("journal", NEXT)
    ended = {event.order_id for event in added if isinstance(event, Filled | OrderExpired)}
    assert ended == {order.id for order in due}
    assert [event.session for event in added if isinstance(event, Settled)] == [T]
    assert not replay(done.events).group("conservative").orders.keys() & ended


def test_missed_mornings_are_gaps_with_a_notice(desk):
    """Nobody ran it on Thursday and Friday."""
    done = day(desk, now="2026-01-26T07:00")
    assert done.trade_date == date(2026, 1, 26)
    assert [e.session for e in done.events if isinstance(e, Missed)] == [NEXT, date(2026, 1, 23)]
    assert any("2 mornings (2026-01-22 to 2026-01-23)" in alert.message for alert in done.report.alerts)
    assert orders(done.events, NEXT) == []


def test_missed_mornings_of_more_than_a_week_are_all_counted(desk):
    """The notice is of recent gaps, and a gap that reaches into them counts whole."""
    done = day(desk, now="2026-02-05T07:00")
    assert len([e for e in done.events if isinstance(e, Missed)]) == 10
    assert any("10 mornings (2026-01-22 to 2026-02-04)" in alert.message for alert in done.report.alerts)


def test_a_rehearsal_journals_nothing_and_decides_the_same(desk):
    before = journaled(desk)
    done = day(desk, T, intent=Intent.REHEARSE)
    assert done.intent is Intent.REHEARSE
    assert journaled(desk) == before
    assert orders(done.events) == orders(before)


def test_a_past_date_is_a_rehearsal_on_the_book_as_it_was(desk):
    """The orders of that morning come out again as they were journaled."""
    before = journaled(desk)
    past = date(2026, 1, 9)
    done = day(desk, past)
    assert done.intent is Intent.REHEARSE
    assert orders(done.events, past) == orders(before, past)
    assert max(event.session for event in done.events) == past
    assert journaled(desk) == before


def test_a_date_older_than_the_journal_is_rehearsed_on_a_history_in_memory(desk):
    done = day(desk, "2025-06-02")
    assert done.intent is Intent.REHEARSE
    assert len({event.session for event in done.events if isinstance(event, Decided)}) == 21


def test_a_preview_journals_nothing_and_shows_what_the_morning_will_do(new):
    """On a desk that has never run: the same orders as the run that follows."""
    shown = day(new, intent=Intent.PREVIEW)
    assert shown.intent is Intent.PREVIEW
    assert not (new / "data" / "state" / "journal.sqlite").exists() or journaled(new) == ()
    done = day(new)
    assert [content(event) for event in shown.events] == [content(event) for event in done.events]
    assert orders(done.events)


def test_a_preview_of_the_next_morning(desk):
    before = journaled(desk)
    shown = day(desk, now=NEXT_MORNING, intent=Intent.PREVIEW)
    assert (shown.intent, shown.trade_date) == ("preview", NEXT)
    assert journaled(desk, NEXT_MORNING) == before
    assert orders(shown.events, NEXT) == orders(day(desk, now=NEXT_MORNING).events, NEXT)


def test_tickets_are_the_preview_as_json(desk):
    shown = preview_morning(open_desk(desk, now=NEXT_MORNING))
    data = json.loads(json.dumps(shown.as_json(), allow_nan=False))
    assert data["date"] == str(NEXT)
    assert {o["id"] for o in data["orders"]} == {o.id for o in orders(shown.day.events, NEXT)}
    assert shown.exit == ExitStatus.OK


def test_a_report_only_shows_what_was_decided(desk):
    before = journaled(desk)
    done = day(desk, T, intent=Intent.SHOW_AGAIN)
    assert (done.intent, done.events) == ("show_again", before)
    past = day(desk, "2026-01-09", intent=Intent.SHOW_AGAIN)
    assert max(event.session for event in past.events) == date(2026, 1, 9)
    assert journaled(desk) == before


def test_a_report_of_what_was_never_decided_is_refused(desk):
    with pytest.raises(UsageError, match="nothing was decided for 2025-06-02"):
        day(desk, "2025-06-02", intent=Intent.SHOW_AGAIN)


# Which day


@pytest.mark.parametrize(
    ("now", "trade_date"),
    [
        ("2026-01-21T07:00", T),
        ("2026-01-21T16:29", T),  # Wednesday's bars are not public yet
        ("2026-01-21T16:30", NEXT),
        ("2026-01-23T18:00", date(2026, 1, 26)),
        ("2026-01-24T12:00", date(2026, 1, 26)),  # a Saturday
        ("2026-01-20T22:00+00:00", T),  # 07:00 in Tokyo
    ],
)
def test_no_date_means_the_next_possible_one(fetched, now, trade_date):

    assert open_desk(fetched, now=now).trade_date() == trade_date


@pytest.mark.parametrize(
    ("trade_date", "said"),
    [
        ("2026-01-17", "TSE is closed on 2026-01-17 (Saturday)"),
        ("2026-01-12", "TSE is closed on 2026-01-12"),  # Coming of Age Day
        ("2031-01-06", "beyond the last known session"),
        ("2026-01-22", "2026-01-22 is too far ahead"),
        ("21.1.2026", '"21.1.2026" is not a date'),
        ("2026-1-21", '"2026-1-21" is not a date'),
    ],
)
def test_a_date_that_cannot_be_is_refused(desk, trade_date, said):
    before = journaled(desk)
    with pytest.raises(UsageError) as caught:
        day(desk, trade_date)
    assert said in caught.value.what
    assert caught.value.do
    assert journaled(desk) == before


@pytest.mark.parametrize("now", ["", "2026-01-21", "tomorrow"])
def test_the_clock_may_be_given(desk, now):
    if now == "tomorrow":
        with pytest.raises(UsageError, match='"tomorrow" is not a date and time'):
            open_desk(desk, now=now)
        return
    clock = open_desk(desk, now=now).now()
    assert clock.utcoffset().total_seconds() == 9 * 3600
    assert not now or clock.date() == T


# Late, degraded, damaged


def test_after_the_opening_auction_orders_are_late(desk):
    done = day(desk, now="2026-01-22T09:00")
    assert done.intent is Intent.JOURNAL
    assert {order.source for order in orders(done.events, NEXT)} == {"late"}
    assert any("after the opening auction" in alert.message for alert in done.report.alerts)
    later = day(desk, now="2026-01-23T07:00")
    late = {order.id for order in orders(done.events, NEXT)}
    assert late == {e.order_id for e in later.events if isinstance(e, OrderExpired) and e.order_id in late}


def test_a_holding_that_left_the_market_data_degrades_the_day(desk):
    """Recorded by hand for a code that no data has: entries stop, and the report says why on top."""
    recorded(desk, "BUY", D)
    done = day(desk, now=NEXT_MORNING)
    assert done.status is DayStatus.DEGRADED
    [decided] = [e for e in done.decided if e.group == "conservative"]
    assert decided.status == "degraded"
    assert not [o for o in orders(done.events, NEXT) if o.group == "conservative" and o.side == "BUY"]
    assert "the exit of 9999 is unknown" in done.report.alerts[0].text
    assert preview_morning(open_desk(desk, now=NEXT_MORNING), str(NEXT)).exit == ExitStatus.DEGRADED


def recorded(root, side, session):
    """A fact from before somebody cut the universe: 100 shares of a code that has no prices any more."""
    fill = Filled(
        session=session, source="manual", group="conservative", code="9999", side=side,
        shares=100, price=Decimal(500), order_id=None,
    )  # fmt: skip
    open_desk(root, now=NEXT_MORNING).journal().append([fill])


def test_a_degraded_morning_repeated_in_vain_adds_nothing(desk):
    recorded(desk, "BUY", D)
    assert day(desk, now=NEXT_MORNING).intent is Intent.JOURNAL
    before = journaled(desk, NEXT_MORNING)
    again = day(desk, now="2026-01-22T07:30")
    assert (again.intent, again.status is DayStatus.DEGRADED) == ("show_again", True)
    assert journaled(desk, NEXT_MORNING) == before


def test_a_degraded_morning_is_repaired_before_the_auction(desk):
    """What made it degraded is sold by hand; the repair adds the buys and repeats no sell."""
    recorded(desk, "BUY", D)
    first = day(desk, now=NEXT_MORNING)
    recorded(desk, "SELL", T)
    done = day(desk, now="2026-01-22T07:30")
    assert (done.intent, done.status is DayStatus.DEGRADED) == ("journal", False)
    [decided] = [e for e in done.decided if e.group == "conservative"]
    assert (decided.revision, decided.status) == (1, "complete")
    slots = [order.slot for order in orders(done.events, NEXT)]
    assert len(slots) == len(set(slots))
    assert set(orders(first.events, NEXT)) <= set(orders(done.events, NEXT))
    assert [e.revision for e in done.decided if e.group == "aggressive"] == [0]


def test_after_the_auction_nothing_is_repaired(desk):
    recorded(desk, "BUY", D)
    day(desk, now=NEXT_MORNING)
    recorded(desk, "SELL", T)
    done = day(desk, NEXT, now="2026-01-22T09:00")
    assert (done.intent, done.status is DayStatus.DEGRADED) == ("show_again", True)


def test_a_decided_day_is_shown_again_without_a_group_that_lost_its_file(desk):
    """Its holdings are in the journal, and nobody judges them any more: that is said."""
    (desk / "params" / "groups" / "conservative.yaml").unlink()
    done = day(desk, intent=Intent.SHOW_AGAIN)
    alerts = [alert.message for alert in done.report.alerts if alert.severity == "alert"]
    assert any("conservative: no group file declares it" in text for text in alerts)
    assert done.status is DayStatus.DEGRADED


def test_a_group_declared_after_the_morning_waits_for_the_next(desk):
    """T is decided; the new group opens tomorrow, and today's report can still be shown."""
    folder = desk / "params" / "groups"
    shutil.copy(folder / "conservative.yaml", folder / "second.yaml")
    before = journaled(desk)
    again = day(desk)
    assert again.intent is Intent.SHOW_AGAIN
    assert again.report.header.trade_date == T
    assert journaled(desk) == before
    assert "second" in {e.group for e in day(desk, now=NEXT_MORNING).decided}


def test_stale_data_decides_nothing(desk, monkeypatch):
    """The provider had nothing to give."""
    monkeypatch.setattr(Desk, "fetch", lambda *_: None)
    before = (desk / "data" / "state" / "journal.sqlite").read_bytes()
    with pytest.raises(DataError, match="no data for the last session"):
        day(desk, NEXT, now=NEXT_MORNING)
    assert (desk / "data" / "state" / "journal.sqlite").read_bytes() == before


def test_prices_of_another_kind_never_meet_the_journal(desk):
    """A journal is bound to its provider: real and made-up prices are not mixed."""
    edited(desk, "params/desk.yaml", "{use: simulated, seed: 7}", "{use: files}")
    with pytest.raises(StateError):
        open_desk(desk, now=MORNING).journal()


def test_another_seed_is_another_market(desk):
    edited(desk, "params/desk.yaml", "seed: 7", "seed: 8")
    with pytest.raises(JstockError) as caught:
        day(desk, now=NEXT_MORNING)
    assert caught.value.exit in (ExitStatus.DATA, ExitStatus.STATE)
    edited(desk, "params/desk.yaml", "seed: 8", "seed: 7")
    assert journaled(desk)


@pytest.mark.parametrize("name", ["bars/2026", "flows/all", "topix/all"])
def test_a_corrupt_parquet_file_is_named(desk, name):
    path = desk / "data" / MarketStore(desk / "data").read().manifest.parts[name].file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(bytes(content))
    before = journaled(desk)
    with pytest.raises(DataError) as caught:
        day(desk, now=NEXT_MORNING)
    assert path.name in str(caught.value)
    assert caught.value.do
    assert path.read_bytes() == bytes(content), "what is left may be worth something"
    assert journaled(desk) == before


# Views


def views(root) -> dict[str, dict]:
    folder = root / "data" / "state"
    return {name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in VIEWS}


VIEWS = ("production_state", "trade_history")


def test_a_damaged_journal_stops_the_day_before_anything_is_fetched(desk):
    journal = desk / "data" / "state" / "journal.sqlite"
    journal.write_bytes(journal.read_bytes()[:-1])
    before = {path: path.read_bytes() for path in (desk / "data").rglob("[!.]*") if path.is_file()}
    with pytest.raises(StateError, match="journal"):
        run_day(open_desk(desk, now=NEXT_MORNING))
    assert before == {path: path.read_bytes() for path in before}


def test_the_views_are_those_of_the_journal(desk):
    state = views(desk)["production_state"]
    book = replay(journaled(desk))
    assert {g["id"]: g["cash"] for g in state["strategy_groups"]} == {
        k: g.cash for k, g in book.groups.items()
    }
    assert {g["name"] for g in state["strategy_groups"]} == {"Conservative Strategy", "Aggressive Strategy"}
    trades = views(desk)["trade_history"]["trades"]
    assert len(trades) == sum(isinstance(event, Filled) for event in journaled(desk))


def test_a_peak_is_the_highest_close_since_entry(desk):
    """By the raw closes of the store, for stocks without a split in between."""
    panel, book = open_desk(desk, now=MORNING).panel(), replay(journaled(desk))
    found = 0
    for group in views(desk)["production_state"]["strategy_groups"]:
        for row in group["positions"]:
            position = book.group(group["id"]).position(row["ticker"])
            column, first = panel.column[row["ticker"]], panel.row(position.opened)
            if (panel.adj_factor[first:, column] != 1).any():
                continue
            closes = panel.close[first : panel.row(D) + 1, column]
            highest = max(position.average_price, *closes[~np.isnan(closes)].tolist())
            assert row["peak_price"] == pytest.approx(highest, abs=1e-3)
            found += 1
    assert found


def test_views_that_lag_are_brought_up_by_the_next_run(desk):
    """As after a crash between the journal's commit and the writing of the files."""
    before = views(desk)
    for name in VIEWS:
        (desk / "data" / "state" / f"{name}.json").unlink()
    (desk / "data" / "state" / "trade_history.json").write_text("{", encoding="utf-8")
    assert day(desk).intent is Intent.SHOW_AGAIN
    assert views(desk) == before


def test_views_that_are_right_are_left_alone(desk):
    paths = [desk / "data" / "state" / f"{name}.json" for name in VIEWS]
    before = [(path.read_bytes(), path.stat().st_mtime_ns) for path in paths]
    day(desk, now="2026-01-21T07:45")
    assert [(path.read_bytes(), path.stat().st_mtime_ns) for path in paths] == before


# One run at a time


PROGRAM = """
import sys
from jstock_core.desk.day.day import run_day
from jstock_core.desk.workspace.desk import open_desk
print(run_day(open_desk(sys.argv[1], now=sys.argv[2])).intent)
"""


def test_two_at_once_leave_one_set_of_events(desk, tmp_path):
    """Two processes start together; one journals, the other says that it is done already."""
    alone = tmp_path / "alone"
    shutil.copytree(desk, alone)
    command = [sys.executable, "-c", PROGRAM, str(desk), NEXT_MORNING]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert sorted(run.communicate(timeout=120)[0].strip() for run in runs) == ["journal", "show_again"]
    assert [run.returncode for run in runs] == [0, 0]
    assert journaled(desk, NEXT_MORNING) == day(alone, now=NEXT_MORNING).events
