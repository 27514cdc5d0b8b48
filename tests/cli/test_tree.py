"""The command tree: what help lists is what the commands say of themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from jstock_core.cli.app import TREE
from jstock_core.cli.tree import Branch, Leaf


def leaves(tree: Mapping[str, Leaf | Branch], path: str = "") -> Iterator[tuple[str, Leaf]]:
    for name, node in tree.items():
        if isinstance(node, Branch):
            yield from leaves(node.tree, f"{path} {name}".strip())
        else:
            yield f"{path} {name}".strip(), node


@pytest.mark.parametrize(("path", "leaf"), [pytest.param(*each, id=each[0]) for each in leaves(TREE)])
def test_help_lists_the_first_line_of_a_commands_own_help(path: str, leaf: Leaf) -> None:
    command = leaf.load()
    assert command.help.splitlines()[0] == leaf.help, path


@pytest.mark.parametrize(("path", "leaf"), [pytest.param(*each, id=each[0]) for each in leaves(TREE)])
def test_every_command_has_an_example_that_runs_it(path: str, leaf: Leaf) -> None:
    command = leaf.load()
    if not hasattr(command, "commands"):
        assert f"Example: jstock {path}" in command.epilog
