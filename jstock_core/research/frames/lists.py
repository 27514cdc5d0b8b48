"""What there is to build strategies from, as tables: rules and features."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

from jstock_core.research.frames.catalogue import FEATURES, describe_own_feature
from jstock_core.signals.features.own import Feature
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


def feature_list_frame(own: Iterable[Feature] = ()) -> pd.DataFrame:
    """One row a feature, those of somebody's `own` last.

    Columns: name, unit, formula (of one's own: its first line of documentation), needs (bars, up to the
    first value), range.
    """
    import pandas as pd

    known = (*FEATURES, *(describe_own_feature(each) for each in own))
    return pd.DataFrame([asdict(each) for each in known])


def _parameter(each: ParameterDoc) -> str:
    return f"{each.name} ({each.range})" if each.range else each.name
