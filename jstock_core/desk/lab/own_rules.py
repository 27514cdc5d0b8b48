"""Rules and features that are written in a lab: into its files, certified, and saved to the desk itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self, TypeVar

from jstock_core.base.durable import write_atomically
from jstock_core.base.errors import JstockError, UsageError, WriteError
from jstock_core.base.limits import read_file
from jstock_core.desk.lab.choices import LabChoices
from jstock_core.desk.lab.copying import name_plugin
from jstock_core.desk.rules.strategies import check_strategies
from jstock_core.desk.settings.edit import SHARED
from jstock_core.desk.workspace.desk import open_desk
from jstock_core.desk.workspace.workspace import find_workspace
from jstock_core.reports.render.parts.table import Bundle
from jstock_core.reports.render.research.research import certificate_table
from jstock_core.research.certificates.certificate import Certificate
from jstock_core.research.certificates.store import copy_certificates
from jstock_core.signals.features.own import Feature
from jstock_core.signals.language.plugins import source_files

_OF_THE_MARKET = ("_stored", "panel", "_features", "_ground")
"""What a lab remembers of its market data."""

L = TypeVar("L", bound="LabRules")


@dataclass(frozen=True, repr=False)
class LabCertificate(Certificate):
    """A certificate that shows itself in a notebook, failed checks first."""

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        return certificate_table(self)._repr_mimebundle_(include, exclude)

    def __repr__(self) -> str:
        """Say in a line what was found."""
        return f"<{self.kind} {self.rule}: {certified_verdict(self)}>"


@dataclass(frozen=True, eq=False, repr=False)
class LabRules(LabChoices):
    """The rules of a lab."""

    def with_rules(self, source: str, name: str = "my_rules.py") -> Self:
        """Write Python source to `params/<name>` of the lab, and open it again with the rules in it.

        Where that fails the file is as before.

        Raises:
            ParamsError: the file cannot be imported, or registers a name that is taken.

        """
        relative = f"params/{name}"
        place, yaml = self.desk.workspace.inside(relative), self.desk.workspace.desk_yaml
        kept = [(path, read_file(path) if path.exists() else None) for path in (place, yaml)]
        write_atomically(place, source.encode())
        try:
            name_plugin(self.desk.workspace, relative)
            changed = replace(self, desk=open_desk(self.desk.workspace.root, now=self.now))
        except JstockError:
            for path, content in kept:
                if content is None:
                    path.unlink()
                else:
                    write_atomically(path, content)
            raise
        # The market is the same: what was made of it is not made again.
        vars(changed).update({name: vars(self)[name] for name in _OF_THE_MARKET if name in vars(self)})
        return changed

    def check(self, rule: str | type[Any] | Feature) -> LabCertificate:
        """Certify a rule with its defaults, or a feature: by its name, or as itself, also one of a cell.

        Raises:
            UsageError: no rule has that name. DataError: there is too little data to try it on.

        """
        name = rule if isinstance(rule, str) else getattr(rule, "name", "")
        if not isinstance(name, str) or not name:
            raise UsageError(f"{rule!r} is no rule", do='put `@entry("Name")` or the like above the class')
        found = check_strategies(self.desk, name, ground=self._ground).certificates[0]
        return LabCertificate(**{key: getattr(found, key) for key in asdict(found)})

    def save_rules(self, *, replace_files: bool = False) -> tuple[Path, ...]:
        """Write the lab's files of rules, with what they import beside them, to the desk itself.

        They are named in its `params/desk.yaml`, and certificates go along. Returns the files written.

        Raises:
            UsageError: the desk has another file of that name, and `replace_files` is not set.
            WriteError: it cannot be written.

        """
        target, source = find_workspace(self.source), self.desk.workspace
        files = [file for name in self.desk.settings.plugins for file in source_files(source.inside(name))]
        places = {file: target.root / file.relative_to(source.root.resolve()) for file in files}
        changed = {file: place for file, place in places.items() if not _is_same(file, place)}
        found = [place for place in changed.values() if place.exists()]
        if found and not replace_files:
            do = "call `lab.save_rules(replace_files=True)`, or give the rules a file of another name"
            raise UsageError(f"the desk has another {found[0].name}", where=str(found[0]), do=do)
        try:
            for file, place in changed.items():
                place.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(place, read_file(file), SHARED)
            for name in self.desk.settings.plugins:
                name_plugin(target, name)
            return (*changed.values(), *copy_certificates(source.certificates, target.certificates))
        except OSError as error:
            raise WriteError(f"the rules cannot be saved: {error.strerror}", where=str(target.root)) from None


def certified_verdict(certificate: Certificate) -> str:
    """What a certificate says, in words."""
    return "passed" if certificate.passed else f"failed {', '.join(certificate.failed)}"


def _is_same(file: Path, place: Path) -> bool:
    return place.exists() and read_file(place) == read_file(file)
