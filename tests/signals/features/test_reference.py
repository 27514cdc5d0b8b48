"""The published reference vectors, every one of them, through the same code that trades."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jstock_core.signals.features.earnings import days_to_earnings
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.indicators import deviation
from jstock_core.signals.features.scores import institutional, technical, volatility
from jstock_core.signals.features.view import View
from jstock_core.signals.features.windows import rolling_rank
from jstock_core.signals.language.layer import Holding
from jstock_core.signals.library.conditions import trend_breakdown
from jstock_core.signals.library.make import make_entry, make_exit
from tests.signals.panels import announcements_of, flows_of, framed, panel_of, sessions_from, view_of

FILE = Path(__file__).parents[3].parent / "shared" / "strategy" / "reference_vectors.json"
pytestmark = pytest.mark.skipif(
    not FILE.exists(), reason="the reference vectors are not beside this checkout"
)
VECTORS: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}

NAMES = {"Ichi_SpanA": "ichi_span_a", "Ichi_SpanB": "ichi_span_b", "BB_PctB": "bb_pct_b"}
NOT_YET = {"ADX_14": 27, "ATR": 13}
"""Features whose published vectors start at 0 where ours start missing."""


def name_of(column: str) -> str:
    return NAMES.get(column, column.lower())


def cases(*path: str) -> list[Any]:
    found: Any = VECTORS
    for key in path:
        found = found.get(key, {})
    return list(found)


def frame(**columns: Any) -> dict[str, np.ndarray]:
    """The vectors' default frame with columns overridden: whole, last (`x`) or before last (`x_prev`)."""
    rows = VECTORS["frame_defaults"]["rows"]
    values = {name_of(k): np.full(rows, float(v)) for k, v in VECTORS["frame_defaults"]["columns"].items()}
    values["obv"] = np.arange(float(rows))
    for key, value in columns.items():
        column, at = (key.removesuffix("_prev"), -2) if key.endswith("_prev") else (key, -1)
        if isinstance(value, np.ndarray):
            values[name_of(column)] = value
        else:
            values[name_of(column)][at] = value
    values["bb_width_rank"] = rolling_rank(values["bb_width"][:, None], 100)[:, 0]
    values["atr_z"] = np.full(rows, np.nan)
    return values


# Features


@pytest.fixture(scope="module")
def indicators() -> dict[str, np.ndarray]:
    t = np.arange(260)
    close = 1000 + 100 * np.sin(t / 9) + 0.5 * t + ((37 * t) % 11 - 5)
    opened = np.concatenate([close[:1], close[:-1]])
    bars = {
        "open": opened,
        "high": np.maximum(opened, close) + (13 * t) % 7,
        "low": np.minimum(opened, close) - (17 * t) % 5,
        "close": close,
        "volume": 100000.0 + ((7919 * t) % 1000) * 100,
    }
    panel = panel_of(sessions_from("2024-01-04", 260), {name: x[:, None] for name, x in bars.items()})
    return {name: x[:, 0] for name, x in Features.of(panel).values.items()}


@pytest.mark.parametrize("column", cases("indicators", "last3"))
def test_an_indicator_has_its_published_values(column: str, indicators) -> None:
    known, found = VECTORS["indicators"], indicators[name_of(column)]
    if column == "OBV":  # theirs adds the volume of the first bar
        assert found[-3:] - found[30] == pytest.approx(
            np.array(known["last3"]["OBV"]) - known["at_index_30"]["OBV"], abs=1e-6
        )
        return
    assert found[-3:] == pytest.approx(known["last3"][column], abs=1e-6)
    at_30 = known["at_index_30"][column]
    assert np.isnan(found[30]) if at_30 is None else found[30] == pytest.approx(at_30, abs=1e-6)


@pytest.mark.parametrize("column", cases("indicators", "first_valid_index"))
def test_an_indicator_starts_at_its_published_bar(column: str, indicators) -> None:
    expected = NOT_YET.get(column, VECTORS["indicators"]["first_valid_index"][column])
    assert int(np.argmax(~np.isnan(indicators[name_of(column)]))) == expected


# Scores


@pytest.mark.parametrize("case", cases("technical"))
def test_technical(case) -> None:
    assert technical(framed(frame(**case["in"]))).value[0, 0] == case["out"]


