"""The record of a promotion in words, for the terminal and for notebooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jstock_core.base.words import confidence_words, number, pct, plural
from jstock_core.desk.workspace.kept.promotions import PromotedLuck, PromotedSpan, Promotion

_HOLDOUT = {
    "none": "none is declared",
    "unused": "kept back, and not looked at",
    "used": "opened with this set: it is the span out of sample",
    "used by others": "opened with another set, so that it proves nothing of this one",
}


def describe_promotion(made: Promotion) -> Mapping[str, str]:
    """What a record says, by what it says it of."""
    return dict(_lines(made))


def promotion_title(made: Promotion, *, done: bool = True) -> str:
    """What was promoted to what, from when on."""
    lead = "" if done else "TRIAL RUN, nothing is promoted: "
    return f"{lead}{made.candidate} becomes {made.group}, decided with from {made.since} on"


def _lines(made: Promotion) -> Iterator[tuple[str, str]]:
    yield "by", f"{made.by}, {made.at:%Y-%m-%d %H:%M} JST"
    yield "reason", made.reason or "none was given"
    yield "in sample", _span(made.in_sample)
    yield "out of sample", "no session yet" if made.out_of_sample is None else _span(made.out_of_sample)
    yield "trials", f"{plural(made.trials, 'trial')} in this workspace, {len(made.own_trials)} of this set"
    if made.deflated is None:
        yield "deflated Sharpe ratio", "not known: too few sessions"
    else:
        yield (
            "deflated Sharpe ratio",
            f"confidence in more than the luck of these trials: {confidence_words(made.deflated)}",
        )
    if made.luck is not None:
        yield "luck of ties", _luck(made.luck)
    yield "holdout", _HOLDOUT[made.holdout]
    yield "certificates", ", ".join(f"{name} {sha[:12]}" for name, sha in made.certificates.items())
    for note in made.notes:
        yield "note", note


def _span(span: PromotedSpan) -> str:
    figures = (
        f"return {_pct(span.total_return)}",
        f"TOPIX {_pct(span.topix)}",
        f"Sharpe {number(span.sharpe)}",
        f"deepest drawdown {_pct(span.max_drawdown)}",
    )
    return f"{span.first} to {span.last} ({plural(span.sessions, 'session')}): {', '.join(figures)}"


def _luck(luck: PromotedLuck) -> str:
    if not luck.orders:
        return "none: equals never competed in sample, so that no order of them gives another return"
    return (
        f"return {_pct(luck.total_return)}, under {luck.orders} random orders of equals {_pct(luck.low)} to "
        f"{_pct(luck.high)} (5 to 95 %), {_pct(luck.median)} in the middle; they decided "
        f"{plural(luck.mornings, 'morning')}"
    )


def _pct(fraction: float | None) -> str:
    return pct(None if fraction is None else 100 * fraction)
