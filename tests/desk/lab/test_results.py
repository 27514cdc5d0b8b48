"""Every public result of the lab: the words of its market where it is shown, and a line in print."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jstock_core.desk.lab.lab import Lab, open_lab
from jstock_core.desk.past.trial import Trial
from jstock_core.desk.sweeps.sweeps import Sweep
from tests.desk.days import MORNING

SPAN = "2025-10", "2025-12"
SETS = {"entry.buy_threshold": [55, 65], "exit.stop_loss_pct": [4, 8]}

TABLES = {
    Lab: "prices features statements flows topix rules feature_list",
    Trial: "equity trades orders positions cash metrics by",
    Sweep: "frame returns costs plateau",
}
"""What answers with a table of pandas, which has no place for a word."""
PLAIN = {
    Lab: "now source desk panel ledger summary declare_holdout open_holdout holdout save save_rules"
    " with_rules morning",
    Trial: "desk done market proof late_on tally panel comparison conditions universes view watch to_csv"
    " count sheet groups prove",
    Sweep: "table declared place simulated tally topix marks shown rank folder failed warnings title exit"
    " as_json top",
}
"""Values that their results are made of, a bare table, and what writes."""


@pytest.fixture(scope="module")
def lab(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    root = Path(shutil.copytree(run, tmp_path_factory.mktemp("results") / "desk"))
    return open_lab(root, now=MORNING)


@pytest.fixture(scope="module")
def results(lab: Lab) -> dict[type, dict[str, Callable[[], Any]]]:
    """What the lab answers with, by class and public name."""
    trial = lab.backtest("conservative", *SPAN)
    sweep = lab.sweep("conservative", SETS, *SPAN)
    code = lab.panel.codes[0]
    of_lab = {
        "groups": lambda: lab.groups[0],
        "group": lambda: lab.group("conservative").but(entry__buy_threshold=70),
        "factor": lambda: lab.factor("momentum_20"),
        "check": lambda: lab.check("SimpleScorer"),
        "backtest": lambda: trial,
        "evaluate": lambda: lab.evaluate([lab.group("conservative")], *SPAN)[0],
        "sweep": lambda: sweep,
        "walk_forward": lambda: lab.walk_forward(sweep, 30, 10),
        "prove": lambda: lab.prove(trial, 1),
        "diff": lambda: lab.diff(lab.group("conservative").but(entry__buy_threshold=70)),
        "knobs": lambda: lab.knobs("conservative"),
    }
    of_trial = {
        "luck": lambda: trial.luck(2),
        "plot": trial.plot,
        "chart": lambda: trial.chart(code),
        "explain": lambda: trial.explain(code, "2025-12-10"),
    }
    of_sweep = {
        "luck": lambda: sweep.luck,
        "best": sweep.best,
        "heatmap": sweep.heatmap,
        "paths": lambda: sweep.paths(folds=4, tests=2),
    }
    return {Lab: of_lab, Trial: of_trial, Sweep: of_sweep}


def test_all_names_are_asked(results, lab: Lab):
    for kind, asked in results.items():
        known = {*TABLES[kind].split(), *PLAIN[kind].split(), *asked}
        names = {name for name in (*dir(kind), *kind.__dataclass_fields__) if not name.startswith("_")}
        assert names == known, kind


def test_what_is_shown_says_that_its_market_is_simulated(results, lab: Lab):
    assert "SIMULATED" in lab._repr_mimebundle_()["text/html"]
    silent = [
        f"{kind.__name__}.{name}"
        for kind, asked in results.items()
        for name, answer in asked.items()
        if hasattr(shown := answer(), "_repr_mimebundle_")
        and "SIMULATED" not in shown._repr_mimebundle_()["text/html"]
    ]
    assert silent == ["Lab.check"], "a certificate is of a rule, and shows no market"


def test_in_print_each_is_a_line(results, lab: Lab):
    answers = {name: answer() for asked in results.values() for name, answer in asked.items()}
    drawn = {"plot", "chart", "heatmap"}
    long = {
        name: repr(found)[:100]
        for name, found in {**answers, "holdout": lab.declare_holdout("2026-01-05")}.items()
        if name not in drawn and (len(repr(found)) > 400 or "\n" in repr(found) or repr(found)[0] != "<")
    }
    assert not long
