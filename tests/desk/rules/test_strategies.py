"""Strategies on a desk: checked and certified, brought by plug-ins, and never failing quietly."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from unittest.mock import ANY

import pytest

from jstock_core.base.errors import ExitStatus, ParamsError
from jstock_core.base.intent import Intent
from jstock_core.cli import run as cli
from jstock_core.desk.day.certificates import group_certificates
from jstock_core.desk.day.day import run_day
from jstock_core.desk.lab.lab import open_lab
from jstock_core.desk.rules.strategies import list_strategies
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.research.certificates.needed import CHECKS, needed_checks
from jstock_core.signals.language.answers import RuleError
from jstock_core.state.facts.events import Decided, OrderPlaced
from tests.desk.days import MORNING, NEXT, NEXT_MORNING, edited, journaled

PLANTS = Path(__file__).parents[2] / "plants"
GROUP = "params/groups/conservative.yaml"
ENTRY = "entry:\n  use: SimpleScorer\n  buy_threshold: 55"


def with_plugin(root: Path, name: str = "faults") -> None:
    """Bring a file of planted faults into the workspace, as a person would."""
    shutil.copy(PLANTS / f"{name}.py", root / "params" / "mine.py")
    with (root / "params" / "desk.yaml").open("a", encoding="utf-8") as file:
        file.write("\nplugins: [params/mine.py]\n")


def leaving_by(root: Path, layer: str) -> None:
    """Let the group leave by that layer alone."""
    text = (root / GROUP).read_text(encoding="utf-8")
    start, end = text.index("exit:"), text.index("sizing:")
    exits = f"exit:\n  - {{layer: {layer}}}\n\n"
    (root / GROUP).write_text(text[:start] + exits + text[end:], encoding="utf-8")


def jstock(*arguments: str | Path, root: Path, now: str = MORNING) -> int:
    return cli([*map(str, arguments), "--workspace", str(root), "--now", now])


# Plug-in files


def test_a_plug_in_named_in_desk_yaml_brings_its_rules(new: Path) -> None:
    with_plugin(new)
    edited(new, GROUP, ENTRY, "entry:\n  use: TooYoung")
    group = next(g for g in open_desk(new, now=MORNING).groups if g.id == "conservative")
    assert type(group.entry).__name__ == "TooYoung"
    assert type(group.entry).__module__.endswith(".params.mine")


@pytest.mark.parametrize(("plugins", "words"), [
    ("[../mine.py]", "points outside the workspace"),
    ("[/etc/mine.py]", "points outside the workspace"),
    ("[params/gone.py]", "cannot be read"),
    ("params/mine.py", "plugins: expected a list"),
])  # fmt: skip
def test_a_plug_in_that_is_not_there_or_outside_is_refused(new: Path, plugins: str, words: str) -> None:
    with (new / "params" / "desk.yaml").open("a", encoding="utf-8") as file:
        file.write(f"\nplugins: {plugins}\n")
    with pytest.raises(ParamsError, match=words):
        open_desk(new, now=MORNING)


def test_a_plug_in_that_raises_stops_the_command_with_its_line(new: Path, capsys) -> None:
    with_plugin(new)
    (new / "params" / "mine.py").write_text("x = 1\nraise RuntimeError('no luck')\n", encoding="utf-8")
    assert jstock("daily", root=new) == ExitStatus.PARAMS
    shown = capsys.readouterr().err
    assert "RuntimeError: no luck" in shown
    assert f"{new / 'params' / 'mine.py'}:2" in shown
    assert "Traceback" not in shown


def test_two_desks_in_one_process_have_their_own_rules(new: Path, tmp_path: Path) -> None:
    """One name, two rules: each desk keeps its own, whichever was opened last."""
    other = tmp_path / "other"
    shutil.copytree(new, other)
    desks = []
    for n, root in enumerate((new, other)):
        with_plugin(root)
        text = (root / "params" / "mine.py").read_text(encoding="utf-8")
        (root / "params" / "mine.py").write_text(
            text.replace("ClassVar[int] = 5\n", f"ClassVar[int] = {n + 6}\n")
        )
        edited(root, GROUP, ENTRY, "entry:\n  use: TooYoung")
        desks.append(open_desk(root, now=MORNING))
    desks.append(open_desk(new, now=MORNING))
    assert [desk.rules.of("entry")["TooYoung"].needs for desk in desks] == [6, 7, 6]
    assert [g.entry.needs for desk in desks for g in desk.groups if g.id == "conservative"] == [6, 7, 6]
    [doc] = [rule.doc for rule in list_strategies(desks[1]).rules if rule.doc.name == "TooYoung"]
    assert doc.needs == 7
    assert "TooYoung" not in {rule.doc.name for rule in list_strategies(None).rules}


# Wrong answers are never a quiet day


@pytest.mark.parametrize(("name", "words"), [
    ("Shapeless", "has shape"), ("Raises", "raised KeyError"), ("Percent", "lies outside"),
    ("Wordless", "cannot explain itself"),
])  # fmt: skip
def test_an_entry_that_gives_no_opinion_stops_the_day_and_is_named(desk: Path, name: str, words: str) -> None:
    with_plugin(desk)
    edited(desk, GROUP, ENTRY, f"entry:\n  use: {name}")
    before = journaled(desk)
    with pytest.raises(RuleError, match=f"the entry {name}.*{words}") as caught:
        run_day(open_desk(desk, now=NEXT_MORNING))
    assert "mine.py:" in caught.value.where
    assert journaled(desk) == before


def test_an_exit_layer_that_raises_degrades_the_day_loudly(desk: Path, capsys) -> None:
    """Unknown exits on top, no entries of that group, the other group as ever, and the status says so."""
    with_plugin(desk)
    leaving_by(desk, "raises")
    assert jstock("daily", root=desk, now=NEXT_MORNING) == ExitStatus.DEGRADED
    events = [event for event in journaled(desk, NEXT_MORNING) if event.session == NEXT]
    decided = {event.group: event for event in events if isinstance(event, Decided)}
    assert decided["conservative"].status == "degraded"
    assert decided["aggressive"].status == "complete"
    unknown = [s for s in decided["conservative"].signals if s["action"] == "EXIT_UNKNOWN"]
    assert unknown
    assert all("raises raised ZeroDivisionError" in signal["reason"] for signal in unknown)
    assert not [e for e in events if isinstance(e, OrderPlaced) and e.group == "conservative"]
    report = next((desk / "runs" / str(NEXT)).glob("*/trade_report_*.md")).read_text(encoding="utf-8")
    top = report[: report.index("| Headline |")]
    assert "DEGRADED" in top
    for signal in unknown:
        assert f"> **ALERT** conservative: the exit of {signal['code']} is unknown: raises raised" in top
    assert "unknown exits" in capsys.readouterr().out


def test_a_notebook_that_meets_a_nonsense_entry_fails_with_the_rule_s_status(desk: Path, capsys) -> None:
    with_plugin(desk)
    edited(desk, GROUP, ENTRY, "entry:\n  use: Shapeless")
    before = journaled(desk)
    assert jstock("daily", root=desk, now=NEXT_MORNING) == ExitStatus.PARAMS
    assert "the entry Shapeless gave no usable opinions" in " ".join(capsys.readouterr().err.split())
    assert journaled(desk) == before


# Bars


def test_a_stock_with_fewer_bars_than_the_entry_needs_is_not_bought(new: Path) -> None:
    """The rule is made to ask for 100,000 bars, which no stock has: each refusal says so."""
    with_plugin(new)
    edited(new, GROUP, ENTRY, "entry:\n  use: TooYoung")
    text = (new / "params" / "mine.py").read_text(encoding="utf-8")
    (new / "params" / "mine.py").write_text(text.replace("= 5\n", "= 100_000\n"), encoding="utf-8")
    day = run_day(open_desk(new, now=MORNING), intent=Intent.REHEARSE)
    decided = next(d for d in day.decided if d.group == "conservative")
    buys = {s["code"] for s in decided.signals if s["action"] == "BUY"}
    assert buys
    assert {s["code"] for s in decided.skipped if "too few bars" in s["reason"]} == buys
    assert not [e for e in day.events if isinstance(e, OrderPlaced) and e.group == "conservative"]


# Certificates


def test_a_check_certifies_defaults_and_what_groups_declare(new: Path, capsys) -> None:
    assert jstock("strategies", "check", "SimpleScorer", "--json", root=new) == ExitStatus.OK
    made = json.loads(capsys.readouterr().out)["certificates"]
    assert [c["parameters"]["buy_threshold"] for c in made] == [65, 55]
    assert all(c["passed"] and c["data"] for c in made)
    stored = json.loads((new / "data" / "certificates" / "SimpleScorer.json").read_text(encoding="utf-8"))
    assert [c["sha256"] for c in stored["certificates"]] == [c["sha256"] for c in made]


def test_certificates_stand_in_the_provenance_of_decisions(desk: Path, capsys) -> None:
    """A rule's own certificate of the workspace counts for more than the one that came with the package."""
    groups = open_desk(desk, now=NEXT_MORNING).groups
    came = group_certificates(desk / "no folder", groups)
    assert jstock("strategies", "check", "SimpleScorer", "--json", root=desk) == ExitStatus.OK
    made = json.loads(capsys.readouterr().out)["certificates"]
    report = run_day(open_desk(desk, now=NEXT_MORNING)).report
    assert report.provenance.is_proven
    shown = {(rule.group, rule.part): rule.certificate for rule in report.provenance.rules}
    expected = {
        "aggressive": came["aggressive"],
        "conservative": {"entry": made[1]["sha256"], "exit": came["conservative"]["exit"]},
    }
    assert shown == {(g, part): proof for g, parts in expected.items() for part, proof in parts.items()}
    decided = [e for e in journaled(desk, NEXT_MORNING) if isinstance(e, Decided) and e.session == NEXT]
    assert {event.group for event in decided} == {"aggressive", "conservative"}
    assert all(event.provenance["certificates"] == expected for event in decided)


