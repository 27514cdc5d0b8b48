"""`%%rule NAME`: a cell of a notebook that is a file of rules of the lab, certified as it is written.

    %%rule near_high
    from jstock_core.rules import ...

    @entry("NearHigh")
    class NearHigh(Entry):
        ...

The text goes into `params/near_high.py` of the lab, the notebook's variable `lab` (or another one, named
after it) becomes the lab with these rules in it, and their classes and features get their names in the
notebook. What the cell shows are the certificates. A class is thus the one of the file: what is tried with
it can be done by other processes, and can be saved (`lab.save_rules()`).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jstock_core.base.errors import JstockError, UsageError
from jstock_core.desk.lab.own_rules import LabCertificate, LabRules, certified_verdict
from jstock_core.reports.render.parts.figures import titled
from jstock_core.reports.render.parts.table import Bundle, stack, text_line
from jstock_core.reports.render.research.research import certificate_table
from jstock_core.signals.language.registry import plugin_file

HOW = "write `%%rule NAME` or `%%rule NAME LAB`, LAB a variable that holds `js.lab()`"


@dataclass(frozen=True, repr=False)
class WrittenRules:
    """The file that a cell was written to, the rules and features in it, and their certificates.

    `notes` say why one was not certified: it has parameters without a default, and no group declares it.
    `above` is the number of lines of the cell before those of the file: that of `%%rule`, and empty ones.
    """

    path: Path
    names: tuple[str, ...]
    certificates: tuple[LabCertificate, ...]
    notes: tuple[str, ...]
    above: int = 1

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        failed_first = sorted(self.certificates, key=lambda each: each.passed)
        tables = [certificate_table(self._in_cell(each)) for each in failed_first]
        line = text_line(f"{', '.join(self.names) or 'no rule'}, in {self.path} of the lab.", "Written:")
        notes = [text_line(note, "Not certified:") for note in self.notes]
        return titled("Rules", stack([line, *notes, *tables]))._repr_mimebundle_(include, exclude)

    def _in_cell(self, certificate: LabCertificate) -> LabCertificate:
        """A certificate whose findings name lines of the cell instead of those of its file."""
        line = re.compile(rf"\S*{re.escape(str(self.path))}:(\d+)")
        checks = (
            replace(check, findings=tuple(line.sub(self._cell_line, text) for text in check.findings))
            for check in certificate.checks
        )
        return replace(certificate, checks=tuple(checks))

    def _cell_line(self, found: re.Match[str]) -> str:
        return f"line {int(found[1]) + self.above} of the cell"

    def __repr__(self) -> str:
        """Say in a line what was found of each."""
        found = ", ".join(f"{each.rule} {certified_verdict(each)}" for each in self.certificates)
        return f"<Rules in {self.path}: {found or 'no rule'}>"


def write_rule_cell(
    line: str, cell: str, namespace: MutableMapping[str, Any], above: int = 1
) -> WrittenRules:
    """Write a cell into the lab that a namespace has, put the lab and its rules there, and certify them.

    `above` is how many lines of the notebook's cell stand before those of `cell`.

    Raises:
        UsageError: the line is wrong, or there is no lab.
        ParamsError: the cell cannot be imported, or takes a name; nothing has changed then.

    """
    given = line.split()
    if len(given) not in (1, 2) or not re.fullmatch(r"[A-Za-z]\w*", given[0]):
        raise UsageError(f'"%%rule {line}" names no file', do=HOW)
    name, holder = given[0], given[1] if len(given) > 1 else "lab"
    lab = namespace.get(holder)
    if not isinstance(lab, LabRules):
        raise UsageError(f"the notebook has no lab called {holder}", do=f"{holder} = js.lab()")
    file = f"{name}.py"
    try:
        lab = lab.with_rules(cell, file)
    except JstockError as error:
        error.what = re.sub(rf" \({re.escape(file)}, line \d+\)$", "", error.what)  # of a SyntaxError
        error.where = _name_cell_line(error.where, lab.desk.workspace.root / "params" / file, cell, above)
        raise
    relative = f"params/{file}"
    found = dict(_written_in(lab, relative))
    namespace[holder] = lab
    namespace.update({written.__name__: value for value, written in found.values()})
    checked = [_check(lab, each) for each in found]
    certificates = tuple(each for each in checked if isinstance(each, LabCertificate))
    notes = tuple(each for each in checked if isinstance(each, str))
    return WrittenRules(Path(relative), tuple(found), certificates, notes, above)


def _name_cell_line(where: str, file: Path, cell: str, above: int) -> str:
    """The line of a notebook's cell, as it numbers them, for that of the file which the cell became."""
    if where == str(file):
        return "the cell"
    place, _, number = where.rpartition(":")
    if place not in (str(file), str(file.resolve())) or not number.isdigit():
        return where
    text = "".join(cell.splitlines()[int(number) - 1 : int(number)]).strip()
    return f"line {int(number) + above} of the cell" + (f": {text}" if text else "")


def _check(lab: LabRules, name: str) -> LabCertificate | str:
    """The certificate of a rule, or why there is none."""
    try:
        return lab.check(name)
    except JstockError as error:
        return error.what


def _written_in(lab: LabRules, relative: str) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """Rules and features of a file of the lab by name: what a notebook gets, and what was written."""
    for rules in lab.desk.rules.own.values():
        for name, rule in rules.items():
            if plugin_file(rule.__module__) == relative:
                yield name, (rule, rule)
    for feature in lab.desk.rules.own_features.values():
        if plugin_file(feature.home) == relative:
            yield feature.name, (feature, feature.make)


def lines_above(shell: Any, cell: str) -> int:
    """How many lines the cell that runs has before the text of its magic: empty ones, and the magic's own."""
    text, whole = cell.rstrip(), str(shell.history_manager.input_hist_raw[-1])
    at = whole.rfind(text) if text.strip() else -1
    return max(whole.count("\n", 0, max(at, 0)), 1)


def register_rule_magic() -> None:
    """Make `%%rule` known to the notebook that this runs in; elsewhere nothing happens."""
    ipython = sys.modules.get("IPython")
    shell: Any = ipython.get_ipython() if ipython is not None else None
    if shell is not None:

        def rule(line: str, cell: str) -> WrittenRules:
            """Write the cell into the lab's `params/NAME.py` and certify its rules: `%%rule NAME`."""
            return write_rule_cell(line, cell, shell.user_ns, lines_above(shell, cell))

        shell.register_magic_function(rule, magic_kind="cell", magic_name="rule")
