"""Which run of a trade date is the newest good one: the pointer `latest`, and the page that leads there."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from urllib.parse import quote

from jstock_core.base.durable import sync_folder, write_atomically
from jstock_core.base.limits import read_file, read_utf8

LATEST = "latest"
INDEX = "index.html"
"""The list of all runs; in the folder of a trade date the page that leads to its report."""
REPORT, MANIFEST = "report.html", "manifest.json"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DAY_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="0; url={target}">
<title>Report of {day}</title>
</head>
<body><p><a href="{target}">Report of {day}</a></p></body>
</html>
"""


def latest_run(root: Path, trade_date: date) -> Path | None:
    """The newest good run of a trade date, or None."""
    day = root / trade_date.isoformat()
    pointer = day / LATEST
    try:
        name = pointer.readlink().name if pointer.is_symlink() else read_utf8(pointer).strip()
    except (OSError, ValueError):
        return None
    return day / name if name and (day / name).is_dir() else None


def run_days(root: Path) -> tuple[str, ...]:
    """The names of the folders that hold the runs of a trade date, oldest first."""
    return tuple(sorted(folder.name for folder in root.glob("*/") if _DAY.fullmatch(folder.name)))


def point_latest(run: Path) -> None:
    """Make `latest` beside a published run name it, in one step."""
    temporary = run.parent / f".{LATEST}-{run.name}"
    temporary.unlink(missing_ok=True)
    try:
        temporary.symlink_to(run.name, target_is_directory=True)
    except (OSError, NotImplementedError):  # no symbolic links here: some Windows, some shares
        temporary.write_text(f"{run.name}\n", encoding="utf-8")
    temporary.replace(run.parent / LATEST)
    write_day_page(run)


def write_day_page(run: Path) -> None:
    """Let `index.html` beside a published run lead to its report.

    Unlike `latest` it can be followed from a page wherever the folder lies: where there are no symbolic
    links, on a server, from a phone.
    """
    target = quote(f"{run.name}/{REPORT if (run / REPORT).exists() else MANIFEST}")
    text = _DAY_PAGE.format(day=run.parent.name, target=target)
    if not (run.parent / INDEX).exists() or read_file(run.parent / INDEX) != text.encode():
        write_atomically(run.parent / INDEX, text.encode())
    sync_folder(run.parent)


def forget_latest(day: Path) -> None:
    """Let `latest` and the day's page lead nowhere: no good run is left."""
    for name in (LATEST, INDEX):
        (day / name).unlink(missing_ok=True)
    sync_folder(day)
