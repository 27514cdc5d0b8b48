"""Which BUY comes first: the four keys by the published vector, and ties that no list order decides."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jstock_core.execution.ranking import RANKERS, Merits, Ranking, ShuffledRanking
from jstock_core.execution.sizing import Candidate
from jstock_core.research.tied_mornings import TieWatch

NAN = float("nan")
SESSION = date(2026, 1, 21)
VECTORS = Path(__file__).parents[2].parent / "shared" / "strategy" / "reference_vectors.json"


def candidate(code: str, **more) -> Candidate:
    facts = {"score": 70.0, "confidence": 0.7, "momentum": 0.1, "turnover": 1e9, "atr": 20.0}
    return Candidate(code, **facts | more, price=Decimal(1000), unit=100)


def codes(ranking: Ranking, *candidates: Candidate) -> list[str]:
    return [c.code for c in ranking.rank(candidates, SESSION)]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("simple_score", 70.0),
        ("confidence_weighted", 49.0),
        ("risk_adjusted", 58.3333333333),
        ("composite", 72.0),
    ],
)
def test_the_published_example(key, value):
    """Score 70, confidence 0.7, ATR 2 at a close of 100."""
    one = Candidate("1001", 70.0, 0.7, 0.0, 0.0, 2.0, Decimal(100), 100)
    assert Ranking(by=key).value(one) == pytest.approx(value, abs=1e-9)


@pytest.mark.skipif(not VECTORS.exists(), reason="the reference vectors are not beside this checkout")
def test_the_reference_vector():
    vector = json.loads(VECTORS.read_text(encoding="utf-8"))["ranker"]
    given_ = vector["in"]
    one = Candidate(
        "1001", given_["score"], given_["confidence"], 0.0, 0.0, given_["atr"], Decimal(given_["close"]), 100
    )
    assert {key: Ranking(by=key).value(one) for key in vector["out"]} == pytest.approx(
        vector["out"], abs=1e-9
    )


def test_the_higher_score_comes_first():
    assert codes(Ranking(), candidate("1001", score=66.0), candidate("1002", score=68.0)) == ["1002", "1001"]


def test_ties_are_broken_in_the_declared_order():
    """Confidence, then momentum, then turnover, then the code."""
    a = candidate("1004")
    b = candidate("1003", turnover=2e9)
    c = candidate("1002", momentum=0.2, turnover=0.0)
    d = candidate("1001", confidence=0.8, momentum=0.0, turnover=0.0)
    e = candidate("1005")
    assert codes(Ranking(), a, b, c, d, e) == ["1001", "1002", "1003", "1004", "1005"]


def test_the_order_of_ties_is_a_parameter():
    a, b = candidate("1001", momentum=0.2, turnover=1e9), candidate("1002", momentum=0.1, turnover=2e9)
    assert codes(Ranking(), a, b) == ["1001", "1002"]
    assert codes(Ranking(ties=["turnover_median_20"]), a, b) == ["1002", "1001"]
    assert codes(Ranking(ties=[]), b, a) == ["1001", "1002"]


@pytest.mark.parametrize("missing", ["momentum", "turnover"])
def test_a_missing_tie_comes_last(missing):
    """Also after the lowest there is."""
    a, b = candidate("1001", **{missing: NAN}), candidate("1002", **{missing: -1e18})
    assert codes(Ranking(), a, b) == ["1002", "1001"]


@pytest.mark.parametrize("key", ["risk_adjusted", "composite"])
def test_a_candidate_without_an_atr_comes_last_where_risk_counts(key):
    a, b = candidate("1001", atr=NAN, score=100.0), candidate("1002", score=65.0)
    assert codes(Ranking(by=key), a, b) == ["1002", "1001"]


def test_scores_that_differ_in_float_noise_are_equal():
    """0.1 + 0.2 is 0.3: scores are rounded to nine decimals before they are compared, so the tie decides."""
    noisy = candidate("1001", score=70.00000000000001, momentum=0.0)
    assert codes(Ranking(), noisy, candidate("1002", score=70.0, momentum=0.1)) == ["1002", "1001"]


CANDIDATES = st.lists(
    st.builds(
        candidate,
        st.integers(1001, 1030).map(str),
        score=st.sampled_from([66.0, 68.0, 70.0]),
        confidence=st.sampled_from([0.66, 0.7]),
        momentum=st.sampled_from([0.0, 0.1, NAN]),
        atr=st.sampled_from([10.0, 20.0, NAN]),
    ),
    unique_by=lambda c: c.code,
)


@given(CANDIDATES, st.randoms(use_true_random=False), st.sampled_from(sorted(RANKERS)))
def test_the_order_of_the_list_never_decides(candidates, random, key):
    shuffled = list(candidates)
    random.shuffle(shuffled)
    assert codes(Ranking(by=key), *candidates) == codes(Ranking(by=key), *shuffled)


@given(CANDIDATES, st.integers(0, 199), st.sampled_from(sorted(RANKERS)))
def test_a_random_order_exchanges_equals_only(candidates, seed, key):
    shuffled = ShuffledRanking(by=key, seed=seed)
    ranked = shuffled.rank(candidates, SESSION)
    assert sorted(c.code for c in ranked) == sorted(c.code for c in candidates)
    values = [shuffled.value(c) for c in ranked]
    assert values == sorted(values, reverse=True)
    assert shuffled.rank(candidates[::-1], SESSION) == ranked


def test_equals_are_drawn_anew_each_session_and_seed():
    pair = candidate("1001"), candidate("1002")
    first = [ShuffledRanking(seed=seed).rank(pair, SESSION)[0].code for seed in range(200)]
    assert 70 < first.count("1001") < 130
    days = [SESSION + timedelta(n) for n in range(200)]
    assert 70 < [ShuffledRanking(seed=0).rank(pair, day)[0].code for day in days].count("1001") < 130


@pytest.mark.parametrize("by", ["simple_score", "confidence_weighted", "risk_adjusted", "composite"])
@pytest.mark.parametrize("ranking", [Ranking, lambda by: ShuffledRanking(by=by, seed=3), TieWatch])
def test_tiers_ranked_one_after_another_are_the_whole_rank(by, ranking):
    rng = np.random.default_rng(2)
    scores, confidences = np.round(rng.uniform(40, 60, 200)), np.round(rng.random(200), 1)
    atrs, prices = np.round(rng.uniform(10, 30, 200)), np.round(rng.uniform(100, 400, 200), 1)
    scores[rng.integers(0, 200, 20)] = np.nan
    atrs[rng.integers(0, 200, 20)] = np.nan
    merits = Merits(scores, confidences, atrs, prices)
    everyone = [
        Candidate(f"{1000 + n}", float(score), float(sure), 1.0, 1e8, float(atr), Decimal(str(price)), 100)
        for n, (score, sure, atr, price) in enumerate(
            zip(scores, confidences, atrs, prices.tolist(), strict=True)
        )
    ]
    order = ranking(by=by)
    values = order.values(merits)
    assert values.tolist() == [order.value(each) for each in everyone]
    best = np.argsort(-values, kind="stable")
    tiers = [best[tier].tolist() for tier in order.tiers(values[best].tolist())]
    by_tier = [each for tier in tiers for each in order.rank([everyone[n] for n in tier], SESSION)]
    assert tuple(by_tier) == order.rank(everyone, SESSION)
    assert len(tiers) > 1
    assert min(map(len, tiers[:-1])) >= order.tier
