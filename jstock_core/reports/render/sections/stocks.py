"""What each group thinks of every monitored stock."""

from __future__ import annotations

from dataclasses import dataclass

from jstock_core.base.words import UNKNOWN
from jstock_core.decide import HOLD
from jstock_core.reports.model.decisions.evaluation import GroupOpinion, StockEvaluation
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.parts.cells import headings, numeric
from jstock_core.reports.render.parts.markup import markup
from jstock_core.reports.render.parts.table import Cell, Display, Table, section
from jstock_core.reports.render.parts.words import Words
from jstock_core.reports.render.stock.links import stock_link
from jstock_core.reports.render.stock.views import action_text


@dataclass(frozen=True)
class _StockLine:
    """A stock with the score, the verdict and its tone of each group."""

    code: str
    name: str
    link: str
    price: str
    age: str
    opinions: tuple[tuple[str, str, str], ...]


def stocks_section(report: Report, words: Words) -> Display:
    """Every monitored stock with its price and the score of each group; folded on the page."""
    lines = [_line(report, stock, words) for stock in report.evaluations]
    groups = [opinion.group for opinion in report.evaluations[0].opinions] if lines else []
    html = markup(
        "stocks.html.j2", lines=lines, groups=groups, words=words,
        summary=words.plural(len(lines), "{n} monitored stock", "{n} monitored stocks"),
    )  # fmt: skip
    heads = headings(words("Stock"), *numeric(words("Price"), *groups))
    table = Table(heads, tuple(_row(line) for line in lines), words("No stock is monitored."))
    plain = section("stocks", words("All stocks"), (table,))
    return Display(html, plain.markdown, plain.plain)


def _line(report: Report, stock: StockEvaluation, words: Words) -> _StockLine:
    return _StockLine(
        code=stock.code,
        name=stock.name,
        link=stock_link(report, stock.code),
        price=words.price(stock.price),
        age=words.plural(stock.age, "{n} session old", "{n} sessions old") if stock.age else "",
        opinions=tuple(_opinion(opinion, words) for opinion in stock.opinions),
    )


def _opinion(opinion: GroupOpinion, words: Words) -> tuple[str, str, str]:
    score = UNKNOWN if opinion.score is None else words.number(opinion.score, 1)
    verdict = action_text(opinion.signal, words) if opinion.signal else words.sentence(opinion.verdict)
    return score, verdict, _tone(opinion)


def _tone(opinion: GroupOpinion) -> str:
    if opinion.signal == HOLD:
        return "muted"
    if opinion.signal or opinion.score is None:
        return "gain" if opinion.signal == "BUY" else "loss"
    return "" if opinion.held else "muted"


def _row(line: _StockLine) -> tuple[Cell, ...]:
    return (
        Cell(line.code, note=line.name),
        Cell(line.price, note=line.age),
        *(Cell(score, note=verdict) for score, verdict, _ in line.opinions),
    )
