"""Sectors in both languages."""

from __future__ import annotations

from jstock_core.data.providers.simulated.companies import companies
from jstock_core.reports.language.sectors import SECTORS, sector_in_english, sector_in_japanese


def test_there_are_33_sectors_and_the_rest() -> None:
    assert len(SECTORS) == len(set(SECTORS.values())) == 34


def test_a_sector_is_known_in_both_languages() -> None:
    assert sector_in_english("電気機器") == "Electric Appliances"
    assert sector_in_japanese("Electric Power & Gas") == "電気・ガス業"
    assert sector_in_english("Banks") == "Banks"
    assert sector_in_japanese("銀行業") == "銀行業"
    assert all(sector_in_japanese(english) == japanese for japanese, english in SECTORS.items())


def test_an_unknown_sector_stays_as_it_is() -> None:
    assert sector_in_english("宇宙") == "宇宙"
    assert sector_in_japanese("Space") == "Space"


def test_the_simulated_sectors_are_known() -> None:
    assert {company.listing.sector for company in companies()} <= SECTORS.keys()
