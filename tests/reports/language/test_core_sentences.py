"""Every sentence that the core makes for a report has a Japanese form: those of its code, one by one."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from functools import cache

import pytest

from jstock_core.data.checks.checks import DATA_RULES
from jstock_core.reports.language.catalogue import read_catalogue
from tests.architecture import Module, modules

JAPANESE = read_catalogue("ja").sentences
SPEAKS = (
    "decide.", "execution.", "explain.", "data.checks.", "reports.build.", "signals.language.position",
    "signals.library.", "desk.day.alerts.alerts", "desk.day.alerts.disappearances",
    "desk.day.alerts.halt_alerts", "desk.day.alerts.limit_alerts", "desk.day.alerts.promotion_alerts",
    "desk.day.alerts.stock_alerts", "desk.day.alerts.unpublished", "desk.day.again.changes",
    "desk.day.again.revised", "desk.day.orders.approval", "desk.day.orders.order_checks", "desk.day.result",
    "desk.day.values_seen", "desk.workspace.checks.splits", "market.dividends", "state.book.overdrafts",
    "ops.notify.tell", "state.journal.in_force.corrections",
)  # fmt: skip
"""Where the sentences of alerts, reasons, refusals and findings are made."""
SILENT = {
    "data.checks.checks": "its examples of sound data are shown by the terminal only",
    "data.checks.crosscheck": "a second source is compared by the terminal only",
    "decide.edits": "names what is wrong in changes as they are typed",
    "decide.schemas": "describes group files to editors",
    "decide.groups": "names what is wrong in a group file, or what was edited in it",
    "signals.library.describe": "the handbook is written in English",
    "signals.library.handbook": "the handbook is written in English",
    "signals.library.make": "names what is wrong in a group file",
}
ERRORS = {
    "Field",
    "compile",
    "PydanticCustomError",
    "RuleError",
    "ParamsError",
    "UsageError",
    "call_plugin",
    "build",
}
"""Calls with texts for authors of parameters and rules, and for the terminal."""
ALLOWED = {
    "codes that the group may hold": "a parameter's description",
    "largest share of equity in one code, in percent": "a parameter's description",
    "hold back": "the verb of a change, never shown",
    "market data": "the subject of an alert, never shown",
    "an amount not decided yet": "the amount in the basis of a dividend, which the terminal shows",
    "and ¥{} is recorded": "the end of a sentence on dividends",
    "now {}": "the end of a sentence on dividends",
    "{}: {}, was booked as ¥{} and {}{}": "its two sentences are in the catalogue",
    "only {}": "what is placed of a rotation, within its sentence",
    "and {}": "the end of a list",
    "locked {} ¥{} all day": "its two sentences are in the catalogue",
    "--date {}": "part of a command",
    "--ratio {}": "part of a command",
    "`{} SELL {} {} {}`": "a line to be typed",
    "(at its last close, `--date {}` and {})": "within the sentence on a delisting",
    "{} bar{} before": "one bar and several have a sentence each",
    "(market-wide, {} to {})": "within the sentence on flows",
    "against {}": "within the sentence on a score",
    "Strong {}": "its two forms are in the catalogue",
    "it is filled on paper": "why an order has no ticket",
    "buys are halted: {}": "why an order has no ticket",
    "it waits for approval, until {}": "why an order has no ticket",
    "it changes hands inside the desk": "why an order has no ticket",
}
VALUES = ("7", "core", "7203", "2026-01-21", "BUY", "08:50")
WORDS = re.compile(r"[A-Za-z]{3,}")
SEVERAL = re.compile(r"[A-Za-z]{3,},? | [A-Za-z]{3,}")
PLACE = re.compile(r"\{\w+\}")
SAYING = {"text", "remedy", "advice", "sentence", "doubt", "reason", "why", "why_not", "note", "verdict"}
"""Properties and arguments by which a value is given a sentence of its own."""
BELOW = (
    "data.", "decide.", "desk.", "execution.", "explain.", "market.", "reports.build.", "signals.", "state.",
)  # fmt: skip
UNREAD = {
    "data.tables.schema": "describes tables to programs",
    "desk.day.orders.order_export": "its files are for a broker's program",
    "desk.day.steps": "its alert is an error that has a form; what a terminal shows meanwhile has none",
    "desk.trading.cash": "the reason is what a person typed",
    "desk.trading.groups": "the note has a form, the rest is for the terminal",
    "desk.trading.halts": "the reason is what a person typed, the rest is for the terminal",
    "desk.trading.orders": "the reason is what a person typed, the rest is for the terminal",
    "desk.trading.portfolio.status": "`jstock trade status` is shown by the terminal only",
    "desk.trading.reconcile": "shown by the terminal only",
    "state.accounts.movements": "shown by the terminal only",
    "state.journal.in_force.dependents": "an error of a correction, which the terminal shows",
    "state.views.migration": "reasons of adjustments have a form, places in files are for the terminal",
}
"""Modules that give values sentences which no report shows."""
NOT_OF_THE_DAY = tuple(
    f"desk.{room}."
    for room in ("care", "lab", "lookback", "past", "promotion", "recording", "sweeps", "trials")
)
"""Rooms whose results are cards and tables in English."""


@cache
def msgids() -> str:
    """All English texts of the catalogue, each place as {}."""
    patterns = {pattern for found in JAPANESE.patterns.values() for pattern in found}
    return "\n".join([*JAPANESE.whole, *("{}".join(pattern.literals) for pattern in patterns)])


def apart(tree: ast.Module) -> set[int]:
    """Nodes whose texts never reach a report: docstrings, errors, parts of f-strings."""
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise | ast.AnnAssign) or (
            isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ERRORS
        ):
            found.update(id(inside) for inside in ast.walk(node))
        if isinstance(node, ast.Expr):
            found.add(id(node.value))
        if isinstance(node, ast.JoinedStr):
            found.update(id(part) for part in node.values if isinstance(part, ast.Constant))
    return found


def texts(module: Module) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The literals of each text of several words that the module makes, between their places."""
    skipped = apart(module.tree)
    for node in ast.walk(module.tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.JoinedStr):
            literals = [""]
            for part in node.values:
                if isinstance(part, ast.Constant):
                    literals[-1] += str(part.value)
                else:
                    literals.append("")
            if any(SEVERAL.search(literal) for literal in literals):
                yield node.lineno, tuple(literals)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
            yield node.lineno, tuple(PLACE.split(node.value))


