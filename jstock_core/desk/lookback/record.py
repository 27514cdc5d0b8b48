"""What a morning was made of and what it decided: from the journal, and from the run that was published."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from jstock_core.base.errors import DataError, UsageError
from jstock_core.base.limits import parse_json, read_file, read_utf8
from jstock_core.decide.signal import HOLD
from jstock_core.desk.day.again.again import first_decisions
from jstock_core.desk.lookback.listing import find_run
from jstock_core.desk.lookback.pruning import deciding_runs
from jstock_core.desk.workspace.desk import Desk
from jstock_core.runs.catalogue.reading import DamagedRun, read_run
from jstock_core.runs.catalogue.summaries import read_all_runs
from jstock_core.runs.manifest import RunManifest
from jstock_core.state.facts.codec import json_value
from jstock_core.state.facts.events import Decided, Event, OrderPlaced

Key = tuple[str, str]
"""A group and a code."""


@dataclass(frozen=True)
class StockOutcome:
    """What a morning wanted of a stock, as "BUY" or "SELL_50%", and the shares of its order, 0 without."""

    signal: str = ""
    shares: int = 0

    @property
    def text(self) -> str:
        """In words: "BUY 300 shares", "BUY, no order", "nothing"."""
        if not self.signal:
            return "nothing"
        return f"{self.signal} {self.shares:,} shares" if self.shares else f"{self.signal}, no order"


NO_OUTCOME = StockOutcome()


@dataclass(frozen=True)
class MorningRecord:
    """A morning: its decisions in the journal where it has any, its run where one is published.

    `parameters` are those of provider, settings, groups and the monitored codes, `code` the versions and
    hashes of what decided, `data` the hash of each data set, `edition` that of the store; each as far as it
    was recorded.
    """

    trade_date: date
    label: str
    run: RunManifest | None
    decided: tuple[Decided, ...]
    outcomes: Mapping[Key, StockOutcome]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    code: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)
    edition: str = ""

    @property
    def groups(self) -> Mapping[str, Any]:
        """The parameters of its groups, by id."""
        found: Mapping[str, Any] = self.parameters.get("groups", {})
        return found


def read_morning(desk: Desk, history: Sequence[Event], which: str) -> MorningRecord:
    """The morning that `which` names: a trade date, or the id of a run.

    Of a trade date that the desk decided it is the decision, before any revision of it; of another one, and
    of a run that only rehearsed, what its files say.

    Raises:
        UsageError: nothing was decided for that date, and no such run is published.
        DataError: its files cannot be read.

    """
    trade_date, run = _find(desk, history, which)
    decided = first_decisions(history, trade_date) if run is None or not run.rehearsal else ()
    if decided:
        outcomes = journaled_outcomes(decided, _orders(history, trade_date))
    elif run is not None:
        outcomes = _outcomes_in_files(desk.workspace.runs / str(trade_date) / run.run_id, trade_date)
    else:
        raise UsageError(f"nothing was decided for {trade_date}", do="see `jstock runs list`")
    origin = json_value(decided[0].provenance) if decided else {}
    return MorningRecord(
        trade_date, which, run, decided, outcomes,
        parameters=_parameters(run, origin),
        code=_code(run, origin),
        data=origin.get("data") or ({} if run is None else {n: d.sha256 for n, d in run.data.items()}),
        edition=str(origin.get("edition", "") if decided else "" if run is None else run.edition),
    )  # fmt: skip


def deciding_run(desk: Desk, trade_date: date) -> RunManifest | None:
    """The run that made the decision of a trade date, else the good one that leads it; None without any."""
    days = (day for day in read_all_runs(desk.workspace.runs).days if day.trade_date == trade_date)
    for day in days:
        for run in (*reversed(deciding_runs(day)), *([day.lead] if day.lead.counts else [])):
            entry = read_run(desk.workspace.runs / run.folder)
            if not isinstance(entry, DamagedRun):
                return entry
    return None


def _find(desk: Desk, history: Sequence[Event], which: str) -> tuple[date, RunManifest | None]:
    """The trade date, and the run that speaks for it; None where the journal alone does."""
    decided = {str(e.session): e.session for e in history if isinstance(e, Decided)}
    if which in decided:
        return decided[which], deciding_run(desk, decided[which])
    day, run = find_run(desk, which)
    entry = read_run(desk.workspace.runs / run.folder)
    if isinstance(entry, DamagedRun):
        raise DataError(entry.reason, where=f"runs/{run.folder}", do="restore the run from a backup")
    return day.trade_date, entry


def journaled_outcomes(decided: Iterable[Decided], orders: Iterable[OrderPlaced]) -> dict[Key, StockOutcome]:
    """What decisions wanted of each stock, and what they ordered; a stock that is held on is left out."""
    shares = {(order.group, order.code): order.shares for order in orders}
    return {
        (each.group, row["code"]): StockOutcome(row["action"], shares.get((each.group, row["code"]), 0))
        for each in decided
        for row in each.signals
        if row["action"] != HOLD
    }


def _orders(history: Sequence[Event], trade_date: date) -> Iterator[OrderPlaced]:
    for event in history:
        if isinstance(event, OrderPlaced) and event.session == trade_date and not event.revision:
            yield event


def _outcomes_in_files(folder: Path, trade_date: date) -> dict[Key, StockOutcome]:
    """What the files for other programs say, `signals_<date>.json` and `orders.csv`."""
    path = folder / f"signals_{trade_date}.json"
    try:
        rows = parse_json(read_file(path))["signals"]
        orders = csv.DictReader(io.StringIO(read_utf8(folder / "orders.csv")))
        shares = {(row["group"], row["code"]): int(row["shares"]) for row in orders}
        return {
            (key := (row["group_id"], row["ticker"])): StockOutcome(row["action"], shares.get(key, 0))
            for row in rows
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"its signals and orders cannot be read: {type(error).__name__}"
        do = "compare runs that have them; a run that failed may have none"
        raise DataError(what, where=f"runs/{folder.parent.name}/{folder.name}", do=do) from None


def _parameters(run: RunManifest | None, origin: Mapping[str, Any]) -> dict[str, Any]:
    declared = dict(run.parameters.get("desk", {})) if run is not None else {}
    return declared | ({"groups": origin["groups"]} if "groups" in origin else {})


def _code(run: RunManifest | None, origin: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"jstock": origin["jstock"]} if "jstock" in origin else {}
    if run is not None:
        found |= {"jstock": run.code.version, "commit": run.code.git_sha, "files": run.code.sha256}
        found |= {"notebook": run.notebook_sha256, "python": run.python}
        found |= {"packages": dict(run.packages), "plug-ins": dict(run.plugins)}
    return found | ({"certificates": origin["certificates"]} if "certificates" in origin else {})
