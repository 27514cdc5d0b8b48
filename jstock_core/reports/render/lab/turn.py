"""The card of a turn of the knobs: figures, curves, tomorrow's orders and trades, the desk's file first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from jstock_core.base.words import (
    confidence_words,
    count,
    day,
    join_parts,
    number,
    pct,
    plural,
    signed_number,
    signed_yen,
    tone,
)
from jstock_core.reports.model.lab.lab import TrialSheet
from jstock_core.reports.model.lab.turn import TurnSheet, TurnTrade, TurnTrades
from jstock_core.reports.render.lab.difference import orders_table, orders_words
from jstock_core.reports.render.parts.cells import headings, numeric, toned_cell
from jstock_core.reports.render.parts.figures import figure, folded, side_by_side, titled
from jstock_core.reports.render.parts.table import Cell, Display, Heading, Table, stack, text_line
from jstock_core.reports.render.svg.lines import line_chart
from jstock_core.reports.render.svg.values import Caption, ChartLine, LineStyle
from jstock_core.research.performance import TrackRecord

_SHOWN = 8
"""Trades of a kind that are shown."""
_DESK, _VARIANT = "Desk's file", "Variant"


def turn_card(sheet: TurnSheet) -> Display:
    """All of a turn on one card."""
    marks = sheet.variant.marks
    parts: list[Display | Table] = [text_line(" ".join(marks))] if marks else []
    parts += [
        text_line(join_parts(sheet.changes) or "nothing yet: the desk's file as it is", "Changed:"),
        _figures(sheet),
        side_by_side((_returns(sheet), _drawdowns(sheet))),
        *_trials(sheet),
        *_orders(sheet),
        *_trades(sheet.trades),
    ]
    return titled(f"{sheet.variant.main}, {sheet.variant.title}", stack(parts))


@dataclass(frozen=True)
class _Figure:
    """A figure of a track record: in percent where `times` is 100, and whether more of it is better."""

    title: str
    value: Callable[[TrackRecord], float | None]
    times: float = 1.0
    decimals: int = 2
    better: int = 0


_FIGURES = (
    _Figure("Return, %", lambda r: r.own.total_return, 100, 1, 1),
    _Figure("Alpha a year, %", lambda r: r.against.alpha, 100, 1, 1),
    _Figure("Sharpe", lambda r: r.own.sharpe, better=1),
    _Figure("Volatility a year, %", lambda r: r.own.volatility, 100, 1, -1),
    _Figure("Max drawdown, %", lambda r: r.own.deepest, 100, 1, 1),
    _Figure("Closed lots", lambda r: r.lots.closed, decimals=0),
    _Figure("Win rate, %", lambda r: r.lots.win_rate, 100, 0, 1),
    _Figure("Turnover a year", lambda r: r.activity.turnover, decimals=1),
    _Figure("Exposure, %", lambda r: r.activity.exposure, 100, 0),
)


def _figures(sheet: TurnSheet) -> Table:
    desk, variant = (_record(trial) for trial in (sheet.desk, sheet.variant))
    rows = tuple(_figure_row(each, each.value(desk), each.value(variant)) for each in _FIGURES)
    return Table(headings("Figure", *numeric(_DESK, _VARIANT, "Difference")), rows, "", compact=True)


def _figure_row(each: _Figure, desk: float | None, variant: float | None) -> tuple[Cell, ...]:
    """Both values and their difference, of the values as they are shown."""
    before, after = (None if v is None else round(each.times * v, each.decimals) for v in (desk, variant))
    change = None if before is None or after is None else round(after - before, each.decimals)
    shown = "" if change is None else signed_number(change, each.decimals) if change else "="
    return (
        Cell(each.title),
        Cell(number(before, each.decimals)),
        Cell(number(after, each.decimals)),
        Cell(shown, tone(each.better * change) if change and each.better else "muted"),
    )


def _record(trial: TrialSheet) -> TrackRecord:
    return trial.records[trial.main]


def _returns(sheet: TurnSheet) -> Display:
    desk, variant = sheet.desk, sheet.variant
    lines = [
        _line("topix", "TOPIX", variant.topix),
        _line("group-1", "desk", desk.returns[desk.main]),
        _line("whole", "variant", variant.returns[variant.main]),
    ]
    return _chart(variant, "turn-return", "Return since the start, %", lines)


def _drawdowns(sheet: TurnSheet) -> Display:
    lines = [
        _line("group-1", "desk", sheet.desk.drawdown),
        _line("whole", "variant", sheet.variant.drawdown),
    ]
    return _chart(sheet.variant, "turn-drawdown", "Drawdown, %", lines)


def _line(style: LineStyle, name: str, values: Sequence[float]) -> ChartLine:
    return ChartLine(style, values, name, signed_number(values[-1], 1))


def _chart(sheet: TrialSheet, file: str, title: str, lines: Sequence[ChartLine]) -> Display:
    meaning = join_parts(f"{line.label} {line.last} %" for line in reversed(lines))
    caption = Caption(title, meaning, " ".join(sheet.marks))
    svg = line_chart(caption, sheet.sessions, lines, form=lambda value: number(value, 0))
    return figure(file, title, svg, meaning)


def _trials(sheet: TurnSheet) -> Iterator[Display]:
    """How much was tried, and what that makes of the variant's Sharpe ratio."""
    if sheet.trials is None:
        return
    said = (
        f"{plural(sheet.trials, 'trial')} counted in this workspace; each turn to new values is one more,"
        " and the best of many looks good by chance"
    )
    found = sheet.variant.chance.get(sheet.variant.main)
    if found is not None and found.deflated is not None:
        sure = confidence_words(found.deflated.deflated)
        said += f": the variant is better than that with a confidence of {sure}"
    yield text_line(said, "Trials:")


