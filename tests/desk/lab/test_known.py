"""Nothing that a lab shows knows more than its time: it is the same without all facts that came later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jstock_core import testing
from jstock_core.base.clock import JST
from jstock_core.base.errors import DataError
from jstock_core.decide.groups import Group
from jstock_core.desk.lab.lab import Lab, open_lab
from jstock_core.desk.past.trial import Trial
from jstock_core.desk.workspace.desk import Desk
from jstock_core.market.panel import Panel
from jstock_core.market.publication import minute_of

STOCKS = 12
TIMES = ["2026-01-14T07:00", "2026-01-14T12:00", "2026-01-14T17:00", "2026-01-14T23:30"]
RULES = '''
import numpy as np
from jstock_core.rules import feature
from jstock_core.signals.features.company import company_figure
from jstock_core.signals.language.registry import entry
from jstock_core.signals.language.entry import Entry, EntryOpinions

@feature("ml_score", unit="fraction", needs=1)
def ml_score(bars):
    """The score of the morning after."""
    return bars.given("ml_score")

@feature("ml_score_old", unit="fraction", needs=1)
def ml_score_old(bars):
    """A score of the last three mornings."""
    return bars.given("ml_score", within=3)

@feature("forecast", unit="ratio", needs=1)
def forecast(bars):
    """What the company expects."""
    return bars.company("forecast_eps") + bars.company("sales")

@entry("Scored")
class Scored(Entry):
    """Buy what has a score, those that expect most first."""
    def evaluate(self, view):
        none = np.full(view.shape, np.nan)
        wanted = view.has_bar & ~np.isnan(view.value(ml_score_old))
        expected = np.clip(np.nan_to_num(company_figure(view, "forecast_eps")) / 5000, 0, 1)
        return EntryOpinions(wanted, none, none, expected, {}, lambda row, n: "it is scored")
'''
GROUP = {
    "name": "Scored",
    "initial_capital": 50_000_000,
    "entry": {"use": "Scored"},
    "exit": [{"layer": "stop_loss", "loss_pct": 1}],
    "sizing": {"use": "equal_weight", "max_positions": 4, "max_position_pct": 25},
}
FEATURES = ["close", "rsi", "momentum_20", "ml_score", "ml_score_old", "forecast"]

TABLES: dict[str, Callable[[Lab], pd.DataFrame]] = {
    "prices": lambda lab: lab.prices(),
    "as traded": lambda lab: lab.prices(adjusted=False),
    "features": lambda lab: lab.features(FEATURES),
    "statements": lambda lab: lab.statements(),
    "flows": lambda lab: lab.flows(),
    "topix": lambda lab: lab.topix(),
    "rules": lambda lab: lab.rules(),
    "feature_list": lambda lab: lab.feature_list(),
    "ic": lambda lab: lab.factor("ml_score").ic(1),
    "quantiles": lambda lab: lab.factor("forecast").quantiles(2, 1),
    "diff": lambda lab: lab.diff(group(lab)).frame,
    **{
        name: lambda lab, name=name: getattr(trial(lab), name)
        for name in ("equity", "trades", "orders", "positions", "cash", "metrics")
    },
    "by": lambda lab: trial(lab).by("sector"),
    "sets": lambda lab: lab.sweep(group(lab), {"sizing.max_positions": [2, 4]}, "2026-01-05").frame,
    "next": lambda lab: pd.DataFrame([vars(order) for order in lab.morning(trial(lab)).orders]),
}


def group(lab: Lab) -> Group:
    return lab.group("scored", GROUP)


def trial(lab: Lab) -> Trial:
    return lab.backtest(group(lab), "2026-01-05")


@pytest.fixture(scope="module")
def stored(shared_desk: Callable[..., Desk]) -> Panel:
    """The market of some stocks up to the morning of 21 January 2026, with documents and scores."""
    whole = shared_desk(ready="fetched").panel()
    told = whole.statements.take(np.isin(whole.statements.code, whole.codes[:STOCKS]))
    few = whole.only(whole.codes[:STOCKS])
    figures = {"FEPS": 1000.0, "FNP": 1e9, "ShOutFY": 1e6, "EPS": 900.0, "NP": 9e8}
    late = testing.Disclosure(few.codes[0], "2026-01-14T20:00", "3Q", "2025-12-31", "2026-03-31", figures)
    return testing.with_facts(replace(few, statements=told), late)


def scores(panel: Panel) -> pd.DataFrame:
    """A row for each stock at 20:00 of each session and at 06:30 of the one after."""
    days = pd.DatetimeIndex(panel.sessions[-30:].astype("datetime64[s]"))
    times = [day + pd.Timedelta(hours=hours) for day in days for hours in (20, 30.5)]
    rows = [(code, at) for code in panel.codes for at in times]
    frame = pd.DataFrame(rows, columns=["code", "known_at"])
    return frame.assign(value=np.arange(len(frame)) % 101 / 100)


def laboratory(folder: Path, panel: Panel, given: pd.DataFrame, now: str) -> Lab:
    made = testing.desk(
        folder,
        market=panel,
        now=now,
        ready="fetched",
        changes={"desk": {"values": {"ml_score": "data/s.csv"}}},
    )
    given.to_csv(folder / "data" / "s.csv", index=False, date_format="%Y-%m-%dT%H:%M")
    return open_lab(made.workspace.root, now=now).with_rules(RULES)


@pytest.fixture(scope="module", params=TIMES)
def labs(
    request: pytest.FixtureRequest, stored: Panel, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Lab, Lab]:
    """A lab on all that is stored, and one of the same time on what was known then."""
    now, place = request.param, tmp_path_factory.mktemp("labs")
    at, given = datetime.fromisoformat(now).replace(tzinfo=JST), scores(stored)
    known = given[given["known_at"].to_numpy() <= minute_of(at)]
    return (
        laboratory(place / "all", stored, given, now),
        laboratory(place / "known", stored.known_at(at), known, now),
    )


@pytest.mark.parametrize("table", TABLES)
def test_all_facts_that_came_later_change_nothing(labs: tuple[Lab, Lab], table: str) -> None:
    with_later, without = (TABLES[table](lab).drop(columns="seconds", errors="ignore") for lab in labs)
    assert len(without) or table == "next", "a morning may order nothing"
    pd.testing.assert_frame_equal(with_later, without)


def test_a_trial_ends_where_the_lab_lives(labs: tuple[Lab, Lab]) -> None:
    for lab in labs:
        with pytest.raises(DataError, match="no data for all of 2026-01-05 to 2026-01-20"):
            lab.backtest(group(lab), "2026-01-05", "2026-01-20")


def test_a_value_is_not_known_before_its_own_time(labs: tuple[Lab, Lab], stored: Panel) -> None:
    """A row of features is of the time at which all in it was known, and never of one after the lab's."""
    lab = labs[0]
    table = lab.features(["close", "ml_score"]).dropna()
    read = pd.merge_asof(
        table.assign(at=table["known_at"].dt.tz_localize(None).astype("datetime64[us]")).sort_values("at"),
        scores(stored).rename(columns={"value": "newest"}).sort_values("known_at"),
        left_on="at", right_on="known_at", by="code", suffixes=("", "_of_score"),
    )  # fmt: skip
    assert len(read)
    assert (read["ml_score"] == read["newest"]).all()
    assert table["known_at"].max() <= pd.Timestamp(lab.now, tz="Asia/Tokyo")
    assert (lab.features("close")["known_at"].dt.hour == 16).all()
