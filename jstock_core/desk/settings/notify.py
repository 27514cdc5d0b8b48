"""`notify` in `params/desk.yaml`: who hears of what, and by which way."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from jstock_core.base.params import declare


@declare
class NotifySettings:
    """`ways` are the declarations of notifiers by name, each `{use: ...}` with the keys of its kind."""

    ways: dict[str, dict[str, Any]] = Field(default_factory=dict)
