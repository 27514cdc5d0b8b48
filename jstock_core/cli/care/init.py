"""`jstock init`: make a workspace."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from jstock_core.base.clock import make_clock
from jstock_core.base.errors import UsageError
from jstock_core.base.params import did_you_mean
from jstock_core.cli.program.command import command
from jstock_core.cli.program.options import NowOption
from jstock_core.cli.terminal.show import console, escape
from jstock_core.data.providers.registry import PROVIDERS, capabilities_of, discover_settings
from jstock_core.desk.workspace.workspace import create_workspace, require_free_folder


@dataclass(frozen=True)
class InitResult:
    """A new workspace, its provider, what was found out of that, and what to do next."""

    workspace: Path
    provider: str
    next_step: str
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "workspace": str(self.workspace), "provider": self.provider, "notes": list(self.notes),
            "next_step": self.next_step,
        }  # fmt: skip


def _show(made: InitResult) -> None:
    for note in made.notes:
        console().print(f"  {escape(note)}", soft_wrap=True)
    console().print(
        f"made {escape(str(made.workspace))}: edit params/, then {escape(made.next_step)}",
        soft_wrap=True,
    )


@command(example="jstock init ~/desk", show=_show)
def init(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="The folder to make.")] = ".",
    provider: Annotated[
        str,
        typer.Option(
            "--provider", metavar="NAME", help="Where prices come from: simulated, files or jquants."
        ),
    ] = "simulated",
    now: NowOption = "",
) -> InitResult:
    """Make a workspace, with parameters to edit."""
    if provider not in PROVIDERS.names():
        raise UsageError(f'unknown provider "{provider}"{did_you_mean(provider, PROVIDERS.names())}')
    require_free_folder(Path(folder))
    found = discover_settings(provider, make_clock(now)(), where="--provider")
    fetches = capabilities_of({"use": provider, **found.settings}, where="--provider").fetches
    made = create_workspace(Path(folder), provider, found)
    at = f"--workspace {shlex.quote(folder)}"
    step = f"`jstock daily {at}`" if fetches else f"`jstock data import FOLDER {at}`"
    listed = made.data / "monitor_list.json"
    if fetches and not listed.exists():
        step = f"list the codes to watch in {listed} and run {step}"
    return InitResult(made.root, provider, step, found.notes)
