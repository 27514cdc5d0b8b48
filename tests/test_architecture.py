"""The house holds: imports point down only, and the rooms keep their shape."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "jstock_core"
FLOORS = (
    {"errors", "params", "market"},
    {"data", "state", "signals"},
    {"execution"},
    {"groups", "decide", "morning"},
    {"research", "reports", "runs", "ops"},
    {"desk"},
    {"cli"},
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "_template" not in path.parts)
STRANGERS = {("signals", "state"), ("state", "signals"), ("data", "signals"), ("data", "state")}


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        rooms |= {name.split(".")[1] for name in names if name.startswith("jstock_core.")}
    return rooms


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_down_only(path: Path) -> None:
    room = room_of(path)
    if room == "__init__":
        assert imported_rooms(path) == set()
        return
    for other in imported_rooms(path):
        assert FLOOR[other] <= FLOOR[room], (
            f"{room} (floor {FLOOR[room]}) imports {other} (floor {FLOOR[other]})"
        )
        assert (room, other) not in STRANGERS, f"{room} must know nothing of {other}"


def test_every_room_says_what_it_is_for() -> None:
    rooms = [path for path in PACKAGE.iterdir() if path.is_dir() and (path / "__init__.py").exists()]
    assert {room.name for room in rooms} >= {"market", "data", "signals", "state", "execution", "desk", "cli"}
    for room in rooms:
        assert ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8"))), room.name


def test_modules_stay_readable() -> None:
    long = {
        str(p.relative_to(PACKAGE)): n
        for p in MODULES
        if (n := len(p.read_text(encoding="utf-8").splitlines())) > 300
    }
    assert not long, "a module over 300 lines wants to be two"


def test_functions_stay_readable() -> None:
    long = {}
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = node.end_lineno - node.lineno + 1
                if lines > 50:
                    long[f"{path.relative_to(PACKAGE)}:{node.name}"] = lines
    assert not long, "a function over 50 lines wants to be two"


def test_names_are_of_the_house() -> None:
    """Words that say nothing are banned from the names of classes and functions."""
    banned = ("Manager", "Handler", "Helper", "Utils", "Processor", "V2")
    found = [
        f"{path.relative_to(PACKAGE)}: {node.name}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and any(word in node.name for word in banned)
    ]
    assert not found


def test_nothing_catches_everything_without_saying_why() -> None:
    """`except Exception` hides defects: it raises again, or carries a lint mark with a comment."""
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ExceptHandler) and catches_everything(node):
                again = isinstance(node.body[-1], ast.Raise)
                assert again or "noqa: BLE001" in lines[node.lineno - 1], (
                    f"{path.relative_to(PACKAGE)}:{node.lineno}"
                )


def catches_everything(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or ast.unparse(handler.type) in ("Exception", "BaseException")
