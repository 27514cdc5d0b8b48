"""The providers that `params/desk.yaml` can name: those of jstock, and those of third parties.

A package adds its own with an entry point in the group `jstock.providers`, whose name is the provider's and
whose value is its class (see `protocol.Provider`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import EntryPoint, entry_points
from typing import Any, cast

from pydantic.dataclasses import is_pydantic_dataclass

from jstock_core.base.contain import call_plugin
from jstock_core.base.errors import ParamsError, error_reason
from jstock_core.base.params import build, did_you_mean
from jstock_core.data.providers import files
from jstock_core.data.providers.files import ImportedFiles
from jstock_core.data.providers.jquants import provider as jquants
from jstock_core.data.providers.jquants.provider import JQuants
from jstock_core.data.providers.protocol import NOTHING_FOUND, Capabilities, Discovers, Discovery, Provider
from jstock_core.data.providers.simulated.provider import Simulated

GROUP = "jstock.providers"
BUILT_IN: Mapping[str, type[Provider]] = {
    "simulated": Simulated,
    files.NAME: ImportedFiles,
    jquants.NAME: JQuants,
}


def make_provider(declared: Mapping[str, Any], *, where: str) -> Provider:
    """The provider that `use` names, with the other keys as its settings.

    Raises:
        ParamsError: no such provider, or a setting is unknown, of the wrong type or out of range.
        PlugInError: the provider ended the process, or printed.

    """
    settings = dict(declared)
    name = settings.pop("use", None)
    if not isinstance(name, str):
        got = "nothing" if name is None else repr(name)
        raise ParamsError(f'cannot read "use": expected a name, got {got}', where=where, do=_choice())
    made = build(provider_class(name, where=where), settings, where=where)
    call_plugin(f'the provider "{name}"', lambda: made.id)
    return made


def provider_class(name: str, *, where: str) -> type[Provider]:
    """The class of a provider. Entry points are read only for a name that is not jstock's own.

    Raises:
        ParamsError: no provider has that name, several packages offer it, or it cannot be loaded.

    """
    if name in BUILT_IN:
        return BUILT_IN[name]
    found = tuple(entry_points(group=GROUP, name=name))
    if not found:
        known = provider_names()
        raise ParamsError(
            f'use: unknown provider "{name}"{did_you_mean(name, known)}', where=where, do=_choice()
        )
    if len(found) > 1:
        values = ", ".join(point.value for point in found)
        raise ParamsError(f'{len(found)} packages offer a provider "{name}": {values}', where=where)
    return _load(found[0])


def capabilities_of(declared: Mapping[str, Any], *, where: str) -> Capabilities:
    """What a provider can do: by its class where it says so there, whatever settings are still to come.

    Raises:
        ParamsError: as `provider_class`, or as `make_provider` where it depends on settings.

    """
    given: object = provider_class(declared["use"], where=where).capabilities
    return given if isinstance(given, Capabilities) else make_provider(declared, where=where).capabilities


def discover_settings(name: str, now: datetime, *, where: str) -> Discovery:
    """What a provider finds out by itself for a new desk; nothing for one that does not.

    Raises:
        ParamsError: as `provider_class`, or the key to a source is missing.
        DataError: the source gave no sound answer.

    """
    kind = provider_class(name, where=where)
    return kind.discover(now) if isinstance(kind, Discovers) else NOTHING_FOUND


def provider_names() -> tuple[str, ...]:
    """Every name that `use` may have."""
    return tuple(dict.fromkeys((*BUILT_IN, *(point.name for point in entry_points(group=GROUP)))))


def _choice() -> str:
    return f"give one of {', '.join(provider_names())}"


def _load(point: EntryPoint) -> type[Provider]:
    where = f"{point.value}, entry-point group {GROUP}"
    do = "repair or uninstall the package, or choose another provider"
    try:
        found = call_plugin("it", point.load)
    # A third party's module may raise anything; the error says which one it is.
    except Exception as error:
        what = f'the provider "{point.name}" cannot be loaded: {error_reason(error)}'
        raise ParamsError(what, where=where, do=do) from error
    capabilities = getattr(found, "capabilities", None)
    if not (
        isinstance(found, type)
        and is_pydantic_dataclass(found)
        and isinstance(capabilities, Capabilities | property)
    ):
        what = f'the provider "{point.name}" is not a class made with `declare` that has `capabilities`'
        raise ParamsError(what, where=where, do=do)
    return cast("type[Provider]", found)
