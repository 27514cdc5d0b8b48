"""Alerts about records of promotions that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator

from jstock_core.base.alerts import Alert, Severity
from jstock_core.desk.workspace.kept.promotions import damaged_promotions
from jstock_core.desk.workspace.workspace import Workspace


def find_damaged_promotions(workspace: Workspace) -> Iterator[Alert]:
    """A warning for each: what it promoted is missing in the report, or an older promotion stands for it."""
    for path in damaged_promotions(workspace):
        place = path.relative_to(workspace.root).as_posix()
        yield Alert(
            "promotion_record",
            Severity.WARNING,
            "desk",
            f"The record of a promotion, {place}, cannot be read: the report does not know what it promoted",
            "put it back from a backup or version control, or move it out of the folder",
        )
