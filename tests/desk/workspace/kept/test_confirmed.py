"""Bars that a person confirmed: as long as the store has those prices."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from jstock_core.base.errors import DataError
from jstock_core.data.checks.checks import check_panel
from jstock_core.desk.workspace.kept.confirmed import (
    ConfirmedBar,
    confirmations_of,
    read_confirmed,
    stored_prices,
    write_confirmed,
)
from jstock_core.market.bars.faults import untrusted_bars
from jstock_core.testing import panel as market
from jstock_core.testing import with_bar

LAST = date(2026, 1, 21)
FLAT = market({"1001": 1000.0, "1002": 1000.0}, sessions=30, last=LAST)
FAR = with_bar(FLAT, "1001", LAST, open=1750.0, close=1760.0)


def confirmed(panel):
    prices = stored_prices(panel, "1001", LAST)
    return ConfirmedBar("1001", LAST, prices, "2026-01-22T07:00:00+09:00", "special quotes")


def test_a_confirmed_bar_blocks_nothing():
    assert untrusted_bars(FAR).reason(len(FAR.sessions) - 1, 0)
    known = replace(FAR, confirmations=confirmations_of(FAR, [confirmed(FAR)]))
    assert untrusted_bars(known).mask.any() == False  # noqa: E712
    assert [f for f in check_panel(known, through=LAST) if f.severity == "block"] == []


def test_a_bar_that_changed_is_judged_again():
    other = with_bar(FLAT, "1001", LAST, open=1770.0, close=1780.0)
    assert confirmations_of(other, [confirmed(FAR)]) == frozenset()


def test_what_is_written_is_read(tmp_path: Path):
    path = tmp_path / "confirmed_bars.json"
    assert read_confirmed(path) == ()
    write_confirmed(path, [confirmed(FAR)])
    assert read_confirmed(path) == (confirmed(FAR),)
    path.write_text("[{]")
    with pytest.raises(DataError):
        read_confirmed(path)


def test_a_contradiction_cannot_be_confirmed():
    broken = with_bar(FLAT, "1001", LAST, open=0.0, low=0.0)
    known = replace(broken, confirmations=frozenset({("1001", LAST)}))
    assert "zero or below" in untrusted_bars(known).reason(len(broken.sessions) - 1, 0)


def test_topix_is_confirmed_by_its_level():
    levels = FLAT.topix.copy()
    levels[-1] *= 10
    tenfold = replace(FLAT, topix=levels)
    assert [f.severity for f in check_panel(tenfold, through=LAST) if "TOPIX" in f.what] == ["stop"]
    one = ConfirmedBar("TOPIX", LAST, stored_prices(tenfold, "TOPIX", LAST), "2026-01-22T07:00:00+09:00")
    known = replace(tenfold, confirmations=confirmations_of(tenfold, [one]))
    assert [f for f in check_panel(known, through=LAST) if "TOPIX" in f.what] == []
