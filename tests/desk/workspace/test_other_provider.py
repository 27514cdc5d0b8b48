"""A desk on the provider of another package: its capabilities decide, not its name."""

from __future__ import annotations

import os
from datetime import date
from importlib.metadata import EntryPoint, EntryPoints
from typing import Any, ClassVar

import pytest

from jstock_core.base import choice
from jstock_core.base.errors import ExitStatus, ParamsError
from jstock_core.base.params import declare
from jstock_core.cli import run as jstock
from jstock_core.data.providers.protocol import Capabilities
from jstock_core.data.providers.registry import PROVIDERS
from jstock_core.data.providers.simulated.provider import Simulated
from jstock_core.desk.day.day import run_day
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.desk.workspace.workspace import create_workspace
from jstock_core.state.facts.events import Decided
from tests.desk.days import MORNING, T, edited, journaled


@declare
class Mirror:
    """The rows of the simulated market, under an id of its own and as if they were real."""

    seed: int = 7
    capabilities: ClassVar[Capabilities] = Capabilities(live=True, fetches=True)

    @property
    def id(self) -> str:
        return f"mirror-{self.seed}"

    def fetch(self, dataset: str, after: date | None, now: Any) -> Any:
        return Simulated(seed=self.seed).fetch(dataset, after, now)


@pytest.fixture
def mirrored(tmp_path, monkeypatch):
    """A new workspace whose provider comes from another package."""
    points = EntryPoints([EntryPoint("mirror", f"{__name__}:Mirror", PROVIDERS.group)])
    monkeypatch.setattr(choice, "entry_points", points.select)
    root = create_workspace(tmp_path / "desk", "simulated").root
    edited(root, "params/desk.yaml", "{use: simulated, seed: 7}", "{use: mirror, seed: 7}")
    return root


def test_a_day_runs_on_it(mirrored):
    """It fetches; it seeds no history, so the first morning is the only one."""
    desk = open_desk(mirrored, now=MORNING)
    done = run_day(desk)
    assert {event.session for event in done.events if isinstance(event, Decided)} == {T}
    assert journaled(mirrored) == done.events
    panel = desk.panel()
    assert (panel.source.provider, panel.source.simulated) == ("mirror-7", False)


def test_it_is_live(mirrored):
    """The clock decides what may be traded: after the open, orders are late and not issued."""
    desk = open_desk(mirrored, now=f"{T}T09:01")
    assert desk.next_trade_date == T
    assert run_day(desk).conditions.late


def test_its_settings_are_checked(mirrored):
    edited(mirrored, "params/desk.yaml", "{use: mirror, seed: 7}", "{use: mirror, sead: 7}")
    with pytest.raises(ParamsError, match='sead: unknown key; did you mean "seed"'):
        open_desk(mirrored, now=MORNING)


@declare
class TiredMirror(Mirror):
    """Ends the process, prints or raises where it is asked for rows."""

    how: ClassVar[str] = ""

    def fetch(self, dataset: str, after: date | None, now: Any) -> Any:
        match self.how:
            case "exit":
                os._exit(0)
            case "print":
                print("fetching ...")  # noqa: T201
            case "raise":
                raise TimeoutError("no answer")
        return super().fetch(dataset, after, now)


@pytest.mark.parametrize(
    ("how", "status", "said"),
    [
        ("exit", ExitStatus.PARAMS, 'the provider "mirror-7" ends the process (SystemExit: 0)'),
        ("print", ExitStatus.PARAMS, "the provider \"mirror-7\" prints 'fetching ...'"),
        ("raise", ExitStatus.DATA, 'the provider "mirror-7" cannot fetch master: TimeoutError: no answer'),
    ],
)
def test_one_that_ends_the_process_prints_or_raises_is_named(mirrored, monkeypatch, capfd, how, status, said):
    points = EntryPoints([EntryPoint("mirror", f"{__name__}:TiredMirror", PROVIDERS.group)])
    monkeypatch.setattr(choice, "entry_points", points.select)
    monkeypatch.setattr(TiredMirror, "how", how)
    assert jstock(["data", "fetch", "--json", "-w", str(mirrored), "--now", MORNING]) == status
    shown = capfd.readouterr()
    assert shown.out == ""
    assert said in " ".join(shown.err.split())
