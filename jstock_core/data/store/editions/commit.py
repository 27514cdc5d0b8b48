"""How a delivery comes into a store: raw rows, parts and ledger first, then the manifest that counts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from jstock_core.base.durable import make_private_folder, write_atomically
from jstock_core.data.store.contents import StoreContents
from jstock_core.data.store.editions import manifest as manifests
from jstock_core.data.store.editions.ledger import NAME as LEDGER
from jstock_core.data.store.editions.ledger import Delivery, append_delivery, read_deliveries
from jstock_core.data.store.editions.manifest import StoreManifest
from jstock_core.data.store.rows.merge import Arrival, MergedParts
from jstock_core.data.store.rows.parts import FOLDER, StoredPart, encode_part, parquet_bytes

if TYPE_CHECKING:
    import pyarrow as pa


def commit_delivery(
    root: Path, manifest: StoreManifest, arrival: Arrival, merged: MergedParts, received_at: datetime
) -> Delivery:
    """Write a delivery and the parts that it changes; it is in the store when the manifest is written.

    Raises:
        DataError: the ledger is missing or too short. OSError: the folder cannot be written.

    """
    delivery = Delivery(
        edition=arrival.edition,
        dataset=arrival.dataset,
        received_at=received_at,
        source=manifest.provider,
        new=merged.new,
        revised=merged.revised,
        completed=merged.completed,
        left=merged.left,
    )
    delivery = _write_raw(root, delivery, arrival.table.take(merged.places))
    written = write_parts(root, merged.parts)
    kept = {name: part for name, part in manifest.parts.items() if name not in merged.dropped}
    end = append_delivery(root, manifest.ledger, delivery)
    after = replace(manifest, edition=arrival.edition, ledger=end, parts={**kept, **written})
    manifests.write(root, after)
    remove_unlisted(root, after, [arrival.dataset])
    return delivery


def _write_raw(root: Path, delivery: Delivery, rows: pa.Table) -> Delivery:
    """The delivery with its raw file, which is then in place."""
    if not len(rows):  # stocks that left a list: the row of each says so, and none was received
        return delivery
    content = parquet_bytes(rows)
    file = f"raw/{delivery.received_at:%Y}/{delivery.edition:06}-{delivery.dataset}.parquet"
    _write(root / file, content)
    return replace(delivery, file=file, sha256=hashlib.sha256(content).hexdigest())


def write_parts(root: Path, parts: Mapping[str, pa.Table]) -> dict[str, StoredPart]:
    """Write the files of parts; what the manifest is to say of them."""
    written = {}
    for name, versions in parts.items():
        written[name], content = encode_part(name, versions)
        _write(root / written[name].file, content)
    return written


def _write(path: Path, content: bytes) -> None:
    make_private_folder(path.parent)
    write_atomically(path, content)


def remove_unlisted(root: Path, manifest: StoreManifest, datasets: Iterable[str]) -> None:
    """Remove parsed files that the manifest does not name: replaced ones, and leavings of a dead process."""
    named = {part.file for part in manifest.parts.values()}
    for dataset in datasets:
        for path in (root / FOLDER / dataset).glob("*.parquet"):
            if f"{FOLDER}/{dataset}/{path.name}" not in named:
                path.unlink(missing_ok=True)


def bring_up(
    root: Path, manifest: StoreManifest, contents: StoreContents, received_at: datetime
) -> StoreManifest:
    """A store of the first schema as one of this: its files are the raw edition of delivery 0.

    They stay where they are; the parsed edition is written beside them.
    """
    end, parts = manifest.ledger, dict[str, StoredPart]()
    for name, part in manifest.parts.items():
        delivery = Delivery(
            edition=0, dataset=part.dataset, received_at=received_at, source=manifest.provider,
            new=part.rows, file=part.file, sha256=part.sha256,
        )  # fmt: skip
        end = append_delivery(root, end, delivery)
        parts |= write_parts(root, {name: contents.versions(name)})
    after = replace(manifest, ledger=end, parts=parts, legacy=False)
    manifests.write(root, after)
    return after


def remove_all(root: Path, manifest: StoreManifest) -> int:
    """Remove every file of a store and the panel's cache, the manifest last; how many there were."""
    raw = {delivery.file for delivery in read_deliveries(root, manifest.ledger) if delivery.file}
    named = {root / file for file in (*raw, *(part.file for part in manifest.parts.values()))}
    others = {path for folder in (FOLDER, "raw", "features") for path in (root / folder).rglob("*.*")}
    files = [*sorted(named | others), root / LEDGER, root / manifests.NAME]
    there = [path for path in files if path.is_file()]
    for path in there:
        path.unlink()
    return len(there)
