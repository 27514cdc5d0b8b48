"""STRATEGY.md read again, one stock and one bar at a time in plain Python, to check the array code against.

A history is a dict of lists, oldest first, of one stock's bars and features up to D. `h["close"][-1]` is
x[-1].
"""

from __future__ import annotations

import math
import statistics
from datetime import date, timedelta

NAN = float("nan")

# Section 1


def ema(x, a):
    out = []
    for v in x:
        out.append(v if not out else a * v + (1 - a) * out[-1])
    return out


def blank(x, first):
    return [NAN] * min(first, len(x)) + list(x[first:])


def windows(x, n):
    return [x[max(0, t - n + 1) : t + 1] for t in range(len(x))]


RATIOS = (
    "rsi", "adx_14", "stoch_k", "stoch_d", "bb_width", "bb_pct_b", "atr_ratio", "atr_z", "momentum_20",
)  # fmt: skip


def features(o, h, l, c, v, turnover):  # noqa: E741
    count = len(c)
    f = {"open": o, "high": h, "low": l, "close": c, "volume": v, "turnover": turnover}
    for n in (20, 50, 200):
        f[f"ema_{n}"] = blank(ema(c, 2 / (n + 1)), n - 1)
    change = [0.0] + [c[t] - c[t - 1] for t in range(1, count)]
    up, down = ema([max(x, 0) for x in change], 1 / 14), ema([max(-x, 0) for x in change], 1 / 14)
    f["rsi"] = blank(
        [100.0 if d == 0 else 100 - 100 / (1 + u / d) for u, d in zip(up, down, strict=True)], 13
    )
    macd = [a - b for a, b in zip(ema(c, 2 / 13), ema(c, 2 / 27), strict=True)]
    f["macd"] = blank(macd, 25)
    f["macd_signal"] = blank([NAN] * min(25, count) + ema(macd[25:], 2 / 10), 33)
    f["macd_hist"] = [a - b for a, b in zip(f["macd"], f["macd_signal"], strict=True)]
    f["atr"] = atr(h, l, c)
    f["adx_14"] = adx(h, l, c)
    mid = {
        n: [(max(a) + min(b)) / 2 for a, b in zip(windows(h, n), windows(l, n), strict=True)]
        for n in (9, 26, 52)
    }
    f["ichi_tenkan"], f["ichi_kijun"], f["ichi_span_b"] = blank(mid[9], 8), blank(mid[26], 25), mid[52]
    f["ichi_span_a"] = [(a + b) / 2 for a, b in zip(f["ichi_tenkan"], f["ichi_kijun"], strict=True)]
    k = []
    for hs, ls, x in zip(windows(h, 14), windows(l, 14), c, strict=True):
        spread = max(hs) - min(ls)
        k.append(NAN if spread == 0 else 100 * (x - min(ls)) / spread)
    f["stoch_k"] = blank(k, 13)
    f["stoch_d"] = [sum(w) / 3 if len(w) == 3 else NAN for w in windows(f["stoch_k"], 3)]
    bands(f, c)
    f["volume_sma_20"] = blank([statistics.fmean(w) for w in windows(v, 20)], 19)
    obv, total = [], 0.0
    for t in range(count):
        total += v[t] if change[t] > 0 else -v[t] if change[t] < 0 else 0.0
        obv.append(total)
    f["obv"] = obv
    f["atr_ratio"] = [a / x for a, x in zip(f["atr"], c, strict=True)]
    f["turnover_median_20"] = blank([statistics.median(w) for w in windows(turnover, 20)], 19)
    f["momentum_20"] = [NAN if t < 20 else c[t] / c[t - 20] - 1 for t in range(count)]
    f["atr_z"] = [z_of([x for x in f["atr"][: t + 1] if not math.isnan(x)][-60:]) for t in range(count)]
    for name in RATIOS:
        f[name] = [round(x, 9) for x in f[name]]
    return f


def z_of(values):
    if len(values) < 20:
        return NAN
    mean, sd = statistics.fmean(values), statistics.stdev(values)
    return NAN if sd <= 1e-12 * mean else (values[-1] - mean) / sd


