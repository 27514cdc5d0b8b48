"""The structure of `jstock_core` read from its source: modules, rooms, imports, functions and public names.

`python -m tests.architecture` prints the measures.
"""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "jstock_core"
Graph = Mapping[str, set[str]]


@dataclass(frozen=True)
class Module:
    """A module of the package: its dotted name without `jstock_core.`, its file and its syntax tree."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def room(self) -> str:
        """The first folder, as `desk`; "" for a module beside the rooms."""
        return self.path.relative_to(PACKAGE).parts[0] if self.path.parent != PACKAGE else ""

    @property
    def subroom(self) -> str:
        """The first two folders, as `desk.day`; the room for a module that lies in it directly."""
        return ".".join(self.path.relative_to(PACKAGE).parent.parts[:2])


@dataclass(frozen=True)
class Import:
    """An import, of ours or of another package: at the top, or `lazy`: in a function or for types only."""

    module: Module
    target: str
    line: int
    lazy: bool

    def __str__(self) -> str:
        return f"{self.module.path.relative_to(ROOT)}:{self.line} imports {self.target}"


@dataclass(frozen=True)
class Function:
    """A function or method: where it is, how long it is, and how many parameters a caller can give."""

    module: Module
    name: str
    lines: int
    parameters: int
    decorators: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.module.name}.{self.name}"


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the package."""
    paths = sorted(PACKAGE.rglob("*.py"))
    return tuple(Module(_name(path), path, ast.parse(path.read_text(encoding="utf-8"))) for path in paths)


def _name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports() -> tuple[Import, ...]:
    """Every import: at the top, inside a function, under TYPE_CHECKING."""
    names = {module.name for module in modules()}
    return tuple(found for module in modules() for found in _imports(module, names))


def _imports(module: Module, names: set[str]) -> Iterator[Import]:
    top = set(map(id, _outside_functions(module.tree)))
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            assert not (isinstance(node, ast.ImportFrom) and node.level), f"{module.name}: a relative import"
            for target in dict.fromkeys(_targets(node, names)):
                yield Import(module, target, node.lineno, id(node) not in top)


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    """What is run when a module is imported: nothing inside functions or under TYPE_CHECKING."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        yield child
        yield from _outside_functions(child)


def _targets(node: ast.Import | ast.ImportFrom, names: set[str]) -> Iterator[str]:
    """Our modules as "jstock_core.x.y", and others by their first name."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.name if alias.name.startswith("jstock_core") else alias.name.partition(".")[0]
        return
    source = node.module or ""
    if not source.startswith("jstock_core"):
        yield source.partition(".")[0]
        return
    for alias in node.names:
        inner = f"{source}.{alias.name}".removeprefix("jstock_core.")
        yield f"jstock_core.{inner}" if inner in names else source


def own(found: Iterable[Import]) -> Iterator[tuple[Import, str]]:
    """Imports of our own modules, with the name of the module imported."""
    for each in found:
        if each.target == "jstock_core" or each.target.startswith("jstock_core."):
            yield each, each.target.removeprefix("jstock_core").removeprefix(".")


def file_graph() -> Graph:
    """Which module imports which."""
    graph: dict[str, set[str]] = defaultdict(set)
    for each, target in own(imports()):
        graph[each.module.name].add(target)
    return graph


def sibling_graphs() -> Mapping[str, Graph]:
    """For each folder, which of the folders in it imports which; "" for the package."""
    folders = {module.name: module.path.relative_to(PACKAGE).parent.parts for module in modules()}
    graphs: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for name, targets in file_graph().items():
        for target in targets:
            for depth, (here, there) in enumerate(zip(folders[name], folders[target], strict=False)):
                if here != there:
                    graphs["/".join(folders[name][:depth])][here].add(there)
                    break
    return graphs


def modules_of_folders() -> Mapping[str, int]:
    """How many modules lie in each folder itself, `__init__` not counted; the package's own left out."""
    folders = Counter(str(m.path.parent.relative_to(PACKAGE)) for m in modules() if m.path.stem != "__init__")
    return {folder: count for folder, count in folders.items() if folder != "."}


