"""`jstock universe`: rank the stored stocks, make a monitor list of the best, and remember each day's.

A written universe is kept as `data/universe/<session>.json`, session being D, the last one it knew. It has
the shape of a monitor list, so past dates are evaluated with the list of their day (`universe_on`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from jstock_core.base.durable import make_private_folder, os_reason, write_atomically
from jstock_core.base.errors import DataError, StateError, UsageError
from jstock_core.base.limits import read_file
from jstock_core.base.params import read_yaml
from jstock_core.base.progress import Say, silent
from jstock_core.data.store.load import load_panel
from jstock_core.desk.day.market import morning_view
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.kept.monitored import universe_folder
from jstock_core.desk.workspace.workspace import Workspace
from jstock_core.research.universe import RankedStock, Universe, UniverseRules, make_universe_rules, rank
from jstock_core.state.views.views import write_json


@dataclass(frozen=True)
class UniverseSource:
    """Where a universe comes from: the provider, the data's hashes by name, and the time it knew, as ISO."""

    provider: str
    data: Mapping[str, str]
    known_at: str


@dataclass(frozen=True, kw_only=True)
class UniverseSelection:
    """A ranked universe: the `chosen` best, how they differ from the list in use, and the files written."""

    trade_date: date
    universe: Universe
    rules: UniverseRules
    chosen: tuple[RankedStock, ...]
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    simulated: bool
    source: UniverseSource
    written: tuple[Path, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The snapshot's content, with every stock that passed and why the others did not."""
        return {
            **_snapshot(self),
            "added": list(self.added),
            "dropped": list(self.dropped),
            "ranked": [asdict(standing) for standing in self.universe.standings],
            "excluded": dict(self.universe.excluded),
            "written": [str(path) for path in self.written],
        }


def select_universe(
    desk: Desk,
    trade_date: str | date = "",
    *,
    top: int | None = None,
    write: bool = False,
    say: Say = silent,
) -> UniverseSelection:
    """Rank the stored stocks for a trade date (ISO; "" for the next possible one), and choose the `top` best.

    With `write` the choice is kept as its session's snapshot. The monitor list follows only for the next
    possible trade date: time moves forward, and a past universe must not steer tomorrow.

    Raises:
        UsageError: the date cannot be decided. ParamsError: the rules are wrong.
        DataError: no stock passes the filters, and a list was to be written.

    """
    wanted = desk.trade_date(trade_date)
    rules = read_rules(desk.workspace)
    with desk.hold(f"the universe of {wanted}"):
        desk.fetch(wanted, say)
        selection = _select(desk, wanted, rules, rules.top if top is None else top)
        return _write(desk, selection) if write else selection


def read_rules(workspace: Workspace) -> UniverseRules:
    """Read `params/research/universe.yaml`.

    Raises:
        ParamsError: it is missing, or a key in it is wrong.

    """
    path = workspace.root / "params" / "research" / "universe.yaml"
    return make_universe_rules(read_yaml(path), where=str(path))


def _select(desk: Desk, trade_date: date, rules: UniverseRules, top: int) -> UniverseSelection:
    if top < 1:
        raise UsageError(f"cannot choose the {top} best stocks", do="give --top 1 or more")
    # Not `desk.panel()`: a list that names unknown codes is what a new universe replaces.
    whole = load_panel(desk.store, units=desk.settings.trading_units)
    decided_at = desk.decision_time(trade_date)
    view = morning_view(whole.known_at(decided_at), trade_date, decided_at)
    universe = rank(view, 0, rules)
    chosen = universe.standings[:top]
    codes, before = {standing.code for standing in chosen}, desk.monitored
    return UniverseSelection(
        trade_date=trade_date,
        universe=universe,
        rules=rules,
        chosen=chosen,
        added=tuple(standing.code for standing in chosen if standing.code not in before),
        dropped=tuple(code for code in before if code not in codes),
        simulated=whole.source.simulated,
        source=UniverseSource(
            whole.source.provider, dict(whole.source.snapshot), f"{decided_at:%Y-%m-%dT%H:%M}"
        ),
    )


# Writing


def _write(desk: Desk, selection: UniverseSelection) -> UniverseSelection:
    if not selection.chosen:
        universe = selection.universe
        most = max(universe.failed.items(), key=lambda item: item[1], default=("nothing stored", 0))
        raise DataError(
            f"no stock passes the filters; {most[1]} of {len(universe.excluded)} fail at {most[0]}",
            where="params/research/universe.yaml, filters",
            do="loosen that filter; nothing was written",
        )
    return replace(selection, written=tuple(_write_files(desk, selection)))


def _write_files(desk: Desk, selection: UniverseSelection) -> Iterator[Path]:
    snapshot = universe_folder(desk.workspace) / f"{selection.universe.session}.json"
    _write_json(snapshot, _snapshot(selection))
    yield snapshot
    if selection.trade_date >= desk.next_trade_date:
        path = desk.workspace.inside(desk.settings.monitor_list)
        _copy_aside(path)
        _write_json(path, _snapshot(selection))
        yield path


def _write_json(path: Path, data: dict[str, Any]) -> None:
    try:
        make_private_folder(path.parent)
    except OSError as error:
        raise StateError(f"the folder cannot be made: {os_reason(error)}", where=str(path.parent)) from error
    write_json(path, data)


def _copy_aside(path: Path) -> None:
    """Copy the list that is replaced to `<name>.bak` beside it."""
    try:
        write_atomically(path.with_name(f"{path.name}.bak"), read_file(path))
    except OSError as error:
        raise StateError(
            f"the monitor list cannot be backed up: {os_reason(error)}",
            where=str(path),
            do="nothing was replaced",
        ) from error


def _snapshot(selection: UniverseSelection) -> dict[str, Any]:
    """The chosen stocks in the shape of a monitor list, with their reasons and where they come from."""
    return {
        "session": selection.universe.session.isoformat(),
        "trade_date": selection.trade_date.isoformat(),
        "simulated": selection.simulated,
        "source": asdict(selection.source),
        "rules": {"weights": asdict(selection.rules.weights), "filters": asdict(selection.rules.filters)},
        "stocks": {"passed": len(selection.universe.standings), "failed": dict(selection.universe.failed)},
        "tickers": [
            {"code": s.code, "name": s.name, "score": s.score, "reason": s.reason} for s in selection.chosen
        ],
    }