def test_a_rule_that_failed_its_check_is_told_apart_from_one_that_was_never_checked(
    desk: Path, capsys
) -> None:
    """In the journal, in the provenance of the report, and as an alert."""
    with_plugin(desk, "peeks")
    edited(desk, GROUP, ENTRY, "entry:\n  use: Peeks")
    assert jstock("strategies", "check", "Peeks", root=desk) == ExitStatus.REFUTED
    capsys.readouterr()
    day = run_day(open_desk(desk, now=NEXT_MORNING))
    standing = next(rule for rule in day.report.provenance.rules if rule.rule == "Peeks")
    assert (standing.certificate, standing.failed, standing.is_proven) == ("", "causality", False)
    assert not day.report.provenance.is_proven
    decided = next(d for d in day.decided if d.group == "conservative")
    recorded = decided.provenance["certificates"]["conservative"]
    assert recorded["entry"] == {"failed": "causality"}
    assert isinstance(recorded["exit"], str)
    alerts = [alert.message for alert in day.report.alerts if alert.severity == "alert"]
    said = "conservative: its entry failed a check (causality) and still decides; see"
    said += " `jstock strategies check --all`"
    assert any(alert.startswith(said) for alert in alerts)


def test_an_exit_has_failed_where_one_of_its_layers_has(desk: Path, capsys) -> None:
    with_plugin(desk)
    leaving_by(desk, "boom")
    assert jstock("strategies", "check", "boom", root=desk) == ExitStatus.REFUTED
    capsys.readouterr()
    opened = open_desk(desk, now=NEXT_MORNING)
    proven = group_certificates(opened.workspace.certificates, opened.groups)["conservative"]["exit"]
    assert isinstance(proven, dict)
    assert proven["failed"].split(", ") == list(CHECKS)


