"""The Performance section, session by session, in plain Python."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import ceil, floor, isnan, nan, sqrt
from statistics import fmean, stdev

import numpy as np

from jstock_core.market.calendar import tse
from jstock_core.market.panel import Panel
from tests.reports.build.recount.journal import Fact, is_trade
from tests.reports.build.recount.ledger import MOVES, ledger, rank

YEAR = 245
PASTS = ("equity", "value", "came_in", "taken_out", "booked", "dividends")


def last_close(panel: Panel, row: int, code: str) -> float:
    """The last close at or before a row, with every later factor applied; NaN before the first bar."""
    n, factor = panel.column[code], 1.0
    while row >= 0:
        if not isnan(panel.close[row, n]):
            return float(panel.close[row, n] * factor)
        factor *= panel.adj_factor[row, n]
        row -= 1
    return nan


@dataclass
class Track:
    """A group as the days go by; what each close left is appended to the lists."""

    gains: list[int] = field(default_factory=list)  # of each lot that was sold
    equity: list[float] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    came_in: list[float] = field(default_factory=list)
    taken_out: list[float] = field(default_factory=list)
    booked: list[float] = field(default_factory=list)
    dividends: list[float] = field(default_factory=list)
    fees: int = 0
    traded: int = 0
    passed: int = 0  # traded between groups


class Recount:
    """The tracks of all groups at every close from the first event's session to D."""

    def __init__(self, facts: list[Fact], panel: Panel) -> None:
        self.panel, self.facts = panel, facts
        moves = [fact for fact in facts if fact.kind in MOVES]
        self.days = [day for day in panel.dates if day >= min(fact.session for fact in moves)]
        self.first = panel.dates.index(self.days[0]) if self.days else len(panel.dates)
        self.tracks: dict[str, Track] = {}
        self.transfers = [0.0] * len(self.days)
        for n, day in enumerate(self.days):
            since = self.days[n - 1] if n else date.min
            today = [fact for fact in moves if since < fact.session <= day]
            self._day(n, day, sorted(today, key=rank))

    def _day(self, n: int, day: date, today: list[Fact]) -> None:
        purses = ledger(fact for fact in self.facts if fact.session <= day)
        given: dict[str, list[float]] = {name: [0.0, 0.0, 0.0, 0.0] for name in purses}
        for name in purses:
            if name not in self.tracks:
                self.tracks[name] = Track(**{past: [0.0] * n for past in PASTS})
        for fact in today:
            if fact.kind != "split":
                self._flow(fact, given[fact.group], self.tracks[fact.group], n)
        for name, purse in purses.items():
            track = self.tracks[name]
            value = sum(
                purse.shares(code) * last_close(self.panel, self.first + n, code) for code in purse.held
            )
            track.value.append(value)
            track.equity.append(purse.cash + value)
            track.gains, track.fees = [lot.gain for lot in purse.closed], purse.fees
            for past, amount in zip(PASTS[2:], given[name], strict=True):
                getattr(track, past).append(amount)
        names = list(given)
        self.transfers[n] = sum(min(given[a][0], given[b][1]) for a in names for b in names if a != b)

    def _flow(self, fact: Fact, flow: list[float], track: Track, n: int) -> None:
        """What came in, was taken out, was booked of it, and was received as dividends."""
        match fact.kind:
            case "deposit" | "cash_adjustment":
                amount = fact.difference if fact.kind == "cash_adjustment" else fact.amount
                assert amount > 0
                flow[0] += amount
                flow[2] += amount
            case "withdrawal":
                flow[1] += fact.amount
                flow[2] -= fact.amount
            case "dividend":
                flow[3] += fact.amount
            case "position_adjustment":
                opened = self.panel.open[self.first + n, self.panel.column[fact.code]]
                flow[0] += fact.difference * opened
                flow[2] += fact.amount
            case "fill":
                track.traded += fact.amount
                track.passed += fact.amount if fact.source == "crossed" else 0

    # Series ---------------------------------------------------------------------------------------------

    def whole(self) -> Track:
        """All groups as one, with what one gave another taken out of both sides."""
        every = list(self.tracks.values())
        whole = Track()
        for name in PASTS:
            setattr(
                whole, name, [sum(parts) for parts in zip(*(getattr(p, name) for p in every), strict=True)]
            )
        whole.came_in = [x - t for x, t in zip(whole.came_in, self.transfers, strict=True)]
        whole.taken_out = [x - t for x, t in zip(whole.taken_out, self.transfers, strict=True)]
        whole.gains = [gain for track in every for gain in track.gains]
        whole.fees = sum(p.fees for p in every)
        whole.traded = sum(p.traded - p.passed for p in every)
        return whole


