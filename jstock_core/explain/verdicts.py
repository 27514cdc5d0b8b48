"""What a group decided about one stock, why no order came of it, and whether the data have changed since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from jstock_core.decide import (
    HOLD,
    UNKNOWN,
    Conditions,
    Decision,
    Signal,
    Skipped,
    ask_filters,
    read_signals,
    read_skipped,
)
from jstock_core.decide.groups import Group
from jstock_core.execution.fillers import order_filler
from jstock_core.explain.assessments import EntryAssessment, LayerAssessment
from jstock_core.signals.features.view import View
from jstock_core.signals.language.refusal import refusals_text
from jstock_core.state.book.book import GroupBook
from jstock_core.state.facts.events import Decided, OrderPlaced

NO_BUY = "no BUY"
UNEXPLAINED = "no order was placed"
_COMPARED = ("action", "layer", "score", "price")


@dataclass(frozen=True, eq=False)
class Case:
    """What one group knew: its book before the decision, what it decided (None: nothing) and ordered."""

    group: Group
    book: GroupBook
    decided: Decided | None
    orders: tuple[OrderPlaced, ...] = ()
    notes: tuple[str, ...] = ()

    @cached_property
    def signals(self) -> tuple[Signal, ...]:
        """The signals of its decision."""
        return () if self.decided is None else read_signals(self.decided)

    @cached_property
    def skipped(self) -> tuple[Skipped, ...]:
        """The signals of its decision that became no order."""
        return () if self.decided is None else read_skipped(self.decided)


@dataclass(frozen=True)
class Gate:
    """One thing that must hold before an opinion becomes an order; a filter is one more of them."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, kw_only=True)
class StockVerdict:
    """What was decided (`action`, `reason`), what was ordered, "" for nothing, and then why nothing was.

    `layer` is the layer of the exit that sells, "" for none; the reason begins with it.
    """

    action: str
    reason: str
    order: str
    why_no_order: str
    layer: str = ""


def verdict(
    code: str, case: Case, again: Decision, layers: Sequence[LayerAssessment], gates: Sequence[Gate]
) -> StockVerdict:
    """What the group decided, as journaled; where it did not decide, what it would have."""
    signal, skipped, orders = _find_decision(code, case, again)
    held = code in case.book.lots
    order = next((_order_in_words(order) for order in orders if order.code == code), "")
    if signal is None:
        reason = _reason_to_hold(layers) if held else _first_failure(gates)
        return StockVerdict(
            action=HOLD if held else NO_BUY, reason=reason, order=order, why_no_order="" if order else reason
        )
    why = f"the exit is unknown: {signal.reason}" if signal.action == UNKNOWN else UNEXPLAINED
    refused = next((skip.reason for skip in skipped if skip.code == code), why)
    layer = f"{signal.layer}: " if signal.layer else ""
    return StockVerdict(
        action=signal.action,
        reason=f"{layer}{signal.reason}",
        order=order,
        why_no_order="" if order else refused,
        layer=signal.layer,
    )


def _order_in_words(order: OrderPlaced) -> str:
    return f"{order.side} {order.shares:,} ({order_filler(order.source)})"


def _find_decision(
    code: str, case: Case, again: Decision
) -> tuple[Signal | None, Sequence[Skipped], Sequence[OrderPlaced]]:
    """The signal of the code, all refusals and all orders."""
    if case.decided is not None:
        return _find(code, case.signals), case.skipped, case.orders
    return _find(code, again.signals), again.skipped, again.orders


def _find(code: str, signals: Sequence[Signal]) -> Signal | None:
    return next((signal for signal in signals if signal.code == code), None)


def _reason_to_hold(layers: Sequence[LayerAssessment]) -> str:
    silent = [layer.layer for layer in layers if layer.state == "silent"]
    return "held: no layer fired" + (f"; silent: {', '.join(silent)}" if silent else "")


def _first_failure(gates: Sequence[Gate]) -> str:
    return next((f"{gate.name}: {gate.detail}" for gate in gates if not gate.passed), UNEXPLAINED)


