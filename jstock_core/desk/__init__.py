"""Floor 5: the workspace and its day.

Opens `params/`, `data/` and `runs/`, holds the clock and the lock, and runs a morning: gate, fetch, checks,
settle, decide, journal. Effects live here; what is decided is decided below.
"""

from jstock_core.desk.day import Day, run_day
from jstock_core.desk.desk import Desk, open_desk
from jstock_core.desk.workspace import Workspace, create_workspace, find_workspace

__all__ = ["Day", "Desk", "Workspace", "create_workspace", "find_workspace", "open_desk", "run_day"]
