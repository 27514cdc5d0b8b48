"""A strategy that other libraries can express too: fills must be equal, then time and memory are compared.

Buy 100 shares of a stock when its EMA 20 rises through its EMA 50, sell them when it falls through; both at
the next open, in units of 1, of stocks that neither split nor stand at a limit. Signals are given. Each
library works in a process of its own: `python -m benchmarks.peers LIBRARY FILE REPEATS` prints JSON.
"""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from benchmarks.place import Place
from benchmarks.timing import Line, peak, timed, typical
from jstock_core.decide import Conditions, trusted_features
from jstock_core.decide.groups import make_group
from jstock_core.market.dividends import no_notices
from jstock_core.market.panel import Bools, Panel
from jstock_core.research.backtest import backtest, span
from jstock_core.rules import Candidate, Entry, EntryOpinions, Room, View
from jstock_core.signals.features.compare import crosses_above, falls_through
from jstock_core.state.facts.events import Filled

STOCKS, SHARES, CASH, NEEDED = 20, 100, 10**10, 51

Fill = tuple[str, str, int, float]
"""Date, code, shares (sold ones below 0), price."""


@dataclass(frozen=True, eq=False)
class Market:
    """What every library is given: the panel, and the signals of each session, (S, N)."""

    panel: Panel
    buy: Bools
    sell: Bools

    def frame(self, name: str) -> pd.DataFrame:
        days = pd.DatetimeIndex(self.panel.sessions.astype("datetime64[ns]"))
        return pd.DataFrame(getattr(self.panel, name), index=days, columns=list(self.panel.codes))

    @property
    def next_day(self) -> tuple[Bools, Bools]:
        """The signals on the session after each."""
        first = np.zeros((1, self.buy.shape[1]), dtype=bool)
        return np.vstack([first, self.buy[:-1]]), np.vstack([first, self.sell[:-1]])


@dataclass(frozen=True)
class EmaGoldenCross(Entry):
    """Buy when EMA 20 rises through EMA 50."""

    needs: ClassVar[int] = NEEDED

    def evaluate(self, view: View) -> EntryOpinions:
        unknown, half = np.full(view.shape, np.nan), np.full(view.shape, 0.5)
        buy = crosses_above(view, "ema_20", "ema_50")
        return EntryOpinions(buy, unknown, unknown, half, {}, lambda _row, _n: "EMA 20 rose through EMA 50")


@dataclass(frozen=True)
class FixedShares:
    """Buy the same number of shares of every stock."""

    max_positions: int = 100
    max_position_pct: float = 100.0

    def size(self, candidate: Candidate, room: Room) -> int:  # noqa: ARG002 (a sizing is given them)
        return SHARES

    def shortfall(self, candidate: Candidate, room: Room) -> str:  # noqa: ARG002 (as above)
        return "no cash"


# --- the libraries: each gives what is timed, and the fills of the last time ----------------------------

Work = tuple[Callable[[], object], Callable[[], list[Fill]]]


def by_jstock(market: Market) -> Work:
    panel, features = market.panel, trusted_features(market.panel)
    group = make_group(
        "cross",
        {
            "name": "cross",
            "initial_capital": CASH,
            "entry": {"use": "MACDCrossover"},
            "exit": [{"layer": "ema_death_cross"}],
            "sizing": {"use": "equal_weight"},
        },
        where="benchmark",
    )
    group = replace(group, entry=EmaGoldenCross(), sizing=FixedShares())
    first, last = panel.session(1), panel.session(len(panel.sessions) - 1)
    done = []

    def work() -> None:
        done[:] = [backtest(panel, [group], Conditions(panel.codes), first, last, features)]

    def fills() -> list[Fill]:
        found = (event for event in done[0].happened if isinstance(event, Filled))
        sign = {"BUY": 1, "SELL": -1}
        return [(str(e.session), e.code, sign[e.side] * e.shares, float(e.price)) for e in found]

    return work, fills


def by_vectorbt(market: Market) -> Work:
    import vectorbt

    close, opening = market.frame("close"), market.frame("open")
    buy, sell = (pd.DataFrame(x, close.index, close.columns) for x in market.next_day)
    done = []

    def work() -> None:
        made = vectorbt.Portfolio.from_signals(
            close, buy, sell, price=opening, size=SHARES, init_cash=CASH, freq="D"
        )
        done[:] = [made.orders.records, made.value()]

    def fills() -> list[Fill]:
        rows = done[0][["idx", "col", "size", "price", "side"]].itertuples(index=False)
        days, codes = close.index.date, close.columns
        return [(str(days[i]), codes[c], int(n if s == 0 else -n), float(p)) for i, c, n, p, s in rows]

    return work, fills


def by_bt(market: Market) -> Work:
    import bt

    opening, codes = market.frame("open"), market.panel.codes
    buy, sell = market.next_day
    wanted = {
        day: [(codes[n], bool(buy[row, n])) for n in np.flatnonzero(buy[row] | sell[row])]
        for row, day in enumerate(opening.index)
    }

    class Cross(bt.Algo):
        def __call__(self, target: bt.Strategy) -> bool:
            for code, is_buy in wanted.get(target.now, ()):
                held = target.children[code].position if code in target.children else 0
                if is_buy == (held == 0):
                    target.transact(SHARES if is_buy else -held, code)
            return True

    done = []

    def work() -> None:
        strategy = bt.Strategy("cross", [Cross()], list(codes))
        made = bt.Backtest(strategy, opening, initial_capital=float(CASH), progress_bar=False)
        done[:] = [bt.run(made)]

    def fills() -> list[Fill]:
        rows = done[0].get_transactions().reset_index().itertuples(index=False)
        return [(str(day.date()), code, int(n), float(price)) for day, code, price, n in rows]

    return work, fills


