"""An explanation as tables: for notebooks, for the terminal and for Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jstock_core.base.words import UNKNOWN, count, join_parts, number, pct, plural, price, signed_number
from jstock_core.decide import HOLD
from jstock_core.decide import UNKNOWN as EXIT_UNKNOWN
from jstock_core.explain.assessments import EntryAssessment, LayerAssessment
from jstock_core.explain.explain import Explanation, GroupExplanation
from jstock_core.explain.inputs import PRICES, SHARES, Input
from jstock_core.explain.parts import Part
from jstock_core.reports.render.parts.cells import headings, numeric, toned_cell
from jstock_core.reports.render.parts.figures import marked, titled
from jstock_core.reports.render.parts.table import Bundle, Cell, Display, Table, stack, text_line

_STATES = {"fires": "loss", "unknown": "loss", "quiet": "", "silent": "muted"}


@dataclass(frozen=True, repr=False)
class ExplanationPage:
    """An explanation in a notebook: what each group made of the stock, and why.

    `marks` are the words of its market.
    """

    explanation: Explanation
    marks: tuple[str, ...] = ()

    @property
    def groups(self) -> tuple[GroupExplanation, ...]:
        """What each group made of the stock, as values."""
        return self.explanation.groups

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return self.explanation.as_json()

    @property
    def summary(self) -> Display:
        """All of it."""
        found = self.explanation
        parts = [text_line(explanation_summary(found))]
        for group in found.groups:
            tables = (titled(title, table) for title, table in group_tables(group))
            parts.append(titled(group.group, stack(tables)))
        return marked(join_parts((found.code, found.name), " "), self.marks, parts)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        """Show it in a notebook."""
        return self.summary._repr_mimebundle_(include, exclude)

    def __repr__(self) -> str:
        """Say in a line what each group made of the stock."""
        found = self.explanation
        verdicts = ", ".join(f"{each.group} {each.verdict.action}" for each in found.groups)
        return f"<Explanation of {found.code} {found.name} for {found.trade_date}: {verdicts or 'no group'}>"


def explanation_summary(explanation: Explanation) -> str:
    """The stock and the morning in a line."""
    age = f" ({plural(explanation.age, 'session')} old)" if explanation.age else ""
    return join_parts((
        explanation.sector,
        f"for {explanation.trade_date} on {explanation.evaluated}",
        f"close {price(explanation.close)}{age}",
        f"ATR {price(explanation.atr)}",
        plural(explanation.bars, "bar"),
        "" if explanation.monitored else "not monitored",
    ))  # fmt: skip


def group_tables(group: GroupExplanation) -> tuple[tuple[str, Table], ...]:
    """The tables of one group with their titles: what was decided first, then why."""
    last = (
        ("exit layers", layers_table(group)) if group.held else ("on the way to an order", gates_table(group))
    )
    return (
        ("what was decided", verdict_table(group)),
        (f"entry {group.entry.rule}", parts_table(group.entry)),
        ("what the entry read", inputs_table(group.entry.inputs)),
        last,
    )


def verdict_table(group: GroupExplanation) -> Table:
    """What was decided, what was ordered, and why nothing was."""
    verdict = group.verdict
    rows = [
        ("Decision", verdict.action, verdict.reason),
        ("Order", verdict.order or "no order", why_no_order(group)),
        ("Source", "", group.decided),
    ]
    if group.held is not None:
        rows.append(("Position", count(group.held.shares), _position(group)))
    rows += [("Note", "", note) for note in group.notes]
    return Table(
        headings("", "What", "Why"), tuple((Cell(a), Cell(b), Cell(c)) for a, b, c in rows), "Nothing decided"
    )


def why_no_order(group: GroupExplanation) -> str:
    """Why a decision became no order; "" where it did, and where the decision says it all."""
    verdict = group.verdict
    said = verdict.order or verdict.why_no_order == verdict.reason or verdict.action in (HOLD, EXIT_UNKNOWN)
    return "" if said else verdict.why_no_order


def _position(group: GroupExplanation) -> str:
    held = group.held
    if held is None:
        return ""
    return join_parts((
        f"since {held.opened} at {price(held.entry_price)} ({pct(held.pnl_pct, 2)})",
        f"peak {price(held.peak)}",
        "" if held.score is None else f"opened with score {held.score:g}",
        f"has sold a part: {', '.join(held.taken)}" if held.taken else "",
    ))  # fmt: skip


def parts_table(entry: EntryAssessment) -> Table:
    """The score with its parts, weights and what was neutral; of a combination the entries it is made of."""
    if any(part.kind == "entry" for part in entry.parts):
        return _members_table(entry)
    heads = headings("Part", *numeric("Value", "Weight", "Points"), "How it came about")
    foot = (Cell("Score"), Cell(number(entry.score, 2)), Cell(""), Cell(""), Cell(_against(entry)))
    return Table(heads, tuple(_part(part) for part in entry.parts), "The rule names no parts", foot=(foot,))


def _members_table(entry: EntryAssessment) -> Table:
    """Each entry of a combination with its own score, threshold and verdict."""
    heads = headings("Entry", *numeric("Score", "Threshold", "Weight"), "Verdict", "Why")
    rows = tuple(_member(part) for part in entry.parts)
    counted = join_parts((entry.summary, f"confidence {entry.confidence:.2f}"))
    blank, verdict = (Cell(""), Cell("")), Cell(_verdict(buy=entry.buy, short=entry.short))
    foot = (Cell("Together"), Cell(number(entry.score, 2)), *blank, verdict, Cell(counted))
    return Table(heads, rows, "The combination names no entries", foot=(foot,))


def _member(part: Part) -> tuple[Cell, ...]:
    return (
        Cell(part.name),
        Cell(number(part.value, 1)),
        Cell(UNKNOWN if part.threshold is None else number(part.threshold, 1)),
        Cell(UNKNOWN if part.weight is None else number(part.weight)),
        Cell(_verdict(buy=bool(part.buy), short=part.short), "gain" if part.buy else ""),
        Cell(part.detail),
    )


def _verdict(*, buy: bool, short: float | None) -> str:
    return "BUY" if buy else f"{short:g} short" if short else "no BUY"


def _against(entry: EntryAssessment) -> str:
    buys = "BUY" if entry.buy else "no BUY"
    least = "" if entry.threshold is None else f"threshold {entry.threshold:g}"
    short = f"{entry.short:g} short" if entry.short else ""
    return join_parts((buys, least, short, f"confidence {entry.confidence:.2f}"))


def _part(part: Part) -> tuple[Cell, ...]:
    value = {"score": number(part.value, 1), "x": f"x {part.value:g}", "+": signed_number(part.value)}[
        part.kind
    ]
    detail = f"neutral: {part.detail}".removesuffix(": ") if part.neutral else part.detail
    return (
        Cell(part.name),
        Cell(value, "muted" if part.neutral else ""),
        Cell(UNKNOWN if part.weight is None else number(part.weight)),
        Cell(UNKNOWN if part.points is None else number(part.points)),
        Cell(detail),
    )


def inputs_table(inputs: tuple[Input, ...]) -> Table:
    """Every value that was read."""
    rows = tuple((Cell(read.name), Cell(input_text(read)), Cell(read.when or read.text)) for read in inputs)
    return Table(headings("Read", *numeric("Value"), "Which"), rows, "Nothing was read")


def input_text(read: Input) -> str:
    """The value as people read it: prices in yen, volumes in shares."""
    if read.value is None:
        return "" if read.text else UNKNOWN
    if read.name in PRICES:
        return number(read.value, 2)
    return (
        count(read.value)
        if read.name in (*SHARES, "turnover", "turnover_median_20")
        else number(read.value, 4)
    )


def gates_table(group: GroupExplanation) -> Table:
    """Everything between the market and an order; a stock that is not held has no exit."""
    rows = tuple(
        (
            Cell(gate.name),
            Cell("yes" if gate.passed else "no", "" if gate.passed else "loss"),
            Cell(gate.detail),
        )
        for gate in group.gates
    )
    return Table(headings("Asked", "Passed", "Detail"), rows, "Held: the exit decides")


def layers_table(group: GroupExplanation) -> Table:
    """Each layer in its order, with the price at which it fires and the distance to it."""
    heads = headings("Layer", "State", *numeric("Level", "Yen", "%", "ATR"), "Verdict and what it read")
    return Table(heads, tuple(_layer(layer) for layer in group.layers), "The exit has no layers")


def _layer(layer: LayerAssessment) -> tuple[Cell, ...]:
    state = f"{layer.state}, decides" if layer.first else layer.state
    return (
        Cell(layer.layer),
        Cell(state, _STATES[layer.state]),
        Cell(price(layer.level)),
        Cell(signed_number(layer.distance, 1)),
        toned_cell(signed_number(layer.distance_pct), None),
        Cell(signed_number(layer.distance_atr)),
        Cell(layer.reason, note=join_parts(_read(read) for read in layer.inputs)),
    )


def _read(read: Input) -> str:
    return join_parts((read.name, read.when, input_text(read), read.text), " ")
