"""What is to be placed at the broker, a card per ticket, and what is filled on paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from jstock_core.base.words import UNKNOWN, join_parts
from jstock_core.reports.model.placements import Placement, placements, unplaced
from jstock_core.reports.model.report import Report
from jstock_core.reports.model.sections import BuySignal, SellSignal, Ticket
from jstock_core.reports.render.parts.cells import headings, numeric
from jstock_core.reports.render.parts.markup import markup
from jstock_core.reports.render.parts.table import Cell, Display, Heading, Table, section, text_line
from jstock_core.reports.render.parts.words import Words
from jstock_core.reports.render.stock.links import stock_link

_MARKET_ORDER = "opening market"


@dataclass(frozen=True, kw_only=True)
class OrderCard:
    """A placement in words. `parts` are the orders of the groups in it: group, side, shares, reason."""

    placement: Placement
    link: str
    side: str
    kind: str
    shares: str
    estimate: str
    band: str
    line: str
    parts: tuple[tuple[str, str, str, str], ...]


def orders_section(report: Report, words: Words) -> Display:
    """What a trader places and how, then what jstock fills on paper, then what needs no placing."""
    cards = tuple(order_card(placement, report, words) for placement in placements(report))
    yours = tuple(card for card in cards if card.placement.filled_by == "you")
    paper = tuple(card for card in cards if card.placement.filled_by != "you")
    done = _done_table(report, words)
    text = section("orders", words("At the broker"), tuple(_parts(report, yours, paper, done, words)))
    html = markup(
        "orders.html.j2", words=words, yours=yours, paper=paper, done=done.html if done.rows else "",
        nothing=_nothing(report, words), after=_after(report, words) if yours else "",
    )  # fmt: skip
    return replace(text, html=html)


def order_card(placement: Placement, report: Report, words: Words) -> OrderCard:
    """A placement in the words of a broker."""
    side, kind = side_words(placement.side, words), kind_words(placement, words)
    shares = words("{n} shares", n=words.count(placement.shares))
    return OrderCard(
        placement=placement,
        link=stock_link(report, placement.code),
        side=side,
        kind=kind,
        shares=words.count(placement.shares),
        estimate=words.yen(placement.estimate),
        band=_band(placement, words),
        line=join_parts((placement.code, placement.name, side, shares, kind), " ") if placement.side else "",
        parts=tuple(_part(ticket, report, words) for ticket in placement.tickets),
    )


def side_words(side: str, words: Words) -> str:
    """BUY or SELL with the broker's word; "" for neither."""
    if not side or words.language == "ja":
        return side and words.side(side)
    return f"{side} {'買' if side == 'BUY' else '売'}"


def kind_words(placement: Placement, words: Words) -> str:
    """The kind of order with the broker's word: market or limit, at the open."""
    if placement.kind == _MARKET_ORDER:
        return words("market on open 寄成")
    return words("limit on open 寄指 {price}", price=words.price(placement.limit))


def _band(placement: Placement, words: Words) -> str:
    if placement.lower is None:
        return UNKNOWN
    return f"{words.price(placement.lower)} – {words.price(placement.upper)}"  # noqa: RUF001 - a range


def _part(ticket: Ticket, report: Report, words: Words) -> tuple[str, str, str, str]:
    side, shares = words.side(ticket.side), words.count(ticket.left)
    return ticket.group, side, shares, _why(ticket, report, words)


def _why(ticket: Ticket, report: Report, words: Words) -> str:
    """Why a group orders it, in a sentence; of one that is filled in part also what was filled."""
    reason = _reason(ticket, report, words)
    return join_parts((reason, words.sentence(ticket.outcome)), " ") if ticket.outcome else reason


def _reason(ticket: Ticket, report: Report, words: Words) -> str:
    signals: Sequence[BuySignal | SellSignal] = report.buys if ticket.side == "BUY" else report.sells
    found = next((s for s in signals if (s.group, s.code) == (ticket.group, ticket.code)), None)
    match found:
        case BuySignal(score=float() as score):
            reason = words.sentence(found.reason)
            return words("Score {score} of 100: {reason}.", score=words.number(score, 1), reason=reason)
        case SellSignal(layer=layer) if layer:
            return join_parts((_exit_words(found, words), _result_words(found, words)), " ")
        case _:
            return words.sentence(ticket.reason)


def _exit_words(sell: SellSignal, words: Words) -> str:
    layer = words.layer(sell.layer)
    return words(
        "{layer}: {reason}.", layer=layer[:1].upper() + layer[1:], reason=words.sentence(sell.reason)
    )


def _result_words(sell: SellSignal, words: Words) -> str:
    """What the position has won or lost so far."""
    if sell.pnl is None or sell.entry_session is None:
        return ""
    return words(
        "{pnl} ({pct}) since {day}.",
        pnl=words.signed_yen(sell.pnl),
        pct=words.pct(sell.pnl_pct),
        day=words.day(sell.entry_session),
    )


def _nothing(report: Report, words: Words) -> str:
    """What stands in the place of cards."""
    if report.execution.broker:
        return ""
    if unplaced(report):
        return words("Nothing to place.")
    return words("No orders for {day}.", day=words.weekday(report.header.trade_date))


def _after(report: Report, words: Words) -> str:
    """What a trader does once the orders are filled."""
    command = f"`jstock trade record --date {report.header.trade_date}`"
    return words("After the open, record what the broker filled: {command}", command=command)


def _done_table(report: Report, words: Words) -> Table:
    """The orders that need no placing, and why."""
    heads = headings(
        words("Stock"), words("Group"), words("Side"), *numeric(words("Shares")), words("What became of it")
    )
    rows = (
        (
            Cell(ticket.code, note=ticket.name),
            Cell(ticket.group),
            Cell(words.side(ticket.side)),
            Cell(words.count(ticket.shares)),
            Cell(words.sentence(ticket.outcome)),
        )
        for ticket in unplaced(report)
    )
    return Table(heads, tuple(rows), "")


# --- as text --------------------------------------------------------------------------------------------


def _parts(
    report: Report, yours: Sequence[OrderCard], paper: Sequence[OrderCard], done: Table, words: Words
) -> Iterator[Display | Table]:
    if nothing := _nothing(report, words):
        yield text_line(nothing)
    if yours:
        yield _cards_table(yours, words)
        yield text_line(_after(report, words))
    if paper:
        yield text_line(words("Filled on paper at the open; nothing to place."), words("On paper"))
        yield _cards_table(paper, words)
    for card in (*yours, *paper):
        if card.placement.rotation:
            yield text_line(words.sentence(card.placement.rotation), card.placement.code)
    if done.rows:
        yield text_line(words("Not to be placed"))
        yield done


def _cards_table(cards: Sequence[OrderCard], words: Words) -> Table:
    heads = headings(
        words("Stock"), words("Side"), *numeric(words("Shares")), words("Type"),
        *numeric(words("Estimate")), Heading(words("Day's limits"), "num"), words("Groups and reasons"),
    )  # fmt: skip
    return Table(heads, tuple(_card_row(card, words) for card in cards), "")


def _card_row(card: OrderCard, words: Words) -> tuple[Cell, ...]:
    reasons = (words.named(f"{group} {side} {shares}", why) for group, side, shares, why in card.parts)
    return (
        Cell(card.placement.code, note=card.placement.name),
        Cell(card.side or words("crossed")),
        Cell(card.shares),
        Cell(card.kind),
        Cell(card.estimate),
        Cell(card.band),
        Cell(join_parts(reasons, " ")),
    )
