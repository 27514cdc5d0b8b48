"""Certificates: built-in rules have them, and every planted fault is caught by its check."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from jstock_core.base.clock import JST
from jstock_core.base.errors import DataError
from jstock_core.execution.sizing import make_sizing
from jstock_core.market.calendar import tse
from jstock_core.market.panel import Panel
from jstock_core.research.certificates.certificate import Certificate
from jstock_core.research.certificates.certify import certify
from jstock_core.research.certificates.ground import Ground, select_stocks
from jstock_core.research.certificates.identity import declaration, source_sha256
from jstock_core.research.certificates.needed import APART, CHECKS, needed_checks
from jstock_core.research.certificates.store import add_certificate, valid_certificate
from jstock_core.signals.language.plugins import load_rules
from jstock_core.signals.language.registry import Rules
from jstock_core.signals.library.handbook import HOW
from jstock_core.signals.library.make import make_entry, make_exit, make_filters, make_protections
from tests.rules import ENTRIES, EXITS, FILTERS, LAYERS, PROTECTIONS, SIZINGS

PLANTS = Path(__file__).parents[1] / "plants"
NAMES = ("peeks", "normalises", "remembers", "faults", "guards", "features", "compares")
ALL = ("causality", "start length", "determinism", "independence", "dead signals", "quiet rows")
GUARDS = {
    "min_turnover": {"yen": 500_000_000},
    "price_range": {"low": 500, "high": 5000},
    "atr_ratio_band": {"low_pct": 1.5, "high_pct": 3},
    "sector_cap": {"positions": 2},
    "earnings_within": {"days": 14},
    "cool_down": {"sessions": 20},
    "blocked_codes": {"codes": ["7203"]},
    "stop_streak": {"stops": 2, "sessions": 10, "pause": 5},
    "drawdown": {"depth_pct": 5, "sessions": 60},
    "market_trend": {"average": 50},
}
"""Parameters for rules that have no defaults."""
BUILT_IN = (
    [("entry", name) for name in ENTRIES]
    + [("exit", name) for name in EXITS]
    + [("layer", n) for n in LAYERS]
    + [("filter", n) for n in FILTERS]
    + [("protection", n) for n in PROTECTIONS]
    + [("sizing", n) for n in SIZINGS]
)


@pytest.fixture(scope="module")
def panel(shared_desk) -> Panel:
    """Five simulated years of every third stock."""
    whole = shared_desk(ready="fetched").panel()
    return select_stocks(whole, range(0, len(whole.listings), 3))


@pytest.fixture(scope="module")
def ground(panel: Panel) -> Ground:
    return Ground.of(panel)


PLANTED = load_rules(PLANTS, [f"{name}.py" for name in NAMES])
"""Built-in rules, and the faulty ones as a third party's files."""


def make(kind: str, name: str, rules: Rules = PLANTED, **parameters: object):
    if kind == "feature":
        return rules.features[name]
    if kind == "entry":
        return make_entry({"use": name, **parameters}, "test", rules)
    if kind == "exit":
        return make_exit({"use": name, **parameters}, "test", rules=rules)
    if kind == "sizing":
        return make_sizing({"use": name, **parameters}, "test", rules)
    if kind in ("filter", "protection"):
        listed = [{"use": name, **GUARDS.get(name, {}), **parameters}]
        [guard] = (make_filters if kind == "filter" else make_protections)(listed, "test", rules)
        return guard.rule
    return make_exit([{"layer": name, **parameters}], "test", rules=rules).layers[0]


def check(certificate: Certificate, name: str):
    return next(check for check in certificate.checks if check.name == name)


@pytest.mark.parametrize(("kind", "name"), BUILT_IN)
def test_every_built_in_rule_passes_every_check(kind: str, name: str, ground: Ground) -> None:
    certificate = certify(make(kind, name), ground)
    assert certificate.passed, [c for c in certificate.checks if not c.passed]
    assert tuple(c.name for c in certificate.checks) == needed_checks(kind)
    assert (certificate.kind, certificate.rule) == (kind, name)


