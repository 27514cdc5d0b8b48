"""The block of signals that are new or gone: one row for what several groups say of a stock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jstock_core.base.words import signed_number
from jstock_core.reports.model.decisions.since import PartChange, SignalChange, SinceSummary
from jstock_core.reports.render.parts.rows import FactBlock, FactRow, fold_rest
from jstock_core.reports.render.parts.words import Words

_CAUSES = {
    "bought": "bought since",
    "sold": "sold since",
    "not monitored": "not on the list any more",
    "no data": "not in the market data any more",
}


def turn_block(since: SinceSummary, words: Words) -> FactBlock:
    """Each stock whose signal turned, with the parts of the score that moved."""
    note = ""
    if not since.signals_known:
        note = words("The decision before recorded no signals.")
    elif since.rules_changed and since.signals:
        note = words("The rules of {groups} were changed since.", groups=words.join(since.rules_changed))
    rows = [_row(turns, words) for turns in _by_stock(since.signals)]
    shown, folds = fold_rest(rows, words)
    return FactBlock(words("Signals: new and gone"), shown, note, folds)


def _by_stock(signals: Sequence[SignalChange]) -> list[list[SignalChange]]:
    """Signals of several groups that say the same of a stock, together."""
    found: dict[tuple[object, ...], list[SignalChange]] = {}
    for turn in signals:
        same = (
            turn.code,
            turn.turn,
            turn.then,
            turn.now,
            turn.cause,
            turn.layer,
            turn.reason if turn.layer else "",
        )
        found.setdefault(same, []).append(turn)
    return list(found.values())


def _row(turns: Sequence[SignalChange], words: Words) -> FactRow:
    """A sale has a line for its reason; the others are told in the small line."""
    turn = turns[0]
    kind = {"new": "buy" if turn.now == "BUY" else "sell"}.get(turn.turn, "")
    sells = bool(turn.layer) and turn.turn != "gone"
    why = words.named(words.layer(turn.layer), words.sentence(turn.reason)) if sells else ""
    said = _one(turn, words) if len(turns) == 1 else _several(turns, words)
    return FactRow(
        chip=words(turn.turn), kind=kind, code=turn.code, name=turn.name, text=why, notes=tuple(said),
        figure=_scores(turn, words) if len(turns) == 1 else "",
    )  # fmt: skip


def _one(turn: SignalChange, words: Words) -> Iterator[str]:
    yield turn.group
    yield from _wanted(turn, words, ordered=turn.ordered)
    yield from (_part(part, words) for part in turn.parts)


def _several(turns: Sequence[SignalChange], words: Words) -> Iterator[str]:
    """What all want, each group with its scores, and the parts, whose weights differ."""
    yield from _wanted(turns[0], words, ordered=any(turn.ordered for turn in turns))
    yield from (" ".join((turn.group, _scores(turn, words))).strip() for turn in turns)
    parts = {part.name: part for turn in reversed(turns) for part in turn.parts}
    yield from (_part(part, words, weighted=False) for part in parts.values())


def _wanted(turn: SignalChange, words: Words, *, ordered: bool) -> Iterator[str]:
    """What is or was wanted, and what became of it."""
    then, now = (_action(action, words) for action in (turn.then, turn.now))
    yield f"{then} → {now}" if turn.turn == "changed" else now or then
    if turn.turn == "gone" and turn.cause in _CAUSES:
        yield words(_CAUSES[turn.cause])
    if turn.now == "BUY" and not ordered:
        yield words("not ordered")


def _action(action: str, words: Words) -> str:
    return words.side(action) if action == "BUY" else words.action(action) if action else ""


def _scores(turn: SignalChange, words: Words) -> str:
    """The score then and now; nothing where it did not move."""
    if turn.score_then is None or turn.score_now is None or turn.score_then == turn.score_now:
        return ""
    return f"{words.number(turn.score_then, 1)} → {words.number(turn.score_now, 1)}"


def _part(part: PartChange, words: Words, *, weighted: bool = True) -> str:
    """'technical 85 → 95 (+3.5)': the points are what it moves in the weighted score."""
    decimals = 0 if part.kind in ("score", "entry") else 2
    name = words.sentence(part.name)
    moved = f"{name} {words.number(part.then, decimals)} → {words.number(part.now, decimals)}"
    return moved if part.points is None or not weighted else f"{moved} ({signed_number(part.points, 1)})"
