"""What a decision was made of, kept with it: an auditor asks a year later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from jstock_core import __version__
from jstock_core.desk.day.certificates import group_certificates
from jstock_core.desk.workspace.desk import Desk
from jstock_core.desk.workspace.kept.promotions import recorded_promotions
from jstock_core.desk.workspace.kept.recorded_splits import splits_to_json
from jstock_core.market.given import GivenValues
from jstock_core.market.panel import Minutes, Panel
from jstock_core.reports.model.money.promoted import PROMOTIONS
from jstock_core.reports.model.morning import ISSUED_AT
from jstock_core.signals.features.view import View


def decision_provenance(desk: Desk, panel: Panel, trade_date: date | None = None) -> dict[str, Any]:
    """What a decision was made of: jstock's version, the groups as declared, the data's hashes.

    `edition` is what the store had received, `confirmed` the unusual bars that a person had confirmed,
    `splits` those that a person had recorded and the source did not have.
    `certificates` are the hashes of what was proven of each group's entry and exit, None for uncertified,
    {"failed": checks} for a rule whose newest certificate failed. `limits` are those of the desk, where it
    declares any, `promotions` those of the groups up to `trade_date`, where there are any; without a date,
    as of an invented history, they are not looked for, and the hashes of values are added morning by morning
    (`values_provenance`). Else `panel` has the values that were known at the decision time.
    """
    limits = desk.settings.declared.get("limits")
    groups = {group.id: dict(group.declared) for group in desk.groups}
    values = {name: each.digest() for name, each in panel.given.items()} if trade_date else {}
    promotions = recorded_promotions(desk.workspace, groups, trade_date) if trade_date else {}
    return {
        "jstock": __version__,
        "groups": groups,
        "data": dict(panel.source.snapshot),
        "edition": panel.source.edition,
        "confirmed": sorted([code, session.isoformat()] for code, session in panel.confirmations),
        "provider": panel.source.provider,
        "certificates": group_certificates(desk.workspace.certificates, desk.groups),
        **({"splits": splits_to_json(panel.recorded_splits)} if panel.recorded_splits else {}),
        **({"limits": dict(limits)} if limits else {}),
        **({PROMOTIONS: promotions} if promotions else {}),
        **({"values": values} if values else {}),
    }


def recorded_provenance(desk: Desk, view: View, trade_date: date) -> dict[str, Any]:
    """That of a decision that is made and recorded now: its minute too, where what it knows is older."""
    now, known = f"{desk.now():%Y-%m-%dT%H:%M}", str(view.decided_at[0])
    issued = {ISSUED_AT: now} if now > known else {}
    return {**decision_provenance(desk, view.panel, trade_date), **issued}


def values_provenance(given: Mapping[str, GivenValues], decided_at: Minutes) -> tuple[dict[str, Any], ...]:
    """Of each of some decision times, in order, what the provenance says of the files of values; each file is
    hashed once.
    """
    digests = {name: values.digests(decided_at) for name, values in given.items()}
    every = ({name: found[n] for name, found in digests.items()} for n in range(len(decided_at)))
    return tuple({"values": each} if each else {} for each in every)
