"""What happened since the morning before, and what lies ahead."""

from __future__ import annotations

from collections.abc import Iterator

from jstock_core.base.words import signed_number
from jstock_core.reports.model.decisions.since import (
    AheadEvent,
    CashChange,
    CashMove,
    OrderOutcome,
    SinceSummary,
)
from jstock_core.reports.model.report import Report
from jstock_core.reports.model.sections import ExecutionEvent
from jstock_core.reports.render.parts.rows import FactBlock, FactRow, fact_blocks, fold_rest
from jstock_core.reports.render.parts.table import Display, section, text_line
from jstock_core.reports.render.parts.words import Words
from jstock_core.reports.render.triggers import trigger_block
from jstock_core.reports.render.turns import turn_block

_OUTCOME_KINDS = {"filled": "ok", "partly filled": "note", "unresolved": "alert"}
_MOVES = {
    "deposit": "Deposit",
    "withdrawal": "Withdrawal",
    "dividend": "Dividend",
    "fee": "Fees",
    "cash_adjustment": "Adjustment",
}
_ELSEWHERE = {
    "split": "Split",
    "code_move": "New code",
    "position_adjustment": "Shares counted",
    "halt": "Buying halted",
    "resume": "Buying resumed",
    "note": "Note",
    "correction": "Correction",
}
"""Kinds of facts that no other block tells."""


def since_section(report: Report, words: Words) -> Display:
    """Orders, stops, signals and cash since the morning before, and what is announced."""
    return section("since", words("Since yesterday"), tuple(_parts(report, words)))


def _parts(report: Report, words: Words) -> Iterator[Display]:
    since = report.since
    yield text_line(_span(since, words))
    blocks = (
        _orders(since, words),
        trigger_block(since, words),
        turn_block(since, words),
        _cash(since, words),
        _ahead(since, words),
        _elsewhere(report, words),
    )
    shown = fact_blocks(blocks, words, report.explanations.by_code)
    if shown.html:
        yield shown
    elif since.before is not None:
        yield text_line(words("Nothing happened."))


def _span(since: SinceSummary, words: Words) -> str:
    """What "yesterday" is, and the mornings that are missing since."""
    if since.before is None:
        return words("This is the first morning: nothing came before it.")
    text = words(
        "Since the decision for {day}, taken on the close of {close}.",
        day=words.weekday(since.before),
        close=words.day(since.evaluated),
    )
    if since.missed:
        days = words.join(words.day(day) for day in since.missed)
        text = f"{text} {words('No decision was made for {days}.', days=days)}"
    return text


# --- orders --------------------------------------------------------------------------------------------


def _orders(since: SinceSummary, words: Words) -> FactBlock:
    placed = since.placed
    filled = sum(outcome.state == "filled" for outcome in placed)
    note = ""
    if placed:
        better = [outcome.better for outcome in placed if outcome.better is not None]
        against = words("{yen} against what was expected", yen=words.signed_yen(sum(better)))
        counted = words("{filled} of {n} filled", filled=words.count(filled), n=words.count(len(placed)))
        note = words.join((counted, against if better else ""))
    rows = [_order_row(outcome, words) for outcome in since.outcomes]
    shown, folds = fold_rest(rows, words)
    return FactBlock(words("Orders: what came of them"), shown, note, folds)


def _order_row(outcome: OrderOutcome, words: Words) -> FactRow:
    return FactRow(
        chip=words(outcome.state),
        kind=_OUTCOME_KINDS.get(outcome.state, ""),
        code=outcome.code,
        name=outcome.name,
        text=_order_words(outcome, words),
        notes=tuple(_order_notes(outcome, words)),
        figure="" if outcome.gain is None else words("gain {yen}", yen=words.signed_yen(outcome.gain)),
        tone=words.tone(outcome.gain),
    )


def _order_words(outcome: OrderOutcome, words: Words) -> str:
    side = words.side(outcome.side)
    if not outcome.filled:
        return words("{side} {n} shares", side=side, n=words.count(outcome.ordered))
    if outcome.filled < outcome.ordered:
        return words(
            "{side} {filled} of {n} shares at {price}", side=side, filled=words.count(outcome.filled),
            n=words.count(outcome.ordered), price=words.price(outcome.price),
        )  # fmt: skip
    return words(
        "{side} {n} shares at {price}", side=side, n=words.count(outcome.filled),
        price=words.price(outcome.price),
    )  # fmt: skip


