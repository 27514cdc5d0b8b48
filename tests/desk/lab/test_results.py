"""Every public result of the laboratory: a card with the words of its market, and a line in print."""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import jstock_core as js
from jstock_core.desk.day.day import ReportedDay
from jstock_core.desk.lab.lab import Lab, open_lab
from jstock_core.desk.past.holdouts import list_holdouts
from jstock_core.desk.past.trial import Trial
from jstock_core.desk.sweeps.sweeps import Sweep
from jstock_core.desk.workspace.desk import open_desk
from tests.desk.days import MORNING, T

SPAN = "2025-10", "2025-12"
SETS = {"entry.buy_threshold": [55, 65], "exit.stop_loss_pct": [4, 8]}

TABLES = {
    Lab: "prices features statements flows topix rules feature_list",
    Trial: "equity trades orders positions cash metrics by",
    Sweep: "frame returns costs plateau",
}
"""What answers with a table of pandas, which has no place for a word."""
PLAIN = {
    Lab: "now source desk panel ledger summary save save_rules with_rules",
    Trial: "desk done market proof late_on tally panel conditions universes view watch to_csv count sheet"
    " groups prove",
    Sweep: "table declared place simulated tally topix marks shown rank folder failed warnings title exit"
    " as_json top",
}
"""Values that their results are made of, a bare table, and what writes."""
WITHOUT_MARKET = {
    "Lab.check",
    "Lab.groups",
    "Lab.group",
    "Lab.holdout",
    "Lab.declare_holdout",
    "js.list_holdouts",
}
"""A certificate, a group and a holdout show no market."""