def begun(purse: Track) -> int:
    """The first session with money."""
    return next(n for n, flows in enumerate(zip(purse.came_in, purse.equity, strict=True)) if any(flows))


def daily_returns(purse: Track, *, dividends: bool = True) -> list[float]:
    found = []
    for n in range(begun(purse), len(purse.equity)):
        before = (purse.equity[n - 1] if n else 0.0) + purse.came_in[n]
        after = purse.equity[n] + purse.taken_out[n] - (0 if dividends else purse.dividends[n])
        found.append(after / before - 1)
    return found


def growth_of(returns: list[float]) -> list[float]:
    track = [1.0]
    for rate in returns:
        track.append(track[-1] * (1 + rate))
    return track


def falls(track: list[float | None]) -> list[float | None]:
    top, found = 0.0, []
    for level in track:
        top = top if level is None else max(top, level)
        found.append(None if level is None else 100 * (level / top - 1))
    return found


# The Performance section --------------------------------------------------------------------------------


def performance(facts: list[Fact], panel: Panel, names: dict[str, str], *, seed: int) -> dict:
    """Every field of the Performance section, by its name."""
    count = Recount(facts, panel)
    if not any(any(track.equity) for track in count.tracks.values()):
        return nothing_yet(facts, panel.dates[-1])
    whole, offset = count.whole(), begun(count.whole())
    days = count.days[offset:]
    sessions = [tse().previous(days[0]), *days]
    curves = {name: (names.get(name, name), purse) for name, purse in sorted(count.tracks.items())}
    curves[""] = ("Whole desk", whole)
    made = {name: curve(name, shown, purse, len(sessions)) for name, (shown, purse) in curves.items()}
    topix = index_curve("TOPIX", topix_levels(panel, count, offset, "topix"))
    total = index_curve("TOPIX with dividends", topix_levels(panel, count, offset, "topix_total"))
    track = made[""]["return_pct"]
    return {
        "sessions": sessions,
        "groups": [made[name] for name in curves if name],
        "whole": made[""],
        "topix": topix,
        "topix_total": total,
        "day_pnl": {
            name: round(p.equity[-1] - (p.equity[-2] if len(p.equity) > 1 else 0) - p.booked[-1])
            for name, p in count.tracks.items()
        },
        "measured": [measures(name, shown, purse, count, seed) for name, (shown, purse) in curves.items()],
        "months": periods(sessions, track, topix["return_pct"], lambda day: (day.year, day.month)),
        "years": periods(sessions, track, topix["return_pct"], lambda day: (day.year, 0)),
        "tax": tax(facts, days[-1]),
        "unknown": "",
    }


def nothing_yet(facts: list[Fact], day: date) -> dict:
    """Before the first session with money there is nothing to measure."""
    none = {"group": "", "return_pct": [], "drawdown_pct": [], "price_return_pct": None, **last_of([], [])}
    return {
        "sessions": [], "groups": [], "whole": {"name": "Whole desk", **none},
        "topix": {"name": "TOPIX", **none}, "topix_total": None, "day_pnl": {}, "measured": [], "months": [],
        "years": [], "tax": tax(facts, day), "unknown": "the first session is still to come",
    }  # fmt: skip


def last_of(returns: list[float | None], falls: list[float | None]) -> dict:
    """What a curve says in one number each."""
    known = [fall for fall in falls if fall is not None]
    return {"last": returns[-1] if returns else None, "deepest": min(known, default=None)}


def topix_levels(panel: Panel, count: Recount, offset: int, name: str) -> list[float | None]:
    first, levels = count.first + offset - 1, getattr(panel, name)
    rows = range(first, first + 1 + len(count.days) - offset)
    found = [nan if levels is None or row < 0 else levels[row] for row in rows]
    return [None if isnan(level) else float(level) for level in found]


