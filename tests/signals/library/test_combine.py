"""Entries made of entries: what a vote, all and any of them say, against arithmetic over the members."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pydantic import ValidationError

from jstock_core.base.clock import JST
from jstock_core.base.errors import ParamsError
from jstock_core.signals.features.scores import ENHANCED
from jstock_core.signals.features.view import View
from jstock_core.signals.language import answers
from jstock_core.signals.language.entry import Entry, EntryOpinions
from jstock_core.signals.language.registry import entry
from jstock_core.signals.library.combine import AllOf, AnyOf, Member, Vote
from jstock_core.signals.library.make import make_entry, make_exit
from tests.rules import COMBINATIONS, forgetting_rules
from tests.signals.panels import random_panel, same_bits, view_of

VIEW = view_of(random_panel(1))
CROSS = {"use": "MACDCrossover", "min_confidence": 0.1}
SCORE = {"use": "SimpleScorer", "buy_threshold": 50}
CLOUD = {"use": "IchimokuStoch", "min_confidence": 0.2}
MEMBERS = (SCORE, CROSS, CLOUD)


def told(data, view: View = VIEW) -> EntryOpinions:
    return answers.entry_opinions(make_entry(data, "test"), view)


ALONE = [told(member) for member in MEMBERS]
PLACES = [(row, n) for row in range(0, VIEW.shape[0], 7) for n in range(VIEW.shape[1])]


@pytest.fixture(autouse=True)
def _registry():
    """Rules registered in a test are forgotten after it."""
    with forgetting_rules():
        yield


# Vote


@pytest.mark.parametrize("threshold", [0.2, 0.5, 0.7, 1.0])
def test_a_vote_counts_the_weight_of_those_that_buy(threshold):
    weights = (0.5, 0.3, 0.2)
    listed = [m | {"weight": w} for m, w in zip(MEMBERS, weights, strict=True)]
    vote = told({"use": "Vote", "of": listed, "threshold": threshold})
    for at in PLACES:
        share = math.fsum(w for w, o in zip(weights, ALONE, strict=True) if o.buy[at])
        sure = sum(w * o.confidence[at] for w, o in zip(weights, ALONE, strict=True) if o.buy[at])
        score = sum(w * o.display[at] for w, o in zip(weights, ALONE, strict=True))
        bought = bool(VIEW.has_bar[at]) and share >= threshold - 1e-9
        assert bool(vote.buy[at]) == bought
        assert vote.score[at] == pytest.approx(score, abs=1e-8)
        assert vote.confidence[at] == pytest.approx(sure if bought else 0.0, abs=1e-8)


def test_the_vote_was_not_always_the_same():
    """The comparison above saw places of both kinds."""
    vote = told({"use": "Vote", "of": list(MEMBERS), "threshold": 0.5})
    assert 0.01 < vote.buy.mean() < 0.99


def test_a_threshold_that_is_just_reached_buys_and_one_above_does_not():
    of = [SCORE | {"weight": 0.6}, CROSS | {"weight": 0.4}]
    only_first = ALONE[0].buy & ~ALONE[1].buy
    assert only_first.any()
    assert told({"use": "Vote", "of": of, "threshold": 0.6}).buy[only_first].all()
    assert not told({"use": "Vote", "of": of, "threshold": 0.601}).buy[only_first].any()


def test_weights_are_relative_and_one_where_none_is_given():
    plain = told({"use": "Vote", "of": [SCORE, CROSS], "threshold": 0.5})
    heavy = told({"use": "Vote", "of": [SCORE | {"weight": 7}, CROSS | {"weight": 7.0}], "threshold": 0.5})
    assert same_bits(plain.buy, heavy.buy)
    assert np.allclose(plain.score, heavy.score)


# All, Any


def test_all_buys_where_every_member_does_and_is_as_good_as_the_worst():
    every = told({"use": "All", "of": list(MEMBERS[::2])})
    for at in PLACES:
        members = ALONE[::2]
        assert bool(every.buy[at]) == all(o.buy[at] for o in members)
        assert every.score[at] == pytest.approx(min(o.display[at] for o in members), abs=1e-8)
    assert every.buy.any()


def test_any_buys_where_one_member_does_and_is_as_good_as_the_best_of_those():
    some = told({"use": "Any", "of": list(MEMBERS)})
    for at in PLACES:
        buyers = [o for o in ALONE if o.buy[at]]
        assert bool(some.buy[at]) == bool(buyers)
        assert some.score[at] == pytest.approx(max(o.display[at] for o in buyers or ALONE), abs=1e-8)
        assert some.confidence[at] == pytest.approx(max((o.confidence[at] for o in buyers), default=0.0))


# What they share


def test_a_combination_of_one_buys_as_that_one():
    for name, more in (("Vote", {"threshold": 1.0}), ("All", {}), ("Any", {})):
        alone = told({"use": name, "of": [SCORE]} | more)
        assert same_bits(alone.buy, ALONE[0].buy)
        assert same_bits(alone.score, ALONE[0].score)
        assert same_bits(alone.opening, ALONE[0].opening)


def test_combinations_may_be_combined():
    nested = {"use": "All", "of": [{"use": "Any", "of": [CROSS, CLOUD]}, SCORE]}
    assert same_bits(told(nested).buy, (ALONE[1].buy | ALONE[2].buy) & ALONE[0].buy)


def test_the_opening_score_is_the_first_members_that_has_one():
    """A crossover has none, so an exit that watches the score is given the scorer's, before any penalty."""
    assert same_bits(told({"use": "Any", "of": [CROSS, SCORE]}).opening, ALONE[0].opening)
    assert np.isnan(told({"use": "Any", "of": [CROSS, CLOUD]}).opening).all()


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (1, 2, 0), (2, 1, 0)])
def test_the_opening_score_is_found_in_every_place(order):
    listed = [MEMBERS[n] for n in order]
    for of in (listed, [CLOUD, *listed], [CLOUD, CROSS, *listed]):
        assert same_bits(told({"use": "All", "of": of}).opening, ALONE[0].opening)


