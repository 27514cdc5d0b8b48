"""Indices of J-Quants that a data set takes a column from."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from jstock_core.base.errors import DataError
from jstock_core.data.providers.jquants.client import JQuantsClient
from jstock_core.data.providers.jquants.endpoints import INDICES

if TYPE_CHECKING:
    import pyarrow as pa

FEW_SESSIONS = 10
"""Sessions of which an index may have none yet."""


def with_dividends(client: JQuantsClient, topix: pa.Table, code: str, span: tuple[date, date]) -> pa.Table:
    """TOPIX with the close of the index that includes dividends beside it, as TR; as it is without a code.

    TR is null where the index has no row.

    Raises:
        DataError: the index has no row in the whole span, which is not a short one.

    """
    import pyarrow as pa

    if not code:
        return topix
    index = client.rows(INDICES, code=code, first=span[0].isoformat(), last=span[1].isoformat())
    if not len(index) and len(topix) > FEW_SESSIONS:
        raise DataError(
            f"J-Quants has no rows of the index {code}",
            where=f"provider, topix_with_dividends: {code}",
            do="write the code of the dividend-included TOPIX there as J-Quants lists it, or leave it out",
        )
    levels = dict(zip(index.column("Date").to_pylist(), index.column("C").to_pylist(), strict=True))
    level = [levels.get(day) for day in topix.column("Date").to_pylist()]
    return topix.append_column("TR", pa.array(level, index.schema.field("C").type))
