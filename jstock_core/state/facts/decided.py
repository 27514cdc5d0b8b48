"""A group's decision on a morning: when it was made and on which data; signals and provenance are details."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Literal

from jstock_core.state.facts.base import GroupEvent, Json, revision_suffix
from jstock_core.state.facts.codec import JsonText

Status = Literal["complete", "degraded"]


def decision_details(signals: Sequence[Json], skipped: Sequence[Json], provenance: Json) -> JsonText:
    """The details of a decision as JSON text: signals, skipped signals and provenance.

    Raises:
        StateError: they hold something that it cannot, NaN included.

    """
    return JsonText.of({"signals": signals, "skipped": skipped, "provenance": provenance})


NO_DETAILS = decision_details((), (), {})


@dataclass(frozen=True, kw_only=True)
class Decided(GroupEvent):
    """The decision of a group for the trade date `session`, on data up to `evaluated` (D).

    The book needs only when it was made; signals and provenance are in `details`, made by `decision_details`.
    """

    name: ClassVar[str] = "decided"
    provenance_of: ClassVar[frozenset[str]] = frozenset({"source", "by", "decided_at", "details"})

    evaluated: date | None
    decided_at: str
    status: Status
    revision: int = 0
    details: JsonText = NO_DETAILS

    @property
    def signals(self) -> tuple[Json, ...]:
        """A row for each signal."""
        return tuple(self.details.data["signals"])

    @property
    def skipped(self) -> tuple[Json, ...]:
        """A row for each signal that became no order, with the reason."""
        return tuple(self.details.data["skipped"])

    @property
    def provenance(self) -> Json:
        """Provenance: versions, parameters, hashes of data and certificates."""
        found: Json = self.details.data["provenance"]
        return found

    def content_fields(self) -> dict[str, Any]:
        """The recorded fields with the signals, but without their provenance: equal for equal decisions."""
        return super().content_fields() | {"signals": self.signals, "skipped": self.skipped}

    def _id(self) -> str:
        return f"decision:{self.session}:{self.group}{revision_suffix(self.revision)}"