@pytest.mark.parametrize("case", cases("institutional_simple"), ids=lambda c: c["name"])
def test_institutional(case) -> None:
    weeks = [(end, "2020-01-06", {"Frgn": net}) for end, net in case["rows"]]
    bars = {name: np.full((1, 1), 100.0) for name in ("open", "high", "low", "close", "volume")}
    panel = replace(panel_of(np.array([case["current_date"]], "datetime64[D]"), bars), flows=flows_of(*weeks))
    assert institutional(view_of(panel)).value[0, 0] == case["out"]


@pytest.mark.parametrize("case", cases("volatility"), ids=lambda c: c["name"])
def test_volatility(case) -> None:
    ranges = np.concatenate([np.full(13, np.nan), case["ATR"]])[:, None]
    columns = {name: np.full(len(ranges), 100.0) for name in ("open", "high", "low", "close", "volume")}
    with np.errstate(divide="ignore", invalid="ignore"):  # a range that stands still
        columns["atr_z"] = deviation(ranges.astype(float))[:, 0]
    view = framed(columns)
    assert volatility(view).value[0, 0] == case["out"]


@pytest.mark.parametrize("case", cases("earnings_risk"), ids=lambda c: c["date"])
def test_earnings_proximity(case) -> None:
    t = np.array([case["current"]], "datetime64[D]")
    bars = {name: np.full((1, 1), 100.0) for name in ("open", "high", "low", "close", "volume")}
    facts = announcements_of(("2025-12-01T10:05", "1301", case["date"]))
    panel = replace(panel_of(t - np.timedelta64(1, "D"), bars), announcements=facts)
    days = days_to_earnings(View.of(panel, Features.of(panel), 0, 0, t))[0, 0]
    assert [bool(days <= 7), 999 if np.isnan(days) else days] == case["out"]


# Entries


@pytest.mark.parametrize(
    ("name", "case"), [(name, case) for name in cases("entries") for case in VECTORS["entries"][name]]
)
def test_an_entry(name: str, case) -> None:
    view = framed(frame(**case["override"]))
    found = make_entry({"use": name, **case["params"]}, "vectors").evaluate(view)
    assert found.confidence[0, 0] == pytest.approx(case["out"]["confidence"], abs=1e-9)
    assert found.buy[0, 0] == (case["out"]["action"] == "BUY")


# Exits


BREAKDOWNS = {
    "close<EMA200 all rows & RSI 38 all rows": {"close": np.full(60, 90.0), "rsi": np.full(60, 38.0)},
    "only last close<EMA200 + MACD death cross": {"Close": 90.0, "MACD_Hist": -0.5},
    "last 2 closes<EMA200 + death cross": {"Close": 90.0, "Close_prev": 90.0, "MACD_Hist": -0.5},
    "5d change -3.1%, vol 600 (avg 980), death cross": {
        "Close": 96.9, "Volume": 600.0, "Volume_SMA_20": 980.0, "MACD_Hist": -0.5,
    },
}  # fmt: skip


@pytest.mark.parametrize("case", cases("trend_breakdown"), ids=lambda c: c["name"])
def test_trend_breakdown(case) -> None:
    view = framed(frame(**BREAKDOWNS[case["name"]]))
    signs = [name for name, sign in trend_breakdown(view).items() if sign[0, 0]]
    found = " AND ".join(signs) if len(signs) >= 2 else None
    assert (found and found.lower()) == (case["out"] and case["out"].lower())


@pytest.mark.parametrize(
    ("name", "case"), [(name, case) for name in cases("exits") for case in VECTORS["exits"][name]]
)
def test_an_exit(name: str, case) -> None:
    columns = frame(**case["override"])
    if "peak" in case["position"]:
        columns["close"][10] = case["position"]["peak"]
    view = framed(columns)
    entered = view.panel.session(0)
    holding = Holding("1301", 0, 100, case["position"].get("entry", 100.0), entered, entered)
    found = make_exit({"use": name}, "vectors").opinion(view, 0, holding)
    assert found.confidence == pytest.approx(case["out"]["confidence"], abs=1e-9)
    assert found.layer == (case["out"]["trigger"] or "")
    assert found.action == ("SELL_100%" if case["out"]["action"] == "SELL" else "HOLD")
