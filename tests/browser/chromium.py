"""One Chromium, as it is installed on this machine."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def executable() -> str:
    """Where Chromium is, "" for nowhere."""
    return next((found for name in NAMES if (found := shutil.which(name))), "")


def missing() -> str:
    """Why there is no browser to drive, "" where there is one."""
    if importlib.util.find_spec("playwright") is None:
        return "playwright is not installed; it comes with the `test` extra"
    return "" if executable() else "Chromium is not installed; on Debian: apt-get install chromium"


@contextmanager
def chromium() -> Iterator[Any]:
    """A running browser without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()