def bands(f, c):
    f["bb_middle"] = blank([statistics.fmean(w) for w in windows(c, 20)], 19)
    sd = [statistics.pstdev(w) for w in windows(c, 20)]
    f["bb_upper"] = [m + 2 * s for m, s in zip(f["bb_middle"], sd, strict=True)]
    f["bb_lower"] = [m - 2 * s for m, s in zip(f["bb_middle"], sd, strict=True)]
    f["bb_width"], f["bb_pct_b"] = [], []
    for x, u, lo, m in zip(c, f["bb_upper"], f["bb_lower"], f["bb_middle"], strict=True):
        f["bb_width"].append(100 * (u - lo) / m)
        f["bb_pct_b"].append(NAN if not u - lo > 1e-12 * m else (x - lo) / (u - lo))


def atr(h, l, c):  # noqa: E741
    tr = [h[0] - l[0]] + [
        max(h[t] - l[t], abs(h[t] - c[t - 1]), abs(l[t] - c[t - 1])) for t in range(1, len(c))
    ]
    out = [NAN] * min(13, len(c))
    for t in range(13, len(c)):
        out.append(sum(tr[:14]) / 14 if t == 13 else (13 * out[-1] + tr[t]) / 14)
    return out


def adx(h, l, c):  # noqa: E741
    plus, minus = [0.0], [0.0]
    for t in range(1, len(c)):
        a, b = h[t] - h[t - 1], l[t - 1] - l[t]
        plus.append(a if a > 0 and a > b else 0.0)
        minus.append(b if b > 0 and b > a else 0.0)
    dx, p, m = [], 0.0, 0.0
    for t in range(14, len(c)):
        if t == 14:
            p, m = sum(plus[1:15]), sum(minus[1:15])
        else:
            p, m = p - p / 14 + plus[t], m - m / 14 + minus[t]
        dx.append(0.0 if p + m == 0 else 100 * abs(p - m) / (p + m))
    out = [NAN] * min(27, len(c))
    for t in range(27, len(c)):
        out.append(sum(dx[:14]) / 14 if t == 27 else (13 * out[-1] + dx[t - 14]) / 14)
    return out


# Section 2


def clip(x, a=0, b=100):
    return min(max(x, a), b)


def technical(h):
    if not h["close"]:
        return 50
    c, e20, e50, e200 = (h[k][-1] for k in ("close", "ema_20", "ema_50", "ema_200"))
    rsi, macd, hist = h["rsi"][-1], h["macd"][-1], h["macd_hist"][-1]
    score = 50
    if c > e20 > e50 > e200:
        score += 20
    elif c > e200:
        score += 10
    elif c < e200:
        score -= 20
    if 40 <= rsi <= 65:
        score += 10
    elif rsi > 75:
        score -= 10
    elif rsi < 30:
        score += 5
    if hist > 0:
        score += 15 if macd > 0 else 10
    return clip(score)


def volatility(h):
    z = z_of([x for x in h["atr"] if not math.isnan(x)][-60:])
    return 70 if z < -0.5 else 30 if z > 1 else 50


def known_weeks(rows, decided):
    """rows: (known_at, published, end, section, balances, total); the latest published of each week."""
    best = {}
    for row in rows:
        known, published, end, section = row[:4]
        if section == "TSEPrime" and known <= decided and (end not in best or published >= best[end][1]):
            best[end] = row
    return [best[end] for end in sorted(best)]


def institutional(rows, d, decided):
    net = [w[4]["Frgn"] for w in known_weeks(rows, decided) if d - timedelta(35) <= w[2] <= d]
    if not net:
        return 50
    total = sum(net)
    if total > 0:
        return 80 if net[-1] > total / len(net) else 70
    return 35 if total < 0 else 50


def smart_money(rows, d, decided):
    weeks = [w for w in known_weeks(rows, decided) if d - timedelta(35) <= w[2] <= d]
    if not weeks:
        return 50
    smart = [sum(w[4][k] for k in ("Frgn", "TrstBnk", "InvTr", "InsCo")) for w in weeks]
    dumb = sum(w[4]["Ind"] + w[4]["SecCo"] for w in weeks)
    score = 50 + (25 + (15 if dumb < 0 else 0) if sum(smart) > 0 else -15 if sum(smart) < 0 else 0)
    half = len(smart) // 2
    if len(smart) >= 2 and sum(smart[len(smart) - half :]) > sum(smart[:half]):
        score += 10
    return clip(score)