def test_a_planted_fault_fails_the_command_and_is_named(new: Path, capsys) -> None:
    with_plugin(new, "peeks")
    assert jstock("strategies", "check", "Peeks", root=new) == ExitStatus.REFUTED
    shown = capsys.readouterr().out
    assert "FAILED" in shown
    assert "Peeks, causality:" in shown


@pytest.mark.parametrize("name", ["falls_tomorrow", "crash_ahead", "doubles"])
def test_a_fault_of_any_kind_of_rule_fails_the_command(new: Path, capsys, name: str) -> None:
    with_plugin(new, "guards")
    assert jstock("strategies", "check", name, root=new) == ExitStatus.REFUTED
    shown = " ".join(capsys.readouterr().out.split())
    assert "FAILED" in shown
    assert "no start length of a" in shown
    assert f"{name}, causality:" in shown or f"{name}, independence:" in shown


def test_a_filter_is_checked_as_groups_declare_it(new: Path, capsys) -> None:
    """A rule without defaults cannot be tried by its name alone."""
    assert jstock("strategies", "check", "min_turnover", root=new) == ExitStatus.USAGE
    assert "no group declares it" in " ".join(capsys.readouterr().err.split())
    with (new / GROUP).open("a", encoding="utf-8") as file:
        file.write("\nfilters: [{use: min_turnover, yen: 100_000_000, mode: shadow}]\n")
    assert jstock("strategies", "check", "min_turnover", "--json", root=new) == ExitStatus.OK
    [made] = json.loads(capsys.readouterr().out)["certificates"]
    assert (made["kind"], made["parameters"]) == ("filter", {"use": "min_turnover", "yen": 1e8})
    assert [one["name"] for one in made["checks"]] == [
        "causality", "determinism", "independence", "dead signals",
    ]  # fmt: skip


