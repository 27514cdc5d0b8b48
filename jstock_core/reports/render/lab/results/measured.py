"""Track records of a backtest with what chance may explain of them and what they stand on, as a card."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from jstock_core.reports.render.parts.figures import marked
from jstock_core.reports.render.parts.table import Display, text_line
from jstock_core.reports.render.research.chance import chance_table
from jstock_core.reports.render.research.research import metrics_notes, metrics_table
from jstock_core.research.performance import TrackRecord
from jstock_core.research.statistics.chance import ChanceMeasure


def records_card(
    title: str,
    records: Mapping[str, TrackRecord],
    chance: Mapping[str, ChanceMeasure],
    notes: Iterable[str],
    marks: Sequence[str],
) -> Display:
    """Every metric, and the notes."""
    said = (text_line(note) for note in (*metrics_notes(records.values()), *notes))
    judged = [chance_table(chance)] if chance else []
    return marked(title, marks, [metrics_table("", records), *judged, *said])
