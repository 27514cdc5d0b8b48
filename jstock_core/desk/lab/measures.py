"""A backtest measured: the metrics of each group and of the whole beside TOPIX, for terminal and JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from jstock_core.desk.lab.comparison import Comparison
from jstock_core.research.backtest import Backtest
from jstock_core.research.performance import Metrics, TrackRecord
from jstock_core.research.records import track_records

if TYPE_CHECKING:
    from jstock_core.market.panel import Panel


def compare(done: Backtest, panel: Panel) -> Comparison:
    """Measure every group of a backtest over its sessions."""
    records = track_records(done, panel)
    topix = next(iter(records.values())).benchmark
    title = f"{done.first} to {done.last}{'  SIMULATED MARKET' if panel.source.simulated else ''}"
    return Comparison(
        title=title,
        columns=(*records, "TOPIX"),
        rows=tuple(_rows(records, topix)),
        notes=(
            "TOPIX is the price index, without dividends; neither side counts them.",
            "Orders fill at the opening price of the trade date, as on the desk.",
        ),
        data={
            "from": str(done.first),
            "to": str(done.last),
            "simulated": panel.source.simulated,
            **_json(records),
        },
    )


_Show = Callable[[Any], str]


def _rows(records: Mapping[str, TrackRecord], topix: Metrics) -> list[tuple[str, ...]]:
    own: list[tuple[str, str, _Show]] = [
        ("total return", "total_return", _pct),
        ("CAGR", "cagr", _pct),
        ("volatility", "volatility", _share),
        ("Sharpe", "sharpe", _ratio),
        ("Sortino", "sortino", _ratio),
        ("max drawdown", "max_drawdown", _drawdown),
        ("  from peak", "max_drawdown", _peak),
        ("  to trough", "max_drawdown", _trough),
        ("Calmar", "calmar", _ratio),
    ]
    rows = [
        (label, *(show(getattr(r.own, key)) for r in records.values()), show(getattr(topix, key)))
        for label, key, show in own
    ]
    parts: list[tuple[str, str, str, _Show]] = [
        ("closed lots", "lots", "closed", str),
        ("win rate", "lots", "win_rate", _share),
        ("profit factor", "lots", "profit_factor", _ratio),
        ("average win", "lots", "average_win", _yen),
        ("average loss", "lots", "average_loss", _yen),
        ("expectancy", "lots", "expectancy", _yen),
        ("holding sessions", "lots", "holding_sessions", _ratio),
        ("turnover a year", "activity", "turnover", _ratio),
        ("exposure", "activity", "exposure", _share),
        ("beta", "against", "beta", _ratio),
        ("alpha", "against", "alpha", _pct),
        ("correlation", "against", "correlation", _ratio),
        ("tracking error", "against", "tracking_error", _share),
        ("information ratio", "against", "information_ratio", _ratio),
    ]
    return rows + [
        (label, *(show(getattr(getattr(r, part), key, None)) for r in records.values()), "")
        for label, part, key, show in parts
    ]


def _pct(x: float | None) -> str:
    return "n/a" if x is None else f"{100 * x:+.2f} %"


def _share(x: float | None) -> str:
    return "n/a" if x is None else f"{100 * x:.2f} %"


def _ratio(x: float | None) -> str:
    return "n/a" if x is None else "no losses" if np.isinf(x) else f"{x:.2f}"


def _yen(x: float | None) -> str:
    return "n/a" if x is None else f"{'-' if x < 0 else ''}¥{abs(x):,.0f}"


def _drawdown(worst: Any) -> str:
    return "none" if worst is None else f"{100 * worst.depth:.2f} %"


def _peak(worst: Any) -> str:
    return "" if worst is None else str(worst.peak)


def _trough(worst: Any) -> str:
    return "" if worst is None else str(worst.trough)


def _json(records: Mapping[str, TrackRecord]) -> dict[str, Any]:
    from jstock_core.base.plain import plain_json

    return {"groups": {name: plain_json(asdict(record)) for name, record in records.items()}}