def test_the_guide_s_rule_passes_on_the_same_ground_at_the_command_line_as_in_the_lab(
    new: Path, capsys
) -> None:
    """A rule that is silent in most stocks is sound; nothing is fetched into a desk that has a market."""
    notebook = Path(__file__).parents[3] / "notebooks" / "guide_strategy.ipynb"
    cells = {cell["id"]: "".join(cell["source"]) for cell in json.loads(notebook.read_text("utf-8"))["cells"]}
    source = cells["rule"].partition("\n")[2]
    (new / "params" / "my_rules.py").write_text(source, encoding="utf-8")
    with (new / "params" / "desk.yaml").open("a", encoding="utf-8") as file:
        file.write("\nplugins: [params/my_rules.py]\n")
    assert jstock("strategies", "check", "Pullback", "--json", root=new) == ExitStatus.OK
    [made] = json.loads(capsys.readouterr().out)["certificates"]
    stored = open_desk(new, now=MORNING).store.read().last("bars")
    assert cli(["strategies", "check", "Pullback", "--json", "--workspace", str(new)]) == ExitStatus.OK
    [later] = json.loads(capsys.readouterr().out)["certificates"]
    assert open_desk(new, now=MORNING).store.read().last("bars") == stored
    assert later == made
    lab = open_lab(new, now=MORNING)
    assert lab.check("Pullback").as_json() == {**made, "source": ANY, "sha256": ANY}


def test_the_names_known_are_listed_once(new: Path, capsys) -> None:
    assert jstock("strategies", "check", "nosuch", root=new) == ExitStatus.USAGE
    names = "".join(capsys.readouterr().err.split()).partition("known:")[2].split(",")
    assert names.count("ATRExit") == names.count("LayeredExit") == 1
    assert len(names) == len(set(names))


def test_a_rule_that_is_not_known_is_named_with_what_was_meant(new: Path, capsys) -> None:
    assert jstock("strategies", "check", "SimpelScorer", root=new) == ExitStatus.USAGE
    assert 'did you mean "SimpleScorer"?' in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["SimpleScorer", "--all"]])
def test_a_check_of_nothing_or_of_both_is_refused(new: Path, capsys, arguments: list[str]) -> None:
    assert jstock("strategies", "check", *arguments, root=new) == ExitStatus.USAGE
    assert "either the NAME of a rule or --all" in capsys.readouterr().err


# List and handbook


def test_the_list_has_every_rule_and_who_uses_it(new: Path, capsys) -> None:
    with_plugin(new)
    assert cli(["strategies", "list", "--json", "--workspace", str(new)]) == ExitStatus.OK
    rules = {(rule["kind"], rule["name"]): rule for rule in json.loads(capsys.readouterr().out)["rules"]}
    assert rules["entry", "SimpleScorer"]["groups"] == ["conservative"]
    assert rules["layer", "stop_loss"]["groups"] == ["conservative"]
    assert rules["layer", "hard_stop"]["groups"] == ["aggressive"]
    assert rules["sizing", "equal_weight"]["groups"] == ["aggressive", "conservative"]
    assert rules["filter", "min_turnover"]["groups"] == []
    assert rules["entry", "Chance"]["origin"] == "params/mine.py"
    assert rules["entry", "SimpleScorer"]["origin"] == "built in"
    threshold = rules["entry", "SimpleScorer"]["parameters"][0]
    assert (threshold["name"], threshold["default"], threshold["range"]) == (
        "buy_threshold",
        "65",
        "1 to 100",
    )


