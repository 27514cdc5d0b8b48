"""What only another process sees: hash seeds, clocks, replaced checks, and files that hold the future."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from jstock_core.base.errors import DataError, ExitStatus
from jstock_core.cli import run
from jstock_core.desk.lab.lab import open_lab
from jstock_core.desk.past.backtests import run_backtest
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.market.panel import Panel
from jstock_core.research.certificates import checks
from jstock_core.research.certificates.again import answer_again
from jstock_core.research.certificates.certificate import Certificate, Check
from jstock_core.research.certificates.certify import certify
from jstock_core.research.certificates.ground import Ground, select_stocks
from jstock_core.research.certificates.identity import declaration, source_sha256
from jstock_core.research.certificates.seal import replaced_parts
from jstock_core.research.certificates.store import add_certificate, valid_certificate
from jstock_core.research.proof import SAMPLE, MorningsProof
from jstock_core.signals.language.plugins import load_rules
from jstock_core.signals.library.make import make_entry
from jstock_core.testing import copy_desk
from tests.desk.days import MORNING


def jstock(*arguments: str, root: Path) -> int:
    """Run a command on a desk at the time of `MORNING`."""
    return run([*arguments, "-w", str(root), "--now", MORNING])


HEAD = """
import numpy as np
from jstock_core.rules import Entry, EntryOpinions, Filter, entry, filter_
"""
ENTRY = (
    HEAD
    + '''
@entry("Mine")
class Mine(Entry):
    """Buy what the rule below says."""

    def evaluate(self, view):
        none = np.full(view.shape, np.nan)
        buy = view.has_bar & chosen(view)
        return EntryOpinions(buy, none, none, buy * 0.9, {}, lambda row, n: "it is chosen")
'''
)


@pytest.fixture(scope="module")
def ground(shared_desk) -> Ground:
    whole = shared_desk(ready="fetched").panel()
    return Ground.of(select_stocks(whole, range(0, len(whole.listings), 6)), cuts=2)


def rule(tmp_path: Path, source: str, name: str = "mine.py"):
    (tmp_path / name).write_text(source, encoding="utf-8")
    return make_entry({"use": "Mine"}, "test", load_rules(tmp_path, [name]))


def determinism(made: Certificate) -> Check:
    return next(check for check in made.checks if check.name == "determinism")


VARYING = {
    "hashes": """
def chosen(view): return np.array([hash(code) % 2 == 0 for code in view.panel.codes])
""",
    "a set": """
def chosen(view): return np.array([code in list(set(view.panel.codes))[:5] for code in view.panel.codes])
""",
    "local time": """
import time
def chosen(view): return np.full(view.shape, time.localtime().tm_year > 2026)
""",
    "time": """
import time
def chosen(view): return np.full(view.shape, time.time() > 1_806_000_000)
""",
    "a date": """
from datetime import date
def chosen(view): return np.full(view.shape, date.today().year > 2026)
""",
    "a moment on import": """
import datetime
YEAR = datetime.datetime.now(datetime.UTC).year
def chosen(view): return np.full(view.shape, YEAR > 2026)
""",
    "the process": f"""
import os
def chosen(view): return np.full(view.shape, os.getpid() == {os.getpid()})
""",
}


@pytest.mark.parametrize("varying", VARYING)
def test_what_hangs_on_the_hash_seed_or_the_clock_is_not_deterministic(tmp_path, ground, varying):
    found = determinism(certify(rule(tmp_path, ENTRY + VARYING[varying]), ground))
    assert not found.passed
    assert "in another process" in found.findings[0]


def test_a_rule_that_asks_neither_is_deterministic(tmp_path, ground):
    text = ENTRY + "def chosen(view): return view.value('rsi') < 40\n"
    made = certify(rule(tmp_path, text), ground)
    assert determinism(made).passed
    assert determinism(made).measured.endswith("answers, twice and in another process")


def test_a_rule_that_is_in_no_file_cannot_be_asked_again(ground):
    """A class of a notebook's cell is not there in another process."""
    kind = type(make_entry({"use": "SimpleScorer"}, "test"))
    local = dataclass(frozen=True)(type("Local", (kind,), {"__module__": "__main__", "__doc__": "A cell."}))
    with pytest.raises(DataError, match="another process could not be asked"):
        answer_again(local(), ground)


