"""The explanations and candles; which stocks, groups, inputs and marks there are is taken from the model."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from math import isnan
from typing import Any

from jstock_core.reports.model.decisions.explained import ExplainedStock, Explanations
from tests.reports.build.recount import signals
from tests.reports.build.recount.bars import Stock
from tests.reports.build.recount.morning import Counted
from tests.reports.build.recount.opinions import levels
from tests.reports.build.recount.portfolio import away

HISTORY = 120


def explanations(counted: Counted, model: Explanations) -> dict[str, Any]:
    """Every number of the section, by its name."""
    return {"stocks": [explained(counted, stock) for stock in model.stocks]}


def explained(counted: Counted, model: ExplainedStock) -> dict[str, Any]:
    code = model.explanation.code
    stock, row = counted.stock(code), counted.row
    return {
        "change_pct": stock.change_pct(row),
        "history": history(counted, stock, model),
        "explanation": {
            "close": stock.close(row), "age": stock.age(row), "bars": stock.bars(row), "atr": stock.atr(row),
            "groups": [of_group(counted, stock, each) for each in model.explanation.groups],
        },
    }  # fmt: skip


def of_group(counted: Counted, stock: Stock, model: Any) -> dict[str, Any]:
    said = signals.of(counted, model.group, stock.code)
    purse = counted.now[model.group]
    held = bool(purse.lots[stock.code])
    return {
        "entry": {
            "score": said.score, "threshold": said.threshold, "short": said.short,
            "confidence": said.confidence, "parts": said.parts,
            "inputs": [given(counted, stock, each) for each in model.entry.inputs],
        },
        "held": position(counted, stock, purse) if held else None,
        "layers": layers(counted, stock, model, purse) if held else [],
    }  # fmt: skip


def position(counted: Counted, stock: Stock, purse: Any) -> dict[str, Any]:
    entry, oldest, close = purse.entry(stock.code), purse.lots[stock.code][0], stock.close(counted.row)
    return {
        "shares": purse.shares(stock.code), "entry_price": entry, "score": oldest.score,
        "pnl_pct": round(100 * (close - entry) / entry, 9),
        "peak": stock.peak(counted.row, entry, oldest.opened),
    }  # fmt: skip


def layers(counted: Counted, stock: Stock, model: Any, purse: Any) -> list[dict[str, Any]]:
    close, atr = stock.close(counted.row), stock.atr(counted.row)
    found = levels(counted.rules(model.group)["exit"], counted.known, purse, stock.code)
    return [
        {
            "level": level.price, "distance": None if level.price is None else level.price - close,
            **away(level.price, close, atr),
            "inputs": [given(counted, stock, each) for each in shown.inputs],
        }
        for level, shown in zip(found, model.layers, strict=True)
    ]  # fmt: skip


def given(counted: Counted, stock: Stock, model: Any) -> dict[str, Any]:
    """A feature that a rule read: of D, some bars before, at a session, or the highest since one."""
    name, when, row = model.name, model.when, counted.row
    if name not in stock.features:
        return {"value": None}
    if when.startswith("highest since "):
        values = [x for x in stock.since(name, row, date.fromisoformat(when[-10:])) if not isnan(x)]
        return {"value": stock.shown(name, max(values), row) if values else None}
    if when.startswith("at "):
        at = counted.market.row(date.fromisoformat(when[3:]))
        return {"value": stock.shown(name, stock.at(name, at), row)}
    lag = int(when.split()[0]) if when else 0
    return {"value": stock.shown(name, stock.at(name, row, lag), row)}


# Candles --------------------------------------------------------------------------------------------------


def history(counted: Counted, stock: Stock, model: ExplainedStock) -> dict[str, Any]:
    rows = range(max(0, counted.row + 1 - HISTORY), counted.row + 1)
    carried = [stock.k[at] / stock.k[counted.row] for at in rows]

    def prices(name: str) -> list[float | None]:
        raw = [stock.raw(name, at) for at in rows]
        return [None if x is None else tenth(x * c) for x, c in zip(raw, carried, strict=True)]

    volumes = [stock.raw("volume", at) for at in rows]
    return {
        **{f"{name}s": prices(name) for name in ("open", "high", "low", "close")},
        "volumes": [None if v is None else round(v / c) for v, c in zip(volumes, carried, strict=True)],
        "averages": {
            name: [
                tenth(stock.at(name, at) / stock.k[counted.row])
                if stock.has_bar(at) and not isnan(stock.at(name, at)) else None
                for at in rows
            ]
            for name in model.history.averages
        },
        "marks": marks(counted, stock, model, counted.market.dates[rows[0]]),
    }  # fmt: skip


def tenth(value: float) -> float:
    return round(value, 1)


def marks(counted: Counted, stock: Stock, model: ExplainedStock, first: date) -> list[dict[str, Any]]:
    """The fills of the stock at the places of the model's marks; every fill must have one."""
    fills = defaultdict(list)
    for fact in counted.facts:
        if fact.kind == "fill" and fact.code == stock.code and fact.session >= first:
            side = "buy" if fact.side == "BUY" else "sell"
            fills[fact.session, side, fact.group].append({"shares": fact.shares, "price": float(fact.price)})
    found: list[dict[str, Any]] = []
    for mark in model.history.marks:
        own = fills[mark.session, mark.kind, mark.group]
        found.append(own.pop(0) if own else {"shares": None, "price": None})
    return [*found, *(fill for left in fills.values() for fill in left)]
