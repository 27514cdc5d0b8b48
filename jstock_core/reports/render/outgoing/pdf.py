"""A page printed as PDF by an installed Chromium, Chrome or Edge: exactly what its print view shows."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from jstock_core.base.durable import make_private_folder, write_atomically
from jstock_core.base.errors import UsageError, WriteError
from jstock_core.base.limits import read_file

BROWSER = "JSTOCK_CHROMIUM"
"""Names the browser where it is not found by itself."""
TIMEOUT_S = 60

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)


def find_browser() -> Path:
    """The browser that prints.

    Raises:
        UsageError: none is installed.

    """
    named = os.environ.get(BROWSER, "")
    found = [named, *(shutil.which(name) or "" for name in _NAMES), *_PLACES]
    browser = next((Path(place) for place in found if place and Path(place).is_file()), None)
    if browser is None:
        raise UsageError(
            "no Chromium, Chrome or Edge is installed to print the page",
            do=f"install one, or name it in the environment variable {BROWSER}; others print it by hand",
        )
    return browser


def print_pdf(page: Path, target: Path, browser: Path) -> Path:
    """Print a page into a PDF file; nothing is left at `target` where that fails.

    Raises:
        WriteError: the browser did not print, or the file cannot be written.

    """
    with tempfile.TemporaryDirectory(prefix="jstock-pdf-") as place:
        made = Path(place) / "page.pdf"
        command = [
            str(browser), "--headless", "--disable-gpu", "--no-pdf-header-footer",
            f"--user-data-dir={place}/profile", *_as_root(), f"--print-to-pdf={made}",
            page.resolve().as_uri(),
        ]  # fmt: skip
        said = _run(command, target)
        if not made.is_file():
            raise WriteError(
                f"{browser.name} printed nothing: {said}", where=str(target), do="try it by hand"
            )
        try:
            make_private_folder(target.parent)
            write_atomically(target, read_file(made))
        except OSError as error:
            raise WriteError(f"cannot be written: {error.strerror}", where=str(target)) from error
    return target


def _run(command: list[str], target: Path) -> str:
    """What the browser said last."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)  # noqa: S603 - the browser of this machine, our own arguments
    except (OSError, subprocess.TimeoutExpired) as error:
        raise WriteError(
            f"the browser does not print: {error}", where=str(target), do="try it by hand"
        ) from error
    return (done.stderr.strip().splitlines() or ["no message"])[-1]


def _as_root() -> tuple[str, ...]:
    """Chromium has no sandbox for root, as in a container, and prints only our own page here."""
    is_root = sys.platform != "win32" and os.geteuid() == 0
    return ("--no-sandbox",) if is_root else ()