def rings(graph: Graph) -> list[list[str]]:
    """Groups of two or more that reach each other (Tarjan's strongly connected components)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in graph.get(name, ()):
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            ring = [stack.pop()]
            while ring[-1] != name:
                ring.append(stack.pop())
            if len(ring) > 1:
                found.append(sorted(ring))

    for name in list(graph):
        if name not in index:
            visit(name)
    return found


@cache
def functions() -> tuple[Function, ...]:
    """Every function and method."""
    return tuple(
        Function(
            module,
            node.name,
            (node.end_lineno or node.lineno) - node.lineno + 1,
            _parameters(node.args),
            tuple(ast.unparse(d) for d in node.decorator_list),
        )
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def _parameters(args: ast.arguments) -> int:
    every = [a.arg for a in (*args.posonlyargs, *args.args, *args.kwonlyargs) if a.arg not in ("self", "cls")]
    return len(every)


@cache
def public_names() -> Mapping[str, tuple[Module, ...]]:
    """Classes and functions at the top of modules, without an underscore, and the modules that have them."""
    found: dict[str, list[Module]] = defaultdict(list)
    for module in modules():
        for node in module.tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(module)
    return {name: tuple(places) for name, places in found.items()}


def repeated_names() -> dict[str, list[str]]:
    """Public names that occur in two modules; a command of `cli` may be named like what it calls."""
    return {
        name: sorted(module.name for module in places)
        for name, places in public_names().items()
        if len([module for module in places if module.room != "cli"]) > 1
    }


def lines_of_code(folder: Path) -> int:
    """Lines of the Python files under a folder."""
    return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in folder.rglob("*.py"))


def measures() -> dict[str, str]:
    """The figures of the structure, in words."""
    lengths = [function.lines for function in functions()]
    sizes = [len(module.path.read_text(encoding="utf-8").splitlines()) for module in modules()]
    core, tests = lines_of_code(PACKAGE), lines_of_code(ROOT / "tests")
    over = sum(length > 30 for length in lengths) / len(lengths)
    return {
        "modules": f"{len(sizes)}, longest {max(sizes)} lines",
        "functions": f"{len(lengths)}: median {median(lengths):.0f}, p90 {quantiles(lengths, n=10)[-1]:.0f}, "
        f"longest {max(lengths)} lines, {100 * over:.1f} % over 30",
        "parameters": f"at most {max(f.parameters for f in functions() if f.module.room != 'cli')}",
        "largest folder": f"{max(modules_of_folders().values())} modules",
        "rings of files": str(len(rings(file_graph()))),
        "names in two modules": str(len(repeated_names())),
        "lines of tests per line of code": f"{tests / core:.2f} ({tests:,} / {core:,})",
    }


def lazy_own_imports() -> list[str]:
    """Imports of our own modules inside functions or under TYPE_CHECKING."""
    return [str(each) for each, _ in own(imports()) if each.lazy]


def too_many_parameters(limit: int = 7) -> list[str]:
    """Functions with more parameters than that; typer's commands are excepted, for options are parameters."""
    return [
        f"{function} ({function.parameters})"
        for function in functions()
        if function.parameters > limit and function.module.room != "cli"
    ]


def upward_imports(order: Iterable[Iterable[str]], place: str) -> list[str]:
    """Imports between rooms ("room") or sub-rooms ("subroom") that point up in an order of floors."""
    floor = {name: n for n, names in enumerate(order) for name in names}
    by_name = {module.name: module for module in modules()}
    found = []
    for each, target in own(imports()):
        here, there = getattr(each.module, place), getattr(by_name[target], place)
        if here in floor and there in floor and floor[there] > floor[here]:
            found.append(str(each))
    return found


if __name__ == "__main__":
    for heading, rows in (
        ("lazy imports of our own modules", lazy_own_imports()),
        ("more than seven parameters", too_many_parameters()),
    ):
        print(f"{heading}: {len(rows)}", *(f"  {row}" for row in rows), sep="\n")  # noqa: T201
    for what, figure in measures().items():
        print(f"{what:<32} {figure}")  # noqa: T201 - a script
    for name, places in sorted(repeated_names().items()):
        print(f"  {name}: {', '.join(places)}")  # noqa: T201
