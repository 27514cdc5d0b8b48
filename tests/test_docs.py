"""The documents name what exists: files, modules, commands, names of the code; and the rooms as they are."""

from __future__ import annotations

import importlib
import re
import shlex
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from jstock_core.cli.program.commands import TREE
from jstock_core.cli.program.tree import Branch, Leaf
from tests.architecture import ROOT, modules
from tests.test_architecture import FLOORS, SUBROOMS

PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted((
        *ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "benchmarks" / "README.md",
    ))
}  # fmt: skip
CHECKED = [name for name in PAGES if name not in ("docs/strategies.md", "CHANGELOG.md")]
BEGINNING = 50
FILES = re.compile(r"(?:[\w.-]+/)+(?:[\w.-]+)?")
MADE = (
    "runs/",
    "data/state",
    "data/log/",
    "data/context.json",
    "data/universe",
    "data/sweeps/",
    "data/lab/",
    "data/trials.sqlite",
    "params/candidates/",
    "params/promotions",
    "data/raw",
    "data/parsed",
    "params/my_rules",
)
"""Places that a desk makes, or that an example names."""
ARCHITECTURE = PAGES["docs/architecture.md"]


def code_spans(text: str) -> Iterator[str]:
    """What stands between single backticks, outside of blocks."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    yield from re.findall(r"`([^`\n]+)`", prose)


def blocks(text: str, language: str) -> str:
    return "\n".join(re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("page", CHECKED)
def test_python_on_a_page_imports_what_it_uses_at_first(page: str) -> None:
    code = blocks(PAGES[page], "python")
    for name in ("js", "np", "pd"):
        used, imported = (
            re.search(rf"\b{name}\.", code),
            re.search(rf"^import \w+ as {name}$", code, re.MULTILINE),
        )
        assert not used or (imported and imported.start() < used.start()), name


@pytest.mark.parametrize("page", CHECKED)
def test_every_file_that_is_named_exists(page: str) -> None:
    named = {span for span in code_spans(PAGES[page]) if FILES.fullmatch(span)}
    missing = [n for n in named if not n.startswith(MADE) and not any(ROOT.glob(n.rstrip("/")))]
    assert not missing


@pytest.mark.parametrize("page", [name for name in PAGES if name != "docs/strategies.md"])
def test_no_line_follows_an_older_version_of_itself(page: str) -> None:
    prose = re.sub(r"```.*?```", "", PAGES[page], flags=re.DOTALL)
    begins = [line[:BEGINNING] for line in prose.splitlines() if len(line) > BEGINNING]
    assert [first for n, first in enumerate(begins) if first in begins[n + 1 : n + 4]] == []


@pytest.mark.parametrize("page", CHECKED)
def test_every_link_leads_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", PAGES[page]):
        if "://" in target:
            continue
        file, _, heading = target.partition("#")
        place = (ROOT / page).parent.joinpath(file) if file else ROOT / page
        assert place.exists(), target
        assert not heading or heading in anchors(place.read_text(encoding="utf-8")), target


def anchors(text: str) -> set[str]:
    """What links to headings of a page name them by: small letters, "-" for spaces, nothing else."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", CHECKED)
def test_every_module_that_is_named_exists(page: str) -> None:
    for span in code_spans(PAGES[page]):
        if re.fullmatch(r"jstock_core(\.\w+)+", span):
            assert _resolves(span), span


def _resolves(dotted: str) -> bool:
    module, _, name = dotted.rpartition(".")
    try:
        importlib.import_module(dotted)
    except ModuleNotFoundError:
        return hasattr(importlib.import_module(module), name)
    return True


def commands(text: str) -> set[str]:
    """The commands a page names, in blocks and between backticks."""
    lines = [*blocks(text, "sh").splitlines(), *blocks(text, "text").splitlines(), *code_spans(text)]
    found = (re.search(r"(?:^|&& )(jstock [^&#|`]+)", line.split("  #")[0].strip()) for line in lines)
    return {match[1] for match in found if match}


@pytest.mark.parametrize("page", CHECKED)
def test_every_command_that_is_named_exists(page: str) -> None:
    for line in commands(PAGES[page]):
        words = shlex.split(line.replace("...", "").replace("|", " "))[1:]
        assert _is_command(words, TREE), line


def _is_command(words: list[str], tree: Mapping[str, Leaf | Branch]) -> bool:
    """Whether words begin with a command of the tree, or are options of jstock itself."""
    if not words or words[0].startswith("-"):
        return True
    node = tree.get(words[0])
    if isinstance(node, Branch):
        return _is_command(words[1:], node.tree)
    if node is None:
        return False
    inner = getattr(node.load(), "commands", None)
    return inner is None or not words[1:] or words[1].startswith("-") or words[1] in inner


@cache
def rooms() -> list[tuple[int, str, tuple[str, ...]]]:
    """Floor, room and sub-rooms, as docs/architecture.md lists them."""
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \| [^|]+ \|([^|]*)\|$", ARCHITECTURE, re.MULTILINE)
    return [(int(floor), room, tuple(re.findall(r"`(\w+)`", inner))) for floor, room, inner in rows]


def test_the_rooms_are_on_the_floors_of_the_architecture_test() -> None:
    listed: dict[int, set[str]] = {}
    for floor, room, _ in rooms():
        listed.setdefault(floor, set()).add(room)
    there = {module.room for module in modules()}
    expected = {n: set(names) & there for n, names in enumerate(FLOORS)}
    assert listed == {floor: names for floor, names in expected.items() if names}


def test_the_sub_rooms_are_listed_in_their_order() -> None:
    listed = {room: inner for _, room, inner in rooms() if inner}
    assert listed == {
        order[0].partition(".")[0]: tuple(name.partition(".")[2] for name in order) for order in SUBROOMS
    }


def test_every_class_and_function_of_the_architecture_page_exists() -> None:
    """A name in backticks that looks like one of the code is defined, or a decorator or field of it."""
    text = "\n".join(m.path.read_text(encoding="utf-8") for m in modules())
    text += "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests").rglob("*.py")))
    named = {
        word
        for span in code_spans(ARCHITECTURE)
        if re.fullmatch(r"@?[A-Za-z_]\w+(\(\))?", span)
        for word in [span.strip("@()")]
    }
    assert [word for word in sorted(named) if not re.search(rf"\b{word}\b", text)] == []


def test_the_types_of_a_day_exist() -> None:
    names = {
        name
        for module in modules()
        for name in re.findall(r"^class (\w+)", _source(module.path), re.MULTILINE)
    }
    arrows = re.findall(r"▶ (\w+)", blocks(ARCHITECTURE, "text"))
    assert len(arrows) >= 10
    assert set(arrows) <= names
    called = set(re.findall(r"\b([a-z]\w+)\(", blocks(ARCHITECTURE, "text")))
    functions = {n for m in modules() for n in re.findall(r"^ *def (\w+)", _source(m.path), re.MULTILINE)}
    assert called <= functions


@cache
def _source(path: Path) -> str:
    return path.read_text(encoding="utf-8")
