"""Providers by name: jstock's own and those of other packages, with typed settings and capabilities."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, EntryPoints
from typing import Any, ClassVar

import pytest
from pydantic import Field

from jstock_core.base import choice
from jstock_core.base.errors import ExitStatus, ParamsError, UsageError
from jstock_core.base.params import declare
from jstock_core.cli import run
from jstock_core.data.providers.files import ImportedFiles
from jstock_core.data.providers.protocol import Capabilities
from jstock_core.data.providers.registry import PROVIDERS, capabilities_of, make_provider
from jstock_core.data.providers.simulated.provider import Simulated
from tests.data.rows import NOW

WHERE = "params/desk.yaml, provider"


@declare
class Vendor:
    """A provider of another package."""

    plan: str
    retries: int = Field(default=3, ge=0)
    capabilities: ClassVar[Capabilities] = Capabilities(live=True, fetches=True)

    @property
    def id(self) -> str:
        return f"vendor-{self.plan}"

    def fetch(self, dataset: str, after: Any, now: Any) -> Any:
        raise NotImplementedError


@dataclass(frozen=True)
class Undeclared:
    """Its settings would not be checked."""

    capabilities: ClassVar[Capabilities] = Capabilities(live=True, fetches=True)


@declare
class Incapable:
    """It does not say what it can do."""


Offer = Callable[..., None]


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch) -> Offer:
    """Offer classes of this module as providers, as an installed package would."""

    def offered(**classes: str) -> None:
        points = EntryPoints(
            EntryPoint(name, f"{__name__}:{value}", PROVIDERS.group) for name, value in classes.items()
        )
        monkeypatch.setattr(choice, "entry_points", points.select)

    return offered


def test_each_provider_says_what_it_can_do():
    simulated, files = Simulated.capabilities, ImportedFiles.capabilities
    assert simulated == Capabilities(
        live=True, fetches=True, simulated=True, seeds_history=True, reproducible=True
    )
    assert files == Capabilities(
        live=True, fetches=False, simulated=False, seeds_history=False, reproducible=False
    )


def test_settings_are_the_fields_of_the_provider():
    assert make_provider({"use": "simulated"}, where=WHERE) == Simulated(seed=7)
    assert make_provider({"use": "simulated", "seed": 8}, where=WHERE).id == "simulated-1-8"
    assert make_provider({"use": "files"}, where=WHERE) == ImportedFiles()


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"use": "simulatd"}, 'unknown provider "simulatd"; did you mean "simulated"?'),
        ({"use": 5}, 'cannot read "use": expected a name, got 5'),
        ({"seed": 5}, 'cannot read "use": expected a name, got nothing'),
        ({"use": "simulated", "sead": 5}, 'sead: unknown key; did you mean "seed"?'),
        ({"use": "simulated", "seed": "5"}, "seed: "),
        ({"use": "simulated", "seed": -1}, "seed: "),
        ({"use": "simulated", "capabilities": None}, "capabilities: unknown key"),
        ({"use": "files", "seed": 7}, "seed: unknown key"),
    ],
)
def test_a_mistake_is_an_error_that_names_key_and_place(declared, message):
    with pytest.raises(ParamsError) as caught:
        make_provider(declared, where=WHERE)
    assert message in caught.value.what
    assert caught.value.where == WHERE


def test_a_provider_of_another_package_is_found_by_its_entry_point(offer):
    offer(vendor="Vendor")
    assert make_provider({"use": "vendor", "plan": "light"}, where=WHERE) == Vendor(plan="light")
    assert PROVIDERS.names() == ("simulated", "files", "jquants", "vendor")
    with pytest.raises(ParamsError, match='did you mean "vendor"'):
        make_provider({"use": "vendr"}, where=WHERE)
    with pytest.raises(ParamsError, match="plan: required, but missing"):
        make_provider({"use": "vendor"}, where=WHERE)


def test_no_package_takes_the_name_of_a_provider_of_jstock(offer):
    offer(simulated="Vendor")
    assert make_provider({"use": "simulated"}, where=WHERE) == Simulated(seed=7)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("Missing", "cannot be loaded: AttributeError"),
        ("Undeclared", "is not a class made with `declare`"),
        ("Incapable", "is not a class made with `declare` that has `capabilities`"),
        ("WHERE", "is not a class made with `declare`"),
    ],
)
def test_an_entry_point_that_is_no_provider_is_named(offer, value, message):
    offer(vendor=value)
    with pytest.raises(ParamsError, match=message) as caught:
        make_provider({"use": "vendor"}, where=WHERE)
    assert "jstock.providers" in caught.value.where


def test_one_name_from_two_packages_is_refused(monkeypatch):
    points = EntryPoints(EntryPoint("vendor", f"{name}:Vendor", PROVIDERS.group) for name in ("one", "two"))
    monkeypatch.setattr(choice, "entry_points", points.select)
    with pytest.raises(ParamsError, match='2 packages offer a provider "vendor": one:Vendor, two:Vendor'):
        make_provider({"use": "vendor"}, where=WHERE)


def test_imported_files_cannot_be_fetched():
    with pytest.raises(UsageError, match="bars cannot be fetched"):
        ImportedFiles().fetch("bars", None, NOW)


def test_what_a_provider_can_do_is_known_before_its_settings(offer):
    offer(vendor="Vendor")
    assert capabilities_of({"use": "vendor"}, where=WHERE) == Vendor.capabilities
    assert not capabilities_of({"use": "jquants", "plan": "free"}, where=WHERE).live
    with pytest.raises(ParamsError, match="plan: required, but missing"):
        capabilities_of({"use": "jquants"}, where=WHERE)


def test_a_desk_on_a_provider_with_settings_to_come_can_be_made(offer, tmp_path, capsys):
    offer(vendor="Vendor")
    assert run(["init", str(tmp_path / "desk"), "--provider", "vendor"]) == ExitStatus.OK
    assert "list the codes to watch" in capsys.readouterr().out