@pytest.mark.parametrize(
    ("kind", "name", "failed", "words"),
    [
        ("entry", "Peeks", "causality", "buy: with what was known then False, with all the data True"),
        ("entry", "Normalises", "causality", "with what was known then"),
        ("layer", "remembers", "independence", "when asked otherwise"),
        ("entry", "Chance", "determinism", "score: first"),
        ("entry", "Neighbours", "independence", "when asked otherwise"),
        ("entry", "Neighbours", "independence", "declare `compares = True` in it"),
        ("entry", "Crowd", "independence", "when asked otherwise"),
        ("entry", "TooYoung", "start length", "5 bars are too few"),
        ("entry", "HalfDead", "dead signals", "lucky is constant in 100 % of the stocks"),
        ("entry", "HalfDead", "dead signals", "gone is missing in 100 % of the stocks"),
        ("entry", "Writes", "causality", "read-only"),
        ("entry", "Shapeless", "causality", "has shape"),
        ("entry", "Raises", "determinism", "raised KeyError"),
        ("layer", "always", "dead signals", "always raised AttributeError"),
        ("feature", "ranks_by_all_bars", "causality", "value: with what was known then"),
        ("feature", "beside_its_neighbours", "independence", "value: first"),
        ("feature", "by_the_dice", "determinism", "value: first"),
        ("feature", "another_each_process", "determinism", "in another process"),
        ("feature", "slow_to_settle", "start length", "5 bars are too few"),
        ("feature", "stands_still", "dead signals", "constant in 100 % of the stocks"),
        ("feature", "never_there", "dead signals", "missing in 100 % of the stocks"),
        ("feature", "raises", "causality", "raised ZeroDivisionError"),
        ("filter", "falls_tomorrow", "causality", "refused: with what was known then False, with all"),
        ("filter", "by_lot", "determinism", "refused: first"),
        ("filter", "every_third", "independence", "when asked otherwise"),
        ("filter", "not_the_dearest", "independence", "when asked otherwise"),
        ("filter", "nothing_will_do", "dead signals", "it refuses every stock"),
        ("filter", "divides", "causality", "filter divides raised ZeroDivisionError"),
        ("filter", "yes_or_no", "dead signals", "filter yes_or_no answered True, not a reason"),
        ("protection", "crash_ahead", "causality", "the group, paused: with what was known then False"),
        ("protection", "coin", "determinism", "the group, paused: first"),
        ("protection", "every_other", "independence", "the group, paused: first"),
        ("protection", "index_of_none", "dead signals", "protection index_of_none raised KeyError"),
        ("sizing", "dice", "determinism", "shares: first"),
        ("sizing", "doubles", "independence", "shares: first"),
        ("sizing", "stingy", "dead signals", "it gives every candidate 0 shares"),
        ("sizing", "halves", "determinism", "the sizing Halves wants 0.5 shares"),
    ],
)
def test_a_planted_fault_is_caught_by_its_check(
    kind: str, name: str, failed: str, words: str, ground: Ground
) -> None:
    certificate = certify(make(kind, name), ground)
    assert not certificate.passed
    assert failed in certificate.failed
    assert words in " ".join(check(certificate, failed).findings)


@pytest.mark.parametrize(("kind", "name", "only"), [
    ("entry", "Peeks", "causality"), ("layer", "remembers", "independence"),
    ("entry", "TooYoung", "start length"), ("entry", "HalfDead", "dead signals"),
    ("filter", "falls_tomorrow", "causality"),
    ("filter", "every_third", "independence"), ("filter", "not_the_dearest", "independence"),
    ("filter", "nothing_will_do", "dead signals"), ("protection", "crash_ahead", "causality"),
    ("protection", "every_other", "independence"), ("sizing", "doubles", "independence"),
    ("sizing", "stingy", "dead signals"),
])  # fmt: skip
def test_a_fault_is_named_by_its_check_alone(kind: str, name: str, only: str, ground: Ground) -> None:
    assert certify(make(kind, name), ground).failed == (only,)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("boom", "boom raised ValueError: my own bug ("),
        ("misspelt", "misspelt: no feature is called 'rsii'; did you mean \"rsi\"? ("),
        ("a_third", "a_third: sell_pct is 33, not 25, 50, 75 or 100 ("),
        ("raises", "raises raised ZeroDivisionError: division by zero ("),
    ],
)
def test_what_was_never_evaluated_passes_nothing_and_says_why(name: str, words: str, ground: Ground) -> None:
    """Each check names the exception with the plug-in's file and line."""
    certificate = certify(make("layer", name), ground)
    assert certificate.failed == ALL
    for one in certificate.checks:
        assert one.findings[0].startswith(f"it could not be evaluated: {words}")
        file, line = one.findings[0].rstrip(")").rsplit("(", 1)[1].rsplit(":", 1)
        assert Path(file).name == "faults.py"
        assert int(line) > 0


def test_a_broken_layer_among_others_is_named_with_its_exception(ground: Ground) -> None:
    rule = make_exit([{"layer": "stop_loss"}, {"layer": "boom"}], "test", rules=PLANTED)
    dead = check(certify(rule, ground), "dead signals")
    assert "boom cannot be evaluated in 100 % of the positions: boom raised ValueError: my own bug (" in (
        " ".join(dead.findings)
    )


def test_a_peek_is_shown_with_its_session_and_stock(ground: Ground) -> None:
    first = check(certify(make("entry", "Peeks"), ground), "causality").findings[0]
    session, code = first.split(",")[0].split()
    assert tse().session(datetime.fromisoformat(session).date())
    assert code in ground.whole.panel.column


