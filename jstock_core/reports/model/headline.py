"""The headline: the plain numbers of a morning, recorded in its notebook and kept in the run's manifest."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

from jstock_core.base.alerts import DayStatus
from jstock_core.base.errors import NotebookError
from jstock_core.base.intent import Intent
from jstock_core.base.plain import ONLY_IF_SET, plain_json

HEADLINE = "headline"
"""The name under which a daily notebook records its headline."""


@dataclass(frozen=True, kw_only=True)
class Headline:
    """The numbers of a morning: money in whole yen, returns in percent since the desk began.

    `sells` are without the exits that are `unknown`; `orders_by_you` are those that a person is to place now,
    `orders_done` those that are not to be placed, by what became of them. `alerts` are the messages of those
    that need a person, `warnings` of those to know before orders are placed;
    `halted` are the halts of buys in force, `seal` is the hash of what was decided, "" where not shown.
    """

    simulated: bool
    trade_date: date
    evaluated: date
    status: DayStatus
    intent: Intent
    buys: int
    sells: int
    orders: int
    orders_by_you: int
    unknown: int
    alerts: tuple[str, ...]
    warnings: tuple[str, ...]
    equity: int
    day_pnl: int | None
    cash: int
    total_return_pct: float | None
    topix_close: float | None
    topix_change_pct: float | None
    topix_return_pct: float | None
    max_drawdown_pct: float | None
    group_equity: Mapping[str, int]
    orders_done: Mapping[str, int] = field(default_factory=dict, metadata=ONLY_IF_SET)
    halted: tuple[str, ...] = field(default=(), metadata=ONLY_IF_SET)
    seal: str = field(default="", metadata=ONLY_IF_SET)

    def as_json(self) -> dict[str, Any]:
        """The fields in plain JSON."""
        fields: dict[str, Any] = plain_json(self)
        return fields


def read_headline(scraps: Mapping[str, Any]) -> Headline | None:
    """The headline among the values recorded in a notebook, None where it recorded none.

    Raises:
        NotebookError: what it recorded under that name is not a headline.

    """
    if scraps.get(HEADLINE) is None:
        return None
    try:
        return _adapter().validate_python(scraps[HEADLINE])
    except ValidationError as error:
        fault = error.errors()[0]
        key = ".".join(str(part) for part in fault["loc"])
        raise NotebookError(
            f"the notebook's headline is not complete: {key}: {fault['msg']}",
            do=f'record it with `glue("{HEADLINE}", report.headline)`',
        ) from None


@functools.cache
def _adapter() -> TypeAdapter[Headline]:
    return TypeAdapter(Headline)
