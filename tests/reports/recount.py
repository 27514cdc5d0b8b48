"""The numbers of a report worked out again, session by session and lot by lot, in plain Python.

Nothing here is taken from the builders, the valuation, the fold of the book or the metrics: only the events,
the panel's arrays, the calendar and the tick table.
"""

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
from jstock_core.state.facts import events as kinds

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
class Lot:
    shares: int
    cost: int
    opened: date
    account: str


@dataclass
class Purse:
    """A group as the days go by; what each close left is appended to the lists."""

    cash: int = 0
    lots: dict[str, list[Lot]] = field(default_factory=lambda: defaultdict(list))
    closed: list[tuple[str, date, int]] = field(default_factory=list)  # code, session, gain of a lot
    equity: list[float] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    came_in: list[float] = field(default_factory=list)
    taken_out: list[float] = field(default_factory=list)
    booked: list[float] = field(default_factory=list)
    dividends: list[float] = field(default_factory=list)
    realized: int = 0
    fees: int = 0
    traded: int = 0
    passed: int = 0  # traded between groups


class Recount:
    """The purses of all groups at every close from the first event's session to D."""

    def __init__(self, events: tuple[kinds.Event, ...], panel: Panel) -> None:
        self.panel, self.events = panel, events
        self.days = [day for day in panel.dates if day >= min(e.session for e in events if moves(e))]
        self.first = panel.dates.index(self.days[0])
        self.purses: dict[str, Purse] = {}
        self.transfers = [0.0] * len(self.days)
        for n, day in enumerate(self.days):
            since = self.days[n - 1] if n else date.min
            today = [e for e in events if since < e.session <= day and moves(e)]
            self._day(n, sorted(today, key=rank))

    def _day(self, n: int, today: list[kinds.Event]) -> None:
        for event in today:
            if isinstance(event, kinds.Deposit) and event.group not in self.purses:
                purse = self.purses[event.group] = Purse()
                for name in PASTS:
                    setattr(purse, name, [0.0] * n)
        given: dict[str, list[float]] = {name: [0.0, 0.0, 0.0, 0.0] for name in self.purses}
        for event in today:
            self._apply(event, given, n)
        for name, purse in self.purses.items():
            value = sum(
                lot.shares * last_close(self.panel, self.first + n, code)
                for code, lots in purse.lots.items()
                for lot in lots
            )
            purse.value.append(value)
            purse.equity.append(purse.cash + value)
            for past, amount in zip(
                (purse.came_in, purse.taken_out, purse.booked, purse.dividends), given[name], strict=True
            ):
                past.append(amount)
        names = list(given)
        self.transfers[n] = sum(min(given[a][0], given[b][1]) for a in names for b in names if a != b)

    def _apply(self, event: kinds.Event, given: dict[str, list[float]], n: int) -> None:
        if isinstance(event, kinds.SplitApplied):
            self._split(event)
        elif isinstance(event, kinds.Filled):
            self._fill(self.purses[event.group], event)
        elif isinstance(event, kinds.PositionAdjusted):
            opened = self.panel.open[self.first + n, self.panel.column[event.code]]
            self._find(self.purses[event.group], event, given[event.group], opened)
        else:
            self._pay(self.purses[event.group], event, given[event.group])

    def _split(self, event: kinds.SplitApplied) -> None:
        for purse in self.purses.values():
            for lot in purse.lots[event.code]:
                assert lot.shares * event.numerator % event.denominator == 0
                lot.shares = lot.shares * event.numerator // event.denominator

    def _find(self, purse: Purse, event: kinds.PositionAdjusted, flow: list[float], opened: float) -> None:
        assert event.difference > 0
        cost = int(event.difference * event.price)
        purse.lots[event.code].append(Lot(event.difference, cost, event.session, "特定"))
        flow[0] += event.difference * opened
        flow[2] += cost

    def _pay(self, purse: Purse, event: kinds.Event, flow: list[float]) -> None:
        match event:
            case kinds.Deposit(amount=amount) | kinds.CashAdjusted(difference=amount):
                assert amount > 0
                purse.cash += amount
                flow[0] += amount
                flow[2] += amount
            case kinds.Withdrawal():
                purse.cash -= event.amount
                flow[1] += event.amount
                flow[2] -= event.amount
            case kinds.Fee():
                purse.cash -= event.amount
                purse.fees += event.amount
            case kinds.Dividend():
                purse.cash += event.amount
                flow[3] += event.amount

    def _fill(self, purse: Purse, event: kinds.Filled) -> None:
        amount = int(event.shares * event.price)
        purse.traded += amount
        purse.passed += amount if event.source == "crossed" else 0
        if event.side == "BUY":
            purse.cash -= amount
            lots = purse.lots[event.code]
            lots.append(Lot(event.shares, amount, event.session, event.account or "特定"))
            lots.sort(key=lambda lot: lot.opened)
            return
        purse.cash += amount
        left, proceeds = event.shares, amount
        for lot in list(purse.lots[event.code]):
            if not left or (event.account and lot.account != event.account):
                continue
            shares = min(left, lot.shares)
            cost = lot.cost * shares // lot.shares
            part = proceeds * shares // left
            purse.closed.append((event.code, event.session, part - cost))
            purse.realized += part - cost
            proceeds, left = proceeds - part, left - shares
            lot.shares, lot.cost = lot.shares - shares, lot.cost - cost
            if not lot.shares:
                purse.lots[event.code].remove(lot)
        assert left == 0

    # Series ---------------------------------------------------------------------------------------------

    def whole(self) -> Purse:
        """All groups as one, with what one gave another taken out of both sides."""
        every = list(self.purses.values())
        whole = Purse()
        for name in PASTS:
            setattr(
                whole, name, [sum(parts) for parts in zip(*(getattr(p, name) for p in every), strict=True)]
            )
        whole.came_in = [x - t for x, t in zip(whole.came_in, self.transfers, strict=True)]
        whole.taken_out = [x - t for x, t in zip(whole.taken_out, self.transfers, strict=True)]
        whole.closed = [lot for purse in every for lot in purse.closed]
        whole.fees = sum(p.fees for p in every)
        whole.traded = sum(p.traded - p.passed for p in every)
        return whole


