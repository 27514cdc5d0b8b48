"""Which constants of the built-in rules no test holds fast: `python -m tests.mutations [FILE...]`.

Every number in the files of rules in `jstock_core/signals/library` is moved by the smallest step in which it
is written, up and down (65 to 66 and 64, 0.7 to 0.8 and 0.6, 0.85 to 0.86 and 0.84), one at a time, and the
tests of `TESTS` are run on what comes of it. A mutant that passes them all has survived: either a test is
missing, or the constant does not matter, which `EQUIVALENT` then says. It takes half an hour; a
mutant is a fork of this process that reads the changed source instead of the file.
"""

from __future__ import annotations

import ast
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[1]
LIBRARY = ROOT / "jstock_core" / "signals" / "library"
RULES = ("combine", "conditions", "entries", "exits", "filters", "layers", "protections", "turns")
SECONDS = 300
"""A mutant that takes longer does not end, and is caught by that."""

OWN = "tests/signals/library"
SHARED = ("tests/test_strategy_docs.py", f"{OWN}/test_constants.py")
TESTS = {
    "combine": (f"{OWN}/test_combine.py",),
    "entries": (f"{OWN}/test_entries.py",),
    "filters": (f"{OWN}/test_guards.py",),
    "protections": (f"{OWN}/test_guards.py",),
}
"""The tests of a file beside the shared ones; of all others those of exits."""

_NEAR = "earnings more than 7 calendar days away are not near: their days are not known (NaN)"
_MOST = "no steps add up to more than 1, and no score is above 100"
_UNCROSSED = "its steps count only where MACD has crossed"
_UNKNOWN = "a group that is worth nothing yet pauses from a depth of 0.5 % on at the least"
_SHAPE = "all conditions have the same shape"
_DRAWDOWN = (
    "protections, Drawdown.reason: round_decimals(100 * (1 - float(worth[-1]) / float(worth.max()))) "
    "if len(worth) else 0.0, "
)
EQUIVALENT: dict[str, str] = {
    "entries, MACDCrossover.evaluate: np.where(crossed, 0.7, 0.0), 0.0 -> 0.1": _UNCROSSED,
    "entries, MACDCrossover.evaluate: np.where(crossed, 0.7, 0.0), 0.0 -> (-0.1)": _UNCROSSED,
    _DRAWDOWN + "0.0 -> 0.1": _UNKNOWN,
    _DRAWDOWN + "0.0 -> (-0.1)": _UNKNOWN,
    "conditions, _count: conditions[0], 0 -> 1": _SHAPE,
    "conditions, _count: conditions[0], 0 -> (-1)": _SHAPE,
    "entries, SimpleScorer.evaluate: days_to_earnings(view) <= 7, 7 -> 8": _NEAR,
    "entries, EnhancedScorer.evaluate: days <= 7, 7 -> 8": _NEAR,
    "entries, _by_score: np.minimum(score / 100, 1.0), 1.0 -> 1.1": _MOST,
    "entries, _by_steps: np.clip(total, 0.0, 1.0), 1.0 -> 1.1": _MOST,
    "layers, TakeProfit.once: self.sell_pct < 100, 100 -> 99": "a part is 25, 50 or 75 percent",
    "layers, TimeReview._due: max((asked - holding.entry_session).days, 0), 0 -> 1": (
        "a review comes after 5 days at least, so that 0 and 1 are both before the first"
    ),
}
"""Mutants that change nothing: "file, scope: expression, from -> to", and the reason."""


@dataclass(frozen=True)
class Mutant:
    """A constant of a file, moved: `start` and `end` are its place in the source."""

    file: str
    scope: str
    expression: str
    line: int
    start: int
    end: int
    old: str
    new: str

    @property
    def key(self) -> str:
        """What it is called in `EQUIVALENT`: no line numbers, which other changes move."""
        return f"{self.file}, {self.scope}: {self.expression}, {self.old} -> {self.new}"

    @property
    def source(self) -> str:
        """The changed source of its file."""
        text = (LIBRARY / f"{self.file}.py").read_text(encoding="utf-8")
        return text[: self.start] + self.new + text[self.end :]


