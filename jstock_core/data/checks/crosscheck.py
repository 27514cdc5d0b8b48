"""Closes compared with those of a second source: differences are findings, never prices.

Sources differ in what they do to the past: prices as traded, divided by later splits, or by later dividends
too. Each stock is compared on the basis that fits its file, so that only figures differ that should not:

- as traded: the same yen;
- adjusted for splits: the same yen after the newest split, before it divided by the factors stored here (and
  by one more where the file knows a later split);
- adjusted for splits and dividends: the ratio of both is steady, but for small steps up on ex-dates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from jstock_core.data.checks.findings import RECENT, Finding
from jstock_core.data.providers.file_formats.closes import OtherCloses
from jstock_core.market.panel import Bools, Floats, Ints, Panel

AS_TRADED = "as traded"
SPLITS = "adjusted for splits"
DIVIDENDS = "adjusted for splits and dividends"

ROUNDING = 0.06
"""Yen by which figures may differ that are rounded to a tenth of a yen."""
ADJUSTED_SHARE = 0.001
"""The share by which adjusted figures may differ beside it."""
ENOUGH = 0.9
"""The share of sessions that must agree for a basis to be the one of a file."""
FEW = 10
"""Sessions up to which a file is too short to tell dividends or a later split from errors."""
LARGEST_DIVIDEND = 0.2
_WINDOW = 5


@dataclass(frozen=True)
class CrossCheck:
    """A comparison: stocks by the basis that fits them, closes compared, and what differs.

    `unknown` are codes that are not stored, `untouched` those whose days are none of the stored ones.
    """

    bases: dict[str, int]
    compared: int
    findings: tuple[Finding, ...]
    unknown: tuple[str, ...]
    untouched: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Pair:
    """The sessions (rows) of a stock that both sources have; `adjusted` is ours divided by later splits."""

    code: str
    rows: Ints
    ours: Floats
    adjusted: Floats
    theirs: Floats


@dataclass(frozen=True, eq=False)
class _Fit:
    """A pair on a basis: what theirs should be by ours, which sessions agree, and steps between them."""

    basis: str
    expected: Floats
    agrees: Bools
    level: float = 1.0

    @property
    def share(self) -> float:
        return float(self.agrees.mean())


def compare_closes(panel: Panel, others: OtherCloses) -> CrossCheck:
    """Compare every close that both have."""
    order = np.lexsort((others.day, others.code))
    names, first = np.unique(others.code[order], return_index=True)
    codes: list[str] = names.tolist()
    pairs = [
        _pair(panel, others, code, mine[others.close[mine] > 0])
        for code, mine in zip(codes, np.split(order, first[1:]), strict=True)
        if code in panel.column
    ]
    compared = [pair for pair in pairs if len(pair.rows)]
    fits = [_fit(pair) for pair in compared]
    found = [
        finding
        for pair, fit in zip(compared, fits, strict=True)
        for finding in (*_differences(panel, pair, fit), *_levels(panel, pair, fit))
    ]
    used = [fit.basis for fit in fits]
    return CrossCheck(
        {basis: used.count(basis) for basis in (AS_TRADED, SPLITS, DIVIDENDS) if basis in used},
        sum(len(pair.rows) for pair in compared),
        tuple(sorted(found, key=lambda finding: (finding.severity != "warn", finding.code or ""))),
        tuple(code for code in codes if code not in panel.column),
        tuple(pair.code for pair in pairs if not len(pair.rows)),
    )


def _pair(panel: Panel, others: OtherCloses, code: str, mine: Ints) -> _Pair:
    """What both sources have of a stock; `mine` are its rows in the second one, in order of time."""
    column, rows = panel.column[code], np.searchsorted(panel.sessions, others.day[mine])
    inside = rows < len(panel.sessions)
    inside[inside] = panel.sessions[rows[inside]] == others.day[mine][inside]
    inside[inside] = panel.close[rows[inside], column] > 0
    rows, theirs = rows[inside], others.close[mine][inside]
    ours, forward = panel.close[rows, column], panel.forward[:, column]
    return _Pair(code, rows, ours, ours * forward[rows] / forward[-1], theirs)


def _fit(pair: _Pair) -> _Fit:
    """The basis on which most sessions agree, the plainest of equals."""
    raw = _judge(pair, AS_TRADED, pair.ours)
    ratio = pair.theirs / pair.adjusted
    level = _later_split(float(np.median(ratio))) if len(ratio) > FEW else 1.0
    split = _judge(pair, SPLITS, pair.adjusted * level, level)
    best = raw if raw.share >= split.share else split
    if best.share >= ENOUGH or len(ratio) <= FEW:
        return best
    steady = _judge(pair, DIVIDENDS, pair.adjusted * _rolling_median(ratio))
    return steady if steady.share > best.share else best


def _judge(pair: _Pair, basis: str, expected: Floats, level: float = 1.0) -> _Fit:
    adjusted = np.where(np.abs(expected - pair.ours) > ROUNDING, ADJUSTED_SHARE * expected, 0.0)
    return _Fit(basis, expected, np.abs(pair.theirs - expected) <= ROUNDING + adjusted, level)


def _later_split(ratio: float) -> float:
    """The factor of a split that only the file knows, near a ratio; 1 where it is near none."""
    whole = max(ratio, 1 / ratio)
    for near in (1.5, float(round(whole))):
        if abs(whole / near - 1) <= ADJUSTED_SHARE:
            return near if ratio > 1 else 1 / near
    return 1.0


def _rolling_median(values: Floats) -> Floats:
    """(R,): the median of each value and the two on either side: an error of a session or two stands out."""
    side = _WINDOW // 2
    padded = np.concatenate([np.full(side, np.nan), values, np.full(side, np.nan)])
    median: Floats = np.nanmedian(np.lib.stride_tricks.sliding_window_view(padded, _WINDOW), axis=1)
    return median


def _differences(panel: Panel, pair: _Pair, fit: _Fit) -> Iterator[Finding]:
    """The sessions whose closes differ: one finding, at the newest."""
    differ = np.flatnonzero(~fit.agrees)
    if not len(differ):
        return
    newest = int(differ[-1])
    row = int(pair.rows[newest])
    ours = pair.ours.item(newest)
    theirs = ours * pair.theirs.item(newest) / fit.expected.item(newest)
    times = f"; {len(differ)} of {len(pair.rows)} sessions differ, this the newest" if len(differ) > 1 else ""
    what = f"the close is ¥{ours:,.1f} here and ¥{theirs:,.1f} in the second source ({fit.basis}{times})"
    yield _finding(panel, pair.code, row, what)


def _levels(panel: Panel, pair: _Pair, fit: _Fit) -> Iterator[Finding]:
    """Where the ratio of both moves as no dividend moves it, or is none that splits and dividends explain."""
    if fit.basis != DIVIDENDS:
        return
    ratio = fit.expected / pair.adjusted
    step = ratio[1:] / ratio[:-1] - 1
    noise = 2 * (ADJUSTED_SHARE + ROUNDING / pair.theirs[1:])
    odd = np.flatnonzero((step < -noise) | (step > LARGEST_DIVIDEND))
    if len(odd):
        at = int(odd[-1]) + 1
        what = (
            f"from here on the second source is {1 + step[at - 1]:.4g} times as high against ours as before: "
            "only one of both has a split, or the figures of a span are wrong"
        )
        yield _finding(panel, pair.code, int(pair.rows[at]), what)
    last = ratio.item(len(ratio) - 1)
    if not len(odd) and not _is_explained(last):
        what = f"the closes of the second source are {last:.4g} times ours"
        yield _finding(panel, pair.code, int(pair.rows[-1]), what)


def _is_explained(ratio: float) -> bool:
    """Whether splits and dividends after the newest session explain a ratio: they only lower the past."""
    splits = (1.0, 2 / 3, *(1 / n for n in range(2, 101)), *(float(n) for n in range(2, 101)))
    return any(1 - LARGEST_DIVIDEND <= ratio / split <= 1 + ADJUSTED_SHARE for split in splits)


def _finding(panel: Panel, code: str, row: int, what: str) -> Finding:
    recent = len(panel.sessions) - row <= RECENT
    session = panel.session(row)
    do = "compare with the exchange's figures; where ours are wrong, correct the source and import again"
    return Finding("warn" if recent else "info", code, session, f"{code} on {session}: {what}", do)
