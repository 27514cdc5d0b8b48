"""One way to write a command: a function from an open desk to a result, and how the result is shown.

    @command(show=show_recorded, example="jstock trade cash deposit conservative 1000000")
    def deposit(desk: Desk, group: Group, yen: Yen, *, reason: Reason = "deposit") -> Recorded:
        \"\"\"Put cash into a group.\"\"\"
        return cash.deposit(desk, group, yen, reason=reason)

The decorator adds `--json`, and for a command with a `desk` also `--workspace` and `--now`; it opens the desk
once, prints the result and ends with the result's exit status.
"""

from __future__ import annotations

import inspect
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar, get_type_hints

import typer
from typer.core import TyperCommand
from typer.main import get_command

from jstock_core.base.contain import ended_by
from jstock_core.base.errors import (
    ExitStatus,
    PublishError,
    TicketList,
    UsageError,
    WriteError,
    error_reason,
)
from jstock_core.base.limits import SIGN_ADVICE
from jstock_core.cli.program.options import JsonOption, NowOption, WorkspaceOption
from jstock_core.cli.terminal.show import show_historical, show_json
from jstock_core.desk.workspace.desk import Desk, open_desk
from jstock_core.ops.watch.exits import exit_of
from jstock_core.ops.watch.logs import log_command

DESK, JSON = "desk", "as_json"
_NEGATIVE = re.compile(r"-[¥\d][\d,._eE]*")


class NumberAwareCommand(TyperCommand):
    """A command that knows a negative number from an option, so that "-100" is not "No such option: -1"."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words after the command's name.

        Raises:
            UsageError: one of them is a negative number, and no option takes it.

        """
        valued = {name for each in self.params if not getattr(each, "is_flag", True) for name in each.opts}
        words = args[: args.index("--")] if "--" in args else args
        for before, word in zip(["", *words], words, strict=False):
            if _NEGATIVE.fullmatch(word) and before not in valued:
                raise UsageError(f'"{word}" is a negative number', do=f"write {word[1:]} {SIGN_ADVICE}")
        return super().parse_args(ctx, args)


class Result(Protocol):
    """What a command returns: values that show themselves as JSON. An `exit` that is not 0 is its status."""

    def as_json(self) -> Any:
        """Plain JSON."""


R = TypeVar("R", bound=Result)


def command(*, example: str, show: Callable[[R], None], name: str = "") -> Callable[[Callable[..., R]], Any]:
    """Make a command of the command line out of a function; its docstring is the help.

    The function's parameters are the command's, except `desk`: it is opened from `--workspace` and `--now`.
    One annotated `Desk | None` gets None where no workspace is named and none is found. A function that asks
    at the terminal takes `as_json` itself, to know that it must not.
    """

    def decorate(function: Callable[..., R]) -> Any:
        own = typer.Typer(add_completion=False, rich_markup_mode="rich")
        own.command(name or None, cls=NumberAwareCommand, epilog=f"Example: {example}")(
            _with_options(function, show)
        )
        return get_command(own)

    return decorate


def _with_options(function: Callable[..., R], show: Callable[[R], None]) -> Callable[..., int]:
    """The function as typer reads it: with the shared options, returning an exit status."""
    hints = get_type_hints(function, include_extras=True)
    parameters = inspect.signature(function).parameters
    optional = hints.get(DESK) == Desk | None

    def run(context: typer.Context, **given: Any) -> int:
        as_json = given[JSON] if JSON in parameters else given.pop(JSON)
        if DESK in parameters:
            given[DESK] = _desk(given.pop("workspace"), given.pop("now"), optional=optional)
        desk: Desk | None = given.get(DESK)
        with _noting(desk, context) as noted:
            result = _call(function, given)
            with _output_of(result, desk):
                historical = desk is not None and desk.historical
                if as_json:
                    shown = result.as_json()
                    marked = historical and isinstance(shown, dict)
                    show_json({**shown, "historical": True} if marked else shown)
                else:
                    if historical:
                        show_historical()
                    show(result)
            noted.append(int(getattr(result, "exit", ExitStatus.OK)))
        return noted[0]

    shared = {"workspace": WorkspaceOption, JSON: JsonOption, "now": NowOption}
    if DESK not in parameters:
        shared = {JSON: JsonOption}
    listed = [
        inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context),
        *(
            _option(p.name, hints[p.name], p.default)
            for p in parameters.values()
            if p.name not in (DESK, JSON)
        ),
        *(_option(key, kind, False if key == JSON else "") for key, kind in shared.items()),
    ]
    run.__name__, run.__doc__ = function.__name__, function.__doc__
    run.__annotations__ = {p.name: p.annotation for p in listed} | {"return": int}
    run.__signature__ = inspect.Signature(listed, return_annotation=int)  # type: ignore[attr-defined]
    return run


@contextmanager
def _noting(desk: Desk | None, context: typer.Context) -> Iterator[list[int]]:
    """Write what the command in the block recorded into the desk's log; the block gives its exit status."""
    noted: list[int] = []
    began, command = time.monotonic(), context.command_path.partition(" ")[2]
    try:
        yield noted
    except BaseException as error:
        if desk is not None:
            log_command(desk, command, exit_of(error), time.monotonic() - began, error)
        raise
    if desk is not None:
        log_command(desk, command, noted[0], time.monotonic() - began)


@contextmanager
def _output_of(result: Any, desk: Desk | None) -> Iterator[None]:
    """Print inside the block; a failure of that does not deny what the command has done.

    Raises:
        PublishError: the command recorded something; the error carries the tickets that it has.
        WriteError: it recorded nothing, and the output cannot be written.

    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except BaseException as error:
        tickets: TicketList | None = getattr(result, "tickets", None)
        what = f"the output cannot be written: {error_reason(error)}"
        if tickets is not None or (desk is not None and any(desk.commits)):
            failure = PublishError(f"recorded and done, but {what}", do="do not record it again")
            failure.tickets = tickets
            raise failure from error
        if isinstance(error, OSError | UnicodeError):
            raise WriteError(what, do="nothing was recorded; write to a place with room") from error
        raise


def _call(function: Callable[..., R], given: Mapping[str, Any]) -> R:
    """The command's result; nothing inside it may end the process with a status of its own.

    Raises:
        PlugInError: something did.

    """
    try:
        return function(**given)
    except SystemExit as ending:
        raise ended_by(ending, "a plug-in") from ending


def _option(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _desk(workspace: str, now: str, *, optional: bool) -> Desk | None:
    try:
        return open_desk(workspace, now=now)
    except UsageError:
        if workspace or not optional:
            raise
        return None
