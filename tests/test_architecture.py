"""The structure holds: imports point down only, without rings, and modules and functions stay readable."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.architecture import (
    PACKAGE,
    ROOT,
    Module,
    file_graph,
    functions,
    imports,
    lazy_own_imports,
    modules,
    modules_of_folders,
    own,
    repeated_names,
    rings,
    sibling_graphs,
    too_many_parameters,
    upward_imports,
)

FLOORS = (
    ("base",),
    ("market",),
    ("data", "state", "signals"),
    ("execution",),
    ("decide",),
    ("explain", "research"),
    ("reports",),
    ("runs",),
    ("desk",),
    ("ops",),
    ("cli", "testing"),
)
"""The rooms from the ground up; a room imports only from its own floor and those below."""

SUBROOMS = (
    ("data.tables", "data.providers", "data.store", "data.checks"),
    ("state.facts", "state.book", "state.journal", "state.accounts", "state.views", "state.trials"),
    ("signals.features", "signals.language", "signals.library"),
    ("reports.language", "reports.model", "reports.build", "reports.render"),
    (
        "desk.settings", "desk.workspace", "desk.day", "desk.recording", "desk.trading", "desk.care",
        "desk.lookback", "desk.trials", "desk.past", "desk.parity", "desk.rules", "desk.sweeps", "desk.lab",
        "desk.promotion",
    ),
    ("ops.watch", "ops.schedule", "ops.notify", "ops.parameters", "ops.health", "ops.jobs"),
    (
        "cli.terminal", "cli.program", "cli.recording", "cli.trade", "cli.ops", "cli.care", "cli.day",
        "cli.research",
    ),
)  # fmt: skip
"""The sub-rooms of a room, each with what it may import before it."""

STRANGERS = {
    ("signals", "state"), ("state", "signals"), ("data", "signals"), ("data", "state"), ("state", "data"),
    ("signals", "data"), ("explain", "research"), ("research", "explain"),
    ("cli", "testing"), ("testing", "cli"),
}  # fmt: skip
"""Rooms of one floor that know nothing of each other."""


def test_every_folder_of_tests_is_collected(request: pytest.FixtureRequest) -> None:
    left_out = request.config.getini("norecursedirs")
    paths = [path.relative_to(ROOT) for path in (ROOT / "tests").rglob("test_*.py")]
    assert not [p for p in paths if any(fnmatch(part, pattern) for part in p.parts for pattern in left_out)]


def test_imports_point_down_only() -> None:
    assert upward_imports(FLOORS, "room") == []


@pytest.mark.parametrize("order", SUBROOMS, ids=lambda order: order[0].partition(".")[0])
def test_imports_between_subrooms_point_down_only(order: tuple[str, ...]) -> None:
    assert upward_imports([[name] for name in order], "subroom") == []


LAZY = {
    "IPython": "slow; only inside a notebook",
    "PIL": "only for pictures in a mail",
    "arch": "imports SciPy; only to compare the sets of a sweep, and only there with the extra `lab`",
    "asyncio": "imports TLS; only to execute a notebook, and for a cluster",
    "apprise": "slow, and only there with the extra `notify`",
    "babel": "slow; only for a page that is not in English",
    "concurrent": "concurrent.futures: only where work is shared out",
    "css_inline": "only to write a mail",
    "distributed": "slow, and only there with the extra `dask`",
    "exchange_calendars": "imports pandas; only to generate the table of sessions",
    "filelock": "only where a lock is taken",
    "fsspec": "only to read a URL, and only there with the extra `dask`",
    "ipykernel": "only in the process of a kernel",
    "ipywidgets": "only in a notebook with a front end, and only there with the extra `lab`",
    "httpx": "imports anyio and TLS; only to ask a vendor",
    "jinja2": "only to write a page",
    "jupyter_client": "imports zmq and asyncio; only to execute a notebook",
    "jupyterlab": "only to serve a notebook, and only there with the extra `lab`",
    "jupyter_core": "only to execute a notebook",
    "logging": "logging.handlers: only where a line of the log is written",
    "keyring": "optional; only to look for a key",
    "markupsafe": "only to write a page",
    "nbclient": "imports zmq; only to execute a notebook",
    "nbconvert": "slow; only to write a page",
    "nbformat": "imports jsonschema; only to read a notebook",
    "optuna": "slow, and only there with the extra `lab`",
    "pandas": "slow; only to make tables for people, and to hash columns that the schema does not know",
    "papermill": "slow; only to execute a notebook",
    "platformdirs": "only to find the user's folder for counts of requests",
    "prometheus_client": "only where metrics are written",
    "psycopg": "slow, and only there with the extra `postgres`",
    "pyarrow": "slow; only to read and write the store, and what travels to other processes",
    "pwd": "there is none on Windows",
    "pydantic": "TypeAdapter: only where the kept book is read",
    "pyrate_limiter": "only to ask a vendor",
    "resvg_py": "only for pictures in a mail",
    "rich": "only where something is printed",
    "ruamel": "only where YAML is read or edited",
    "smtplib": "imports TLS; only to send a mail",
    "sqlalchemy": "slow; only where the journal itself is opened",
    "ssl": "slow; only to speak to a server",
    "structlog": "only where a line of the log is written",
    "tempfile": "only to report a defect",
    "tenacity": "only to ask a vendor",
    "traceback": "only to report a defect",
    "traitlets": "only to execute a notebook",
    "voila": "only to serve an app, and only there with the extra `lab`",
}
"""Packages that may be imported inside functions or under TYPE_CHECKING, each with the reason."""


def test_packages_imported_where_they_are_used_are_listed_with_a_reason() -> None:
    lazy = {each.target for each in imports() if each.lazy} - {t.target for t, _ in own(imports())}
    assert lazy <= LAZY.keys()
    assert LAZY.keys() <= lazy, "no longer imported lazily: take it off the list"


def test_every_room_has_a_floor() -> None:
    known = {name for floor in FLOORS for name in floor}
    assert {module.room for module in modules()} - {""} <= known
    known = {name for order in SUBROOMS for name in order}
    rooms = {name.partition(".")[0] for name in known}
    assert {m.subroom for m in modules() if m.room in rooms and "." in m.subroom} == known


def test_strangers_know_nothing_of_each_other() -> None:
    found = [
        str(each) for each, target in own(imports())
        if (each.module.room, target.partition(".")[0]) in STRANGERS
    ]  # fmt: skip
    assert found == []


def test_no_files_import_each_other_in_a_ring() -> None:
    """Every import counts: at the top, inside a function, under TYPE_CHECKING."""
    assert rings(file_graph()) == []


def test_no_sibling_rooms_import_each_other_in_a_ring() -> None:
    """Whatever their depth: what two rooms of one folder need of each other belongs into a third."""
    graphs = sibling_graphs()
    assert "terminal" in graphs["cli"]["trade"]
    assert {folder: found for folder, graph in graphs.items() if (found := rings(graph))} == {}


def test_rooms_stay_small() -> None:
    """A folder that is larger wants sub-rooms."""
    assert {folder: count for folder, count in modules_of_folders().items() if count > 18} == {}


def test_a_ring_would_be_found() -> None:
    assert rings({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set()}) == [["a", "b", "c"]]


def test_an_import_that_points_up_would_be_found() -> None:
    """Upside down, the house is full of them."""
    assert upward_imports(FLOORS[::-1], "room")


def test_every_room_says_what_it_is_for_and_what_may_enter() -> None:
    """Its floor is said once, in docs/architecture.md: a number in a docstring would grow old."""
    docstrings = {m.name: ast.get_docstring(m.tree) or "" for m in modules() if m.path.name == "__init__.py"}
    folders = {".".join(Path(folder).parts) for folder in modules_of_folders()}
    assert folders - docstrings.keys() == set()
    assert [name for name in sorted(folders) if "may enter" not in docstrings[name]] == []
    assert [name for name, text in docstrings.items() if not text or "Floor " in text] == []


def test_tests_mirror_the_core() -> None:
    """A test lies in the folder of its subject; those of several rooms have folders of their own."""
    apart = {"stories", "storms", "recovery", "testing", "browser"}
    folders = {path.parent.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("test_*.py")}
    inside = [folder for folder in folders if folder.parts and folder.parts[0] not in apart]
    assert [str(folder) for folder in inside if not (PACKAGE / folder / "__init__.py").exists()] == []
    split = {order[0].partition(".")[0] for order in SUBROOMS}
    assert [str(folder) for folder in inside if str(folder) in split] == []


def test_modules_stay_readable() -> None:
    long = {m.name: n for m in modules() if (n := len(m.path.read_text(encoding="utf-8").splitlines())) > 300}
    assert not long, "split a module over 300 lines"


def test_functions_stay_readable() -> None:
    assert [str(f) for f in functions() if f.lines > 50] == []
    assert sum(f.lines > 30 for f in functions()) / len(functions()) < 0.1


def test_public_names_are_unique() -> None:
    """A command of `cli` may be named like what it calls."""
    assert repeated_names() == {}


def test_names_are_of_the_vocabulary() -> None:
    """Words that say nothing are banned from the names of classes and functions."""
    banned = ("Manager", "Handler", "Helper", "Utils", "Processor", "V2")
    found = [
        f"{module.name}: {node.name}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and any(word in node.name for word in banned)
    ]
    assert not found


PICKLES = {"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
"""Modules that run whatever the bytes say that they read."""


@pytest.mark.parametrize("folder", ["jstock_core", "benchmarks"])
def test_nothing_is_pickled(folder: str) -> None:
    """Values are written down by `packing`; an executor pickles the calls that it is given by itself."""
    found = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for line, name in pickled(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not found


@pytest.mark.parametrize(
    "code",
    [
        "import pickle", "from joblib import dump", "import os.path, marshal as m", "import dill.source",
        "def f():\n    import shelve", "np.load(file, allow_pickle=True)", "frame.to_pickle(path)",
        "importlib.import_module('cloudpickle')",
    ],
)  # fmt: skip
def test_what_pickles_would_be_found(code: str) -> None:
    assert list(pickled(ast.parse(code)))


def pickled(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Where a module imports one that pickles, or asks another one to pickle."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                said = [alias.name for alias in names]
            case ast.ImportFrom(module=str(name)):
                said = [name]
            case ast.Constant(value=str(name)):
                said = [name]
            case ast.Attribute(attr=("to_pickle" | "read_pickle") as name):
                said = ["pickle"]
            case ast.keyword(arg="allow_pickle", value=value) if ast.unparse(value) != "False":
                said = ["pickle"]
            case _:
                continue
        yield from ((getattr(node, "lineno", 0), name) for name in said if name.partition(".")[0] in PICKLES)


OWN_FILES = {
    "base.identity.source", "data.providers.simulated.companies", "data.providers.simulated.events",
    "market.calendar", "market.rules", "market.settlement", "market.tax_rates",
    "reports.language.catalogue", "reports.render.parts.markup", "reports.render.svg.sheet",
    "research.certificates.identity", "research.certificates.seal", "research.certificates.sources",
    "runs.catalogue.page", "runs.notebook.shell", "runs.provenance", "state.journal.proof.book_cache",
}  # fmt: skip
"""Modules that read files of the package itself, which nobody hands over."""


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_files_are_read_through_limits(module: Module) -> None:
    """Anywhere else a pipe would hang, a huge file fill the memory, and deep JSON end the process."""
    found = [
        f"{module.name}:{node.lineno} {ast.unparse(node)}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and is_bare_read(node, node.func)
    ]
    assert found == [] or module.name in OWN_FILES | {"base.limits"}


WRITERS = {
    "base.contain": "its note is opened for the owner alone",
    "base.durable": "the door itself",
    "cli.terminal.streams": "the null device",
    "cli.terminal.pipes": "the null device",
    "cli.terminal.show": "the report of a defect: a temporary file, for its owner alone",
    "data.store.editions.ledger": "appends to a file made for its owner alone",
    "desk.day.publishing.daily": "charts in the folder of a run, which is private before and after",
    "desk.rules.built_in": "certificates of the checkout",
    "desk.past.golden_morning": "goldens of the checkout",
    "desk.lab.copying": "a copy in a temporary folder",
    "desk.workspace.copies": "a copy of a workspace, each file with the permissions it had",
    "desk.workspace.lock": "the holder's name, in a file made for the owner alone",
    "desk.workspace.workspace": "parameters, with the permissions of the template",
    "market.generate": "a table of the checkout",
    "ops.schedule.systemd": "a temporary folder for the checks of systemd",
    "ops.watch.logs": "opens its file for the owner alone",
    "research.sweep.market": "rules in a temporary folder, for their owner alone",
    "research.processes.other_process": "the null device",
    "research.proof": "copies of rules in a temporary folder",
    "runs.latest": "the name of a run, where there are no links",
    "runs.notebook.golden": "goldens of the checkout",
    "runs.notebook.launch": "a temporary folder of a kernel",
    "state.journal.backups": "folders for the owner alone, and their files are made so too",
    "state.journal.stores.store": "into such a folder",
}
"""Modules that write files otherwise than by `base.durable`, and why nobody else can read them."""


def test_files_are_written_for_their_owner_alone() -> None:
    """Anywhere else the umask would decide who reads what concerns money."""
    found = {module.name for module in modules() if module.room != "testing"
             for node in ast.walk(module.tree) if is_bare_write(node)}  # fmt: skip
    assert found - WRITERS.keys() == set(), "write it by `base.durable`"
    assert WRITERS.keys() - found == set(), "it writes nothing any more: take it off the list"


def is_bare_write(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = ast.unparse(node.func)
    modes = [str(each.value) for each in [*node.args, *(k.value for k in node.keywords)]
             if isinstance(each, ast.Constant)]  # fmt: skip
    opens = called.endswith("open") and any(re.fullmatch(r"[wax]b?\+?|r\+b?", mode) for mode in modes)
    creates = called == "os.open" and "O_RDONLY" not in ast.unparse(node)
    copies = re.fullmatch(r"shutil\.(copy\w*|move)", called) is not None
    writes = called.endswith((".write_text", ".write_bytes", "NamedTemporaryFile")) or called == "mkstemp"
    return opens or creates or copies or writes


def is_bare_read(call: ast.Call, function: ast.Attribute) -> bool:
    if function.attr == "open" and call.args and isinstance(call.args[0], ast.Constant):
        return "r" in str(call.args[0].value)
    return function.attr in ("read_text", "read_bytes") or ast.unparse(function) == "json.load"


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_nothing_catches_everything_without_saying_why(module: Module) -> None:
    """`except Exception` hides defects: it raises again, or carries a lint mark with a comment."""
    lines = module.path.read_text(encoding="utf-8").splitlines()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ExceptHandler) and catches_everything(node):
            again = isinstance(node.body[-1], ast.Raise)
            assert again or "noqa: BLE001" in lines[node.lineno - 1], f"{module.name}:{node.lineno}"


def catches_everything(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or ast.unparse(handler.type) in ("Exception", "BaseException")


def test_the_package_is_where_it_should_be() -> None:
    assert (PACKAGE / "__init__.py").exists()


def test_our_modules_are_imported_at_the_top() -> None:
    """Nothing of ours is imported inside a function or for types only."""
    assert lazy_own_imports() == []


def test_functions_have_at_most_seven_parameters() -> None:
    """Commands are excepted: their parameters are the options."""
    assert too_many_parameters() == []
