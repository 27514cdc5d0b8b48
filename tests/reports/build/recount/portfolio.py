"""The Portfolio section: positions, the money of each group, dividends that are expected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from jstock_core.market.calendar import tse
from tests.reports.build.recount.ledger import Purse, ledger
from tests.reports.build.recount.morning import Counted
from tests.reports.build.recount.opinions import Level, levels

RECENT = 60


def portfolio(counted: Counted, performance: Mapping[str, Any]) -> dict[str, Any]:
    """Every number of the section, by its name."""
    held = [
        position(counted, group, purse, code)
        for group, purse in sorted(counted.now.items())
        for code in purse.held
    ]
    expected = [*claims(counted)]
    accounts = [
        account(group, purse, held, expected, performance) for group, purse in sorted(counted.now.items())
    ]
    whole = {
        name: sum(each[name] for each in accounts)
        for name in accounts[0] if name not in ("group", "day_pnl", "return_pct", "price_return_pct")
    }  # fmt: skip
    days = [each["day_pnl"] for each in accounts if each["day_pnl"] is not None]
    curve = performance["whole"]
    whole |= {
        "day_pnl": sum(days) if days else None, "return_pct": curve["last"],
        "price_return_pct": curve["price_return_pct"],
    }  # fmt: skip
    return {
        "held": held, "accounts": accounts, "whole": whole, "expected": [plain(each) for each in expected],
    }  # fmt: skip


def account(
    group: str, purse: Purse, held: list[dict[str, Any]], expected: list[Any], performance: Mapping[str, Any]
) -> dict[str, Any]:
    own = [line for line in held if line["group"] == group]
    value, cost = sum(line["value"] for line in own), sum(line["cost"] for line in own)
    curve = next((c for c in performance["groups"] if c["group"] == group), {})
    return {
        "group": group, "deposited": purse.deposited, "adjusted": purse.adjusted, "cash": purse.cash,
        "reserved": purse.reserved, "invested": cost, "value": value, "realized": purse.realized,
        "dividends": purse.dividends, "fees": purse.fees, "positions": len(own),
        "day_pnl": performance["day_pnl"].get(group), "return_pct": curve.get("last"),
        "price_return_pct": curve.get("price_return_pct"),
        "receivable": sum(each["amount"] or 0 for each in expected if each["group"] == group),
        "equity": purse.cash + value, "unrealized": value - cost,
    }  # fmt: skip


def position(counted: Counted, group: str, purse: Purse, code: str) -> dict[str, Any]:
    stock, row, day = counted.stock(code), counted.row, counted.day
    close, shares, cost = stock.close(row), purse.shares(code), purse.cost(code)
    oldest, atr = purse.lots[code][0], stock.atr(row)
    value = int(Decimal(str(close)) * shares)
    found = levels(counted.rules(group)["exit"], counted.known, purse, code)
    stop = nearest_stop(found, close)
    return {
        "group": group, "shares": shares, "cost": cost, "average_price": cost / shares, "close": close,
        "value": value, "day_change_pct": stock.change_pct(row),
        "sessions_held": sessions(oldest.opened, day), "days_held": max(0, (day - oldest.opened).days),
        "stop": None if stop is None else {"price": stop.price, **away(stop.price, close, atr)},
        "age": stock.age(row), "odd_lot": shares % stock.listing.unit,
        "day_pnl": day_pnl(counted, purse, code, close),
        "entry_price": purse.entry(code), "peak": stock.peak(row, purse.entry(code), oldest.opened),
        "atr": atr,
        "levels": [
            {"price": each.price, **away(each.price, close, atr)} if (each.price or 0) > 0 else {}
            for each in found
        ],
        "lots": [
            {
                "shares": lot.shares, "price": float(lot.paid / Decimal(float(lot.ratio))), "cost": lot.cost,
                "sessions_held": sessions(lot.opened, day), "score": lot.score,
            }
            for lot in purse.lots[code]
        ],
        "dividends": sum(
            f.amount for f in purse.received
            if f.code == code
            and (f.ex_date > oldest.opened if f.fields.get("ex_date") else f.session >= oldest.opened)
        ),
        "recent": [
            stock.close(at) * stock.k[at] / stock.k[row] if stock.has_bar(at) else None
            for at in range(max(0, row + 1 - RECENT), row + 1)
        ],
        "pnl": value - cost, "pnl_pct": 100 * (value - cost) / cost,
    }  # fmt: skip


def sessions(opened: date, day: date) -> int:
    """Sessions after a purchase, up to D."""
    return max(0, len(tse().between(opened, day)) - 1) if opened <= day else 0


def away(price: float | None, close: float, atr: float | None) -> dict[str, float | None]:
    """How far a price is from the close."""
    if price is None:
        return {}
    return {
        "distance_pct": 100 * (price - close) / close,
        "distance_atr": None if atr is None else (price - close) / atr,
    }


def nearest_stop(found: list[Level], close: float) -> Level | None:
    """The first layer that fires from above the close, else the highest that stands at or under it."""
    priced = [each for each in found if (each.price or 0) > 0]
    broken = [each for each in priced if each.fires and each.price >= close * (1 - 1e-9)]
    standing = [each for each in priced if not each.fires and each.price <= close * (1 + 1e-9)]
    return broken[0] if broken else max(standing, key=lambda each: each.price, default=None)


def day_pnl(counted: Counted, purse: Purse, code: str, close: float) -> int:
    """What D gave to the lots held: from the close before, or from what was paid in D."""
    before, gained = counted.stock(code).base(counted.row), 0.0
    for lot in purse.lots[code]:
        if lot.opened >= counted.day:
            gained += close * lot.shares - lot.cost
        elif before is not None:
            gained += (close - before) * lot.shares
    return round(gained)


# Dividends ------------------------------------------------------------------------------------------------


def plain(claim: dict[str, Any]) -> dict[str, Any]:
    return {name: claim[name] for name in ("shares", "rate", "amount")}


def announced(counted: Counted, code: str) -> list[dict[str, Any]]:
    """The dividends of a stock as its newest notices say, by ex-date; none is taken back or amended here."""
    facts, found = counted.market.panel.dividends, {}
    for n, of in enumerate(facts.code.tolist()):
        if of == code and facts.known_at[n].astype(object) <= counted.known.decided_at:
            rate = facts.rate.item(n)
            found[facts.ex_date[n].astype(object)] = {
                "ex_date": facts.ex_date[n].astype(object), "pay_date": facts.pay_date[n].astype(object),
                "rate": float(rate) if rate >= 0 else None,
            }  # fmt: skip
    return [found[day] for day in sorted(found)]


def claims(counted: Counted) -> Iterator[dict[str, Any]]:
    """What each group has earned at D's close of each dividend, and was not paid."""
    ever = {f.code for f in counted.facts if f.kind in ("fill", "position_adjustment")}
    for code in sorted(ever):
        for dividend in announced(counted, code):
            ex_date, paid = dividend["ex_date"], dividend["pay_date"]
            if not counted.day - timedelta(200) < ex_date <= tse().next(counted.day):
                continue
            session = None if paid is None else tse().on_or_after(paid)
            if session is None or session > counted.day:
                yield from _unpaid(counted, code, dividend, session)


