"""What is held, the most endangered first, and how far each position is from its stop.

On the page each position is a card that opens; elsewhere all are one table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from jstock_core.base.words import UNKNOWN, signed_number
from jstock_core.reports.model.decisions.since import SinceSummary
from jstock_core.reports.model.money.portfolio import (
    ExpectedDividend,
    HeldPosition,
    LayerLevel,
    LotLine,
    NextStop,
    PortfolioSummary,
)
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.parts.cells import headings, numeric, stock_cell, toned_cell
from jstock_core.reports.render.parts.markup import markup, safe
from jstock_core.reports.render.parts.table import Cell, Display, Heading, Table, section, stack, text_line
from jstock_core.reports.render.parts.words import Words
from jstock_core.reports.render.svg.small import distance_bar, sparkline
from jstock_core.reports.render.svg.values import BarTone, ChartLevel, LevelKind


@dataclass(frozen=True)
class _Card:
    """A position as its card shows it: texts, and two drawings."""

    held: HeldPosition
    chip: str
    chip_kind: str
    spark: Markup
    bar: Markup
    stop: str
    away: str
    facts: tuple[tuple[str, str, str], ...]
    levels: Markup
    lots: Markup
    reasons: tuple[str, ...]
    is_explained: bool


def positions_section(report: Report, words: Words) -> Display:
    """What is held, with the day's and the whole gain, the stops, and what is expected of it."""
    return section("positions", words("Positions"), tuple(_parts(report, words)))


def _parts(report: Report, words: Words) -> Iterator[Display]:
    portfolio = report.portfolio
    if not portfolio.held:
        yield text_line(words("No positions"))
        return
    table = _table(portfolio, words)
    cards = [_card(report, held, words) for held in portfolio.by_danger]
    legend = words(
        "Curve: closes of {n} sessions; dashed the entry, dotted the peak, solid the stop.",
        n=len(portfolio.recent),
    )
    html = markup(
        "positions.html.j2", cards=cards, totals=_totals(portfolio, words), legend=legend, words=words
    )
    yield Display(html, table.markdown, table.plain)
    if portfolio.expected:
        yield stack(_expected(each, words) for each in portfolio.expected)


def _totals(portfolio: PortfolioSummary, words: Words) -> tuple[tuple[str, str, str], ...]:
    """What all positions come to: label, value, tone."""
    whole, day = portfolio.whole, _day(portfolio)
    gain = f"{words.signed_yen(whole.unrealized)} ({words.pct(_percent(portfolio))})"
    return (
        (words("Value"), words.yen(whole.value), ""),
        (words("Unrealized"), gain, words.tone(whole.unrealized)),
        (words("Of the day"), words.signed_yen(day), words.tone(day)),
    )


def _percent(portfolio: PortfolioSummary) -> float | None:
    """What is won or lost on all that is held, in percent of its cost."""
    whole = portfolio.whole
    return 100 * whole.unrealized / whole.invested if whole.invested else None


def _day(portfolio: PortfolioSummary) -> int | None:
    """What the day gave to all that is held."""
    days = [held.day_pnl for held in portfolio.held if held.day_pnl is not None]
    return sum(days) if days else None


# --- a card --------------------------------------------------------------------------------------------


def _card(report: Report, held: HeldPosition, words: Words) -> _Card:
    chip, kind = _state(report.since, held, words)
    return _Card(
        held=held,
        chip=chip,
        chip_kind=kind,
        spark=safe(_spark(held, words)),
        bar=safe(_bar(held, kind, words)),
        stop=_stop_words(held.stop, words),
        away=_away(held.stop, words),
        facts=tuple(_facts(held, words)),
        levels=safe(_levels_table(held, words).html),
        lots=safe(_lots_table(held, words).html),
        reasons=tuple(_reasons(held, words)),
        is_explained=held.code in report.explanations.by_code,
    )


