"""An explained stock as its template shows it: verdicts first, then candles, levels, parts, gates, inputs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jstock_core.base.words import capitalize, signed_number
from jstock_core.decide import UNKNOWN
from jstock_core.explain.assessments import LayerAssessment
from jstock_core.explain.explain import GroupExplanation
from jstock_core.explain.inputs import PRICES, SHARES, Input
from jstock_core.reports.model.decisions.explained import ExplainedStock
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.explanation import why_no_order
from jstock_core.reports.render.parts.markup import safe
from jstock_core.reports.render.parts.words import Words
from jstock_core.reports.render.stock.candles import history_chart
from jstock_core.reports.render.stock.links import TARGET
from jstock_core.reports.render.stock.scores import ScoreView, score_view


@dataclass(frozen=True)
class LayerLine:
    """A layer of the exit: its name, its state and the class of that, its level and why."""

    name: str
    state: str
    tone: str
    level: str
    distance: str
    reason: str


@dataclass(frozen=True)
class GroupView:
    """What one group made of the stock."""

    group: str
    action: str
    tone: str
    reason: str
    order: str
    facts: tuple[tuple[str, str, str], ...]
    layers: tuple[LayerLine, ...]
    exit: str
    entry: str
    score: ScoreView
    entry_reason: str
    gates: tuple[tuple[str, bool, str], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class StockView:
    """An explained stock: `target` is the id that links lead to, `others` what the other groups say."""

    target: str
    code: str
    name: str
    sector: str
    chips: tuple[tuple[str, str], ...]
    price: str
    age: str
    change: str
    tone: str
    chart: str
    groups: tuple[GroupView, ...]
    others: str
    inputs: tuple[tuple[str, str], ...]
    unknown: str
    sources: tuple[str, ...]
    command: str


def stock_view(report: Report, stock: ExplainedStock, words: Words) -> StockView:
    """An explained stock, ready for its template."""
    told = stock.explanation
    groups = tuple(_group(report, group, told.code, words) for group in told.groups)
    return StockView(
        target=f"{TARGET}{told.code}",
        code=told.code,
        name=told.name,
        sector=words.sector(told.sector),
        chips=tuple(dict.fromkeys((group.action, group.tone) for group in groups)),
        price=words.price(told.close),
        age=words.plural(told.age, "{n} session old", "{n} sessions old") if told.age else "",
        change="" if stock.change_pct is None else words.pct(stock.change_pct),
        tone=words.tone(stock.change_pct),
        chart=safe(history_chart(report, stock, words)),
        groups=groups,
        others=_others(report, stock, words),
        inputs=tuple(_inputs(stock, words)),
        unknown=words.sentence(stock.unknown),
        sources=tuple(words.sentence(text) for text in dict.fromkeys(group.decided for group in told.groups)),
        command=f"jstock explain {told.code} --date {told.trade_date}",
    )


def _others(report: Report, stock: ExplainedStock, words: Words) -> str:
    """The scores of the groups that the stock does not concern."""
    shown = {group.group for group in stock.explanation.groups}
    lines = (line for line in report.evaluations if line.code == stock.explanation.code)
    return words.join(
        f"{opinion.group} {words.number(opinion.score, 1)} ({words.sentence(opinion.verdict)})"
        for line in lines
        for opinion in line.opinions
        if opinion.group not in shown
    )


def action_text(action: str, words: Words) -> str:
    """What was decided, as in "Sell half", "Hold" or "no BUY"."""
    return words.side(action) if action == "BUY" else words.action(action)


def _group(report: Report, group: GroupExplanation, code: str, words: Words) -> GroupView:
    verdict, entry = group.verdict, group.entry
    return GroupView(
        group=group.group,
        action=action_text(verdict.action, words),
        tone=_tone(verdict.action),
        reason=verdict_reason(group, words),
        order=order_text(group, words),
        facts=tuple(_facts(report, group, code, words)),
        layers=tuple(_layer(layer, words) for layer in group.layers),
        exit=words.rule(group.exit),
        entry=words.rule(entry.rule),
        score=score_view(entry.score, entry.threshold, entry.parts, words),
        entry_reason="" if entry.parts else words.sentence(entry.reason),
        gates=tuple(
            (capitalize(words.sentence(gate.name)), gate.passed, words.sentence(gate.detail))
            for gate in group.gates
        ),
        notes=tuple(words.sentence(note) for note in group.notes),
    )


def _tone(action: str) -> str:
    """The class of the chip of an action."""
    if action == "BUY":
        return "buy"
    if action == UNKNOWN:
        return "alert"
    return "sell" if action.startswith("SELL") else ""


def verdict_reason(group: GroupExplanation, words: Words) -> str:
    """Why the group decided so, in a sentence."""
    verdict = group.verdict
    if not verdict.layer:
        return words.sentence(verdict.reason)
    what, why = words.layer(verdict.layer), words.sentence(verdict.reason.removeprefix(f"{verdict.layer}: "))
    return words("{what}: {why}", what=capitalize(what), why=why)


def order_text(group: GroupExplanation, words: Words) -> str:
    """What was ordered; for a signal without one why, for the rest nothing more is to be said."""
    if group.verdict.order:
        return words("Order: {order}", order=words.sentence(group.verdict.order))
    why = why_no_order(group)
    return words("No order: {why}", why=words.sentence(why)) if why else ""


def _facts(
    report: Report, group: GroupExplanation, code: str, words: Words
) -> Iterator[tuple[str, str, str]]:
    """Label, value and tone of what is held."""
    held = group.held
    if held is None:
        return
    own = (line for line in report.portfolio.held if (line.code, line.group) == (code, group.group))
    yield words("Shares"), words.count(held.shares), ""
    yield words("Entry"), words.price(held.entry_price), ""
    yield words("Profit"), words.pct(held.pnl_pct), words.tone(held.pnl_pct)
    for line in own:
        yield words("Profit in yen"), words.signed_yen(line.pnl), words.tone(line.pnl)
    yield words("Peak"), words.price(held.peak), ""
    yield words("Held since"), words.day(held.opened), ""
    if held.score is not None:
        yield words("Opening score"), words.number(held.score, 1), ""


def _layer(layer: LayerAssessment, words: Words) -> LayerLine:
    state, tone = {
        "fires": (words("sells") if layer.first else words("would sell too"), "sell"),
        "quiet": ("" if layer.level else words("stands by"), ""),
        "silent": (words("silent"), ""),
        "unknown": (words("cannot be evaluated"), "alert"),
    }[layer.state]
    far = "" if layer.distance_pct is None else words.pct(layer.distance_pct)
    atr = "" if layer.distance_atr is None else f"{signed_number(layer.distance_atr, 1)} ATR"
    name = words.layer(layer.layer)
    return LayerLine(
        name=capitalize(name),
        state=state,
        tone=tone,
        level="" if layer.level is None else words.price(layer.level),
        distance=words.join((far, atr)),
        reason=words.sentence(layer.reason) if layer.reason else "",
    )


def _inputs(stock: ExplainedStock, words: Words) -> Iterator[tuple[str, str]]:
    """Everything that the entries and layers read of the stock, each once."""
    groups = stock.explanation.groups
    layers = (layer for group in groups for layer in group.layers)
    read = {
        (given.name, given.when): given
        for inputs in (*(group.entry.inputs for group in groups), *(layer.inputs for layer in layers))
        for given in inputs
    }
    for given in sorted(read.values(), key=lambda each: bool(each.when)):
        name = words.join((input_name(given.name, words), words.sentence(given.when)))
        yield name, words.sentence(given.text) or _number(given, words)


def _number(given: Input, words: Words) -> str:
    """A value that was read: shares whole, ratios with four decimals, all else with two."""
    value = given.value
    if value is None or given.name in SHARES:
        return words.count(value)
    return words.number(value, 2 if given.name in PRICES or abs(value) >= 1 else 4)


def input_name(name: str, words: Words) -> str:
    """The name of a feature in words that people use."""
    names = {
        "open": words("Open"), "high": words("High"), "low": words("Low"), "close": words("Close"),
        "volume": words("Volume"), "volume_sma_20": words("Volume, mean of 20"),
        "ema_20": "EMA 20", "ema_50": "EMA 50", "ema_200": "EMA 200",
        "rsi": "RSI", "atr": "ATR", "adx_14": "ADX", "obv": "OBV", "stoch_k": "%K", "stoch_d": "%D",
        "atr_z": words("ATR against its last 60"), "atr_ratio": words("ATR to close"),
        "macd": "MACD", "macd_signal": words("MACD signal"), "macd_hist": words("MACD histogram"),
        "bb_upper": words("Upper band"), "bb_middle": words("Middle band"), "bb_lower": words("Lower band"),
        "bb_pct_b": "%B", "bb_width": words("Width of the bands"),
        "bb_width_rank": words("Rank of the width"),
        "ichi_tenkan": words("Conversion line"), "ichi_kijun": words("Base line"),
        "ichi_span_a": words("Span A"), "ichi_span_b": words("Span B"),
        "momentum_20": words("Change in 20 bars"),
        "turnover": words("Turnover"), "turnover_median_20": words("Turnover, median of 20"),
        "investor flows": words("Investor flows"), "statements": words("Statements"),
        "earnings dates": words("Earnings date"),
    }  # fmt: skip
    return names.get(name) or capitalize(name.replace("_", " "))
