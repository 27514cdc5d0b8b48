"""The check of a rule: it passes what is sound, and says in words what is not."""

from __future__ import annotations

import numpy as np
import pytest

from jstock_core.base.errors import ParamsError, UsageError
from jstock_core.signals.language.entry import Entry, EntryOpinions
from jstock_core.signals.language.layer import Layer
from jstock_core.signals.language.registry import entry
from jstock_core.signals.library.layers import StopLoss
from jstock_core.testing import check_rule
from tests.rules import forgetting_rules


def test_a_sound_rule_has_a_certificate():
    assert check_rule(StopLoss, {"loss_pct": 5}).passed


@pytest.fixture
def peeking():
    """An entry that looks at the next session, gone afterwards."""

    with forgetting_rules():

        @entry("LooksAhead")
        class LooksAhead(Entry):
            """Buy what rises tomorrow."""

            def evaluate(self, view):
                close = view.panel.close
                tomorrow = np.vstack([close[1:], np.full((1, close.shape[1]), np.nan)])
                rises = (tomorrow > close)[view.rows] & view.has_bar
                none = np.full(view.shape, np.nan)
                return EntryOpinions(rises, none, none, rises * 0.9, {}, lambda row, n: "it will rise")

        yield LooksAhead


def test_a_rule_that_sees_the_future_is_told_so(peeking):
    """A class inside a function is in no other process: that is said, too."""
    said = r"(?s)failed causality, determinism\n.* with what was known then False, with all"
    with pytest.raises(AssertionError, match=said):
        check_rule(peeking)


def test_a_wrong_parameter_is_named():
    with pytest.raises(ParamsError, match="loss: unknown key"):
        check_rule(StopLoss, {"loss": 5})


def test_a_class_without_a_name_is_refused():
    class Bare(Layer):
        pass

    with pytest.raises(UsageError, match="Bare is not registered"):
        check_rule(Bare)