def test_a_certificate_can_be_made_again_and_hashes_all_it_says(panel: Panel, ground: Ground) -> None:
    rule = make("entry", "SimpleScorer")
    first, again = certify(rule, ground), certify(rule, Ground.of(panel))
    assert first == again
    assert first.sha256 == again.sha256
    others = (make("entry", "SimpleScorer", buy_threshold=66), make("entry", "EnhancedScorer"))
    assert len({first.sha256, *(certify(other, ground).sha256 for other in others)}) == 3
    assert certify(rule, Ground.of(panel, seed=1)).sha256 != first.sha256


def test_a_certificate_is_plain_json(ground: Ground) -> None:
    certificate = certify(
        make_exit([{"layer": "stop_loss"}, {"layer": "weakness", "flows": "simple"}], "test"), ground
    )
    plain = json.loads(json.dumps(certificate.as_json(), allow_nan=False))
    assert plain["passed"] is True
    assert plain["sha256"] == certificate.sha256
    assert plain["rule"] == "layers"
    assert [layer["layer"] for layer in plain["parameters"]["listed"]] == ["stop_loss", "weakness"]
    assert plain["data"] == dict(ground.whole.panel.source.snapshot)


def test_guards_were_tried_on_both_sides(ground: Ground) -> None:
    """The invented groups are stopped, lose money and fill sectors, so that every guard says both."""
    for kind, rules in (("filter", FILTERS), ("protection", PROTECTIONS)):
        built_in = [name for name, rule in rules.items() if rule.__module__.startswith("jstock_core.")]
        for name in built_in:
            found_ = check(certify(make(kind, name), ground), "dead signals").findings
            assert not found_ or name == "blocked_codes", (name, found_)


def test_a_check_that_does_not_apply_is_said_to_in_the_handbook() -> None:
    assert tuple(CHECKS) == ALL
    for (kind, name), why in APART.items():
        assert f"no {name}" in " ".join(HOW[kind].split())
        assert why in " ".join(HOW[kind].split())


def test_the_past_of_an_invented_group_ends_at_its_row(ground: Ground) -> None:
    view = ground.whole.view()
    for row, past in ground.pasts.items():
        group, today = past.standing(view), ground.whole.panel.session(row)
        assert group.stops
        assert max(stop.session for stop in group.stops) <= today
        assert group.codes < set(ground.thinned.panel.codes)
        assert len(group.worth(30)) == 30
        assert group.worth(1).tolist() == [1.0]


def test_what_never_fires_is_named_and_passes(ground: Ground) -> None:
    quiet = check(certify(make("layer", "stop_loss", loss_pct=50.0), ground), "dead signals")
    assert quiet.passed
    assert quiet.findings == ("never fired: stop_loss",)


def test_the_source_of_a_rule_counts(tmp_path: Path) -> None:
    """A third party's file, edited without changing what the rule does, is another source."""
    text = (PLANTS / "peeks.py").read_text(encoding="utf-8")
    hashes = set()
    for n, extra in enumerate(("", "\n# a comment\n", "")):
        path = tmp_path / "params" / "peeks.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text + extra, encoding="utf-8")
        rules = load_rules(tmp_path, ["params/peeks.py"])
        hashes.add((n % 2, source_sha256(make("entry", "Peeks", rules))))
    assert len(hashes) == 2
    assert len({digest for _, digest in hashes}) == 2


def test_parameters_name_the_rules_inside() -> None:
    weights = {"technical": 0.4, "institutional": 0.3, "fundamental": 0.2, "volatility": 0.1}
    assert declaration(make("entry", "SimpleScorer")) == {
        "use": "SimpleScorer", "buy_threshold": 65, "weights": weights, "flows": "simple"
    }  # fmt: skip


def test_a_certificate_is_found_by_source_and_parameters(tmp_path: Path, ground: Ground) -> None:
    rule = make("entry", "SimpleScorer", buy_threshold=64)  # none comes with the package
    assert valid_certificate(tmp_path, rule) is None
    certificate = certify(rule, ground)
    add_certificate(tmp_path, certificate)
    add_certificate(tmp_path, certificate)
    assert valid_certificate(tmp_path, rule) == certificate.sha256
    assert valid_certificate(tmp_path, make("entry", "SimpleScorer", buy_threshold=71)) is None
    stored = json.loads((tmp_path / "SimpleScorer.json").read_text(encoding="utf-8"))
    assert len(stored["certificates"]) == 1


def test_a_certificate_that_failed_certifies_nothing(tmp_path: Path, ground: Ground) -> None:
    rule = make("entry", "Peeks")
    add_certificate(tmp_path, certify(rule, ground))
    assert valid_certificate(tmp_path, rule) is None


