"""What works by hand and fails at 07:00 is told, from either side."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jstock_core.base.clock import make_clock
from jstock_core.desk.workspace.desk import Desk
from jstock_core.ops.health import context
from jstock_core.ops.health.check import Examined, HealthCheck, State
from jstock_core.ops.health.context import How, RunContext, present_context, read_contexts, record_context
from jstock_core.ops.jobs import morning


@pytest.fixture
def own(examined: Examined) -> RunContext:
    return present_context(examined.clock, examined.settings)


def compared(examined: Examined, how: How) -> list[HealthCheck]:
    return list(context.compare_contexts(examined, how))


def test_a_context_is_read_back_as_it_was_kept(examined: Examined, own: RunContext) -> None:
    record_context(examined.place, "scheduled", own)
    record_context(examined.place, "by hand", replace(own, user="other"))
    assert read_contexts(examined.place) == {"scheduled": own, "by hand": replace(own, user="other")}
    assert (examined.place.data / context.FILE).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("text", ["", "[]", '{"scheduled": 3}', '{"scheduled": {"at": 1}}'])
def test_a_damaged_file_is_none(examined: Examined, text: str) -> None:
    (examined.place.data / context.FILE).write_text(text)
    assert read_contexts(examined.place) == {}


def test_no_value_of_a_variable_is_kept(examined: Examined, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JQUANTS_API_KEY", "abcdef-123456")
    own = present_context(examined.clock, examined.settings)
    assert "JQUANTS_API_KEY" in own.variables
    record_context(examined.place, "scheduled", own)
    assert "abcdef" not in (examined.place.data / context.FILE).read_text()


@pytest.mark.parametrize(("how", "other"), [("by hand", "scheduled"), ("scheduled", "by hand")])
def test_without_the_other_kind_there_is_nothing_to_compare(
    examined: Examined, own: RunContext, how: How, other: How
) -> None:
    (check,) = compared(examined, how)
    assert check.state is State.NOTE
    record_context(examined.place, other, own)
    (check,) = compared(examined, how)
    assert check.state is State.OK


def test_a_secret_that_only_a_terminal_has_is_a_failure(examined: Examined, own: RunContext) -> None:
    """The usual reason for a mail that goes out by hand and not in the morning."""
    hand = replace(own, secrets={"JSTOCK_SMTP_PASSWORD": "the keyring"})
    job = replace(own, secrets={"JSTOCK_SMTP_PASSWORD": ""}, at="2026-01-21 07:00")
    (check,) = context._differences(hand, job)
    assert check.state is State.FAIL
    assert check.what == (
        "found by hand and not by the scheduled job of 2026-01-21 07:00 JST: JSTOCK_SMTP_PASSWORD"
    )
    assert list(context._differences(job, hand)) == []  # the job has more: it works at 07:00


def test_variables_user_and_interpreter_are_warnings(own: RunContext) -> None:
    hand = replace(own, variables=["JQUANTS_API_KEY", "DBUS_SESSION_BUS_ADDRESS"])
    job = replace(own, variables=[], user="root", python="/usr/bin/python3", home="/root")
    found = list(context._differences(replace(hand, user="me", python="/env/bin/python", home="/me"), job))
    assert [check.state for check in found] == [State.WARN] * 4
    assert found[0].what == "set by hand and not in the scheduled job: JQUANTS_API_KEY"
    assert "/usr/bin/python3" in found[1].what


def test_path_encoding_and_zone_are_notes(own: RunContext) -> None:
    hand = replace(own, path=["/usr/bin", "/opt/bin"], encoding="utf-8", zone="+0900")
    job = replace(own, path=["/usr/bin"], encoding="ascii", zone="+0000")
    found = list(context._differences(hand, job))
    assert [check.state for check in found] == [State.NOTE] * 3
    assert "/opt/bin" in found[0].what


def test_a_scheduled_morning_keeps_what_it_was_given(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    early = replace(desk, clock=make_clock("2026-01-22T05:00"))
    assert morning.run_scheduled(early).status == "early"  # type: ignore[union-attr]
    assert read_contexts(desk.workspace)["scheduled"].at == "2026-01-22 05:00"
