"""Why each holding, order and near miss is what it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jstock_core.base.words import escape_markdown
from jstock_core.explain.explain import GroupExplanation
from jstock_core.reports.model.decisions.explained import ExplainedStock, Role
from jstock_core.reports.model.report import Report
from jstock_core.reports.render.parts.markup import markup
from jstock_core.reports.render.parts.table import Display
from jstock_core.reports.render.parts.words import Words
from jstock_core.reports.render.stock.views import (
    StockView,
    action_text,
    order_text,
    stock_view,
    verdict_reason,
)

_FIRST: tuple[Role, ...] = ("order", "held", "sell")
"""What is at stake this morning: these are listed, the others are folded."""


def explanations_section(report: Report, words: Words) -> Display:
    """The explanations, each behind the line of its stock; a sentence of each holding and order elsewhere."""
    told = report.explanations
    if not told.stocks:
        return Display("", "", "")
    views = [stock_view(report, stock, words) for stock in told.stocks]
    first = sum(_is_at_stake(stock) for stock in told.stocks)
    html = markup(
        "explanations.html.j2", first=views[:first], rest=views[first:],
        about=_about(report, words), more=_more(views[first:], words), left_out=_left_out(report, words),
        words=words,
    )  # fmt: skip
    sentences = list(_sentences(told.stocks, words))
    title = words("Explanations")
    listed = "\n".join(f"- {escape_markdown(sentence)}" for sentence in sentences)
    hint = words("`jstock explain CODE --date {day}` says the whole.", day=report.header.trade_date)
    return Display(
        html,
        "\n\n".join((f"## {title}", *([listed] if listed else []), hint)),
        "\n".join((title, "", *sentences, hint)),
    )


def _is_at_stake(stock: ExplainedStock) -> bool:
    return any(role in _FIRST for role in stock.roles)


def _about(report: Report, words: Words) -> str:
    sessions = report.explanations.sessions
    return words(
        "What the rules said of each stock, with its last {n} sessions. Prices are adjusted for splits.",
        n=len(sessions),
    )


def _more(views: Sequence[StockView], words: Words) -> str:
    return words("{n} more: near misses and signals without an order", n=len(views))


def _left_out(report: Report, words: Words) -> str:
    codes = report.explanations.left_out
    if not codes:
        return ""
    return words(
        "Not explained here, for want of room: {codes}; see `jstock explain`.", codes=words.join(codes)
    )


def _sentences(stocks: Sequence[ExplainedStock], words: Words) -> Iterator[str]:
    """One of each holding and order: "7203 Toyota, core: Hold, no layer fired"."""
    for stock in stocks:
        told = stock.explanation
        for group in told.groups:
            if group.held or group.verdict.order:
                yield words.join((f"{told.code} {told.name}".strip(), _sentence(group, words)))


def _sentence(group: GroupExplanation, words: Words) -> str:
    action = action_text(group.verdict.action, words)
    reason, order = verdict_reason(group, words), order_text(group, words)
    said = words("{group}: {action}, {why}", group=group.group, action=action, why=reason)
    return f"{said}{words.stop}{order}" if group.verdict.order else said