def foreign_sum(rows, d, decided, days):
    return sum((w[4]["Frgn"] for w in known_weeks(rows, decided) if d - timedelta(days) < w[2] <= d), 0.0)


def growth(now, before):
    return round(100 * (now - before) / before, 9) if before > 0 else NAN


def fundamental(documents, decided):
    """documents of one code in order of disclosure: dicts with at, kind, period, end, year and figures."""
    current = {}
    for document in documents:
        if "FinancialStatements" in document["kind"] and document["at"] <= decided:
            current[document["period"], document["end"]] = document
    if not current:
        return 50
    latest = max(current.values(), key=lambda d: d["end"])
    basis = latest["kind"].split("_")[-2:]
    base = [
        d for d in current.values()
        if d["period"] == latest["period"] and d["kind"].split("_")[-2:] == basis
        and (d["year"].year + 1, d["year"].month) == (latest["year"].year, latest["year"].month)
    ]  # fmt: skip
    if not base:
        return 50
    score, g = 50, growth(latest["Sales"], base[0]["Sales"])
    score += 15 if g > 10 else 10 if g > 5 else -15 if g < -5 else 0
    for name in ("OP", "OdP", "NP"):
        if not math.isnan(latest[name]) and not math.isnan(base[0][name]):
            g = growth(latest[name], base[0][name])
            score += 20 if g > 15 else 12 if g > 8 else -20 if g < -10 else 0
            break
    elapsed = {"1Q": 0.25, "2Q": 0.5, "3Q": 0.75}.get(latest["period"])
    if (
        elapsed
        and latest["FSales"] > 0
        and round(latest["Sales"] / latest["FSales"], 9) > round(elapsed + 0.03, 9)
    ):
        score += 15
    return clip(score)


def days_to_earnings(rows, code, t: date, decided):
    near = [(day - t).days for known, of, day in rows if of == code and known <= decided]
    near = [n for n in near if 0 <= n <= 7]
    return min(near) if near else NAN


def composite(scores, weights):
    return round(sum(w * s for w, s in zip(weights, scores, strict=True)), 9)


# Section 3: (buys, confidence)


def decided(confidence, least=0.6):
    confidence = round(clip(confidence, 0, 1), 9)
    return confidence >= least, confidence


def macd_crossover(h):
    hist = h["macd_hist"]
    if len(hist) < 2 or not hist[-2] < 0 < hist[-1]:
        return False, 0.0
    confidence = 0.70
    if len(hist) >= 20:
        confidence += 0.10 if volume_share(h) > 1.2 else -0.05
    return decided(confidence + (0.10 if h["close"][-1] > h["ema_200"][-1] else -0.15))


def percentile(values, p):
    s = sorted(values)
    place = (len(s) - 1) * p / 100
    low = math.floor(place)
    return s[low] + (place - low) * (s[min(low + 1, len(s) - 1)] - s[low])


def volume_share(h):
    return round(h["volume"][-1] / h["volume_sma_20"][-1], 9)


def above(x, y):
    return len(x) > 1 and x[-2] <= y[-2] and x[-1] > y[-1]


def through(x, y):
    return len(x) > 1 and x[-2] >= y[-2] and x[-1] < y[-1]


def bollinger_squeeze(h):
    widths = [round(w, 9) for w in h["bb_width"][-100:] if not math.isnan(w)]
    if len(h["close"]) < 50 or len(widths) < 20:
        return False, 0.0
    pct_b = h["bb_pct_b"]
    confidence = 0.2 if widths[-1] < percentile(widths, 20) else 0.0
    confidence += 0.4 if above(pct_b, [1.0] * len(pct_b)) else 0.2 if pct_b[-1] > 0.8 else 0.0
    confidence += 0.2 if volume_share(h) > 1.5 else 0.0
    return decided(confidence + (0.2 if h["adx_14"][-1] > 20 else -0.1))


def ichimoku_stoch(h):
    if len(h["close"]) < 30:
        return False, 0.0
    a, b, k = h["ichi_span_a"][-1], h["ichi_span_b"][-1], h["stoch_k"][-1]
    top = NAN if math.isnan(a) or math.isnan(b) else max(a, b)
    confidence = (0.25 if h["close"][-1] > top else -0.30) + (0.15 if a > b else -0.20)
    if above(h["stoch_k"], h["stoch_d"]):
        confidence += 0.40 if k < 30 else 0.25
    elif k < 30:
        confidence += 0.10
    return decided(confidence + (0.20 if h["obv"][-1] - h["obv"][-20] > 0 else -0.10))


