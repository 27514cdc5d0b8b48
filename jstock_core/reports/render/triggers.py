"""The block of stops and other triggers: broken, touched, near, and how the levels moved."""

from __future__ import annotations

from collections.abc import Iterator

from jstock_core.base.words import signed_number
from jstock_core.reports.model.decisions.since import LevelChange, SinceSummary, StopWatch
from jstock_core.reports.render.parts.rows import FactBlock, FactFold, FactRow, fold_rest
from jstock_core.reports.render.parts.words import Words


def trigger_block(since: SinceSummary, words: Words) -> FactBlock:
    """What fires or came near is shown, levels that only moved are folded."""
    by_distance = sorted(since.stops, key=lambda stop: abs(stop.distance_pct or 0.0))
    told = [row for stop in by_distance for row in _told(stop, words)]
    told.sort(key=lambda row: row.kind != "alert")
    moved = [row for stop in since.stops for row in _moved(stop, words)]
    near = words(
        "Near: within {atr} ATR or {pct} % of the close.", atr=words.number(since.near_atr, 0),
        pct=words.number(since.near_pct, 0),
    )  # fmt: skip
    rows, folds = fold_rest(told, words)
    if moved:
        title = words.plural(len(moved), "{n} level moved", "{n} levels moved")
        folds.append(FactFold(title, moved, only_on_page=True))
    note = f"{_summary(since, words)} {near}".strip() if since.stops else ""
    return FactBlock(words("Stops and other triggers"), rows, note, folds)


def _summary(since: SinceSummary, words: Words) -> str:
    """How many stops were watched, and broke."""
    if not since.watched:
        return ""
    broke = sum(bool(stop.broken) for stop in since.stops)
    return words(
        "{broke} of {n} positions hit a trigger.", broke=words.count(broke), n=words.count(since.watched)
    )


def _told(stop: StopWatch, words: Words) -> Iterator[FactRow]:
    """The news of one position: what fires, else what was touched, else what is near."""
    fires = [level for level in stop.levels if level.fires_now]
    if fires:
        chip = words("fires") if stop.broken else words("still fires")
        yield _row(stop, chip, "alert", _levels(fires, words), words)
    elif stop.touched:
        named = [level for level in stop.levels if level.layer in stop.touched]
        yield _row(stop, words("touched"), "note", _levels(named, words), words)
    elif stop.is_near:
        away = words.join((words.pct(stop.distance_pct), _atr(stop, words)))
        text = words.join((f"{words.layer(stop.trigger)} {words.price(stop.trigger_price)}", away))
        yield _row(stop, words("near"), "note", text, words)


def _row(stop: StopWatch, chip: str, kind: str, text: str, words: Words) -> FactRow:
    span = "" if stop.low is None or stop.is_new else words(
        "traded {low} to {high}", low=words.price(stop.low), high=words.price(stop.high)
    )  # fmt: skip
    came = words.price(stop.close)
    if stop.close_then is not None and stop.close_then != stop.close:
        came = f"{words.price(stop.close_then)} → {came}"
    return FactRow(
        chip=chip,
        kind=kind,
        code=stop.code,
        name=stop.name,
        text=text,
        notes=tuple(part for part in (stop.group, words("close {price}", price=came), span) if part),
        figure=words.action(stop.action) if stop.action else "",
    )


def _levels(levels: list[LevelChange], words: Words) -> str:
    return words.join(_level(level, words) for level in levels)


def _level(level: LevelChange, words: Words) -> str:
    """'trailing stop ¥2,960 → ¥3,064'."""
    if level.now is None:
        return words.layer(level.layer)
    same = level.then is None or abs(level.moved) < 0.05
    then = "" if same else f"{words.price(level.then)} → "
    return f"{words.layer(level.layer)} {then}{words.price(level.now)}"


def _atr(stop: StopWatch, words: Words) -> str:
    if stop.distance_atr is None:
        return ""
    return words("{n} ATR", n=signed_number(stop.distance_atr, 1))


def _moved(stop: StopWatch, words: Words) -> Iterator[FactRow]:
    """The levels that moved, each with by how much; what fires is told before."""
    rows = [level for level in stop.moved if not level.fires_now and abs(level.moved) >= 0.05]
    for level in rows:
        yield FactRow(
            code=stop.code,
            name=stop.name,
            text=_level(level, words),
            figure=words.pct(100 * level.moved / (level.then or 1), 2),
        )