def _order_notes(outcome: OrderOutcome, words: Words) -> Iterator[str]:
    """The group, the estimate, the fee, and why shares are left."""
    yield outcome.group
    if outcome.better is not None:
        yield words(
            "expected {price}: {pct}, {yen}", price=words.price(outcome.estimate),
            pct=words.pct(outcome.difference_pct, 2), yen=words.signed_yen(outcome.better),
        )  # fmt: skip
    if outcome.fees:
        yield words("fee {yen}", yen=words.yen(outcome.fees))
    if outcome.reason:
        yield words.sentence(outcome.reason)


# --- cash and what lies ahead --------------------------------------------------------------------------


def _cash(since: SinceSummary, words: Words) -> FactBlock:
    moved = [change for change in since.cash if change.now != change.then]
    rows = [_cash_row(change, words) for change in moved]
    shown, folds = fold_rest([*rows, *(_move_row(move, words) for move in since.moves)], words)
    return FactBlock(words("Cash"), shown, folds=folds)


def _cash_row(change: CashChange, words: Words) -> FactRow:
    pieces = (
        (words("sales"), change.sold),
        (words("purchases"), change.bought),
        (words("dividends"), change.dividends),
        (words("fees"), change.fees),
        (words("paid in and out"), change.deposited),
        (words("adjusted"), change.adjusted),
        (words("other"), change.other),
    )
    return FactRow(
        text=words.named(change.group, f"{words.yen(change.then)} → {words.yen(change.now)}"),
        notes=tuple(f"{name} {words.signed_yen(amount)}" for name, amount in pieces if amount),
        figure=words.signed_yen(change.now - change.then),
    )


def _move_row(move: CashMove, words: Words) -> FactRow:
    return FactRow(
        chip=words(_MOVES[move.kind]),
        code=move.code,
        name=move.name,
        text=words.join((move.group, words.day(move.session))),
        notes=_some(words.sentence(move.reason)),
        figure=words.signed_yen(move.amount),
        tone=words.tone(move.amount),
    )


def _ahead(since: SinceSummary, words: Words) -> FactBlock:
    title = words("Ahead, to {day}", day=words.day(since.ahead_through))
    shown, folds = fold_rest([_ahead_row(event, words) for event in since.ahead], words)
    return FactBlock(title, shown, folds=folds)


def _ahead_row(event: AheadEvent, words: Words) -> FactRow:
    ahead = (
        words.plural(event.sessions, "in {n} session", "in {n} sessions")
        if event.sessions
        else words("today")
    )
    ordered = words("ordered: {side}", side=words.side(event.ordered)) if event.ordered else ""
    return FactRow(
        chip=words.day(event.day)[5:],
        kind="alert" if event.sessions <= 1 else "note" if event.kind == "earnings" else "",
        code=event.code,
        name=event.name,
        text=words.join((_event_words(event, words), ahead)),
        notes=_some(*event.groups, ordered),
    )


def _event_words(event: AheadEvent, words: Words) -> str:
    if event.kind == "earnings":
        return words("earnings")
    if event.kind == "split":
        return words("split: {ratio} for 1", ratio=words.number(event.ratio, 2).rstrip("0").rstrip("."))
    if event.rate is None:
        return words("ex-dividend, amount not decided")
    forecast = "" if event.is_decided else words("forecast")
    said = words("ex-dividend, {rate} a share", rate=words.price(event.rate))
    whole = words("{yen} before tax", yen=words.yen(event.amount)) if event.amount else ""
    return words.join((said, whole, forecast))


def _elsewhere(report: Report, words: Words) -> FactBlock:
    """Splits, new codes, counted shares, notes and corrections."""
    events = (event for event in report.execution.events if event.kind in _ELSEWHERE)
    shown, folds = fold_rest([_elsewhere_row(event, words) for event in events], words)
    return FactBlock(words("Also recorded"), shown, folds=folds)


def _elsewhere_row(event: ExecutionEvent, words: Words) -> FactRow:
    return FactRow(
        chip=words(_ELSEWHERE[event.kind]),
        code=event.code,
        name=event.name,
        text=words.join((event.group, words.day(event.session))),
        notes=_some(words.sentence(event.text)),
        figure="" if event.shares is None else signed_number(event.shares, 0),
    )


def _some(*texts: str) -> tuple[str, ...]:
    """The texts that are not empty."""
    return tuple(text for text in texts if text)
