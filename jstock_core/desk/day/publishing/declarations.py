"""What a desk declares: its parameters, and the sources of its plug-ins, as a run's manifest keeps them."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from jstock_core.base.plain import plain_json
from jstock_core.desk.workspace.desk import Desk

_PROVIDER = "provider"
_BESIDE = ("notify", "schedule")
"""Sections that no decision and no page depends on; addresses of people are not published either."""


def desk_declarations(desk: Desk) -> dict[str, Any]:
    """The parameters of the desk and its groups as they stand, in plain JSON.

    `settings` are the keys of `params/desk.yaml` but the provider and what stands beside the morning; of the
    monitored codes there are their number and a hash.
    """
    declared = desk.settings.declared
    codes = json.dumps(sorted(desk.monitored)).encode()
    found: dict[str, Any] = plain_json(
        {
            _PROVIDER: dict(desk.settings.declared_provider),
            "settings": {key: value for key, value in declared.items() if key not in (_PROVIDER, *_BESIDE)},
            "groups": {group.id: dict(group.declared) for group in desk.groups},
            "monitored": {"codes": len(desk.monitored), "sha256": sha256(codes).hexdigest()},
        }
    )
    return found
