"""A vendor whose rows lie in a folder: a provider that is fetched from, for desks made on files."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, ClassVar

from jstock_core.base.errors import DataError
from jstock_core.data.providers.files import Files
from jstock_core.data.providers.protocol import Capabilities
from jstock_core.desk.workspace.desk import Desk


@dataclass(frozen=True)
class Fetched(Files):
    """The files of a folder as a provider that is fetched from; it keeps what it was asked.

    The first `fails` fetches of a list of stocks fail.
    """

    fails: int = 0
    asked: list[tuple[str, date | None, datetime]] = field(default_factory=list)
    capabilities: ClassVar[Capabilities] = Capabilities(live=True, fetches=True)

    def fetch(self, dataset: str, after: date | None, now: datetime) -> Any:
        self.asked.append((dataset, after, now))
        if self.count("master") <= self.fails:
            raise DataError("the vendor does not answer")
        return Files(self.place).fetch(dataset, after, now)

    def count(self, dataset: str) -> int:
        """How often it was asked for a data set."""
        return sum(name == dataset for name, _, _ in self.asked)


def fetching(desk: Desk, provider: Fetched) -> Desk:
    """The desk, which fetches from that provider."""
    return replace(desk, settings=replace(desk.settings, provider=provider))
