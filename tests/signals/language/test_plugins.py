"""Plug-ins are loaded, or refused by file and line, and what rules answer is checked."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import numpy as np
import pytest

from jstock_core.base.errors import DataError, ExitStatus, ParamsError
from jstock_core.execution.sizing import make_sizing
from jstock_core.research.certificates.identity import source_sha256
from jstock_core.signals.language import answers, plugins
from jstock_core.signals.language.answers import RuleError
from jstock_core.signals.language.entry import Entry, EntryOpinions
from jstock_core.signals.language.layer import Holding, Layer
from jstock_core.signals.language.plugins import GROUPS, load_installed, load_rules, plugin_sources
from jstock_core.signals.language.registry import SHARED, Rules, entry
from jstock_core.signals.library.describe import describe_rules
from jstock_core.signals.library.make import make_entry, make_exit, make_protections
from tests.rules import forgetting_rules
from tests.signals.panels import random_panel, view_of

PLANTS = Path(__file__).parents[2] / "plants"
VIEW = view_of(random_panel(1, count=80), 70)

ENTRY = '''
from jstock_core.signals.language.registry import entry
from jstock_core.signals.language.entry import Entry


@entry("{name}")
class {name}(Entry):
    """Buy nothing."""

    level: int = {level}

    def evaluate(self, view):
        raise NotImplementedError
'''

SIZING = '''
from pydantic import Field

from jstock_core.execution.sizing import sizing


@sizing("{name}")
class {cls}:
    """Always so many shares."""

    shares: int = Field(default=100, ge=1, description="shares of every position")
    max_positions: int = 3
    max_position_pct: float = 50.0

    def size(self, candidate, room):
        return self.shares

    def shortfall(self, candidate, room):
        return "fewer than a unit"
'''


MINE = "params/mine.py"


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    """Rules of installed modules are gone after a test."""
    with forgetting_rules():
        yield


@pytest.fixture
def plant(tmp_path: Path) -> Callable[..., Rules]:
    """Write the files of a workspace and load the first as a plug-in."""

    def write(text: str, root: Path = tmp_path, **beside: str) -> Rules:
        (root / "params").mkdir(parents=True, exist_ok=True)
        for name, content in {"mine": text, **beside}.items():
            (root / "params" / f"{name}.py").write_text(content, encoding="utf-8")
        return load_rules(root, [MINE])

    return write


# Files


def level(rules: Rules, name: str = "Mine") -> int:
    return make_entry({"use": name}, "test", rules).level


def test_a_file_brings_its_rules(plant) -> None:
    rules = plant(ENTRY.format(name="Mine", level=3))
    assert level(rules) == 3
    assert make_entry({"use": "Mine", "level": 4}, "test", rules).level == 4
    with pytest.raises(ParamsError, match='levl: unknown key; did you mean "level"'):
        make_entry({"use": "Mine", "levl": 4}, "test", rules)


def test_built_in_rules_and_those_of_a_notebook_are_known_too(plant) -> None:
    rules = plant(ENTRY.format(name="Mine", level=3))
    assert make_entry({"use": "SimpleScorer"}, "test", rules).buy_threshold == 65

    @entry("InACell")
    class InACell(Entry):
        """Buy nothing."""

        def evaluate(self, view):
            raise NotImplementedError

    assert isinstance(make_entry({"use": "InACell"}, "test", rules), InACell)
    assert isinstance(make_entry({"use": "InACell"}, "test"), InACell)


def test_a_file_that_was_edited_is_loaded_again_and_an_unchanged_one_is_not(plant) -> None:
    rules = plant(ENTRY.format(name="Mine", level=3))
    assert plant(ENTRY.format(name="Mine", level=3)) is rules
    assert level(plant(ENTRY.format(name="Mine", level=5))) == 5
    assert level(rules) == 3, "who opened the desk before keeps its rules"


def test_a_rule_goes_with_its_file(plant) -> None:
    plant(ENTRY.format(name="Mine", level=3))
    rules = plant(ENTRY.format(name="Other", level=3))
    assert "Mine" not in rules.of("entry")
    assert "Other" not in SHARED.of("entry")
    assert load_rules(rules.root).of("entry") == SHARED.of("entry")


@pytest.mark.parametrize("first", [0, 1])
def test_two_workspaces_define_one_name_in_their_own_ways(plant, tmp_path: Path, first: int) -> None:
    places = [tmp_path / "one", tmp_path / "two"]
    rules = {}
    for n in (first, 1 - first):
        rules[n] = plant("from .helper import level\n" + ENTRY.format(name="Mine", level="level"), places[n],
                         helper=f"level = {n}\n")  # fmt: skip
    assert [level(rules[n]) for n in (0, 1)] == [0, 1]
    assert [make_exit([{"layer": "stop_loss", "loss_pct": 8}], "test", rules=rules[n]) for n in (0, 1)]
    assert "Mine" not in SHARED.of("entry")
    described = {
        doc.name: doc.parameters[0].default for doc in describe_rules(rules[0]) if doc.kind == "entry"
    }
    assert described["Mine"] == 0


def test_a_file_beside_the_plug_in_is_imported_relatively(plant, tmp_path: Path) -> None:
    text = "from .helper import level\n" + ENTRY.format(name="Mine", level="level")
    first = plant(text, helper="from . import deeper\nlevel = deeper.LEVEL\n", deeper="LEVEL = 1\n")
    second = plant(text, helper="from . import deeper\nlevel = deeper.LEVEL\n", deeper="LEVEL = 2\n")
    assert (level(first), level(second)) == (1, 2)
    assert not list(tmp_path.rglob("__pycache__")), "nothing is written into the workspace"
    hashes = []
    for deeper in ("LEVEL = 2\n", "LEVEL = 2  # two\n", "LEVEL = 2\n"):
        rules = plant(text, helper="from . import deeper\nlevel = deeper.LEVEL\n", deeper=deeper)
        hashes.append(source_sha256(make_entry({"use": "Mine"}, "test", rules)))
    assert hashes[0] == hashes[2] != hashes[1]


def test_a_helper_that_fails_is_named_with_its_line(plant, tmp_path: Path) -> None:
    before = set(sys.modules)
    with pytest.raises(ParamsError, match="ZeroDivisionError") as caught:
        plant("from . import helper\n", helper="x = 1\nx / 0\n")
    assert caught.value.where == f"{tmp_path / 'params' / 'helper.py'}:2"
    assert set(sys.modules) <= before, "nothing half loaded is left"


def test_a_helper_that_is_not_imported_relatively_is_explained(plant) -> None:
    with pytest.raises(ParamsError, match="No module named 'helper'") as caught:
        plant("import helper\n", helper="")
    assert caught.value.do == "import a file beside the plug-in by `from .helper import ...`"


@pytest.mark.parametrize(("text", "line", "words"), [
    ("x = 1\nraise RuntimeError('no luck')\n", 2, "RuntimeError: no luck"),
    ("import no_such_module_of_mine\n", 1, "ModuleNotFoundError: No module named 'no_such_module_of_mine'"),
    ("\n\ndef broken(:\n", 3, "SyntaxError"),
    ("import sys\nsys.exit(3)\n", 2, "SystemExit: 3"),
    (ENTRY.format(name="SimpleScorer", level=1), 6, "'SimpleScorer' is already the name of jstock_core"),
    (ENTRY.format(name="Mine", level="NoSuchName"), 10, "NameError: name 'NoSuchName' is not defined"),
    (ENTRY.format(name="Mine", level=1).replace('    """Buy nothing."""\n', ""), 6, "has no docstring"),
    (ENTRY.format(name="Mine", level=1).replace("def evaluate", "def evalute"), 6, "lacks evaluate"),
    (ENTRY.format(name="Mine", level=1).replace("(Entry)", ""), 6, "lacks the base Entry"),
    (SIZING.format(name="equal_weight", cls="Mine"), 7, "'equal_weight' is already the name of"),
])  # fmt: skip
def test_a_file_that_cannot_be_used_is_named_with_its_line(
    plant, text: str, line: int, words: str, tmp_path
) -> None:
    with pytest.raises(ParamsError) as caught:
        plant(text)
    file, _, at = caught.value.where.rpartition(":")
    assert file == str(tmp_path / "params" / "mine.py")
    assert int(at) == line
    assert words in caught.value.what
    assert "Mine" not in SHARED.of("entry")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match="cannot be read") as caught:
        load_rules(tmp_path, ["gone.py"])
    assert caught.value.where == str(tmp_path / "gone.py")


def test_a_path_with_a_dot_is_refused(tmp_path: Path) -> None:
    (tmp_path / "my.rules.py").write_text("", encoding="utf-8")
    with pytest.raises(ParamsError, match=r'"my\.rules\.py" cannot be imported: its path has a dot'):
        load_rules(tmp_path, ["my.rules.py"])


def test_a_file_may_bring_a_sizing(plant) -> None:
    rules = plant(SIZING.format(name="fixed", cls="Fixed"))
    assert make_sizing({"use": "fixed", "shares": 300}, "test", rules).size(None, None) == 300
    with pytest.raises(ParamsError, match="expected at least 1"):
        make_sizing({"use": "fixed", "shares": 0}, "test", rules)


# Entry points


def test_installed_packages_are_looked_through_once_for_all_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(plugins, "entry_points", lambda: asked.append("all") or EntryPoints([]))
    assert plugin_sources(Rules(SHARED, Path())) == {}
    assert asked == ["all"]


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Make a module importable and name it in an entry-point group."""
    named: list[EntryPoint] = []
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(plugins, "entry_points", lambda: EntryPoints(named))
    load_installed.cache_clear()

    def install(group: str, text: str) -> None:
        name = f"installed_{group.partition('.')[2]}"
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        named.append(EntryPoint("mine", name, group))

    yield install
    for module in [name for name in sys.modules if name.startswith("installed_")]:
        del sys.modules[module]


