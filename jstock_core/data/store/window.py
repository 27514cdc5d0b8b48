"""Some columns of some days, read from the parts that have them and no others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from jstock_core.base.errors import UsageError
from jstock_core.data.store.contents import StoreContents
from jstock_core.data.store.rows.parts import decode_part, read_part
from jstock_core.data.store.rows.versions import EDITION, newest
from jstock_core.data.tables.schema import DATA_SETS, DataSet

if TYPE_CHECKING:
    import pyarrow as pa


def read_window(
    contents: StoreContents, dataset: str, columns: Sequence[str], start: date, end: date
) -> pa.Table:
    """The rows of a dated data set from `start` to `end`: its key, then the columns named.

    Raises:
        UsageError: the data set has no date, or not such a column. DataError: a part is missing or damaged.

    """
    import pyarrow as pa

    form = DATA_SETS[dataset]
    unknown = [name for name in columns if name not in form.arrow.names]
    if unknown or form.dated_by is None:
        what = f"no column {', '.join(unknown)}" if unknown else "no date to choose rows by"
        raise UsageError(f"{dataset} has {what}", do=f"its columns are {', '.join(form.arrow.names)}")
    names = list(dict.fromkeys((*form.key, form.dated_by, *columns)))
    tables = list(_tables(contents, form, names, (start, end)))
    whole = pa.concat_tables(tables) if tables else form.empty()
    return whole.select(list(dict.fromkeys((*form.key, *columns))))


def _tables(
    contents: StoreContents, form: DataSet, names: list[str], span: tuple[date, date]
) -> Iterator[pa.Table]:
    import pyarrow.compute as pc

    for name, part in contents.manifest.of(form.name).items():
        if not _overlaps(form, name, span):
            continue
        single = part.rows == part.keys and contents.shows_all(part)
        content = read_part(contents.root, part)
        rows = decode_part(contents.root, part, content, names if single else [*names, EDITION])
        shown = rows if single else newest(form, rows, contents.vintage).select(names)
        on = shown.column(form.dated_by)
        yield shown.filter(pc.and_(pc.greater_equal(on, span[0]), pc.less_equal(on, span[1])))


def _overlaps(form: DataSet, name: str, span: tuple[date, date]) -> bool:
    """Whether a part may have rows of the days; one that is not named by its days always may."""
    label = name.partition("/")[2]
    if form.cut_by != form.dated_by or not label[:4].isdecimal():
        return True
    return span[0].isoformat()[: len(label)] <= label <= span[1].isoformat()[: len(label)]
