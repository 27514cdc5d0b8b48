"""`jstock universe`: rank the stored stocks, make a monitor list of the best, and remember each day's.

A written universe is kept as `data/universe/<session>.json`, session being D, the last one it knew. It has
the shape of a monitor list, so past dates are evaluated with the list of their day (`monitored_on`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date as Date  # noqa: N812 (`date` is the parameter of every command)
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jstock_core.base.errors import DataError, StateError, UsageError
from jstock_core.base.params import read_yaml
from jstock_core.base.progress import Say, silent
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.desk.workspace.monitored import universe_folder
from jstock_core.desk.workspace.workspace import Workspace

if TYPE_CHECKING:
    from jstock_core.market.panel import Panel
    from jstock_core.research.universe import Rules, Standing, Universe


@dataclass(frozen=True, kw_only=True)
class Selection:
    """A ranked universe: the `chosen` best, how they differ from the list in use, and the files written."""

    trade_date: Date
    universe: Universe
    rules: Rules
    chosen: tuple[Standing, ...]
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    simulated: bool
    source: dict[str, Any]
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


def select(
    date: str | Date = "",
    *,
    top: int | None = None,
    write: bool = False,
    workspace: str = "",
    now: str = "",
    say: Say = silent,
) -> Selection:
    """Rank the stored stocks for a trade date (ISO; "" for the next possible one), and choose the `top` best.

    With `write` the choice is kept as its session's snapshot. The monitor list follows only for the next
    possible trade date: time moves forward, and a past universe must not steer tomorrow.

    Raises:
        UsageError: the date cannot be decided. ParamsError: the rules are wrong.
        DataError: no stock passes the filters, and a list was to be written.

    """
    desk = open_desk(workspace, now=now)
    wanted = desk.trade_date(date)
    rules = read_rules(desk.workspace)
    with desk.hold(f"the universe of {wanted}"):
        desk.fetch(wanted, say)
        found = _selected(desk, wanted, rules, rules.top if top is None else top)
        return _written(desk, found) if write else found


def read_rules(workspace: Workspace) -> Rules:
    """Read `params/research/universe.yaml`.

    Raises:
        ParamsError: it is missing, or a key in it is wrong.

    """
    from jstock_core.research.universe import make_rules

    path = workspace.root / "params" / "research" / "universe.yaml"
    return make_rules(read_yaml(path), where=str(path))


def _selected(desk: Desk, wanted: Date, rules: Rules, top: int) -> Selection:
    from jstock_core.data.store.load import load
    from jstock_core.desk.day.market import morning_view
    from jstock_core.research.universe import rank

    if top < 1:
        raise UsageError(f"a list of the {top} best is none", do="give --top 1 or more")
    # Not `desk.panel()`: a list that names unknown codes is what a new universe replaces.
    whole = load(desk.store, units=desk.settings.trading_units)
    decided_at = desk.decided_at(wanted)
    view = morning_view(whole.known_at(decided_at), wanted, decided_at)
    universe = rank(view, 0, rules)
    chosen = universe.standings[:top]
    codes, before = {standing.code for standing in chosen}, desk.monitored
    return Selection(
        trade_date=wanted,
        universe=universe,
        rules=rules,
        chosen=chosen,
        added=tuple(standing.code for standing in chosen if standing.code not in before),
        dropped=tuple(code for code in before if code not in codes),
        simulated=whole.source.simulated,
        source=_source(whole, f"{decided_at:%Y-%m-%dT%H:%M}"),
    )


def _source(panel: Panel, decided_at: str) -> dict[str, Any]:
    return {
        "provider": panel.source.provider,
        "data": dict(panel.source.snapshot),
        "known_at": decided_at,
    }


# Writing


def _written(desk: Desk, found: Selection) -> Selection:
    from dataclasses import replace

    if not found.chosen:
        most = max(found.universe.failed.items(), key=lambda item: item[1], default=("nothing stored", 0))
        raise DataError(
            f"no stock passes the filters; {most[1]} of {len(found.universe.excluded)} fail at {most[0]}",
            where="params/research/universe.yaml, filters",
            do="loosen that filter; nothing was written",
        )
    return replace(found, written=tuple(_files(desk, found)))


def _files(desk: Desk, found: Selection) -> Iterator[Path]:
    snapshot = universe_folder(desk.workspace) / f"{found.universe.session}.json"
    _put(snapshot, _snapshot(found))
    yield snapshot
    if found.trade_date >= desk.next_trade_date:
        path = desk.workspace.inside(desk.settings.monitor_list)
        _keep_backup(path)
        _put(path, _snapshot(found))
        yield path


def _put(path: Path, data: dict[str, Any]) -> None:
    from jstock_core.state.views.views import write_json

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StateError(f"cannot be written: {error.strerror}", where=str(path)) from error
    write_json(path, data)


def _keep_backup(path: Path) -> None:
    """Keep the list that is replaced beside it, as `<name>.bak`."""
    from jstock_core.base.durable import write_atomically

    try:
        write_atomically(path.with_name(f"{path.name}.bak"), path.read_bytes())
    except OSError as error:
        raise StateError(
            f"no backup of the monitor list: {error.strerror}", where=str(path), do="nothing was replaced"
        ) from error


def _snapshot(found: Selection) -> dict[str, Any]:
    """The chosen stocks in the shape of a monitor list, with their reasons and where they come from."""
    return {
        "session": found.universe.session.isoformat(),
        "trade_date": found.trade_date.isoformat(),
        "simulated": found.simulated,
        "source": found.source,
        "rules": {"weights": asdict(found.rules.weights), "filters": asdict(found.rules.filters)},
        "stocks": {"passed": len(found.universe.standings), "failed": dict(found.universe.failed)},
        "tickers": [
            {"code": s.code, "name": s.name, "score": s.score, "reason": s.reason} for s in found.chosen
        ],
    }
