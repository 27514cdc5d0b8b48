"""A backtest as tables: its equity, trades, orders, positions and metrics, and sums over its trades."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from jstock_core.base.errors import UsageError
from jstock_core.base.params import did_you_mean
from jstock_core.decide.groups import WHOLE
from jstock_core.market.bars.closes import last_close
from jstock_core.market.calendar import tse
from jstock_core.market.panel import Panel
from jstock_core.research.backtest import Backtest
from jstock_core.research.frames.market import jst_times
from jstock_core.research.growth import drawdowns
from jstock_core.research.performance import Metrics, TrackRecord
from jstock_core.research.records import ValuedBacktest, value_backtest
from jstock_core.state.accounts.valuation import Curve, returns
from jstock_core.state.book.gains import fees_by_fill, read_closed_lots
from jstock_core.state.book.lots import ClosedLot, Lot
from jstock_core.state.facts.events import Filled, OrderCancelled, OrderExpired, OrderPlaced

if TYPE_CHECKING:
    import pandas as pd

TradeKey = Literal["group", "layer", "sector", "code", "year", "month"]
"""What trades are summed by; a trade counts in the year and month of its last session."""

_TRADES = (
    "group", "code", "name", "sector", "shares", "opened", "closed", "sessions", "entry_price", "exit_price",
    "cost", "proceeds", "gain", "gain_pct", "score", "layer",
)  # fmt: skip
_ORDERS = (
    "session", "evaluated", "group", "code", "name", "side", "shares", "score", "layer", "reason", "outcome",
    "filled", "price", "amount", "fee",
)  # fmt: skip
_POSITIONS = (
    "group", "code", "name", "sector", "shares", "opened", "entry_price", "close", "cost", "market_value",
    "gain", "gain_pct", "score",
)  # fmt: skip


def equity_frame(done: Backtest, panel: Panel) -> pd.DataFrame:
    """One row a group and session; where there are several groups, those of the whole too.

    Columns: group, session, known_at, equity, cash, market_value (yen at the close), day_pct (of the
    session), return_pct (since the close before the first session), drawdown_pct (<= 0, below the highest
    close so far), topix_pct (TOPIX since the same close).
    """
    import pandas as pd

    valued = value_backtest(done, panel)
    first = panel.row(valued.sessions[0])
    rows = slice(first, first + len(valued.sessions))
    topix = panel.topix[rows] / panel.topix[first - 1] - 1
    parts = []
    for name, curve in valued.curves.items():
        day = returns(curve)[valued.begin :]
        grown = np.cumprod(1 + day)
        parts.append(
            pd.DataFrame({
                "group": name,
                "session": panel.sessions[rows].astype("datetime64[s]"),
                "known_at": jst_times(panel.bars_known_at[rows]),
                **_money(curve, valued),
                "day_pct": 100 * day,
                "return_pct": 100 * (grown - 1),
                "drawdown_pct": 100 * drawdowns(np.concatenate(([1.0], grown)))[1:],
                "topix_pct": 100 * topix,
            })
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _money(curve: Curve, valued: ValuedBacktest) -> dict[str, Any]:
    return {name: getattr(curve, name)[valued.begin :] for name in ("equity", "cash", "market_value")}


def trades_frame(done: Backtest, panel: Panel) -> pd.DataFrame:
    """One row a lot, or part of one, that was sold, in the order of sales.

    Columns: group, code, name, sector, shares, opened, closed, sessions (held), entry_price, exit_price (yen
    a share, in shares of the sale), cost, proceeds, gain (yen before fees), gain_pct, score (of the signal
    that opened it), layer (that sold it).
    """
    rows = [_trade(lot, panel) for lot in read_closed_lots(done.book)]
    return _frame(_TRADES, rows, ("opened", "closed"))


def _trade(lot: ClosedLot, panel: Panel) -> dict[str, Any]:
    return {
        "group": lot.group,
        **_stock(lot.code, panel),
        "shares": lot.shares,
        "opened": lot.opened,
        "closed": lot.closed,
        "sessions": len(tse().between(lot.opened, lot.closed)) - 1,
        "entry_price": lot.cost / lot.shares,
        "exit_price": lot.proceeds / lot.shares,
        "cost": lot.cost,
        "proceeds": lot.proceeds,
        "gain": lot.gain,
        "gain_pct": 100 * lot.gain / lot.cost if lot.cost else np.nan,
        "score": np.nan if lot.score is None else lot.score,
        "layer": lot.layer,
    }


def orders_frame(done: Backtest, panel: Panel) -> pd.DataFrame:
    """One row an order, in the order of placing.

    Columns: session (that it is for), evaluated (D), group, code, name, side, shares, score, layer, reason,
    outcome ("filled", "open", or why the rest of it ended), filled (shares), price (yen a share),
    amount, fee (yen).
    """
    fills: dict[str | None, list[Filled]] = {}
    for event in done.happened:
        if isinstance(event, Filled):
            fills.setdefault(event.order_id, []).append(event)
    ended = {e.order_id: e.reason for e in done.happened if isinstance(e, OrderExpired | OrderCancelled)}
    fees = fees_by_fill(done.happened)
    rows = [_order(order, fills.get(order.id, []), ended, fees, panel) for order in done.orders]
    return _frame(_ORDERS, rows, ("session", "evaluated"))


def _order(
    order: OrderPlaced,
    fills: Sequence[Filled],
    ended: Mapping[str, str],
    fees: Mapping[str, int],
    panel: Panel,
) -> dict[str, Any]:
    shares, amount = sum(fill.shares for fill in fills), sum(fill.amount for fill in fills)
    return {
        "session": order.session,
        "evaluated": order.evaluated,
        "group": order.group,
        **_stock(order.code, panel),
        "side": order.side,
        "shares": order.shares,
        "score": np.nan if order.score is None else order.score,
        "layer": order.layer,
        "reason": order.reason,
        "outcome": ended.get(order.id, "filled" if shares else "open"),
        "filled": shares,
        "price": amount / shares if shares else np.nan,
        "amount": amount,
        "fee": sum(fees.get(fill.id, 0) for fill in fills),
    }


def positions_frame(done: Backtest, panel: Panel) -> pd.DataFrame:
    """One row a lot that is held after the last session, by group and code.

    Columns: group, code, name, sector, shares, opened, entry_price, close (yen a share, the last one), cost,
    market_value, gain (yen), gain_pct, score.
    """
    held = [
        (group.id, lot)
        for group in done.book.groups.values()
        for code in sorted(group.lots)
        for lot in group.lots[code]
    ]
    return _frame(_POSITIONS, [_position(id_, lot, done.last, panel) for id_, lot in held], ("opened",))


def _position(group: str, lot: Lot, last: date, panel: Panel) -> dict[str, Any]:
    row = panel.row(min(last, panel.session(len(panel.sessions) - 1)))
    column = panel.column[lot.code]
    close = last_close(panel, row, column)
    gain = lot.shares * close - lot.cost
    return {
        "group": group,
        **_stock(lot.code, panel),
        "shares": lot.shares,
        "opened": lot.session,
        "entry_price": lot.cost / lot.shares,
        "close": close,
        "cost": lot.cost,
        "market_value": lot.shares * close,
        "gain": gain,
        "gain_pct": 100 * gain / lot.cost if lot.cost else np.nan,
        "score": np.nan if lot.score is None else lot.score,
    }


def metrics_frame(records: Mapping[str, TrackRecord]) -> pd.DataFrame:
    """A row a metric (STRATEGY section 7), a column a group, and TOPIX: fractions, yen, sessions; NaN where
    a metric is not defined.
    """
    import pandas as pd

    benchmark = next(iter(records.values())).benchmark
    table = {name: dict(_metrics(record)) for name, record in records.items()}
    table["TOPIX"] = dict(_own(benchmark))
    return pd.DataFrame(table, dtype="float64").rename_axis("metric")


def _metrics(record: TrackRecord) -> Iterator[tuple[str, float | None]]:
    yield from _own(record.own)
    for part in (record.lots, record.activity, record.against):
        for name in part.__dataclass_fields__:
            value = getattr(part, name)
            if value is None or isinstance(value, int | float):
                yield name, value


def _own(metrics: Metrics) -> Iterator[tuple[str, float | None]]:
    for name in metrics.__dataclass_fields__:
        if name != "max_drawdown":
            yield name, getattr(metrics, name)
    yield "max_drawdown", metrics.deepest


def sum_trades(trades: pd.DataFrame, by: TradeKey) -> pd.DataFrame:
    """Trades summed by `by`, the key as index: trades, won, won_pct, cost, gain (yen), gain_pct (of the
    cost), sessions (held, on average).

    Raises:
        UsageError: trades are not summed by that.

    """
    keys = get_args(TradeKey)
    if by not in keys:
        raise UsageError(f'trades are not summed by "{by}"{did_you_mean(by, keys)}', do='as t.by("layer")')
    periods = {"year": "Y", "month": "M"}
    key = trades["closed"].dt.to_period(periods[by]).astype(str) if by in periods else trades[by]
    grouped = trades.assign(won=trades["gain"] > 0).groupby(key.rename(by))
    found = grouped.agg(
        trades=("gain", "size"), won=("won", "sum"), cost=("cost", "sum"), gain=("gain", "sum"),
        sessions=("sessions", "mean"),
    )  # fmt: skip
    found.insert(2, "won_pct", 100 * found["won"] / found["trades"])
    found.insert(5, "gain_pct", 100 * found["gain"] / found["cost"])
    return found if by in periods else found.sort_values("gain", ascending=False, kind="stable")


def monthly_returns(equity: pd.DataFrame, group: str) -> pd.DataFrame:
    """Return of each month in percent: a row a year, columns 1 to 12 and "year"; NaN without a session."""
    own = equity[equity["group"] == group]
    growth = 1 + own["day_pct"].to_numpy() / 100
    months = own.assign(growth=growth, year=own["session"].dt.year, month=own["session"].dt.month)
    grid = 100 * (months.groupby(["year", "month"])["growth"].prod().unstack() - 1)  # noqa: PD010
    grid = grid.reindex(columns=range(1, 13))
    grid["year"] = 100 * (months.groupby("year")["growth"].prod() - 1)
    return grid


def main_name(records: Mapping[str, TrackRecord]) -> str:
    """The record that stands for a trial: that of the whole, or of its only group."""
    return WHOLE if WHOLE in records else next(iter(records))


def _stock(code: str, panel: Panel) -> dict[str, str]:
    column = panel.column.get(code)
    listing = None if column is None else panel.listings[column]
    return {
        "code": code,
        "name": listing.name if listing else "",
        "sector": listing.sector if listing else "",
    }


def _frame(columns: tuple[str, ...], rows: list[dict[str, Any]], days: tuple[str, ...]) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(rows, columns=list(columns))
    for name in days:
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    if rows:
        return frame
    texts = {"group", "code", "name", "sector", "side", "layer", "reason", "outcome", *days}
    return frame.astype({name: "float64" for name in columns if name not in texts})
