"""`jstock trade record`: a dialogue, a CSV, or as ordered; a review, a question, then the journal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from jstock_core.base.errors import ExitStatus, JstockError, PublishError, UsageError
from jstock_core.base.words import plural
from jstock_core.cli.program.command import command
from jstock_core.cli.recording.dialogue import Dialogue, Quit
from jstock_core.cli.recording.record_ask import Choice, ask_questions, confirm_plan
from jstock_core.cli.recording.record_show import show_plan, show_tickets
from jstock_core.cli.terminal.question import ask
from jstock_core.cli.terminal.show import console, show_error
from jstock_core.desk.recording.csv_file import FillSheet
from jstock_core.desk.recording.lines import FillLine
from jstock_core.desk.recording.matching import Answers
from jstock_core.desk.recording.plan import Plan
from jstock_core.desk.recording.record import MANUAL, PriceField, Recording, locate_errors, refuse_odd
from jstock_core.desk.workspace.desk import Desk

_WRITING: tuple[Choice, ...] = ("yes", "undo", "add", "no")
FillsOption = Annotated[
    str,
    typer.Option(
        "--csv",
        metavar="FILE",
        help="Fills: columns code, action, qty, price, date, perhaps group, fee and account, or your "
        "broker's (csv_columns in params/desk.yaml); UTF-8 or Shift_JIS.",
    ),
]
AcceptOddOption = Annotated[
    bool,
    typer.Option(
        "--accept-odd",
        help="Record what is odd without asking: odd lots, prices outside what traded, fees above 2 % and "
        "¥5,000, more than ordered, or not ordered at all.",
    ),
]
AnotherFillOption = Annotated[
    bool,
    typer.Option(
        "--another-fill",
        help="Lines that may report recorded fills again, in another grouping, are other fills.",
    ),
]
SkipUnknownOption = Annotated[
    bool,
    typer.Option(
        "--skip-unknown",
        help="With --csv: record what can be recorded, and list the rest (margin trades, funds, lines of "
        "other accounts) with its line numbers.",
    ),
]
PriceOption = Annotated[
    str, typer.Option("--at", metavar="PRICE", help="With --from-orders: the price at the open or close.")
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
    another_fill: bool
    skip_unknown: bool
    dry_run: bool
    as_json: bool

    @property
    def asks(self) -> bool:
        """Whether a person at a terminal is to be asked."""
        return not (self.yes or self.as_json or self.dry_run) and sys.stdin.isatty()

    def answer_all(self, lines: Sequence[FillLine]) -> Answers:
        """The answers that the options give to questions about fills."""
        return {line.number: "another" for line in lines} if self.another_fill else {}


def show_recorded(done: Recorded) -> None:
    """Print how many lines were recorded."""
    if done.plan is None:
        console().print("nothing was recorded")
    elif done.dry_run:
        console().print(f"dry run: {done.plan.new} would be recorded, nothing was")
    else:
        skipped = f", {plural(len(done.plan.skipped), 'line')} skipped" if done.plan.skipped else ""
        console().print(f"{done.plan.new} recorded, {done.plan.known} known already{skipped}")


@command(show=show_recorded, example="jstock trade record --csv fills.csv")
def record(
    desk: Desk,
    *,
    csv: FillsOption = "",
    from_orders: Annotated[
        bool, typer.Option("--from-orders", help="All was filled as ordered, at a price of its session.")
    ] = False,
    at: PriceOption = "open",
    date: Annotated[
        str, typer.Option("--date", metavar="DATE", help="Only the orders of this session; default: all due.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask. Refusals stay refusals.")] = False,
    accept_odd: AcceptOddOption = False,
    another_fill: AnotherFillOption = False,
    skip_unknown: SkipUnknownOption = False,
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
    if skip_unknown and not csv:
        raise UsageError("--skip-unknown is for lines of a file", do="give --csv FILE with it")
    confirmation = Confirmation(yes, accept_odd, another_fill, skip_unknown, dry_run, as_json)
    try:
        if csv:
            with locate_errors(Path(csv).name):
                recording = Recording.of(desk)
                sheet = recording.read_csv(csv, skip_unknown=skip_unknown)
                return _record_lines(recording, sheet, confirmation)
        if from_orders:
            with locate_errors("the orders"):
                recording = Recording.of(desk, fetch=True)
                lines = recording.lines_as_ordered(_parse_price(at), date)
                return _record_lines(recording, FillSheet(lines, MANUAL), confirmation)
        return _converse(desk, date, confirmation)
    except Quit:
        return Recorded()
    except (KeyboardInterrupt, EOFError):
        console(stderr=True).print("\nnothing was recorded")
        raise typer.Exit(ExitStatus.INTERRUPTED) from None


def _record_lines(recording: Recording, sheet: FillSheet, confirmation: Confirmation) -> Recorded:
    """Record lines that come from a file or from the orders."""
    lines, skip = sheet.lines, confirmation.skip_unknown

    def plan_with(answers: Answers) -> Plan:
        made = recording.plan(lines, sheet.source, answers, skip_unknown=skip)
        skipped = sorted((*sheet.skipped, *made.skipped), key=lambda line: line.number)
        return replace(made, skipped=tuple(skipped))

    answers = confirmation.answer_all(lines)
    plan = plan_with(answers)
    if not confirmation.as_json:
        show_plan(plan)
    odd_accepted = confirmation.accept_odd
    if confirmation.asks and plan.questions:
        answers = ask_questions(plan.questions)
        plan = plan_with(answers)
        show_plan(plan)
    if confirmation.asks and plan.events:
        if confirm_plan(plan, ("yes", "no")) != "yes":
            return Recorded()
        odd_accepted = True
    if not confirmation.dry_run:
        accept = _accept_all if odd_accepted else refuse_odd
        recording.write(lines, sheet.source, answers, shown=plan, accept=accept, skip_unknown=skip)
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
    dialogue = Dialogue(tickets, names, opens, ask, console().print, _Checker(recording))
    return _conclude(recording, dialogue, dry_run=confirmation.dry_run)


@dataclass(frozen=True, eq=False)
class _Checker:
    """Checks what is typed against the journal and the market, line by line."""

    recording: Recording

    def __call__(self, lines: Sequence[FillLine]) -> Sequence[str]:
        """What is odd about the last line.

        Raises:
            JstockError: it cannot be recorded after those before it.

        """
        plan = self.recording.plan(lines)
        return [odd.text for planned in plan.lines[-1:] for odd in planned.odd]


def _conclude(recording: Recording, dialogue: Dialogue, *, dry_run: bool) -> Recorded:
    """Review what was typed until it is written or dropped."""
    answers: Answers = {}
    while True:
        lines = dialogue.run()
        plan = _review(recording, lines, answers)
        if plan and plan.questions:
            answers = {**answers, **ask_questions(plan.questions)}
            continue
        writable = bool(plan and plan.events) and not dry_run
        choice = confirm_plan(plan, _WRITING if writable else _WRITING[1:])
        if choice == "undo":
            answers = {}
            dialogue.undo()
        elif choice == "add":
            dialogue.add(recording.newest_opened_session())
        elif choice == "yes":
            written = _write(recording, lines, answers, plan)
            if written:
                return Recorded(written)
        else:
            return Recorded()


def _write(
    recording: Recording, lines: Sequence[FillLine], answers: Answers, plan: Plan | None
) -> Plan | None:
    """Write what was typed; None where it is refused, which loses nothing of it."""
    try:
        return recording.write(lines, answers=answers, shown=plan)
    except PublishError:
        raise  # they are recorded: written once more, they would be other fills
    except JstockError as error:
        show_error(error.what, where=error.where, do=error.do)
        return None


def _review(recording: Recording, lines: Sequence[FillLine], answers: Answers) -> Plan | None:
    """Show the plan of what was typed; None where it is refused."""
    try:
        plan = recording.plan(lines, answers=answers)
    except JstockError as error:
        show_error(error.what, where=error.where, do=f"{error.do}: undo it".removeprefix(": "))
        return None
    show_plan(plan)
    return plan
