"""The names that J-Quants gives to kinds of investors and to the figures of statements."""

from __future__ import annotations

INVESTORS = (
    "Prop", "Brk", "Tot", "Ind", "Frgn", "SecCo", "InvTr", "BusCo", "OthCo", "InsCo", "Bank", "TrstBnk",
    "OthFin",
)  # fmt: skip
RESULTS = ("Sales", "OP", "OdP", "NP", "FSales")
"""Inputs of the fundamental score (STRATEGY section 2): every source of statements has these."""
FIGURES = (
    *RESULTS,
    "FNP", "NxFSales", "NxFNp", "Eq", "ShOutFY", "TrShFY",
    "EPS", "BPS", "DivAnn", "FEPS", "NxFEPS", "FDivAnn", "NxFDivAnn",
)  # fmt: skip
"""The figures of statements, as J-Quants calls them: yen, yen per share, and shares."""