def _state(since: SinceSummary, held: HeldPosition, words: Words) -> tuple[str, str]:
    """What must be known of a position in a word, and the kind of its chip; ("", "") where it stands."""
    stop = held.stop
    if held.action == "EXIT_UNKNOWN" or (stop is not None and stop.state == "exit unknown"):
        return words("Exit unknown"), "alert"
    if held.action:
        return words.action(held.action), "sell"
    if stop is not None and stop.broken:
        return words.sentence(stop.state), "alert"
    if stop is None:
        return (words("No price"), "alert") if held.close is None else (words("No stop"), "")
    near = stop.distance_atr is not None and -stop.distance_atr <= since.near_atr
    return (words("near"), "note") if near or -stop.distance_pct <= since.near_pct else ("", "")


def _spark(held: HeldPosition, words: Words) -> str:
    """The closes of the last sessions, with entry, stop and peak where they lie in sight."""
    known = [close for close in held.recent if close is not None]
    if not known:
        return ""
    span = max(max(known) - min(known), 0.02 * max(known))
    low, high = min(known) - span, max(known) + span
    marks: tuple[tuple[LevelKind, float | None], ...] = (
        ("entry", held.entry_price),
        ("stop", None if held.stop is None else held.stop.price),
        ("peak", held.peak),
    )
    levels = [ChartLevel(kind, value) for kind, value in marks if value is not None and low <= value <= high]
    title = words(
        "{code}: {n} closes, {low} to {high}", code=held.code, n=len(known), low=words.price(min(known)),
        high=words.price(max(known)),
    )  # fmt: skip
    return sparkline(title, held.recent, levels=levels)


def _bar(held: HeldPosition, kind: str, words: Words) -> str:
    if held.stop is None or held.close is None:
        return ""
    tone: BarTone = "broken" if held.stop.broken else "near" if kind == "note" else ""
    title = f"{_stop_words(held.stop, words)}, {_away(held.stop, words)}"
    return distance_bar(
        title, price=held.close, stop=held.stop.price, entry=held.entry_price, peak=held.peak, tone=tone
    )


def _stop_words(stop: NextStop | None, words: Words) -> str:
    """The name of the stop and its price."""
    return "" if stop is None else f"{words.layer(stop.layer)} {words.price(stop.price)}"


def _away(stop: NextStop | None, words: Words) -> str:
    """How far the stop is from the close: percent and ATRs, negative below it."""
    return "" if stop is None else words.join((words.pct(stop.distance_pct), _atrs(stop.distance_atr, words)))


def _atrs(distance: float | None, words: Words) -> str:
    return "" if distance is None else words("{n} ATR", n=signed_number(distance, 1))


def _facts(held: HeldPosition, words: Words) -> Iterator[tuple[str, str, str]]:
    """Label, value and tone of what a position is made of."""
    age = words.plural(held.age, "{n} session old", "{n} sessions old") if held.age else ""
    yield words("Close"), words.join((words.price(held.close), age)), "alert" if age else ""
    yield words("Cost a share"), words.price(held.average_price), ""
    yield words("Value"), words.yen(held.value), ""
    yield words("Cost basis"), words.yen(held.cost), ""
    yield words("Held"), words.plural(held.sessions_held, "{n} session", "{n} sessions"), ""
    yield words("Held since"), words.day(held.opened), ""
    if held.peak is not None:
        yield words("Highest close"), words.price(held.peak), ""
    if held.atr is not None:
        yield words("ATR"), words.price(held.atr), ""
    if held.dividends:
        yield words("Dividends"), words.signed_yen(held.dividends), words.tone(held.dividends)
    if held.odd_lot:
        yield words("Odd lot"), words.count(held.odd_lot), "alert"


def _levels_table(held: HeldPosition, words: Words) -> Table:
    heads = headings(words("Layer"), *numeric(words("Price"), words("Distance")), words("State"))
    priced = (level for level in held.levels if level.price is not None)
    return Table(
        heads, tuple(_level_row(level, words) for level in priced), words("No layer hangs on a price")
    )