@pytest.fixture(scope="module")
def lab(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    root = Path(shutil.copytree(run, tmp_path_factory.mktemp("results") / "desk"))
    return open_lab(root, now=MORNING)


@pytest.fixture(scope="module")
def kept_back(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """The lab of a desk with a holdout, which would be kept out of all that the others show."""
    root = shutil.copytree(lab.source, tmp_path_factory.mktemp("kept") / "desk")
    kept = open_lab(root, now=MORNING)
    kept.declare_holdout("2026-01-05", sure=True)  # whatever other tests tried on the shared desk
    return kept


@pytest.fixture(scope="module")
def results(lab: Lab, kept_back: Lab) -> dict[str, dict[str, Callable[[], Any]]]:
    """What the laboratory answers with, by class and public name."""
    trial = lab.backtest("conservative", *SPAN)
    sweep = lab.sweep("conservative", SETS, *SPAN)
    code, variant = lab.panel.codes[0], lab.group("conservative").but(entry__buy_threshold=70)
    knobs = lab.knobs("conservative", "2025-12", "2025-12")
    of_lab = {
        "groups": lambda: lab.groups[0],
        "group": lambda: variant,
        "factor": lambda: lab.factor("momentum_20"),
        "check": lambda: lab.check("SimpleScorer"),
        "backtest": lambda: trial,
        "evaluate": lambda: lab.evaluate([lab.group("conservative")], *SPAN),
        "sweep": lambda: sweep,
        "walk_forward": lambda: lab.walk_forward(sweep, 30, 10),
        "prove": lambda: lab.prove(trial, 1),
        "diff": lambda: lab.diff(variant),
        "knobs": lambda: knobs,
        "morning": lambda: lab.morning(trial),
        "holdout": lambda: kept_back.holdout,
        "declare_holdout": lambda: kept_back.holdout,
        "open_holdout": lambda: opened,
    }
    of_trial = {
        "luck": lambda: trial.luck(2),
        "plot": trial.plot,
        "chart": lambda: trial.chart(code),
        "explain": lambda: trial.explain(code, "2025-12-10"),
        "comparison": lambda: trial.comparison,
    }
    of_sweep = {
        "luck": lambda: sweep.luck,
        "best": sweep.best,
        "heatmap": sweep.heatmap,
        "paths": lambda: sweep.paths(folds=4, tests=2),
    }
    of_others = {
        "turn": lambda: knobs.turn(entry__buy_threshold=70),
        "explain_decision": lambda: js.explain_decision(lab.desk, code),
        "run_backtest": lambda: js.run_backtest(lab.desk, "2025-12-01", "2025-12-10", group="conservative"),
        "list_holdouts": lambda: list_holdouts(kept_back.desk),
        "parity": lambda: js.parity(open_desk(lab.source, now=MORNING), str(T), str(T)),
    }
    opened = kept_back.open_holdout("conservative")
    asked = {"Lab": of_lab, "Trial": of_trial, "Sweep": of_sweep, "js": of_others}
    return {kind: {name: cache(answer) for name, answer in each.items()} for kind, each in asked.items()}


def shown_forms(answer: object) -> dict[str, str]:
    """What a notebook gets of it."""
    if hasattr(answer, "_repr_markdown_"):
        return {"text/markdown": answer._repr_markdown_()}
    return answer._repr_mimebundle_() if hasattr(answer, "_repr_mimebundle_") else {}


def test_all_names_are_asked(results, lab: Lab):
    for kind in (Lab, Trial, Sweep):
        known = {*TABLES[kind].split(), *PLAIN[kind].split(), *results[kind.__name__]}
        names = {name for name in (*dir(kind), *kind.__dataclass_fields__) if not name.startswith("_")}
        assert names == known, kind


def test_each_has_a_card_that_says_where_its_market_is_simulated(results, lab: Lab):
    assert "SIMULATED" in lab._repr_mimebundle_()["text/html"]
    bare, silent = [], set()
    for kind, asked in results.items():
        for name, answer in asked.items():
            forms = shown_forms(answer())
            if not {"text/html", "text/markdown"} & forms.keys():
                bare.append(f"{kind}.{name}")
            elif "SIMULATED" not in "".join(forms.values()):
                silent.add(f"{kind}.{name}")
    assert bare == []
    assert silent == WITHOUT_MARKET


def pages(lab: Lab, trial: Trial) -> dict[str, object]:
    """The reports of notebooks."""
    review = js.look_back(lab.source, "month", "2026-01-20", now=MORNING)
    return {
        "backtest page": js.backtest_page(trial, seeds=0),
        "morning page": js.page(ReportedDay(**vars(js.preview_morning(lab.desk).day))),
        "review page": js.ReviewPage(review),
        "quality page": js.QualityPage(js.data_quality(lab.desk)),
    }


NO_DESK = {"check_injected", "glue", "short_errors", "feature", "write_files", "text_of"}
"""Functions of the public face that answer with no result of a desk."""


def of_functions(lab: Lab, trial: Trial, code: str) -> dict[str, object]:
    """What the functions of the public face answer with, by name."""
    desk, groups = open_desk(lab.source, now=MORNING), [lab.group("conservative")]
    entries = {"scorer": groups[0].entry}
    first, last = trial.market.sessions[-30].item(), trial.market.sessions[-20].item()
    return {
        "backtest_page": js.backtest_page(trial, seeds=0),
        "certificate_table": js.certificate_table(lab.check("SimpleScorer")),
        "combine_groups": js.combine_groups(
            {"scorer": {"use": "SimpleScorer"}},
            {"atr": {"use": "ATRExit"}},
            {"initial_capital": 1_000_000, "sizing": {"use": "equal_weight"}},
        )[0],
        "create_workspace": desk.workspace,
        "data_quality": js.data_quality(desk),
        "evaluate_groups": js.evaluate_groups(lab.panel, groups, trial.conditions, first, last)[0],
        "explain_decision": js.explain_decision(desk, code),
        "lab": lab,
        "ledger_history": js.ledger_history(desk),
        "list_orders": js.list_orders(desk, include_done=True),
        "look_back": js.look_back(lab.source, "month", "2026-01-20", now=MORNING),
        "make_group": groups[0],
        "metrics_table": js.metrics_table("", {"all": next(iter(trial.comparison.records.values()))}),
        "open_desk": desk,
        "page": js.page(ReportedDay(**vars(js.preview_morning(desk).day))),
        "parity": js.parity(open_desk(lab.source, now=MORNING), str(T), str(T)),
        "portfolio_status": js.portfolio_status(desk),
        "preview_morning": js.preview_morning(desk),
        "returns_chart": trial.plot(),
        "run_backtest": trial.comparison,
        "run_day": js.preview_morning(desk).day,
        "scan": js.scan(lab.panel, entries, first, last),
        "session_pnl": js.session_pnl(desk),
        "span_pnl": js.span_pnl(desk),
        "tax_estimate": js.tax_estimate(desk, 2026),
        "try_groups": trial,
        "words_of": js.words_of(desk),
    }


def test_each_function_of_the_public_face_answers_with_a_line_in_print(results, lab: Lab):
    asked = of_functions(lab, results["Lab"]["backtest"](), lab.panel.codes[0])
    known = {name for name in dir(js) if inspect.isfunction(getattr(js, name)) and name[0] != "_"}
    assert known == asked.keys() | NO_DESK | {"promote"}  # `promote` is asked where it is tested
    asked |= {"view": results["Lab"]["backtest"]().view}
    assert {n: repr(v)[:100] for n, v in asked.items() if len(repr(v)) > 400 or "\n" in repr(v)} == {}


def test_in_print_each_is_a_line(results, lab: Lab):
    answers = {
        f"{kind}.{name}": answer() for kind, asked in results.items() for name, answer in asked.items()
    }
    preview, tables = js.preview_morning(lab.desk), answers["Lab.sweep"].top()
    trial, sweep = answers["Lab.backtest"], answers["Lab.sweep"]
    parts = {"panel": lab.panel, "desk": lab.desk, "market": trial.market, "table": sweep.table}
    shared = {name: getattr(trial, name) for name in ("conditions", "universes", "watch", "sheet")}
    others = {"summary": lab.summary, "day": preview, "top": tables, **pages(lab, trial)}
    long = {
        name: repr(found)[:100]
        for name, found in {**answers, **parts, **shared, **others}.items()
        if len(repr(found)) > 400 or "\n" in repr(found) or repr(found)[0] != "<"
    }
    assert not long


def test_negative_figures_in_a_line_have_a_minus_sign(results):
    best = replace(results["Sweep"]["best"](), figures={"sharpe": -1.345, "total_return": -0.04044})
    assert repr(best).endswith(": sharpe \N{MINUS SIGN}1.34, total_return \N{MINUS SIGN}0.0404>")


def test_a_script_prints_a_card_as_text(results):
    trial = results["Lab"]["backtest"]()
    text = js.text_of(trial)
    assert text == trial._repr_mimebundle_()["text/plain"]
    assert "total return" in text.lower()
    assert "<svg" not in text
    assert js.text_of(trial.plot()).count("\n") < 20
