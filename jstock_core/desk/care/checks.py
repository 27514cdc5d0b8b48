"""What the checks find in the stored market data, and how it compares with a second source."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jstock_core.base.errors import ExitStatus, UsageError
from jstock_core.data.checks.checks import DATA_RULES, check_panel
from jstock_core.data.checks.crosscheck import CrossCheck, compare_closes
from jstock_core.data.checks.findings import DataRule, Finding
from jstock_core.data.providers.file_formats.closes import read_closes
from jstock_core.data.providers.file_formats.headings import declared_headings
from jstock_core.desk.workspace.desk import Desk
from jstock_core.market.codes import parse_code, to_jquants


@dataclass(frozen=True)
class DataCheck:
    """The findings in the data up to a session, and the comparison with a second source, None without one.

    `whole` is whether people are shown also what is only good to know.
    """

    through: date
    findings: tuple[Finding, ...]
    crosscheck: CrossCheck | None = None
    whole: bool = False
    rules: tuple[DataRule, ...] = DATA_RULES

    @property
    def exit(self) -> ExitStatus:
        """The status of the command: not 0 where a person must look."""
        severities = {finding.severity for finding in self.findings}
        if "stop" in severities:
            return ExitStatus.DATA
        if self.crosscheck is not None and self.crosscheck.findings:
            return ExitStatus.DIFFERENCES
        return ExitStatus.DEGRADED if severities & {"block", "warn"} else ExitStatus.OK

    def found_by(self, rule: DataRule) -> tuple[Finding, ...]:
        """What one rule found."""
        return tuple(each for each in self.findings if each.rule == rule.name)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "through": self.through.isoformat(),
            "findings": [_plain(finding) for finding in self.findings],
            "rules": [
                {"name": each.name, "holds": each.holds, "met": each.met, "found": len(self.found_by(each))}
                for each in self.rules
            ],
            "crosscheck": None if self.crosscheck is None else _plain_crosscheck(self.crosscheck),
        }


def _plain(finding: Finding) -> dict[str, Any]:
    return asdict(finding) | {"session": finding.session.isoformat() if finding.session else None}


def _plain_crosscheck(found: CrossCheck) -> dict[str, Any]:
    return {
        "bases": dict(found.bases),
        "compared": found.compared,
        "findings": [_plain(finding) for finding in found.findings],
        "unknown": list(found.unknown),
        "untouched": list(found.untouched),
    }


def check_data(desk: Desk, against: str = "", code: str = "", *, whole: bool = False) -> DataCheck:
    """Check everything stored; compare its closes with those of the files `against`, which are not stored.

    `code` is the stock of a file that does not say it.

    Raises:
        UsageError: there is nothing at `against`. DataError: no data is stored, or a file cannot be read.

    """
    panel = desk.panel()
    through = panel.session(len(panel.sessions) - 1)
    findings = check_panel(panel, through=through)
    if not against:
        return DataCheck(through, findings, whole=whole)
    place = Path(against).expanduser()
    if not place.exists():
        raise UsageError(f"{against} does not exist", do="name a folder with files of closes, or one file")
    words = declared_headings(
        desk.settings.declared_provider.get("columns", {}), where=str(desk.workspace.desk_yaml)
    )
    others = read_closes(place, words, to_jquants(parse_code(code)) if code else "")
    return DataCheck(through, findings, compare_closes(panel, others), whole)
