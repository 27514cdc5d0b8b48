"""Sweeps of a desk: declared in a file, run by a command, kept in a folder, shown."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from jstock_core.base.errors import DataError, ExitStatus, ParamsError, UsageError
from jstock_core.base.progress import Tick
from jstock_core.base.words import MINUS
from jstock_core.cli import run
from jstock_core.desk.sweeps.place import SweepGround, SweepPlace
from jstock_core.desk.sweeps.sweep_file import read_sweep
from jstock_core.desk.sweeps.sweeps import Sweep, run_sweep
from jstock_core.desk.workspace.desk import Desk
from jstock_core.reports.render.research.sweep import figure_form, figure_title
from jstock_core.research.sweep import run as running
from jstock_core.research.sweep.pools import SerialExecutor, WorkerPool, local_pool
from jstock_core.research.sweep.sets import Interval
from tests.architecture import ROOT
from tests.desk.sweeps.places import place

TEXT = """
group: conservative
first: 2025-11-04
last: 2025-12-30
sets:
  entry.buy_threshold: {low: 55, high: 65, step: 5}
  exit.stop_loss_pct: [4, -1]
rank: total_return
"""
NOW = "2026-01-21T07:00"


@pytest.fixture(scope="module")
def desk(shared_desk) -> Desk:
    return shared_desk(ready="fetched")


@pytest.fixture(scope="module")
def done(desk, tmp_path_factory) -> Sweep:
    folder = tmp_path_factory.mktemp("sweep")
    (folder / "x.yaml").write_text(TEXT, encoding="utf-8")
    return run_sweep(desk, read_sweep(desk, folder / "x.yaml"), place(folder))


def write(desk: Desk, tmp_path: Path, *changes: tuple[str, str]) -> Path:
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_template_is_a_sweep(desk):
    declared = read_sweep(desk, ROOT / "params" / "research" / "sweep.yaml")
    assert declared.ranges.values["entry.buy_threshold"] == (55, 60, 65, 70, 75)
    assert len(declared.chosen) == 15


def test_a_sweep_shows_itself(done, desk):
    assert done.title == "conservative: 6 sets, 2025-11-04 to 2025-12-30  SIMULATED MARKET"
    assert done.frame.shape[0] == 6
    assert done.failed.keys() == {1, 3, 5}
    assert done.best().values["exit.stop_loss_pct"] == 4
    assert done.best().figures["total_return"] == done.frame["total_return"].max()
    assert done.plateau().notna().tolist() == [True, False] * 3
    assert "<svg" in done.heatmap("sharpe").html
    assert "mean over" not in done.heatmap("sharpe").plain
    assert "buy_threshold" in done.top(2).plain
    assert len(done.top(2).rows) == 2
    assert "text/html" in done._repr_mimebundle_()
    assert any("3 of 6 sets failed" in each for each in done.warnings)
    assert done.exit == ExitStatus.OK
    assert (
        len(done.returns)
        == len(done.table.sessions)
        == len(desk.calendar.between(*done.table.sessions[:: len(done.table.sessions) - 1]))
    )


def test_a_set_that_raises_degrades_the_command_one_that_is_not_valid_does_not(done):
    results = (replace(done.table.results[0], reason="it raised"), *done.table.results[1:])
    broken = replace(done, table=replace(done.table, results=results))
    assert broken.exit == ExitStatus.DEGRADED


def test_chance_draws_some_of_the_sets(desk, tmp_path):
    path = write(desk, tmp_path, ("rank: total_return", "random: 4\nseed: 3"))
    assert len(read_sweep(desk, path).chosen) == 4


def stop_after(sets: int) -> Tick:
    """Ctrl-C when so many sets are known, those that cannot be run among them."""

    def stop(done: int, _of: int, _what: str) -> None:
        if done >= sets:
            raise KeyboardInterrupt

    return stop


def test_a_stopped_sweep_counts_the_sets_that_it_keeps(desk, tmp_path, monkeypatch):
    monkeypatch.setattr(running, "CHUNK_S", 0.0)
    declared, where = read_sweep(desk, write(desk, tmp_path)), place(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        run_sweep(desk, declared, where, stop_after(3 + 2))
    assert len(list(tmp_path.glob("shard-*"))) == 2
    assert where.ledger is not None
    assert where.ledger.count() == 2
    assert run_sweep(desk, declared, where).tally.trials == 3


@pytest.mark.parametrize(("name", "text"), [("sweep", TEXT), ("walk", f"{TEXT}train: 20\ntest: 10\n")])
def test_ctrl_c_says_what_is_kept(desk, tmp_path, monkeypatch, capsys, name, text):
    monkeypatch.setattr(running, "CHUNK_S", 0.0)
    root = tmp_path / "desk"
    shutil.copytree(desk.workspace.root, root, ignore=shutil.ignore_patterns("trials.sqlite*"))
    (root / "x.yaml").write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "jstock_core.cli.terminal.show.Bar.advance", lambda _, *told: stop_after(told[1] // 2 + 1)(*told)
        )
        command = [name, "x.yaml", "--workspace", str(root), "--now", NOW, "--workers", "1"]
        assert run(command) == ExitStatus.INTERRUPTED
    told = capsys.readouterr()
    assert told.out == ""
    assert "stopped by you" in told.err
    assert "the same command goes on where it was:" in told.err
    assert f"sets are kept in {root / 'data' / 'sweeps' / 'x'}" in told.err


@pytest.mark.parametrize(("name", "text"), [("sweep", TEXT), ("walk", f"{TEXT}train: 20\ntest: 10\n")])
def test_the_tables_fit_into_80_columns(desk, tmp_path, monkeypatch, capsys, name, text):
    monkeypatch.setenv("COLUMNS", "80")
    root = tmp_path / "desk"
    shutil.copytree(desk.workspace.root, root, ignore=shutil.ignore_patterns("trials.sqlite*"))
    (root / "x.yaml").write_text(text, encoding="utf-8")
    assert run([name, "x.yaml", "--workspace", str(root), "--now", NOW, "--workers", "1"]) == 0
    table = capsys.readouterr().out.split("What chance may explain")[0].splitlines()
    head = next(line for line in table if "entry.buy_threshold" in line)
    assert "exit.stop_loss_pct" in head
    assert "Return" in head
    rule = next(line for line in table if "──" in line)
    assert len(rule.strip()) <= 80


def test_figures_for_people_have_heads_and_signs():
    assert [figure_title(name) for name in ("total_return", "max_drawdown", "sharpe")] == [
        "Return",
        "Max drawdown",
        "Sharpe",
    ]
    assert figure_form("total_return")(0.071) == "+7.1 %"
    assert figure_form("max_drawdown")(-0.043) == f"{MINUS}4.3 %"
    assert figure_form("win_rate")(0.5) == "50.0 %"


SAMPLED = (
    ("rank: total_return", "rank: total_return\nrandom: 12\nsampler: optuna"),
    ("[4, -1]", "{low: 4.0, high: 9.0}"),
    ("2025-11-04", "2025-12-15"),
)


def test_optuna_draws_sets_and_goes_on_where_it_was(desk, tmp_path):
    """The same sets with one worker, from what is kept, and told of it in another folder."""
    pytest.importorskip("optuna", reason="sampling needs the extra lab: optuna is missing")
    declared = read_sweep(desk, write(desk, tmp_path, *SAMPLED))
    seen: list[tuple[int, int]] = []
    found = run_sweep(desk, declared, place(tmp_path), lambda done, of, _: seen.append((done, of)))
    assert seen[-1] == (12, 12)
    assert len(found.frame) == 12
    assert found.frame["exit.stop_loss_pct"].between(4, 9).all()
    assert found.frame["entry.buy_threshold"].isin([55, 60, 65]).all()
    assert "stop_loss_pct" in found.heatmap().plain
    shards = sorted(tmp_path.glob("shard-*"))
    shards[0].unlink()
    again = run_sweep(desk, declared, place(tmp_path))
    assert again.frame.equals(found.frame)
    other = replace(declared, seed=declared.seed + 1)
    assert not run_sweep(desk, other, place(tmp_path)).frame.equals(found.frame)


def test_sets_of_which_none_is_valid_are_refused_by_a_sampler_too(desk, tmp_path):
    pytest.importorskip("optuna", reason="sampling needs the extra lab: optuna is missing")
    changes = (SAMPLED[0], ("[4, -1]", "{low: -9.0, high: -4.0}"))
    with pytest.raises(ParamsError, match="no set can be run"):
        run_sweep(desk, read_sweep(desk, write(desk, tmp_path, *changes)), place(tmp_path))


@pytest.mark.parametrize(
    ("values", "axis"),
    [
        ("{low: 4, high: 7}", (4, 5, 6, 7)),
        ("{low: 4, high: 7.5, step: 1}", (4, 5, 6, 7)),
        ("{low: 4.0, high: 7}", Interval(4.0, 7.0)),
        ("{low: 4, high: 7.5}", Interval(4.0, 7.5)),
    ],
)
def test_a_range_without_a_step_has_whole_numbers_or_any(desk, tmp_path, values, axis):
    text = ("[4, -1]", values), ("rank: total_return", "random: 4")
    assert read_sweep(desk, write(desk, tmp_path, *text)).ranges.values["exit.stop_loss_pct"] == axis


@pytest.mark.parametrize(
    ("change", "kind", "word"),
    [
        (("[4, -1]", "{low: 4.0, high: 8.0}"), ParamsError, "takes any number"),
        (("[4, -1]", "{low: 8.0, high: 4.0}"), ParamsError, "no number between"),
        (("rank: total_return", "sampler: optuna"), ParamsError, "how many sets"),
        (("rank: total_return", "sampler: luck"), ParamsError, "sampler"),
        (("rank: total_return", "seed: -1"), ParamsError, "seed"),
        (("group: conservative", "group: conservativ"), UsageError, "conservativ"),
        (("first:", "frist:"), ParamsError, 'did you mean "first"'),
        (("[4, -1]", "[]"), ParamsError, "has no values"),
        (("[4, -1]", "4"), ParamsError, "no list"),
        (("step: 5", "step: 0"), ParamsError, "step"),
        (("low: 55, high", "high"), ParamsError, "low: required"),
        (("low: 55", "low: 70"), ParamsError, "has no values"),
        (("step: 5", "step: 0.00001"), ParamsError, "too many values"),
        (("rank: total_return", "rank: luck"), ParamsError, "rank"),
        (("first: 2025-11-04", "first: 2025-13-04"), ParamsError, "2025-13-04|YAML"),
        (("first: 2025-11-04", 'first: "2025-13-04"'), UsageError, "is not a date"),
    ],
)
def test_a_wrong_declaration_is_named(desk, tmp_path, change, kind, word):
    with pytest.raises(kind, match=word):
        read_sweep(desk, write(desk, tmp_path, change))


@pytest.mark.parametrize(
    ("changes", "kind", "word"),
    [
        ([("2025-11-04", "2019-01-04")], DataError, "no data for all"),
        (
            [("first: 2025-11-04", "first: 2026-01-01"), ("last: 2025-12-30", "last: 2026-01-02")],
            DataError,
            "no session",
        ),
        ([("buy_threshold", "buy_treshold")], ParamsError, "no set can be run"),
    ],
)
def test_a_sweep_that_cannot_run_is_said(desk, tmp_path, changes, kind, word):
    declared = read_sweep(desk, write(desk, tmp_path, *changes))
    with pytest.raises(kind, match=word):
        run_sweep(desk, declared, place(tmp_path / "kept"))
    assert not (tmp_path / "kept").exists()


def test_the_command_runs_it_and_goes_on_where_it_was(desk, done, tmp_path, capsys):
    root = tmp_path / "desk"
    shutil.copytree(desk.workspace.root, root, ignore=shutil.ignore_patterns("trials.sqlite*"))
    (root / "params" / "research" / "x.yaml").write_text(TEXT, encoding="utf-8")
    command = ["sweep", "params/research/x.yaml", "--workspace", str(root), "--now", NOW]
    assert run([*command, "--json", "--workers", "2"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["sets"] == 6
    assert [each["set"] for each in shown["failed"]] == [1, 3, 5]
    assert shown["trials"] == 3
    assert shown["luck"]["own"]["deflated"]["trials"] == 3
    best = done.best()
    assert shown["best"][0]["values"] == best.values
    assert shown["best"][0]["figures"]["total_return"] == best.figures["total_return"]
    kept = sorted((root / "data" / "sweeps" / "x").iterdir())
    assert {path.name for path in kept if not path.name.startswith("shard-")} == {
        "table.parquet",
        "sweep-total-return.svg",
    }
    assert pd.read_parquet(root / "data" / "sweeps" / "x" / "table.parquet").equals(done.frame)
    assert run([*command, "--workers", "1", "--top", "2"]) == 0
    said = capsys.readouterr().out
    assert "3 of 6 sets failed" in said
    assert "confidence in more than chance (deflated)" in said
    assert sorted((root / "data" / "sweeps" / "x").iterdir()) == kept
    assert run([*command, "--workers", "0"]) == ExitStatus.USAGE
    assert run(["sweep", "none.yaml", "--workspace", str(root)]) == ExitStatus.PARAMS


def test_workers_of_a_cluster_find_the_market_below_a_url(desk, done, tmp_path, monkeypatch):
    """It stays there until the sweep has another one."""
    pytest.importorskip("fsspec", reason="a URL needs the extra dask: fsspec is missing")
    monkeypatch.setattr("jstock_core.desk.sweeps.place.dask_pool", lambda address: local_pool(1))
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / "market-old.bin").touch()
    far = replace(place(folder), dask="tcp://127.0.0.1:1", data=f"{folder.as_uri()}/")
    found = run_sweep(desk, read_sweep(desk, write(desk, tmp_path)), far)
    assert found.frame.equals(done.frame)
    assert len(list(folder.glob("market-*.arrow"))) == 1


def test_processes_start_while_the_sets_are_planned_where_there_is_something_to_do(
    desk, done, tmp_path, monkeypatch
):
    """A sweep of which results are kept starts them only for sets that are missing."""
    happened: list[str] = []

    def opens() -> SerialExecutor:
        happened.append("started")
        return SerialExecutor()

    of = SweepGround.of
    monkeypatch.setattr(SweepPlace, "pool", lambda _: WorkerPool(opens, 2))
    monkeypatch.setattr(SweepGround, "of", lambda *given: (happened.append("planned"), of(*given))[1])
    declared = read_sweep(desk, write(desk, tmp_path))
    for _ in range(2):
        assert run_sweep(desk, declared, place(tmp_path / "kept")).frame.equals(done.frame)
    assert happened == ["started", "planned", "planned"]
