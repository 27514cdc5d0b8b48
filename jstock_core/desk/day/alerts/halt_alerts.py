"""What a person must know of halts: shown with everything that the desk shows until they end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jstock_core.base.alerts import HALTED, Alert, Severity
from jstock_core.base.plain import plain_json
from jstock_core.state.book.book import Halt


def halt_alerts(halts: Mapping[str, Halt]) -> Iterator[Alert]:
    """An alert for each halt in force, that of all groups first."""
    for scope, halt in sorted(halts.items()):
        since = halt.at.replace("T", " ")
        if scope:
            text = f"{scope}: halted since {since}, nothing is bought and sells go on: {halt.reason}"
            remedy = f"`jstock resume --group {scope} --reason TEXT` ends it"
        else:
            text = f"Halted since {since}, nothing is bought and sells go on: {halt.reason}"
            remedy = "`jstock resume --reason TEXT` ends it"
        yield Alert(HALTED, Severity.ALERT, scope or "desk", text, remedy)


def halts_json(halts: Mapping[str, Halt]) -> list[dict[str, Any]]:
    """Halts in force as plain JSON, that of all groups ("") first."""
    return [{"group": scope, **plain_json(halt._asdict())} for scope, halt in sorted(halts.items())]