def test_the_groups_are_those_of_the_house() -> None:
    kinds = ("features", "entries", "exits", "layers", "filters", "protections", "sizings")
    assert tuple(f"jstock.{kind}" for kind in kinds) == GROUPS


@pytest.mark.parametrize("group", GROUPS)
def test_every_group_is_imported_when_a_name_is_not_known(installed, group: str) -> None:
    installed(group, ENTRY.format(name="Installed", level=2))
    make_entry({"use": "SimpleScorer"}, "test")
    assert "Installed" not in SHARED.of("entry"), "plug-ins are not loaded before they are needed"
    assert make_entry({"use": "Installed"}, "test").level == 2


def test_an_installed_sizing_is_found(installed) -> None:
    installed("jstock.sizings", SIZING.format(name="fixed", cls="Fixed"))
    assert make_sizing({"use": "fixed"}, where="test").shares == 100


PROTECTION = '''
from jstock_core.signals.language.guards import Protection, protection


@protection("fridays")
class Fridays(Protection):
    """Pause entries for the sessions after a Friday."""

    def reason(self, group):
        friday = group.view.sessions[group.row].astype(object).weekday() == 4
        return "it is Friday" if friday else ""
'''


def test_an_installed_protection_is_found(installed) -> None:
    installed("jstock.protections", PROTECTION)
    (guard,) = make_protections([{"use": "fridays", "mode": "shadow"}], "test")
    assert (guard.rule.name, guard.mode) == ("fridays", "shadow")


