from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.browser.chromium import chromium, missing
from tests.pages.pages import failed_html, page_html, stale_html
from tests.pages.states import State, states


@dataclass
class Shown:
    """A page in the browser, what it asked for, and what went wrong."""

    page: Any
    requests: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)


Show = Callable[..., Shown]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    if why := missing():
        pytest.skip(why)
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def every_state() -> Mapping[str, State]:
    return states()


@pytest.fixture(scope="session")
def files(
    every_state: Mapping[str, State], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("pages")

    def file(name: str) -> Path:
        path = folder / f"{name}.html"
        if not path.exists():
            path.write_text(html_of(name, every_state, folder), encoding="utf-8")
        return path

    return file


def html_of(name: str, every_state: Mapping[str, State], folder: Path) -> str:
    match name:
        case "failed":
            return failed_html(every_state["ordinary"], folder)
        case "stale":
            return stale_html(every_state["ordinary"])
        case _:
            return page_html(every_state[name], folder)


@pytest.fixture
def show(browser: Any, files: Callable[[str], Path]) -> Iterator[Show]:
    """Show a state at a width, in light or dark."""
    contexts = []

    def one(name: str, width: int = 390, *, dark: bool = False, script: bool = True) -> Shown:
        context = browser.new_context(
            viewport={"width": width, "height": 844},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
        )
        contexts.append(context)
        shown = Shown(context.new_page())
        shown.page.on("request", lambda request: shown.requests.append(request.url))
        shown.page.on("console", lambda message: shown.messages.append(message.text))
        shown.page.on("pageerror", lambda error: shown.messages.append(str(error)))
        shown.page.goto(files(name).as_uri())
        return shown

    yield one
    for context in contexts:
        context.close()