def mutants(file: str) -> Iterator[Mutant]:
    """Every mutant of a file, in the order of its lines."""
    text = (LIBRARY / f"{file}.py").read_text(encoding="utf-8")
    offsets = [0]
    for line in text.splitlines(keepends=True):
        offsets.append(offsets[-1] + len(line))
    tree = ast.parse(text)
    for node, parents in _constants(tree, ()):
        start = offsets[node.lineno - 1] + _column(text, offsets, node.lineno, node.col_offset)
        end = offsets[node.lineno - 1] + _column(text, offsets, node.lineno, node.end_col_offset or 0)
        old = text[start:end]
        scope = ".".join(p.name for p in parents if isinstance(p, ast.ClassDef | ast.FunctionDef))
        expression = ast.unparse(next((p for p in reversed(parents) if _is_shown(p)), parents[-1]))
        for new in _moved(old):
            yield Mutant(file, scope, expression, node.lineno, start, end, old, new)


def _column(text: str, offsets: list[int], line: int, in_bytes: int) -> int:
    """The column in characters: the parser counts bytes."""
    return len(text[offsets[line - 1] : offsets[line]].encode()[:in_bytes].decode())


def _constants(
    node: ast.AST, parents: tuple[ast.AST, ...]
) -> Iterator[tuple[ast.Constant, tuple[ast.AST, ...]]]:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield node, parents
    for child in ast.iter_child_nodes(node):
        yield from _constants(child, (*parents, node))


def _is_shown(node: ast.AST) -> bool:
    """Whether a node around a constant tells enough of it: an expression longer than a sign."""
    shown = ast.Call | ast.Compare | ast.BinOp | ast.Subscript | ast.AnnAssign | ast.Tuple | ast.List
    return isinstance(node, shown)


def _moved(old: str) -> Iterator[str]:
    """The constant one step up and down, in as many decimals as it is written with."""
    decimals = len(old.partition(".")[2]) if "e" not in old else 0
    if "e" in old:
        number, power = old.split("e")
        yield from (f"{int(number) + step}e{power}" for step in (1, -1))
        return
    for step in (1, -1):
        moved = round(float(old) + step * 10.0**-decimals, decimals)
        text = f"{moved:.{decimals}f}"
        yield f"({text})" if moved < 0 else text


class _Changed(MetaPathFinder, Loader):
    """Gives a module of the library with other source."""

    def __init__(self, mutant: Mutant) -> None:
        self.name = f"jstock_core.signals.library.{mutant.file}"
        self.file, self.text = str(LIBRARY / f"{mutant.file}.py"), mutant.source

    def find_spec(self, fullname: str, _path: object, _target: object = None) -> ModuleSpec | None:
        spec = spec_from_loader(fullname, self, origin=self.file) if fullname == self.name else None
        if spec is not None:
            spec.has_location = True
        return spec

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.text, self.file, "exec"), vars(module))


def survives(mutant: Mutant) -> bool:
    """Whether the tests pass on a mutant, run in a fork of this process."""
    child = os.fork()
    if not child:
        os._exit(_run(mutant))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _run(mutant: Mutant) -> int:
    import pytest

    signal.alarm(SECONDS)
    sys.stdout = sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    os.dup2(sys.stdout.fileno(), 1)
    os.dup2(sys.stdout.fileno(), 2)
    sys.meta_path.insert(0, _Changed(mutant))
    wanted = (*SHARED, *TESTS.get(mutant.file, (f"{OWN}/test_exits.py",)))
    options = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:nbval", "-o", "addopts=")
    return int(pytest.main([*options, *(str(ROOT / name) for name in wanted)]))


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(files: list[str]) -> int:
    """Print the survivors of the files named, of all where none is; 1 where one is not equivalent."""
    import numpy as np  # noqa: F401 - what every fork needs is imported once
    import pydantic  # noqa: F401
    import pytest  # noqa: F401

    from jstock_core.signals.features import scores  # noqa: F401

    os.chdir(ROOT)
    tried, left = 0, []
    for file in files or RULES:
        unchanged = next(mutants(file))
        if not survives(replace(unchanged, new=unchanged.old)):
            _say(f"the tests fail on {file} as it is, so that no mutant can survive them")
            return 2
        for mutant in mutants(file):
            tried += 1
            if survives(mutant):
                reason = EQUIVALENT.get(mutant.key)
                left += [mutant] if reason is None else []
                _say(f"{'SURVIVED' if reason is None else 'equivalent'} line {mutant.line} {mutant.key}")
    _say(f"{tried} mutants, {len(left)} survived that are not listed as equivalent")
    return int(bool(left))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
