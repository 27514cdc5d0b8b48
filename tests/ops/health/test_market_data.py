"""Market data that is new, old, missing or unsound; plan and key of a vendor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from jstock_core.base.errors import DataError, ExitStatus, ParamsError
from jstock_core.data.checks.findings import Finding
from jstock_core.data.providers.jquants.provider import JQuants
from jstock_core.data.providers.protocol import Discovery, Provider, Subscribes, Subscription
from jstock_core.desk.workspace.desk import Desk
from jstock_core.ops.health import market_data
from jstock_core.ops.health.check import Examined, State, look_at
from jstock_core.testing import copy_desk
from tests.ops.health.conftest import NOW, look, one


def test_data_of_the_last_session_is_fresh(examined: Examined) -> None:
    check = one(market_data.examine_freshness, examined)
    assert (check.state, check.what) == (
        State.OK, "the newest bars are of 2026-01-20, the last session",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("now", "state", "words"),
    [
        ("2026-01-22T07:10", State.OK, "the next morning fetches those of 2026-01-21"),
        ("2026-01-26T07:10", State.WARN, "3 sessions behind 2026-01-23"),
    ],
)
def test_a_desk_that_stopped_fetching_is_told(desk: Desk, now: str, state: State, words: str) -> None:
    check = one(market_data.examine_freshness, look_at(str(desk.workspace.root), now=now))
    assert check.state is state
    assert words in check.what


def test_a_desk_without_data_is_told_how_to_get_it(shared_desk: Callable[..., Desk], tmp_path: Path) -> None:
    new = copy_desk(shared_desk(ready="new"), tmp_path / "new")
    check = one(market_data.examine_freshness, look_at(str(new.workspace.root), now=NOW))
    assert (check.state, check.remedy) == (State.WARN, "run `jstock data fetch`")


def test_a_damaged_store_has_the_exit_status_of_data(desk: Desk, examined: Examined) -> None:
    assert one(market_data.examine_findings, examined).state is State.OK
    (desk.workspace.data / "store.json").write_text("{")
    check = one(market_data.examine_findings, examined)
    assert (check.state, check.exit) == (State.FAIL, ExitStatus.DATA)


@pytest.mark.parametrize(("severity", "state"), [("stop", State.FAIL), ("block", State.WARN)])
def test_findings_of_the_checks_are_told(
    examined: Examined, monkeypatch: pytest.MonkeyPatch, severity: Any, state: State
) -> None:
    real = market_data.store_status(examined.desk)
    finding = Finding(severity, "7203", None, "a bar of 0 yen", "import it again")
    monkeypatch.setattr(market_data, "store_status", lambda _: replace(real, findings=(finding,)))
    assert one(market_data.examine_findings, examined).state is state


@dataclass(frozen=True)
class Vendor:
    """A provider that is paid for, and answers with a plan, or does not."""

    inner: Provider
    answer: str = "light"

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def subscription(self) -> Subscription:
        return Subscription("light", "the variable KEY", "it ends one day")

    def discover(self, now: datetime) -> Discovery:
        if not self.answer:
            raise DataError("no answer")
        return Discovery({"plan": self.answer})


def with_vendor(examined: Examined, answer: str = "light", *, online: bool) -> Examined:
    settings = replace(
        examined.desk.settings,
        provider=Vendor(examined.desk.provider, answer),  # type: ignore[arg-type]
        declared_provider={"use": "vendor", "plan": "light"},
    )
    return replace(
        examined, opened=replace(examined.desk, settings=settings), settings=settings, online=online
    )


def test_plan_and_key_are_told_without_asking_anybody(examined: Examined) -> None:
    plan, note = look(market_data.examine_subscription, with_vendor(examined, online=False))
    assert (plan.state, plan.what) == (State.OK, "plan light, key from the variable KEY")
    assert (note.state, note.what) == (State.NOTE, "it ends one day")
    (asked,) = look(market_data.examine_online, with_vendor(examined, "", online=False))
    assert (asked.state, asked.what) == (State.NOTE, "not asked")


@pytest.mark.parametrize(
    ("answer", "state", "status"),
    [
        ("light", State.OK, ExitStatus.DEGRADED),
        ("free", State.FAIL, ExitStatus.PARAMS),
        ("", State.FAIL, ExitStatus.DATA),
    ],
)
def test_online_the_vendor_is_asked(
    examined: Examined, answer: str, state: State, status: ExitStatus
) -> None:
    check = one(market_data.examine_online, with_vendor(examined, answer, online=True))
    assert (check.state, check.exit) == (state, status)


def test_a_simulated_market_needs_neither(examined: Examined) -> None:
    assert one(market_data.examine_subscription, examined).state is State.OK
    assert look(market_data.examine_online, examined) == ()


def test_jquants_subscribes_and_says_where_its_key_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    provider = JQuants(plan="free")
    assert isinstance(provider, Subscribes)
    monkeypatch.setenv("JQUANTS_API_KEY", "abcdef-123456")
    found = provider.subscription()
    assert (found.plan, found.key_from) == ("free", "JQUANTS_API_KEY")
    assert "after a year" in found.note
    monkeypatch.setenv("JQUANTS_API_KEY", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("jstock_core.data.providers.jquants.keys.ask_keyring", lambda _: ("", "none"))
    with pytest.raises(ParamsError, match="no J-Quants API key"):
        provider.subscription()
