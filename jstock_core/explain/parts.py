"""The parts of an entry's opinion on a stock: values, weights, what was neutral and why, what was missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jstock_core.base.words import plural
from jstock_core.market.prices import round_decimals
from jstock_core.signals.features.earnings import days_to_earnings
from jstock_core.signals.features.points import Score
from jstock_core.signals.features.scores import composite, institutional_window
from jstock_core.signals.features.view import View
from jstock_core.signals.language.entry import Entry, EntryOpinions
from jstock_core.signals.library.combine import Combination
from jstock_core.signals.library.entries import EnhancedScorer, SimpleScorer

FULL = 100.0
NAMED = 2
"""How many of the parts that cost the most points a near miss names."""

_SCORERS = (SimpleScorer, EnhancedScorer)

_LACKING = {
    "foreigners": "foreigners did not buy",
    "rising": "foreigners' buying not rising",
    "smart": "the smart money did not buy",
    "against_dumb": "individuals not on the other side",
    "turning": "the smart money's buying not rising",
    "sales": "sales growth weak",
    "profit": "profit growth weak",
    "progress": "not ahead of its forecast",
    "range": "range not narrow",
}
"""The words for a part of a score that added nothing."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of an opinion.

    `value` is a score of 0-100 with its `weight`, a factor on the whole ("x"), a step of confidence ("+"), or
    the shown score of an "entry" that a combination is made of: it has its own `threshold`, is `short` of it
    or not, and `buy` or not; its `weight` is that of its vote. `detail` is how a score came about, why it is
    `neutral`, or the reason of an entry.
    """

    name: str
    kind: str
    value: float
    weight: float | None = None
    neutral: bool = False
    detail: str = ""
    threshold: float | None = None
    short: float | None = None
    buy: bool | None = None

    @property
    def points(self) -> float | None:
        """What a weighted score adds to the whole."""
        return None if self.weight is None or self.kind == "entry" else self.weight * self.value


def threshold(entry: Entry) -> float | None:
    """The shown score from which the entry buys, 0-100; None where it declares none, or is made of others."""
    for name, scale in (("buy_threshold", 1.0), ("min_confidence", FULL)):
        least = getattr(entry, name, None)
        if isinstance(least, int | float):
            return round_decimals(scale * least)
    return None


def missing_points(entry: Entry, opinions: EntryOpinions, row: int, n: int) -> float | None:
    """Points missing to the entry's threshold, 0 where it is reached; None where it declares none.

    What a combination is short of follows from its members: a vote of its threshold, in percent of the
    weight; All of what the member lacks that lacks most, Any of what the one lacks that lacks least.
    """
    if isinstance(entry, Combination):
        return entry.points_missing([_missing(*one, row, n) for one in _members(entry, opinions)])
    least = threshold(entry)
    return None if least is None else max(0.0, round_decimals(least - float(opinions.display[row, n])))


def _members(entry: Combination, opinions: EntryOpinions) -> list[tuple[Entry, EntryOpinions]]:
    """The entries of a combination, each with its opinions."""
    return [(one.entry, opinion) for one, opinion in zip(entry.of, opinions.members.values(), strict=True)]


def _missing(entry: Entry, opinions: EntryOpinions, row: int, n: int) -> float | None:
    """What a member of a combination is short of, 0 where it buys."""
    return 0.0 if opinions.buy[row, n] else missing_points(entry, opinions, row, n)


def parts_of(entry: Entry, opinions: EntryOpinions, view: View, row: int, n: int) -> tuple[Part, ...]:
    """The parts of the entry's opinion on one stock, in the rule's order."""
    return tuple(_parts(entry, opinions, view, row, n))


def _parts(entry: Entry, opinions: EntryOpinions, view: View, row: int, n: int) -> Iterator[Part]:
    if isinstance(entry, Combination):
        yield from _entries(entry, opinions, row, n)
        return
    if not isinstance(entry, _SCORERS):
        for name, values in opinions.parts.items():
            neutral = name in opinions.neutral and bool(opinions.neutral[name][row, n])
            yield Part(name=name, kind="+", value=float(values[row, n]), neutral=neutral)
        return
    for name, score in composite(view, entry.weights, entry.flows).scores.items():
        yield Part(
            name=name,
            kind="score",
            value=float(score.value[row, n]),
            weight=getattr(entry.weights, name),
            neutral=bool(score.neutral[row, n]),
            detail=_detail(name, score, view, row, n),
        )
    factor = float(opinions.parts["earnings"][row, n])
    yield Part(name="earnings", kind="x", value=factor, detail=_earnings(view, row, n))


def _entries(entry: Combination, opinions: EntryOpinions, row: int, n: int) -> Iterator[Part]:
    for member, (name, opinion) in zip(entry.of, opinions.members.items(), strict=True):
        yield Part(
            name=name,
            kind="entry",
            value=float(opinion.display[row, n]),
            weight=member.weight if entry.weighted else None,
            detail=opinion.why(row, n),
            threshold=threshold(member.entry),
            short=_missing(member.entry, opinion, row, n),
            buy=bool(opinion.buy[row, n]),
        )


def _detail(name: str, score: Score, view: View, row: int, n: int) -> str:
    if score.neutral[row, n]:
        return why_neutral(name, view, row, n)
    points = ", ".join(f"{part} {int(p[row, n]):+d}" for part, p in score.parts.items())
    return f"50, {points}{_flow_span(view, row) if name == 'institutional' else ''}"


def _flow_span(view: View, row: int) -> str:
    """The weeks that the institutional score sums, in words."""
    window = institutional_window(view, row)
    if window is None:
        return ""
    return f" (market-wide, {plural(window.weeks, 'week')} to {window.last})"


def why_neutral(name: str, view: View, row: int, n: int) -> str:
    """Why a score stands at its middle for want of data."""
    bars = int(view.bars[row, n])
    return {
        "technical": f"no EMA200, RSI or MACD with {bars} bars",
        "institutional": "no investor flows of the last five weeks (35 calendar days) were known",
        "fundamental": "no statement known that has one to compare with a year earlier",
        "volatility": f"no 20 different ATRs to compare with {bars} bars",
    }.get(name, "no data to judge")


def _earnings(view: View, row: int, n: int) -> str:
    days = float(days_to_earnings(view)[row, n])
    return "" if days != days else f"earnings in {days:.0f} calendar days"  # noqa: PLR0124 (NaN: none is near)


def describe_missing(entry: Entry, opinions: EntryOpinions, view: View, row: int, n: int) -> str:
    """What kept a stock's score low: "technical 75 (not above EMA20), institutional 35 (...)"."""
    if isinstance(entry, Combination):
        return "; ".join(_unbought(entry, opinions, view, row, n))
    if not isinstance(entry, _SCORERS):
        low = [
            f"{name} {values[row, n]:+.2f}" for name, values in opinions.parts.items() if values[row, n] < 0
        ]
        return ", ".join(low) or opinions.why(row, n)
    parts = _parts(entry, opinions, view, row, n)
    scores = composite(view, entry.weights, entry.flows).scores
    factor, costly = [], []
    for part in parts:
        if part.weight is None:
            factor += [f"{part.detail} x {part.value:g}"] if part.value < 1 else []
        elif part.weight * (FULL - part.value) > 0:
            costly.append((part.weight * (part.value - FULL), part))
    costly.sort(key=lambda cost: cost[0])
    words = (_low(part, scores[part.name], view, row, n) for _, part in costly[:NAMED])
    return ", ".join((*factor, *words))


