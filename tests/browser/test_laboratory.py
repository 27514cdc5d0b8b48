"""The laboratory in a real JupyterLab and in a real Voila: a slider moves, and figures and curves with it."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from jstock_core.decide.groups import read_group
from tests.desk.days import BUSY, MORNING

if any(importlib.util.find_spec(name) is None for name in ("jupyterlab", "ipywidgets")):
    pytest.skip('JupyterLab is not installed; it comes with the extra "lab"', allow_module_level=True)

CELL = f'import jstock_core as js\n\njs.lab(now="{MORNING}").knobs("conservative", "2026-01-05")'
WAIT_MS = 60_000


@pytest.fixture(scope="module")
def workspace(shared_desk, tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("laboratory") / "desk"
    shutil.copytree(shared_desk(changes=BUSY).workspace.root, root)
    cell = {"cell_type": "code", "id": "c", "metadata": {}, "execution_count": None, "outputs": []}
    spec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = {
        "cells": [{**cell, "source": CELL}],
        "metadata": {"kernelspec": spec},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (root / "notebooks").mkdir(exist_ok=True)
    (root / "notebooks" / "knobs.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    return root


def jstock_lab(workspace: Path, home: Path, *more: str, command: str = "lab") -> subprocess.Popen[str]:
    """`jstock lab` or `jstock app` with a configuration of Jupyter of its own."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "JPY_", "JSTOCK_WORKSPACE"))}
    env |= {"JUPYTER_CONFIG_DIR": str(home / "config"), "JUPYTER_RUNTIME_DIR": str(home / "runtime")}
    jstock = [sys.executable, "-W", "ignore", "-m", "jstock_core.cli"]
    words = [command, "knobs", "-w", str(workspace), "--no-browser", *more]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen([*jstock, *words], env=env, text=True, **pipes)


@contextmanager
def served(workspace: Path, home: Path, command: str, address: str) -> Iterator[str]:
    """The line with the address that the command prints, while it serves."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = jstock_lab(workspace, home, "--port", str(port), command=command)
    try:
        lines: list[str] = []
        for line in running.stdout or ():
            lines.append(line)
            if address in line:
                break
        assert running.poll() is None, "".join(lines)
        yield lines[-1].strip()
    finally:
        running.terminate()
        running.communicate(timeout=30)


@pytest.fixture(scope="module")
def url(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(workspace, tmp_path_factory.mktemp("jupyter"), "lab", "/lab/tree/") as address:
        yield address


def test_it_is_served_to_this_machine_with_a_token(url: str):
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/lab/tree/knobs\.ipynb\?token=\w{20,}", url)


def run_cell(page: Any) -> None:
    """Press Shift+Enter until the cell runs: JupyterLab loses keys while it draws a page."""
    from playwright.sync_api import expect

    prompt = page.locator(".jp-CodeCell .jp-InputPrompt").first
    for _ in range(5):
        page.locator(".jp-CodeCell .cm-content").first.click()
        page.keyboard.press("Shift+Enter")
        with suppress(AssertionError):
            expect(prompt).not_to_have_text("[ ]:", timeout=3000)
            return
    raise AssertionError(page.content())


def figures(page: Any) -> list[str]:
    return page.locator(".widget-html .jstock table").first.locator("td:nth-child(3)").all_inner_texts()


def curve(page: Any) -> str:
    return page.locator(".widget-html .jstock svg .c-whole").first.get_attribute("d")


def dropped(page: Any) -> int:
    """Orders of tomorrow that the variant does not place."""
    found = re.search(r"(\d+) dropped", page.locator(".widget-html .jstock").first.inner_text())
    return int(found[1]) if found else -1


def test_a_slider_moves_figures_curves_and_orders_and_the_candidate_is_saved(
    url: str, workspace: Path, browser: Any
):
    context = browser.new_context(viewport={"width": 1400, "height": 1600})
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.goto(url)
    page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
    run_cell(page)
    page.wait_for_selector(".widget-html .jstock svg")
    assert page.get_by_text("Jupyter news").count() == 0
    before = figures(page), curve(page), dropped(page)
    handle = page.locator(".widget-slider .noUi-handle").first
    for threshold in (60, 65, 70):  # a page up is five steps
        handle.focus()
        page.keyboard.press("PageUp")
        page.wait_for_selector(f"text=entry.buy_threshold 55 -> {threshold}")
    after = figures(page), curve(page), dropped(page)
    assert before[0] != after[0]
    assert before[1] != after[1]
    assert before[2] == 0 < after[2]
    name = page.locator(".widget-text input").first
    name.fill("tighter")
    name.press("Tab")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_selector("text=params/candidates/tighter.yaml")
    saved = read_group(workspace / "params" / "candidates" / "tighter.yaml")
    assert saved.declared["entry"]["buy_threshold"] == 70
    context.close()


def grounds(page: Any) -> list[int]:
    """How light the page and the sheet of the card in it are, 0 to 255."""
    script = """() => [document.body, document.querySelector(".jstock")].map(each => {
      let found = "";
      for (let at = each; at && !/^rgb\\(/.test(found); at = at.parentElement)
        found = getComputedStyle(at).backgroundColor;
      return found;
    })"""
    return [max(int(part) for part in re.findall(r"\d+", found)[:3]) for found in page.evaluate(script)]


@pytest.mark.skipif(importlib.util.find_spec("voila") is None, reason='Voila comes with the extra "lab"')
def test_a_slider_moves_figures_in_an_app_without_code(workspace: Path, tmp_path: Path, browser: Any):
    with served(workspace, tmp_path, "app", "?token=") as address:
        page = browser.new_context(viewport={"width": 1400, "height": 1600}).new_page()
        page.set_default_timeout(WAIT_MS)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address)
        page.wait_for_selector(".widget-html .jstock svg")
        assert "import jstock_core" not in page.content()
        before = figures(page), curve(page)
        page.locator(".widget-slider .noUi-handle").first.focus()
        page.keyboard.press("PageUp")
        page.wait_for_selector("text=entry.buy_threshold 55 -> 60")
        after = figures(page), curve(page)
        assert before[0] != after[0]
        assert before[1] != after[1]
        light = grounds(page)
        page.emulate_media(color_scheme="dark")
        dark = grounds(page)
        assert all(each > 200 for each in light), light
        assert all(each < 80 for each in dark), dark
        elsewhere = {
            url for url in asked if not url.startswith((address.partition("?")[0], "data:", "blob:"))
        }
        assert not elsewhere
        page.context.close()


def test_other_machines_are_not_served_without_a_token(workspace: Path, tmp_path: Path):
    """Whatever the configuration of Jupyter says."""
    (tmp_path / "config").mkdir()
    off = {"IdentityProvider": {"token": ""}}
    (tmp_path / "config" / "jupyter_server_config.json").write_text(json.dumps(off), encoding="utf-8")
    refused = jstock_lab(workspace, tmp_path, "--ip", "0.0.0.0")
    said, _ = refused.communicate(timeout=60)
    assert refused.returncode == 2, said
    assert "without a token" in said or "this machine only" in said
