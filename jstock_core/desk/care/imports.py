"""Market data of a desk: imported from a folder of files, fetched from the provider, and what is stored."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jstock_core.base.durable import make_private_folder, write_atomically
from jstock_core.base.errors import UsageError
from jstock_core.base.progress import Say, silent
from jstock_core.data.checks.absent import AbsentData, find_absent
from jstock_core.data.checks.checks import check_panel
from jstock_core.data.checks.findings import Finding
from jstock_core.data.checks.readiness import Readiness, check_readiness
from jstock_core.data.checks.whole import TOPIX
from jstock_core.data.providers.protocol import Imports
from jstock_core.data.store.load import load_panel
from jstock_core.desk.workspace.dates import parse_date
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.kept.confirmed import (
    ConfirmedBar,
    read_confirmed,
    stored_prices,
    write_confirmed,
)
from jstock_core.market.bars.faults import CONTRADICTIONS, untrusted_bars
from jstock_core.market.bars.gaps import impossible_levels
from jstock_core.market.codes import parse_code, to_jquants
from jstock_core.market.known_splits import correct_recorded, recorded_split
from jstock_core.market.panel import Panel
from jstock_core.market.publication import minute_of


@dataclass(frozen=True)
class DataImport:
    """An import: rows added by data set, rows revised, the newest session with bars, and the workspace.

    `left_out` are the codes whose bars wait for a row in master: nothing else sees them.
    `lacking` is the last session where its bars are still to come before a live desk can decide.
    `passed_over` are the files that were not read, and why; `adjusted` those that say that their prices are
    adjusted for splits.
    """

    rows: Mapping[str, int]
    revised: Mapping[str, int]
    through: date | None
    workspace: Path
    left_out: tuple[str, ...] = ()
    lacking: date | None = None
    passed_over: Mapping[str, str] = field(default_factory=dict)
    adjusted: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "rows": dict(self.rows),
            "revised": dict(self.revised),
            "through": _iso(self.through),
            "workspace": str(self.workspace),
            "left_out": list(self.left_out),
            "lacking": _iso(self.lacking),
            "passed_over": dict(self.passed_over),
            "adjusted": list(self.adjusted),
        }


@dataclass(frozen=True)
class DataFetch:
    """A fetch: the newest session with bars afterwards; None where nothing is stored."""

    through: date | None

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"through": _iso(self.through)}


@dataclass(frozen=True)
class StoredDataSet:
    """A data set of the store: its newest date, how many rows, and the hash of its files."""

    last: date | None
    rows: int
    sha256: str


@dataclass(frozen=True)
class StoreStatus:
    """What a store holds, what must be there at `at` (JST), what the checks found, and what is absent.

    `provider` is "" where nothing is stored yet, `fetched_at` None where nothing was fetched or imported.
    """

    provider: str
    simulated: bool
    data: Mapping[str, StoredDataSet]
    findings: tuple[Finding, ...]
    at: datetime
    fetched_at: datetime | None
    readiness: tuple[Readiness, ...] = ()
    absent: tuple[AbsentData, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "provider": self.provider or "nothing stored",
            "simulated": self.simulated,
            "data": {
                name: asdict(each) | {"last": _iso(each.last) or ""} for name, each in self.data.items()
            },
            "at": f"{self.at:%Y-%m-%dT%H:%M}",
            "fetched_at": f"{self.fetched_at:%Y-%m-%dT%H:%M}" if self.fetched_at else None,
            "readiness": [each.as_json() for each in self.readiness],
            "findings": [asdict(each) | {"session": _iso(each.session)} for each in self.findings],
            "absent": [asdict(each) for each in self.absent],
        }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def import_folder(desk: Desk, folder: str, say: Say = silent, *, code: str = "") -> DataImport:
    """Import a folder of files, or one file. Repeating an import adds nothing.

    `code` is the stock of a file that does not say it. All files are read before anything is stored.
    A desk without a monitor list then monitors every stock that has bars.

    Bars of a stock that master does not list are stored, and left out until its row is imported.

    Raises:
        UsageError: no such folder, or the desk's data is fetched. DataError: the files are not fit, or what
            is stored then cannot be loaded.

    """
    source = Path(folder).expanduser()
    if not source.exists():
        raise UsageError(f"{folder} does not exist", do="name a folder with files of bars, or one file")
    stock = to_jquants(parse_code(code)) if code else ""
    root, provider = desk.workspace.root, desk.provider
    if not isinstance(provider, Imports):
        raise UsageError(
            f'the desk {root.name} fetches from "{provider.id}": imported data is not mixed with it',
            where=str(desk.workspace.desk_yaml),
            do="import into another folder: `jstock data import FOLDER --workspace DIR`",
        )
    with desk.hold(f"an import from {source.name}"):
        say(f"read {source}")
        delivered = provider.read_files(source, stock)
        update = desk.store.update(delivered, desk.clock(), whole=True, progress=say)
        desk.record_fetch(desk.now())
        panel = load_panel(desk.store)
        _monitor_all(desk, panel)
    return DataImport(
        update.rows,
        update.revised,
        update.through,
        root,
        left_out=panel.left_out,
        lacking=desk.stale_since,
        passed_over=delivered.passed_over,
        adjusted=delivered.adjusted,
    )


def _monitor_all(desk: Desk, panel: Panel) -> None:
    """Write a monitor list of every stock with bars, where the desk has none yet."""
    path = desk.workspace.inside(desk.settings.monitor_list)
    if os.path.lexists(path):
        return
    tickers = [{"code": each.code, "name": each.name} for each in panel.listings]
    text = json.dumps({"tickers": tickers}, ensure_ascii=False, indent=2) + "\n"
    make_private_folder(path.parent)
    write_atomically(path, text.encode())


def fetch_now(desk: Desk, say: Say = silent) -> DataFetch:
    """Fetch what became public since the last fetch, however short ago; nothing where data is imported.

    Raises:
        DataError: what comes is not fit, or contradicts the store.

    """
    with desk.hold("a fetch"):
        desk.fetch(desk.next_trade_date, say, anew=True)
    return DataFetch(desk.store.read().last("bars"))


def confirm_bar(desk: Desk, code: str, session: str, reason: str = "") -> ConfirmedBar:
    """Confirm that an unusual bar is what was traded: it blocks its stock no more. Of TOPIX, its level.

    Repeating it changes nothing.

    Raises:
        UsageError: the store has no such bar, the bar is not unusual, or it contradicts itself.

    """
    day = desk.calendar.session(parse_date(session))
    name = TOPIX if code.upper() == TOPIX else parse_code(code)
    with desk.hold(f"the confirmation of {name}"):
        panel, path = desk.panel(), desk.workspace.confirmed_bars
        prices, before = stored_prices(panel, name, day), read_confirmed(path)
        if not prices:
            raise UsageError(f"the store has no bar of {name} on {day}", do="see `jstock data status`")
        known = (each for each in before if (each.code, each.session, each.prices) == (name, day, prices))
        found = next(known, None)
        if found is not None:
            return found
        _require_unusual(panel, name, day)
        at = desk.now().isoformat(timespec="seconds")
        made = ConfirmedBar(name, day, prices, at, reason)
        others = (each for each in before if (each.code, each.session) != (name, day))
        write_confirmed(path, (*others, made))
    return made


def _require_unusual(panel: Panel, code: str, day: date) -> None:
    """Make sure that there is a doubt to lift, and that a person can lift it.

    Raises:
        UsageError: there is none, or the bar contradicts itself.

    """
    row = panel.row(day)
    if code == TOPIX:
        unusual = row in impossible_levels(panel.topix)
        contradiction = "TOPIX is zero or below" if panel.topix.item(row) <= 0 else ""
    else:
        untrusted, column = untrusted_bars(panel), panel.column[code]
        unusual = bool(untrusted.reason(row, column))
        found = (fault.what for fault in CONTRADICTIONS if untrusted.of(fault).item(row, column))
        contradiction = next(found, "")
    recorded = recorded_split(panel, code, day)
    if recorded is not None:
        fits, do = ("does not fit", correct_recorded(recorded)) if unusual else ("is explained by", "")
        raise UsageError(
            f"{code} on {day} cannot be confirmed: its price {fits} the split of {recorded.text} that was "
            "recorded for that session",
            do=do or "nothing is to be done; a factor of the source takes its place once it comes",
        )
    if contradiction:
        raise UsageError(
            f"{code} on {day} cannot be confirmed: {contradiction}",
            do="correct it at the source and import it again",
        )
    if not unusual:
        raise UsageError(
            f"{code} on {day} is not blocked: its prices are possible", do="nothing is to be done"
        )


def store_status(desk: Desk) -> StoreStatus:
    """What the store holds, what of it is late, and what the checks find in it.

    Raises:
        DataError: a file is missing or damaged. ParamsError: a monitored code is not in the market data.

    """
    contents = desk.store.read()
    data = {
        name: StoredDataSet(contents.last(name), contents.rows(name), digest)
        for name, digest in contents.snapshot().items()
    }
    newest, now = contents.last("bars"), desk.now()
    about = contents.manifest.provider, contents.manifest.simulated, data
    if newest is None:
        return StoreStatus(*about, (), now, desk.last_fetch())
    panel = desk.panel()
    findings, ready = check_panel(panel, through=newest), check_readiness(panel, minute_of(now))
    return StoreStatus(*about, findings, now, desk.last_fetch(), ready, find_absent(panel))
