"""The BUY signals, those with an order first, and why the others have none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jstock_core.base.words import join_parts
from jstock_core.reports.model.decisions.guards import GuardSummary
from jstock_core.reports.model.report import Report
from jstock_core.reports.model.sections import BuySignal, Cause
from jstock_core.reports.render.parts.cells import headings, numeric
from jstock_core.reports.render.parts.markup import markup
from jstock_core.reports.render.parts.table import Cell, Display, Table, section
from jstock_core.reports.render.parts.words import Words
from jstock_core.reports.render.stock.links import stock_link
from jstock_core.reports.render.stock.scores import ScoreView, legend_parts, score_view


def cause_title(cause: Cause, words: Words) -> str:
    """Why a BUY has no order, in plain words."""
    titles: Mapping[Cause, str] = {
        "places": words("No free place in the group"),
        "cash": words("Not enough cash left"),
        "budget": words("One unit costs more than the budget"),
        "risk": words("One unit risks more than allowed"),
        "filter": words("Refused by a filter"),
        "protection": words("Buying is paused by a protection"),
        "limit": words("Beyond a limit"),
        "score": words("Score under the group's minimum"),
        "history": words("Too few bars"),
        "pending": words("An earlier order is unresolved"),
        "halt": words("Buying is stopped"),
        "other": words("Other reasons"),
    }
    return titles[cause]


@dataclass(frozen=True)
class _BuyLine:
    """A stock that is a BUY of some groups for the same reason, with or without an order."""

    code: str
    name: str
    link: str
    shares: str
    price: str
    facts: tuple[str, ...]
    beside: str
    score: ScoreView
    reason: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _CauseLines:
    """The stocks without an order for one cause; `reason` is what holds for all of them."""

    title: str
    reason: str
    lines: tuple[_BuyLine, ...]


@dataclass(frozen=True)
class _GuardLine:
    """What a filter or protection of a group said; where it was only shown `applied` says so."""

    rule: str
    group: str
    applied: str
    reason: str
    stocks: str
    shadow: bool


def buys_section(report: Report, words: Words) -> Display:
    """The BUY signals with an order, and folded those without."""
    ordered = [_line(report, [buy], words, ()) for buy in report.buys if buy.ordered]
    rest = _causes(report, words)
    html = markup(
        "buys.html.j2", ordered=ordered, rest=rest, guards=[_guard(each, words) for each in report.guards],
        summary=_summary(rest, words),
        legend_parts=legend_parts([line.score for line in (*ordered, *(r for c in rest for r in c.lines))]),
        words=words,
    )  # fmt: skip
    plain = section("buys", words("Buy signals"), _tables(report, rest, words))
    return Display(html, plain.markdown, plain.plain)


def _summary(rest: Sequence[_CauseLines], words: Words) -> str:
    return words.plural(
        sum(len(each.lines) for each in rest),
        "{n} signal without an order: {causes}",
        "{n} signals without an order: {causes}",
        causes=words.join(f"{each.title} {len(each.lines)}" for each in rest),
    )


def _causes(report: Report, words: Words) -> list[_CauseLines]:
    """The signals without an order by cause, the most frequent first; a stock stands once in each."""
    alike: dict[Cause, dict[str, list[BuySignal]]] = {}
    for buy in report.buys:
        if not buy.ordered:
            alike.setdefault(buy.cause, {}).setdefault(buy.code, []).append(buy)
    found = [_cause(report, cause, tuple(stocks.values()), words) for cause, stocks in alike.items()]
    return sorted(found, key=lambda each: -len(each.lines))


def _cause(report: Report, cause: Cause, stocks: Sequence[Sequence[BuySignal]], words: Words) -> _CauseLines:
    """What a group says of all its stocks is said once under the title, anything else with each stock."""
    by_group: dict[str, dict[str, None]] = {}
    for buy in (buy for same in stocks for buy in same):
        by_group.setdefault(buy.group, {})[buy.why_not] = None
    shared = all(len(reasons) == 1 for reasons in by_group.values())
    said = _said({group: next(iter(reasons)) for group, reasons in by_group.items()}, words) if shared else ()
    lines = (
        _line(report, same, words, () if shared else _said({buy.group: buy.why_not for buy in same}, words))
        for same in stocks
    )
    return _CauseLines(cause_title(cause, words), join_parts(said, words.stop), tuple(lines))


def _said(reasons: Mapping[str, str], words: Words) -> tuple[str, ...]:
    """Why there is no order, by group, or once where all groups say the same."""
    if len(set(reasons.values())) == 1:
        return (words.sentence(next(iter(reasons.values()))),)
    return tuple(
        words("{what}: {why}", what=group, why=words.sentence(why)) for group, why in reasons.items()
    )


def _line(report: Report, same: Sequence[BuySignal], words: Words, notes: tuple[str, ...]) -> _BuyLine:
    buy = same[0]
    groups, price = words.join(each.group for each in same), words.price(buy.price)
    cost = words.yen(buy.required) if buy.ordered else ""
    facts = (groups, words.sector(buy.sector), price, cost) if buy.ordered else ()
    shadow = tuple(words.sentence(each.note) for each in same if each.note)
    return _BuyLine(
        code=buy.code,
        name=buy.name,
        link=stock_link(report, buy.code),
        shares=words.count(buy.shares) if buy.ordered else "",
        price=price,
        facts=tuple(fact for fact in facts if fact),
        beside="" if buy.ordered else groups,
        score=score_view(buy.score, buy.threshold, buy.parts, words),
        reason="" if buy.parts else words.sentence(buy.reason),
        notes=(*notes, *shadow),
    )


def _guard(guard: GuardSummary, words: Words) -> _GuardLine:
    several = words("given with each stock")
    return _GuardLine(
        rule=words.sentence(guard.rule),
        group=guard.group,
        applied=words("only shown") if guard.shadow else words("applied"),
        reason=words.sentence(guard.reasons[0]) if len(guard.reasons) == 1 else several,
        stocks=words.join(guard.stocks),
        shadow=guard.shadow,
    )


def _tables(report: Report, rest: Sequence[_CauseLines], words: Words) -> list[Table]:
    """The same for Markdown and the terminal."""
    heads = headings(
        words("Stock"),
        words("Group"),
        *numeric(words("Shares"), words("Score"), words("Price")),
        words("Why"),
    )
    ordered = tuple(_ordered_row(buy, words) for buy in report.buys if buy.ordered)
    empty = words("No BUY became an order.") if report.buys else words("No stock is a BUY.")
    tables = [Table(heads, ordered, empty)]
    if rest:
        heads = headings(words("Stock"), words("Group"), *numeric(words("Score")), words("Why no order"))
        rows = tuple(_rest_row(line, cause, words) for cause in rest for line in cause.lines)
        tables.append(Table(heads, rows, ""))
    if report.guards:
        titles = (
            words("Filter or protection"),
            words("Group"),
            words("Applied"),
            words("Stocks"),
            words("Why"),
        )
        lines = (_guard(each, words) for each in report.guards)
        tables.append(Table(headings(*titles), tuple(_guard_row(line) for line in lines), ""))
    return tables


def _ordered_row(buy: BuySignal, words: Words) -> tuple[Cell, ...]:
    return (
        Cell(buy.code, note=buy.name),
        Cell(buy.group),
        Cell(words.count(buy.shares)),
        Cell(words.number(buy.score, 1)),
        Cell(words.price(buy.price)),
        Cell(words.sentence(buy.reason), note=words.sentence(buy.note) if buy.note else ""),
    )


def _rest_row(line: _BuyLine, cause: _CauseLines, words: Words) -> tuple[Cell, ...]:
    said = words.join(line.notes)
    return (
        Cell(line.code, note=line.name),
        Cell(line.beside),
        Cell(line.score.number),
        Cell(words("{what}: {why}", what=cause.title, why=said) if said else cause.title),
    )


def _guard_row(line: _GuardLine) -> tuple[Cell, ...]:
    return tuple(Cell(text) for text in (line.rule, line.group, line.applied, line.stocks, line.reason))