FEATURE = '''
from jstock_core.rules import feature


@feature("two_bars_ago", unit="yen", needs=3)
def two_bars_ago(bars):
    """The close of two bars ago."""
    return bars.close.ago(2)
'''


def test_an_installed_feature_is_found(installed) -> None:
    installed("jstock.features", FEATURE)
    load_installed()
    found = SHARED.features["two_bars_ago"]
    assert pickle.loads(pickle.dumps(found)) is found
    assert VIEW.value(found)[0, 0] == VIEW.value("close", 2)[0, 0]


def test_two_desks_may_have_a_feature_of_one_name(tmp_path: Path) -> None:
    desks = []
    for name, bars in (("one", 2), ("two", 5)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "mine.py").write_text(FEATURE.replace("ago(2)", f"ago({bars})"), encoding="utf-8")
        desks.append(load_rules(folder, ["mine.py"]).features["two_bars_ago"])
    one, two = (VIEW.value(each)[0, 0] for each in desks)
    assert (one, two) == (VIEW.value("close", 2)[0, 0], VIEW.value("close", 5)[0, 0])
    assert "two_bars_ago" not in SHARED.features


def test_an_installed_module_that_fails_is_named_with_its_line(installed, tmp_path: Path) -> None:
    installed("jstock.layers", "x = 1\ny = x / 0\n")
    with pytest.raises(ParamsError, match="plug-in mine cannot be loaded: ZeroDivisionError") as caught:
        make_exit([{"layer": "unheard_of"}], "test")
    assert caught.value.where == f"{tmp_path / 'installed_layers.py'}:2"