# The checks themselves


def test_without_checks_nothing_is_certified(tmp_path):
    """Neither where none was made, nor where one is missing, nor where the file was edited."""
    made = make_entry({"use": "SimpleScorer"}, "test")
    names = ("causality", "start length", "determinism", "independence", "dead signals")
    all_passed = tuple(Check(name, passed=True, measured="1 answer") for name in names)
    source, parameters = source_sha256(made), declaration(made)
    whole = Certificate("SimpleScorer", "entry", parameters, source, "", {}, "0", all_passed)
    assert not replace(whole, checks=()).passed
    for item in (replace(whole, checks=()), replace(whole, checks=all_passed[1:])):
        add_certificate(tmp_path, item)
        assert valid_certificate(tmp_path, made) is None
    add_certificate(tmp_path, whole)
    assert valid_certificate(tmp_path, made) == whole.sha256
    path = tmp_path / "SimpleScorer.json"
    stored = json.loads(path.read_text(encoding="utf-8"))
    stored["certificates"][-1]["checks"][0]["measured"] = "99 answers"
    path.write_text(json.dumps(stored), encoding="utf-8")
    assert valid_certificate(tmp_path, made) is None


PATCHES = {
    "an import": """
from jstock_core.research.certificates import checks
checks.ask = lambda *a, **k: {}
""",
    "a function": """
from jstock_core.research.certificates import checks
checks.same_bits = lambda a, b: True
""",
    "all checks": """
import sys
sys.modules["jstock_core.research.certificates.certify"].all_checks = lambda: {}
""",
    "what is needed": """
import sys
sys.modules["jstock_core.research.certificates.needed"].every_check = lambda: ()
""",
    "a method": """
from jstock_core.market.panel import Panel
Panel.known_at = lambda self, t: self
""",
    "a property": """
from jstock_core.research.certificates.certificate import Certificate
Certificate.passed = property(lambda self: True)
""",
    "a constant": """
from jstock_core.research.certificates import checks
checks._NEAR = 1e9
""",
}


@pytest.mark.parametrize("patch", PATCHES)
def test_a_plug_in_that_replaces_what_checks_stand_on_fails_them_all(tmp_path, ground, patch):
    text = ENTRY + PATCHES[patch] + "\ndef chosen(view): return view.value('rsi') < 40\n"
    with put_back():
        made = certify(rule(tmp_path, text), ground)
    assert replaced_parts() == ()
    said = [finding for check in made.checks for finding in check.findings]
    assert all("has replaced jstock_core." in finding for finding in said)
    assert not made.passed
    add_certificate(tmp_path, made)
    again = make_entry({"use": "Mine"}, "test", load_rules(tmp_path, ["mine.py"]))
    assert valid_certificate(tmp_path, again) is None


@contextmanager
def put_back():
    """Put everything back that the plug-ins above replace."""
    certify_module = sys.modules["jstock_core.research.certificates.certify"]
    needed = sys.modules["jstock_core.research.certificates.needed"]
    kept = [
        (checks, "ask", checks.ask), (checks, "same_bits", checks.same_bits), (checks, "_NEAR", checks._NEAR),
        (certify_module, "all_checks", certify_module.all_checks),
        (needed, "every_check", needed.every_check), (Panel, "known_at", Panel.known_at),
        (Certificate, "passed", Certificate.__dict__["passed"]),
    ]  # fmt: skip
    try:
        yield
    finally:
        for place, name, value in kept:
            setattr(place, name, value)


