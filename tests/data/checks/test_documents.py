"""What the documents themselves tell against: each kind once in a made-up market, and where it was met."""

from __future__ import annotations

import numpy as np
import pytest

from jstock_core.data.checks.documents import check_statements
from jstock_core.data.providers.files import Files
from jstock_core.data.store.load import load_panel
from jstock_core.data.store.store import MarketStore
from jstock_core.testing import Disclosure, panel
from tests.data.rows import NOW, REAL, needs_real

SOUND = {"NP": 1_000_000_000.0, "OP": 2e9, "EPS": 100.0, "ShOutFY": 10_500_000.0, "TrShFY": 500_000.0}


def document(
    at: str = "2025-11-05T15:00", code: str = "1301", kind: str = "", **figures: float
) -> Disclosure:
    return Disclosure(code, at, "2Q", "2025-09-30", "2026-03-31", SOUND | figures, kind)


def said(*documents: Disclosure) -> list[tuple[str, str]]:
    market = panel({"1301": np.full(60, 1000.0), "7203": np.full(60, 1000.0)}, facts=documents)
    return [(each.severity, each.what) for each in check_statements(market)]


def test_of_sound_documents_nothing_is_said():
    assert (
        said(document(), document(code="7203"), document("2026-01-05T15:00", kind="EarnForecastRevision"))
        == []
    )
    assert said() == []


@pytest.mark.parametrize(("given", "severity", "word"), [
    (document(EPS=20.0), "info", "counts other shares"),
    (document(NP=1_000_000.0), "warn", "in thousands"),
    (document(NP=1_000.0), "warn", "in thousands"),
    (document(FNP=1e9, FEPS=20.0), "info", "counts other shares"),
    (document(OP=np.nan), "info", "net profit is judged"),
    (document("2025-09-05T15:00"), "warn", "had not ended"),
    (document(kind="REITSomething"), "info", "no score reads"),
])  # fmt: skip
def test_one_document(given: Disclosure, severity: str, word: str):
    ((found, what),) = said(given)
    assert found == severity
    assert word in what
    assert what.startswith("the statement of 1301 on 2025-")


@pytest.mark.parametrize(
    ("day", "period", "silent"),
    [("2025-09-22", "1Q", False), ("2025-09-21", "1Q", True), ("2025-09-21", "2Q", False)],
)
def test_a_source_that_delivers_no_quarterly_reports_any_more(day: str, period: str, silent: bool):
    """120 days before 2026-01-20; who reports every half year is silent for longer."""
    report = Disclosure("1301", f"{day}T15:00", period, "2025-06-30", "2026-03-31", SOUND)
    what = f"no statement was disclosed after {day}, though companies report every quarter"
    assert said(report) == ([("warn", what)] if silent else [])


def test_a_corrected_document_and_one_beside_another():
    ((severity, what),) = said(document(), document("2025-11-20T15:00"), document("2025-11-21T15:00"))
    assert severity == "info"
    assert "takes the place of an earlier document" in what
    assert what.endswith("(2 documents, this the newest)")
    ((_, what),) = said(document(), document("2025-11-05T16:00", kind="EarnForecastRevision"))
    assert "on the day of another" in what


def test_documents_of_stocks_that_the_panel_has_not_are_left_alone():
    assert said(document(code="9984", EPS=1.0)) == []


def test_loss_makers_are_not_judged_by_their_signs():
    assert said(document(NP=-1e9, EPS=-100.0)) == []
    assert said(document(NP=0.0, EPS=0.0)) == []


@needs_real
def test_real_documents(tmp_path):
    """Forecasts after a split to come (7203 of 2021-08-04), corrections (7203 of 2021-05-31), no others."""
    store = MarketStore(tmp_path)
    store.update(Files(REAL), NOW)
    found = [
        (f.severity, f.code, str(f.session), f.what.split(" on ")[1][11:30])
        for f in check_statements(load_panel(store))
    ]
    assert found == [
        ("info", "7203", "2021-08-04", "counts other shares"),
        ("info", "7974", "2022-08-03", "counts other shares"),
        ("info", "6501", "2024-04-26", "counts other shares"),
        ("info", "7203", "2021-05-31", "takes the place of "),
        ("info", "8306", "2025-08-07", "takes the place of "),
    ]
