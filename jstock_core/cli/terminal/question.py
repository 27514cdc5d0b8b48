"""A question at the terminal."""

from __future__ import annotations

from jstock_core.cli.terminal.show import console, escape


def ask(question: str, default: str) -> str:
    """What is typed, or the default."""
    shown = f" [cyan]({escape(default)})[/]" if default else ""
    return console().input(f"{question}{shown}: ", emoji=False).strip() or default
