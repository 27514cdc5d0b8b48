"""Which plan a key has, found out by asking what only some plans have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from jstock_core.data.providers.jquants.client import JQuantsClient
from jstock_core.data.providers.jquants.endpoints import BARS, INDICES, TOPIX, Endpoint
from jstock_core.data.providers.jquants.plans import FREE, LIGHT, PREMIUM, STANDARD, DataPlan
from jstock_core.data.providers.jquants.transport import RefusedRequestError
from jstock_core.market.calendar import tse
from jstock_core.market.codes import from_jquants

if TYPE_CHECKING:
    import pyarrow as pa

_CORE30, _HALF_DAY = "0028", "MC"
_LARGE = ("TOPIX Core30", "TOPIX Large70")


@dataclass(frozen=True)
class PlanFound:
    """What a key was found to have: its plan, and codes to begin with, of the largest companies."""

    plan: DataPlan
    codes: tuple[str, ...]


def probe_plan(client: JQuantsClient, today: date) -> PlanFound:
    """Find out the plan of a key with at most five requests, which every plan allows in a minute.

    A plan that has no such data answers 403, or 200 with nothing: the latter is why it is asked for something
    that certainly exists. Only Premium's bars have the two halves of a session.

    Raises:
        DataError: the key is wrong, or no sound answer came.

    """
    last = today - FREE.lag - timedelta(days=30)
    client.calendar(last, last)  # every plan has it: a refusal is one of the key
    master = client.list_stocks()
    plan = _plan(client, last)
    return PlanFound(plan, _codes(master, _LARGE[:1] if plan is FREE else _LARGE))


def _plan(client: JQuantsClient, last: date) -> DataPlan:
    """The plan, by two weeks up to `last`, which all plans deliver."""
    span = {"first": (last - timedelta(days=14)).isoformat(), "last": last.isoformat()}
    if not _has(client, TOPIX, **span):
        return FREE
    if not _has(client, INDICES, code=_CORE30, **span):
        return LIGHT
    bars = client.rows(BARS, date=tse().previous(last).isoformat())
    return PREMIUM if _HALF_DAY in bars.column_names else STANDARD


def _has(client: JQuantsClient, endpoint: Endpoint, **asked: str) -> bool:
    try:
        return len(client.rows(endpoint, **asked)) > 0
    except RefusedRequestError as error:
        if error.by_plan:
            return False
        raise


def _codes(master: pa.Table, scales: tuple[str, ...]) -> tuple[str, ...]:
    rows = zip(master.column("Code").to_pylist(), master.column("ScaleCat").to_pylist(), strict=True)
    return tuple(sorted(from_jquants(code) for code, scale in rows if scale in scales))