def gates(
    code: str,
    view: View,
    row: int,
    case: Case,
    entry: EntryAssessment,
    again: Decision,
    conditions: Conditions,
) -> Iterator[Gate]:
    """Everything between the market and a BUY order of a stock that is not held, in the order it is asked."""
    n, group = view.panel.column[code], case.group
    bars, needs = int(view.bars[row, n]), group.entry.needs
    pending = [order for order in case.book.orders.values() if order.code == code]
    watched = code in conditions.monitored
    yield Gate("monitored", watched, "on the list" if watched else "not on the monitor list")
    traded = bool(view.has_bar[row, n])
    yield Gate("bar in D", traded, "traded" if traded else f"no trade in {view.sessions[row]}")
    yield Gate("entry", entry.buy, _entry(entry))
    yield Gate("history", bars >= needs, f"{bars} bars of the {needs} it needs")
    if group.min_score is not None:
        enough = not entry.score < group.min_score
        yield Gate("least score", enough, f"{entry.score:g} against min_score {group.min_score:g}")
    blocked = conditions.blocked.get(code, "")
    yield Gate("data", not blocked, blocked or "nothing found against it")
    unresolved = f"the {pending[0].side} of {pending[0].session} is unresolved" if pending else ""
    yield Gate("open order", not pending, unresolved or "none")
    halt = again.entries.halt
    yield Gate("entries", halt is None, refusals_text((halt,)) if halt else "the group may enter")
    yield from _filters(code, view, row, case, again)
    yield from _sizing(code, again)
    yield from _limits(code, case)


def _filters(code: str, view: View, row: int, case: Case, again: Decision) -> Iterator[Gate]:
    """Each filter of the group; a refusal that counted the morning's orders takes precedence."""
    refused = (part for skip in again.skipped if skip.code == code for part in skip.refusals)
    reasons = {part.title: part.reason for part in refused}
    for alone in ask_filters(case.group, case.book, view, row, view.panel.column[code]):
        reason = reasons.get(alone.title, alone.reason)
        shadow = "shadow: " if reason and alone.is_shadow else ""
        yield Gate(alone.title, not reason or alone.is_shadow, f"{shadow}{reason}" if reason else "passes")


def _entry(entry: EntryAssessment) -> str:
    against = "" if entry.threshold is None else f" against {entry.threshold:g}"
    short = f", {entry.short:g} short" if entry.short else ""
    why = entry.reason if entry.buy else entry.lacking
    return f"score {entry.score:g}{against}{short}" + (f"; {why}" if why else "")


def _sizing(code: str, again: Decision) -> Iterator[Gate]:
    """What sizing gave a stock that came so far."""
    ordered = [order for order in again.orders if order.code == code]
    skipped = [skip for skip in again.skipped if skip.code == code]
    refused = [skip.reason for skip in skipped if all(part.kind == "check" for part in skip.refusals)]
    if ordered:
        yield Gate("size", True, f"{ordered[0].shares:,} shares, ¥{ordered[0].reserve:,} reserved")
    elif refused:
        yield Gate("size", False, refused[0])


def _limits(code: str, case: Case) -> Iterator[Gate]:
    """What the limits of group and desk did, as journaled; nothing where none were declared."""
    rows = (skip for skip in case.skipped if (skip.code, skip.action) == (code, "BUY"))
    done = next((skip.reason for skip in rows if skip.by_limit), "")
    declared = case.decided is not None and case.decided.provenance.get("limits")
    if done or declared or case.group.limits is not None:
        ordered = any((order.code, order.side) == (code, "BUY") for order in case.orders)
        yield Gate("order limits", ordered or not done, done or "within them")


def changes(code: str, view: View, case: Case, again: Decision) -> Iterator[str]:
    """Whether the stored data are still those of the decision, and if not, what that changes here."""
    if case.decided is None:
        return
    then, now = case.decided.provenance.get("data"), view.panel.source.snapshot
    if then is None or dict(then) == dict(now):
        return
    names = ", ".join(sorted(name for name in {*then, *now} if then.get(name) != now.get(name)))
    before, anew = _find(code, case.signals), _find(code, again.signals)
    if _are_alike(before, anew):
        yield f"stored data have grown or changed since ({names}); asked again, the verdict is the same"
    else:
        yield (
            f"stored data have changed since ({names}): decided was {_in_words(before)}, the parts and layers"
            f" shown are of the data as they are now, which give {_in_words(anew)}"
        )


def _are_alike(one: Signal | None, other: Signal | None) -> bool:
    if one is None or other is None:
        return one is other
    return all(_are_same(getattr(one, name), getattr(other, name)) for name in _COMPARED)


def _are_same(one: object, other: object) -> bool:
    if isinstance(one, float | int) and isinstance(other, float | int):
        return abs(one - other) < 1e-6
    return one == other


def _in_words(signal: Signal | None) -> str:
    if signal is None:
        return "no signal"
    score = "" if signal.score is None else f" with score {signal.score:g}"
    price = "" if signal.price is None else f" at ¥{signal.price:,g}"
    return f"{signal.action}{score}{price}"
