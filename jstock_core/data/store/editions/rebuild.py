"""The parsed edition made again from the raw one: after a change of the schema, or of a lost file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from jstock_core.base.clock import JST
from jstock_core.data.providers.protocol import DATASETS
from jstock_core.data.store.editions import manifest as manifests
from jstock_core.data.store.editions.commit import remove_unlisted, write_parts
from jstock_core.data.store.editions.ledger import Delivery, read_deliveries
from jstock_core.data.store.rows.merge import Arrival, merge_arrival
from jstock_core.data.store.rows.parts import StoredPart, read_raw
from jstock_core.data.store.rows.versions import stored_form
from jstock_core.data.tables.schema import DATA_SETS

if TYPE_CHECKING:
    import pyarrow as pa


def rebuild_parsed(root: Path) -> int:
    """Make the parsed edition again from the raw one; how many deliveries it was made of.

    Raises:
        DataError: the ledger or a raw file is missing or damaged. Nothing is changed then.

    """
    before = manifests.read(root)
    deliveries = read_deliveries(root, before.ledger)
    parts: dict[str, StoredPart] = {}
    for dataset in DATASETS:
        own = [delivery for delivery in deliveries if delivery.dataset == dataset]
        parts |= write_parts(root, _replay(root, dataset, own))
    after = replace(before, parts=parts)
    manifests.write(root, after)
    remove_unlisted(root, after, DATASETS)
    return len(deliveries)


def _replay(root: Path, dataset: str, deliveries: Sequence[Delivery]) -> Mapping[str, pa.Table]:
    """The parts that the deliveries of a data set make."""
    form, parts = DATA_SETS[dataset], dict[str, "pa.Table"]()
    empty = stored_form(form).empty_table()
    for delivery in deliveries:
        raw = read_raw(root, delivery.file, delivery.sha256) if delivery.file else form.empty()
        day = delivery.received_at.astimezone(JST).date()
        arrival = Arrival(dataset, raw, delivery.edition, day, delivery.file, delivery.left)
        merged = merge_arrival(arrival, lambda name: parts.get(name, empty), tuple(parts))
        parts.update(merged.parts)
        for name in merged.dropped:
            del parts[name]
    return parts
