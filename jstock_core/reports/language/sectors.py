"""The 33 sectors of TSE in both languages, for data has them in one.

Source: JPX, industry codes and classifications (33業種).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

SECTORS: Mapping[str, str] = MappingProxyType(
    {
        "水産・農林業": "Fishery, Agriculture and Forestry",
        "鉱業": "Mining",
        "建設業": "Construction",
        "食料品": "Foods",
        "繊維製品": "Textiles and Apparels",
        "パルプ・紙": "Pulp and Paper",
        "化学": "Chemicals",
        "医薬品": "Pharmaceutical",
        "石油・石炭製品": "Oil and Coal Products",
        "ゴム製品": "Rubber Products",
        "ガラス・土石製品": "Glass and Ceramics Products",
        "鉄鋼": "Iron and Steel",
        "非鉄金属": "Nonferrous Metals",
        "金属製品": "Metal Products",
        "機械": "Machinery",
        "電気機器": "Electric Appliances",
        "輸送用機器": "Transportation Equipment",
        "精密機器": "Precision Instruments",
        "その他製品": "Other Products",
        "電気・ガス業": "Electric Power and Gas",
        "陸運業": "Land Transportation",
        "海運業": "Marine Transportation",
        "空運業": "Air Transportation",
        "倉庫・運輸関連業": "Warehousing and Harbor Transportation",
        "情報・通信業": "Information and Communication",
        "卸売業": "Wholesale Trade",
        "小売業": "Retail Trade",
        "銀行業": "Banks",
        "証券、商品先物取引業": "Securities and Commodities Futures",
        "保険業": "Insurance",
        "その他金融業": "Other Financing Business",
        "不動産業": "Real Estate",
        "サービス業": "Services",
        "その他": "Other",
    }
)
"""English names by Japanese ones; "その他" is what no sector fits, as a fund."""

_JAPANESE = {english.casefold().replace("&", "and"): japanese for japanese, english in SECTORS.items()}


def sector_in_english(name: str) -> str:
    """The English name of a sector; another name as it is."""
    return SECTORS.get(name.strip(), name)


def sector_in_japanese(name: str) -> str:
    """The Japanese name of a sector; another name as it is."""
    return _JAPANESE.get(name.casefold().replace("&", "and").strip(), name)
