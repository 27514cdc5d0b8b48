"""The numbers of the Market and Execution sections worked out again in plain Python, stock by stock."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from math import isnan
from statistics import fmean

from jstock_core.market.panel import Panel
from jstock_core.market.rules import tick
from tests.reports.build.recount.journal import Fact, is_trade
from tests.reports.build.recount.performance import last_close


def change(panel: Panel, code: str, back: int) -> float | None:
    """Percent over so many sessions up to D, over splits."""
    row = len(panel.dates) - 1
    if row < back:
        return None
    before, now = last_close(panel, row - back, code), last_close(panel, row, code)
    for factor in panel.adj_factor[row - back + 1 : row + 1, panel.column[code]]:
        before *= factor
    return None if isnan(before) or isnan(now) else float(100 * (now - before) / before)


def bars(panel: Panel, code: str, what: str) -> list[tuple[date, float]]:
    """A stock's bars in yen of D."""
    n, factor, found = panel.column[code], 1.0, []
    for row in reversed(range(len(panel.dates))):
        if not isnan(panel.close[row, n]):
            found.append((panel.dates[row], float(getattr(panel, what)[row, n] * factor)))
        factor *= panel.adj_factor[row, n]
    return found[::-1]


def market(panel: Panel, monitored: tuple[str, ...]) -> dict:
    """Every field of the Market section, by its name."""
    codes = [code for code in monitored if code in panel.column]
    traded = [code for code in codes if not isnan(panel.close[-1, panel.column[code]])]
    moved = [c for c in (change(panel, code, 1) for code in traded) if c is not None]
    topix = [None if isnan(x) else float(x) for x in panel.topix]
    now, before = topix[-1], topix[-2]
    day = 100 * (now - before) / before
    strong = "Strong " if abs(day) > 1 else ""
    weeks = week_rows(panel)
    return {
        "topix": now,
        "change": now - before,
        "change_pct": day,
        "change_20_pct": None if topix[-21] is None else 100 * (now - topix[-21]) / topix[-21],
        "condition": "Neutral" if abs(day) <= 0.3 else strong + ("Bullish" if day > 0 else "Bearish"),
        "advancers": sum(c > 1e-9 for c in moved),
        "decliners": sum(c < -1e-9 for c in moved),
        "unchanged": sum(abs(c) <= 1e-9 for c in moved),
        "foreigners": foreigners(weeks, panel.dates[-1]),
        "trend": trend(panel, traded),
        "sectors": sectors(panel, codes, traded),
        "weeks": [
            {"week_end": end, "published": out, "foreigners": frgn, "individuals": ind}
            for end, out, frgn, ind in weeks[-8:]
        ],
        "path": {"sessions": list(panel.dates[-60:]), "topix": topix[-60:]},
    }


def week_rows(panel: Panel) -> list[tuple[date, date, float, float]]:
    """The Prime section's weeks as last published, the oldest first."""
    flows, newest = panel.flows, {}
    for end, out, section, frgn, ind in zip(
        flows.week_end.tolist(), flows.published.tolist(), flows.section.tolist(),
        flows.balance["Frgn"].tolist(), flows.balance["Ind"].tolist(), strict=True,
    ):  # fmt: skip
        if section == "TSEPrime" and out >= newest.get(end, (end, date.min))[1]:
            newest[end] = (end, out, frgn, ind)
    return [newest[end] for end in sorted(newest)]


def foreigners(weeks: list[tuple[date, date, float, float]], day: date) -> dict:
    end, out, frgn, _ = weeks[-1]
    summed = [week for week in weeks if day - timedelta(days=35) <= week[0] <= day]
    window = {
        "weeks": len(summed),
        "first": summed[0][0],
        "last": summed[-1][0],
        "foreigners": sum(w[2] for w in summed),
    }
    return {"balance": frgn, "week_end": end, "published": out, "window": window}


