"""Every command that a sentence of the core names in backticks is one that can be typed as it stands."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
from babel.messages.pofile import read_po

from jstock_core.cli.program.commands import TREE
from jstock_core.cli.program.tree import Branch, Leaf
from tests.architecture import ROOT, modules

HOLE = "\N{BLACK SQUARE}"
"""What stands for a value that a sentence puts in."""
NEEDS_A_CHOICE = ("strategies check",)
"""Commands without a required argument that refuse to be run without any."""

OPTIONS = {
    f"jstock daily {HOLE}": "--date DATE",
    f"jstock data import FOLDER {HOLE}": "FOLDER --workspace PATH",
    f"jstock state correct {HOLE} {HOLE} --reason TEXT": "ID --reverse --reason TEXT",
    f'jstock state correct {HOLE} {HOLE} --reason "corrected by the broker"': "ID --shares N --reason TEXT",
}
"""Lines with a hole for options, and how they are filled."""


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
    """The commands in backticks, and the modules that name them; the Japanese sentences, too."""
    found: dict[str, list[str]] = {}
    said = [(module.name, text) for module in modules() for text in sentences(module.tree)]
    for name, text in (*said, *(("ja.po", text) for text in japanese())):
        for command in re.findall(r"`(jstock [^`]+)`", re.sub(r"\{\w+\}", HOLE, text)):
            found.setdefault(command, []).append(name)
    return found


def japanese() -> Iterator[str]:
    with (ROOT / "jstock_core" / "reports" / "language" / "ja.po").open("rb") as file:
        for message in read_po(file):
            yield from (message.string,) if isinstance(message.string, str) else message.string


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
    filled = OPTIONS[line].split() if line in OPTIONS else words
    assert misfit(command, filled) == "", ADVICE[line]


def misfit(command: Any, words: list[str]) -> str:
    """What a parser says against words after a command's name, "" for nothing.

    A name alone speaks of the command, so nothing is missing. A hole may be filled with several words.
    """
    options = {name: each for each in command.params for name in (*each.opts, *each.secondary_opts)}
    given: set[str] = set()
    places, rest = 0, list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            places += 1
        elif word in options:
            given.add(options[word].name)
            if not options[word].is_flag and not rest:
                return f"{word} has no value"
            rest = rest if options[word].is_flag else rest[1:]
        elif word != "--help" and HOLE not in word:
            return f"there is no {word}"
    open_ = any(HOLE in word for word in words) or "..." in words or not words or "--help" in words
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    if places > len(arguments) and all(each.nargs > 0 for each in arguments):
        return f"{places} arguments, for {len(arguments)}"
    if not open_ and places < sum(each.required for each in arguments):
        return f"{places} arguments are not all"
    needed = {each.name for each in command.params if each.required and each not in arguments}
    return f"without {sorted(needed - given)}" if needed - given and not open_ else ""


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("2026", "1 arguments, for 0"),
        ("--yaer 2026", "there is no --yaer"),
        ("--csv sales.csv", "without ['year']"),
        ("--year", "--year has no value"),
        ("--year 2026 --csv sales.csv", ""),
        ("", ""),
    ],
)
def test_what_cannot_be_typed_is_found(words: str, why: str) -> None:
    tax = TREE["tax"]
    assert isinstance(tax, Leaf)
    assert misfit(tax.load(), words.split()) == why
