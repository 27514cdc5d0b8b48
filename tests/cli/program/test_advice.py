"""Every command that a sentence of the core names in backticks is one that can be typed as it stands."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator

import pytest

from jstock_core.cli.program.commands import TREE
from jstock_core.cli.program.tree import Branch, Leaf
from tests.architecture import modules

HOLE = "\N{BLACK SQUARE}"
"""What stands for a value that a sentence puts in."""
NEEDS_A_CHOICE = ("strategies check",)
"""Commands without a required argument that refuse to be run without any."""


def sentences(tree: ast.Module) -> Iterator[str]:
    """Texts of a module as they are printed, with holes for values; without docstrings."""
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) in inside | docs:
            continue
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(p.value) if isinstance(p, ast.Constant) else HOLE for p in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def advice() -> dict[str, list[str]]:
    """The commands in backticks, and the modules that name them."""
    found: dict[str, list[str]] = {}
    for module in modules():
        for text in sentences(module.tree):
            for command in re.findall(r"`(jstock [^`]+)`", text):
                found.setdefault(command, []).append(module.name)
    return found


ADVICE = advice()


@pytest.mark.parametrize("line", sorted(ADVICE))
def test_a_command_that_is_advised_can_be_typed(line: str) -> None:
    words = shlex.split(line)[1:]
    node: Leaf | Branch = Branch("", TREE)
    path: list[str] = []
    while isinstance(node, Branch) and words and HOLE not in words[0]:
        assert words[0] in node.tree, ADVICE[line]
        path.append(words[0])
        node = node.tree[words.pop(0)]
    if isinstance(node, Branch):
        return
    given = [word for word in words if word.startswith("--")]
    assert given or words or " ".join(path) not in NEEDS_A_CHOICE, ADVICE[line]
    command = node.load()
    if words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
    assert {word for word in given if HOLE not in word} <= {*known, "--help"}, ADVICE[line]