def index_curve(name: str, levels: list[float | None]) -> dict | None:
    """An index from its first level; none of TOPIX with dividends where no level is known."""
    base = next((level for level in levels if level), None)
    if base is None and name != "TOPIX":
        return None
    index = [level / base if level else None for level in levels]
    returns = [None if x is None else 100 * (x - 1) for x in index]
    return {
        "group": "",
        "name": name,
        "return_pct": returns,
        "drawdown_pct": falls(index),
        "price_return_pct": None,
        **last_of(returns, falls(index)),
    }


def change_of(levels: list[float | None]) -> float | None:
    return 100 * (levels[-1] / next(level for level in levels if level) - 1) if levels[-1] else None


def curve(name: str, shown: str, purse: Track, length: int) -> dict:
    track: list[float | None] = growth_of(daily_returns(purse))
    padded = [None] * (length - len(track)) + track
    returns = [None if x is None else 100 * (x - 1) for x in padded]
    return {
        "group": name, "name": shown, "return_pct": returns, "drawdown_pct": falls(padded),
        "price_return_pct": 100 * (growth_of(daily_returns(purse, dividends=False))[-1] - 1),
        **last_of(returns, falls(padded)),
    }  # fmt: skip


def periods(sessions: list[date], own: list, topix: list, name_of) -> list[dict]:
    found = []
    for name in sorted({name_of(day) for day in sessions[1:]}):
        rows = [n for n, day in enumerate(sessions) if n and name_of(day) == name]
        change = [
            None if None in (x[rows[0] - 1], x[rows[-1]])
            else 100 * ((1 + x[rows[-1]] / 100) / (1 + x[rows[0] - 1] / 100) - 1)
            for x in (own, topix)
        ]  # fmt: skip
        found.append(
            {
                "year": name[0],
                "month": name[1],
                "sessions": len(rows),
                "return_pct": change[0],
                "topix_pct": change[1],
                "excess_pct": None if None in change else change[0] - change[1],
            }
        )
    return found


def value(number: float) -> dict:
    return {"value": number, "unknown": "", "have": 0, "need": 0}


def too_few(what: str, have: int, need: int) -> dict:
    return {"value": None, "unknown": f"{{have}} of at least {{need}} {what}", "have": have, "need": need}


def measures(name: str, shown: str, purse: Track, count: Recount, seed: int) -> dict:
    start = begun(purse)
    rates, days = daily_returns(purse), count.days[start:]
    sessions = [tse().previous(days[0]), *days]
    track, levels = growth_of(rates), topix_levels(count.panel, count, start, "topix")
    fall = falls(track)
    low = min(range(len(fall)), key=lambda n: fall[n])
    topix, dividends = change_of(levels), change_of(topix_levels(count.panel, count, start, "topix_total"))
    total = 100 * (track[-1] - 1)
    equity, held = purse.equity[start:], purse.value[start:]
    gains = purse.gains
    won, lost = sum(g for g in gains if g > 0), -sum(g for g in gains if g < 0)
    few = too_few("closed trades", len(gains), 10) if len(gains) < 10 else None
    return {
        "group": name,
        "name": shown,
        "since": sessions[0],
        "sessions": len(rates),
        "return_pct": total,
        "topix_pct": topix,
        "excess_pct": None if topix is None else total - topix,
        "topix_total_pct": dividends,
        "excess_total_pct": None if dividends is None else total - dividends,
        "drawdown_pct": fall[low],
        "drawdown_from": sessions[max(range(low + 1), key=lambda n: track[n])] if fall[low] else None,
        "drawdown_to": sessions[low] if fall[low] else None,
        "drawdown_now_pct": fall[-1],
        "exposure_pct": 100 * fmean(h / e for h, e in zip(held, equity, strict=True)),
        "exposure_now_pct": 100 * held[-1] / equity[-1],
        "turnover": too_few("sessions", len(rates), 20)
        if len(rates) < 20
        else value(purse.traded * YEAR / len(rates) / fmean(equity)),
        "closed": len(gains),
        "win_rate_pct": few or value(100 * sum(g > 0 for g in gains) / len(gains)),
        "profit_factor": few or value(won / lost),
        "costs": purse.fees,
        **against(track, levels, seed),
    }