def _orders(sheet: TurnSheet) -> Iterator[Display | Table]:
    """What changes of the next morning's orders, and how many are the same."""
    if sheet.trade_date is None:
        yield text_line(f"the next orders cannot be decided: {sheet.undecided}", "Orders:")
        return
    other = [order for order in sheet.orders if order.change != "unchanged"]
    yield text_line(
        f"{orders_words(sheet.orders)}; decided on {sheet.book}", f"Orders for {sheet.trade_date}:"
    )
    if other:
        yield orders_table(other, "")


def _trades(trades: TurnTrades) -> Iterator[Display | Table]:
    """What the turn makes of the trades: those of most money first."""
    kinds = (("gained", trades.gained), ("lost", trades.lost))
    same = f"{count(trades.same)} unchanged"
    joined = "a trade joins the partial sales of a purchase, and counts while it is held"
    changed = [effect_words(trades)] if trades.gained or trades.lost or trades.moved else []
    yield text_line("; ".join([*changed, same, joined]), "Trades:")
    for name, found in kinds:
        if found:
            yield folded(f"{plural(len(found), 'trade')} {name}", _trade_table(found), repeats=False)


def effect_words(trades: TurnTrades) -> str:
    """What the trades of each kind change of the gain, in whole yen that add up as they are shown."""
    moved = sum(after.gain - before.gain for before, after in trades.moved)
    kinds = (
        (len(trades.gained), "gained", round(_sum(trades.gained))),
        (len(trades.lost), "lost", -round(_sum(trades.lost))),
        (len(trades.moved), "with another exit or size", round(moved)),
    )
    each = join_parts(f"{count(n)} {kind} ({signed_yen(effect)})" for n, kind, effect in kinds)
    return f"{each}; their effect on the gain before fees {signed_yen(sum(effect for *_, effect in kinds))}"


def _sum(trades: Sequence[TurnTrade]) -> float:
    return sum(trade.gain for trade in trades)


def _trade_table(trades: Sequence[TurnTrade]) -> Display:
    largest = sorted(trades, key=lambda trade: -abs(trade.gain))[:_SHOWN]
    heads = headings("Stock", Heading("Bought", "day"), Heading("Sold", "day"), *numeric("Gain"), "Sold by")
    rows = tuple(
        (
            Cell(trade.code, note=trade.name),
            Cell(day(trade.opened)),
            Cell(day(trade.closed) if trade.closed else ""),
            toned_cell(f"{signed_yen(trade.gain)} ({pct(trade.gain_pct)})", trade.gain),
            Cell(trade.layer),
        )
        for trade in largest
    )
    more = len(trades) - len(largest)
    rest = [text_line(f"and {plural(more, 'trade')} of less money")] if more else []
    return stack([Table(heads, rows, ""), *rest])