def _unpaid(counted: Counted, code: str, dividend: dict[str, Any], session: date | None) -> Iterator[Any]:
    held = ledger(f for f in counted.facts if f.session < dividend["ex_date"] or f.kind == "deposit")
    recorded = any(
        session is not None and abs(len(tse().between(*sorted((f.session, session)))) - 1) <= 5
        for f in counted.facts
        if f.kind == "dividend" and f.code == code and f.ex_date is None
    )
    due = due_of(held, code, dividend)
    for (group, at_broker), amount in sorted(due.items()):
        booked = any(f.code == code and f.ex_date == dividend["ex_date"] for f in counted.now[group].received)
        if booked or (recorded and at_broker) or amount == 0:
            continue
        shares = sum(lot.shares for lot in held[group].lots[code] if (lot.place == "broker") == at_broker)
        rate = dividend["rate"]
        yield {"group": group, "shares": shares, "rate": rate, "amount": None if rate is None else amount}


def due_of(held: Mapping[str, Purse], code: str, dividend: dict[str, Any]) -> dict[tuple[str, bool], int]:
    """Yen after tax of each group, on paper and at the broker: reckoned an account, shared by shares."""
    pools: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for group, purse in held.items():
        for lot in purse.lots[code]:
            pools[lot.place, lot.account or "特定"][group] += lot.shares
    due: dict[tuple[str, bool], int] = defaultdict(int)
    for (place, kind), shares in pools.items():
        whole = sum(shares.values())
        gross = int(whole * Decimal(str(dividend["rate"] or 0)))
        tax = 0 if kind == "NISA" else gross * 15315 // 100_000 + gross * 5 // 100
        exact = {group: Fraction((gross - tax) * count, whole) for group, count in shares.items()}
        parts = {group: floor(part) for group, part in exact.items()}
        order = sorted(exact, key=lambda group: (parts[group] - exact[group], group))
        for group in order[: gross - tax - sum(parts.values())]:
            parts[group] += 1
        for group, yen in parts.items():
            due[group, place == "broker"] += yen if dividend["rate"] is not None else 0
    if dividend["rate"] is None:
        return dict.fromkeys(due, -1)
    return due
