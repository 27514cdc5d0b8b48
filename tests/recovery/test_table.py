"""The table of failures in docs/operations.md: each row has a drill, and what it says is whole."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.architecture import ROOT

CLOCKS = "tests/ops/schedule/test_clocks.py"
DATES = "tests/desk/day/test_clock.py"
DESK = "tests/recovery/test_drills.py"
GATE = "tests/ops/schedule/test_gate.py"
PEOPLE = "tests/recovery/test_telling.py"
SENDING = "tests/ops/notify/test_delivery.py"
STORMS = "tests/storms/test_storms.py"

DRILLS = {
    "the machine is asleep at 07:00 and wakes before 09:00": (
        f"{GATE}::test_a_machine_that_slept_at_seven_catches_up",
    ),
    "the machine is asleep at 07:00 and wakes from 09:00 on": (
        f"{GATE}::test_a_machine_that_slept_at_seven_catches_up",
        "tests/decide/test_morning.py::test_late_orders_are_shown_and_neither_placed_nor_filled",
    ),
    "the machine is asleep at 07:00 and wakes after 16:30": (
        f"{GATE}::test_after_its_session_a_morning_is_missed_and_said_so",
        f"{GATE}::test_the_morning_after_a_missed_one_records_it",
    ),
    "the time zone of the host was changed": (
        f"{CLOCKS}::test_a_host_whose_zone_changes_decides_what_one_in_tokyo_does",
    ),
    "the clock a day ahead, data from a vendor or from files": (
        f"{CLOCKS}::test_a_clock_a_day_ahead_decides_nothing_and_the_right_one_goes_on",
    ),
    "the clock a day ahead, on the simulated market": (
        f"{DATES}::test_mornings_before_a_decision_of_a_clock_that_was_ahead_are_rehearsed_with_an_alert",
        f"{DATES}::test_the_command_says_so_and_does_not_end_with_0",
    ),
    "the clock a day behind": (
        f"{CLOCKS}::test_a_clock_a_day_behind_is_said_and_the_right_one_goes_on",
    ),
    "the clock was wrong when data was fetched": (
        f"{DATES}::test_a_fetch_of_a_time_to_come_is_named",
    ),
    "the calendar of sessions ends within 60 days": (
        f"{CLOCKS}::test_near_the_end_of_the_calendar_every_day_says_so_and_the_last_one_is_run",
    ),
    "the calendar has ended": ("tests/ops/jobs/test_opening.py::test_the_end_of_the_calendar_is_told",),
    "jstock is updated between two mornings": (
        f"{CLOCKS}::test_a_package_that_is_upgraded_between_two_mornings_decides_each_once",
    ),
    "jstock is updated while a morning runs": (
        "tests/runs/notebook/test_kernel.py::test_a_kernel_of_other_code_runs_no_cell",
    ),
    "the environment was moved or removed": (
        "tests/ops/schedule/test_install.py::test_another_environment_is_out_of_date",
    ),
    "the vendor is down, or delivers too few stocks": (
        f"{DESK}::test_it_is_down", f"{DESK}::test_it_delivers_half_of_the_stocks",
    ),
    "the vendor's plan or key has expired": (f"{DESK}::test_the_plan_has_expired",),
    "the bars of a stock cannot be trusted": (f"{DESK}::test_one_stock_is_bad",),
    "the notebook's kernel dies, or a cell hangs": (
        f"{DESK}::test_its_kernel_dies_after_the_decision", f"{DESK}::test_a_cell_hangs",
    ),
    "the run is killed, or the power fails": (f"{STORMS}::test_a_desk_stands_a_little_of_each",),
    "another run holds the desk": (f"{DESK}::test_another_run_holds_it",),
    "the disk is full or may only be read, at the journal": (
        f"{DESK}::test_it_may_only_be_read", f"{PEOPLE}::test_it_may_only_be_read",
        f"{STORMS}::test_a_desk_stands_a_little_of_each",
    ),
    "the disk is full, at reports or backups": (
        f"{DESK}::test_there_is_no_room_for_the_report",
        f"{DESK}::test_there_is_no_room_for_the_second_backup",
        f"{PEOPLE}::test_there_is_no_room_for_the_report",
    ),
    "the trial ledger is lost or damaged": (
        "tests/desk/care/test_state.py::test_trials_that_were_lost_are_put_back_and_none_is_taken_out",
        "tests/desk/care/test_state.py::test_a_damaged_trial_ledger_stops_no_morning",
    ),
    "the journal is damaged": (f"{PEOPLE}::test_the_journal_is_damaged",),
    "the database of the journal is away": (
        f"{DESK}::test_it_is_gone_in_the_middle_of_a_morning", f"{PEOPLE}::test_the_database_is_away",
    ),
    "a password or key would stand in the report": (
        "tests/desk/day/publishing/test_publishing.py::test_a_report_that_holds_a_secret_is_not_shown",
    ),
    "the SMTP server is down": (
        f"{PEOPLE}::test_the_mail_server_is_down",
        "tests/stories/test_telling.py::test_a_week_with_a_server_that_is_away_for_two_days",
    ),
    "a mailbox or token is refused": (
        f"{SENDING}::test_what_will_never_go_is_given_up_at_once_and_the_rest_after_days",
        "tests/ops/notify/test_tell.py::test_what_was_given_up_is_a_warning_of_the_next_morning",
    ),
    "a way is declared wrongly": (f"{PEOPLE}::test_a_way_is_declared_wrongly",),
    "a way's secret, or the package for pushes, is not there": (
        f"{PEOPLE}::test_the_secret_of_a_way_is_not_there",
        "tests/ops/notify/ways/test_push.py::test_without_apprise_the_extra_is_named",
    ),
    "the connection breaks after the text": (f"{PEOPLE}::test_the_connection_breaks_after_the_text",),
    "killed while sending": (f"{PEOPLE}::test_it_is_killed_while_it_sends",),
    "the outbox cannot be written": (f"{PEOPLE}::test_the_outbox_is_damaged",),
    "parameters broken by an edit": (
        f"{DESK}::test_its_parameters_are_broken_by_an_edit",
        f"{PEOPLE}::test_parameters_are_broken_by_an_edit",
    ),
}  # fmt: skip
"""The tests in which each row of the table was lived through."""

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    for line in PAGE.partition("\n## When something fails\n")[2].partition("\n## ")[0].splitlines()
    if line.startswith("| ")
][1:]


def test_every_row_has_a_drill_and_every_drill_a_row() -> None:
    assert [row[0] for row in ROWS] == list(DRILLS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_says_what_happens_what_is_said_the_status_and_what_to_do(row: list[str]) -> None:
    assert len(row) == 5
    assert all(row)
    assert re.match(r"\d+|as the |that of the kill", row[3]), row[3]


@cache
def names_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("drill", sorted({drill for drills in DRILLS.values() for drill in drills}))
def test_a_drill_is_there(drill: str) -> None:
    file, _, name = drill.partition("::")
    assert name in names_in(file)
