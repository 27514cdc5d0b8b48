"""What is told along rows is held against what is said on each of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from jstock_core.base.contain import PlugInError
from jstock_core.research.certificates.certify import certify
from jstock_core.research.certificates.ground import Ground, select_stocks
from jstock_core.research.certificates.quiet import LENGTH, POSITIONS, quiet_rows
from jstock_core.signals.language.exit import Exit, ExitOpinion
from jstock_core.signals.language.plugins import load_rules
from jstock_core.signals.library.exits import LayeredExit, Layers
from jstock_core.signals.library.layers import StopLoss
from jstock_core.signals.library.make import make_exit
from jstock_core.testing import with_split

PLANTED = load_rules(Path(__file__).parents[2] / "plants", ["along.py"])
ADVICE = "without a `fires` it is asked on every row, which is slower and never wrong"


@pytest.fixture(scope="module")
def panel(shared_desk):
    whole = shared_desk(ready="fetched").panel()
    return select_stocks(whole, range(0, len(whole.listings), 6))


@pytest.fixture(scope="module")
def ground(panel):
    return Ground.of(panel)


def planted(*names: str) -> Exit:
    return make_exit([{"layer": name} for name in names], "test", rules=PLANTED)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("weak_at_first", "SELL_100%, where its fires says that it holds"),
        ("weaker", "HOLD, where its fires says that it sells or is unknown"),
        ("weak_once", "HOLD, where its fires says that it sells or is unknown"),
        ("weak_again", "SELL_100%, where its fires says that it holds"),
    ],
)
def test_a_row_that_is_told_wrongly_fails_and_is_named(name, words, ground):
    """Rows that are missed come first, with session and stock; three are spelt out."""
    [layer] = planted(name).layers
    found = quiet_rows(layer, ground)
    assert not found.passed
    first, *_, more, advice = found.findings
    session, code = first.split(",")[0].split()
    assert code in ground.whole.panel.column
    assert np.datetime64(session) in ground.whole.view().sessions
    assert first.endswith(f", {name}: {words}")
    assert (more.startswith("and "), advice) == (True, ADVICE)


def test_nothing_else_is_found_against_a_layer_whose_rows_are_wrong(ground):
    [layer] = planted("weak_at_first").layers
    assert certify(layer, ground).failed == ("quiet rows",)


def test_a_layer_that_tells_rows_as_they_are_is_certified(ground):
    [layer] = planted("weak").layers
    certificate = certify(layer, ground)
    assert certificate.passed, [c for c in certificate.checks if not c.passed]
    [quiet] = [check for check in certificate.checks if check.name == "quiet rows"]
    positions = len(ground.rows) * POSITIONS
    answers, _, _, followed, _, silent = quiet.measured.split()[:6]
    assert int(followed) == positions
    assert 0 < int(silent) < int(answers)
    assert not quiet.findings


def test_a_layer_that_tells_nothing_along_rows_passes(ground):
    found = quiet_rows(planted("weak_one_by_one").layers[0], ground)
    assert (found.passed, found.measured, found.findings) == (True, "asked on every row", ())


def test_a_layer_is_named_in_its_exit_also_where_one_before_it_hides_its_rows(ground):
    exit_ = planted("weak_one_by_one", "weak", "weak_at_first")
    found = quiet_rows(exit_, ground)
    assert not found.passed
    assert all(", weak_at_first: " in finding for finding in found.findings[:3])


def test_what_raises_along_rows_is_named_with_its_line(ground):
    [finding] = quiet_rows(planted("weak_by_name").layers[0], ground).findings
    assert finding.startswith("weak_by_name: its fires ")
    assert "no feature is called 'rsii'" in finding
    assert "along.py:" in finding


class Cautious(LayeredExit):
    """An exit with its own rows, all of them wrong."""

    def fires(self, view, rows, holding):
        return np.zeros(rows.stop - rows.start, dtype=np.bool_)


class Listing(LayeredExit):
    """An exit that gives numbers in a list."""

    def fires(self, view, rows, holding):
        return [0] * (rows.stop - rows.start)


class Talking(LayeredExit):
    """An exit that prints."""

    def fires(self, view, rows, holding):
        print("looking ahead")  # noqa: T201 (what is tested)
        return super().fires(view, rows, holding)


class Otherwise(Cautious):
    """An exit that is never looked at along rows, for its opinion is its own."""

    def opinion(self, view, row, holding):
        return ExitOpinion.hold("ever")


def test_an_exit_with_rows_of_its_own_is_asked_as_a_whole(ground):
    found = quiet_rows(Cautious(), ground)
    assert not found.passed
    assert all(", LayeredExit: SELL_" in finding for finding in found.findings[:3])
    assert quiet_rows(LayeredExit(), ground).passed
    assert quiet_rows(Otherwise(), ground).passed


def test_what_is_no_bool_a_row_is_named(ground):
    [finding] = quiet_rows(Listing(), ground).findings
    assert f"it gave list, and not an array of {LENGTH} bools" in finding


def test_what_prints_along_rows_cannot_be_evaluated(ground):
    with pytest.raises(PlugInError, match="prints"):
        quiet_rows(Talking(), ground)


def test_a_position_is_followed_up_to_the_session_its_stock_goes_ex(panel, ground):
    """From then on its entry price is another one, and a backtest looks anew."""
    split = panel
    for row, held in ground.holdings.items():
        for holding in held:
            split = with_split(split, holding.code, panel.session(row + 3), 0.5)
    some = Ground.of(split)
    layers = Layers((StopLoss(loss_pct=3),))
    assert quiet_rows(layers, some).passed
    assert int(quiet_rows(layers, some).measured.split()[0]) < len(some.rows) * POSITIONS * LENGTH / 2
