"""What came of the decision before, and what lies ahead."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from jstock_core.market.calendar import tse
from tests.reports.build.recount.journal import Fact
from tests.reports.build.recount.market import last_close
from tests.reports.build.recount.morning import Counted
from tests.reports.build.recount.opinions import levels, opinion
from tests.reports.build.recount.portfolio import announced, away

CASH = ("deposit", "withdrawal", "dividend", "fee", "cash_adjustment")
AHEAD = 10


def since(counted: Counted) -> dict[str, Any]:
    """Every number of the section, by its name."""
    first = counted.before is None
    found = stops(counted)
    return {
        "outcomes": [] if first else [*outcomes(counted)],
        "moves": [] if first else [*moves(counted)],
        "cash": [] if first else [cash(counted, group) for group in sorted(counted.now)],
        "stops": found,
        "signals": [] if first else turns(counted),
        "ahead": ahead(counted),
        "near_atr": 1.0, "near_pct": 2.0,
        "watched": sum(stop["close_then"] is not None for stop in found),
    }  # fmt: skip


# Orders and cash ------------------------------------------------------------------------------------------


def outcomes(counted: Counted) -> Iterator[dict[str, Any]]:
    """Orders that were open then or placed then, sells first; then what was traded by hand."""
    ends = [f for f in counted.recent if f.kind in ("fill", "expired", "cancelled")]
    waiting = {key for purse in counted.now.values() for key in purse.orders}
    placed = [
        f for f in counted.facts
        if f.kind == "order" and f.session < counted.trade_date
        and (f.session >= counted.before or f.id in waiting or any(e.order_id == f.id for e in ends))
    ]  # fmt: skip
    for order in sorted(placed, key=lambda f: (f.side == "BUY", f.session, f.group, f.code)):
        fills = [f for f in ends if f.kind == "fill" and f.order_id == order.id]
        yield outcome(counted, order, fills)
    for fill in ends:
        if fill.kind == "fill" and fill.order_id is None:
            yield outcome(counted, None, [fill])


def outcome(counted: Counted, order: Fact | None, fills: list[Fact]) -> dict[str, Any]:
    filled = sum(fill.shares for fill in fills)
    paid = sum(fill.price * fill.shares for fill in fills)
    price = float(paid / filled) if filled else None
    estimate = None if order is None else estimated(counted, order)
    purse = counted.now[(order or fills[0]).group]
    gains = [gain for fill in fills if (gain := purse.gain_of(fill.id)) is not None]
    ids = {fill.id for fill in fills}
    known = price is not None and estimate is not None
    cheaper = (estimate - price) * filled if known else 0.0
    return {
        "ordered": 0 if order is None else order.shares, "filled": filled, "price": price,
        "estimate": estimate, "amount": sum(fill.amount for fill in fills),
        "gain": sum(gains) if gains else None,
        "fees": sum(f.amount for f in counted.facts if f.kind == "fee" and f.fill_id in ids),
        "difference_pct": 100 * (price - estimate) / estimate if known else None,
        "better": round(cheaper if order and order.side == "BUY" else -cheaper) if known else None,
    }  # fmt: skip


def estimated(counted: Counted, order: Fact) -> float | None:
    """The close that the order was decided on, in yen of its session; None while that is to come."""
    panel = counted.market.panel
    if order.session not in panel.dates or order.code not in counted.market:
        return None
    seen, then = counted.market.row(order.evaluated), counted.market.row(order.session)
    close = last_close(panel, seen, order.code)
    for factor in panel.adj_factor[seen + 1 : then + 1, panel.column[order.code]]:
        close *= factor
    return close


def signed(fact: Fact) -> int:
    """Yen that a fact brings into its group."""
    if fact.kind == "cash_adjustment":
        return fact.difference
    out = fact.kind in ("withdrawal", "fee") or (fact.kind == "fill" and fact.side == "BUY")
    return -fact.amount if out else fact.amount


def moves(counted: Counted) -> Iterator[dict[str, int]]:
    """What came and went without trades, the fees of each group as one at the end."""
    for fact in counted.recent:
        if fact.kind in CASH and fact.kind != "fee":
            yield {"amount": signed(fact)}
    fees = [f for f in counted.recent if f.kind == "fee"]
    for group in sorted({f.group for f in fees}):
        yield {"amount": sum(signed(f) for f in fees if f.group == group)}


def cash(counted: Counted, group: str) -> dict[str, int]:
    own = [f for f in counted.recent if f.fields.get("group") == group]

    def total(*kinds: str, side: str = "") -> int:
        return sum(signed(f) for f in own if f.kind in kinds and side in ("", f.fields.get("side")))

    then, now = counted.then[group].cash if group in counted.then else 0, counted.now[group].cash
    parts = {
        "sold": total("fill", side="SELL"), "bought": total("fill", side="BUY"),
        "dividends": total("dividend"), "fees": total("fee"),
        "deposited": total("deposit", "withdrawal"), "adjusted": total("cash_adjustment"),
    }  # fmt: skip
    return {"then": then, "now": now, **parts, "other": now - then - sum(parts.values())}


# Triggers -------------------------------------------------------------------------------------------------


def stops(counted: Counted) -> list[dict[str, Any]]:
    return [
        watch(counted, group, code)
        for group, purse in sorted(counted.now.items())
        for code in purse.held
    ]  # fmt: skip


def watch(counted: Counted, group: str, code: str) -> dict[str, Any]:
    stock, row, close = counted.stock(code), counted.row, counted.price(code)
    now = levels(counted.rules(group)["exit"], counted.known, counted.now[group], code)
    then, close_then = before(counted, group, code)
    rows = [] if counted.known_then is None else range(counted.known_then.row + 1, row + 1)
    bars = [at for at in rows if stock.has_bar(at)]
    carried = [stock.k[at] / stock.k[row] for at in bars]
    changes = []
    for level in now:
        fired, was = then.get(level.layer, (False, None))
        price = level.price if (level.price or 0) > 0 else None
        if level.fires or fired or was is not None or price is not None:
            moved = 0.0 if was is None or price is None else price - was
            changes.append({"then": was, "now": price, "moved": moved})
    away_of = {level.layer: away(level.price, close, stock.atr(row)) for level in now}
    standing = [level for level in now if (level.price or 0) > 0 and not level.fires]
    nearest = min(standing, key=lambda each: abs(away_of[each.layer]["distance_pct"]), default=None)
    return {
        "close_then": close_then, "close": close,
        "low": min((stock.raw("low", at) * c for at, c in zip(bars, carried, strict=True)), default=None),
        "high": max((stock.raw("high", at) * c for at, c in zip(bars, carried, strict=True)), default=None),
        "levels": changes,
        "trigger_price": None if nearest is None else nearest.price,
        **({} if nearest is None else away_of[nearest.layer]),
    }  # fmt: skip


def before(counted: Counted, group: str, code: str) -> tuple[dict[str, Any], float | None]:
    """Of each layer then whether it fired, and its price in yen of today; and the close then."""
    known, purse = counted.known_then, counted.then.get(group)
    if known is None or purse is None or not purse.lots[code] or group not in counted.decided_then:
        return {}, None
    stock = counted.stock(code)
    carried = stock.k[known.row] / stock.k[counted.row]
    found = levels(counted.rules(group, then=True)["exit"], known, purse, code)
    prices = {each.layer: each.price * carried if (each.price or 0) > 0 else None for each in found}
    return {each.layer: (each.fires, prices[each.layer]) for each in found}, stock.close(known.row) * carried


# Signals --------------------------------------------------------------------------------------------------


def turns(counted: Counted) -> list[dict[str, Any]]:
    """Signals that are new, gone or of another action or layer."""
    found = []
    for group in counted.decided:
        then, now = counted.signals(group, then=True), counted.signals(group)
        for code in sorted(then.keys() | now.keys()):
            a, b = then.get(code), now.get(code)
            if a is None or b is None or (a["action"], a["layer"]) != (b["action"], b["layer"]):
                turn = 1 if a is None else 2 if b is None else 0
                key = (b is None or b["action"] == "BUY", turn, group, code)
                found.append((key, changed(counted, group, code)))
    return [each for _, each in sorted(found, key=lambda each: each[0])]


def changed(counted: Counted, group: str, code: str) -> dict[str, Any]:
    then = opinion(counted.rules(group, then=True)["entry"], counted.known_then, code)
    now = opinion(counted.rules(group)["entry"], counted.known, code)
    parts = []
    for a, b in zip(then.parts, now.parts, strict=True):
        if abs(b["value"] - a["value"]) > 1e-9:
            points = round(b["points"] - a["points"], 9) if "points" in a else None
            size = abs(points) if points is not None else abs(b["value"] - a["value"])
            size *= 100 if b["kind"] == "x" else 1
            parts.append((size, {"then": a["value"], "now": b["value"], "points": points}))
    parts.sort(key=lambda each: -each[0])
    return {"score_then": then.score, "score_now": now.score, "parts": [part for _, part in parts]}


# Ahead ----------------------------------------------------------------------------------------------------


def ahead(counted: Counted) -> list[dict[str, Any]]:
    """Earnings, dividends and splits of the next ten sessions, by day."""
    days = tse().between(counted.trade_date, tse().last)[:AHEAD]
    ordered = {f.code for f in counted.orders}
    held = {code for purse in counted.now.values() for code in purse.held}
    found = []
    for code in sorted(held | ordered):
        if code not in counted.market:
            continue
        shares = sum(purse.shares(code) for purse in counted.now.values())
        for kind, day, more in events(counted, code, shares, days):
            number = {"sessions": sum(session < day for session in days), "shares": shares, **more}
            found.append(((day, kind, code), number))
    return [number for _, number in sorted(found, key=lambda each: each[0])]


def events(counted: Counted, code: str, shares: int, days: tuple[date, ...]) -> Iterator[Any]:
    for day in counted.known.earnings(code):
        if days[0] <= day <= days[-1]:
            yield "earnings", day, {}
    for dividend in announced(counted, code):
        rate = dividend["rate"]
        if days[0] <= dividend["ex_date"] <= days[-1]:
            amount = None if rate is None or not shares else int(Decimal(str(rate)) * shares)
            yield "dividend", dividend["ex_date"], {"rate": rate, "amount": amount}
    actions = counted.market.panel.actions
    for n, of in enumerate(actions.code.tolist()):
        day = actions.ex_date[n].astype(object)
        if of == code and days[0] <= day <= days[-1] and actions.adj_factor.item(n) != 1:
            yield "split", day, {"ratio": 1 / actions.adj_factor.item(n)}