def _level_row(level: LayerLevel, words: Words) -> tuple[Cell, ...]:
    return (
        Cell(words.layer(level.layer)),
        Cell(words.price(level.price)),
        Cell(words.pct(level.distance_pct), note=_atrs(level.distance_atr, words)),
        Cell(words(level.stance), "alert" if level.stance == "fires" else "muted"),
    )


def _reasons(held: HeldPosition, words: Words) -> Iterator[str]:
    """Why layers fire, are silent or unknown, and what else watches the position."""
    for level in held.levels:
        if level.reason:
            yield words.named(words.layer(level.layer), words.sentence(level.reason))
    others = [level.layer for level in held.levels if level.price is None and level.stance == "stands"]
    if others:
        yield words("Without a price: {layers}", layers=words.join(words.layer(name) for name in others))


def _lots_table(held: HeldPosition, words: Words) -> Table:
    heads = headings(Heading(words("Bought"), "day"), *numeric(words("Shares"), words("Price"), words("P&L")))
    return Table(heads, tuple(_lot_row(held, lot, words) for lot in held.lots), "")


def _lot_row(held: HeldPosition, lot: LotLine, words: Words) -> tuple[Cell, ...]:
    gain = None if held.close is None else round(held.close * lot.shares - lot.cost)
    score = "" if lot.score is None else words("score {n}", n=words.number(lot.score, 1))
    return (
        Cell(words.day(lot.opened), note=words.join((lot.account, score))),
        Cell(words.count(lot.shares)),
        Cell(words.price(lot.price)),
        _gain(gain, None if gain is None else 100 * gain / lot.cost, words),
    )


def _gain(amount: int | None, percent: float | None, words: Words) -> Cell:
    tone = words.tone(amount)
    note = "" if percent is None else words.pct(percent)
    return Cell(words.signed_yen(amount), tone, note=note, note_tone=tone)


# --- everywhere else -----------------------------------------------------------------------------------


def _table(portfolio: PortfolioSummary, words: Words) -> Table:
    heads = headings(
        words("Stock"),
        words("Group"),
        *numeric(words("Shares"), words("Close"), words("P&L"), words("Of the day")),
        words("Stop"),
        *numeric(words("Distance")),
    )
    whole, day, blank = portfolio.whole, _day(portfolio), Cell("")
    gain = _gain(whole.unrealized, _percent(portfolio), words)
    of_day = toned_cell(words.signed_yen(day), day)
    total = (Cell(words("Total")), blank, blank, blank, gain, of_day, blank, blank)
    return Table(heads, tuple(_row(held, words) for held in portfolio.by_danger), "", foot=(total,))


def _row(held: HeldPosition, words: Words) -> tuple[Cell, ...]:
    state = "" if held.stop is None else words.sentence(held.stop.state)
    return (
        stock_cell(held),
        Cell(held.group),
        Cell(words.count(held.shares)),
        Cell(words.price(held.close)),
        _gain(held.pnl, held.pnl_pct, words),
        toned_cell(words.signed_yen(held.day_pnl), held.day_pnl),
        Cell(
            _stop_words(held.stop, words) or UNKNOWN,
            note=words.action(held.action) if held.action else state,
        ),
        Cell(_away(held.stop, words) or UNKNOWN),
    )


def _expected(each: ExpectedDividend, words: Words) -> Display:
    """A dividend that is not paid yet: no part of equity."""
    rate = UNKNOWN if each.rate is None else words.price(each.rate)
    text = words(
        "{code} {name}: {amount} expected, not in equity ({shares} shares at {rate}, ex {ex}, paid {paid})",
        code=each.code, name=each.name, amount=words.yen(each.amount), shares=words.count(each.shares),
        rate=rate, ex=words.day(each.ex_date), paid=words.day(each.pay_date),
    )  # fmt: skip
    forecast = "" if each.is_decided else words("forecast")
    return text_line(words.join((text, forecast, words.sentence(each.note))), words("Dividend"))
