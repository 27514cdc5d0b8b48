"""Curves out of sample from every choice of folds, shown."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from jstock_core.base.errors import UsageError
from jstock_core.desk.sweeps.paths import SweepPaths
from jstock_core.desk.sweeps.sweep_file import SweepDeclaration, read_ranges
from jstock_core.desk.sweeps.sweeps import Sweep, run_sweep
from jstock_core.desk.workspace.names import select_groups
from tests.desk.sweeps.places import place


@pytest.fixture(scope="module")
def swept(shared_desk, tmp_path_factory) -> Sweep:
    desk = shared_desk(ready="fetched")
    ranges = read_ranges({"entry.buy_threshold": [55, 65], "exit.stop_loss_pct": [4, -1]})
    declared = SweepDeclaration(
        select_groups(desk.groups, "conservative")[0], date(2025, 10, 1), date(2025, 12, 30), ranges
    )
    return run_sweep(desk, declared, place(tmp_path_factory.mktemp("paths")))


@pytest.fixture(scope="module")
def paths(swept) -> SweepPaths:
    return swept.paths(folds=4, tests=2, purge=2, embargo=1)


def test_each_path_has_returns_of_sets_that_were_run(paths, swept):
    assert paths.returns.shape == (len(swept.returns), 3)
    ran = swept.returns.to_numpy()
    joined = paths.returns.to_numpy().T
    for returns in joined:
        assert (np.isclose(ran, returns[:, None]).any(axis=1)).all()
    totals = [np.prod(1 + returns) - 1 for returns in joined]
    assert paths.frame["total_return"].tolist() == pytest.approx(totals)
    assert paths.frame.index.tolist() == [1, 2, 3]
    assert len(paths.chosen) == 6
    assert set(paths.chosen["exit.stop_loss_pct"]) == {4}
    assert paths.chosen["folds"].iloc[0] == (1, 2)


def test_they_show_themselves(paths, swept):
    shown = paths._repr_mimebundle_()["text/plain"]
    assert "3 curves of 6 choices by sharpe: of 4 folds 2 are judged" in shown
    assert "2 sessions purged around them and 1 under embargo" in shown
    assert "Median" in shown
    assert "entry.buy_threshold" in shown
    assert repr(paths).startswith(f"<3 paths of {swept.table.plan.group}: Sharpe ")


def test_a_figure_of_sessions_apart_is_needed(swept):
    with pytest.raises(UsageError, match="sessions apart"):
        swept.paths(folds=4, tests=2, metric="alpha")
