"""What the rules of a group say of a stock, worked out by `tests.signals.slow` from what was known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from math import isnan, nan
from typing import Any

from tests.reports.build.recount.bars import Market, Stock
from tests.reports.build.recount.ledger import Purse
from tests.signals import slow

NAMES = ("technical", "institutional", "fundamental", "volatility")
WEIGHTS = {"SimpleScorer": (0.40, 0.30, 0.20, 0.10), "EnhancedScorer": (0.35, 0.35, 0.20, 0.10)}


@dataclass(frozen=True, eq=False)
class Known:
    """A morning: the market up to D's row, for a trade date, as known at a time in JST."""

    market: Market
    row: int
    trade_date: date
    decided_at: datetime

    @property
    def day(self) -> date:
        return self.market.dates[self.row]

    @cached_property
    def weeks(self) -> list[tuple[Any, ...]]:
        flows = self.market.panel.flows
        return [
            (known, published, end, section, {i: b[n] for i, b in flows.balance.items()}, 0.0)
            for n, (known, published, end, section) in enumerate(
                zip(
                    flows.known_at.tolist(), flows.published.tolist(), flows.week_end.tolist(),
                    flows.section.tolist(), strict=True,
                )
            )
        ]  # fmt: skip

    def documents(self, code: str) -> list[dict[str, Any]]:
        facts = self.market.panel.statements
        return [
            {
                "at": facts.known_at[n].astype(object), "kind": str(facts.doc_type[n]),
                "period": str(facts.period[n]), "end": facts.period_end[n].astype(object),
                "year": facts.year_end[n].astype(object), **{k: v.item(n) for k, v in facts.figures.items()},
            }
            for n, of in enumerate(facts.code.tolist()) if of == code
        ]  # fmt: skip

    def earnings(self, code: str) -> list[date]:
        """The announced days of a stock: of each period the newest that was known."""
        facts, newest = self.market.panel.announcements, {}
        for n, of in enumerate(facts.code.tolist()):
            known = facts.known_at[n].astype(object)
            if of == code and known <= self.decided_at:
                newest[str(facts.period[n]) or n] = facts.day[n].astype(object)
        return sorted(set(newest.values()))

    def earnings_in(self, code: str) -> float:
        days = [(day - self.trade_date).days for day in self.earnings(code)]
        return min((n for n in days if 0 <= n <= 7), default=nan)


@dataclass
class Opinion:
    """The opinion of an entry on one stock; `score` is what is shown of it."""

    buy: bool
    score: float
    confidence: float
    threshold: float | None
    short: float | None
    parts: list[dict[str, Any]] = field(default_factory=list)


def opinion(declared: Mapping[str, Any], known: Known, code: str) -> Opinion:
    """What an entry says as it is declared in a group file."""
    stock = known.market.stock(code)
    if declared["use"] == "Vote":
        return _vote(declared, known, code)
    if declared["use"] in WEIGHTS:
        return _scorer(declared, known, stock)
    assert declared["use"] == "IchimokuStoch"
    _, confidence = slow.ichimoku_stoch(stock.history(known.row))
    score = 100 * confidence
    buys = confidence >= 0.6 and stock.has_bar(known.row)
    return Opinion(buys, score, confidence, 60.0, 0.0 if buys else _lack(60.0, score))


def _lack(least: float, score: float) -> float:
    return max(0.0, round(least - score, 9))


def scores(known: Known, stock: Stock) -> tuple[float, float, float, float]:
    """Technical, institutional, fundamental and volatility."""
    history = stock.history(known.row)
    return (
        slow.technical(history),
        slow.institutional(known.weeks, known.day, known.decided_at),
        slow.fundamental(known.documents(stock.code), known.decided_at),
        slow.volatility(history),
    )


def composite(known: Known, stock: Stock, use: str = "SimpleScorer") -> float:
    return slow.composite(scores(known, stock), WEIGHTS[use])


def _scorer(declared: Mapping[str, Any], known: Known, stock: Stock) -> Opinion:
    use, days = declared["use"], known.earnings_in(stock.code)
    factor = 0.8 if days <= 7 else 1.0
    if use == "EnhancedScorer":
        factor = 0.5 if days <= 1 else 0.7 if days <= 3 else 0.85 if days <= 7 else 1.0
    score = round(composite(known, stock, use) * factor, 9)
    least = float(declared.get("buy_threshold", 65))
    buy = stock.has_bar(known.row) and score >= least
    parts = [
        {"name": name, "kind": "score", "value": value, "weight": weight, "points": weight * value}
        for name, value, weight in zip(NAMES, scores(known, stock), WEIGHTS[use], strict=True)
    ]
    parts.append({"name": "earnings", "kind": "x", "value": factor})
    sure = min(score / 100, 1.0) if buy else 0.0
    return Opinion(buy, score, sure, least, _lack(least, score), parts)


