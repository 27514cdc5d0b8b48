"""What a group decided on a morning: when, on what, and, kept apart from it, what it looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Literal

from jstock_core.state.facts.base import GroupEvent, Json, revision_suffix
from jstock_core.state.facts.codec import JsonText

Status = Literal["complete", "degraded"]


def decision_details(signals: Sequence[Json], skipped: Sequence[Json], provenance: Json) -> JsonText:
    """The details of a decision, of rows and mappings that JSON can hold.

    Raises:
        StateError: they hold something that it cannot, NaN included.

    """
    return JsonText.of({"signals": signals, "skipped": skipped, "provenance": provenance})


NO_DETAILS = decision_details((), (), {})


@dataclass(frozen=True, kw_only=True)
class Decided(GroupEvent):
    """The decision of a group for the trade date `session`, on data up to `evaluated` (D).

    The ledger needs no more than when it was taken; what it looked at is in `details`, made by
    `decision_details`.
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
        """What it was made of: versions, parameters, hashes of data and certificates."""
        found: Json = self.details.data["provenance"]
        return found

    def content_fields(self) -> dict[str, Any]:
        """The signals count, what they were made of does not."""
        return super().content_fields() | {"signals": self.signals, "skipped": self.skipped}

    def _id(self) -> str:
        return f"decision:{self.session}:{self.group}{revision_suffix(self.revision)}"