def test_an_installed_module_may_not_take_a_known_name(installed, tmp_path: Path) -> None:
    installed("jstock.entries", ENTRY.format(name="MACDCrossover", level=2))
    with pytest.raises(ParamsError, match="'MACDCrossover' is already the name of") as caught:
        make_entry({"use": "unheard of"}, "test")
    assert caught.value.where.startswith(str(tmp_path / "installed_entries.py"))


# What entries answer


FAULTS = load_rules(PLANTS, ["faults.py"])


@pytest.mark.parametrize(("name", "words"), [
    ("Shapeless", r"buy has shape \(6,\), not \(10, 6\); score has shape"),
    ("Percent", "confidence lies outside 0..1, from 70 to 70"),
    ("Raises", "raised KeyError: 'no such column'"),
])  # fmt: skip
def test_an_entry_that_gives_no_opinion_is_an_error_that_names_it(name: str, words: str) -> None:
    with pytest.raises(RuleError, match=f"the entry {name}.*{words}") as caught:
        answers.entry_opinions(make_entry({"use": name}, "test", FAULTS), VIEW)
    file, _, line = caught.value.where.rpartition(":")
    assert file == str(PLANTS / "faults.py")
    assert int(line) > 1
    assert caught.value.exit == ExitStatus.PARAMS


def test_an_entry_that_cannot_explain_itself_is_an_error_that_names_it() -> None:
    opinions = answers.entry_opinions(make_entry({"use": "Wordless"}, "test", FAULTS), VIEW)
    with pytest.raises(RuleError, match="Wordless cannot explain itself, ZeroDivisionError") as caught:
        opinions.why(0, 0)
    assert caught.value.where.startswith(str(PLANTS / "faults.py"))


GOOD = EntryOpinions(
    buy=VIEW.has_bar, score=np.full(VIEW.shape, 50.0), opening=np.full(VIEW.shape, np.nan),
    confidence=np.full(VIEW.shape, 0.5), parts={"one": np.ones(VIEW.shape, dtype=int)},
    explain=lambda _row, _n: "so", neutral={"one": ~VIEW.has_bar},
)  # fmt: skip


