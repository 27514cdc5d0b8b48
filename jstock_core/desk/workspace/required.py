"""What functions of the desk are given: an open desk, and no path or lab in its place."""

from __future__ import annotations

from jstock_core.base.arguments import require_kind
from jstock_core.desk.workspace.desk import Desk


def require_desk(desk: object) -> None:
    """Make sure that an argument is an open desk.

    Raises:
        UsageError: it is something else, such as a path.

    """
    require_kind(desk, Desk, "an open desk", "give what `js.open_desk(...)` returns, or the `desk` of a lab")