def test_of_two_openings_the_first_counts():
    strict = {"use": "EnhancedScorer"}
    assert same_bits(told({"use": "Any", "of": [strict, SCORE, CROSS]}).opening, told(strict).opening)


def test_a_member_without_a_weight_has_one():
    """3 of 4 is 0.75: neither 3 of 4.1 nor 3 of 3.9."""
    of = [SCORE | {"weight": 3}, CROSS]
    only_first = ALONE[0].buy & ~ALONE[1].buy
    assert told({"use": "Vote", "of": of, "threshold": 0.75}).buy[only_first].all()
    assert not told({"use": "Vote", "of": of, "threshold": 0.76}).buy[only_first].any()


def test_a_weight_is_1000_at_the_most():
    make_entry({"use": "Vote", "of": [SCORE | {"weight": 1000}], "threshold": 1}, "test")
    with pytest.raises(ParamsError, match="1000"):
        make_entry({"use": "Vote", "of": [SCORE | {"weight": 1000.5}], "threshold": 1}, "test")


@pytest.mark.parametrize("kind", [Vote, AllOf, AnyOf])
def test_a_combination_of_nothing_is_refused_in_code_too(kind):
    given = {"threshold": 0.5} if kind is Vote else {}
    with pytest.raises(ValidationError, match="at least 1"):
        kind(of=(), **given)


@pytest.mark.parametrize(("missing", "lacks"), [
    ((0.0, 3.0, None), 20.0), ((0.0, 0.0, 1.0), 0.0), ((1.0, -1.0, 0.1), 70.0), ((0.0, 3.0, 0.0), 0.0),
])  # fmt: skip
def test_a_vote_lacks_the_weight_up_to_its_threshold(missing, lacks):
    of = [m | {"weight": w} for m, w in zip(MEMBERS, (0.5, 0.3, 0.2), strict=True)]
    assert make_entry({"use": "Vote", "of": of, "threshold": 0.7}, "test").points_missing(missing) == lacks


@pytest.mark.parametrize("buys", [True, False])
def test_any_is_as_sure_as_those_that_buy(buys):
    """However little that is."""

    @entry("Meek")
    class Meek(Entry):
        """Buy everything, or nothing, and be sure of little."""

        def evaluate(self, view: View) -> EntryOpinions:
            nothing = np.zeros(view.shape)
            return EntryOpinions(view.has_bar & buys, nothing, nothing, nothing + 0.05, {}, lambda *_: "meek")

    found = AnyOf(of=(Member(entry=Meek()),)).combine([answers.entry_opinions(Meek(), VIEW)])[2]
    assert np.unique(found).tolist() == ([0.0, 0.05] if buys else [0.0])


def test_exits_take_the_weights_of_the_first_member_that_scores():
    both = make_entry({"use": "Any", "of": [CROSS, {"use": "EnhancedScorer"}, SCORE]}, "test")
    assert make_exit({"use": "ScoreBasedExit"}, "test", entry=both).weights == ENHANCED
    neither = make_entry({"use": "Any", "of": [CROSS, CLOUD]}, "test")
    assert not hasattr(neither, "weights")
    make_exit({"use": "ScoreBasedExit"}, "test", entry=neither)


def test_it_needs_the_bars_of_the_neediest_member():
    both = make_entry({"use": "Any", "of": [CLOUD, {"use": "BollingerSqueeze"}]}, "test")
    assert (both.needs, both.settles) == (50, 119)