class Answers(Entry):
    """Answers what it is told to."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def evaluate(self, view):
        return self.answer


def test_a_good_answer_passes_unchanged() -> None:
    found = answers.entry_opinions(Answers(GOOD), VIEW)
    assert found.buy is GOOD.buy
    assert found.why(0, 0) == "so"


@pytest.mark.parametrize(("answer", "words"), [
    (None, "returned NoneType, not EntryOpinions"),
    (VIEW.has_bar, "returned ndarray, not EntryOpinions"),
    (replace(GOOD, buy=GOOD.buy.astype(float)), "buy holds float64, not bool"),
    (replace(GOOD, buy=GOOD.buy[:1]), r"buy has shape \(1, 6\), not \(10, 6\)"),
    (replace(GOOD, buy=[[True]]), "buy is list, not an array"),
    (replace(GOOD, score=GOOD.score.astype(str)), "score holds <U32, not float"),
    (replace(GOOD, score=GOOD.score + 51), "score lies outside 0..100, from 101 to 101"),
    (replace(GOOD, opening=GOOD.opening.T), r"opening has shape \(6, 10\)"),
    (replace(GOOD, confidence=GOOD.confidence - 1), "confidence lies outside 0..1, from -0.5 to -0.5"),
    (replace(GOOD, confidence=np.where(GOOD.buy, np.nan, 0.5)), "confidence is NaN in"),
    (replace(GOOD, parts={"one": np.ones(3)}), r"parts\['one'\] has shape \(3,\)"),
    (replace(GOOD, neutral={"one": np.ones(VIEW.shape)}), r"neutral\['one'\] holds float64, not bool"),
])  # fmt: skip
def test_a_wrong_answer_says_what_is_wrong(answer: object, words: str) -> None:
    with pytest.raises(RuleError, match=words):
        answers.entry_opinions(Answers(answer), VIEW)


def test_missing_data_stays_an_error_of_the_data() -> None:
    class Starved(Entry):
        def evaluate(self, view):
            raise DataError("the flows lack a column")

    with pytest.raises(DataError, match="the flows lack a column"):
        answers.entry_opinions(Starved(), VIEW)


# What exits answer


def holding() -> Holding:
    panel, price = VIEW.panel, VIEW.last_close(9, 0)
    return Holding(panel.codes[0], 0, 100, price, panel.session(60), panel.session(59), 70.0)


@pytest.mark.parametrize(("layer", "words"), [
    ("raises", "raises raised ZeroDivisionError"), ("always", "always raised AttributeError"),
])  # fmt: skip
def test_a_layer_that_fails_makes_the_exit_unknown(layer: str, words: str) -> None:
    leave = make_exit([{"layer": "stop_loss", "loss_pct": 50.0}, {"layer": layer}], "test", rules=FAULTS)
    opinion = answers.exit_opinion(leave, VIEW, 9, holding())
    assert opinion.action == "EXIT_UNKNOWN"
    assert words in opinion.reason


@pytest.mark.parametrize("answer", [None, "SELL_100%", True])
def test_an_exit_that_gives_no_opinion_is_unknown(answer: object) -> None:
    class Odd(type(make_exit({"use": "ATRExit"}, "test"))):
        def opinion(self, view, row, held):
            if answer is None:
                raise RuntimeError("no idea")
            return answer

    opinion = answers.exit_opinion(Odd(), VIEW, 9, holding())
    assert opinion.action == "EXIT_UNKNOWN"
    assert ("no idea" if answer is None else repr(answer)) in opinion.reason


def test_a_level_is_asked_only_of_layers() -> None:
    """The default layer hangs on no price."""

    class Plain(Layer):
        def verdict(self, view, row, held):
            return None

    assert Plain().level(VIEW, 9, holding()) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import os\nos._exit(0)\n", "ends the process"),
        ("import sys\nsys.exit(0)\n", "ends the process"),
        ("class Odd(BaseException): ...\nraise Odd('no')\n", "Odd: no"),
        ("print('hello')\n", "it prints 'hello'"),
    ],
)
def test_a_plug_in_that_ends_the_process_or_prints_is_named(plant, text: str, said: str) -> None:
    with pytest.raises(ParamsError) as caught:
        plant(text)
    assert said in caught.value.what
    assert ".py" in caught.value.what


def test_what_plugins_are_made_of_is_named_with_hashes(tmp_path: Path) -> None:
    """Files beside a plug-in that it imports count too; a file that is gone has no hash."""
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "mine.py").write_text("from .beside import X\n")
    (tmp_path / "params" / "beside.py").write_text("X = 1\n")
    found = plugin_sources(Rules(SHARED, tmp_path, ("params/mine.py", "params/gone.py")))
    assert found["params/beside.py"] == sha256(b"X = 1\n").hexdigest()
    assert found["params/gone.py"] == ""
    assert len(found["params/mine.py"]) == 64
    (tmp_path / "params" / "beside.py").write_text("X = 2\n")
    assert (
        plugin_sources(Rules(SHARED, tmp_path, ("params/mine.py",)))["params/beside.py"]
        != found["params/beside.py"]
    )
