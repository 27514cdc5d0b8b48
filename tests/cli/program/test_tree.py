"""The command tree: it lists every command by its own help; commands show an example and print JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest
from typer.core import TyperCommand

from jstock_core.cli.program.commands import TREE
from jstock_core.cli.program.tree import Branch, Leaf
from tests.architecture import PACKAGE


def leaves(tree: Mapping[str, Leaf | Branch], path: str = "") -> Iterator[tuple[str, Leaf]]:
    for name, node in tree.items():
        if isinstance(node, Branch):
            yield from leaves(node.tree, f"{path} {name}".strip())
        else:
            yield f"{path} {name}".strip(), node


LEAVES = [pytest.param(*each, id=each[0]) for each in leaves(TREE)]
COMMANDS = [
    pytest.param(path, leaf, id=path) for path, leaf in leaves(TREE) if isinstance(leaf.load(), TyperCommand)
]


@pytest.mark.parametrize(("path", "leaf"), LEAVES)
def test_help_lists_the_first_line_of_a_commands_own_help(path: str, leaf: Leaf) -> None:
    command = leaf.load()
    assert command.help.splitlines()[0] == leaf.help, path


@pytest.mark.parametrize(("path", "leaf"), COMMANDS)
def test_every_command_has_an_example_that_runs_it(path: str, leaf: Leaf) -> None:
    assert f"Example: jstock {path}" in leaf.load().epilog


@pytest.mark.parametrize(("path", "leaf"), COMMANDS)
def test_every_command_prints_json_where_it_is_asked_to(path: str, leaf: Leaf) -> None:
    assert "--json" in {option for parameter in leaf.load().params for option in parameter.opts}, path


def test_all_commands_of_trade_are_in_the_tree() -> None:
    paths = {path for path, _ in leaves(TREE)}
    assert {path.removeprefix("trade ") for path in paths if path.startswith("trade ")} == {
        "prepare", "approve", "record", "status", "pnl", "history", "reconcile", "report", "orders list",
        "orders cancel", "orders export", "cash deposit", "cash withdraw", "cash dividend", "cash fee",
        "cash set",
        "position set", "group adopt", "group wind-down", "group rename",
    }  # fmt: skip


def remedies() -> Iterator[tuple[str, str]]:
    """Commands with options that messages of the core name, each with its file."""
    for file in sorted(PACKAGE.rglob("*.py")):
        for said in re.findall(r"`jstock ([a-z][^`\n]* --[^`\n]*)`", file.read_text(encoding="utf-8")):
            yield said, str(file.relative_to(PACKAGE))


def test_a_command_that_a_message_names_can_be_typed_as_it_stands() -> None:
    """Its options exist, and those that it needs are there."""
    known = dict(leaves(TREE))
    seen = 0
    for said, file in remedies():
        found = max((path for path in known if re.match(rf"{path}[ {{]", said)), key=len, default="")
        assert found, f"{file}: {said}"
        command = known[found].load()
        if not isinstance(command, TyperCommand) or said.endswith(" --help"):
            continue
        options = {opt: each for each in command.params for opt in each.opts if opt.startswith("-")}
        given = re.findall(r"(?<![\w-])--[a-z][a-z-]*", said)
        assert not set(given) - set(options), f"{file}: {said}"
        needed = {max(each.opts, key=len) for each in options.values() if each.required}
        assert not needed - set(given), f"{file}: {said}"
        seen += 1
    assert seen > 20
