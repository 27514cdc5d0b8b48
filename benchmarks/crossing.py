"""A strategy that other libraries can express too, in the words of each.

Buy 100 shares of a stock when its EMA 20 rises through its EMA 50, sell them when it falls through; both at
the next open, in units of 1, of stocks that neither split nor stand at a limit, with one account's cash.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

from jstock_core.decide import Conditions, trusted_features
from jstock_core.decide.groups import make_group
from jstock_core.market.dividends import no_notices
from jstock_core.market.panel import Bools, Panel
from jstock_core.research.backtest import backtest, span
from jstock_core.research.records import measure_groups, value_backtest
from jstock_core.rules import Candidate, Entry, EntryOpinions, Room, View
from jstock_core.signals.features.compare import crosses_above, falls_through
from jstock_core.state.facts.events import Filled

STOCKS, SHARES, CASH, NEEDED, PLACES = 20, 100, 10**10, 51, 5

Task = Literal["orders", "places", "figures"]
"""From given signals to the orders and the account's curve; the same with at most five positions, so that
what may be bought hangs on what is held; or from prices to signals, orders, closed trades, the curve, its
return, Sharpe ratio and largest drawdown. What a library works out anyway is timed in all.

Among stocks to buy on one day the first by code come first, and a place is free the day after its sale.
"""
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

    def signals(self, task: Task) -> tuple[pd.DataFrame, pd.DataFrame]:
        """To buy and to sell, of each session: as given, or worked out from the closes by pandas."""
        close = self.frame("close")
        if task != "figures":
            buy, sell = (pd.DataFrame(x, close.index, close.columns) for x in (self.buy, self.sell))
            return buy, sell
        fast, slow = (close.ewm(span=bars, adjust=False).mean() for bars in (20, 50))
        rose, fell = fast > slow, fast < slow
        first = close.index[NEEDED - 1]
        found = (rose & (fast.shift() <= slow.shift())), (fell & (fast.shift() >= slow.shift()))
        buy, sell = (x.where(pd.Series(x.index >= first, x.index), other=False) for x in found)
        return buy, sell


def next_day(signals: pd.DataFrame) -> pd.DataFrame:
    """Each signal on the session after it."""
    return signals.shift(fill_value=False)


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

    max_positions: int
    max_position_pct: float = 100.0

    def size(self, candidate: Candidate, room: Room) -> int:  # noqa: ARG002 (a sizing is given them)
        return SHARES

    def shortfall(self, candidate: Candidate, room: Room) -> str:  # noqa: ARG002 (as above)
        return "no cash"


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


# --- the libraries: each gives what is timed, and the fills of the last time ----------------------------

Work = tuple[Callable[[], object], Callable[[], list[Fill]]]


def by_jstock(market: Market, task: Task) -> Work:
    panel, given = market.panel, trusted_features(market.panel)
    group = make_group(
        "cross",
        {
            "name": "cross",
            "initial_capital": CASH,
            "entry": {"use": "MACDCrossover"},
            "exit": [{"layer": "ema_death_cross"}],
            "sizing": {"use": "equal_weight"},
            "ranking": {"ties": []},
        },
        where="benchmark",
    )
    sizing = FixedShares(PLACES if task == "places" else STOCKS)
    group = replace(group, entry=EmaGoldenCross(), sizing=sizing)
    first, last = panel.session(1), panel.session(len(panel.sessions) - 1)
    done = []

    def work() -> None:
        features = trusted_features(panel) if task == "figures" else given
        made = backtest(panel, [group], Conditions(panel.codes), first, last, features)
        valued = measure_groups(made, panel) if task == "figures" else value_backtest(made, panel)
        done[:] = [made, made.orders, valued]

    def fills() -> list[Fill]:
        found = (event for event in done[0].happened if isinstance(event, Filled))
        sign = {"BUY": 1, "SELL": -1}
        return [(str(e.session), e.code, sign[e.side] * e.shares, float(e.price)) for e in found]

    return work, fills


def by_vectorbt(market: Market, task: Task) -> Work:
    import vectorbt

    close, opening = market.frame("close"), market.frame("open")
    given = market.signals("orders")
    done = []

    def signals() -> tuple[pd.DataFrame, pd.DataFrame]:
        fast, slow = (vectorbt.MA.run(close, bars, ewm=True) for bars in (20, 50))
        found = fast.ma_crossed_above(slow), fast.ma_crossed_below(slow)
        buy, sell = (pd.DataFrame(x.to_numpy(), close.index, close.columns) for x in found)
        return buy, sell

    account = {"init_cash": CASH, "freq": "D", "group_by": True, "cash_sharing": True}
    free_places, take_place = _places_of_vectorbt() if task == "places" else (None, None)

    def work() -> None:
        buy, sell = map(next_day, signals() if task == "figures" else given)
        if task == "places":
            signalled = buy.to_numpy(), sell.to_numpy(), opening.to_numpy()
            made = vectorbt.Portfolio.from_order_func(
                close, take_place, *signalled, pre_segment_func_nb=free_places, **account
            )
        else:
            made = vectorbt.Portfolio.from_signals(close, buy, sell, price=opening, size=SHARES, **account)
        done[:] = [made.orders.records, made.value()]
        if task == "figures":
            done.extend((made.trades.records, made.total_return(), made.sharpe_ratio(), made.max_drawdown()))

    def fills() -> list[Fill]:
        rows = done[0][["idx", "col", "size", "price", "side"]].itertuples(index=False)
        days, codes = close.index.date, close.columns
        return [(str(days[i]), codes[c], int(n if s == 0 else -n), float(p)) for i, c, n, p, s in rows]

    return work, fills


def _places_of_vectorbt() -> tuple[Any, Any]:
    """Its functions of a bar and of an order where no more than `PLACES` stocks are held at a time."""
    from numba import njit
    from vectorbt.portfolio.enums import NoOrder
    from vectorbt.portfolio.nb import order_nb

    @njit  # type: ignore[untyped-decorator]
    def free_places(bar):  # type: ignore[no-untyped-def]
        return (np.array([PLACES - np.count_nonzero(bar.last_position)]),)

    @njit  # type: ignore[untyped-decorator]
    def take_place(at, free, buy, sell, opening):  # type: ignore[no-untyped-def]
        held = at.position_now
        if held > 0 and sell[at.i, at.col]:
            return order_nb(size=-held, price=opening[at.i, at.col])
        if held == 0 and buy[at.i, at.col] and free[0] > 0:
            free[0] -= 1
            return order_nb(size=SHARES, price=opening[at.i, at.col])
        return NoOrder

    return free_places, take_place


def by_bt(market: Market, task: Task) -> Work:
    import bt

    opening, codes = market.frame("open"), market.panel.codes
    given = market.signals("orders")

    class Cross(bt.Algo):
        def __init__(self, buy: Bools, sell: Bools) -> None:
            super().__init__()
            self.wanted = {
                day: [(codes[n], bool(buy[row, n])) for n in np.flatnonzero(buy[row] | sell[row])]
                for row, day in enumerate(opening.index)
            }

        def __call__(self, target: bt.Strategy) -> bool:
            wanted = self.wanted.get(target.now, ())
            held = {code: child.position for code, child in target.children.items() if child.position}
            free = (PLACES if task == "places" else STOCKS) - len(held)
            for code, is_buy in wanted:
                if is_buy and code not in held and free > 0:
                    free -= 1
                    target.transact(SHARES, code)
                elif not is_buy and code in held:
                    target.transact(-held[code], code)
            return True

    done = []

    def work() -> None:
        buy, sell = map(next_day, market.signals("figures") if task == "figures" else given)
        strategy = bt.Strategy("cross", [Cross(buy.to_numpy(), sell.to_numpy())], list(codes))
        made = bt.Backtest(strategy, opening, initial_capital=float(CASH), progress_bar=False)
        if task == "figures":
            ran = bt.run(made)
            done[:] = [ran.get_transactions(), ran.stats]
        else:
            made.run()
            done[:] = [made.strategy.get_transactions(), made.strategy.values]

    def fills() -> list[Fill]:
        rows = done[0].reset_index().itertuples(index=False)
        return [(str(day.date()), code, int(n), float(price)) for day, code, price, n in rows]

    return work, fills


def by_backtesting(market: Market, task: Task) -> Work:
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
    bars = {
        code: pd.DataFrame({name: frame[code] for name, frame in prices.items()}) for code in prices["Open"]
    }
    given = market.signals("orders")
    done = {}

    def work() -> None:
        buy, sell = market.signals("figures") if task == "figures" else given
        for code, frame in bars.items():
            stock = frame.assign(Buy=buy[code], Sell=sell[code])
            done[code] = Backtest(stock, Cross, cash=CASH, finalize_trades=False).run()

    def fills() -> list[Fill]:
        used = {code: stats["_strategy"] for code, stats in done.items()}
        trades = [(code, each) for code, ran in used.items() for each in (*ran.closed_trades, *ran.trades)]
        ends = [(code, each) for code, each in trades if each.exit_time is not None]
        return [
            *((str(t.entry_time.date()), code, int(t.size), float(t.entry_price)) for code, t in trades),
            *((str(t.exit_time.date()), code, -int(t.size), float(t.exit_price)) for code, t in ends),
        ]

    return work, fills


LIBRARIES: dict[str, Callable[[Market, Task], Work]] = {
    "jstock": by_jstock,
    "vectorbt": by_vectorbt,
    "bt": by_bt,
    "backtesting.py": by_backtesting,
}
ONE_STOCK = {"backtesting.py"}
"""They run one stock at a time, so that no stock can take the place of another."""
PACKAGES = {"vectorbt": "vectorbt", "bt": "bt", "backtesting.py": "backtesting"}
