"""Secrets are named with where they come from, and never shown."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from jstock_core.base.clock import JST
from jstock_core.base.errors import ExitStatus
from jstock_core.desk.settings.edit import edit_yaml
from jstock_core.desk.workspace.desk import Desk
from jstock_core.ops.health import secrets_named
from jstock_core.ops.health.check import Examined, HealthCheck, State, look_at
from jstock_core.ops.notify.inspection import OutboxListing
from jstock_core.ops.notify.outbox.entry import OutboxEntry, Status
from tests.ops.health.conftest import NOW, look, one

HOOK: Mapping[str, Any] = {"ways": {"hook": {"use": "webhook", "to": ["JSTOCK_HOOK_URL"]}}}
WHEN = datetime(2026, 1, 21, 7, 0, tzinfo=JST)
VALUE = "https://host.example/very-secret-path"


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """No secrets but those of the test, from no keyring."""
    for name in [name for name in os.environ if name.startswith("JSTOCK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr("jstock_core.base.secrets.secret.ask_keyring", lambda _: ("", "there is none"))


def declared(desk: Desk, **keys: Any) -> Examined:
    def change(content: Any) -> None:
        content.update(keys)

    edit_yaml(desk.workspace.desk_yaml, change)
    return look_at(str(desk.workspace.root), now=NOW)


def told(examined: Examined) -> tuple[HealthCheck, ...]:
    found = look(secrets_named.examine_secrets, examined)
    assert not any(VALUE in f"{check.what}{check.remedy}" for check in found)
    return found


def test_a_secret_that_is_named_and_set(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JSTOCK_HOOK_URL", VALUE)
    (check,) = told(declared(desk, notify=HOOK))
    assert (check.state, check.what) == (
        State.OK, "JSTOCK_HOOK_URL comes from the variable JSTOCK_HOOK_URL",
    )  # fmt: skip


def test_one_that_is_named_and_not_found(desk: Desk) -> None:
    (check,) = told(declared(desk, notify=HOOK))
    assert (check.state, check.what) == (
        State.WARN, "JSTOCK_HOOK_URL is named in params/desk.yaml and was not found",
    )  # fmt: skip
    assert "keyring set jstock JSTOCK_HOOK_URL" in check.remedy


def test_one_that_is_set_and_not_named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JSTOCK_OLD_TOKEN", VALUE)
    monkeypatch.setenv("JSTOCK_WORKSPACE", str(desk.workspace.root))
    monkeypatch.setenv("JSTOCK_USER", "hanako")
    none, old = told(declared(desk))
    assert (none.state, old.state) == (State.OK, State.NOTE)
    assert old.what == "JSTOCK_OLD_TOKEN is set, and no parameter names it"


def test_one_that_stands_in_the_parameters_is_a_failure_and_is_not_repeated(desk: Desk) -> None:
    text = desk.workspace.desk_yaml.read_text(encoding="utf-8")
    desk.workspace.desk_yaml.write_text(text.replace("provider:", "# api_key\nprovider:"), encoding="utf-8")
    examined = declared(desk, csv_columns={"password": "hunter2hunter2"})
    found = look(secrets_named.examine_secrets, examined)
    assert not any("hunter2" in check.what for check in found)
    if examined.settings is not None:
        assert (found[0].state, found[0].exit) == (State.FAIL, ExitStatus.PARAMS)


def test_without_parameters_nothing_is_said(desk: Desk) -> None:
    desk.workspace.desk_yaml.write_text("provider: [")
    examined = look_at(str(desk.workspace.root), now=NOW)
    assert [check.state for check in told(examined)] == [State.NOTE]


def test_ways_that_can_be_made_and_one_that_cannot(desk: Desk) -> None:
    ways = {**HOOK["ways"], "other": {"use": "webhook", "to": []}}
    fine, wrong = look(secrets_named.examine_ways, declared(desk, notify={"ways": ways}))
    assert (fine.state, fine.what) == (State.OK, "hook reaches JSTOCK_HOOK_URL")
    assert (wrong.state, wrong.exit) == (State.FAIL, ExitStatus.PARAMS)
    assert wrong.what.startswith("other: ")


def test_a_desk_that_tells_nobody_is_a_note(examined: Examined) -> None:
    assert one(secrets_named.examine_ways, examined).state is State.NOTE


@pytest.mark.skipif(os.name != "posix", reason="Unix permissions")
def test_the_file_of_a_jobs_variables_is_for_its_owner_alone(
    examined: Examined, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert look(secrets_named.examine_secrets_file, examined) == ()
    path = secrets_named.declare_schedule(examined.desk).secrets
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"JSTOCK_HOOK_URL={VALUE}\n")
    path.chmod(0o644)
    check = one(secrets_named.examine_secrets_file, examined)
    assert (check.state, check.remedy) == (State.WARN, f"chmod 600 {path}")
    path.chmod(0o600)
    assert one(secrets_named.examine_secrets_file, examined).state is State.OK


def entry(**changes: Any) -> OutboxEntry:
    known = OutboxEntry(
        id="<1@desk>", key="report", kind="report", way="mail", recipient="me@host.example",
        trade_date=WHEN.date(), subject="the report", created=WHEN, next_try=WHEN,
    )  # fmt: skip
    return replace(known, **changes)


def test_messages_that_did_not_go_out_are_told(examined: Examined, monkeypatch: pytest.MonkeyPatch) -> None:
    assert look(secrets_named.examine_outbox, examined) == ()  # there is none
    failed = entry(status=Status.FAILED, error="550 no such user", attempts=3)
    for entries, undelivered, state in (((entry(),), 0, State.OK), ((entry(), failed), 1, State.WARN)):
        found = OutboxListing("the journal", entries, 0, 0, undelivered)
        monkeypatch.setattr(secrets_named, "list_outbox", lambda *_, found=found, **__: found)
        check = one(secrets_named.examine_outbox, examined)
        assert check.state is state
    assert check.what == ("1 message not delivered, the oldest by mail: the report (550 no such user)")
    assert "jstock notify retry" in check.remedy
