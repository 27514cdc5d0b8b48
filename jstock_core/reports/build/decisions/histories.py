"""The recent sessions of stocks as candles: adjusted prices, averages, and what happened in them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from math import isnan

import numpy as np

from jstock_core.market.panel import Floats
from jstock_core.reports.build.facts import Facts
from jstock_core.reports.model.decisions.explained import HistoryMark, MarkSide, PriceHistory
from jstock_core.state.facts.events import Decided, Filled

HISTORY = 120
"""Sessions shown of a stock."""

Marks = Mapping[str, Sequence[HistoryMark]]


def find_histories(
    facts: Facts, averages: Mapping[str, Sequence[str]], marks: Marks
) -> dict[str, PriceHistory]:
    """The last sessions of each code, up to D, with the averages named.

    A bar that cannot be trusted is left out, as rules do not see it either.
    """
    codes = list(averages)
    rows = slice(max(0, facts.panel_row + 1 - HISTORY), facts.panel_row + 1)
    columns = np.array([facts.panel.column[code] for code in codes], dtype=np.int64)
    bars = _bar_columns(facts, rows, columns)
    read = {name for names in averages.values() for name in names}
    lines = {name: _average(facts, name, rows, columns) for name in read}
    return {
        code: PriceHistory(
            opens=_tenths(bars["open"][:, n]),
            highs=_tenths(bars["high"][:, n]),
            lows=_tenths(bars["low"][:, n]),
            closes=_tenths(bars["close"][:, n]),
            volumes=tuple(None if isnan(v) else round(v) for v in bars["volume"][:, n].tolist()),
            averages={name: _tenths(lines[name][:, n]) for name in averages[code]},
            marks=tuple(marks.get(code, ())),
        )
        for n, code in enumerate(codes)
    }


def _traded(facts: Facts, rows: slice, columns: np.ndarray) -> np.ndarray:
    """(S, C): whether a stock has a bar that rules see in the session."""
    bar = facts.view.features.bar[:, columns]
    before = np.vstack([np.full((1, len(columns)), -1), bar])[:-1]
    return (bar > before)[rows]


def _bar_columns(facts: Facts, rows: slice, columns: np.ndarray) -> dict[str, Floats]:
    """(S, C) arrays by name: prices in yen of D, volume in shares of D, NaN without a bar."""
    panel = facts.panel
    scale = panel.forward[rows][:, columns] / panel.forward[facts.panel_row, columns]
    none = ~_traded(facts, rows, columns)
    found: dict[str, Floats] = {}
    for name in ("open", "high", "low", "close", "volume"):
        raw: Floats = getattr(panel, name)[rows][:, columns]
        found[name] = np.where(none, np.nan, raw / scale if name == "volume" else raw * scale)
    return found


def _average(facts: Facts, name: str, rows: slice, columns: np.ndarray) -> Floats:
    """(S, C): a feature of the scale of prices at the bar of each session, in yen of D."""
    features = facts.view.features
    at = features.rounded(name)[np.maximum(features.bar[rows][:, columns], 0), columns]
    return np.where(_traded(facts, rows, columns), at / facts.panel.forward[facts.panel_row, columns], np.nan)


def _tenths(values: Floats) -> tuple[float | None, ...]:
    return tuple(None if isnan(value) else value for value in np.round(values, 1).tolist())


def find_marks(facts: Facts, codes: Collection[str]) -> Marks:
    """What was bought, sold and signalled of each code in the sessions shown, oldest first."""
    first = facts.panel.dates[max(0, facts.panel_row + 1 - HISTORY)]
    found: dict[str, list[HistoryMark]] = {}
    for code, mark in (*_fills(facts, first), *_signals(facts, first)):
        if code in codes:
            found.setdefault(code, []).append(mark)
    return {code: sorted(marks, key=_in_time) for code, marks in found.items()}


def _in_time(mark: HistoryMark) -> tuple[date, str, str]:
    return mark.session, mark.group, mark.kind


def _fills(facts: Facts, first: date) -> Iterator[tuple[str, HistoryMark]]:
    for event in facts.events:
        if isinstance(event, Filled) and event.session >= first:
            yield event.code, HistoryMark(
                session=event.session, kind="buy" if event.side == "BUY" else "sell", group=event.group,
                shares=event.shares, price=float(event.price),
            )  # fmt: skip


def _signals(facts: Facts, first: date) -> Iterator[tuple[str, HistoryMark]]:
    """The first of each run of equal signals, at the session it was decided on, unless a fill came of it."""
    filled = {(e.session, e.group, e.code) for e in facts.events if isinstance(e, Filled)}
    newest = {(e.session, e.group): e for e in facts.events if isinstance(e, Decided)}
    before: dict[str, frozenset[tuple[str, MarkSide]]] = {}
    for (session, group), decided in sorted(newest.items()):
        if decided.evaluated is None or decided.evaluated < first:
            continue
        signals = frozenset(_sides(decided))
        for code, side in signals - before.get(group, frozenset()):
            if (session, group, code) not in filled:
                yield code, HistoryMark(session=decided.evaluated, kind=side, group=group)
        before[group] = signals


def _sides(decided: Decided) -> Iterator[tuple[str, MarkSide]]:
    for row in decided.signals:
        if row["action"] == "BUY" or row["action"].startswith("SELL"):
            yield row["code"], "buy-signal" if row["action"] == "BUY" else "sell-signal"
