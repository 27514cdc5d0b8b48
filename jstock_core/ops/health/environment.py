"""Checks of what jstock runs in: Python, packages, the font of pictures, the kernel of notebooks."""

from __future__ import annotations

import json
import platform
import tempfile
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from jstock_core import __version__
from jstock_core.base.durable import write_atomically
from jstock_core.base.errors import ExitStatus
from jstock_core.base.identity.source import hash_code
from jstock_core.ops.health.check import Examined, HealthCheck, State
from jstock_core.reports.render.svg.files import render_png
from jstock_core.runs.notebook.execute import execute

_AGAIN = "install jstock again in this environment: `pip install --upgrade jstock`"
_KERNEL_S = 60.0
_TRIAL = '<svg class="drawing" viewBox="0 0 40 20"><text x="2" y="14">日本</text></svg>'


def examine_python(_: Examined) -> Iterator[HealthCheck]:
    """The interpreter against what jstock needs."""
    needs = _metadata_value("requires_python")
    own = platform.python_version()
    said = f"Python {own}, jstock {__version__}"
    if needs and not SpecifierSet(needs).contains(own, prereleases=True):
        yield HealthCheck("python", State.FAIL, f"{said}, which needs Python {needs}", f"use Python {needs}")
    else:
        yield HealthCheck("python", State.OK, said)


def examine_packages(_: Examined) -> Iterator[HealthCheck]:
    """Each package that jstock needs, against the versions that it is good with."""
    try:
        declared = metadata.requires("jstock") or []
    except metadata.PackageNotFoundError:
        yield HealthCheck("packages", State.WARN, "jstock is not installed as a package", _AGAIN)
        return
    needed = [each for each in map(Requirement, declared) if _applies(each)]
    faults = [fault for each in needed if (fault := _fault(each))]
    if faults:
        yield HealthCheck("packages", State.FAIL, "; ".join(faults), _AGAIN)
    else:
        yield HealthCheck("packages", State.OK, f"{len(needed)} packages are within their bounds")


def _applies(needed: Requirement, extra: str = "") -> bool:
    return needed.marker is None or needed.marker.evaluate({"extra": extra})


def _fault(needed: Requirement) -> str:
    """What is wrong with a needed package; "" for nothing."""
    try:
        version = metadata.version(needed.name)
    except metadata.PackageNotFoundError:
        return f"{needed.name} is not installed"
    if needed.specifier.contains(version, prereleases=True):
        return ""
    return f"{needed.name} {version} is installed, and {needed.specifier} is needed"


def _metadata_value(name: str) -> str:
    try:
        return str(metadata.metadata("jstock").json.get(name, ""))
    except metadata.PackageNotFoundError:
        return ""


def examine_extras(examined: Examined) -> Iterator[HealthCheck]:
    """The optional packages that the desk's parameters and its environment ask for."""
    url = examined.place.journal_url
    ways = examined.settings.notify.ways.values() if examined.settings else ()
    if url.startswith("postgres") and find_spec("psycopg") is None:
        what = "the journal is on PostgreSQL, and its driver is not installed"
        yield HealthCheck("extras", State.FAIL, what, "pip install jstock[postgres]", ExitStatus.STATE)
    elif any(way.get("use") == "push" for way in ways) and find_spec("apprise") is None:
        what = "a way to people pushes, and Apprise is not installed"
        yield HealthCheck("extras", State.FAIL, what, "pip install jstock[notify]")
    else:
        yield HealthCheck("extras", State.OK, "what the parameters ask for is installed")


def examine_font(_: Examined) -> Iterator[HealthCheck]:
    """A picture with Japanese letters, as those of a mail."""
    remedy = "pip install --force-reinstall matplotlib-fontja resvg-py pillow"
    try:
        size = len(render_png(_TRIAL))
    except (ImportError, OSError, UserWarning, ValueError) as error:
        yield HealthCheck("font", State.WARN, f"pictures in mails cannot be drawn: {error}", remedy)
        return
    state = State.OK if size else State.WARN
    yield HealthCheck("font", state, "a picture with Japanese letters can be drawn", "" if size else remedy)


def examine_kernel(_: Examined) -> Iterator[HealthCheck]:
    """A notebook of two lines, run as the daily one is."""
    with tempfile.TemporaryDirectory(prefix="jstock-doctor-") as folder:
        notebook = Path(folder) / "trial.ipynb"
        write_atomically(notebook, json.dumps(_trial_notebook()).encode())
        outcome = execute(notebook, Path(folder) / "done.ipynb", {}, timeout_s=_KERNEL_S)
    if outcome.failure is not None:
        do = "read the message; if a package is broken, install jstock again: `pip install --upgrade jstock`"
        yield HealthCheck("kernel", State.FAIL, f"{outcome.failure.message}", do, ExitStatus.NOTEBOOK)
    elif outcome.kernel is None or outcome.kernel.sha256 != hash_code():
        what = "the kernel runs other code than this command"
        yield HealthCheck(
            "kernel", State.FAIL, what, "run it again once an update is done", ExitStatus.NOTEBOOK
        )
    else:
        yield HealthCheck(
            "kernel", State.OK, f"a notebook ran in {outcome.seconds:.1f} s, with this very code"
        )


def _trial_notebook() -> dict[str, object]:
    def cell(name: str, source: str, *tags: str) -> dict[str, object]:
        return {
            "cell_type": "code", "id": name, "metadata": {"tags": list(tags)}, "source": [source],
            "outputs": [], "execution_count": None,
        }  # fmt: skip

    cells = [cell("parameters", 'day = ""  # not used', "parameters"), cell("trial", "import jstock_core")]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
