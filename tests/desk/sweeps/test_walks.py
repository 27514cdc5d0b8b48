"""Walk-forwards of a desk: declared in a file, run by a command, kept in a folder, shown."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jstock_core.base.errors import DataError, ExitStatus, JstockError, ParamsError, UsageError
from jstock_core.cli import run
from jstock_core.desk.sweeps.walk_file import read_walk
from jstock_core.desk.sweeps.walks import WalkForward, run_walk
from jstock_core.desk.trials.ledger import TrialLedger
from jstock_core.desk.workspace.desk import Desk
from jstock_core.market.calendar import tse
from jstock_core.research.proof import MorningsProof
from jstock_core.research.sweep import run as running
from tests.architecture import ROOT
from tests.desk.sweeps.places import place

TEXT = """
group: conservative
first: 2025-10-01
last: 2025-12-30
sets:
  entry.buy_threshold: [55, 65]
  exit.stop_loss_pct: [4, -1]
rank: total_return
train: 1M
test: 1M
purge: 2
"""
NOW = "2026-01-21T07:00"


@pytest.fixture(scope="module")
def desk(shared_desk) -> Desk:
    return shared_desk(ready="fetched")


def write(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "w.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def walk(desk: Desk, folder: Path, *changes: tuple[str, str]) -> WalkForward:
    return run_walk(desk, read_walk(desk, write(folder, *changes)), place(folder))


@pytest.fixture(scope="module")
def done(desk, tmp_path_factory) -> WalkForward:
    return walk(desk, tmp_path_factory.mktemp("walk"))


def test_the_template_is_a_walk_forward(desk):
    declared = read_walk(desk, ROOT / "params" / "research" / "walk.yaml")
    assert str(declared.scheme) == "rolling windows of 1Y and 3M"
    assert len(declared.sweep.chosen) == 9
    assert str(declared.criterion) == "sharpe"


def test_a_stopped_walk_counts_the_sets_that_it_keeps(desk, tmp_path, monkeypatch):
    def stop(done: int, _of: int, _what: str) -> None:
        if done == 4 + 1:  # four of the eight cannot be run
            raise KeyboardInterrupt

    monkeypatch.setattr(running, "CHUNK_S", 0.0)
    where = place(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        run_walk(desk, read_walk(desk, write(tmp_path)), where, stop)
    assert len(list(tmp_path.glob("shard-*"))) == 1
    assert where.ledger is not None
    (trial,) = where.ledger.trials()
    assert trial.kind == "window"
    run_walk(desk, read_walk(desk, write(tmp_path)), where)
    assert [trial.kind for trial in where.ledger.trials()].count("window") == 4


def test_each_window_chooses_the_best_of_its_train_span(done):
    frame = done.frame
    assert frame.index.tolist() == [1, 2]
    assert [str(day.date()) for day in frame["train_last"]] == ["2025-10-31", "2025-11-28"]
    assert [str(day.date()) for day in frame["test_first"]] == ["2025-11-06", "2025-12-03"]
    for window, row in zip(done.record.windows, frame.to_dict("records"), strict=True):
        table = window.table.frame
        assert row["train_total_return"] == table["total_return"].max()
        assert row["set"] == table["total_return"].idxmax()
        assert row["exit.stop_loss_pct"] == 4
        assert not row["kept"]
        assert window.table.sessions[-1] == window.train[1]
    assert done.chosen.columns.tolist() == [
        "test_first",
        "test_last",
        "entry.buy_threshold",
        "exit.stop_loss_pct",
    ]
    assert done.stability.index.tolist() == ["entry.buy_threshold", "exit.stop_loss_pct"]
    assert done.metrics.columns.tolist() == ["chosen", "as declared", "TOPIX"]
    assert not done.trades.empty


def test_the_curve_is_that_of_all_test_spans(done, desk):
    equity, frame = done.equity, done.frame
    assert equity["window"].tolist() == sorted(equity["window"])
    for n in (1, 2):
        days = equity[equity["window"] == n]["session"]
        assert (days.iloc[0], days.iloc[-1]) == (frame.loc[n, "test_first"], frame.loc[n, "test_last"])
    grown = 100 * (np.prod(1 + frame["test_total_return"]) - 1)
    assert equity["return_pct"].iloc[-1] == pytest.approx(grown)
    assert equity["topix_pct"].iloc[-1] == pytest.approx(100 * done.metrics.loc["total_return", "TOPIX"])
    declared = done.metrics.loc["total_return", "as declared"]
    assert equity["declared_pct"].iloc[-1] == pytest.approx(100 * declared)


def test_it_shows_itself(done):
    assert done.title == "conservative: 2 windows, 2025-11-06 to 2025-12-30  SIMULATED"
    bundle = done._repr_mimebundle_()
    assert "Walk-forward of conservative" in bundle["text/plain"]
    assert (
        "rolling windows of 1M and 1M, 2 sessions purged between them; chosen by total_return"
        in bundle["text/plain"]
    )
    assert "2 windows say little" in bundle["text/plain"]
    assert "No morning of the curve was decided again" in bundle["text/plain"]
    assert bundle["text/html"].count("<svg") == 2
    assert "as declared" in done.plot().plain
    assert "confidence in more than chance" in bundle["text/plain"]
    assert done.chance.keys() == done.records.keys()
    assert done.chance["chosen"].deflated.sharpe == pytest.approx(done.metrics.loc["sharpe", "chosen"])
    assert repr(done).startswith("<Walk-forward of conservative: 2 windows")
    assert any("4 of 8 sets over train spans failed" in each for each in done.warnings)
    assert done.exit == ExitStatus.OK
    json.dumps(done.as_json(), allow_nan=False)


def test_its_mornings_are_proven(done):
    proven = done.prove(sample=4)
    assert proven.proof.passed
    assert proven.exit == ExitStatus.OK
    assert "4 mornings proven" in proven._repr_mimebundle_()["text/plain"]
    assert proven.as_json()["proof"]["proven"] == 4
    assert replace(proven, proof=MorningsProof(1, ("other",))).exit == ExitStatus.REFUTED


def test_the_curve_is_judged_by_all_trials_but_the_sets_of_its_windows(desk, tmp_path):
    """Each walk is a trial, and the group as declared another; choosing on the past is part of the walk."""
    other = replace(place(tmp_path), ledger=TrialLedger(tmp_path / "trials.sqlite"))
    read = read_walk(desk, write(tmp_path))
    first = run_walk(desk, read, other)
    assert first.tally.trials == 2
    assert Counter(each.kind for each in other.ledger.trials()) == {"window": 4, "walk": 1, "backtest": 1}
    again = run_walk(desk, read, other)
    assert again.tally.trials == 2, "the same walk is no new trial"
    later = replace(read, scheme=replace(read.scheme, purge=0))
    assert run_walk(desk, later, other).tally.trials == 4, "it chooses on the same train spans"
    anchored = replace(read, scheme=replace(read.scheme, anchored=True))
    walks, bases, windows_of_others = 3, 2, 2
    assert run_walk(desk, anchored, other).tally.trials == walks + bases + windows_of_others
    assert other.ledger.count() == walks + bases + 6


def test_an_embargo_is_read_and_hangs_on_figures_of_sessions_apart(desk, tmp_path):
    declared = read_walk(desk, write(tmp_path, ("purge: 2", "embargo: 3")))
    assert (declared.scheme.purge, declared.scheme.embargo) == (0, 3)
    with pytest.raises(ParamsError, match='"alpha" cannot be measured of sessions apart'):
        read_walk(desk, write(tmp_path, ("purge: 2", "embargo: 3"), ("rank: total_return", "rank: alpha")))


def test_later_windows_choose_without_the_sessions_under_embargo(desk, tmp_path):
    """With five sessions a test, the third window on has an earlier test before part of its train span."""
    spans = ("train: 1M", "train: 20"), ("test: 1M", "test: 5")
    found = walk(desk, tmp_path, *spans, ("purge: 2", "embargo: 2"))
    frame, tables = found.frame, [window.table for window in found.record.windows]
    assert frame["train_calmar"].isna().tolist() == [n >= 2 for n in range(len(frame))]
    assert "2 sessions under embargo after each test" in found.scheme
    for n, table in enumerate(tables):
        days, returns = table.sessions, table.results[0].returns
        stops = [window.test[1] for window in found.record.windows[:n]]
        late = {day for stop in stops for day in days if len(tse().between(stop, day)) in (2, 3)}
        rest = np.array([value for day, value in zip(days, returns, strict=True) if day not in late])
        assert table.results[0].figures["total_return"] == pytest.approx(np.prod(1 + rest) - 1)


def test_a_set_that_raises_degrades_the_command(done):
    window = done.record.windows[0]
    results = (replace(window.table.results[0], reason="it raised"), *window.table.results[1:])
    windows = (replace(window, table=replace(window.table, results=results)), *done.record.windows[1:])
    assert replace(done, record=replace(done.record, windows=windows)).exit == ExitStatus.DEGRADED


def test_where_nothing_trades_the_group_is_traded_as_declared(desk, tmp_path):
    changes = ("[55, 65]", "[100]"), ("[4, -1]", "[4]"), ("rank: total_return", "rank: win_rate")
    found = walk(desk, tmp_path, *changes)
    assert found.frame["set"].isna().all()
    assert found.frame["kept"].all()
    assert found.equity["return_pct"].equals(found.equity["declared_pct"].rename("return_pct"))
    assert any("in 2 of 2 windows no set had a win_rate" in each for each in found.warnings)
    assert "traded as declared" in found._repr_mimebundle_()["text/plain"]
    assert found.stability.empty
    json.dumps(found.as_json(), allow_nan=False)


def test_the_command_runs_it_and_goes_on_where_it_was(desk, done, tmp_path, capsys):
    root = tmp_path / "desk"
    shutil.copytree(desk.workspace.root, root)
    write(root / "params" / "research")
    command = ["walk", "params/research/w.yaml", "--workspace", str(root), "--now", NOW]
    assert run([*command, "--json", "--workers", "1"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["windows"] == json.loads(json.dumps(done.as_json()["windows"]))
    kept = sorted((root / "data" / "sweeps" / "w").iterdir())
    assert {path.name for path in kept if not path.name.startswith("shard-")} == {
        "windows.parquet",
        "equity.parquet",
        "conservative-walk-return.svg",
    }
    written = pd.read_parquet(root / "data" / "sweeps" / "w" / "windows.parquet")
    pd.testing.assert_frame_equal(written, done.frame, check_dtype=False, check_index_type=False)
    assert run([*command, "--workers", "1"]) == 0
    out = capsys.readouterr().out
    assert "2 windows say little" in out
    assert "buy_threshold" in out
    assert sorted((root / "data" / "sweeps" / "w").iterdir()) == kept
    assert run(["walk", "none.yaml", "--workspace", str(root)]) == ExitStatus.PARAMS


@pytest.mark.parametrize(
    ("change", "kind", "word"),
    [
        (("train: 1M", "train: 1W"), ParamsError, "not the length of a span"),
        (("train: 1M", "train: 20"), ParamsError, "both in"),
        (("train: 1M", "trian: 1M"), ParamsError, 'did you mean "train"'),
        (("train: 1M\n", ""), ParamsError, "train: required"),
        (("purge: 2", "purge: -1"), ParamsError, "purge"),
        (("purge: 2", "choose: luck"), ParamsError, "choose"),
        (("exit.stop_loss_pct: [4, -1]", "initial_capital: [1000000]"), ParamsError, "initial_capital"),
        (("purge: 2", "random: 2\nsampler: optuna"), ParamsError, "drawn knowing all sessions"),
        (("train: 1M", "train: 3M"), UsageError, "no session to test on"),
        (("2025-10-01", "2019-10-01"), DataError, "no data for all"),
        (("[55, 65]", "[500]"), ParamsError, "no set can be run"),
    ],
)
def test_what_cannot_be_walked_is_said(desk, tmp_path, change, kind, word):
    with pytest.raises(JstockError, match=word) as found:
        walk(desk, tmp_path, change)
    assert type(found.value) is kind
    assert not list(tmp_path.glob("shard-*"))
