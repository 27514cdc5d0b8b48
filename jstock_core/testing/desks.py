"""A desk in a folder, in one call: on the simulated market, on a made-up one, or on files."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from jstock_core.base.errors import UsageError
from jstock_core.desk.care.imports import import_folder
from jstock_core.desk.day.day import run_day
from jstock_core.desk.settings.edit import edit_yaml
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.desk.workspace.workspace import Workspace, create_workspace
from jstock_core.market.calendar import tse
from jstock_core.market.panel import Panel
from jstock_core.testing.files import write_market

MORNING = "2026-01-21T07:00"
"""Decision time of a Wednesday: the clock of a desk that names no other."""

SEED = 7
"""The simulated market that new desks are on."""

Ready = Literal["new", "fetched", "run"]
Changes = Mapping[str, Mapping[str, Any]]


def desk(
    folder: str | Path,
    *,
    now: str = "",
    ready: Ready = "run",
    history_sessions: int = 20,
    groups: Changes | None = None,
    changes: Changes | None = None,
    market: Panel | str | Path | None = None,
) -> Desk:
    """Make a desk in a new folder and open it.

    Args:
        folder: Where to make it.
        now: The time its clock stands at, in JST: by default `MORNING`, or the morning after the last session
            of `market`.
        ready: How far it is: "new" (parameters only), "fetched" (with market data too), "run" (and after its
            first morning).
        history_sessions: Sessions of history that its first morning gives it.
        groups: Strategy groups by id, in the shape of a group file; by default those that ship with jstock.
        changes: Parameters to change, by file ("desk", or a group's id) and key: `{"desk": {"margin": True},
            "conservative": {"entry.buy_threshold": 55}}`.
        market: None for the simulated market, a panel, or a folder of files in the shape of J-Quants V2.

    Raises:
        UsageError: the folder is a workspace already, or `market` is a folder and no time is given.
        ParamsError: a parameter is unknown or out of range.

    """
    place = _new(Path(folder), market)
    at = now or _morning_after(market)
    _write_groups(place, groups or {})
    for name, values in ({"desk": {"history_sessions": history_sessions}} | dict(changes or {})).items():
        _change(place.desk_yaml if name == "desk" else place.groups / f"{name}.yaml", values)
    if ready == "new":
        return open_desk(place.root, now=at)
    _fill(place, at, market)
    made = open_desk(place.root, now=at)
    if ready == "run":
        run_day(made, made.next_trade_date)
    return made


def copy_desk(made: Desk | str | Path, folder: str | Path, *, now: str = "") -> Desk:
    """Copy a desk into a new folder and open the copy, by default at the same time: cheaper than to make one.

    A test that changes a desk shared by others works on a copy. What was tried on the other desk is no trial
    of the copy.
    """
    root = made.workspace.root if isinstance(made, Desk) else Path(made)
    at = now or (made.fixed_now if isinstance(made, Desk) else MORNING)
    tried = shutil.ignore_patterns("trials.sqlite*")
    return open_desk(shutil.copytree(root, folder, symlinks=True, ignore=tried), now=at)


def _new(folder: Path, market: Panel | str | Path | None) -> Workspace:
    return create_workspace(folder, "simulated" if market is None else "files")


def _morning_after(market: Panel | str | Path | None) -> str:
    if market is None:
        return MORNING
    if isinstance(market, Panel):
        return f"{tse().next(market.dates[-1])}T07:00"
    raise UsageError("a desk on files needs a time", do='give it as now="2025-12-01T07:00"')


def _fill(place: Workspace, now: str, market: Panel | str | Path | None) -> None:
    """Give the desk the market data that are public."""
    if market is None:
        seed = open_desk(place.root, now=now).settings.declared_provider["seed"]
        shutil.copytree(simulated_data(now, int(seed)), place.data, dirs_exist_ok=True)
    elif isinstance(market, Panel):
        with tempfile.TemporaryDirectory() as files:
            import_folder(open_desk(place.root, now=now), str(write_market(market, files)))
    else:
        import_folder(open_desk(place.root, now=now), str(market))


@cache
def simulated_data(now: str, seed: int) -> Path:
    """The simulated market as it is stored at a time: made once a process, and copied into each desk."""
    folder = Path(tempfile.mkdtemp(prefix="jstock-testing-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    place = create_workspace(folder, "simulated")
    _change(place.desk_yaml, {"provider.seed": seed})
    made = open_desk(folder, now=now)
    made.fetch(made.next_trade_date)
    made.panel()  # so that copies have the arrays too
    (place.data / "monitor_list.json").unlink()
    return place.data


def _write_groups(place: Workspace, groups: Changes) -> None:
    """Replace the groups that ship with jstock; JSON is YAML."""
    if not groups:
        return
    for path in place.groups.glob("*.yaml"):
        path.unlink()
    for name, declared in groups.items():
        text = json.dumps(declared, ensure_ascii=False, indent=2, default=dict)
        (place.groups / f"{name}.yaml").write_text(text, encoding="utf-8")


def _change(path: Path, values: Mapping[str, Any]) -> None:
    """Change keys of a YAML file, inner ones by dotted names, and leave its comments as they are."""

    def change(content: Any) -> None:
        for key, value in values.items():
            *outer, last = key.split(".")
            place = content
            for name in outer:
                place = place[name]
            place[last] = value

    edit_yaml(path, change)