def is_known(literals: tuple[str, ...]) -> bool:
    """Whether the text with some values has a form, or each of its pieces is part of one that has."""
    if literals[0].startswith("<"):  # what Python prints of a value
        return True
    if "{}".join(literals).strip(" ;,.") in ALLOWED or is_known_in_pieces(literals):
        return True
    for values in itertools.islice(itertools.product(VALUES, repeat=len(literals) - 1), 2_000):
        text = literals[0] + "".join(a + b for a, b in zip(values, literals[1:], strict=True))
        if JAPANESE.knows(text.strip(" ;,")):
            return True
    return False


def is_known_in_pieces(literals: tuple[str, ...]) -> bool:
    """Whether a longer sentence of the catalogue has these words in a row, several of them at once."""
    pieces = [piece.strip(" ;,.`()") for piece in literals]
    said = [piece for piece in pieces if WORDS.search(piece)]
    return any(" " in piece for piece in said) and all(piece in msgids() for piece in said)


def test_everything_that_is_excepted_exists() -> None:
    assert SILENT.keys() <= {module.name for module in modules()}
    said = {"{}".join(literals).strip(" ;,.") for module in modules() for _, literals in texts(module)}
    assert ALLOWED.keys() - said == set()


def says_something(module: Module) -> bool:
    """Whether it makes an alert, or gives a value a sentence of its own."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func).rpartition(".")[2]
            if called == "Alert" or (
                called not in ERRORS and SAYING & {given.arg for given in node.keywords}
            ):
                return True
        if isinstance(node, ast.FunctionDef) and node.name in SAYING and node.decorator_list:
            return True
    return False


def test_who_gives_a_value_a_sentence_is_known_to_speak() -> None:
    """Else nobody asks whether its sentences have a form: those of cash below 0 had none."""
    silent = [
        module for module in modules()
        if module.name.startswith(BELOW) and not module.name.startswith((*SPEAKS, *NOT_OF_THE_DAY))
    ]  # fmt: skip
    unknown = {
        module.name
        for module in silent
        if says_something(module) and not all(is_known(text) for _, text in texts(module))
    }
    assert unknown == UNREAD.keys()


def test_a_reason_that_nobody_typed_has_a_japanese_form() -> None:
    """The reasons of `jstock trade cash` where none is given: a report shows what is recorded."""
    recording = next(module for module in modules() if module.name == "cli.recording.cash")
    given = {
        default.value
        for node in ast.walk(recording.tree)
        if isinstance(node, ast.FunctionDef)
        for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        if argument.arg == "reason" and isinstance(default, ast.Constant) and default.value
    }
    assert given == {"deposit", "withdrawal", "dividend", "fee"}
    assert [text for text in given if JAPANESE.show(text) == text] == []


SPEAKING = [module for module in modules() if module.name.startswith(SPEAKS) and module.name not in SILENT]


@pytest.mark.parametrize("module", SPEAKING, ids=lambda module: module.name)
def test_every_text_of_the_core_has_a_japanese_form(module: Module) -> None:
    unknown = [(line, "{}".join(literals)) for line, literals in texts(module) if not is_known(literals)]
    assert unknown == []


def test_the_rules_of_the_data_checks_have_a_japanese_form() -> None:
    texts = [text for rule in DATA_RULES for text in (rule.name, rule.holds)]
    assert [text for text in texts if not JAPANESE.knows(text)] == []