def against(track: list[float], levels: list[float | None], seed: int) -> dict:
    known = [n for n, level in enumerate(levels) if level]
    steps = list(itertools.pairwise(known))
    r = [track[b] / track[a] - 1 for a, b in steps]
    b = [levels[b] / levels[a] - 1 for a, b in steps]
    if len(r) < 60:
        why = too_few("sessions", len(r), 60)
        return {"beta": why, "information_ratio": why, "alpha_pct": why, "alpha_range": None}
    n = YEAR * len(r) / (known[-1] - known[0])
    mean_r, mean_b = fmean(r), fmean(b)
    beta = sum((x - mean_r) * (y - mean_b) for x, y in zip(r, b, strict=True)) / sum(
        (y - mean_b) ** 2 for y in b
    )
    ahead = [x - y for x, y in zip(r, b, strict=True)]
    return {
        "beta": value(beta),
        "information_ratio": value(n * fmean(ahead) / (stdev(ahead) * sqrt(n))),
        "alpha_pct": value(100 * n * (mean_r - beta * mean_b)),
        "alpha_range": alpha_range(np.array(r), np.array(b), n, seed),
    }


def alpha_range(r: np.ndarray, b: np.ndarray, n: float, seed: int) -> dict:
    """2,000 draws of blocks as long as the cube root of the sessions, going round."""
    count = len(r)
    block = next(length for length in range(1, count + 1) if length**3 >= count)
    blocks = -(-count // block)
    words = np.random.PCG64(seed).random_raw(2000 * blocks)
    starts = (words % np.uint64(count)).astype(int).reshape(2000, blocks, 1)
    places = ((starts + np.arange(block)) % count).reshape(2000, -1)[:, :count]
    x, y = r[places], b[places]
    mean_x, mean_y = x.mean(axis=1), y.mean(axis=1)
    beta = ((x - mean_x[:, None]) * (y - mean_y[:, None])).sum(axis=1) / ((y - mean_y[:, None]) ** 2).sum(
        axis=1
    )
    alphas = 100 * n * (mean_x - beta * mean_y)
    low, high = np.percentile(alphas, [2.5, 97.5])
    return {"low_pct": low, "high_pct": high, "level_pct": 95.0, "draws": 2000, "block": block}


# Tax ------------------------------------------------------------------------------------------------------


def tax(facts: list[Fact], through: date) -> dict:
    """Moving average of the whole desk by code and type of account, buys of a session before its sells."""
    past = [fact for fact in facts if fact.session <= through and fact.kind in MOVES]
    fees = defaultdict(int)
    for event in past:
        if event.kind == "fee":
            fees[event.fill_id] += event.amount
    pools: dict[tuple[str, str], list[Fraction]] = defaultdict(lambda: [Fraction(0), Fraction(0)])
    gain = sales = untaxed = 0
    for event in sorted(past, key=rank):
        if event.kind == "split":
            for account in ("特定", "NISA"):
                pools[event.code, account][0] *= Fraction(event.numerator, event.denominator)
        elif event.kind == "position_adjustment":
            pools[event.code, "特定"][0] += event.difference
            pools[event.code, "特定"][1] += event.amount
        elif is_trade(event):
            pool = pools[event.code, event.account or "特定"]
            amount = event.amount
            if event.side == "BUY":
                pool[0] += event.shares
                pool[1] += amount + fees[event.id]
                continue
            unit = ceil(pool[1] / pool[0])
            pool[0] -= event.shares
            pool[1] = unit * pool[0]
            settles = tse().next(tse().next(event.session))
            if settles.year == through.year:
                untaxed += event.account == "NISA"
                sales += event.account != "NISA"
                gain += (amount - fees[event.id] - unit * event.shares) * (event.account != "NISA")
    year = through.year
    in_year = list(tse().between(date(year - 1, 12, 1), date(year, 12, 31)))
    own = [day for day in in_year if tse().next(tse().next(day)).year == year]
    return {
        "year": year, "first": own[0], "last": own[-1], "sales": sales, "untaxed": untaxed, "gain": gain,
        "rate_pct": 20.315, "tax": floor(max(0, gain) * Fraction("0.20315")), "unknown": "",
    }  # fmt: skip
