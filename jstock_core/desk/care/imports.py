"""Bringing market data in: from a folder of files, or from the provider; and what is there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jstock_core.base.clock import make_clock
from jstock_core.base.errors import UsageError
from jstock_core.base.progress import Say, silent
from jstock_core.data.checks.checks import check
from jstock_core.data.providers.files import Files
from jstock_core.data.store.store import Store, Updated
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.desk.workspace.fetched import write_fetched
from jstock_core.desk.workspace.lock import hold
from jstock_core.desk.workspace.settings import read_settings
from jstock_core.desk.workspace.workspace import MARK, Workspace, create_workspace, find_workspace


def import_folder(folder: str, workspace: str, *, now: str = "", say: Say = silent) -> Updated:
    """Import J-Quants-V2-shaped files into a workspace, making it where there is none.

    A new workspace monitors every stock that has bars. Repeating an import adds nothing.

    Raises:
        UsageError: no such folder, or the workspace is a simulated one. DataError: the files are not fit.

    """
    source = Path(folder).expanduser()
    if not source.is_dir():
        raise UsageError(f"{folder} is no folder", do="name a folder with bars_daily.parquet or .csv in it")
    place = _workspace(workspace)
    clock = make_clock(now)
    with hold(place.lock, f"an import from {source.name}"):
        say(f"read {source}")
        updated = Store(place.data).update(Files(source), clock(), whole=True, progress=say)
        write_fetched(place.fetched, clock())
        _monitor_all(place)
    return updated


def _workspace(named: str) -> Workspace:
    if named and not (Path(named).expanduser() / MARK).exists():
        return create_workspace(Path(named), "files")
    place = find_workspace(named)
    provider = read_settings(place.desk_yaml).provider
    if provider.capabilities.fetches:
        raise UsageError(
            f'the desk {place.root.name} fetches from "{provider.id}": imported data is not mixed with it',
            where=str(place.desk_yaml),
            do="import into another folder: `jstock data import FOLDER --workspace DIR`",
        )
    return place


def _monitor_all(place: Workspace) -> None:
    """A monitor list of every stock with bars, where the workspace has none yet."""
    path = place.data / "monitor_list.json"
    if path.exists():
        return
    from jstock_core.data.store.load import load

    listings = load(Store(place.data)).listings
    tickers = [{"code": listing.code, "name": listing.name} for listing in listings]
    path.write_text(json.dumps({"tickers": tickers}, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def fetch_now(workspace: str, *, now: str = "", say: Say = silent) -> str:
    """Fetch what became public; the newest session stored, as ISO."""
    desk = open_desk(workspace, now=now)
    with desk.hold("a fetch"):
        desk.fetch(desk.next_trade_date, say)
    newest = desk.store.read().last("bars")
    return str(newest or "none: import them with `jstock data import FOLDER`")


def store_status(workspace: str, *, now: str = "") -> dict[str, Any]:
    """What the store holds and what the checks say, as plain JSON."""
    desk = open_desk(workspace, now=now)
    contents = desk.store.read()
    data = {
        name: {
            "last": str(contents.last(name) or ""),
            "rows": sum(f.entry.rows for f in contents.of(name)),
            "sha256": digest,
        }
        for name, digest in contents.snapshot().items()
    }
    findings: list[dict[str, Any]] = []
    newest = contents.last("bars")
    if newest is not None:
        findings = [_plain(finding) for finding in check(desk.panel(), through=newest)]
    manifest = contents.manifest
    return {
        "provider": manifest.provider or "nothing stored",
        "simulated": manifest.simulated,
        "data": data,
        "findings": findings,
    }


def _plain(finding: Any) -> dict[str, Any]:
    return {key: str(item) if key == "session" and item else item for key, item in vars(finding).items()}