# Section 4: the layer that fires


def pct(a, b):
    return round(100 * (a - b) / b, 9)


def trend_breakdown(h):
    if len(h["close"]) < 5:
        return False
    below = [c < e for c, e in zip(h["close"], h["ema_200"], strict=True)]
    rsi, hist = h["rsi"], h["macd_hist"]
    signs = [
        below[-1] and sum(below[-3:]) >= 2,
        hist[-2] > 0 > hist[-1],
        rsi[-1] < 40 and sum(r < 45 for r in rsi[-5:]) >= 4,
        len(h["close"]) >= 20 and volume_share(h) < 0.7 and pct(h["close"][-1], h["close"][-6]) < -3,
    ]
    return sum(signs) >= 2


def atr_exit(h, p):
    c, a = h["close"][-1], h["atr"][-1]
    if c < p["entry"] - 2 * a:
        return "hard_stop"
    if c < p["peak"] - 3 * a:
        return "trailing_stop"
    if h["rsi"][-1] > 70 and c < h["ema_20"][-1]:
        return "momentum_exhaustion"
    return "trend_breakdown" if trend_breakdown(h) else ""


def score_based_exit(h, p):
    return "score_decay" if round(p["score"] - p["composite"], 9) > 15 else ""


def deterioration(h, p):
    if len(h["close"]) < 10:
        return False
    was, now = p["then"], p["sum_now"]
    signs = [
        was["close"] > was["ema_200"] and h["close"][-1] < h["ema_200"][-1],
        was["macd_hist"] > 0 > h["macd_hist"][-1],
        p["sum_then"] > 0 > now and len(p["sums"]) >= 26 and now < percentile(p["sums"], 10),
    ]
    return sum(signs) >= 2


def layered_exit(h, p):  # noqa: PLR0911 (a layer a line)
    c, a, pnl = h["close"][-1], h["atr"][-1], pct(h["close"][-1], p["entry"])
    if pnl <= -8:
        return "stop_loss"
    if trend_breakdown(h):
        return "trend_breakdown"
    if deterioration(h, p):
        return "deterioration"
    if (p["technical"] < 35) + (p["institutional"] < 40) + (p["fundamental"] < 35) >= 2:
        return "weakness"
    if c < p["peak"] - 2 * a:
        return "trailing_stop"
    if pnl >= 15 and "take_profit" not in p["taken"]:
        return "take_profit"
    reviews = [p["entry_session"] + timedelta(90 * k) for k in range(1, 30)]
    due = any(p["yesterday"] < day <= p["today"] for day in reviews)
    return "time_review" if due and pnl < 0 and p["composite"] < 55 else ""


def bollinger_exit(h, p):
    pct_b, k = h["bb_pct_b"], h["stoch_k"]
    if pct_b[-1] < 0:
        return "emergency"
    fell = through(pct_b, [0.7] * len(pct_b))
    if pct(h["close"][-1], p["entry"]) > 5 and fell and h["obv"][-1] < h["obv"][-10]:
        return "profit_protection"
    return "overbought" if pct_b[-1] > 0.9 and through(k, h["stoch_d"]) and k[-1] > 70 else ""


def adx_exit(h, p):
    if len(h["close"]) < 52:
        return ""
    held = [x for x in h["adx_14"][p["first_bar"] :] if not math.isnan(x)]
    if held and max(held) >= 25 and fallen(held) >= 50:
        return "adx_exhaustion"
    bottom = [min(a, b) if not (math.isnan(a) or math.isnan(b)) else NAN for a, b in
              zip(h["ichi_span_a"], h["ichi_span_b"], strict=True)]  # fmt: skip
    if through(h["close"], bottom):
        return "cloud_break"
    if volume_share(h) < 0.7 and h["close"][-1] < h["ema_20"][-1]:
        return "volume_exhaustion"
    return "ema_death_cross" if through(h["ema_20"], h["ema_50"]) else ""


def fallen(held):
    return round(100 * (max(held) - held[-1]) / max(held), 9)
