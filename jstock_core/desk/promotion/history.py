"""`jstock params history`: what was promoted when, by whom, on what grounds, and whether it is in force."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from jstock_core.base.errors import DataError
from jstock_core.base.plain import plain_json
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.kept.promotions import Promotion, promotion_files, read_promotion
from jstock_core.desk.workspace.names import unknown

PromotionStanding = Literal["in force", "edited since", "replaced", "group removed"]


@dataclass(frozen=True)
class PromotionHistory:
    """Promotions with their standing, the newest first; `damaged` are records that cannot be read.

    `marks` are the words of the market that they were tried on.
    """

    promotions: tuple[tuple[Promotion, PromotionStanding], ...]
    damaged: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "promotions": [{**plain_json(made), "standing": standing} for made, standing in self.promotions],
            "damaged": list(self.damaged),
            "marks": list(self.marks),
        }


def promotion_history(desk: Desk, group: str = "") -> PromotionHistory:
    """The promotions of a group, or of all.

    Raises:
        UsageError: no group and no promotion has that id.

    """
    made, damaged = [], []
    for path in promotion_files(desk.workspace):
        try:
            made.append(read_promotion(path))
        except DataError as error:
            damaged.append(f"{error.what} ({path.name})")
    made.sort(key=lambda each: each.at)
    known = dict.fromkeys((*(each.id for each in desk.groups), *(each.group for each in made)))
    if group and group not in known:
        raise unknown("group", group, known)
    shown = [each for each in _standing(desk, made) if group in ("", each[0].group)]
    return PromotionHistory(tuple(reversed(shown)), tuple(damaged), desk.marks)


def _standing(desk: Desk, made: list[Promotion]) -> Iterator[tuple[Promotion, PromotionStanding]]:
    declared = {group.id: group.declared for group in desk.groups}
    newest = {each.group: each for each in made}
    for each in made:
        if newest[each.group] is not each:
            yield each, "replaced"
        elif each.group not in declared:
            yield each, "group removed"
        else:
            yield each, "in force" if each.is_in_force(declared[each.group]) else "edited since"
