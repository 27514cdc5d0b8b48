"""What every provider of market data must keep to, checked on what it delivers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from jstock_core.base.clock import JST
from jstock_core.base.errors import JstockError
from jstock_core.data.providers.protocol import DATASETS, Capabilities, Provider
from jstock_core.data.tables.columns import days, known_at, numbers, texts
from jstock_core.data.tables.normalise import normalise
from jstock_core.data.tables.schema import DATA_SETS
from jstock_core.market.names import INVESTORS

if TYPE_CHECKING:
    import pyarrow as pa

EARLIER = timedelta(days=10)
"""How long before `now` the market is also asked for: what was public then must be the same then."""


def check_provider(provider: Provider, now: datetime) -> None:
    """Ask a provider for everything that is public at `now` (aware), and check what it gives.

    - every data set has its columns, with values of their kinds, also where it has no rows
    - codes are text of five characters; turnover is in yen, flows in their sums; no key has two rows
    - nothing is given that became public after `now`, or whose first date is not after `after`
    - asked again it gives the same; asked as of ten days before, what was public then
    - what it says to lack is empty

    Raises:
        AssertionError: it does not keep to something; the message lists all that was found.

    """
    found = [*_of_itself(provider)]
    for dataset in DATASETS:
        try:
            found += [f"{dataset}: {fault}" for fault in _of_rows(provider, dataset, now)]
        except JstockError as error:
            found.append(f"{dataset}: {error.what} ({error.where})")
    if found:
        raise AssertionError("\n".join([f"provider {provider.id}:", *(f"  {fault}" for fault in found)]))


def _of_itself(provider: Provider) -> Iterator[str]:
    given: tuple[object, object] = (provider.id, provider.capabilities)
    if not (isinstance(given[0], str) and given[0]):
        yield "its id is no text"
    if not isinstance(given[1], Capabilities):
        yield "its capabilities are no `Capabilities`"


@dataclass(frozen=True)
class _Delivery:
    """What came of a data set: as given, and in the stored form."""

    dataset: str
    given: pa.Table
    table: pa.Table
    now: datetime


def _of_rows(provider: Provider, dataset: str, now: datetime) -> Iterator[str]:
    given = provider.fetch(dataset, None, now)
    form = DATA_SETS[dataset]
    lacking = [c.name for c in form.columns if c.required and c.name not in given.column_names]
    if lacking:
        yield f"the columns {', '.join(lacking)} are missing"
        return
    delivery = _Delivery(dataset, given, _stored(dataset, given), now)
    for check in _CHECKS:
        yield from check(provider, delivery)


def _stored(dataset: str, given: pa.Table) -> pa.Table:
    return normalise(dataset, given, where="what the provider gives")


def _check_codes(_provider: Provider, delivery: _Delivery) -> Iterator[str]:
    if "Code" not in delivery.given.column_names or not len(delivery.given):
        return
    codes = delivery.given.column("Code").unique().to_pylist()
    wrong = [code for code in codes if not (isinstance(code, str) and len(code) == 5)]
    if wrong:
        yield f"the code {wrong[0]!r} is no text of five characters"


def _check_lacking(provider: Provider, delivery: _Delivery) -> Iterator[str]:
    if delivery.dataset in provider.capabilities.lacks and len(delivery.given):
        yield "it is said to be lacking, and has rows"


def _check_keys(_provider: Provider, delivery: _Delivery) -> Iterator[str]:
    names, key = DATA_SETS[delivery.dataset].arrow.names, list(DATA_SETS[delivery.dataset].key)
    rows = delivery.table.group_by(list(names)).aggregate([])
    several = len(rows) - len(rows.group_by(key).aggregate([]))
    if several:
        yield f"{several} rows have the {', '.join(key)} of another, and other content"


def _check_units(_provider: Provider, delivery: _Delivery) -> Iterator[str]:
    table = delivery.table
    if delivery.dataset == "bars" and len(table):
        low, high, volume, value = (numbers(table, name) for name in ("L", "H", "Vo", "Va"))
        outside = (value < 0.99 * low * volume) | (value > 1.01 * high * volume)
        if outside.any():
            yield f"Va is no turnover in yen in {outside.sum()} rows: it lies outside of L x Vo to H x Vo"
        if (volume < 0).any():
            yield "a volume is negative"
    if delivery.dataset == "flows":
        for who in INVESTORS:
            sell, buy, total, balance = (
                numbers(table, f"{who}{what}") for what in ("Sell", "Buy", "Tot", "Bal")
            )
            if not (np.allclose(total, sell + buy, atol=1) and np.allclose(balance, buy - sell, atol=1)):
                yield f"{who}: Tot is not Sell + Buy, or Bal not Buy - Sell"


def _check_public(provider: Provider, delivery: _Delivery) -> Iterator[str]:
    """Nothing from after `now`; and as of ten days before, the keys that were public then.

    A provider that lags may lack the newest of those.
    """
    dated_by = DATA_SETS[delivery.dataset].dated_by
    if dated_by is None or not len(delivery.table):
        return
    public = known_at(delivery.dataset, delivery.table)
    late = int((public > _minute(delivery.now)).sum())
    if late:
        yield f"{late} rows became public only after {delivery.now:%Y-%m-%d %H:%M}"
    before = delivery.now - EARLIER
    then = _stored(delivery.dataset, provider.fetch(delivery.dataset, None, before))
    expected = _keys(delivery.dataset, delivery.table, public <= _minute(before))
    given = _keys(delivery.dataset, then, np.ones(len(then), dtype=bool))
    if given - expected or (expected - given and provider.capabilities.live):
        yield (
            f"as of {before:%Y-%m-%d %H:%M} it gives {len(given - expected)} rows that were not public, "
            f"and lacks {len(expected - given)} that were"
        )


def _check_after(provider: Provider, delivery: _Delivery) -> Iterator[str]:
    """What is asked for after a day begins after it; after the newest day nothing is left but the columns."""
    dated_by = DATA_SETS[delivery.dataset].dated_by
    if dated_by is None:
        return
    on = days(delivery.table, dated_by)
    middle = np.sort(on)[len(on) // 2].astype(object) if len(on) else delivery.now.date()
    later = _stored(delivery.dataset, provider.fetch(delivery.dataset, middle, delivery.now))
    expected = _keys(delivery.dataset, delivery.table, on > np.datetime64(middle, "D"))
    if _keys(delivery.dataset, later, np.ones(len(later), dtype=bool)) != expected:
        yield f"after {middle} it gives {len(later)} rows, and has {len(expected)} later ones"
    none = provider.fetch(delivery.dataset, delivery.now.date(), delivery.now)
    required = {c.name for c in DATA_SETS[delivery.dataset].columns if c.required}
    if not required <= set(none.column_names):
        yield "without rows it has not all columns"
    elif len(_stored(delivery.dataset, none)):
        yield f"it gives {len(none)} rows later than {delivery.now.date()}"


def _check_again(provider: Provider, delivery: _Delivery) -> Iterator[str]:
    again = provider.fetch(delivery.dataset, None, delivery.now)
    if not again.combine_chunks().equals(delivery.given.combine_chunks()):
        yield "asked again for the same, it gives something else"


_CHECKS: tuple[Callable[[Provider, _Delivery], Iterator[str]], ...] = (
    _check_codes,
    _check_lacking,
    _check_keys,
    _check_units,
    _check_public,
    _check_after,
    _check_again,
)


def _keys(dataset: str, table: pa.Table, keep: Any) -> set[tuple[str, ...]]:
    """The keys of the rows that are kept."""
    columns = [
        texts(table, name)
        if str(table.schema.field(name).type) == "string"
        else days(table, name).astype(str)
        for name in DATA_SETS[dataset].key
    ]
    return {tuple(row) for row in np.array(columns, dtype=np.str_).T[keep].tolist()}


def _minute(now: datetime) -> np.datetime64:
    return np.datetime64(now.astimezone(JST).replace(tzinfo=None), "m")