def test_the_list_and_the_handbook_have_features_of_plug_ins_too(new: Path, capsys) -> None:
    with_plugin(new, "features")
    assert cli(["strategies", "list", "--json", "--workspace", str(new)]) == ExitStatus.OK
    features = {each["name"]: each for each in json.loads(capsys.readouterr().out)["features"]}
    assert (features["rsi"]["unit"], features["rsi"]["needs"], features["rsi"]["origin"]) == (
        "percent",
        14,
        "built in",
    )
    own = [each for each in features.values() if each["origin"] == "params/mine.py"]
    assert own
    assert all(each["formula"] for each in own)
    assert cli(["strategies", "docs", "--workspace", str(new)]) == ExitStatus.OK
    text = (new / "docs" / "strategies.md").read_text(encoding="utf-8")
    assert f"| {own[0]['name']} (params/mine.py) | {own[0]['unit']} |" in text
    capsys.readouterr()
    assert cli(["strategies", "list", "--workspace", str(new)]) == ExitStatus.OK
    assert "Wilder's RSI" in " ".join(capsys.readouterr().out.split())


def test_the_list_needs_no_workspace(tmp_path: Path, capsys, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JSTOCK_WORKSPACE", raising=False)
    assert cli(["strategies", "list"]) == ExitStatus.OK
    assert "SimpleScorer" in capsys.readouterr().out


def test_the_handbook_has_the_rules_of_plug_ins_too(new: Path, capsys) -> None:
    with_plugin(new)
    assert cli(["strategies", "docs", "--workspace", str(new)]) == ExitStatus.OK
    text = (new / "docs" / "strategies.md").read_text(encoding="utf-8")
    assert "### TooYoung" in text
    assert "### SimpleScorer" in text


# Bad input in group files


@pytest.mark.parametrize(("old", "wrong", "words"), [
    ("use: SimpleScorer", "use: SimpelScorer", 'did you mean "SimpleScorer"'),
    ("buy_threshold:", "buy_treshold:", 'unknown key; did you mean "buy_threshold"'),
    ("buy_threshold: 55", "buy_threshold: 155", "expected at most 100, got 155"),
    ("stop_loss_pct: 8", "stop_loss_pct: 0.08", "did you mean 8?"),
    ("buy_threshold: 55", "weights: {technical: 0.5, institutional: 0.4, fundamental: 0.2, volatility: 0.1}",
     "the weights must sum to 1, they sum to 1.2"),
    ("use: equal_weight", "use: equal_wait", 'did you mean "equal_weight"'),
])  # fmt: skip
def test_a_mistake_in_a_group_file_is_named(new: Path, capsys, old: str, wrong: str, words: str) -> None:
    edited(new, GROUP, old, wrong)
    assert jstock("daily", root=new) == ExitStatus.PARAMS
    shown = " ".join(capsys.readouterr().err.split())
    assert words in shown
    assert "conservative.yaml" in shown


def test_an_empty_layer_list_is_refused(new: Path) -> None:
    text = (new / GROUP).read_text(encoding="utf-8")
    start, end = text.index("exit:"), text.index("sizing:")
    (new / GROUP).write_text(text[:start] + "exit: []\n\n" + text[end:], encoding="utf-8")
    with pytest.raises(ParamsError, match="an exit without layers never sells"):
        open_desk(new, now=MORNING)


def test_a_feature_of_a_plug_in_is_checked_by_its_name(new: Path, capsys) -> None:
    with_plugin(new, "features")
    assert jstock("strategies", "check", "high_52w_distance", "--json", root=new) == ExitStatus.OK
    [made] = json.loads(capsys.readouterr().out)["certificates"]
    assert (made["kind"], made["parameters"]["needs"]) == ("feature", 250)
    assert [one["name"] for one in made["checks"]] == list(needed_checks("feature"))
    assert jstock("strategies", "check", "high_52w_distant", root=new) == ExitStatus.USAGE
    assert 'did you mean "high_52w_distance"?' in capsys.readouterr().err
