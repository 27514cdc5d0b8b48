"""Weekly investor flows of the simulated market, in thousand yen, published like JPX's.

A week runs over the sessions of a Monday to Friday and is published on the fourth session after its last
one. Foreigners follow the market and a slow regime of their own, individuals lean against them. The sections
bear today's names from the start; TokyoNagoya is the sum of the others and a small rest. Sums hold exactly:
Tot = Sell + Buy, Bal = Buy - Sell, Brk = the ten kinds of clients, Tot of the market = Prop + Brk.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from jstock_core.data.providers.simulated.factors import VARIANCE, MarketFactor
from jstock_core.data.providers.simulated.randomness import Stream, normals, words
from jstock_core.market.calendar import tse
from jstock_core.market.names import INVESTORS
from jstock_core.market.publication import FLOWS_AFTER, flows_publication, week_numbers

Dates = NDArray[np.datetime64]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SECTIONS = ("TSEPrime", "TSEStandard", "TSEGrowth", "TokyoNagoya")
# thousand yen bought (and sold) in a week of five sessions; the last is Nagoya's own
TURNOVER = np.array([36e9, 0.9e9, 0.75e9, 0.008e9])
# clients: their share of the turnover, and how much their own balances vary, as shares of the turnover
CLIENTS = {
    "Ind": (0.235, 0.0040),
    "Frgn": (0.605, 0.0060),
    "SecCo": (0.004, 0.0004),
    "InvTr": (0.020, 0.0030),
    "BusCo": (0.011, 0.0025),
    "OthCo": (0.002, 0.0005),
    "InsCo": (0.002, 0.0008),
    "Bank": (0.001, 0.0005),
    "TrstBnk": (0.019, 0.0050),
    "OthFin": (0.001, 0.0001),
}
PROPRIETARY = (0.10, 0.0008)
ROWS = (*CLIENTS, "Prop", "Regime")  # what words are drawn for

FOREIGN_LEAN = 0.0005  # foreigners' usual balance as a share of the turnover
FOREIGN_REGIME = 0.0080  # standard deviation of its slow part
FOREIGN_CHASE = 0.004  # bought for a week's return of one standard deviation
CONTRARY = -0.6  # individuals' balance for one yen of foreigners'
MEMORY = 0.90  # of the foreigners' regime from week to week
LOPSIDED = 1.5  # no balance is larger than so many times the client's turnover
_WORDS = 4  # a section, row and week: three for a balance, one for the turnover


@dataclass(frozen=True, eq=False)
class WeeklyFlows:
    """W weeks; `sells` and `buys` map each of `INVESTORS` to (W, sections) thousand yen."""

    published: Dates
    start: Dates
    end: Dates
    sells: Mapping[str, Ints]
    buys: Mapping[str, Ints]


def weekly_flows(seed: int, sessions: Dates, factor: MarketFactor) -> WeeklyFlows:
    """The flows of every week that ends within `sessions` and is published before the calendar ends."""
    first, last = _weeks(sessions)
    balances, turnovers = _parts(seed, first, last, factor)
    sells = {who: _whole(turnovers[who] - balances[who] / 2) for who in turnovers}
    buys = {who: _whole(turnovers[who] + balances[who] / 2) for who in turnovers}
    return WeeklyFlows(
        flows_publication(sessions[last]), sessions[first], sessions[last], _sums(sells), _sums(buys)
    )


def _weeks(sessions: Dates) -> tuple[Ints, Ints]:
    """Rows of the first and last session of each week."""
    monday = week_numbers(sessions)
    last = np.flatnonzero(np.diff(monday, append=monday[-1] + 1))
    known = np.searchsorted(tse().days, sessions[last]) + FLOWS_AFTER < len(tse().days)
    last = last[known]
    return np.concatenate([[0], last[:-1] + 1]), last


def _parts(
    seed: int, first: Ints, last: Ints, factor: MarketFactor
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Balance and turnover of each kind of client and of proprietary desks, (W, parts)."""
    weeks, parts = len(last), len(TURNOVER)
    raw = words(seed, Stream.FLOWS, weeks, parts * len(ROWS) * _WORDS).reshape(
        weeks, parts, len(ROWS), _WORDS
    )
    noise, activity = normals(raw[..., :3]), normals(raw[..., 3:])
    length = (last - first + 1)[:, None] / 5
    market = TURNOVER * length * (0.6 + 0.4 * factor.volatility[last][:, None])
    turnovers = {
        who: market * share * (1.0 + 0.05 * activity[..., k])
        for k, (who, (share, _)) in enumerate([*CLIENTS.items(), ("Prop", PROPRIETARY)])
    }
    own = {who: spread * noise[..., k] for k, (who, (_, spread)) in enumerate(CLIENTS.items())}
    own["Frgn"] = own["Frgn"] + _foreign(
        noise[:, 0, ROWS.index("Regime")], _week_returns(first, last, factor)
    )
    own["Ind"] = own["Ind"] + CONTRARY * own["Frgn"]
    bound = {who: LOPSIDED * turnovers[who] for who in own}
    balances = {who: np.clip(own[who] * market, -bound[who], bound[who]) for who in own}
    clients = np.zeros_like(market)
    for balance in balances.values():
        clients = clients + balance
    balances["Prop"] = PROPRIETARY[1] * noise[..., ROWS.index("Prop")] * market - clients
    return balances, turnovers


def _foreign(noise: Floats, returns: Floats) -> Floats:
    """(W, 1): what foreigners' balances of all sections have in common, as a share of the turnover."""
    regime, level = [], 0.0
    for shock in noise.tolist():
        level = MEMORY * level + sqrt(1 - MEMORY * MEMORY) * shock
        regime.append(level)
    chase = returns / sqrt(5 * VARIANCE)
    common: Floats = FOREIGN_LEAN + FOREIGN_REGIME * np.array(regime) + FOREIGN_CHASE * chase
    return common[:, None]


def _week_returns(first: Ints, last: Ints, factor: MarketFactor) -> Floats:
    through = np.concatenate([[0.0], np.cumsum(factor.returns)])
    returns: Floats = through[last + 1] - through[first]
    return returns


def _sums(parts: Mapping[str, Ints]) -> dict[str, Ints]:
    """All of `INVESTORS`, with Brk and Tot, and the last section as the sum of all parts."""
    every = dict(parts)
    every["Brk"] = np.array([parts[who] for who in CLIENTS]).sum(axis=0)
    every["Tot"] = every["Brk"] + every["Prop"]
    return {who: np.column_stack([every[who][:, :-1], every[who].sum(axis=1)]) for who in INVESTORS}


def _whole(value: Floats) -> Ints:
    return np.rint(value).astype(np.int64)
