"""`health` in `params/desk.yaml`: who watches the desk from outside, and what a person must do in a year."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from jstock_core.base.params import declare
from jstock_core.base.secrets.secret import SecretNameOrNone


@declare
class HealthSettings:
    """`ping` is the name of a secret, the URL that hears of each job, as of healthchecks.io; "" for none.

    `chores` are things to do by their next day; `jstock doctor` reminds of them 30 days before.
    """

    ping: SecretNameOrNone = ""
    chores: dict[str, date] = Field(default_factory=dict)