def moves(event: kinds.Event) -> bool:
    """Whether an event moves money or shares."""
    return isinstance(
        event,
        kinds.Deposit | kinds.Withdrawal | kinds.Fee | kinds.Dividend | kinds.CashAdjusted
        | kinds.PositionAdjusted | kinds.SplitApplied | kinds.Filled,
    )  # fmt: skip


def rank(event: kinds.Event) -> tuple[date, int]:
    """Inside a session: deposits, splits, what comes in, what goes."""
    if isinstance(event, kinds.Deposit):
        return event.session, 0
    if isinstance(event, kinds.SplitApplied):
        return event.session, 1
    return event.session, 3 if isinstance(event, kinds.Filled) and event.side == "SELL" else 2


def begun(purse: Purse) -> int:
    """The first session with money."""
    return next(n for n, flows in enumerate(zip(purse.came_in, purse.equity, strict=True)) if any(flows))


def daily_returns(purse: Purse, *, dividends: bool = True) -> list[float]:
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


def performance(events, panel: Panel, names: dict[str, str], *, seed: int) -> dict:
    """Every field of the Performance section, by its name."""
    count = Recount(events, panel)
    whole, offset = count.whole(), begun(count.whole())
    days = count.days[offset:]
    sessions = [tse().previous(days[0]), *days]
    curves = {name: (names.get(name, name), purse) for name, purse in sorted(count.purses.items())}
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
            for name, p in count.purses.items()
        },
        "measured": [measures(name, shown, purse, count, seed) for name, (shown, purse) in curves.items()],
        "months": periods(sessions, track, topix["return_pct"], lambda day: (day.year, day.month)),
        "years": periods(sessions, track, topix["return_pct"], lambda day: (day.year, 0)),
        "tax": tax(events, days[-1]),
        "unknown": "",
    }


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
    return {
        "group": "",
        "name": name,
        "return_pct": [None if x is None else 100 * (x - 1) for x in index],
        "drawdown_pct": falls(index),
        "price_return_pct": None,
    }


def change_of(levels: list[float | None]) -> float | None:
    return 100 * (levels[-1] / next(level for level in levels if level) - 1) if levels[-1] else None


def curve(name: str, shown: str, purse: Purse, length: int) -> dict:
    track: list[float | None] = growth_of(daily_returns(purse))
    padded = [None] * (length - len(track)) + track
    return {
        "group": name, "name": shown,
        "return_pct": [None if x is None else 100 * (x - 1) for x in padded],
        "drawdown_pct": falls(padded),
        "price_return_pct": 100 * (growth_of(daily_returns(purse, dividends=False))[-1] - 1),
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
            }
        )
    return found


def value(number: float) -> dict:
    return {"value": number, "unknown": "", "have": 0, "need": 0}


def too_few(what: str, have: int, need: int) -> dict:
    return {"value": None, "unknown": f"{{have}} of at least {{need}} {what}", "have": have, "need": need}


def measures(name: str, shown: str, purse: Purse, count: Recount, seed: int) -> dict:
    start = begun(purse)
    rates, days = daily_returns(purse), count.days[start:]
    sessions = [tse().previous(days[0]), *days]
    track, levels = growth_of(rates), topix_levels(count.panel, count, start, "topix")
    fall = falls(track)
    low = min(range(len(fall)), key=lambda n: fall[n])
    topix, dividends = change_of(levels), change_of(topix_levels(count.panel, count, start, "topix_total"))
    total = 100 * (track[-1] - 1)
    equity, held = purse.equity[start:], purse.value[start:]
    gains = [gain for _, _, gain in purse.closed]
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


def tax(events, through: date) -> dict:
    """Moving average of the whole desk by code and type of account, buys of a session before its sells."""
    past = [e for e in events if e.session <= through and moves(e)]
    fees = defaultdict(int)
    for event in past:
        if isinstance(event, kinds.Fee):
            fees[event.fill_id] += event.amount
    pools: dict[tuple[str, str], list[Fraction]] = defaultdict(lambda: [Fraction(0), Fraction(0)])
    gain = sales = untaxed = 0
    for event in sorted(past, key=rank):
        if isinstance(event, kinds.SplitApplied):
            for account in ("特定", "NISA"):
                pools[event.code, account][0] *= event.ratio
        elif isinstance(event, kinds.PositionAdjusted):
            pools[event.code, "特定"][0] += event.difference
            pools[event.code, "特定"][1] += int(event.difference * event.price)
        elif isinstance(event, kinds.Filled) and event.source != "crossed":
            pool = pools[event.code, event.account or "特定"]
            amount = int(event.shares * event.price)
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
