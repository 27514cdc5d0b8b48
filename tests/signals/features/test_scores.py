"""Scores are STRATEGY section 2: agreeing with plain loops, known facts only, and saying what was neutral."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from jstock_core.base.errors import DataError, ParamsError
from jstock_core.market.names import FIGURES
from jstock_core.signals.features import flows
from jstock_core.signals.features.earnings import days_to_earnings
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.scores import (
    SIMPLE,
    Weights,
    composite,
    fundamental,
    institutional,
    technical,
    volatility,
)
from jstock_core.signals.features.view import View
from jstock_core.testing import EarningsDate
from jstock_core.testing import facts as made
from tests.signals import slow
from tests.signals.histories import announcement_rows, documents_of, flow_rows, history
from tests.signals.panels import (
    announcements_of,
    flows_of,
    panel_of,
    random_panel,
    sessions_from,
    statements_of,
    view_of,
)

PANEL = random_panel(31)
VIEW = view_of(PANEL)
ROWS = range(0, 330, 6)


def moments(row: int):
    return VIEW.sessions[row].astype(object), VIEW.decided_at[row].astype(object)


def quiet(count: int = 60, stocks: int = 1, first: str = "2025-10-01"):
    """A market in which nothing moves."""
    bars = {name: np.full((count, stocks), 100.0) for name in ("open", "high", "low", "close", "volume")}
    return panel_of(sessions_from(first, count), bars)


def test_technical_and_volatility_agree_with_plain_loops() -> None:
    found = technical(VIEW), volatility(VIEW)
    for row in ROWS:
        for n in range(6):
            past = history(PANEL, n, row)
            assert found[0].value[row, n] == slow.technical(past)
            assert found[1].value[row, n] == (slow.volatility(past) if past["close"] else 50)


@pytest.mark.parametrize(
    ("variant", "plain"), [("simple", slow.institutional), ("smart_money", slow.smart_money)]
)
def test_institutional_agrees_with_plain_loops_over_what_was_published(variant, plain) -> None:
    rows, found = flow_rows(PANEL), institutional(VIEW, variant)
    values = [plain(rows, *moments(row)) for row in range(330)]
    assert found.value[:, 0].tolist() == values
    assert len(set(values)) >= 4
    assert (found.value == found.value[:, :1]).all()


def test_fundamental_agrees_with_plain_loops_over_what_was_disclosed() -> None:
    found = fundamental(VIEW)
    for n, code in enumerate(PANEL.codes):
        documents = documents_of(PANEL, code)
        expected = [slow.fundamental(documents, moments(row)[1]) for row in range(330)]
        assert found.value[:, n].tolist() == expected
    assert len(np.unique(found.value)) >= 8


def test_fundamental_agrees_with_plain_loops_over_disclosures_in_any_disorder() -> None:
    """Late and early periods, changed fiscal years and bases, equal ends, documents of the same minute."""
    seen: set[float] = set()
    for seed in range(8):
        panel = replace(random_panel(seed, count=60), statements=disorder(np.random.default_rng(seed)))
        view = view_of(panel)
        found = fundamental(view).value
        for n, code in enumerate(panel.codes):
            dated = [document for document in documents_of(panel, code) if document["end"]]
            expected = [slow.fundamental(dated, moment) for moment in view.decided_at.tolist()]
            assert found[:, n].tolist() == expected
            seen |= set(expected)
    assert len(seen) >= 10


def disorder(rng: np.random.Generator):
    """Documents of six stocks and of another, drawn without regard to what follows what."""
    hours, choices = ("12:00", "15:30"), (np.nan, -5.0, 0.0, 90.0, 100.0, 104.0, 108.0, 120.0)
    ends = ("2023-06-30", "2023-09-30", "2023-10-31", "2023-11-30", "NaT")
    days = np.sort(rng.choice(np.arange("2023-12-20", "2024-03-25", dtype="datetime64[D]"), 240))

    def document(day: np.datetime64) -> dict[str, object]:
        period = str(rng.choice(["1Q", "FY"]))
        return {
            "code": str(rng.integers(1301, 1308)), "period": period, "at": f"{day}T{rng.choice(hours)}",
            "end": str(rng.choice(ends)),
            "year": str(rng.choice(["2022-03-31", "2023-03-31", "2023-03-20", "2023-12-31", "2024-03-31"])),
            "kind": f"{period}FinancialStatements_{rng.choice(['IFRS', 'JP', 'JP', 'JP'])}",
            **{name: float(rng.choice(choices)) for name in FIGURES},
        }  # fmt: skip

    return statements_of(*sorted(map(document, days), key=lambda d: str(d["at"])))


def test_days_to_earnings_agree_with_plain_loops() -> None:
    rows, found = announcement_rows(PANEL), days_to_earnings(VIEW)
    for row in range(330):
        t, decided = VIEW.trade_dates[row].astype(object), moments(row)[1]
        expected = [slow.days_to_earnings(rows, code, t, decided) for code in PANEL.codes]
        np.testing.assert_array_equal(found[row], expected)
    assert set(np.unique(found[~np.isnan(found)])) == {0, 1, 2, 3, 4, 5, 6, 7}


def test_the_composite_is_the_weighted_sum_of_the_four() -> None:
    weights = Weights(technical=0.1, institutional=0.2, fundamental=0.3, volatility=0.4)
    made = composite(VIEW, weights)
    parts = [
        technical(VIEW).value,
        institutional(VIEW).value,
        fundamental(VIEW).value,
        volatility(VIEW).value,
    ]
    for row in ROWS:
        expected = slow.composite([part[row, 3] for part in parts], (0.1, 0.2, 0.3, 0.4))
        assert made.value[row, 3] == pytest.approx(expected, abs=1e-9)
    assert list(made.scores) == ["technical", "institutional", "fundamental", "volatility"]


def test_the_parts_of_a_score_add_up_to_it() -> None:
    for score in (technical(VIEW), institutional(VIEW), fundamental(VIEW), volatility(VIEW)):
        total = sum(part.astype(int) for part in score.parts.values())
        assert (score.value == np.clip(50 + total, 0, 100)).all()
        assert (score.value[score.neutral] == 50).all()


def test_without_data_every_score_is_neutral_and_says_so() -> None:
    view = view_of(quiet(5), 4)
    for score in (technical(view), institutional(view), fundamental(view), volatility(view)):
        assert score.value.tolist() == [[50.0]]
        assert score.neutral.tolist() == [[True]]


def test_a_week_published_after_the_decision_is_not_known() -> None:
    panel = replace(quiet(), flows=flows_of(("2025-12-12", "2025-12-18", {"Frgn": 5})))
    view = view_of(panel)
    first = int(np.argmax(~institutional(view).neutral[:, 0]))
    assert str(view.trade_dates[first]) == "2025-12-19"


def test_a_week_published_again_is_read_as_it_stood() -> None:
    both = flows_of(("2025-12-05", "2025-12-11", {"Frgn": 5}), ("2025-12-05", "2025-12-16", {"Frgn": -5}))
    panel = replace(quiet(), flows=both)
    view = view_of(panel)
    values = institutional(view).value[:, 0].tolist()
    by_date = dict(zip(view.trade_dates.astype(str).tolist(), values, strict=True))
    assert (by_date["2025-12-11"], by_date["2025-12-12"], by_date["2025-12-16"]) == (50, 70, 70)
    assert by_date["2025-12-17"] == 35


def test_other_sections_do_not_count() -> None:
    panel = replace(quiet(), flows=flows_of(("2025-12-05", "2025-12-11", {"Frgn": 5}), section="TSEGrowth"))
    assert institutional(view_of(panel)).neutral.all()


def test_a_missing_column_of_the_flows_is_an_error() -> None:
    whole = flows_of(("2025-12-05", "2025-12-11", {"Frgn": 5}))
    panel = replace(
        quiet(), flows=replace(whole, balance={k: v for k, v in whole.balance.items() if k != "InvTr"})
    )
    with pytest.raises(DataError, match="InvTr"):
        institutional(view_of(panel), "smart_money")


def test_a_missing_figure_of_the_flows_is_an_error() -> None:
    panel = replace(quiet(), flows=flows_of(("2025-12-05", "2025-12-11", {"Frgn": float("nan")})))
    with pytest.raises(DataError, match="2025-12-05"):
        institutional(view_of(panel))


BASE = {"code": "1301", "period": "1Q", "end": "2024-06-30", "year": "2025-03-31", "at": "2024-08-01T15:00",
        "kind": "1QFinancialStatements_Consolidated_JP", "Sales": 100.0, "OP": 10.0, "NP": 5.0}  # fmt: skip
LATEST = BASE | {"end": "2025-06-30", "year": "2026-03-31", "at": "2025-08-01T15:00"}


def judged(*documents) -> float:
    panel = replace(quiet(), statements=statements_of(*documents))
    return float(fundamental(view_of(panel, 59)).value[0, 0])


@pytest.mark.parametrize(
    ("changes", "score"),
    [
        ({"Sales": 110.0}, 60),  # exactly 10 % is not above it
        ({"Sales": 110.01}, 65),
        ({"Sales": 105.0}, 50),
        ({"Sales": 95.0}, 50),
        ({"Sales": 94.9}, 35),
        ({"OP": 11.5}, 62),
        ({"OP": 11.51}, 70),
        ({"OP": 8.9}, 30),
        ({"Sales": float("nan")}, 50),
        ({"FSales": 357.0}, 65),  # 28.011 % done after a quarter: above 28 %
        ({"FSales": 100.0 / 0.28}, 50),  # exactly 28 %
        ({"OP": float("nan"), "OdP": 99.0, "NP": 6.0}, 70),  # OdP is not in the base
    ],
)
def test_growth_and_progress_count_strictly_above_their_bounds(changes, score: float) -> None:
    assert judged(BASE, LATEST | changes) == score


@pytest.mark.parametrize(
    "base",
    [
        {"year": "2024-03-31", "end": "2023-06-30"},
        {"period": "2Q"},
        {"kind": "1QFinancialStatements_Consolidated_IFRS"},
        {"kind": "1QFinancialStatements_NonConsolidated_JP"},
        {"kind": "EarnForecastRevision"},
        {"at": "2026-01-05T15:00"},
    ],
    ids=[
        "two years back",
        "another quarter",
        "another standard",
        "not consolidated",
        "a forecast",
        "not yet out",
    ],
)
def test_only_the_same_period_a_year_earlier_on_the_same_basis_is_a_base(base) -> None:
    assert judged(*sorted([BASE | base, LATEST | {"Sales": 200.0}], key=lambda d: d["at"])) == 50


def test_a_correction_rehours_what_it_corrects() -> None:
    corrected = LATEST | {"Sales": 80.0, "at": "2025-08-09T09:00"}
    assert judged(BASE, LATEST | {"Sales": 200.0}, corrected) == 35


def test_growth_from_nothing_or_from_a_loss_is_no_growth() -> None:
    assert judged(BASE | {"Sales": 0.0, "OP": -5.0}, LATEST) == 50


def test_statements_of_other_codes_are_no_matter() -> None:
    assert judged(BASE, LATEST | {"Sales": 200.0, "code": "9999"}) == 50


@pytest.mark.parametrize(("day", "days"), [(-1, None), (0, 0), (1, 1), (7, 7), (8, None)])
def test_announcements_are_near_from_the_trade_date_to_a_week_after(day: int, days: int | None) -> None:
    panel = quiet()
    t = view_of(panel, 30, 30).trade_dates[0]
    facts = announcements_of(("2025-10-01T10:05", "1301", str(t + np.timedelta64(day, "D"))))
    found = days_to_earnings(view_of(replace(panel, announcements=facts), 30, 30))[0, 0]
    assert (None if np.isnan(found) else found) == days


def near(*dates: EarningsDate) -> float:
    """Days to earnings on the row whose trade date is 2025-11-04, a Tuesday."""
    panel = replace(quiet(), announcements=made.announcements_of(dates))
    row = int(np.searchsorted(panel.sessions, np.datetime64("2025-11-04"))) - 1
    view = view_of(panel, row, row)
    assert str(view.trade_dates[0]) == "2025-11-04"
    return float(days_to_earnings(view)[0, 0])


THIRD, HALF = "2026-03-31 3Q", "2026-03-31 2Q"


@pytest.mark.parametrize(
    ("dates", "days"),
    [
        ((("11-06", "10-10", THIRD), ("11-20", "10-20", THIRD)), None),  # moved away
        ((("11-20", "10-10", THIRD), ("11-06", "10-20", THIRD)), 2),  # moved near
        ((("11-06", "10-10", THIRD), ("11-20", "11-05", THIRD)), 2),  # moved, not known yet
        ((("11-06", "10-10", THIRD), ("11-20", "10-20", HALF)), 2),  # of another period
        ((("11-06", "10-10", ""), ("11-20", "10-20", "")), 2),  # periods are not delivered
        ((("11-06", "10-10", THIRD), ("11-20", "10-20", THIRD), ("11-05", "10-27", THIRD)), 1),  # moved twice
    ],
)
def test_of_a_fiscal_period_the_newest_announcement_known_counts(
    dates: tuple[tuple[str, str, str], ...], days: int | None
) -> None:
    found = near(*(EarningsDate("1301", f"2025-{day}", f"2025-{known}T10:05", p) for day, known, p in dates))
    assert (None if np.isnan(found) else found) == days


def test_another_stock_replaces_nothing() -> None:
    other = EarningsDate("1302", "2025-11-20", "2025-10-20T10:05", THIRD)
    assert near(EarningsDate("1301", "2025-11-06", "2025-10-10T10:05", THIRD), other) == 2


def test_the_flows_of_foreigners_agree_with_plain_loops() -> None:
    rows = flow_rows(PANEL)
    for row in range(0, 330, 10):
        d, decided = moments(row)
        weeks = [w[2] for w in slow.known_weeks(rows, decided) if w[2] <= d]
        sums = [slow.foreign_sum(rows, end, decided, 30) for end in weeks]
        expected = slow.percentile(sums, 10) if len(sums) >= 26 else np.nan
        np.testing.assert_allclose(flows.lowest_decile(VIEW, row, 30), expected, rtol=1e-12)
        found = flows.foreign_sum(VIEW, VIEW.sessions[row], VIEW.decided_at[row], 30)
        assert (0.0 if np.isnan(found) else found) == slow.foreign_sum(rows, d, decided, 30)
        recent = [w for w in slow.known_weeks(rows, decided) if 0 <= (d - w[2]).days < 14]
        share = (
            100 * sum(w[4]["Frgn"] for w in recent) / sum(w[5]["Tot"] for w in recent) if recent else np.nan
        )
        np.testing.assert_allclose(flows.foreign_share(VIEW, row, 14), share, rtol=1e-12)


@pytest.mark.parametrize("days", [14, 36, 3000])
def test_the_weeks_of_all_rows_are_those_of_each(days: int) -> None:
    found = flows.weeks_by_row(VIEW, days)
    for row in range(0, 330, 3):
        alone = flows.weeks(VIEW, VIEW.sessions[row], VIEW.decided_at[row], days)
        assert found.row[row][found.counted[row]].tolist() == alone.tolist()
        expected = {
            w[2]
            for w in slow.known_weeks(flow_rows(PANEL), moments(row)[1])
            if 0 <= (moments(row)[0] - w[2]).days < days
        }
        assert set(PANEL.flows.week_end[alone].tolist()) == expected


def test_a_missing_figure_of_a_week_that_does_not_count_is_no_matter() -> None:
    weeks = ("2025-12-05", "2025-12-11", {"Frgn": float("nan")}), ("2025-12-05", "2025-12-11", {"Frgn": 5})
    panel = replace(quiet(), flows=flows_of(*weeks))
    assert set(institutional(view_of(panel)).value.ravel().tolist()) == {50.0, 70.0}


def test_the_decision_that_looked_at_a_session_was_taken_the_morning_after_it() -> None:
    assert flows.decision_time_after(VIEW, 50, PANEL.session(40)).astype(object) == moments(40)[1]
    last = view_of(PANEL, 329)
    assert flows.decision_time_after(last, 0, PANEL.session(329)).astype(object) == moments(329)[1]


def test_weights_that_do_not_sum_to_one_are_refused() -> None:
    with pytest.raises(ParamsError, match=r"sum to 1, they sum to 1\.1"):
        Weights(technical=0.5, institutional=0.3, fundamental=0.2, volatility=0.1)


def test_a_score_asked_for_twice_is_the_same_array() -> None:
    assert composite(VIEW, SIMPLE) is composite(VIEW, SIMPLE)
    assert composite(VIEW, SIMPLE).scores["technical"] is technical(VIEW)


def test_an_earlier_decision_knows_less() -> None:
    """A run may decide at another time: what comes out between is known to the later one only."""
    panel = replace(quiet(), flows=flows_of(("2025-12-05", "2025-12-11", {"Frgn": 5})))
    row = panel.row(datetime(2025, 12, 11).date())
    early, late = (np.array([f"2025-12-11T{hour}"], "datetime64[m]") for hour in ("16:30", "16:31"))
    day = np.array(["2025-12-12"], "datetime64[D]")
    neutral = [
        institutional(View.of(panel, Features.of(panel), row, row, day, decided_at=t)).neutral[0, 0]
        for t in (early, late)
    ]
    assert neutral == [False, False]
    day_before = day - np.timedelta64(1, "D")
    morning = day_before + np.timedelta64(600, "m")
    before = View.of(panel, Features.of(panel), row - 1, row - 1, day_before, decided_at=morning)
    assert institutional(before).neutral[0, 0]
