"""A group of commands that imports a command's module only when that command is run.

Help lists the commands from the tree itself, so that `jstock --help` is immediate; a test holds the tree's
words equal to the commands' own.
"""

from __future__ import annotations

import gc
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command


@dataclass(frozen=True)
class Leaf:
    """A command: the module that holds it, in its room of `cli`, its name there, and its help in one line."""

    module: str
    attribute: str
    help: str

    def stub(self, name: str) -> Any:
        """The command as help lists it."""
        return TyperCommand(name, help=self.help, rich_markup_mode="rich")

    def load(self) -> Any:
        """The command, imported."""
        found = getattr(import_module(f"jstock_core.cli.{self.module}"), self.attribute)
        if not gc.isenabled():  # `main` waits for this with the search for garbage
            gc.freeze()
            gc.enable()
        return get_command(found) if isinstance(found, typer.Typer) else found


@dataclass(frozen=True)
class Branch:
    """Commands under a name of their own."""

    help: str
    tree: Mapping[str, Leaf | Branch]

    def stub(self, name: str) -> Any:
        """The group, to be stub and to be run."""
        return Commands(name=name, help=self.help, no_args_is_help=True, tree=self.tree)


class Commands(TyperGroup):
    """Commands in the order of a tree, imported when they are run."""

    def __init__(self, *, tree: Mapping[str, Leaf | Branch], **attributes: Any) -> None:
        commands = {name: node.stub(name) for name, node in tree.items()}
        super().__init__(**attributes | {"commands": commands, "rich_markup_mode": "rich"})
        self.tree = tree

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
        """The command that the arguments name, ready to be run."""
        name, found, rest = super().resolve_command(ctx, args)
        node = self.tree.get(name) if name else None
        return name, node.load() if isinstance(node, Leaf) else found, rest