def by_backtesting(market: Market) -> Work:
    from backtesting import Backtest, Strategy

    class Cross(Strategy):
        def init(self) -> None:
            pass

        def next(self) -> None:
            if self.data.Buy[-1] and not self.position:
                self.buy(size=SHARES)
            elif self.data.Sell[-1] and self.position:
                self.position.close()

    prices = {name.title(): market.frame(name) for name in ("open", "high", "low", "close", "volume")}
    frames = {}
    for n, code in enumerate(market.panel.codes):
        bars = {name: frame[code] for name, frame in prices.items()}
        frames[code] = pd.DataFrame(bars).assign(Buy=market.buy[:, n], Sell=market.sell[:, n])
    done = {}

    def work() -> None:
        for code, frame in frames.items():
            done[code] = Backtest(frame, Cross, cash=CASH, finalize_trades=False).run()

    def fills() -> list[Fill]:
        used = {code: stats["_strategy"] for code, stats in done.items()}
        trades = [(code, each) for code, ran in used.items() for each in (*ran.closed_trades, *ran.trades)]
        ends = [(code, each) for code, each in trades if each.exit_time is not None]
        return [
            *((str(t.entry_time.date()), code, int(t.size), float(t.entry_price)) for code, t in trades),
            *((str(t.exit_time.date()), code, -int(t.size), float(t.exit_price)) for code, t in ends),
        ]

    return work, fills


LIBRARIES: dict[str, Callable[[Market], Work]] = {
    "jstock": by_jstock,
    "vectorbt": by_vectorbt,
    "bt": by_bt,
    "backtesting.py": by_backtesting,
}
PACKAGES = {"vectorbt": "vectorbt", "bt": "bt", "backtesting.py": "backtesting"}


# --- the comparison ---------------------------------------------------------------------------------------


def make_market(whole: Panel) -> Market:
    """The first stocks whose bars are all there and trusted, with several prices a day and no ex-date."""
    bars = np.array([whole.open, whole.high, whole.low, whole.close])
    plain = (bars > 0).all(axis=(0, 1)) & (whole.high > whole.low).all(axis=0)
    columns = np.flatnonzero(plain & (whole.adj_factor == 1.0).all(axis=0))[:STOCKS]
    panel = whole.with_columns(columns)
    listings = tuple(replace(each, unit=1) for each in panel.listings)
    panel = replace(panel, listings=listings, lists={}, dividends=no_notices())
    view = span(panel, trusted_features(panel), panel.session(1), panel.session(len(panel.sessions) - 1))
    last = np.zeros((1, len(columns)), dtype=bool)  # nothing follows the last session
    signals = (crosses_above(view, "ema_20", "ema_50"), falls_through(view, "ema_20", "ema_50"))
    buy, sell = (np.vstack([found & (view.bars >= NEEDED), last]) for found in signals)
    return Market(panel, buy, sell)


def peers(place: Place) -> Iterator[Line]:
    """jstock beside each library that is installed; an error where the fills differ."""
    others = {name: package for name, package in PACKAGES.items() if find_spec(package) is not None}
    if len(others) < len(PACKAGES):
        print("peers: some libraries are not installed; the extra `bench` brings them", file=sys.stderr)
    market = make_market(place.panel)
    file = place.folder / "peers.pickle"
    file.write_bytes(pickle.dumps(market))
    ours = _measure("jstock", file, place.repeats)
    for name in others:
        theirs = _measure(name, file, place.repeats)
        if theirs["fills"] != ours["fills"]:
            raise SystemExit(f"{name} does not fill what jstock fills: the comparison would mean nothing")
        yield Line(
            "peers",
            f"EMA 20/50 of {len(market.panel.codes)} stocks, {len(market.panel.sessions)} sessions, "
            f"{len(ours['fills'])} equal fills",
            ours["seconds"],
            f"{name}, warm",
            theirs["seconds"],
            aim_ratio=1,
            note=f"process {ours['process']:.1f} s and {ours['peak']:.0f} MB, "
            f"{name} {theirs['process']:.1f} s and {theirs['peak']:.0f} MB",
        )


def _measure(name: str, file: Path, repeats: int) -> dict[str, Any]:
    """The fills, the seconds of a warm run, those of a whole process that runs once, and its peak in MB."""

    def run(times: int) -> dict[str, Any]:
        command = [sys.executable, "-m", "benchmarks.peers", name, str(file), str(times)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{name} cannot be measured:\n{done.stderr[-2000:]}")
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    found = run(repeats)
    return found | {"process": timed(lambda: run(0))}


def main(name: str, file: str, repeats: int) -> None:
    work, fills = LIBRARIES[name](pickle.loads(Path(file).read_bytes()))
    seconds = typical(work, repeats) if repeats else timed(work)
    print(json.dumps({"fills": sorted(fills()), "seconds": seconds, "peak": 1e3 * peak()}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