def _vote(declared: Mapping[str, Any], known: Known, code: str) -> Opinion:
    members = [(opinion(each, known, code), each.get("weight", 1), each) for each in declared["of"]]
    whole = sum(weight for _, weight, _ in members)
    share = sum(weight for each, weight, _ in members if each.buy) / whole
    counted = sum(weight for each, weight, _ in members if each.buy or each.short == 0) / whole
    buy = known.market.stock(code).has_bar(known.row) and round(share, 9) >= declared["threshold"]
    score = round(sum(weight * each.score for each, weight, _ in members) / whole, 9)
    sure = sum(weight * each.confidence for each, weight, _ in members if each.buy) / whole
    parts = [
        {
            "name": given["use"], "kind": "entry", "value": each.score, "weight": float(weight),
            "threshold": each.threshold, "short": 0.0 if each.buy else each.short,
        }
        for each, weight, given in members
    ]  # fmt: skip
    short = max(0.0, round(100 * (declared["threshold"] - counted), 9))
    return Opinion(buy, score, sure if buy else 0.0, None, short, parts)


# Exits --------------------------------------------------------------------------------------------------


@dataclass
class Level:
    """What a layer says of a position: the price at which it fires, in yen of the morning's D."""

    layer: str
    fires: bool
    price: float | None = None


def layers(declared: Any) -> list[dict[str, Any]]:
    """The layers of an exit as it is declared."""
    if isinstance(declared, list):
        return declared
    if declared["use"] == "ATRExit":
        return [
            {"layer": "hard_stop", "atr": declared.get("stop", 2)},
            {"layer": "trailing_stop", "atr": declared.get("trail", 3)},
            {"layer": "momentum_exhaustion"}, {"layer": "trend_breakdown"},
        ]  # fmt: skip
    assert declared["use"] == "LayeredExit"
    return [
        {"layer": "stop_loss", "loss_pct": declared.get("stop_loss_pct", 8)},
        {"layer": "trend_breakdown"}, {"layer": "deterioration"}, {"layer": "weakness"},
        {"layer": "trailing_stop", "atr": declared.get("trail", 2)},
        {"layer": "take_profit", "gain_pct": declared.get("take_profit_pct", 15)},
        {"layer": "time_review", "days": declared.get("review_days", 90)},
    ]  # fmt: skip


def levels(declared: Any, known: Known, purse: Purse, code: str) -> list[Level]:
    """Every layer of an exit for a position, in the order they are asked."""
    holding = Holding(known, purse, code)
    return [Level(name_of(each), holding.fires(each), holding.price(each)) for each in layers(declared)]


def name_of(layer: Mapping[str, Any]) -> str:
    """What the layer's signal is called."""
    return {"band_break": "emergency", "foreign_exodus": "emergency"}.get(layer["layer"], layer["layer"])


