"""Market facts as tables, from a panel that is cut to what is known: they show no later fact than it has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from jstock_core.market.calendar import tse
from jstock_core.market.names import FIGURES, INVESTORS
from jstock_core.market.panel import Dates, Minutes, Panel
from jstock_core.market.publication import minute_of, publication_times
from jstock_core.research.frames.catalogue import FEATURES, feature_name
from jstock_core.signals.features.features import Features
from jstock_core.signals.features.own import Feature
from jstock_core.signals.features.view import DECISION_MINUTE

if TYPE_CHECKING:
    import pandas as pd

_PRICES = ("open", "high", "low", "close")


def prices_frame(panel: Panel, codes: Sequence[str], *, adjusted: bool = True) -> pd.DataFrame:
    """One row a bar, by code and session.

    Columns: code, session, known_at, open, high, low, close (yen), volume (shares), turnover (yen, as traded,
    at the close), factor. Where `adjusted`, prices are multiplied and volume is divided by `factor`: it
    counts splits forward from a stock's first bar. Else they are as traded.
    """
    import pandas as pd

    columns = [panel.column[code] for code in codes]
    place, row = np.nonzero(panel.has_bar[:, columns].T)
    column = np.array(columns, dtype=np.int64)[place]
    factor = panel.forward[row, column]
    scale = factor if adjusted else np.ones(len(factor))
    prices = {name: getattr(panel, name)[row, column] * scale for name in _PRICES}
    volume = panel.volume[row, column]
    return pd.DataFrame({
        "code": np.array(panel.codes, dtype=object)[column],
        "session": panel.sessions[row].astype("datetime64[s]"),
        "known_at": jst_times(panel.bars_known_at[row]),
        **prices,
        "volume": volume / scale,
        "turnover": panel.close[row, column] * volume,
        "factor": factor,
    })  # fmt: skip


def features_frame(
    panel: Panel, features: Features, wanted: Sequence[str | Feature], codes: Sequence[str]
) -> pd.DataFrame:
    """One row a bar, by code and session: code, session, known_at, and a column for each feature, as rules
    see it, every built-in one where none is wanted; NaN before a stock has the bars that the feature needs.

    With a feature that somebody wrote, which may read what became known overnight, a row is known on the
    morning after its bar, or when the panel was cut, where that was earlier. `features` may be those of the
    market that a panel of built-in features was cut from: no later bar of them is shown.

    Raises:
        JstockError: a feature that somebody wrote cannot be computed.

    """
    import pandas as pd

    shown = wanted or [each.name for each in FEATURES]
    columns = [panel.column[code] for code in codes]
    last = features.row[:, columns].T
    place, bar = np.nonzero((last >= 0) & (last < len(panel.sessions)))
    column = np.array(columns, dtype=np.int64)[place]
    row = features.row[bar, column]
    return pd.DataFrame({
        "code": np.array(panel.codes, dtype=object)[column],
        "session": panel.sessions[row].astype("datetime64[s]"),
        "known_at": jst_times(_features_known_at(panel, shown)[row]),
        **{feature_name(each): features.rounded(each)[bar, column] for each in shown},
    })  # fmt: skip


def _features_known_at(panel: Panel, shown: Sequence[str | Feature]) -> Minutes:
    """(S,): when the features of each session's bars were known."""
    if not any(isinstance(each, Feature) for each in shown):
        return panel.bars_known_at
    days: Dates = tse().next_days(panel.sessions).astype("datetime64[D]")
    mornings: Minutes = days + DECISION_MINUTE
    return mornings if panel.cutoff is None else np.minimum(mornings, minute_of(panel.cutoff))


def statements_frame(panel: Panel, codes: Sequence[str]) -> pd.DataFrame:
    """One row a disclosed document, oldest first.

    Columns: code, known_at, number, doc_type, period, period_end, year_end, and the figures by J-Quants'
    names: yen, yen per share, or shares; NaN where the document has none.
    """
    import pandas as pd

    found = panel.statements
    found = found.take(np.isin(found.code, list(codes)))
    return pd.DataFrame({
        "code": found.code.astype(object),
        "known_at": jst_times(found.known_at),
        "number": found.number.astype(object),
        "doc_type": found.doc_type.astype(object),
        "period": found.period.astype(object),
        "period_end": found.period_end.astype("datetime64[s]"),
        "year_end": found.year_end.astype("datetime64[s]"),
        **{name: found.figures[name].copy() for name in FIGURES if name in found.figures},
    })  # fmt: skip


def flows_frame(panel: Panel) -> pd.DataFrame:
    """One row a publication, section and kind of investor: market-wide weekly flows, oldest first.

    Columns: known_at, published, week_end, section, investor (J-Quants' names), balance and total (bought
    less sold, bought and sold; thousand yen).
    """
    import pandas as pd

    found = panel.flows
    parts = [
        pd.DataFrame({
            "known_at": jst_times(found.known_at),
            "published": found.published.astype("datetime64[s]"),
            "week_end": found.week_end.astype("datetime64[s]"),
            "section": found.section.astype(object),
            "investor": name,
            "balance": found.balance[name].copy(),
            "total": found.total[name].copy(),
        })
        for name in INVESTORS
        if name in found.balance
    ]  # fmt: skip
    whole = pd.concat(parts, ignore_index=True)
    return whole.sort_values(["known_at", "section"], kind="stable", ignore_index=True)


def topix_frame(panel: Panel) -> pd.DataFrame:
    """One row a session: session, known_at, close (the price index), and total (with dividends) where it is
    delivered; NaN where a level is missing.
    """
    import pandas as pd

    total = {} if panel.topix_total is None else {"total": panel.topix_total.copy()}
    return pd.DataFrame({
        "session": panel.sessions.astype("datetime64[s]"),
        "known_at": jst_times(publication_times("topix", panel.sessions)),
        "close": panel.topix.copy(),
        **total,
    })  # fmt: skip


def jst_times(minutes: Minutes) -> pd.DatetimeIndex:
    """Naive minutes in JST as times with that zone."""
    import pandas as pd

    return pd.DatetimeIndex(minutes.astype("datetime64[s]")).tz_localize("Asia/Tokyo")
