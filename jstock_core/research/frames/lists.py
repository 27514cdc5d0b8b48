"""What there is to build strategies from, as tables: rules and features."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

from jstock_core.research.frames.catalogue import FEATURES
from jstock_core.signals.library.describe import ParameterDoc, RuleDoc

if TYPE_CHECKING:
    import pandas as pd


def rules_frame(rules: Iterable[RuleDoc]) -> pd.DataFrame:
    """One row a rule: kind, name, meaning, formula, needs (bars), settles (bars), parameters (with range)."""
    import pandas as pd

    columns = ["kind", "name", "meaning", "formula", "needs", "settles", "parameters"]
    rows = [
        (
            rule.kind, rule.name, rule.meaning, rule.formula, rule.needs, rule.settles,
            ", ".join(_parameter(each) for each in rule.parameters),
        )
        for rule in rules
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def feature_list_frame() -> pd.DataFrame:
    """One row a feature: name, unit, formula, needs (bars, up to the first value), range."""
    import pandas as pd

    return pd.DataFrame([asdict(each) for each in FEATURES])


def _parameter(each: ParameterDoc) -> str:
    return f"{each.name} ({each.range})" if each.range else each.name
