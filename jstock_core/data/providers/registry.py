"""The providers that `params/desk.yaml` can name: those of jstock, and those of third parties.

A package adds its own with an entry point in the group `jstock.providers`, whose name is the provider's and
whose value is its class (see `protocol.Provider`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jstock_core.base.choice import Choice
from jstock_core.base.contain import call_plugin
from jstock_core.data.providers.protocol import NOTHING_FOUND, Capabilities, Discovers, Discovery, Provider


def _is_provider(found: type) -> bool:
    return isinstance(getattr(found, "capabilities", None), Capabilities | property)


PROVIDERS: Choice[Provider] = Choice(
    called="provider",
    group="jstock.providers",
    built_in={
        "simulated": "jstock_core.data.providers.simulated.provider:Simulated",
        "files": "jstock_core.data.providers.files:ImportedFiles",
        "jquants": "jstock_core.data.providers.jquants.provider:JQuants",
    },
    fits=_is_provider,
    must="has `capabilities`",
)


def make_provider(declared: Mapping[str, Any], *, where: str) -> Provider:
    """The provider that `use` names, with the other keys as its settings.

    Raises:
        ParamsError: no such provider, or a setting is unknown, of the wrong type or out of range.
        PlugInError: the provider ended the process, or printed.

    """
    made = PROVIDERS.make(declared, where=where)
    call_plugin(f'the provider "{declared["use"]}"', lambda: made.id)
    return made


def capabilities_of(declared: Mapping[str, Any], *, where: str) -> Capabilities:
    """What a provider can do: by its class where it says so there, whatever settings are still to come.

    Raises:
        ParamsError: as `Choice.find`, or as `make_provider` where it depends on settings.

    """
    given: object = PROVIDERS.find(declared["use"], where=where).capabilities
    return given if isinstance(given, Capabilities) else make_provider(declared, where=where).capabilities


def discover_settings(name: str, now: datetime, *, where: str) -> Discovery:
    """What a provider finds out by itself for a new desk; nothing for one that does not.

    Raises:
        ParamsError: as `Choice.find`, or the key to a source is missing.
        DataError: the source gave no sound answer.

    """
    kind = PROVIDERS.find(name, where=where)
    return kind.discover(now) if isinstance(kind, Discovers) else NOTHING_FOUND
