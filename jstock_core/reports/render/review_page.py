"""The review of a span of sessions, a display for each of its parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jstock_core.base.arguments import require_kind
from jstock_core.base.words import UNKNOWN, join_parts
from jstock_core.reports.model.money.review import (
    Attribution,
    ClosedTrades,
    OrderDifference,
    OutcomeCount,
    Review,
    SpanReturn,
)
from jstock_core.reports.render.money.counterfactuals import counterfactuals_table
from jstock_core.reports.render.parts.cells import headings, numeric, toned_cell
from jstock_core.reports.render.parts.markup import safe
from jstock_core.reports.render.parts.table import Cell, Display, Heading, Table, section, stack, text_line
from jstock_core.reports.render.parts.words import ENGLISH, Words
from jstock_core.reports.render.svg.lines import line_chart
from jstock_core.reports.render.svg.values import Caption, ChartLine

MOST_STOCKS, MOST_DIFFERENCES = 5, 20
BY_HAND = "by hand"


@dataclass(frozen=True, repr=False)
class ReviewPage:
    """A review shown with some words: what was won, by what, how it was traded."""

    review: Review
    words: Words = ENGLISH

    def __post_init__(self) -> None:
        """Make sure that it is a review.

        Raises:
            UsageError: it is something else.

        """
        require_kind(self.review, Review, "a review", "give what `js.look_back(...)` returns")

    def __repr__(self) -> str:
        """Say in a line which span is shown."""
        return f"<Review of {self.review.first} to {self.review.last}>"

    @property
    def summary(self) -> Display:
        """The groups and the whole desk: from one equity to the next, beside TOPIX."""
        words, review = self.words, self.review
        title = words(
            "Review of {first} to {last}", first=words.day(review.first), last=words.day(review.last)
        )
        heads = headings(
            words("Group"),
            *numeric(words("Return"), "TOPIX", words("P&L"), words("Realized"), words("Dividends"),
                     words("Fees"), words("Paid in"), words("Equity")),
        )  # fmt: skip
        *groups, whole = (_return_row(each, words) for each in review.returns)
        table = Table(heads, tuple(groups), words("No group has been opened"), foot=(whole,))
        marks = [text_line(words("SIMULATED"))] if review.simulated else []
        if review.replayed:
            marks.append(text_line(words("The desk has no past yet: its groups were replayed on paper.")))
        return section("summary", title, (*marks, table), level=1)

    @property
    def curve(self) -> Display:
        """The whole desk against TOPIX from the same close."""
        words, review = self.words, self.review
        desk, topix = _last(review.curve), _last(review.topix_curve)
        caption = Caption(
            words("Return against TOPIX, %"),
            f"{words('Whole desk')} {words.pct(desk)}, TOPIX {words.pct(topix)}",
            words("SIMULATED") if review.simulated else "",
        )
        lines = [
            ChartLine("topix", review.topix_curve, "TOPIX", words.pct(topix)),
            ChartLine("whole", review.curve, words("Whole desk"), words.pct(desk)),
        ]
        svg = line_chart(caption, review.sessions, lines, form=lambda value: words.number(value, 1))
        shown = Display(str(safe(svg)), caption.description, caption.description)
        return section("curve", words("Return"), (shown,))

    @property
    def attribution(self) -> Display:
        """Every yen won, by group, sector, entry rule and stock; before fees and dividends."""
        words, review = self.words, self.review
        sectors = [_named(each, words.sector(each.name) or words("no sector")) for each in review.by_sector]
        entries = [_named(each, words.rule(each.name) or words(BY_HAND)) for each in review.by_entry]
        return section("attribution", words("What won and what lost"), (
            _attribution(words("Group"), review.by_group, words),
            _attribution(words("Sector"), sectors, words),
            _attribution(words("Entry"), entries, words),
            _attribution(words("Stock"), _extremes(review.by_stock), words, codes=False),
        ))  # fmt: skip

    @property
    def closed(self) -> Display:
        """The lots that were sold, by the layer that sold them."""
        words = self.words
        heads = headings(
            words("Sold by"),
            *numeric(words("Lots"), words("Won"), words("Gain"), words("Gain %"), words("Days held")),
        )
        rows = tuple(_closed_row(each, words) for each in self.review.closed)
        table = Table(heads, rows, words("Nothing was sold"))
        return section("closed", words("Closed trades by exit layer"), (table,))

    @property
    def orders(self) -> Display:
        """What became of the orders, beside what they do on paper: all shares at the opening price."""
        return section("orders", self.words("Orders against paper"), tuple(self._orders()))

    def _orders(self) -> Iterator[Display | Table]:
        words, review = self.words, self.review
        heads = headings(words("Outcome"), *numeric(words("Orders"), words("Cost")))
        counted = tuple(_outcome_row(each, words) for each in review.outcomes)
        yield Table(heads, counted, words("No orders"))
        if review.by_hand:
            one, many = "{n} fill was recorded without an order", "{n} fills were recorded without an order"
            yield text_line(words.plural(review.by_hand, one, many))
        if review.differences:
            yield _differences_table(review.differences[:MOST_DIFFERENCES], words)
        if len(review.differences) > MOST_DIFFERENCES:
            yield text_line(words("and {n} more", n=len(review.differences) - MOST_DIFFERENCES))

    @property
    def counterfactuals(self) -> Display:
        """How stocks went on in the 20 sessions after a rule had its way."""
        words = self.words
        about = words(
            "How stocks went on in the 20 sessions after a rule sold or refused them, on average over the "
            "whole past: what fell was saved."
        )
        none = words("No rule has sold or refused a stock yet")
        table = counterfactuals_table(self.review.counterfactuals, words, none)
        return section("counterfactuals", words("What rules saved or cost"), (text_line(about), table))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """All of it, in a notebook."""
        parts = (
            self.summary, self.curve, self.attribution, self.closed, self.orders, self.counterfactuals,
        )  # fmt: skip
        return stack(parts)._repr_mimebundle_(include, exclude)


def _last(values: Sequence[float | None]) -> float | None:
    return values[-1] if values else None


def _return_row(each: SpanReturn, words: Words) -> tuple[Cell, ...]:
    return (
        Cell(each.name if each.group else words(each.name), note=each.group),
        toned_cell(words.pct(each.return_pct, 2), each.return_pct),
        toned_cell(words.pct(each.topix_pct, 2), each.topix_pct),
        toned_cell(words.signed_yen(each.pnl), each.pnl),
        Cell(words.signed_yen(each.realized)),
        Cell(words.yen(each.dividends)),
        Cell(words.yen(each.fees)),
        Cell(words.signed_yen(each.came_in)),
        Cell(words.yen(each.equity), note=words("from {yen}", yen=words.yen(each.equity_before))),
    )


def _named(each: Attribution, name: str) -> Attribution:
    return Attribution(key=name, name="", pnl=each.pnl, codes=each.codes)


def _extremes(stocks: Sequence[Attribution]) -> Sequence[Attribution]:
    """The stocks that won most and those that lost most."""
    few = len(stocks) <= 2 * MOST_STOCKS
    return stocks if few else (*stocks[:MOST_STOCKS], *stocks[-MOST_STOCKS:])


def _attribution(title: str, found: Sequence[Attribution], words: Words, *, codes: bool = True) -> Table:
    heads = headings(title, *numeric(words("P&L"), *([words("Stocks")] if codes else [])))
    rows = tuple(
        (
            Cell(each.key, note="" if each.name == each.key else each.name),
            toned_cell(words.signed_yen(each.pnl), each.pnl),
            *([Cell(words.count(each.codes))] if codes else []),
        )
        for each in found
    )
    return Table(heads, rows, words("Nothing was held"))


def _closed_row(each: ClosedTrades, words: Words) -> tuple[Cell, ...]:
    percent = 100 * each.gain / each.cost if each.cost else None
    return (
        Cell(words.layer(each.layer) if each.layer else words(BY_HAND)),
        Cell(words.count(each.lots)),
        Cell(words.count(each.wins)),
        toned_cell(words.signed_yen(each.gain), each.gain),
        toned_cell(words.pct(percent), percent),
        Cell(words.number(each.average_days, 1)),
    )


def _outcome_row(each: OutcomeCount, words: Words) -> tuple[Cell, ...]:
    return (
        Cell(words(str(each.outcome))),
        Cell(words.count(each.orders)),
        toned_cell(words.signed_yen(each.cost), -each.cost),
    )


def _differences_table(found: Sequence[OrderDifference], words: Words) -> Table:
    heads = headings(
        Heading(words("Session"), "day"),
        words("Stock"),
        words("Order"),
        words("Outcome"),
        *numeric(words("Price"), words("Open"), words("Cost")),
    )
    return Table(heads, tuple(_difference_row(each, words) for each in found), "")


def _difference_row(each: OrderDifference, words: Words) -> tuple[Cell, ...]:
    order = join_parts((words.side(each.side), words.count(each.shares)), " ")
    return (
        Cell(words.day(each.session)),
        Cell(each.code, note=each.name),
        Cell(order, note=each.group),
        Cell(words(str(each.outcome)), note=words("{n} filled", n=words.count(each.filled))),
        Cell(words.price(each.price)),
        Cell(words.price(each.open)),
        Cell(UNKNOWN) if each.cost is None else toned_cell(words.signed_yen(each.cost), -each.cost),
    )