def test_the_hash_covers_what_the_rule_imports(tmp_path, monkeypatch):
    """A module by its name, one that it imports, and a package in which they lie."""
    outside = tmp_path / "outside"
    (outside / "tools_of_mine" / "deep").mkdir(parents=True)
    (outside / "tools_of_mine" / "__init__.py").write_text("", encoding="utf-8")
    (outside / "tools_of_mine" / "deep" / "__init__.py").write_text(
        "from ..level import LEVEL", encoding="utf-8"
    )
    level = outside / "tools_of_mine" / "level.py"
    level.write_text("LEVEL = 40\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(outside))
    text = (
        "from tools_of_mine.deep import LEVEL\n"
        + ENTRY
        + "def chosen(view): return view.value('rsi') < LEVEL"
    )
    made = rule(tmp_path, text)
    before = source_sha256(made)
    assert source_sha256(made) == before
    level.write_text("LEVEL = 41\n", encoding="utf-8")
    assert source_sha256(made) != before


# Mornings decided again


GROUP = {
    "name": "Mine", "initial_capital": 20_000_000, "entry": {"use": "Mine"},
    "exit": [{"layer": "stop_loss", "loss_pct": 4}], "sizing": {"use": "equal_weight", "max_positions": 4},
}  # fmt: skip


@pytest.fixture
def workspace(shared_desk, tmp_path) -> Path:
    return copy_desk(shared_desk(ready="fetched"), tmp_path / "desk").workspace.root


def proof_of(root: Path, chosen: str, sample: int = 6) -> MorningsProof:
    lab = open_lab(root, now=MORNING).with_rules(ENTRY + chosen)
    trial = lab.backtest([lab.group("mine", GROUP)], "2025-12-01", "2026-01-20")
    assert trial.done.orders
    return lab.prove(trial, sample)


def test_the_mornings_of_a_fair_rule_are_proven(workspace):
    found = proof_of(workspace, "def chosen(view): return view.value('rsi') < 45\n")
    assert (found.sampled, found.proven, found.passed) == (6, 6, True)
    assert found.sentence.startswith("6 mornings proven")


SEEING = {
    "tomorrow's close": """
def chosen(view):
    close = view.panel.close
    rows = np.arange(view.shape[0]) + view.first_row
    return close[np.minimum(rows + 1, len(close) - 1)] > close[rows]
""",
    "how much there is": """
def chosen(view):
    return np.full(view.shape, view.shape[0] > 1)
""",
}


@pytest.mark.parametrize("seeing", SEEING)
def test_a_rule_that_sees_the_future_is_not_proven(workspace, seeing):
    found = proof_of(workspace, SEEING[seeing])
    assert not found.passed
    assert found.sentence.startswith("NOT PROVEN: ")
    assert "2025-12" in found.sentence or "2026-01" in found.sentence


def test_a_rule_that_opens_the_store_is_refused_there(workspace):
    """It has the path written into it: the process that proves opens no such file."""
    bars = str(next((workspace / "data").rglob("*.parquet")))
    chosen = (
        f"from pathlib import Path\ndef chosen(view):\n    seed = Path({bars!r}).read_bytes()[0]\n"
        "    return view.value('rsi') < 45 + seed * 0\n"
    )
    found = proof_of(workspace, chosen)
    assert not found.passed
    assert "is refused where decisions are proven" in found.sentence


def test_a_backtest_says_how_many_mornings_are_proven(workspace, capsys):
    arguments = ("--from", "2025-11-04", "--to", "2026-01-20", "--group", "conservative")
    assert jstock("backtest", *arguments, root=workspace) == ExitStatus.OK
    assert f"{SAMPLE} mornings proven" in " ".join(capsys.readouterr().out.split())
    assert jstock("backtest", *arguments, "--json", root=workspace) == ExitStatus.OK
    proof = json.loads(capsys.readouterr().out)["proof"]
    assert proof == {"sampled": SAMPLE, "proven": SAMPLE, "passed": True, "differences": []}


def test_a_backtest_that_is_not_proven_has_an_exit_status(workspace):
    (workspace / "params" / "mine.py").write_text(
        ENTRY + "def chosen(view): return np.full(view.shape, view.shape[0] > 1)\n", encoding="utf-8"
    )
    with (workspace / "params" / "desk.yaml").open("a", encoding="utf-8") as file:
        file.write("\nplugins: [params/mine.py]\n")
    (workspace / "params" / "groups" / "mine.yaml").write_text(json.dumps(GROUP), encoding="utf-8")
    found = run_backtest(open_desk(workspace, now=MORNING), "2025-12-01", "2026-01-20", group="mine")
    assert found.exit == ExitStatus.REFUTED
    assert any(note.startswith("NOT PROVEN") for note in found.notes)


def test_no_morning_proves_nothing():
    assert not MorningsProof(0, ()).passed
