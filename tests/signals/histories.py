"""One stock's past as plain lists, cut at a session: what the slow rules of `slow` are given."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from jstock_core.market.panel import Panel

from . import slow


@lru_cache(maxsize=64)
def _whole(panel: Panel, n: int) -> tuple[list[int], dict[str, list[float]]]:
    """Session rows and features of all the stock's bars, adjusted by a K of plain products."""
    rows, k, ks = [], 1.0, []
    for s in range(len(panel.sessions)):
        factor = float(panel.adj_factor[s, n])
        k *= 3.0 if factor == 0.33333333 else 1 / factor
        if not np.isnan(panel.close[s, n]):
            rows.append(s)
            ks.append(k)
    raw = {
        name: [float(getattr(panel, name)[s, n]) for s in rows]
        for name in ("open", "high", "low", "close", "volume")
    }
    adjusted = [
        [x * q for x, q in zip(raw[name], ks, strict=True)] for name in ("open", "high", "low", "close")
    ]
    volume = [x / q for x, q in zip(raw["volume"], ks, strict=True)]
    turnover = [c * v for c, v in zip(raw["close"], raw["volume"], strict=True)]
    return rows, slow.features(*adjusted, volume, turnover) if rows else {}


def rows_of(panel: Panel, n: int) -> list[int]:
    """Session rows in which the stock has a bar."""
    return _whole(panel, n)[0]


def history(panel: Panel, n: int, row: int) -> dict[str, list[float]]:
    """The stock's bars and features at or before a session."""
    rows, features = _whole(panel, n)
    bars = sum(s <= row for s in rows)
    return {name: x[:bars] for name, x in features.items()} or {"close": []}


def k_of(panel: Panel, n: int, row: int) -> float:
    """K of a session by plain products."""
    k = 1.0
    for factor in panel.adj_factor[: row + 1, n].tolist():
        k *= 3.0 if factor == 0.33333333 else 1 / factor
    return k


def flow_rows(panel: Panel) -> list[tuple]:
    f = panel.flows
    return [
        (f.known_at[i].astype(object), f.published[i].astype(object), f.week_end[i].astype(object),
         str(f.section[i]),
         {k: float(v[i]) for k, v in f.balance.items()}, {k: float(v[i]) for k, v in f.total.items()})
        for i in range(len(f.known_at))
    ]  # fmt: skip


def documents_of(panel: Panel, code: str) -> list[dict]:
    s = panel.statements
    return [
        {"at": s.known_at[i].astype(object), "kind": str(s.doc_type[i]), "period": str(s.period[i]),
         "end": s.period_end[i].astype(object), "year": s.year_end[i].astype(object)}
        | {name: float(x[i]) for name, x in s.figures.items()}
        for i in range(len(s.code)) if s.code[i] == code
    ]  # fmt: skip


def announcement_rows(panel: Panel) -> list[tuple]:
    a = panel.announcements
    return [
        (a.known_at[i].astype(object), str(a.code[i]), a.day[i].astype(object)) for i in range(len(a.code))
    ]
