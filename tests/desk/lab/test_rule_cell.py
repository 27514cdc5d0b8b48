"""Rules of a notebook: of plain cells, which are certified from a file, and of `%%rule`, which is one."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from jstock_core.base.errors import ParamsError, UsageError
from jstock_core.desk.lab.lab import open_lab
from jstock_core.desk.lab.rule_cell import lines_above, write_rule_cell
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.research.certificates.store import valid_certificate
from tests.cells import make_ground_small, running_cells
from tests.desk.days import MORNING

CELL = '''
import numpy as np
from jstock_core.rules import Entry, EntryOpinions, Filter, entry, feature, filter_

@feature("gain_5", unit="percent", needs=6)
def gain(bars):
    """The gain of five bars."""
    return 100 * (bars.close / bars.close.ago(5) - 1)

@entry("Gainer")
class Gainer(Entry):
    """Buy what gains."""

    needs = 6

    def evaluate(self, view):
        found, none = view.value(gain), np.full(view.shape, np.nan)
        buy = view.has_bar & (found > 2)
        return EntryOpinions(buy, none, none, buy * 0.5, {}, lambda row, n: f"gained {found[row, n]:.1f} %")
'''
PEEKS = CELL.replace("bars.close.ago(5)", "type(bars.close)(bars.close._values[::-1])")
WITHOUT = '''
@filter_("named")
class Named(Filter):
    """Refuse one code."""
    code: str
    def refusal(self, n, group):
        return "it is named" if group.view.panel.listings[n].code == self.code else ""
'''
DECLARED = {
    "name": "Gainers", "initial_capital": 5_000_000, "entry": {"use": "Gainer"},
    "exit": [{"layer": "stop_loss", "loss_pct": 8}],
    "sizing": {"use": "equal_weight", "max_positions": 5, "max_position_pct": 20},
}  # fmt: skip


def small_lab(desk: Path):
    lab = open_lab(desk, now=MORNING)
    make_ground_small(lab)
    return lab


def test_a_rule_and_a_feature_of_a_plain_cell_are_certified(desk: Path, monkeypatch) -> None:
    with running_cells(monkeypatch) as run:
        lab = small_lab(desk)
        names = run(CELL)
        found = lab.check(names["Gainer"])
        assert found.passed, found.failed
        assert valid_certificate(lab.desk.workspace.certificates, names["Gainer"]())
        assert lab.backtest(lab.group("gainers", DECLARED), "2026-01").orders.shape[0]
        assert repr(found) == "<entry Gainer: passed>"
        assert "Verdict" in found._repr_mimebundle_()["text/plain"]
        found = lab.check(run(PEEKS)["gain"])
        assert "causality" in found.failed
        assert found._repr_mimebundle_()["text/plain"].splitlines()[2].split()[:2] == ["causality", "FAILED"]


def test_a_cell_of_rules_is_a_file_of_the_lab_and_its_names_are_the_notebooks(desk: Path) -> None:
    lab = small_lab(desk)
    notebook: dict[str, object] = {"lab": lab}
    written = write_rule_cell("gainers", CELL + WITHOUT, notebook)
    assert written.names == ("Gainer", "named", "gain_5")
    assert {each.rule: each.passed for each in written.certificates} == {"Gainer": True, "gain_5": True}
    assert "named has parameters without a default" in written.notes[0]
    assert repr(written) == "<Rules in params/gainers.py: Gainer passed, gain_5 passed>"
    shown = written._repr_mimebundle_()["text/plain"]
    assert "Not certified: named has parameters" in shown
    assert notebook["lab"] is not lab
    changed = notebook["lab"]
    assert changed.desk.settings.plugins == ("params/gainers.py",)
    assert notebook["Gainer"] is changed.desk.rules.of("entry")["Gainer"]
    assert notebook["gain"] is changed.desk.rules.features["gain_5"]
    assert changed.group("gainers", DECLARED).entry.name == "Gainer"


def test_a_cell_that_fails_leaves_the_lab_as_it_was(desk: Path) -> None:
    lab = small_lab(desk).with_rules(CELL, "gainers.py")
    notebook: dict[str, object] = {"lab": lab}
    with pytest.raises(ParamsError, match="NameError"):
        write_rule_cell("gainers", CELL + "nothing\n", notebook)
    with pytest.raises(ParamsError, match="already the name of"):
        write_rule_cell("others", CELL, notebook)
    assert notebook["lab"] is lab
    root = lab.desk.workspace.root
    assert not (root / "params" / "others.py").exists()
    assert open_desk(root, now=MORNING).rules.of("entry")["Gainer"]


@pytest.mark.parametrize(("cell", "where"), [
    (f"import math\n\n{CELL}nothing\n", f"line {CELL.count(chr(10)) + 4} of the cell: nothing"),
    ("import math\nclass Bad(:\n    pass\n", "line 3 of the cell: class Bad(:"),
    ("import nothing_of_that_name\n", "line 2 of the cell: import nothing_of_that_name"),
])  # fmt: skip
def test_a_cell_that_fails_is_told_by_its_own_line(desk: Path, cell: str, where: str) -> None:
    """As a notebook numbers it: the line of `%%rule` is the first."""
    with pytest.raises(ParamsError) as caught:
        write_rule_cell("bad", cell, {"lab": open_lab(desk, now=MORNING)})
    assert caught.value.where == where
    assert "jstock-lab" not in str(caught.value)
    assert "bad.py, line" not in caught.value.what


@pytest.mark.parametrize(("whole", "above"), [
    ("%%rule mine\nimport math\n", 1), ("\n\n%%rule mine\nimport math\n", 3),
    ("\n%%rule mine\n\nimport math", 2), ("another cell", 1),
])  # fmt: skip
def test_empty_lines_before_a_magic_are_counted(desk: Path, whole: str, above: int) -> None:
    shell = SimpleNamespace(history_manager=SimpleNamespace(input_hist_raw=["import math", whole]))
    body = whole.partition("%%rule mine\n")[2] or "import math\n"
    assert lines_above(shell, body) == above
    with pytest.raises(ParamsError) as caught:
        write_rule_cell("bad", f"{body}\nnothing\n", {"lab": open_lab(desk, now=MORNING)}, above)
    assert caught.value.where == f"line {above + body.count(chr(10)) + 2} of the cell: nothing"


def test_a_certificate_of_a_cell_names_the_line_of_the_cell(desk: Path) -> None:
    cell = CELL.replace("found, none = view", "found, none = 1 // 0, view")
    written = write_rule_cell("bad", cell, {"lab": small_lab(desk)})
    shown = written._repr_mimebundle_()["text/plain"]
    number = cell[: cell.index("1 // 0")].count("\n") + 2
    assert f"line {number} of the cell" in shown
    assert "jstock-lab" not in shown


@pytest.mark.parametrize(("line", "said"), [
    ("", "names no file"), ("a b c", "names no file"), ("../x", "names no file"),
    ("mine", "no lab called lab"), ("mine desk", "no lab called desk"),
])  # fmt: skip
def test_a_line_that_is_wrong_is_told_how(line: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        write_rule_cell(line, CELL, {"desk": 5})
    assert "js.lab()" in caught.value.do


def test_what_is_no_rule_cannot_be_checked(desk: Path) -> None:
    with pytest.raises(UsageError, match="is no rule"):
        small_lab(desk).check(Path)


def test_rules_are_saved_to_the_desk_with_their_certificates(desk: Path) -> None:
    lab = small_lab(desk).with_rules(CELL, "gainers.py")
    lab.check("Gainer")
    before = (desk / "params" / "desk.yaml").read_text(encoding="utf-8")
    written = lab.save_rules()
    assert [path.name for path in written] == ["gainers.py", "Gainer.json"]
    at = open_desk(desk, now=MORNING)
    assert at.settings.plugins == ("params/gainers.py",)
    assert valid_certificate(at.workspace.certificates, at.rules.of("entry")["Gainer"]())
    assert (desk / "params" / "desk.yaml").read_text(encoding="utf-8").startswith(before.rstrip("\n"))
    assert lab.save_rules() == (), "nothing has changed since"
    changed = lab.with_rules(CELL.replace("> 2", "> 3"), "gainers.py")
    assert changed.panel is lab.panel, "the market is not read again"
    with pytest.raises(UsageError, match=r"the desk has another gainers\.py"):
        changed.save_rules()
    changed.save_rules(replace_files=True)
    assert "> 3" in (desk / "params" / "gainers.py").read_text(encoding="utf-8")
