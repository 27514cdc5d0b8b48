"""BUY and SELL signals, near misses, and what every group thinks of every stock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.reports.build.recount.morning import Counted
from tests.reports.build.recount.opinions import Opinion, opinion

URGENCY = ("EMERGENCY", "HIGH", "MEDIUM", "LOW")
NEAR, NEAREST = 15.0, 5


def of(counted: Counted, group: str, code: str) -> Opinion:
    """What a group's entry says of a stock this morning."""
    return opinion(counted.rules(group)["entry"], counted.known, code)


def buys(counted: Counted) -> list[dict[str, Any]]:
    """The BUYs, by score; what is ordered of each, as the journal's orders say."""
    found = []
    for group in counted.decided:
        for code, row in counted.signals(group).items():
            if row["action"] == "BUY":
                found.append(buy(counted, group, code))
    return sorted(found, key=lambda b: (-b["score"], -b["confidence"], b["group"], b["code"]))


def buy(counted: Counted, group: str, code: str) -> dict[str, Any]:
    own = of(counted, group, code)
    shares = sum(o.shares for o in counted.orders if (o.group, o.code, o.side) == (group, code, "BUY"))
    base = counted.stock(code).tomorrow(counted.row, counted.due(code))
    return {
        "group": group, "code": code, "score": own.score, "confidence": own.confidence,
        "price": counted.price(code), "shares": shares, "required": int(base * shares),
        "threshold": own.threshold, "parts": own.parts,
    }  # fmt: skip


def sells(counted: Counted) -> list[dict[str, Any]]:
    """The sells, the most urgent first."""
    found = [
        sell(counted, group, code, row)
        for group in counted.decided
        for code, row in counted.signals(group).items()
        if row["action"] != "BUY"
    ]
    return [own for _, own in sorted(found, key=lambda each: each[0])]


def sell(
    counted: Counted, group: str, code: str, row: Mapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """A sell, and its place."""
    purse, close = counted.now[group], counted.price(code)
    held, entry = purse.shares(code), purse.entry(code)
    unknown = row["action"] == "EXIT_UNKNOWN"
    urgent = URGENCY.index(row["urgency"] or "LOW")
    return (not unknown, urgent, group, code), {
        "confidence": row["confidence"], "score": of(counted, group, code).score, "held": held,
        "entry_price": entry, "price": close, "pnl": round((close - entry) * held),
        "pnl_pct": 100 * (close - entry) / entry,
        "days_held": (counted.day - purse.lots[code][0].opened).days,
    }  # fmt: skip


def near_misses(counted: Counted) -> list[dict[str, Any]]:
    """The five nearest of each group, once a stock, with every group that was near to it."""
    near: dict[str, list[tuple[Any, ...]]] = {}
    chosen = set()
    for group in counted.decided:
        if group not in counted.declared:
            continue
        own = []
        for code in counted.monitored:
            if code not in counted.market or counted.now[group].lots[code] or code in counted.signals(group):
                continue
            said = of(counted, group, code)
            traded = counted.stock(code).has_bar(counted.row)
            if said.short is not None and said.short <= NEAR and (said.short or not traded):
                own.append(((said.short, -said.score, code, group), said))
        own.sort(key=lambda each: each[0])
        chosen.update(rank[2] for rank, _ in own[:NEAREST])
        for rank, said in own:
            near.setdefault(rank[2], []).append((rank, said))
    found = [sorted(near[code], key=lambda each: each[0]) for code in chosen]
    return [
        {
            "price": counted.price(groups[0][0][2]), "short": groups[0][0][0],
            "groups": [
                {"score": s.score, "short": s.short, "threshold": s.threshold, "parts": s.parts}
                for _, s in groups
            ],
        }
        for groups in sorted(found, key=lambda groups: groups[0][0])
    ]  # fmt: skip


def evaluations(counted: Counted) -> list[dict[str, Any]]:
    """Every monitored stock as every group sees it."""
    return [
        {
            "price": counted.price(code), "age": counted.stock(code).age(counted.row),
            "opinions": [
                {"score": of(counted, group, code).score}
                for group in counted.decided if group in counted.declared
            ],
        }
        for code in counted.monitored if code in counted.market
    ]  # fmt: skip
