"""`tickets` in `params/desk.yaml`: in which forms orders are written beside the report."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from jstock_core.base.params import declare

TicketFormat = Literal["csv", "kabu"]


@declare
class TicketSettings:
    """`formats` are written with every report whose orders are to be placed.

    Of kabu STATION's exchanges 27 is TSE+ and 9 its smart order routing. `account` is the type of account at
    the broker: 特定, 一般 or 法人.
    """

    formats: list[TicketFormat] = Field(default_factory=list)
    exchange: Literal[27, 9] = 27
    account: Literal["特定", "一般", "法人"] = "特定"
