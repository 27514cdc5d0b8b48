"""Questions that `jstock trade record` asks at a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from jstock_core.cli.recording.dialogue import Quit
from jstock_core.cli.terminal.question import ask
from jstock_core.cli.terminal.show import console, escape
from jstock_core.desk.recording.matching import Answer, Answers, FillQuestion
from jstock_core.desk.recording.plan import Plan

Choice = Literal["yes", "no", "undo", "add"]


def ask_questions(questions: Sequence[FillQuestion]) -> Answers:
    """What a person says of every question: another fill, or the same one.

    Raises:
        Quit: the person wants to record nothing.

    """
    answers: dict[int, Answer] = {}
    for question in questions:
        said = _ask_question(question)
        answers |= dict.fromkeys(question.lines, said)
    return answers


def _ask_question(question: FillQuestion) -> Answer:
    console().print(f"[yellow]{escape(question.text)}[/]", soft_wrap=True)
    while True:
        letter = ask("[b]a[/]nother fill, the [b]s[/]ame one, or [b]q[/]uit", "").lower()[:1]
        if letter == "q":
            raise Quit
        if letter in ("a", "s"):
            return "another" if letter == "a" else "same"


_CHOICES: dict[Choice, str] = {
    "yes": "[b]y[/]es",
    "undo": "[b]u[/]ndo",
    "add": "[b]a[/]dd a fill",
    "no": "[b]q[/]uit",
}
_LETTERS: dict[str, Choice] = {"y": "yes", "u": "undo", "a": "add", "q": "no", "n": "no"}


def confirm_plan(plan: Plan | None, may: Sequence[Choice]) -> Choice:
    """Ask what to do with a plan; what is odd in it needs the whole word."""
    odd = bool(plan and plan.odd) and "yes" in may
    if odd:
        console().print("[yellow]some lines are odd, see above: type the whole word yes to record them[/]")
    while True:
        answer = ask(f"write it? {', '.join(_CHOICES[choice] for choice in may)}", "").lower()
        choice = _LETTERS.get(answer[:1])
        if choice is not None and choice in may and not (odd and choice == "yes" and answer != "yes"):
            return choice