def test_a_newer_certificate_replaces_an_older_one_and_keeps_it_on_file(
    tmp_path: Path, panel: Panel, ground: Ground
) -> None:
    rule = make("layer", "stop_loss")
    add_certificate(tmp_path, certify(rule, ground))
    newer = certify(rule, Ground.of(panel, seed=3, cuts=5))
    add_certificate(tmp_path, newer)
    assert valid_certificate(tmp_path, rule) == newer.sha256
    assert len(json.loads((tmp_path / "stop_loss.json").read_text(encoding="utf-8"))["certificates"]) == 2


def test_unreadable_certificates_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "stop_loss.json").write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match="not readable"):
        valid_certificate(tmp_path, make("layer", "stop_loss"))


def test_too_little_history_is_refused(panel: Panel) -> None:
    early = panel.known_at(datetime(2021, 3, 1, 7, tzinfo=JST))
    with pytest.raises(DataError, match="too few to certify"):
        Ground.of(early)


def test_a_start_length_that_cannot_be_measured_is_not_passed(panel: Panel) -> None:
    """With 150 sessions no stock has more than the 200 bars that a scorer declares."""
    early = panel.known_at(datetime(2021, 8, 20, 7, tzinfo=JST))
    certificate = certify(make("entry", "SimpleScorer"), Ground.of(early))
    assert "no stock has more than 200 bars" in check(certificate, "start length").findings
    assert not certificate.passed


def test_the_rules_in_the_documentation_pass_every_check(tmp_path: Path, ground: Ground) -> None:
    text = (Path(__file__).parents[2] / "docs" / "own_rules.md").read_text(encoding="utf-8")
    path = tmp_path / "own.py"
    path.write_text(text.partition("```python\n")[2].partition("```")[0], encoding="utf-8")
    features = text.partition("## Features of your own")[2].partition("```python\n")[2].partition("```")[0]
    (tmp_path / "features.py").write_text(features, encoding="utf-8")
    compared = text.partition("## Stocks compared")[2].partition("```python\n")[2].partition("```")[0]
    (tmp_path / "compared.py").write_text(compared, encoding="utf-8")
    told = text.partition("## A layer that tells")[2].partition("```python\n")[2].partition("```")[0]
    (tmp_path / "told.py").write_text(told, encoding="utf-8")
    rules = load_rules(tmp_path, ["own.py", "features.py", "compared.py", "told.py"])
    for kind, name in (
        ("filter", "not_overheated"), ("protection", "losing"), ("sizing", "fixed_yen"),
        ("feature", "high_52w_distance"), ("entry", "NearHigh"), ("entry", "Leaders"),
        ("layer", "weak"),
    ):  # fmt: skip
        certificate = certify(make(kind, name, rules), ground)
        assert certificate.passed, [c for c in certificate.checks if not c.passed]


@pytest.mark.parametrize(("kind", "name"), [("feature", "high_52w_distance"), ("entry", "NearHigh")])
def test_a_feature_and_a_rule_that_reads_it_pass_every_check(
    kind: str, name: str, ground: Ground, tmp_path: Path
) -> None:
    certificate = certify(make(kind, name), ground)
    add_certificate(tmp_path, certificate)
    assert valid_certificate(tmp_path, make(kind, name)) == certificate.sha256
    assert certificate.passed, [c for c in certificate.checks if not c.passed]
    assert tuple(c.name for c in certificate.checks) == needed_checks(kind)
    assert certificate.kind == kind


def test_a_feature_is_certified_as_it_is_written(tmp_path: Path) -> None:
    text = (PLANTS / "features.py").read_text(encoding="utf-8")
    hashes = []
    for number, changed in enumerate((text, text.replace("max(250)", "max(240)"))):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "features.py").write_text(changed, encoding="utf-8")
        rules = load_rules(folder, ["features.py"])
        hashes.append(source_sha256(rules.features["high_52w_distance"]))
        hashes.append(source_sha256(make("entry", "NearHigh", rules)))
    assert len(set(hashes)) == 2, "a rule has the source of the features beside it"


@pytest.mark.parametrize(("name", "noted"), [
    ("Leaders", False), ("SectorLeaders", False), ("Loner", True),
])  # fmt: skip
def test_a_rule_that_compares_stocks_and_says_so_passes(name: str, noted: bool, ground: Ground) -> None:
    """It says something else of fewer stocks; of stocks that never trade it takes no notice."""
    certificate = certify(make("entry", name), ground)
    assert certificate.passed, [c for c in certificate.checks if not c.passed]
    found = check(certificate, "independence")
    assert "among stocks that never trade" in found.measured
    assert bool(found.findings) == noted
