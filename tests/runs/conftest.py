from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from jstock_core.runs.manifest import DataSnapshot, Moment, RunManifest, RunStatus
from jstock_core.runs.provenance import CodeVersion

PARAMETERS = (
    "trade_date = ''  # the session that orders are for\ncount = 1  # how many\nshare = 0.5  # of one"
)
TRADE_DATE = date(2026, 1, 21)
NOW = datetime(2026, 1, 20, 22, 0, 3, tzinfo=UTC)


def write_notebook(path: Path, *sources: str, parameters: str = PARAMETERS) -> Path:
    """A notebook with a title, a parameters cell and one code cell a source; "#" starts a heading."""
    import nbformat
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    cells = [new_markdown_cell("# A day"), new_code_cell(parameters, metadata={"tags": ["parameters"]})]
    cells += [
        new_markdown_cell(source) if source.startswith("#") else new_code_cell(source) for source in sources
    ]
    nbformat.write(new_notebook(cells=cells), path)
    return path


@pytest.fixture
def clock() -> Callable[[], datetime]:
    return lambda: NOW


@pytest.fixture
def make_manifest() -> Callable[..., RunManifest]:
    return manifest_of


def manifest_of(**changes: object) -> RunManifest:
    facts: dict[str, object] = {
        "status": RunStatus.OK,
        "error": None,
        "trade_date": TRADE_DATE,
        "run_id": "",
        "rehearsal": False,
        "simulated": True,
        "parameters": {"trade_date": "2026-01-21", "name": "東海"},
        "parameters_sha256": "0" * 64,
        "notebook": "daily.ipynb",
        "notebook_sha256": "1" * 64,
        "code": CodeVersion(version="0.1.0", git_sha="ab" * 20, dirty=False),
        "data": {"bars": DataSnapshot(last_session=date(2026, 1, 20), sha256="2" * 64)},
        "packages": {"numpy": "2.4.6"},
        "python": "CPython 3.11.7 on Linux x86_64",
        "timings": {"notebook": 2.5, "section top": 0.25},
        "metrics": {"fetched.bars": 40, "fetched.topix": 1, "rows.bars": 4_800, "bytes.page": 350_000},
        "started": Moment.of(NOW),
        "finished": Moment.of(NOW),
        "headline": {"equity": 8_412_300, "day_pct": 1.25},
    }
    return RunManifest(**{**facts, **changes})  # type: ignore[arg-type]