class Holding:
    """A position as its exit sees it."""

    def __init__(self, known: Known, purse: Purse, code: str) -> None:
        self.known, self.purse, self.code = known, purse, code
        self.stock, self.row = known.market.stock(code), known.row
        oldest = purse.lots[code][0]
        self.entry, self.opened = purse.entry(code), oldest.opened
        self.evaluated, self.score = oldest.evaluated, oldest.score
        self.close = self.stock.close(self.row) or nan
        self.atr = self.stock.at("atr", self.row) / self.stock.k[self.row]
        self.peak = self.stock.peak(self.row, self.entry, self.opened)
        self.pnl = round(100 * (self.close - self.entry) / self.entry, 9)

    def price(self, layer: Mapping[str, Any]) -> float | None:
        found = {
            "stop_loss": lambda: self.entry * (1 - layer["loss_pct"] / 100),
            "hard_stop": lambda: self.entry - layer["atr"] * self.atr,
            "trailing_stop": lambda: self.peak - layer["atr"] * self.atr,
            "take_profit": lambda: (
                nan if "take_profit" in self.purse.taken[self.code]
                else self.entry * (1 + layer["gain_pct"] / 100)
            ),
            "band_break": lambda: self._yen("bb_lower"),
            "cloud_break": lambda: min(self._yen("ichi_span_a"), self._yen("ichi_span_b")),
        }.get(layer["layer"], lambda: nan)()  # fmt: skip
        return None if isnan(found) else found

    def _yen(self, name: str) -> float:
        return self.stock.at(name, self.row) / self.stock.k[self.row]

    def fires(self, layer: Mapping[str, Any]) -> bool:
        """Whether a layer fires; each has a method of its name."""
        return bool(getattr(self, f"_{layer['layer']}")(layer))

    @cached_property
    def history(self) -> dict[str, list[float]]:
        return self.stock.history(self.row)

    def _stop_loss(self, layer: Mapping[str, Any]) -> bool:
        return self.pnl <= -layer["loss_pct"]

    def _hard_stop(self, layer: Mapping[str, Any]) -> bool:
        return round(self.close, 9) < round(self.price(layer) or nan, 9)

    _trailing_stop = _hard_stop

    def _take_profit(self, layer: Mapping[str, Any]) -> bool:
        return self.pnl >= layer["gain_pct"] and "take_profit" not in self.purse.taken[self.code]

    def _trend_breakdown(self, _: Mapping[str, Any]) -> bool:
        return slow.trend_breakdown(self.history)

    def _momentum_exhaustion(self, _: Mapping[str, Any]) -> bool:
        h = self.history
        return h["rsi"][-1] > 70 and h["close"][-1] < h["ema_20"][-1]

    def _weakness(self, _: Mapping[str, Any]) -> bool:
        technical, institutional, fundamental, _volatility = scores(self.known, self.stock)
        return (technical < 35) + (institutional < 40) + (fundamental < 35) >= 2

    def _band_break(self, _: Mapping[str, Any]) -> bool:
        return self.history["bb_pct_b"][-1] < 0

    def _cloud_break(self, _: Mapping[str, Any]) -> bool:
        bottom = [
            nan if isnan(a) or isnan(b) else min(a, b)
            for a, b in zip(self.history["ichi_span_a"], self.history["ichi_span_b"], strict=True)
        ]
        return slow.through(self.history["close"], bottom)

    def _score_decay(self, layer: Mapping[str, Any]) -> bool:
        if self.score is None:
            return False  # it cannot be told
        return round(self.score - composite(self.known, self.stock), 9) > layer["buffer"]

    def _deterioration(self, _: Mapping[str, Any]) -> bool:
        then = self.known.market.row(self.evaluated)
        was = {name: self.stock.at(name, then) for name in ("close", "ema_200", "macd_hist")}
        asked = datetime.combine(self.known.market.dates[then + 1], datetime.min.time().replace(hour=7)) if (
            then < self.row
        ) else self.known.decided_at  # fmt: skip
        sums = [
            slow.foreign_sum(self.known.weeks, week[2], self.known.decided_at, 30)
            for week in slow.known_weeks(self.known.weeks, self.known.decided_at)
        ]
        position = {
            "then": was, "sums": sums,
            "sum_then": slow.foreign_sum(self.known.weeks, self.evaluated, asked, 30),
            "sum_now": slow.foreign_sum(self.known.weeks, self.known.day, self.known.decided_at, 30),
        }  # fmt: skip
        return slow.deterioration(self.history, position)

    def _time_review(self, layer: Mapping[str, Any]) -> bool:
        days = layer["days"]
        reviews = [day for day in self.purse.reviewed if day < self.known.day]
        asked = max(reviews, default=date.min)
        due = (self.known.day - self.opened).days // days > max((asked - self.opened).days, 0) // days
        unsold = {n for n, wanted in self.purse.unsold[self.code].items() if wanted >= asked}
        unsold |= {
            o.fact.layer for o in self.purse.orders.values()
            if o.fact.code == self.code and o.fact.layer and o.fact.evaluated >= asked
        }  # fmt: skip
        if not (due or "time_review" in unsold) or not self.pnl < 0:
            return False
        return composite(self.known, self.stock) < 55


def without(purse: Purse, trade_date: date) -> Purse:
    """The purse without the orders for a trade date, which its decision made itself."""
    kept = {key: order for key, order in purse.orders.items() if order.fact.session != trade_date}
    return Purse(**{**vars(purse), "orders": kept})
