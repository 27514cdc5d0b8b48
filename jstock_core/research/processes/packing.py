"""Serialize values as one Arrow IPC file: arrays are its columns, all else is JSON in its metadata.

Unpickling can run any code. This format only holds values: plain ones, arrays, and dataclasses and named
tuples, which are built by their constructors from their fields. Arrays are stored as in memory, so they are
read from the mapped file without a copy, and are read-only.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jstock_core.base.clock import JST
from jstock_core.base.errors import DataError
from jstock_core.research.processes.columns import list_column
from jstock_core.signals.features.own import Feature
from jstock_core.state.facts.codec import JsonText

if TYPE_CHECKING:
    import pyarrow as pa

OURS = "jstock_core."
"""Prefix of the modules whose classes are allowed by default."""

_HEAD = b"jstock"
_STORED = {"b": "u1", "M": "i8", "m": "i8", "U": "u4"}
"""Arrow's type with the same bytes, by NumPy's kind of array, where the two differ."""
_ATOMS = (type(None), bool, int, float, str)


def pack_values(value: Any) -> bytes:
    """Serialize plain values, dates, arrays, and dataclasses, mappings, lists and sets of them.

    Raises:
        TypeError: a value is of another type.

    """
    import pyarrow as pa

    packer = _Packer()
    head = [packer.pack(value), [list(texts) for texts in packer.texts], packer.shapes]
    names = [str(n) for n in range(len(packer.columns))]
    schema = pa.schema(
        [pa.field(name, column.type) for name, column in zip(names, packer.columns, strict=True)],
        metadata={_HEAD: json.dumps(head, ensure_ascii=False).encode("utf-8", "surrogatepass")},
    )
    out = pa.BufferOutputStream()
    with pa.ipc.new_file(out, schema) as file:
        file.write_batch(pa.RecordBatch.from_arrays(packer.columns, schema=schema))
    content: bytes = out.getvalue().to_pybytes()
    return content


def unpack_values(content: bytes | memoryview, *, ours: bool = True) -> Any:
    """The value that was packed; its arrays stay in these bytes.

    Only classes of jstock are allowed; if `ours` is false, those of any module that can be imported.

    Raises:
        DataError: the bytes are not in this format, or a class is not found or not allowed.

    """
    import pyarrow as pa

    try:
        file = pa.ipc.open_file(pa.py_buffer(content))
        plain, texts, shapes = json.loads(file.schema.metadata[_HEAD].decode("utf-8", "surrogatepass"))
        columns = file.get_batch(0).columns
        arrays = [_array(column, *shape) for column, shape in zip(columns, shapes, strict=True)]
        return _Unpacker([tuple(each) for each in texts], arrays, ours=ours).unpack(plain)
    except (pa.ArrowException, KeyError, TypeError, ValueError, AttributeError, ImportError) as error:
        raise DataError(f"these bytes are no packed values: {error}", do="write them anew") from error


@dataclass
class _Packer:
    """Turns values into JSON: an atom is itself, anything else a list that begins with its kind."""

    columns: list[pa.Array] = field(default_factory=list)
    shapes: list[tuple[str, tuple[int, ...], str]] = field(default_factory=list)
    texts: dict[tuple[str, ...], int] = field(default_factory=dict)
    homes: dict[type[Any], str] = field(default_factory=dict)

    def pack(self, value: Any) -> Any:
        if type(value) in _ATOMS:
            return value
        match value:
            case Enum():
                return ["enum", self.home(type(value)), self.pack(value.value)]
            case np.ndarray() | np.generic():
                return ["array" if isinstance(value, np.ndarray) else "scalar", self.column(value)]
            case Mapping() | tuple() | list() | frozenset() | set() if not hasattr(value, "_fields"):
                return self.container(value)
            case _:
                return _special(value) or self.object(value)

    def container(self, value: Any) -> list[Any]:
        kind = type(value).__name__
        if isinstance(value, Mapping):
            return ["mapping", *(self.pack(part) for item in value.items() for part in item)]
        if kind not in _SEQUENCES:
            raise TypeError(f"a {kind} cannot be written down: {value!r}")
        if kind == "tuple" and value and all(type(item) is str for item in value):
            # Mornings share their lists of codes.
            return ["texts", self.texts.setdefault(value, len(self.texts))]
        return [kind, *map(self.pack, value)]

    def object(self, value: Any) -> list[Any]:
        kind = type(value)
        names = _names(kind)
        if not names and not is_dataclass(kind) and getattr(value, "__dict__", None) != {}:
            raise TypeError(f"a {kind.__name__} cannot be written down: {value!r}")
        return ["object", self.home(kind), *(self.pack(getattr(value, name)) for name in names)]

    def home(self, kind: type[Any]) -> str:
        """Where the class is found again."""
        if kind not in self.homes:
            module = sys.modules.get(kind.__module__)
            if module is None or _inside(module, kind.__qualname__) is not kind:
                raise TypeError(f"the class {kind.__qualname__} is in no file that can be imported")
            self.homes[kind] = f"{kind.__module__}:{kind.__qualname__}"
        return self.homes[kind]

    def column(self, value: NDArray[Any] | np.generic) -> int:
        """Keep an array as a column of one row; the number of the column."""
        array = np.asarray(value)
        order = "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"
        stored = _stored(array.dtype)
        if stored is None:
            raise TypeError(f"an array of {array.dtype} cannot be written down")
        flat = np.ascontiguousarray(array.T if order == "F" else array).reshape(-1).view(stored)
        self.columns.append(list_column([flat]))
        self.shapes.append((array.dtype.str, array.shape, order))
        return len(self.columns) - 1


@dataclass(frozen=True)
class _Unpacker:
    texts: list[tuple[str, ...]]
    arrays: list[NDArray[Any]]
    classes: dict[str, type[Any]] = field(default_factory=dict)
    ours: bool = field(kw_only=True)

    def unpack(self, packed: Any) -> Any:
        if type(packed) is not list:
            return packed
        kind, *rest = packed
        match kind:
            case "object":
                made = self.find(rest[0])
                given = zip(_names(made), map(self.unpack, rest[1:]), strict=True)
                return made(**dict(given))
            case "mapping":
                parts = iter(map(self.unpack, rest))
                return dict(zip(parts, parts, strict=True))
            case "enum":
                made = self.find(rest[0])
                if not issubclass(made, Enum):
                    raise TypeError(f"{rest[0]} is no enumeration")
                return made(self.unpack(rest[1]))
            case _ if kind in _SEQUENCES:
                return _SEQUENCES[kind](map(self.unpack, rest))
            case _:
                return self.special(kind, *rest)

    def special(self, kind: str, *rest: Any) -> Any:
        match kind, *rest:
            case "texts", n:
                return self.texts[n]
            case "array", n:
                return self.arrays[n]
            case "scalar", n:
                return self.arrays[n][()]
            case "datetime", text:
                moment = datetime.fromisoformat(text)
                return moment if moment.tzinfo is None else moment.astimezone(JST)
            case "feature", home, name:
                return self.feature(home, name)
            case _:
                [text] = rest
                return _TEXTS[kind](text)

    def find(self, home: str) -> type[Any]:
        if home not in self.classes:
            module, _, name = home.partition(":")
            self.allow(module)
            found = _inside(import_module(module), name)
            if not isinstance(found, type) or found.__module__ != module:  # not what it imports from others
                raise TypeError(f"{home} is no class of its module")
            self.classes[home] = found
        return self.classes[home]

    def feature(self, home: str, name: str) -> Feature:
        self.allow(home)
        for found in vars(import_module(home)).values():
            if isinstance(found, Feature) and found.name == name:
                return found
        raise AttributeError(f"the feature {name} is in no file that can be imported")

    def allow(self, module: str) -> None:
        if self.ours and not module.startswith(OURS):
            raise TypeError(f"{module} is no module of jstock")


_SEQUENCES: Mapping[str, Any] = {"tuple": tuple, "list": list, "frozenset": frozenset, "set": set}
_TEXTS: Mapping[str, Any] = {
    "date": date.fromisoformat, "decimal": Decimal, "path": Path, "json": JsonText,
}  # fmt: skip


def _special(value: Any) -> list[Any] | None:
    """What is written as text."""
    match value:
        case datetime() | date():
            return ["datetime" if isinstance(value, datetime) else "date", value.isoformat()]
        case Decimal() | Path():
            return ["decimal" if isinstance(value, Decimal) else "path", str(value)]
        case JsonText():
            return ["json", value.text]
        case Feature():
            return ["feature", value.home, value.name]
        case _:
            return None


def _names(kind: type[Any]) -> Sequence[str]:
    """The fields that its constructor is given; none where it is no dataclass and no named tuple."""
    if is_dataclass(kind):
        return [each.name for each in fields(kind) if each.init]
    found: Sequence[str] = getattr(kind, "_fields", ())
    return found


def _inside(module: Any, name: str) -> Any:
    try:
        return attrgetter(name)(module)
    except AttributeError:
        return None


def _stored(dtype: np.dtype[Any]) -> np.dtype[Any] | None:
    """The numbers that Arrow has for the bytes of an array; None where it has none."""
    if dtype.kind in _STORED:
        return np.dtype(_STORED[dtype.kind])
    return dtype if dtype.kind in "iuf" and dtype.isnative else None


def _array(column: pa.Array, kind: str, shape: list[int], order: str) -> NDArray[Any]:
    """The array of a column, where it lies."""
    dtype, raw = np.dtype(kind), column.values.buffers()[1]
    count = int(np.prod(shape))
    if not count or not dtype.itemsize:
        return np.empty(shape, dtype)
    flat = np.frombuffer(raw, dtype, count)
    return flat.reshape(shape[::-1]).T if order == "F" else flat.reshape(shape)
