"""The golden morning: a day of the goldens' workspace as its model and as Markdown in every language."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from jstock_core.base.intent import Intent
from jstock_core.desk.day.day import run_day
from jstock_core.desk.day.publishing.page import page
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.reports.model.codec import report_json
from jstock_core.reports.render.page import SECTIONS, MorningPage
from jstock_core.reports.render.parts.words import LANGUAGES
from jstock_core.runs.notebook.golden import frozen_workspace

_DAY, _NOW = "2026-01-21", "2026-01-21T07:00"
_LEFT_OUT = ("explanations", "origins")
"""The sessions of many charts are four times as large as all the rest; the Markdown has their sentences.
Origins are ids and spans, which no page shows."""


def golden_morning(root: Path) -> Mapping[str, str]:
    """The files of the golden morning by name, from a copy of the goldens' workspace."""
    day = run_day(open_desk(str(root), now=_NOW), _DAY, Intent.REHEARSE)
    model = json.loads(report_json(day.report))
    for name in _LEFT_OUT:
        del model[name]
    return {
        "morning.json": json.dumps(model, ensure_ascii=False, indent=1) + "\n",
        **{f"morning.{lang}.md": whole_markdown(page(day, lang)) for lang in LANGUAGES},
    }


def whole_markdown(shown: MorningPage) -> str:
    """All sections of a page as one Markdown text."""
    parts = (shown.section(name).markdown for name in SECTIONS)
    return "\n\n".join(part for part in parts if part) + "\n"


def update_golden_morning(checkout: Path) -> tuple[Path, ...]:
    """Write the golden morning of a checkout; the files written."""
    folder = checkout / "tests" / "golden"
    with frozen_workspace(folder) as root:
        return tuple(_write(folder, golden_morning(root)))


def _write(folder: Path, files: Mapping[str, str]) -> Iterator[Path]:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
        yield folder / name