def trend(panel: Panel, traded: list[str]) -> dict:
    closes = {code: [x for _, x in bars(panel, code, "close")][-25:] for code in traded}
    closes = {code: own for code, own in closes.items() if len(own) == 25}
    long, highs, lows = 0, 0, 0
    if len(panel.dates) >= 245:
        since = panel.dates[-245]
        for code in traded:
            if bars(panel, code, "close")[0][0] > since:
                continue
            long += 1
            high, low = (
                [x for day, x in bars(panel, code, what) if day >= since] for what in ("high", "low")
            )
            highs += high[-1] > max(high[:-1])
            lows += low[-1] < min(low[:-1])
    return {
        "mean_bars": 25,
        "above_mean": sum(own[-1] > fmean(own) for own in closes.values()),
        "above_mean_pct": (
            100 * sum(own[-1] > fmean(own) for own in closes.values()) / len(closes) if closes else None
        ),
        "with_mean": len(closes),
        "range_sessions": 245,
        "highs": highs,
        "lows": lows,
        "with_range": long,
    }


def sectors(panel: Panel, codes: list[str], traded: list[str]) -> list[dict]:
    by = {}
    for code in codes:
        by.setdefault(panel.listings[panel.column[code]].sector, []).append(code)
    found = []
    for sector, own in by.items():
        day = [c for c in (change(panel, code, 1) for code in own if code in traded) if c is not None]
        span = [c for c in (change(panel, code, 20) for code in own) if c is not None]
        if sector:
            found.append(
                {
                    "sector": sector, "stocks": len(own), "traded": len(day),
                    "day_pct": fmean(day) if day else None, "span_pct": fmean(span) if span else None,
                }
            )  # fmt: skip
    return sorted(found, key=lambda s: (s["day_pct"] is None, -(s["day_pct"] or 0), s["sector"]))


# Execution ------------------------------------------------------------------------------------------------


def fills(facts: list[Fact], panel: Panel, recent: list[Fact]) -> list[dict]:
    """Every field of the fills since the morning before."""
    orders = {fact.id: fact for fact in facts if fact.kind == "order"}
    return [fill(each, orders, panel) for each in recent if is_trade(each)]


def fill(event: Fact, orders: dict, panel: Panel) -> dict:
    order, n = orders.get(event.order_id), panel.column[event.code]
    row = panel.dates.index(event.session)
    opened = None if isnan(panel.open[row, n]) else float(panel.open[row, n])
    closed = None
    if order is not None:
        seen = panel.dates.index(order.evaluated)
        closed = last_close(panel, seen, event.code)
        for factor in panel.adj_factor[seen + 1 : row + 1, n]:
            closed *= factor
    return {
        "session": event.session,
        "group": event.group,
        "code": event.code,
        "name": panel.listings[n].name,
        "side": event.side,
        "shares": event.shares,
        "price": float(event.price),
        "filled_by": "paper" if event.source == "paper" else "you",
        "decided_on": None if order is None else order.evaluated,
        "against_open": slip(event, opened, panel),
        "against_close": slip(event, closed, panel),
        "open_unknown": "" if opened else "the market data has no opening price of the session",
        "close_unknown": "" if closed else "recorded without an order",
    }


def slip(event: Fact, reference: float | None, panel: Panel) -> dict | None:
    if reference is None:
        return None
    stock = panel.listings[panel.column[event.code]]
    worse = (float(event.price) - reference) * (1 if event.side == "BUY" else -1)
    return {
        "reference": reference,
        "yen": round(Decimal(str(round(worse, 9))) * event.shares),
        "bp": 10_000 * worse / reference,
        "ticks": worse / float(tick(Decimal(str(reference)), stock, event.session)),
    }


def slippage(facts: list[Fact], panel: Panel) -> list[dict]:
    """Every field of the running totals."""
    orders = {fact.id: fact for fact in facts if fact.kind == "order"}
    every = [fill(e, orders, panel) for e in facts if is_trade(e) and e.session <= panel.dates[-1]]
    found = []
    for who in ("you", "paper"):
        own = [each for each in every if each["filled_by"] == who]
        if own:
            sums = {name: total(own, name) for name in ("against_open", "against_close")}
            found.append({"filled_by": who, "fills": len(own), **sums})
    return found


def total(own: list[dict], name: str) -> dict | None:
    known = [each for each in own if each[name]]
    if not known:
        return None
    worth = sum(each["shares"] * each[name]["reference"] for each in known)
    worse = sum(each["shares"] * each[name]["reference"] * each[name]["bp"] / 10_000 for each in known)
    return {
        "fills": len(known),
        "yen": sum(each[name]["yen"] for each in known),
        "bp": 10_000 * worse / worth,
        "ticks": sum(e["shares"] * e[name]["ticks"] for e in known) / sum(e["shares"] for e in known),
    }
