"""`jstock trade record`: a dialogue, a CSV, or as ordered; a review, a question, then the journal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.markup import escape

from jstock_core.base.errors import ExitStatus, JstockError, UsageError
from jstock_core.cli.command import command
from jstock_core.cli.dialogue import Dialogue, Quit
from jstock_core.cli.record_show import show_plan, show_tickets
from jstock_core.cli.show import console, show_error
from jstock_core.desk.recording.lines import FillLine
from jstock_core.desk.recording.plan import Plan
from jstock_core.desk.recording.record import MANUAL, PriceField, Recording, locate_errors, refuse_odd
from jstock_core.desk.workspace.desk import Desk

Choice = Literal["yes", "no", "undo", "add"]
_WRITING: tuple[Choice, ...] = ("yes", "undo", "add", "no")
FillsOption = Annotated[
    str,
    typer.Option(
        "--csv",
        metavar="FILE",
        help="Fills: columns code, action, qty, price, date, perhaps group and fee, or your broker's "
        "(csv_columns in params/desk.yaml); UTF-8 or Shift_JIS.",
    ),
]
AcceptOddOption = Annotated[
    bool,
    typer.Option(
        "--accept-odd",
        help="Record what is odd without asking: odd lots, prices outside what traded, more than ordered, "
        "or not ordered at all.",
    ),
]
_PRICES: dict[str, PriceField] = {"open": "open", "close": "close"}


@dataclass(frozen=True)
class Recorded:
    """What a recording came to: the plan that was written or, in a dry run, would be; None for nothing."""

    plan: Plan | None = None
    dry_run: bool = False

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return (self.plan.as_json() if self.plan else {}) | {"dry_run": self.dry_run}


@dataclass(frozen=True)
class Confirmation:
    """How what is shown is confirmed: by options, or at a terminal."""

    yes: bool
    accept_odd: bool
    dry_run: bool
    as_json: bool

    @property
    def asks(self) -> bool:
        """Whether a person at a terminal is to be asked."""
        return not (self.yes or self.as_json or self.dry_run) and sys.stdin.isatty()


def show_recorded(done: Recorded) -> None:
    """Print how many lines were recorded."""
    if done.plan is None:
        console().print("nothing was recorded")
    elif done.dry_run:
        console().print(f"dry run: {done.plan.new} would be recorded, nothing was")
    else:
        console().print(f"{done.plan.new} recorded, {len(done.plan.lines) - done.plan.new} known already")


@command(show=show_recorded, example="jstock trade record --csv fills.csv")
def record(
    desk: Desk,
    *,
    csv: FillsOption = "",
    from_orders: Annotated[
        bool, typer.Option("--from-orders", help="All was filled as ordered, at a price of its session.")
    ] = False,
    at: Annotated[
        str, typer.Option("--at", metavar="PRICE", help="With --from-orders: open or close.")
    ] = "open",
    date: Annotated[
        str, typer.Option("--date", metavar="DATE", help="Only the orders of this session; default: all due.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask. Refusals stay refusals.")] = False,
    accept_odd: AcceptOddOption = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be recorded, and stop.")
    ] = False,
    as_json: bool = False,
) -> Recorded:
    """Record what was really filled: in a dialogue, from a CSV, or as ordered.

    All of it is recorded or nothing, and nothing twice.
    """
    if csv and from_orders:
        raise UsageError("--csv and --from-orders exclude each other", do="give one of them")
    confirmation = Confirmation(yes, accept_odd, dry_run, as_json)
    try:
        if csv:
            with locate_errors(Path(csv).name):
                recording = Recording.of(desk)
                return _record_lines(recording, *recording.read_csv(csv), confirmation)
        if from_orders:
            with locate_errors("the orders"):
                recording = Recording.of(desk, fetch=True)
                lines = recording.lines_as_ordered(_parse_price(at), date)
                return _record_lines(recording, lines, MANUAL, confirmation)
        return _converse(desk, date, confirmation)
    except (KeyboardInterrupt, EOFError):
        console(stderr=True).print("\nnothing was recorded")
        raise typer.Exit(ExitStatus.INTERRUPTED) from None


def _record_lines(
    recording: Recording, lines: Sequence[FillLine], source: str, confirmation: Confirmation
) -> Recorded:
    """Record lines that come from a file or from the orders."""
    plan = recording.plan(lines, source)
    if not confirmation.as_json:
        show_plan(plan)
    odd_accepted = confirmation.accept_odd
    if confirmation.asks and plan.events:
        if _confirm(plan, ("yes", "no")) != "yes":
            return Recorded()
        odd_accepted = True
    if not confirmation.dry_run:
        accept = _accept_all if odd_accepted else refuse_odd
        plan = recording.write(lines, source, shown=plan, accept=accept)
    return Recorded(plan, dry_run=confirmation.dry_run)


def _accept_all(_plan: Plan) -> None:
    """Accept what is odd, too."""


def _parse_price(at: str) -> PriceField:
    found = _PRICES.get(at)
    if found is not None:
        return found
    raise UsageError(f'--at "{at}" is not a price of a bar', do="give open or close")


# --- the dialogue ---------------------------------------------------------------------------------------


def _converse(desk: Desk, date: str, confirmation: Confirmation) -> Recorded:
    if confirmation.as_json or not sys.stdin.isatty():
        raise UsageError(
            "there is no terminal to ask at",
            do="give the fills with --csv FILE, or --from-orders if all was filled as ordered",
        )
    recording = Recording.of(desk)
    tickets = recording.due_tickets(date)
    show_tickets(recording, tickets)
    names = {ticket.code: recording.check.listing(ticket.code).name for ticket in tickets}
    opens = {
        (ticket.session, ticket.code): bar.open
        for ticket in tickets
        if (bar := recording.check.bar(ticket.code, ticket.session))
    }
    dialogue = Dialogue(tickets, names, opens, _ask, console().print)
    try:
        return _conclude(recording, dialogue, dry_run=confirmation.dry_run)
    except Quit:
        return Recorded()


def _conclude(recording: Recording, dialogue: Dialogue, *, dry_run: bool) -> Recorded:
    """Review what was typed until it is written or dropped."""
    while True:
        lines = dialogue.run()
        plan = _review(recording, lines)
        writable = bool(plan and plan.events) and not dry_run
        choice = _confirm(plan, _WRITING if writable else _WRITING[1:])
        if choice == "undo":
            dialogue.undo()
        elif choice == "add":
            dialogue.add(recording.newest_opened_session())
        elif choice == "yes":
            return Recorded(recording.write(lines, shown=plan))
        else:
            return Recorded()


def _review(recording: Recording, lines: Sequence[FillLine]) -> Plan | None:
    """Show the plan of what was typed; None where it is refused."""
    try:
        plan = recording.plan(lines)
    except JstockError as error:
        show_error(error.what, where=error.where, do=f"{error.do}: undo it".removeprefix(": "))
        return None
    show_plan(plan)
    return plan


def _ask(question: str, default: str) -> str:
    shown = f" [cyan]({escape(default)})[/]" if default else ""
    return console().input(f"{question}{shown}: ", emoji=False).strip() or default


_CHOICES: dict[Choice, str] = {
    "yes": "[b]y[/]es",
    "undo": "[b]u[/]ndo",
    "add": "[b]a[/]dd a fill",
    "no": "[b]q[/]uit",
}
_LETTERS: dict[str, Choice] = {"y": "yes", "u": "undo", "a": "add", "q": "no", "n": "no"}


def _confirm(plan: Plan | None, may: Sequence[Choice]) -> Choice:
    """Ask what to do with a plan; what is odd in it needs the whole word."""
    odd = bool(plan and plan.odd) and "yes" in may
    if odd:
        console().print("[yellow]some lines are odd, see above: type the whole word yes to record them[/]")
    while True:
        answer = _ask(f"write it? {', '.join(_CHOICES[choice] for choice in may)}", "").lower()
        choice = _LETTERS.get(answer[:1])
        if choice is not None and choice in may and not (odd and choice == "yes" and answer != "yes"):
            return choice
