"""Commands that a trader waits for start without the heavy parts of the notebook stack."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from jstock_core import testing
from jstock_core.base.errors import ExitStatus
from jstock_core.cli import run
from jstock_core.cli.program.commands import TREE
from jstock_core.cli.program.tree import Branch, Leaf

NOW = "2026-01-21T07:00"
HEAVY = (
    "IPython",
    "exchange_calendars",
    "matplotlib",
    "nbconvert",
    "numpy.ma",  # by np.unique and np.isin of texts
    "pandas",
    "papermill",
    "pyarrow",
    "scrapbook",
    "sqlalchemy",
)
REPORTS = (
    "jstock_core.reports.build.money.measures",
    "jstock_core.reports.build.report",
    "jstock_core.reports.model.report",
    "jstock_core.reports.render.page",
    "jstock_core.runs.notebook.execute",
)
"""What measures performance, builds whole reports, writes their pages and executes notebooks."""
OTHERS = (
    "jstock_core.data.providers.files",
    "jstock_core.data.providers.jquants",
    "jstock_core.ops.watch.ended",
    "jstock_core.research.certificates.certify",
    "jstock_core.reports.model.headline",
    "rich.markup",
)
"""Sources of data that the desk does not name, how its jobs ended, checks of rules, what terminals show."""
LOADED = """
import json, sys
from jstock_core.cli import run
status = run(sys.argv[1:])
print("\\nloaded:" + json.dumps([status, sorted(sys.modules)]))
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated desk with five mornings journaled, and its market read once."""
    root = testing.desk(tmp_path_factory.mktemp("start-up") / "desk", ready="fetched").workspace.root
    dates = ["--from", "2026-01-14", "--to", "2026-01-20"]
    assert run(["replay", *dates, "-w", str(root), "--now", NOW, "--json"]) == ExitStatus.OK
    return root


def about(desk: Path) -> tuple[str, ...]:
    return "--workspace", str(desk), "--now", NOW, "--json"


def loaded(*given: str) -> tuple[str, int, list[str]]:
    """What a command prints in a process of its own, its status and the modules that were imported."""
    done = subprocess.run([sys.executable, "-c", LOADED, *given], capture_output=True, text=True, check=True)
    shown, _, found = done.stdout.rpartition("\nloaded:")
    status, modules = json.loads(found)
    return shown, status, modules


def test_a_status_does_not_measure(desk: Path) -> None:
    _, _, modules = loaded("trade", "status", *about(desk))
    assert [name for name in modules if name.startswith("jstock_core.research.")] == [
        "jstock_core.research.growth"
    ]


@pytest.mark.parametrize("command", ["prepare", "status"])
def test_a_trade_command_loads_nothing_heavy(desk: Path, command: str) -> None:
    """On a workspace whose market was read before, neither frames nor charts nor notebooks are imported.

    Neither is what executes notebooks, builds whole reports and writes pages.
    """
    shown, status, modules = loaded("trade", command, *about(desk))
    assert status == ExitStatus.OK
    assert json.loads(shown), "the command itself must have answered"
    assert [name for name in (*HEAVY, *REPORTS, *OTHERS) if name in modules] == []


@pytest.mark.parametrize("command", ["show", "install", "remove", "status"])
def test_a_schedule_is_handled_without_what_runs_it(desk: Path, command: str) -> None:
    """Neither notebooks nor messages are imported, nor what talks to networks."""
    folder = str(desk.parent / "cron")
    _, _, modules = loaded("schedule", command, "--kind", "cron", "--into", folder, *about(desk))
    others = ("asyncio", "jstock_core.ops.jobs", "jstock_core.ops.notify", "jstock_core.reports.build", "ssl")
    assert [name for name in (*HEAVY, *REPORTS, *OTHERS, *others) if name in modules] == []


def test_no_command_loads_at_once_what_a_part_of_it_needs() -> None:
    """A command imports charts, frames, pages and networks only where it comes to them."""
    places = sorted(leaf.module for leaf in leaves(TREE))
    program = "import json, sys\n" + "".join(f"import jstock_core.cli.{place}\n" for place in places)
    program += "print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    others = ("asyncio", "httpx", "jinja2", "nbformat", "optuna", "scipy", "ssl")
    assert [name for name in (*HEAVY, *others) if name in json.loads(done.stdout)] == []


def leaves(tree: Mapping[str, Leaf | Branch]) -> Iterator[Leaf]:
    for node in tree.values():
        yield from [node] if isinstance(node, Leaf) else leaves(node.tree)


def test_help_loads_nothing_of_the_market() -> None:
    """`jstock --help` answers before NumPy and pydantic are even imported."""
    _, _, modules = loaded("--help")
    others = ("jstock_core.desk", "numpy", "pydantic", "ruamel.yaml")
    assert [name for name in (*HEAVY, *others) if name in modules] == []


def test_a_command_ends_without_a_search_for_garbage() -> None:
    program = (
        "import atexit, gc, sys\n"
        "from jstock_core.cli import main\n"
        "sys.argv = ['jstock', '--version']\n"
        "atexit.register(lambda: print('frozen', gc.get_freeze_count() > 10_000))\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("frozen True\n")


def test_garbage_is_searched_for_once_a_command_is_imported(desk: Path) -> None:
    program = (
        "import atexit, gc, sys\n"
        "from jstock_core.cli import main\n"
        "import jstock_core.cli.program.tree as tree\n"
        "import_module = tree.import_module\n"
        "tree.import_module = lambda name: (print('importing', gc.isenabled()), import_module(name))[1]\n"
        "atexit.register(lambda: print('at work', gc.isenabled()))\n"
        "main()\n"
    )
    given = ["trade", "status", "--workspace", str(desk), "--now", NOW, "--json"]
    done = subprocess.run([sys.executable, "-c", program, *given], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("importing False\n")
    assert done.stdout.endswith("at work True\n")