def _unbought(entry: Combination, opinions: EntryOpinions, view: View, row: int, n: int) -> Iterator[str]:
    """The members that do not buy, and what each lacks: "MACDCrossover 60 short (no MACD cross)"."""
    for name, (member, opinion) in zip(opinions.members, _members(entry, opinions), strict=True):
        if not opinion.buy[row, n]:
            short = missing_points(member, opinion, row, n)
            far = f"{short:g} short" if short else "does not buy"
            yield f"{name} {far} ({describe_missing(member, opinion, view, row, n)})"


def _low(part: Part, score: Score, view: View, row: int, n: int) -> str:
    if part.neutral:
        return f"{part.name} {part.value:g} (neutral: {part.detail})"
    if part.name == "technical":
        why = list(_technical(score, view, row, n))
    else:
        points = {name: int(values[row, n]) for name, values in score.parts.items()}
        worst = min(points.values())
        why = [_LACKING.get(name, name) for name, value in points.items() if value == worst and value <= 0]
    return f"{part.name} {part.value:g}" + (f" ({', '.join(why)})" if why else "")


def _technical(score: Score, view: View, row: int, n: int) -> Iterator[str]:
    """What the technical score wanted: the trend's first failing comparison, RSI, MACD."""
    if score.parts["trend"][row, n] < 20:
        yield _trend(view, row, n)
    if score.parts["rsi"][row, n] <= 0 and (rsi := view.at("rsi", row, n)) >= 0:
        yield f"RSI {rsi:.0f}"
    if score.parts["macd"][row, n] <= 0:
        yield "MACD under its signal"


def _trend(view: View, row: int, n: int) -> str:
    close, fast, middle, slow = (view.at(name, row, n) for name in ("close", "ema_20", "ema_50", "ema_200"))
    if slow != slow:  # noqa: PLR0124 (NaN)
        return "no EMA200 yet"
    if close < slow:
        return "below EMA200"
    if not close > fast:
        return "not above EMA20"
    return "EMA20 not above EMA50" if not fast > middle else "EMA50 not above EMA200"
