"""The data sets as tables: their columns, keys and types, one form for every provider and for the store.

Whatever a provider delivers is brought to this form at one boundary (`normalise.py`). Columns beyond these
are kept in the raw edition of the store only.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from jstock_core.market.names import FIGURES, INVESTORS, RESULTS

if TYPE_CHECKING:
    import pyarrow as pa

CLOCK = r"^((\d{1,2}):(\d{2})(:(\d{2})(\.\d+)?)?)?$"  # a time of day, or nothing

SCHEMA_VERSION = 2  # of the stored files; raise it when a column, a type or a sort order changes


@dataclass(frozen=True)
class DataColumn:
    """One column. Kinds: date, since (a date, null where not given), code (5 characters), number, text (""
    where not set), and kinds of text whose form is checked: clock (15:00:00), day (YYYY-MM-DD) and figure (a
    number), each "" where not set; open_day and open_figure are those two where a vendor may also write "-"
    for what is not decided yet. `delivered_as` is the name that providers give it, where it is another.
    """

    name: str
    kind: str
    required: bool = True
    delivered_as: str = ""

    def source(self, delivered: Collection[str]) -> str:
        """The name of the column among those delivered; its own, where neither is there."""
        return self.delivered_as if self.delivered_as in delivered else self.name


@dataclass(frozen=True)
class DataSet:
    """A data set: columns, and the `key` that makes a row unique and orders the stored rows.

    `cut_by` is the column of the key whose year cuts the stored rows into parts, "" for one part.
    """

    name: str
    columns: tuple[DataColumn, ...]
    key: tuple[str, ...]
    cut_by: str = ""

    @property
    def dated_by(self) -> str | None:
        """The column that says when a row came out, by which updates proceed; None for `master`."""
        first = self.columns[0]
        return first.name if first.kind == "date" else None

    @property
    def clock(self) -> str | None:
        """The column with the time of day at which a row came out; None where a table of times says it."""
        return next((column.name for column in self.columns if column.kind == "clock"), None)

    @cached_property
    def optional(self) -> tuple[str, ...]:
        """The columns that may be left out: numbers, null where not delivered, and text, "" there."""
        return tuple(c.name for c in self.columns if not c.required and c.name not in self.key)

    @cached_property
    def arrow(self) -> pa.Schema:
        """The stored types."""
        import pyarrow as pa

        kinds = {"date": pa.date32(), "since": pa.date32(), "number": pa.float64()}
        return pa.schema([(c.name, kinds.get(c.kind, pa.string())) for c in self.columns])

    def absent(self, name: str, rows: int) -> pa.Array:
        """The values of an optional column that is not delivered."""
        import pyarrow as pa

        kind = self.arrow.field(name).type
        return pa.array([""] * rows, kind) if kind == pa.string() else pa.nulls(rows, kind)

    def empty(self) -> pa.Table:
        """A table of this form without rows."""
        return self.arrow.empty_table()


def _columns(
    *,
    optional: str = "",
    optional_text: str = "",
    optional_figure: str = "",
    optional_open: str = "",
    **kinds: str,
) -> tuple[DataColumn, ...]:
    """Columns by kind, names separated by spaces; then the optional ones: numbers, text, figures."""
    required = [DataColumn(name, kind) for kind, names in kinds.items() for name in names.split()]
    optionals = {
        "number": optional, "text": optional_text, "figure": optional_figure, "open_figure": optional_open,
    }  # fmt: skip
    rest = [DataColumn(n, kind, required=False) for kind, names in optionals.items() for n in names.split()]
    return (*required, *rest)


_MASTER = "CoName S33Nm ScaleCat Mkt MktNm ProdCat"
_STATEMENT = "DiscNo DocType CurPerType"
_FLOWS = " ".join(f"{who}{what}" for who in INVESTORS for what in ("Sell", "Buy", "Tot", "Bal"))

ALWAYS = date(1900, 1, 1)
"""From when the first row of a stock holds whose list has no day."""

_LIST_DAY = DataColumn("From", "since", required=False, delivered_as="Date")
"""The day from which a row of master holds: that of its list, else the day on which it was received."""

_LAST_DAY = DataColumn("LastDay", "since", required=False)
"""The last session of a stock that is going to be delisted; jstock's own, J-Quants does not deliver it."""

DATA_SETS: dict[str, DataSet] = {
    d.name: d
    for d in (
        DataSet(
            "master",
            (*_columns(code="Code", text=_MASTER, optional="Unit Listed"), _LAST_DAY, _LIST_DAY),
            ("Code", "From"),
        ),
        DataSet(
            "bars",
            _columns(date="Date", code="Code", number="O H L C Vo AdjFactor", optional="Va ExRT MktCap"),
            ("Date", "Code"),
            cut_by="Date",
        ),
        DataSet("topix", _columns(date="Date", number="O H L C", optional="TR"), ("Date",)),
        DataSet(
            "flows",
            _columns(date="PubDate", number=_FLOWS, text="Section", day="StDate EnDate"),
            ("PubDate", "EnDate", "Section"),
        ),
        DataSet(
            "statements",
            _columns(
                date="DiscDate",
                code="Code",
                text=_STATEMENT,
                clock="DiscTime",
                day="CurPerEn CurFYEn",
                figure=" ".join(RESULTS),
                optional_figure=" ".join(name for name in FIGURES if name not in RESULTS),
            ),
            ("DiscNo",),
            cut_by="DiscNo",
        ),
        DataSet(
            "earnings",
            _columns(date="PubDate SchDate", code="Code", optional_text="FQName FYE"),
            ("PubDate", "SchDate", "Code"),
            cut_by="PubDate",
        ),
        DataSet(
            "actions",
            _columns(date="PubDate ExDate", code="Code", number="AdjFactor", optional="ExRT"),
            ("PubDate", "ExDate", "Code"),
        ),
        DataSet(
            "dividends",
            _columns(
                date="PubDate",
                clock="PubTime",
                code="Code",
                text="RefNo StatCode",
                open_figure="DivRate",
                open_day="ExDate PayDate",
                optional_text="CARefNo FRCode IFCode IFTerm",
                optional_open="DistAmt DeemDiv DeemCapGains",
            ),
            ("PubDate", "Code", "RefNo"),
        ),
    )
}