def test_the_reason_quotes_every_member():
    opinions = told({"use": "Vote", "of": [SCORE, CROSS], "threshold": 0.5})
    row, n = np.argwhere(ALONE[0].buy & ~ALONE[1].buy)[0]
    first, second = ALONE[0].why(row, n), ALONE[1].why(row, n)
    assert opinions.why(row, n) == (
        f"vote 0.50 of 0.5: SimpleScorer buys ({first}); MACDCrossover does not ({second})"
    )
    row, n = np.argwhere(opinions.buy)[0]
    assert told({"use": "All", "of": [SCORE, CROSS]}).why(row, n).split(":")[0] in (
        "1 of 2 buy",
        "2 of 2 buy",
    )


def test_parts_are_the_members_and_twins_are_numbered():
    twins = told({"use": "Any", "of": [SCORE, SCORE | {"buy_threshold": 70}, CROSS]})
    assert list(twins.parts) == ["SimpleScorer 1", "SimpleScorer 2", "MACDCrossover"]
    assert same_bits(twins.parts["MACDCrossover"], ALONE[1].display)


@pytest.mark.parametrize("name", sorted(COMBINATIONS))
@pytest.mark.parametrize("row", [60, 211, 329])
def test_at_a_cut_it_says_what_it_says_in_the_whole(name, row):
    more = {"threshold": 0.4} if name == "Vote" else {}
    data = {"use": name, "of": list(MEMBERS)} | more
    panel = random_panel(1)
    moment = VIEW.decided_at[row].astype(object)
    then, whole = told(data, view_of(panel.known_at(moment.replace(tzinfo=JST)), row)), told(data)
    for array in ("buy", "score", "opening", "confidence"):
        assert same_bits(getattr(then, array)[0], getattr(whole, array)[row])
    assert [then.why(0, n) for n in range(VIEW.shape[1])] == [whole.why(row, n) for n in range(VIEW.shape[1])]


def test_a_member_that_answers_nonsense_is_named():
    @entry("Odd")
    class Odd(Entry):
        """Answers with nothing."""

        def evaluate(self, view):
            return None

    with pytest.raises(answers.RuleError, match="the entry Odd gave no usable opinions"):
        told({"use": "Any", "of": [SCORE, {"use": "Odd"}]})


# Bad input


@pytest.mark.parametrize(("data", "what", "where"), [
    ({"use": "Vot", "of": [SCORE]}, "unknown entry 'Vot'; did you mean \"Vote\"", "test"),
    ({"use": "Any"}, "of: a combination needs a list of at least one entry", "test, Any"),
    ({"use": "Any", "of": []}, "of: a combination needs a list of at least one entry", "test, Any"),
    ({"use": "Any", "of": "SimpleScorer"}, "of: a combination needs a list", "test, Any"),
    ({"use": "Any", "of": SCORE}, "of: a combination needs a list", "test, Any"),
    (
        {"use": "Any", "of": [SCORE, {"use": "SimpelScorer"}]},
        'did you mean "SimpleScorer"', "test, Any, of[1]",
    ),
    ({"use": "Any", "of": [SCORE, "MACDCrossover"]}, "no entry is named", "test, Any, of[1]"),
    (
        {"use": "All", "of": [SCORE | {"buy_treshold": 1}]},
        'buy_treshold: unknown key; did you mean "buy_threshold"', "test, All, of[0], SimpleScorer",
    ),
    (
        {"use": "All", "of": [{"use": "Any", "of": [SCORE, SCORE | {"buy_threshold": 0.65}]}]},
        "buy_threshold: expected at least 1",
        "test, All, of[0], Any, of[1], SimpleScorer",
    ),
    (
        {"use": "All", "of": [SCORE | {"weight": 2.0}]},
        "weight: unknown key", "test, All, of[0], SimpleScorer",
    ),
    ({"use": "Vote", "of": [SCORE]}, "threshold: required, but missing", "test, Vote"),
    ({"use": "Vote", "of": [SCORE], "threshold": 50}, "threshold: expected at most", "test, Vote"),
    ({"use": "Vote", "of": [SCORE], "threshold": 0}, "threshold: expected more than", "test, Vote"),
    (
        {"use": "Vote", "of": [SCORE | {"weight": 0.0}], "threshold": 0.5},
        "weight: expected more than 0", "test, Vote, of[0]",
    ),
    (
        {"use": "Vote", "of": [SCORE, SCORE | {"weight": -1}], "threshold": 0.5},
        "weight: expected more than 0", "test, Vote, of[1]",
    ),
    (
        {"use": "Vote", "of": [SCORE | {"weight": "2"}], "threshold": 0.5},
        "weight: expected a number", "test, Vote, of[0]",
    ),
    ({"use": "SimpleScorer", "of": [SCORE]}, "of: unknown key", "test, SimpleScorer"),
])  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(data, what, where):
    with pytest.raises(ParamsError) as caught:
        make_entry(data, "test")
    assert what in caught.value.what
    assert caught.value.where == where
