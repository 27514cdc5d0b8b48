"""The store of market data, in two editions, both kept.

The raw edition (`raw/`) has the rows of each delivery as they were received, all columns, never written
again; `deliveries.jsonl` lists them. The parsed edition (`parsed/`) has typed rows with the number of their
delivery, and can be made again from the raw one. Every file is vouched for by its SHA-256, so a flipped byte,
a truncated or a lost file is an error that names it and never an empty table. Appending the same rows again
adds nothing; rows that say otherwise than stored ones are revisions, kept beside them. One process writes at
a time (the desk's lock); readers need no lock. Nothing here imports pyarrow before a table is read or
written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from jstock_core.base.clock import JST
from jstock_core.base.errors import DataError
from jstock_core.data.providers.protocol import DATASETS, Provider, fetch_from
from jstock_core.data.store.contents import StoreContents
from jstock_core.data.store.editions import manifest as manifests
from jstock_core.data.store.editions.commit import bring_up, commit_delivery, remove_all
from jstock_core.data.store.editions.ledger import Delivery, read_chain, read_deliveries
from jstock_core.data.store.editions.manifest import StoreManifest, edition_token
from jstock_core.data.store.editions.rebuild import rebuild_parsed
from jstock_core.data.store.rows.merge import Arrival, MergedParts, merge_arrival
from jstock_core.data.store.rows.parts import MissingPartError, cut_delivery
from jstock_core.data.store.rows.versions import NEWEST, Vintage
from jstock_core.data.store.window import read_window

if TYPE_CHECKING:
    import pyarrow as pa

Found = TypeVar("Found")
_ATTEMPTS = 4


@dataclass(frozen=True)
class StoreUpdate:
    """Rows added to each data set, rows revised, and the newest session with bars afterwards."""

    rows: Mapping[str, int]
    revised: Mapping[str, int]
    through: date | None


@dataclass(frozen=True)
class MarketStore:
    """The market data under `root` (a workspace's data folder)."""

    root: Path

    def read(self, vintage: Vintage = NEWEST) -> StoreContents:
        """What the store holds by its manifest; parts are read when they are asked for.

        Raises:
            DataError: the manifest is damaged.

        """
        manifest = manifests.read(self.root)
        return StoreContents(self.root, manifest, vintage, self._token(manifest, vintage))

    def _token(self, manifest: StoreManifest, vintage: Vintage) -> str:
        if vintage.edition is None or vintage.edition == manifest.edition:
            return manifest.token
        chain = "".join(c for d, c in read_chain(self.root, manifest.ledger) if d.edition == vintage.edition)
        return edition_token(vintage.edition, chain) if chain and not vintage.with_first else ""

    def consult(self, use: Callable[[StoreContents], Found], vintage: Vintage = NEWEST) -> Found:
        """What `use` makes of the contents; made again where a writer replaced a part meanwhile.

        Raises:
            DataError: a part is missing or damaged, or the manifest is.

        """
        for _ in range(_ATTEMPTS - 1):
            try:
                return use(self.read(vintage))
            except MissingPartError:
                continue
        return use(self.read(vintage))

    def window(
        self, dataset: str, columns: Sequence[str], start: date, end: date, vintage: Vintage = NEWEST
    ) -> pa.Table:
        """Some columns of a dated data set from `start` to `end`, with its key; reads only their parts.

        Raises:
            UsageError: the data set has no date, or not such a column.
            DataError: a part is missing or damaged.

        """
        return self.consult(lambda each: read_window(each, dataset, columns, start, end), vintage)

    def deliveries(self) -> tuple[Delivery, ...]:
        """Every delivery, oldest first.

        Raises:
            DataError: the list of them, or the manifest, is damaged.

        """
        return read_deliveries(self.root, manifests.read(self.root).ledger)

    def vintage(self, token: str, at: datetime) -> Vintage:
        """What somebody saw who recorded the edition `token`, "" for none, and decided at `at`.

        Of a store that has not that edition (it was made anew, or is another machine's): what was received by
        then, and of what came later the first version, without revisions.
        """
        edition = self.edition_number(token)
        if edition is not None:
            return Vintage(edition)
        later = [delivery for delivery in self.deliveries() if delivery.received_at > at]
        if any(delivery.revised or delivery.completed for delivery in later):
            return Vintage(later[0].edition - 1, with_first=True)
        return NEWEST

    def edition_number(self, token: str) -> int | None:
        """The number of the edition that a token names; None where this store has not that edition.

        Raises:
            DataError: the list of deliveries, or the manifest, is damaged.

        """
        manifest = manifests.read(self.root)
        if not token or token == manifest.token:
            return manifest.edition if token else None
        chain = read_chain(self.root, manifest.ledger)
        same = (each.edition for each, digest in chain if edition_token(each.edition, digest) == token)
        return next(same, None)

    def append(self, dataset: str, table: pa.Table, provider: Provider, *, received_at: datetime) -> Delivery:
        """Add rows of a provider, received at a time (aware); what they brought.

        Rows that say what is stored add nothing; where all do, no delivery is recorded and its edition is 0.
        Lists of stocks (`master`) are dated; stored codes that a list has no more are marked (see `lists`).

        Raises:
            DataError: the store belongs to another provider, a column or value is not of the data set, or
                the delivery contradicts itself. Nothing is written then.

        """
        contents = self.read()
        manifest = _bound(contents.manifest, provider, self.root)
        day = received_at.astimezone(JST).date()
        arrival = Arrival(dataset, table, manifest.edition + 1, day, f"provider {provider.id}")
        merged = _merge(arrival, contents)
        manifest = manifest.with_list(merged.list_day)
        if not merged.parts:
            if manifest != contents.manifest and not manifest.legacy:
                manifests.write(self.root, manifest)
            return Delivery(edition=0, dataset=dataset, received_at=received_at, source=provider.id)
        if manifest.legacy:
            manifest = bring_up(self.root, manifest, contents, received_at)
        return commit_delivery(self.root, manifest, arrival, merged, received_at)

    def update(
        self,
        provider: Provider,
        now: datetime,
        *,
        whole: bool = False,
        progress: Callable[[str], None] | None = None,
    ) -> StoreUpdate:
        """Fetch what became public by `now` and is not stored, of every data set, and append it.

        The newest stored day is fetched again, since a vendor may have been in the midst of publishing it.
        `whole` fetches everything: for an import that may bring stocks or years not stored before.
        `progress` is told the name of each data set. Long histories of bars come in several deliveries.

        Raises:
            DataError: as `append`. Data sets before the failing one are stored, and older pieces of it;
                running again goes on.

        """
        contents = self.read()
        _bound(contents.manifest, provider, self.root)
        made: dict[str, list[Delivery]] = {}
        for dataset in DATASETS:
            if progress is not None:
                progress(dataset)
            last = None if whole else contents.last(dataset)
            after = last - timedelta(days=1) if last is not None else None
            pieces = cut_delivery(dataset, fetch_from(provider, dataset, after, now))
            made[dataset] = [self.append(dataset, each, provider, received_at=now) for each in pieces]
        return StoreUpdate(
            {name: sum(delivery.new for delivery in found) for name, found in made.items()},
            {name: sum(delivery.revised for delivery in found) for name, found in made.items()},
            self.read().last("bars"),
        )

    def covers(self, session: date) -> bool:
        """Whether the bars of `session` are stored, and its benchmark where there is one at all."""
        contents = self.read()
        bars, topix = contents.last("bars"), contents.last("topix")
        return bars is not None and bars >= session and (topix is None or topix >= session)

    def purge(self) -> int:
        """Remove everything that the provider delivered, the panel's cache too; how many files that were.

        The manifest goes last, so that a purge that was stopped is seen and can be repeated.
        """
        return remove_all(self.root, manifests.read(self.root))

    def rebuild(self) -> int:
        """Make the parsed edition again from the raw one; how many deliveries it was made of.

        Raises:
            DataError: the ledger or a raw file is missing or damaged. Nothing is changed then.

        """
        return rebuild_parsed(self.root)


def _merge(arrival: Arrival, contents: StoreContents) -> MergedParts:
    return merge_arrival(arrival, contents.versions, contents.manifest.of(arrival.dataset))


def _bound(manifest: StoreManifest, provider: Provider, root: Path) -> StoreManifest:
    """The manifest bound to a provider: the first to store anything."""
    if manifest.provider in ("", provider.id):
        return manifest.bound_to(provider.id, simulated=provider.capabilities.simulated)
    raise DataError(
        f'this store holds data of the provider "{manifest.provider}"; data of "{provider.id}" is refused',
        where=str(root / manifests.NAME),
        do="use another workspace for other data: histories of two providers must not mix",
    )
